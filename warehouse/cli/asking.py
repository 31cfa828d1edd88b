"""sql, show, explain: answers out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.cli.options import FormatOption, HomeOption, format_of, home_of

if TYPE_CHECKING:
    from warehouse.ask import Evidence


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(sql)
    app.command()(show)
    app.command()(explain)


def sql(
    query: Annotated[str, typer.Argument(help="A query; `-` reads it from standard input.")],
    home: HomeOption = None,
    form: FormatOption = "table",
    timeout: Annotated[float, typer.Option("--timeout", min=0.01, help="Seconds it may take.")] = 60.0,
    memory: Annotated[str, typer.Option("--memory", help="Memory it may take.")] = "1GB",
) -> None:
    """Ask in SQL. Reads the published snapshot; can change nothing and reach no file.

    Example: paomo sql "SELECT month, contracts, amount_cny FROM cancellations_monthly"
    """
    from warehouse import ask
    from warehouse.render import render

    wanted = format_of(form)
    query = sys.stdin.read() if query == "-" else query
    render(ask.sql(home_of(home), query, seconds=timeout, memory=memory), wanted)


def show(
    view: Annotated[str, typer.Argument(help="cancellations, prices, projects, utilisation, or any view.")],
    home: HomeOption = None,
    form: FormatOption = "table",
    where: Annotated[str | None, typer.Option("--where", help="An SQL condition.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=0, help="Rows at most.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="All columns in a table too.")] = False,
) -> None:
    """Print a view: the contracts cancelled, prices, projects, rates of use, or any other.

    A table leaves out columns there is no room for; the other formats have them all. The last column is
    the id that `paomo explain` takes.

    Example: paomo show cancellations --where "company_code = '300798'"
    """
    from warehouse import ask
    from warehouse.render import Format, render

    wanted = format_of(form)
    glance = wanted is Format.TABLE and not whole
    render(ask.show(home_of(home), view, glance=glance, where=where, limit=limit), wanted)


def explain(
    event: Annotated[str, typer.Argument(help="An event id, or its first digits.")],
    home: HomeOption = None,
    form: FormatOption = "table",
) -> None:
    """Show where a row comes from: its values, its source, and the sentence with the quote marked.

    Example: paomo explain 4f0c2a91
    """
    from warehouse import ask
    from warehouse.render import Format, render

    wanted = format_of(form)
    found = ask.evidence(home_of(home), event)
    if wanted is Format.TABLE:
        _print_evidence(found)
        return
    record = {**found.row, **{f"source_{k}": v for k, v in found.source.items()}}
    record |= {"sentence_before": found.before, "sentence_after": found.after}
    from warehouse.sandbox import Answer

    render(Answer(tuple(record), [tuple(record.values())]), wanted)


def _print_evidence(found: Evidence) -> None:
    from rich.console import Console
    from rich.text import Text

    from warehouse.render import PIPED_WIDTH, as_text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPED_WIDTH)
    hidden = {"quote", "doc_id", "sha256", "extractor_version", "rule", "event"}
    print(as_text([(k, v) for k, v in found.row.items() if k not in hidden]))
    print()
    console.print(
        Text.assemble(
            found.before, ("【", "bold"), (found.quote, "bold reverse"), ("】", "bold"), found.after
        )
    )
    print()
    shown = (
        "title",
        "source",
        "kind",
        "tier",
        "published",
        "url",
        "doc_id",
        "fetched_at",
        "reader",
        "sha256",
    )
    rows = [(name, found.source[name]) for name in shown]
    rows += [(name, found.row[name]) for name in ("rule", "extractor_version")]
    print(as_text(rows))
