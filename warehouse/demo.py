"""The whole of paomo once, on the stand-in publisher: all of it real, only the addresses differ."""

from __future__ import annotations

import tempfile
from pathlib import Path

from crawler.errors import PaomoError
from warehouse import ask
from warehouse.cli.options import say
from warehouse.home import DEMONSTRATION, Home
from warehouse.render import Format, render
from warehouse.sandbox import Answer

TABLES: tuple[tuple[str, str], ...] = (
    (
        "Contracts cancelled",
        "SELECT company, party, counterparty, amount, signed, cancelled, reason, quote FROM cancellations"
        " ORDER BY cancelled",
    ),
    (
        "Rents",
        "SELECT item, gpus, amount, amount_max, currency, period, as_of, cny_per_gpu_hour, quote"
        " FROM price_quotes WHERE kind = 'rent' ORDER BY item, as_of NULLS LAST, amount DESC",
    ),
    (
        "Project sizes",
        "SELECT place, project, stage, amount, amount_max, unit, as_of, quote FROM project_sizes"
        " ORDER BY place, as_of NULLS LAST, amount DESC",
    ),
)


def run(option: Path | None) -> None:
    """Crawl, archive, read, extract, load and ask, in the data folder that is meant.

    A data folder with a ledger that is not the demonstration's is left alone: the demonstration is made in
    a folder that is thrown away, unless the user named this one.
    """
    home = Home.find(option)
    if not (home.ledger.exists() or home.warehouse.exists()):
        (home.make().root / DEMONSTRATION).touch()
    if option is not None or (home.root / DEMONSTRATION).exists():
        _run(home)
        print()
        say(f"kept in {home.root}; ask it: paomo show cancellations --home {home.root}")
        return
    with tempfile.TemporaryDirectory(prefix="paomo-demo-") as folder:
        _run(Home(Path(folder)))
    print()
    say(f"{home.root} holds a ledger of your own: nothing was added; keep the demo with --home DIR")


def _run(home: Home) -> None:
    _crawl(home)
    _load(home)
    for title, query in TABLES:
        print(f"\n{title}")
        render(_without_empty(ask.sql(home, query)), Format.TABLE)


def _crawl(home: Home) -> None:
    from crawler.run import crawl
    from crawler.standin import serve

    home.make()
    with serve() as standin:
        report = crawl(
            ["cninfo", "feed"],
            home=home.root,
            since=standin.since,
            until=standin.until,
            base_urls=standin.base_urls,
            polite=standin.polite,
            allow_private=True,
        )
    for one in report.sources:
        say(f"crawled {one.source}: {one.outcome}, {one.new} new documents, {one.skipped} known")
    if not report.ok:
        reasons = "; ".join(f"{one.source}: {one.reason}" for one in report.sources if not one.ok)
        raise PaomoError(f"the crawl of the stand-in failed: {reasons}")


def _load(home: Home) -> None:
    from warehouse.tasks import fill

    done = fill(home, again=True)  # a demonstration of an older paomo may be there
    say(f"loaded {done.documents} documents, {done.mentions} mentions, {len(done.rejected)} rejected")
    for refused in done.rejected:
        say(f"{refused.location}: {refused.message}")


def _without_empty(answer: Answer) -> Answer:
    """The columns that hold anything: a demonstration has few rows."""
    kept = [i for i in range(len(answer.columns)) if any(row[i] is not None for row in answer.rows)]
    if not kept:
        return answer
    rows = [tuple(row[i] for i in kept) for row in answer.rows]
    return Answer(tuple(answer.columns[i] for i in kept), rows)
