"""crawl, archive, schedule, tick, status: from the sources into the data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.cli.options import (
    FormatOption,
    HomeOption,
    Step,
    format_of,
    home_of,
    own_home_of,
    progress,
    say,
)

if TYPE_CHECKING:
    from crawler.errors import SourceError
    from crawler.run import CrawlReport, SourceReport
    from warehouse.home import Home
    from warehouse.render import Format

DAY = "YYYY-MM-DD"
SHOWN = 5
"""Failures of one crawl that are printed: a site that is down fails every window alike."""
archive = typer.Typer(
    help="The raw archive: every response, whole.\n\nExample: paomo archive verify",
    rich_markup_mode=None,
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(crawl)
    app.add_typer(archive, name="archive")
    app.command()(schedule)
    app.command()(tick)
    app.command()(status)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise typer.BadParameter(f"{text}: is no day; write it as 2024-10-01") from None


def crawl(
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources; none: all.")] = None,
    home: HomeOption = None,
    since: Annotated[
        datetime | None, typer.Option("--since", parser=_day, metavar=DAY, help="First day.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", parser=_day, metavar=DAY, help="Last day.")
    ] = None,
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
    queue: Annotated[
        str | None,
        typer.Option(
            "--queue", envvar="PAOMO_QUEUE", help="redis://HOST: share the crawl with other machines."
        ),
    ] = None,
) -> None:
    """Fetch what sources published in a window of days into the archive. `paomo load` reads it from there.

    Example: paomo crawl cninfo --since 2024-10-01 --until 2024-11-30 --keyword 算力
    """
    from crawler.run import crawl as run

    if since and until and since > until:
        raise typer.BadParameter(
            f"{since:%Y-%m-%d} is after {until:%Y-%m-%d}; swap the two", param_hint="--since"
        )
    _miss_contact()
    place = own_home_of(home).make().root
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
            queue=queue,
            on_progress=_counting(step),
        )
    tell(report)
    if not report.ok:
        raise typer.Exit(1)


def _counting(step: Step) -> Callable[[str, Mapping[str, int]], None]:
    """Show the documents stored so far, of all sources together."""
    stored: Counter[str] = Counter()

    def show(name: str, counts: Mapping[str, int]) -> None:
        stored[name] = counts.get("new", 0) + counts.get("new versions", 0)
        step(done=stored.total())

    return show


def _miss_contact() -> None:
    from crawler.settings import CONTACT_VARIABLE

    if not os.environ.get(CONTACT_VARIABLE, "").strip():
        say(f"{CONTACT_VARIABLE} is not set: publishers cannot see whom to write to (an address or a page)")


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
        f" {one.skipped} known, {one.failed} documents failed, {one.refused} refused"
    )
    for address, why in one.failures[:SHOWN]:
        say(f"  {address}: {why}")
    if len(one.failures) > SHOWN:
        say(f"  and {len(one.failures) - SHOWN} more; all are in `incidents` of ledger.sqlite")
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
    with progress("verifying", ""):
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
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources; none: all.")] = None,
    home: HomeOption = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only print when each source is due, and exit.")
    ] = False,
    form: Annotated[
        str, typer.Option("--format", "-f", help="Of the plan: table, json, jsonl or csv.", metavar="FORMAT")
    ] = "table",
) -> None:
    """Stay in the foreground, crawl each source when it is due and load what came, until Ctrl-C.

    What is overdue comes first, a source never crawled is overdue. `--plan` prints the times and exits.

    Example: paomo schedule --home /srv/paomo
    """
    from crawler.schedule import serve

    wanted = format_of(form)
    if plan:
        _plan(home_of(home), sources or [], wanted)
        return
    _miss_contact()
    place = own_home_of(home).make()

    def loaded(report: SourceReport) -> None:
        _load(place)
        _tell_alerts(place)

    say(f"{place.root}: crawling on schedule; Ctrl-C stops, `paomo status` tells how it goes")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # kill and systemd stop it as Ctrl-C does
    try:
        serve(place.root, sources or [], loaded=loaded, reported=_tell_one)
    except KeyboardInterrupt:
        say("stopped; a crawl that was under way goes on where it was")


def _plan(place: Home, sources: list[str], wanted: Format) -> None:
    from dataclasses import astuple, fields

    from crawler.schedule import Due, upcoming
    from warehouse.render import render
    from warehouse.sandbox import Answer

    rows = [tuple(map(_shown, astuple(due))) for due in upcoming(place.root, sources)]
    render(Answer(tuple(f.name for f in fields(Due)), rows), wanted)


def tick(
    home: HomeOption = None,
    load: Annotated[bool, typer.Option("--load/--no-load", help="Load what came, after each crawl.")] = True,
) -> None:
    """Crawl what is due now, once, load what came, tell what alerts.yml asks for, and exit: one crontab line.

    Example: paomo tick --home /srv/paomo
    """
    from crawler.schedule import tick as crawl_due

    place = home_of(home).make()
    loads: list[bool] = []
    with progress("crawling what is due") as step:
        report = crawl_due(
            place.root,
            loaded=(lambda _: loads.append(_load(place))) if load else None,
            on_progress=_counting(step),
        )
    tell(report)
    if not report.sources:
        say("nothing is due; `paomo schedule --plan` tells when")
    alerted = _tell_alerts(place)
    if not (report.ok and all(loads) and alerted):
        raise typer.Exit(1)


def _load(place: Home) -> bool:
    """Load the archive in a process of its own, as each crawl has one; whether all of it went in."""
    return _paomo("load", place)


def _tell_alerts(place: Home) -> bool:
    """Tell what the rules in the data folder ask for, if there are any; whether every channel took it."""
    from warehouse.alert import RULES

    return not (place.root / RULES).exists() or _paomo("alert", place)


def _paomo(command: str, place: Home) -> bool:
    """Run a command in a process of its own: what goes wrong in it does not end a schedule."""
    program = [sys.executable, "-c", "from warehouse.cli import main; main()"]
    return subprocess.run([*program, command, "--home", str(place.root)], check=False).returncode == 0


def status(home: HomeOption = None, form: FormatOption = "table") -> None:
    """Print how each source does and what the warehouse holds. Exit code 1 where a source is stale.

    A source is stale when no crawl of it succeeded for three of its intervals (`late`), or when crawls bring
    nothing new for three times as long as is its habit (`silent`). Times are UTC (`paomo schedule --plan` has
    Shanghai's), `usual` is its habit, `archived` its documents in the archive; below is the warehouse.

    Example: paomo status
    """
    from warehouse import ask
    from warehouse.publish import readable
    from warehouse.render import Format, render

    wanted = format_of(form)
    place = home_of(home)
    stale = _sources(place, wanted)
    if wanted is Format.TABLE and place.ledger.exists() and not place.warehouse.exists():
        say("nothing is loaded yet: `paomo load` reads the archive")
    elif wanted is Format.TABLE:
        readable(place)  # says how to begin where there is nothing yet
        print()
        render(ask.status(place), wanted)
    if stale:
        raise typer.Exit(1)


GLANCE = {
    "source": "source",
    "state": "state",
    "last_success": "last success",
    "last_news": "last news",
    "usual_interval": "usual",
    "next_run": "next run",
    "documents": "archived",
    "documents_a_day": "a day",
    "waiting": "waiting",
    "reason": "reason",
}
"""Fields of a source's status that a table shows, and what it calls them."""


def _sources(place: Home, wanted: Format) -> bool:
    """Print every source's state; whether one of them is late or silent, or its file is wrong."""
    from dataclasses import fields

    from crawler.schedule import SourceStatus
    from crawler.schedule import status as states
    from warehouse.render import Format, render
    from warehouse.sandbox import Answer

    wrong: list[SourceError] = []
    found = states(place.root, refuse=wrong.append)
    for error in wrong:
        say(f"paomo: {error}; it is left out")
    names = {f.name: f.name for f in fields(SourceStatus)}
    if wanted is Format.TABLE:
        names = GLANCE
    shown = _told if wanted is Format.TABLE else _shown
    rows = [tuple(shown(getattr(one, name)) for name in names) for one in found]
    render(Answer(tuple(names.values()), rows), wanted)
    return bool(wrong) or any(one.stale for one in found)


def _shown(value: Any) -> Any:
    """Moments to the second, a span in days."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.total_seconds() / 86400 if isinstance(value, timedelta) else value


def _told(value: Any) -> Any:
    """As a person reads it: moments of UTC to the minute, a span in hours or days."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    if isinstance(value, timedelta):
        hours = value / timedelta(hours=1)
        return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
    return value
