"""crawl, archive, schedule, tick, status: from the sources into the data folder."""

from __future__ import annotations

import typer

from warehouse.cli.options import FormatOption, HomeOption, format_of, home_of


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(status)


def status(home: HomeOption = None, form: FormatOption = "table") -> None:
    """Print what the warehouse holds and when it was last loaded.

    Example: paomo status
    """
    from warehouse import ask
    from warehouse.render import render

    wanted = format_of(form)
    render(ask.status(home_of(home)), wanted)
