"""merge: what several machines crawled, in one data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warehouse.cli.options import progress, say


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(merge)


def merge(
    homes: Annotated[list[Path], typer.Argument(help="Data folders of the workers.", metavar="HOME...")],
    into: Annotated[
        Path, typer.Option("--into", help="The data folder that takes all of it.", metavar="HOME")
    ],
) -> None:
    """Merge what several machines crawled: each response once, as if one machine had done it all.

    The workers' folders stay as they are. Merging again takes only what is new. `paomo load` comes next.

    Example: paomo merge east west --into all
    """
    from crawler.merge import merge as run
    from warehouse.home import Home

    place = Home.find(into).make().root
    with progress("merging", "responses") as step:
        merged = run(homes, place, on_step=lambda number: step(done=number))
    print(
        f"{merged.documents} documents and {merged.copied - merged.documents} other responses merged,"
        f" {merged.had} were there, {merged.repeated} fetched twice were counted once"
    )
    for position, fault in merged.faults:
        say(f"{position}: {fault}")
    if merged.faults:
        raise typer.Exit(1)
