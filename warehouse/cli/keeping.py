"""publish, rebuild, review, export: what keeps the ledger true and takes it elsewhere."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from warehouse.cli.options import FormatOption, HomeOption, format_of, home_of, progress, say

review = typer.Typer(
    help="Correct what was read. Corrections are data: they survive new extractors and rebuilds.\n\n"
    "Example: paomo review reject 4f0c2a91",
    rich_markup_mode=None,
    no_args_is_help=True,
)
EventArgument = Annotated[str, typer.Argument(help="An event id, or its first digits.")]
NoteOption = Annotated[str | None, typer.Option("--note", help="Why.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(publish)
    app.command()(rebuild)
    app.command()(export)
    app.add_typer(review, name="review")


def publish(
    home: HomeOption = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="Snapshots kept.")] = 3,
) -> None:
    """Build, check and publish an immutable snapshot; readers move to it, none waits.

    Example: paomo publish --keep 5
    """
    from warehouse.tasks import publish_now

    with progress("publishing", "steps"):
        print(publish_now(home_of(home), keep=keep))


def rebuild(home: HomeOption = None) -> None:
    """Make the warehouse anew from the archive, the user's own files and the reviews, then publish it.

    Example: paomo rebuild
    """
    from warehouse.tasks import rebuild as make_anew

    with progress("rebuilding") as step:
        done = make_anew(home_of(home), watch=step, refuse=lambda r: say(f"{r.location}: {r.message}"))
    bad = len(done.rejected)
    say(f"{done.seen - bad} read, {done.documents} stored, {done.mentions} mentions, {bad} rejected")
    if done.rejected:
        raise typer.Exit(1)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder the files are written to.", metavar="DIR")],
    home: HomeOption = None,
    formats: Annotated[
        str,
        typer.Option(
            "--as", "--format", "-f", help="parquet, csv, jsonl, xlsx, sqlite; several with commas, or all."
        ),
    ] = "all",
    layout: Annotated[
        str, typer.Option("--layout", help="files, or lake: a folder of Parquet a table, cut by date.")
    ] = "files",
) -> None:
    """Write all tables and views of the snapshot as files, with manifest.json: rows, checksums, versions.

    Example: paomo export out --as parquet,csv
    """
    from warehouse.export import FORMATS, LAYOUTS
    from warehouse.export import export as write

    wanted = FORMATS if formats == "all" else tuple(part.strip() for part in formats.split(","))
    if unknown := set(wanted) - set(FORMATS):
        raise typer.BadParameter(
            f"{', '.join(sorted(unknown))}: choose {', '.join(FORMATS)}", param_hint="--as"
        )
    if (
        folder.suffix.lower().lstrip(".") in {*FORMATS, "xls", "db", "duckdb", "json", "zip"}
        and not folder.is_dir()
    ):
        raise typer.BadParameter(
            f"{folder}: is named like a file, and export writes a folder of files;"
            f" write `paomo export {folder.stem} --as {FORMATS[0]}`, for example",
            param_hint="DIR",
        )
    if layout not in LAYOUTS:
        raise typer.BadParameter(f"{layout}: choose {' or '.join(LAYOUTS)}", param_hint="--layout")
    if layout == "lake" and formats not in ("all", "parquet"):
        raise typer.BadParameter(f"{formats}: a lake is Parquet", param_hint="--as")
    with progress("exporting", "files"):
        entries = write(home_of(home), folder, wanted, layout=layout)
    say(f"{len({entry['file'] for entry in entries})} files and manifest.json in {folder}")


def _add(home: Path | None, verb: str, event: str, note: str | None, **more: str | None) -> None:
    from warehouse.tasks import add_review

    number = add_review(home_of(home), verb, event, note=note, reviewer=_reviewer(), **more)
    say(f"review {number}: {verb} {event}")


def _reviewer() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return None


@review.command()
def accept(event: EventArgument, home: HomeOption = None, note: NoteOption = None) -> None:
    """Take an event as right: it outranks every source.

    Example: paomo review accept 4f0c2a91
    """
    _add(home, "accept", event, note)


@review.command()
def reject(event: EventArgument, home: HomeOption = None, note: NoteOption = None) -> None:
    """Take an event out of all views.

    Example: paomo review reject 4f0c2a91 --note "a plan, not a contract"
    """
    _add(home, "reject", event, note)


@review.command()
def edit(
    event: EventArgument,
    field: Annotated[str, typer.Argument(help="Column of its table.")],
    value: Annotated[str, typer.Argument(help="Its right value; '' for none.")],
    home: HomeOption = None,
    note: NoteOption = None,
) -> None:
    """Correct one field of an event.

    Example: paomo review edit 4f0c2a91 amount 494000000
    """
    _add(home, "edit", event, note, field=field, value=value)


@review.command()
def merge(
    event: EventArgument, other: EventArgument, home: HomeOption = None, note: NoteOption = None
) -> None:
    """Say that two events are of one contract.

    Example: paomo review merge 4f0c2a91 77aa07de
    """
    _add(home, "merge", event, note, other=other)


@review.command()
def split(
    event: EventArgument, other: EventArgument, home: HomeOption = None, note: NoteOption = None
) -> None:
    """Say that two events are of different contracts.

    Example: paomo review split 4f0c2a91 77aa07de
    """
    _add(home, "split", event, note, other=other)


@review.command("list")
def listed(home: HomeOption = None, form: FormatOption = "table") -> None:
    """Print all reviews.

    Example: paomo review list --format csv
    """
    from warehouse import ask
    from warehouse.render import render

    wanted = format_of(form)
    columns = "review_no, verb, kind, event_id, field, value, other_event_id, reviewer, note, made_at"
    render(ask.sql(home_of(home), f"SELECT {columns} FROM reviews ORDER BY review_no"), wanted)


@review.command("export")
def exported(home: HomeOption = None) -> None:
    """Print all reviews as JSON Lines that `paomo review import` reads.

    Example: paomo review export > reviews.jsonl
    """
    from warehouse import ask
    from warehouse.render import Format, render

    render(ask.sql(home_of(home), "SELECT * FROM reviews ORDER BY review_no"), Format.JSONL)


@review.command("import")
def imported(
    file: Annotated[Path, typer.Argument(help="JSON Lines of `paomo review export`; - for standard input.")],
    home: HomeOption = None,
) -> None:
    """Take reviews in that are not known yet.

    Example: paomo review import reviews.jsonl
    """
    from crawler.errors import QueryError
    from warehouse.tasks import import_reviews

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except OSError as error:
        raise QueryError(f"{file}: cannot be read ({error.strerror})") from error
    say(f"{import_reviews(home_of(home), text.splitlines())} reviews new")
