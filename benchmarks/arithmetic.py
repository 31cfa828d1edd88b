"""The arithmetic of docs/scale.md: volumes assumed (assumptions.yml) times rates measured (figures.json).

    python -m benchmarks.arithmetic            print the tables
    python -m benchmarks.arithmetic --write    and put them into docs/scale.md; a test holds the two together

What can be spread over cores and machines (reading, extraction) is divided by them; what one process writes
(loading, resolving, publishing) is not, nor is waiting, which politeness to each site asks for.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "scale.md"
CORES = (1, 10, 100)
RATES = {
    "crawl": (
        "crawling with archive and ledger",
        "pages fetched, archived and noted by one crawling process",
    ),
    "pdf": ("reading PDF, paragraphs and tables", "pages of PDF read"),
    "html": ("reading HTML (heavy news pages)", "pages of HTML of a quarter of a megabyte read"),
    "scan": ("scan of documents without an event", "of text looked at and put aside"),
    "dense": ("documents to events, dense text", "of text on the topic turned into events"),
    "load": ("growth: load, rate", "documents written to the warehouse, an event each"),
    "resolve": ("growth: resolve, rate", "documents resolved, all of them anew each time"),
    "publish": ("growth: publish, rate", "documents copied, checked and published"),
    "disk": ("growth: resolve, disk", "of the warehouse for a document of one kilobyte"),
}
"""Name here: stage of the figure, what it counts. Reading and extraction are of one core."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One measured figure."""

    value: float
    unit: str
    what: str


def assumptions() -> dict[str, dict[str, Any]]:
    """assumptions.yml."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "assumptions.yml").read_text("utf-8"))
    return found


def rates() -> dict[str, Rate]:
    """The figures of figures.json that are counted with; KeyError where one was not measured."""
    facts = json.loads((HERE / "figures.json").read_text("utf-8"))
    figures = {figure["stage"]: figure for run in facts["runs"] for figure in run["figures"]}
    return {name: Rate(figures[s]["value"], figures[s]["unit"], what) for name, (s, what) in RATES.items()}


@dataclass(frozen=True, slots=True)
class Day:
    """What one day brings."""

    name: str
    documents: float
    stored: float
    """Bytes of the archive."""
    text: float
    """Bytes of UTF-8."""
    requests: float
    """To publishers, those for lists and feeds among them; 0 where the archive is somebody else's."""
    reading: float
    """Core seconds from bytes to text."""


class Arithmetic:
    """Volumes times rates."""

    def __init__(self) -> None:
        self.assumed, self.rate = assumptions(), rates()

    def of(self, name: str) -> float:
        """An assumed number."""
        return float(self.assumed[name]["value"])

    def days(self) -> list[Day]:
        """The four days the page counts with."""
        usual = self.of("companies") * self.of("filings_a_company")
        news = self.of("sites") * self.of("articles_a_site")
        looks = self.of("sites") * self.of("looks_a_site")
        return [
            self._filings("the exchanges, a usual day", usual),
            self._filings("the exchanges, the busiest day", self.of("peak_filings")),
            self._articles(f"{self.of('sites'):,.0f} news sites", news, requests=news + looks),
            self._articles("CC-NEWS, all languages", self.of("ccnews_documents") / 31, requests=0),
        ]

    def _filings(self, name: str, count: float) -> Day:
        pages = count * self.of("filing_pages")
        stored, text = count * self.of("filing_bytes"), count * self.of("filing_text")
        # a listing's page shows thirty filings; the day is asked for every half hour
        return Day(name, count, stored, text, count * (1 + 1 / 30) + 48, pages / self.rate["pdf"].value)

    def _articles(self, name: str, count: float, *, requests: float) -> Day:
        stored, text = count * self.of("page_stored"), count * self.of("article_text")
        return Day(name, count, stored, text, requests, count / self.rate["html"].value)

    def year_of(self, day: Day) -> float:
        """How many such days a year has; 0 for the busiest one."""
        if "busiest" in day.name:
            return 0.0
        return self.of("trading_days") if "exchanges" in day.name else 365.0

    def extraction(self, day: Day) -> float:
        """Core seconds from text to events."""
        share, megabytes = self.of("on_topic"), day.text / 1e6
        return megabytes * (share / self.rate["dense"].value + (1 - share) / self.rate["scan"].value)

    def crawling(self, day: Day) -> float:
        """Core seconds of crawling processes."""
        return day.requests / self.rate["crawl"].value

    def spread(self, day: Day) -> float:
        """Core seconds that more cores make shorter."""
        return self.crawling(day) + day.reading + self.extraction(day)

    def single(self, day: Day) -> float:
        """Seconds of the one writer."""
        return day.documents / self.rate["load"].value

    # the tables ----------------------------------------------------------------------------------

    def assumed_table(self) -> str:
        """What is assumed, and who says so."""
        rows = [(amount(f["value"], f["unit"]), f["what"], f["from"]) for f in self.assumed.values()]
        return table(("assumed", "", "from"), rows)

    def measured_table(self) -> str:
        """What was measured, in which benchmark."""
        rows = [
            (f"{quantity(rate.value)} {rate.unit}", rate.what, f"“{RATES[name][0]}” in RESULTS.md")
            for name, rate in self.rate.items()
        ]
        return table(("measured", "", "figure"), rows)

    def volume_table(self) -> str:
        """What a day weighs."""
        rows = [
            (
                day.name,
                quantity(day.documents),
                size(day.stored),
                size(day.text),
                quantity(day.requests) if day.requests else "none",
                f"{quantity(day.stored * 8 / 86400 / 1e6)} Mbit/s",
                size(day.stored * self.year_of(day)) if self.year_of(day) else "",
            )
            for day in self.days()
        ]
        head = ("a day of", "documents", "archive", "text", "requests", "network, all day", "archive a year")
        return table(head, rows)

    def hours_table(self) -> str:
        """What a day costs on so many cores."""
        rows = []
        for day in self.days():
            crawl = hours(self.crawling(day)) if day.requests else "none"
            spans = [hours(self.spread(day) / cores + self.single(day)) for cores in CORES]
            parts = [day.reading, self.extraction(day), self.single(day)]
            rows.append((day.name, crawl, *map(hours, parts), *spans))
        head = ("a day of", "crawl", "read", "extract", "load (one writer)")
        return table((*head, *(f"all on {n} core{'s' if n > 1 else ''}" for n in CORES)), rows)

    def limits_table(self) -> str:
        """How much of each stage goes into a day, and what helps beyond."""
        rate, day = self.rate, 86400
        text = self.of("article_text") / 1e6
        each = text * (
            self.of("on_topic") / rate["dense"].value + (1 - self.of("on_topic")) / rate["scan"].value
        )
        pages, hour = 1 / self.of("filing_pages"), 3600
        rows = [
            ("one site at a request in two seconds", day / 2, "nothing: the site sets the pace"),
            ("one crawling process", day * rate["crawl"].value, "a process a source; machines over Redis"),
            ("reading filings, one core", day * rate["pdf"].value * pages, "`--jobs`, then Spark"),
            ("reading heavy pages, one core", day * rate["html"].value, "`--jobs`, then Spark"),
            ("extraction of articles, one core", day / each, "`--jobs`, then Spark"),
            (
                "loading, one writer",
                day * rate["load"].value,
                "load only what has events; one ledger a region",
            ),
            (
                "resolving within an hour",
                hour * rate["resolve"].value,
                "the same: copies and quiet texts stay out",
            ),
            ("publishing within an hour", hour * rate["publish"].value, "publish less often"),
        ]
        return table(("limit", "documents a day", "beyond it"), [(w, quantity(n), how) for w, n, how in rows])

    def year_table(self) -> str:
        """The warehouse after a year: of everything, and of what is on the topic only."""
        rows = []
        for day in self.days():
            kept = day.documents * self.year_of(day)
            if not kept:
                continue
            for what, count in (
                (day.name, kept),
                (f"{day.name}, on the topic only", kept * self.of("on_topic")),
            ):
                # the measured warehouse held documents of one kilobyte
                held = count * self.rate["disk"].value * day.text / day.documents / 1000
                took = (hours(count / self.rate[name].value) for name in ("load", "resolve", "publish"))
                rows.append((what, quantity(count), size(held), *took))
        return table(("a year of", "documents", "warehouse", "load", "resolve", "publish"), rows)

    def ccnews_table(self) -> str:
        """The worked example."""
        day = self.days()[-1]
        stored = self.of("ccnews_files") * self.of("ccnews_file")
        scale = self.of("ccnews_bytes") / stored
        rows = []
        for name, days in (("one day", 1.0), ("one month", 31.0), ("all up to September 2022", scale)):
            fetch = stored * days * 8 / (self.of("network") * 1e6)
            chinese = self.of("ccnews_chinese")
            spread = (day.reading + self.extraction(day) * chinese) * days
            written = self.single(day) * chinese * days
            spans = (hours(spread / cores + written) for cores in CORES)
            rows.append((name, quantity(day.documents * days), size(stored * days), hours(fetch), *spans))
        head = ("CC-NEWS", "documents", "WARC", f"fetched at {quantity(self.of('network'))} Mbit/s")
        return table((*head, *(f"on {n} core{'s' if n > 1 else ''}" for n in CORES)), rows)


TABLES: dict[str, Callable[[Arithmetic], str]] = {
    "assumed": Arithmetic.assumed_table,
    "measured": Arithmetic.measured_table,
    "volume": Arithmetic.volume_table,
    "hours": Arithmetic.hours_table,
    "limits": Arithmetic.limits_table,
    "year": Arithmetic.year_table,
    "ccnews": Arithmetic.ccnews_table,
}
BLOCK = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; columns of numbers to the right."""
    right = [
        bool(rows) and all(re.match(r"[\d.,]+(\s|$)|none|$", row[n]) for row in rows)
        for n in range(len(head))
    ]
    rule = ["---:" if to_right else "---" for to_right in right]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def quantity(value: float) -> str:
    """Two or three digits that count: what is assumed bears no more."""
    if value >= 1000:
        digits = len(f"{value:.0f}") - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def amount(value: float, unit: str) -> str:
    """A number with its unit."""
    return size(value) if unit == "bytes" else f"{quantity(value)} {unit}".strip()


def size(count: float) -> str:
    """Bytes in the unit one says them in."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{quantity(count)} PB"


def hours(seconds: float) -> str:
    """A span as one says it."""
    for unit, length in (("s", 1), ("min", 60), ("h", 3600)):
        if seconds < {"s": 60, "min": 3600, "h": 48 * 3600}[unit]:
            return f"{seconds / length:.2g} {unit}"
    return f"{quantity(seconds / 86400)} days"


def filled(page: str) -> str:
    """The page with every table computed anew."""
    sums = Arithmetic()
    return BLOCK.sub(lambda found: found[1] + TABLES[found[2]](sums) + "\n" + found[3], page)


def write() -> None:
    """Put the tables into docs/scale.md."""
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put them into docs/scale.md, too")
    asked = parser.parse_args()
    sums = Arithmetic()
    for name, make in TABLES.items():
        print(f"{name}\n\n{make(sums)}\n")
    if asked.write:
        write()


if __name__ == "__main__":
    main()
