"""sql, show, explain: answers out."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli.options import FormatOption, HomeOption, format_of, home_of, progress

if TYPE_CHECKING:
    from warehouse.home import Home
    from warehouse.look import ContractLife, Evidence, ProjectStory
    from warehouse.render import Format


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(sql)
    app.command()(show)
    app.command()(explain)
    app.command()(search)


def sql(
    query: Annotated[str, typer.Argument(help="A query; `-` reads it from standard input.")],
    home: HomeOption = None,
    form: FormatOption = "table",
    timeout: Annotated[float, typer.Option("--timeout", min=0.01, help="Seconds it may take.")] = 60.0,
    memory: Annotated[str, typer.Option("--memory", help="Memory it may take.")] = "1GB",
) -> None:
    """Ask in SQL. Reads the published snapshot; can change nothing and reach no file.

    Example: paomo sql "SELECT month, contracts, amount_cny FROM cancellations_monthly WHERE category IS NULL"
    """
    from warehouse import ask
    from warehouse.render import render

    wanted = format_of(form)
    query = sys.stdin.read() if query == "-" else query
    with progress("asking", ""):
        answer = ask.sql(home_of(home), query, seconds=timeout, memory=memory)
    render(answer, wanted)


def show(
    view: Annotated[
        str | None,
        typer.Argument(
            help="cancellations, prices, projects, utilisation, or the name of any view. None: list them."
        ),
    ] = None,
    home: HomeOption = None,
    form: FormatOption = "table",
    where: Annotated[str | None, typer.Option("--where", help="An SQL condition.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=0, help="Rows at most.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="All columns in a table too.")] = False,
) -> None:
    """Print a view: the contracts cancelled, prices, projects, rates of use, or any other; alone, list them.

    A table leaves out columns there is no room for; the other formats have them all. Rows that stand for
    one sentence have its event_id last, for `paomo explain EVENT_ID`; contracts and projects have their
    number first, for `paomo explain contract N` and `paomo explain project N`. In SQL the panels prices and
    utilisation are called price_quotes and utilisation_rates.

    Example: paomo show cancellations --where "company_code = '300798'"
    """
    from warehouse import ask
    from warehouse.render import Format, render

    wanted = format_of(form)
    glance = wanted is Format.TABLE and not whole
    with progress("asking", ""):
        answer = (
            ask.listed(home_of(home))
            if view is None
            else ask.show(home_of(home), view, glance=glance, where=where, limit=limit)
        )
    render(answer, wanted)


def explain(
    what: Annotated[
        str, typer.Argument(help="An event id or its first digits; or the word `contract` or `project`.")
    ],
    number: Annotated[str | None, typer.Argument(help="Number of the contract or project.")] = None,
    home: HomeOption = None,
    form: FormatOption = "table",
) -> None:
    """Show where a row comes from: its values, its source, and the sentence with the quote marked.

    `paomo explain contract N` shows a contract's life: its events, where each value comes from, who
    disagreed, what linked each telling to it, and the sentence of each event with the quote marked;
    `paomo explain project N` a project, its measures, who disagreed, every telling. `paomo show conflicts`
    lists all disagreements.

    Example: paomo explain 4f0c2a91
    """
    from warehouse import look
    from warehouse.render import Format

    wanted = format_of(form)
    whole = int(number) if number and re.fullmatch(r"[0-9]{1,9}", number) else None
    if what == "contract" and whole is not None:
        life = look.contract(home_of(home), whole)
        _explain_whole(life.contract, life, ("events", "values", "conflicts", "sources"), wanted)
        if wanted is Format.TABLE:
            _print_sentences(home_of(home), life)
    elif what == "project" and whole is not None:
        story = look.project(home_of(home), whole)
        _explain_whole(story.project, story, ("measures", "conflicts", "sources"), wanted)
    elif number is None and what not in ("contract", "project"):
        _explain_event(look.evidence(home_of(home), what), wanted)
    else:
        raise typer.BadParameter(
            f"{' '.join(filter(None, (what, number)))}: write `paomo explain EVENT`,"
            " `paomo explain contract N` or `paomo explain project N`;"
            " `paomo show contract_lifecycle` and `paomo show projects` have N first"
        )


def _explain_whole(
    row: dict[str, Any], whole: ContractLife | ProjectStory, names: tuple[str, ...], wanted: Format
) -> None:
    """One thing and its parts; CSV has the first part only."""
    from warehouse.plain import as_json
    from warehouse.render import Format, as_text, render

    parts = {name: getattr(whole, name) for name in names}
    if wanted in (Format.JSON, Format.JSONL):
        print(as_json({**row, **{name: list(part.records()) for name, part in parts.items()}}))
        return
    if wanted is Format.CSV:
        render(parts[names[0]], wanted)
        return
    print(as_text(list(row.items())))
    for name, part in parts.items():
        if part.rows:
            print(f"\n{name}")
            render(part, wanted)


def _explain_event(found: Evidence, wanted: Format) -> None:
    from warehouse.render import Format, render
    from warehouse.sandbox import Answer

    if wanted is Format.TABLE:
        _print_evidence(found)
        return
    record = {**found.row, **{f"source_{k}": v for k, v in found.source.items()}}
    record |= {"sentence_before": found.before, "sentence_after": found.after}
    if wanted in (Format.JSON, Format.JSONL):
        record["conflicts"] = list(found.conflicts.records())
    render(Answer(tuple(record), [tuple(record.values())]), wanted)


def search(
    text: Annotated[str, typer.Argument(help="What to look for, traditional or simplified.")],
    home: HomeOption = None,
    form: FormatOption = "table",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Documents at most.")] = 50,
) -> None:
    """Find documents and evidence that hold a text, in traditional or simplified characters alike.

    Example: paomo search 算力租赁
    """
    from warehouse import look
    from warehouse.render import render

    wanted = format_of(form)
    with progress("searching", ""):
        found = look.search(home_of(home), text, limit=limit)
    render(found, wanted)
    if not found.rows:
        raise typer.Exit(1)


def _print_sentences(home: Home, life: ContractLife) -> None:
    """The sentence of each event of a contract, after its number, with the quote marked."""
    from warehouse import look

    print("\nsentences")
    for event in life.events.records():
        _print_marked(look.evidence(home, event["event_id"]), f"{event['n']}）")


def _print_marked(found: Evidence, begins: str = "") -> None:
    from rich.console import Console
    from rich.text import Text

    from warehouse.render import PIPED_WIDTH

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPED_WIDTH)
    console.print(
        Text.assemble(
            begins, found.before, ("【", "bold"), (found.quote, "bold reverse"), ("】", "bold"), found.after
        )
    )


def _print_evidence(found: Evidence) -> None:
    from warehouse.render import Format, as_text, render

    hidden = {"quote", "doc_id", "sha256", "extractor_version", "rule", "event"}
    print(as_text([(k, v) for k, v in found.row.items() if k not in hidden]))
    print()
    _print_marked(found)
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
    source = {**found.source}
    if source["fetched_at"] is not None:
        source["fetched_at"] = f"{source['fetched_at']:%Y-%m-%d %H:%M:%S} UTC"
    rows = [(name, source[name]) for name in shown]
    rows += [(name, found.row[name]) for name in ("rule", "extractor_version")]
    print(as_text(rows))
    if found.conflicts.rows:
        print("\nconflicts")
        render(found.conflicts, Format.TABLE)
