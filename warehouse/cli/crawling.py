"""crawl, archive, schedule, tick, status: from the sources into the data folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli.options import FormatOption, HomeOption, format_of, home_of, progress, say

if TYPE_CHECKING:
    from crawler.run import CrawlReport, SourceReport
    from warehouse.home import Home
    from warehouse.render import Format

DAY = ["%Y-%m-%d"]
archive = typer.Typer(help="The raw archive: every response, whole.", rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(crawl)
    app.add_typer(archive, name="archive")
    app.command()(schedule)
    app.command()(tick)
    app.command()(status)


def crawl(
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources; none: all.")] = None,
    home: HomeOption = None,
    since: Annotated[datetime | None, typer.Option("--since", formats=DAY, help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=DAY, help="Last day.")] = None,
    keyword: Annotated[list[str] | None, typer.Option("--keyword", "-k", help="Word to search for.")] = None,
    stock: Annotated[list[str] | None, typer.Option("--stock", help="Six digits of a company.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Documents at most.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be fetched.")] = False,
    recheck: Annotated[bool, typer.Option("--recheck", help="Ask known documents again.")] = False,
    base_url: Annotated[
        list[str] | None, typer.Option("--base-url", help="NAME=URL: another address for a source.")
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Let addresses lie in a private network.")
    ] = False,
) -> None:
    """Fetch what sources published in a window of days into the archive. `paomo load` reads it from there.

    Example: paomo crawl cninfo --since 2024-10-01 --until 2024-11-30 --keyword 算力
    """
    from crawler.run import crawl as run

    place = home_of(home).make().root
    with progress("crawling", "documents") as step:
        report = run(
            sources or [],
            home=place,
            since=since.date() if since else None,
            until=until.date() if until else None,
            keywords=keyword or [],
            stocks=stock or [],
            limit=limit,
            dry_run=dry_run,
            recheck=recheck,
            base_urls=_base_urls(base_url or []),
            allow_private=allow_private,
            on_progress=lambda name, counts: step(),
        )
    tell(report)
    if not report.ok:
        raise typer.Exit(1)


def _base_urls(given: list[str]) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, equals, url in pairs if not (equals and url)]:
        raise typer.BadParameter(f"{wrong[0]}: write NAME=URL", param_hint="--base-url")
    return {name: url for name, _, url in pairs}


def tell(report: CrawlReport) -> None:
    """One line a source on stderr, a dry run's plan on stdout."""
    for one in report.sources:
        _tell_one(one)


def _tell_one(one: SourceReport) -> None:
    reason = f": {one.reason}" if one.reason else ""
    say(
        f"{one.source}: {one.outcome}{reason}; {one.new} new, {one.versions} changed,"
        f" {one.skipped} known, {one.failed} failed, {one.refused} refused"
    )
    for address, why in one.failures:
        say(f"  {address}: {why}")
    for address in one.planned:
        print(address)


@archive.command()
def verify(home: HomeOption = None) -> None:
    """Read every response in the archive again and compare it with the length and digest the ledger holds.

    Example: paomo archive verify
    """
    from crawler.archive import verify as check

    place = home_of(home)
    if not place.ledger.exists():
        say(f"{place.root}: no archive there yet; fill one with `paomo crawl`")
        raise typer.Exit(1)
    found = check(place.root)
    faults = len(found.faults)
    print(f"{found.files} files, {found.captures} responses, {faults} faults, {found.loose} loose bytes")
    for position, fault in found.faults:
        say(f"{position}: {fault}")
    if found.faults:
        raise typer.Exit(1)


@archive.command()
def replay(home: HomeOption = None) -> None:
    """Read the whole archive anew into the warehouse, without asking any source: `paomo load --again`.

    Example: paomo archive replay
    """
    from warehouse.cli.loading import load

    load(None, home=home, again=True, publish=True, jobs=None)


def schedule(
    home: HomeOption = None,
    form: FormatOption = "table",
    run: Annotated[bool, typer.Option("--run", help="Stay, and crawl and load whatever falls due.")] = False,
) -> None:
    """Print when each source is due; with --run stay, crawl and load until stopped.

    Example: paomo schedule --run
    """
    from crawler import schedule as plan

    if run:
        place = home_of(home).make()
        plan.serve(place.root, loaded=lambda report: _load(place), reported=_tell_one)
        return
    from dataclasses import astuple, fields

    from warehouse.render import render
    from warehouse.sandbox import Answer

    wanted = format_of(form)
    rows = [tuple(map(_shown, astuple(due))) for due in plan.upcoming(home_of(home).root)]
    render(Answer(tuple(f.name for f in fields(plan.Due)), rows), wanted)


def tick(
    home: HomeOption = None,
    load: Annotated[bool, typer.Option("--load/--no-load", help="Load what came.")] = True,
) -> None:
    """Crawl what is due now, once, and load it: one line for a crontab.

    Example: paomo tick --home /srv/paomo
    """
    from crawler.schedule import tick as crawl_due

    place = home_of(home).make()
    report = crawl_due(place.root)
    tell(report)
    if load and report.new:
        _load(place)
    if not report.ok:
        raise typer.Exit(1)


def _load(place: Home) -> None:
    from warehouse.tasks import fill

    done = fill(place, refuse=lambda refused: say(f"{refused.location}: {refused.message}"))
    say(f"{done.documents} documents loaded, {done.mentions} mentions, {len(done.rejected)} rejected")


def status(home: HomeOption = None, form: FormatOption = "table") -> None:
    """Print how the sources do and what the warehouse holds. Exit code 1 where a source is late or silent.

    Example: paomo status
    """
    from warehouse import ask
    from warehouse.publish import readable
    from warehouse.render import Format, render

    wanted = format_of(form)
    place = home_of(home)
    stale = _sources(place, wanted)
    if wanted is Format.TABLE:
        readable(place)  # says how to begin where there is nothing yet
        print()
        render(ask.status(place), wanted)
    if stale:
        raise typer.Exit(1)


def _sources(place: Home, wanted: Format) -> bool:
    """Print every source's state; whether one of them is late or silent."""
    from dataclasses import fields

    from crawler.schedule import SourceStatus
    from crawler.schedule import status as states
    from warehouse.render import Format, render
    from warehouse.sandbox import Answer

    found = states(place.root)
    names = tuple(f.name for f in fields(SourceStatus))
    if wanted is Format.TABLE:
        names = ("source", "state", "last_success", "next_run", "documents", "waiting", "reason")
    render(Answer(names, [tuple(_shown(getattr(one, n)) for n in names) for one in found]), wanted)
    return any(one.stale for one in found)


def _shown(value: Any) -> Any:
    """Moments to the second, a span in days."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.total_seconds() / 86400 if isinstance(value, timedelta) else value
