"""The command line: `paomo`. Commands are imported here, what they do is imported when they run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from warehouse.cli.options import EXIT_CODES, say

app = typer.Typer(
    name="paomo",
    help=f"泡沫: a ledger of China's AI-compute bubble that anyone can query in SQL.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"paomo {version('paomo')}")
        raise typer.Exit


@app.callback()
def _paomo(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _register() -> None:
    from warehouse.cli import asking, crawling, demo, keeping, loading, looking, merging

    for group in (demo, crawling, merging, loading, asking, keeping, looking):
        group.register(app)


_register()


_MEND = "what was committed stays; see to space and permissions, then run it again"


_NAMED = (FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError)
_NAME = "check the name and the folder it lies in"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; what paomo raises on purpose is one line on stderr."""
    from crawler.errors import PaomoError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a C locale must not keep Chinese from being printed
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(args=None if arguments is None else list(arguments))
    except PaomoError as error:
        say(f"paomo: {error}")
        sys.exit(1)
    except BrokenPipeError:  # paomo … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        mend = _NAME if isinstance(error, _NAMED) else _MEND
        say(f"paomo: {error.filename or 'the system'}: {error.strerror or error}; {mend}")
        sys.exit(1)
    except Exception as error:
        if type(error).__module__ not in ("duckdb", "_duckdb"):
            raise
        said = str(error).splitlines()[0]
        say(f"paomo: the database could not go on ({said}); {_MEND}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("paomo: stopped; what was committed stays")
        sys.exit(130)
