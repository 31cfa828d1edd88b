"""Options that all commands share, and how a run speaks: answers on stdout, everything else on stderr."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from warehouse.home import DEMONSTRATION, Home

EXIT_CODES = (
    "Exit codes: 0 all went well; 1 some input failed, or what was asked is not there; 2 wrong usage."
)

PATIENCE = 2.0
"""Seconds after which a command shows that it is at work."""

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Data folder; else $PAOMO_HOME, else ./paomo-data.", show_default=False),
]
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
FormatOption = Annotated[
    str, typer.Option("--format", "-f", help="table, json, jsonl or csv.", metavar="FORMAT")
]


def home_of(option: Path | None) -> Home:
    """The data folder the user means; WarehouseError where a file has its name."""
    from crawler.errors import WarehouseError

    home = Home.find(option)
    if home.root.exists() and not home.root.is_dir():
        raise WarehouseError(
            f"{home.root}: is a file; the data folder is a folder: check --home and $PAOMO_HOME"
        )
    return home


def own_home_of(option: Path | None) -> Home:
    """The same, for what fills it; says so where the demonstration's rows are there already."""
    home = home_of(option)
    if (home.root / DEMONSTRATION).exists():
        say(f"{home.root} holds the demonstration; a ledger of your own wants another --home or $PAOMO_HOME")
    return home


def text_of(file: Path) -> str:
    """A file the user named, as text; UnreadableError says why it is none."""
    from crawler.errors import UnreadableError

    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise UnreadableError(f"{file}: there is no such file; check the name and the folder") from None
    except IsADirectoryError:
        raise UnreadableError(f"{file}: is a folder; name a file") from None
    except UnicodeDecodeError:
        raise UnreadableError(f"{file}: is not UTF-8 text; convert it, or name another file") from None
    except OSError as error:
        raise UnreadableError(
            f"{file}: cannot be read ({error.strerror}); check name and permissions"
        ) from error


def format_of(name: str) -> Any:
    """The output format of this name; a usage error names the four."""
    from warehouse.render import Format

    try:
        return Format(name.lower())
    except ValueError:
        raise typer.BadParameter(f"{name}: choose table, json, jsonl or csv", param_hint="--format") from None


def say(message: str) -> None:
    """One line for the person, not for the pipe; what would steer a terminal is shown as its code."""
    line = _STEERING.sub(lambda m: m.group().encode("unicode_escape").decode(), message)
    print(line, file=sys.stderr, flush=True)


class Step:
    """What a running command calls as it gets on."""

    def __call__(self, item: object = None, *, done: int | None = None) -> None:
        """One more thing is done; or so many are, in all."""


@contextmanager
def progress(what: str, unit: str = "documents") -> Iterator[Step]:
    """A bar on a terminal that appears after two seconds; silence where stdout or stderr is piped.

    An empty `unit` shows the time only.
    """
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield Step()
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    class Advance(Step):
        def __call__(self, item: object = None, *, done: int | None = None) -> None:
            bar.update(task, advance=1 if done is None else None, completed=done)

    count = [TextColumn(f"{{task.completed:.0f}} {unit}")] if unit else []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), *count, TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task: TaskID = bar.add_task(what, total=None)
    late = threading.Timer(PATIENCE, bar.start)
    late.daemon = True
    late.start()
    try:
        yield Advance()
    finally:
        late.cancel()
        late.join()
        bar.stop()
