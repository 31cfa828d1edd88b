"""Tables of facilities in the text of record: a row each, columns of compute, racks, money and rates of use.

    节点　投运算力(P)　机柜(架)　出租率
    杭州　1,350　　　　520　　　 91.20%

A column says by its head what it measures and in which unit; where it names none, the lines above may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from nlp.cue import cues
from nlp.lexicon import words
from nlp.period import find_periods
from nlp.quantity import Quantity, find_quantities
from nlp.reading import Reading
from nlp.span import Span
from nlp.tariff import Table, all_tables

UNITS = {"racks": "架", "servers": "台", "cards": "张"}
"""What a column of these counts where its head prints no unit."""
_UNIT = re.compile(r"[(\[/:]\s?(?P<unit>[百千万亿]?(?:[A-Za-z]{1,6}|[\u4e00-\u9fff%]{1,4}))\s?[)\]]?$")
_SUM = re.compile(r"合计|总计|小计|共计|总和|平均")
_INDEX = re.compile(r"序号|编号|No\b|#$", re.IGNORECASE)
_DATED = re.compile(r"截[至止]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of one row; `start` and `end` are of the text of record: from the row's label to it."""

    start: int
    end: int
    label: str | None
    """The row's first cell as normalised; None for a row of sums."""
    measure: str
    """A measure of the event contract's projects (compute, racks …) or a metric of its utilisation."""
    quantity: Quantity
    head: str
    """The column's head."""
    row: str
    """The row's cells that are no figures: its state, its operator."""
    as_of: str | None
    table: Span


def entries(reading: Reading) -> Iterator[Entry]:
    """Every figure of every table of facilities, row by row."""
    for table in all_tables(reading):
        yield from _entries(table, reading.anchor)


def _entries(table: Table, anchor: date | None) -> Iterator[Entry]:
    first = next((i for i, row in enumerate(table.rows) if any(c.is_number for c in row[1:])), 0)
    heads = [c.text for c in table.rows[first - 1]] if first else []
    columns = [_measure(head) for head in heads]
    if not any(columns):
        return
    lead = "\n".join([table.lead, *(c.text for row in table.rows[: first - 1] for c in row)])
    as_of = _as_of(lead, heads, anchor)
    for at, row in enumerate(table.rows[first:], first):
        if len(row) != len(heads) and not _lacks_its_end(table, at, first):
            continue
        around = " ".join(c.text for c in row if not c.is_number)
        first_cell = row[1] if _INDEX.match(heads[0]) else row[0]
        label = None if _SUM.search(f"{row[0].text} {first_cell.text}") else first_cell.text
        for cell, head, measure in zip(row[1:], heads[1:], columns[1:], strict=False):
            quantity = _quantity(cell.text, head, measure, lead) if measure else None
            if measure and quantity:
                dated, span = _date(head, anchor) or as_of, Span(row[0].span.start, cell.span.end)
                yield Entry(*span, label, measure, quantity, head, around, dated, table.span)


def _lacks_its_end(table: Table, at: int, first: int) -> bool:
    """Whether a row of sums has no cells at its end: 合计|7,360|74.2%|, below 佛山|1,860|79.5%|租赁."""
    row, whole = table.rows[at], table.rows[first]
    alike = all(cell.is_number == above.is_number for cell, above in zip(row, whole, strict=False))
    return bool(len(row) < len(whole) and alike and _SUM.search(row[0].text))


def _measure(head: str) -> str | None:
    """What the column of this head measures: a metric of use goes before what it is the metric of."""
    for metric, pattern in cues("utilisation").roles["metric"].items():
        if pattern.search(head):
            return metric
    return next((measure for measure, pattern in _columns().items() if pattern.search(head)), None)


@cache
def _columns() -> dict[str, re.Pattern[str]]:
    return {measure: re.compile("|".join(listed)) for measure, listed in words("project")["columns"].items()}


def _quantity(cell: str, head: str, measure: str, lead: str) -> Quantity | None:
    """The cell's figure in its own unit, its head's, or of what is counted there; None: no figure."""
    wanted = set(words("project")["column_kinds"].get(measure, ["percent"]))
    own = find_quantities(cell)
    if own and own[0].kind in wanted:
        return own[0]
    if not re.fullmatch(r"[\d,. ]*\d", cell):
        return None
    printed = _UNIT.search(head) or _UNIT.search(lead.rstrip("\n:"))
    unit = printed["unit"] if printed else UNITS.get(measure, "" if "percent" not in wanted else "%")
    found: Sequence[Quantity] = find_quantities(cell.replace(" ", "") + unit)
    return found[0] if found and found[0].kind in wanted else None


def _as_of(lead: str, heads: Sequence[str], anchor: date | None) -> str | None:
    """The date of the lines above: 截至2025年6月30日,各节点如下."""
    told = [p for p in find_periods(lead, anchor=anchor) if p.value]
    since = [p for p in told if _DATED.search(lead[max(0, p.span.start - 3) : p.span.start])]
    if since:
        return since[-1].value
    return next((value for head in heads if (value := _date(head, anchor))), told[-1].value if told else None)


def _date(head: str, anchor: date | None) -> str | None:
    return next((p.value for p in find_periods(head, anchor=anchor) if p.value), None)
