"""report, serve, alert: for people who would rather look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warehouse.cli.options import HomeOption, home_of, say


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(report)


def report(
    home: HomeOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("paomo-report.html"),
    lang: Annotated[str, typer.Option("--lang", help="Labels in zh or en.")] = "en",
    folder: Annotated[
        Path | None, typer.Option("--charts", help="Write each chart as SVG and PNG into this folder too.")
    ] = None,
) -> None:
    """Write the report: one HTML file that opens from disk and loads nothing.

    Example: paomo report --out report.html --lang zh
    """
    from warehouse.report.words import LANGUAGES
    from warehouse.report.write import write

    if lang not in LANGUAGES:
        raise typer.BadParameter(f"{lang}: choose zh or en", param_hint="--lang")
    done = write(home_of(home), out, language=lang, folder=folder)
    say(
        f"wrote {done.file} ({done.size / 1e6:.2f} MB)"
        + (f" and {len(done.charts)} chart files" if folder else "")
    )
