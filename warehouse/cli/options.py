"""Options that all commands share, and how a run speaks: answers on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from warehouse.home import Home

EXIT_CODES = (
    "Exit codes: 0 all went well; 1 some input failed, or what was asked is not there; 2 wrong usage."
)

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Data folder; else $PAOMO_HOME, else ./paomo-data.", show_default=False),
]
FormatOption = Annotated[
    str, typer.Option("--format", "-f", help="table, json, jsonl or csv.", metavar="FORMAT")
]


def home_of(option: Path | None) -> Home:
    """The data folder the user means."""
    return Home.find(option)


def format_of(name: str) -> Any:
    """The output format of this name; a usage error names the four."""
    from warehouse.render import Format

    try:
        return Format(name.lower())
    except ValueError:
        raise typer.BadParameter(f"{name}: choose table, json, jsonl or csv", param_hint="--format") from None


def say(message: str) -> None:
    """One line for the person, not for the pipe."""
    print(message.encode("utf-8", "backslashreplace").decode(), file=sys.stderr, flush=True)


@contextmanager
def progress(what: str, unit: str = "documents") -> Iterator[Any]:
    """A bar on a terminal that appears after two seconds; silence where stderr is piped.

    Yields `step(item=None)`, to be called once a thing is done.
    """
    if not sys.stderr.isatty():
        yield lambda item=None: None
        return
    import time

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:.0f}} {unit}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what, total=None)
    begun = time.monotonic()
    shown = False

    def step(item: Any = None) -> None:
        nonlocal shown
        if not shown and time.monotonic() - begun > 2:
            bar.start()
            shown = True
        bar.advance(task)

    try:
        yield step
    finally:
        if shown:
            bar.stop()
