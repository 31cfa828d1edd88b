"""The main job on a stand-in publisher: crawl, archive, read, extract, load, ask."""

from __future__ import annotations

import typer

from warehouse.cli.options import HomeOption


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(home: HomeOption = None) -> None:
    """Run the whole of paomo against a small publisher on loopback and print three tables.

    What it makes is kept in the data folder. Where that holds a ledger of your own, nothing in it is touched:
    the demonstration is made in a temporary folder, which is removed again.

    Example: paomo demo
    """
    from warehouse.demo import run

    run(home)
