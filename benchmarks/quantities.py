"""How many of the 121 labelled expressions of the seeds are read right, beside JioNLP and Recognizers-Text.

    python -m benchmarks.quantities                      ours, with the misses
    python -m benchmarks.quantities --beside SITE        and the others, from another site-packages

Ours must find the expression in its sentence and get value, unit, rate and bound right (a duration's bound is
not labelled). The others are handed the expression alone and need no bound; install them in an environment of
their own: `pip install jionlp recognizers-text-suite 'emoji<2'`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, report
from nlp.normalise import normalise
from nlp.period import find_periods
from nlp.quantity import Quantity, as_money, find_quantities

LABELLED = Path(__file__).parent.parent.parent / "shared" / "gold" / "quantities.jsonl"
TO_BASE = {"kW": ("MW", "0.001"), "W": ("MW", "0.000001"), "P": ("PFLOPS", "1")}
Answer = tuple[Any, Any, str | None, str | None]
"""Low, high, unit, rate."""


def days(value: str) -> tuple[str, str]:
    """First and last day of an ISO date or interval."""
    first, _, last = value.partition("/")
    year, month, *_ = [*map(int, (last or first).split("-")), 12, 0]
    last = (
        (last or first)
        if (last or first).count("-") == 2
        else f"{year}-{month:02d}-{monthrange(year, month)[1]}"
    )
    return (first + "-01-01")[:10] if len(first) == 4 else (first + "-01")[:10], last


def ours(label: dict[str, Any], *, spun: bool) -> tuple[Answer, str] | None:
    """What paomo reads where the label lies, and the bound; `spun` is known of the whole page."""
    view = normalise(label["sentence"], spun=spun).view
    anchor = date.fromisoformat(label["published"])

    def here(start: int, end: int) -> bool:
        span = view.origin(start, end)
        return span.start < label["end"] and label["start"] < span.end

    if label["kind"] == "date":
        periods = [p for p in find_periods(view.text, anchor=anchor) if here(*p.span) and p.anchored]
        return ((*days(periods[0].value), None, None), "exact") if periods else None
    found = [q for q in find_quantities(view.text) if here(*q.core)]
    return (answer(found[0], label), found[0].bound) if found else None


def answer(quantity: Quantity, label: dict[str, Any]) -> Answer:
    """A quantity in the label's terms; a bare number is taken as money where money is asked for."""
    if quantity.kind == "number" and label["kind"] == "money":
        quantity = as_money(quantity, currency="CNY")
    unit, factor = TO_BASE.get(label["unit"] or "", (label["unit"], "1"))
    low, high = (x / Decimal(factor) for x in (quantity.low, quantity.high or quantity.low))
    same = quantity.unit == unit
    return low, high, label["unit"] if same else quantity.unit, "/".join(quantity.per) or None


def right(got: Answer | None, label: dict[str, Any]) -> bool:
    """Whether value, unit and rate agree."""
    if got is None:
        return False
    low, high, unit, per = got
    if label["kind"] == "date":
        return (low, high) == (label["low"], label["high"])
    close = all(abs(float(a) - b) <= 1e-9 * abs(b) for a, b in ((low, label["low"]), (high, label["high"])))
    return close and unit == label["unit"] and per == label["per"]


def jionlp() -> Callable[[dict[str, Any]], Answer | None]:
    """JioNLP's parsers of money and time; it has none for other measures."""
    import jionlp as jio

    currencies = {"元": "CNY", "美元": "USD", "港元": "HKD"}

    def read(label: dict[str, Any]) -> Answer | None:
        if label["kind"] == "money":
            got = jio.parse_money(label["text"], default_unit="元")
            low, high = got["num"] if isinstance(got["num"], list) else (got["num"], got["num"])
            return float(low), float(high), currencies.get(got["case"]), None
        base = time.mktime(date.fromisoformat(label["published"]).timetuple())
        got = jio.parse_time(label["text"], time_base=base)
        if label["kind"] == "date":
            return got["time"][0][:10], got["time"][1][:10], None, None
        spans = got["time"] if isinstance(got["time"], list) else [got["time"]] * 2
        return *(next(iter(s.values())) for s in spans), next(iter(spans[0])), None  # type: ignore[return-value]

    return read


def recognizers() -> Callable[[dict[str, Any]], Answer | None]:
    """Recognizers-Text: currencies, percentages, dates, durations and, for the rest, plain numbers."""
    from recognizers_date_time import recognize_datetime
    from recognizers_number import recognize_number, recognize_percentage
    from recognizers_number_with_unit import recognize_currency
    from recognizers_text import Culture

    def read(label: dict[str, Any]) -> Answer | None:
        text = label["text"]
        if label["kind"] in ("date", "dur"):
            when = datetime.fromisoformat(label["published"])
            found = recognize_datetime(text, Culture.Chinese, reference=when)
            value = found[0].resolution["values"][-1]
            if label["kind"] == "date":
                if "start" not in value:
                    return *days(value["timex"]), None, None
                last = date.fromisoformat(value["end"]) - timedelta(days=1)  # its ends lie outside
                return value["start"], last.isoformat(), None, None
            seconds = {"year": 31536000, "month": 2592000, "day": 86400}[label["unit"]]
            return *[float(value["value"]) / seconds] * 2, label["unit"], None  # type: ignore[return-value]
        recognise = {"money": recognize_currency, "pct": recognize_percentage}.get(
            label["kind"], recognize_number
        )
        found = recognise(text, Culture.Chinese)[0].resolution
        value = float(found["value"].rstrip("%"))
        return value, value, found.get("isoCurrency") if label["kind"] == "money" else label["unit"], None

    return read


def column(reader: Callable[[dict[str, Any]], Answer | None], labels: list[dict[str, Any]]) -> int:
    """How many labels another parser reads right; whatever it raises is a miss."""
    score = 0
    for label in labels:
        try:
            score += right(reader(label), label)
        except Exception:
            continue
    return score


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--beside", type=Path, help="site-packages where the other parsers are installed")
    parser.add_argument("--least", type=int, default=116, help="exit 1 when ours gets fewer")
    arguments = parser.parse_args()
    if not LABELLED.exists():
        print(f"no labelled expressions at {LABELLED}: this benchmark needs them")
        return 0
    if arguments.beside:
        sys.path.append(str(arguments.beside))
    labels = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    pages: dict[str, str] = {}
    for label in labels:
        pages[label["published"]] = pages.get(label["published"], "") + label["sentence"] + "\n"
    spun = {day: normalise(page).spun for day, page in pages.items()}
    score = 0
    for label in labels:
        got = ours(label, spun=spun[label["published"]])
        # The labels of durations carry no bound: 36-48个月 is exact there.
        if got and right(got[0], label) and (got[1] == label["bound"] or label["kind"] == "dur"):
            score += 1
        else:
            want = (label["low"], label["high"], label["unit"], label["per"], label["bound"])
            print(f"  {label['id']:>3} {label['text']}: want {want}, got {got}")
    print(f"{'paomo':<18}{score:>4} of {len(labels)}")
    stage, unit, goal = "expressions read right", f"of {len(labels)}", float(arguments.least)
    for name, make in (("JioNLP", jionlp), ("Recognizers-Text", recognizers)):
        try:
            theirs = column(make(), labels)
            print(f"{name:<18}{theirs:>4} of {len(labels)}")
        except ImportError as missing:
            print(f"{name:<18}   - not installed ({missing.name})")
        else:
            report(Figure(stage=stage, value=score, unit=unit, peer=name, peer_value=theirs, goal=goal))
    if not arguments.beside:
        report(Figure(stage=stage, value=score, unit=unit, goal=goal))
    return 0 if score >= arguments.least else 1


if __name__ == "__main__":
    sys.exit(main())
