"""Tables of facilities in the text of record: a row each, columns of compute, racks, money and rates of use.

    节点　投运算力(P)　机柜(架)　出租率          项目　　　　2024年末　2025年末
    杭州　1,350　　　　520　　　 91.20%          机柜(架)　　4,100　　　5,260

A column says by its head what it measures and in which unit; where it names none, the lines above may. Where
the heads are dates, each row is a measure of the whole company's.
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
_OWNER = re.compile(
    r"(?:建设|运营|投资|实施|申报|项目|产权)(?:单位|主体|方)$|^业主(?:单位|方)?$|^(?:单位|企业)名称$"
)
_SIZE = re.compile(r"规模|建设内容")
_DATED = re.compile(r"截[至止]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of one row; `start` and `end` are of the text of record: from the row's label to it."""

    start: int
    end: int
    label: str | None
    """The row's first cell as normalised; None for a row of sums and where the row is a measure."""
    label_head: str
    """The head of that cell's column."""
    measure: str
    """A measure of the event contract's projects (compute, racks …) or a metric of its utilisation."""
    quantity: Quantity
    head: str
    """The column's head."""
    row: str
    """The row's cells that are no figures: its state, its operator."""
    owner: str | None
    """The cell below 建设单位 or 业主; None: the table has no such column."""
    as_of: str | None
    lead: str
    """The headline and the lines above the table."""
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
        yield from _of_dates(table, first, anchor)
        return
    lead = "\n".join([table.lead, *(c.text for row in table.rows[: first - 1] for c in row)])
    as_of = _as_of(lead, heads, anchor)
    for at, row in enumerate(table.rows[first:], first):
        placed: Sequence[int] = range(len(row))
        if len(row) != len(heads):
            if (found := _columns_of_sum(table, at, first)) is None:
                continue
            placed = found
        around = " ".join(c.text for c in row if not c.is_number)
        owner = next((c.text for c, i in zip(row, placed, strict=False) if _OWNER.search(heads[i])), None)
        named = int(bool(_INDEX.match(heads[0])) and len(row) > 1)
        first_cell = row[named]
        label = None if _SUM.search(f"{row[0].text} {first_cell.text}") else first_cell.text
        for cell, column in zip(row[1:], placed[1:], strict=False):
            head, measure = heads[column], columns[column]
            if not measure and _SIZE.search(head):  # 建设规模: 标准机架5200架
                measure = _measure(cell.text)
            quantity = _quantity(cell.text, head, measure, lead) if measure else None
            if measure and quantity:
                dated, span = _date(head, anchor) or as_of, Span(row[0].span.start, cell.span.end)
                at, end = span
                yield Entry(
                    start=at,
                    end=end,
                    label=label,
                    label_head=heads[named],
                    measure=measure,
                    quantity=quantity,
                    head=head,
                    row=around,
                    owner=owner,
                    as_of=dated,
                    lead=lead,
                    table=table.span,
                )


def _of_dates(table: Table, first: int, anchor: date | None) -> Iterator[Entry]:
    """Rows of measures under heads that are dates: 机柜(架)|4,100|5,260 below 项目|2024年末|2025年末."""
    heads = table.rows[first - 1] if first else ()
    dates = [_date(cell.text, anchor) for cell in heads]
    if len(dates) < 2 or not all(dates[1:]):
        return
    for row in table.rows[first:]:
        measure = _measure(row[0].text) if len(row) == len(heads) else None
        for cell, dated in zip(row[1:], dates[1:], strict=False):
            if measure and (quantity := _quantity(cell.text, row[0].text, measure, "")):
                span = Span(row[0].span.start, cell.span.end)
                told = row[0].text
                yield Entry(
                    *span, None, "", measure, quantity, told, told, None, dated, table.lead, table.span
                )


def _columns_of_sum(table: Table, at: int, first: int) -> Sequence[int] | None:
    """The columns of the cells of a row of sums that lacks some; None: it is no such row, or it is not clear.

    At its end (合计|7,360|74.2%|, below 佛山|1,860|79.5%|租赁), or what is no figure at its beginning
    (合计|5,920|44.5, below 1|某某一号|银川|3,120|24.5).
    """
    row, whole = table.rows[at], table.rows[first]
    if len(row) >= len(whole) or not _SUM.search(row[0].text):
        return None
    if all(cell.is_number == above.is_number for cell, above in zip(row, whole, strict=False)):
        return range(len(row))
    figures = [i for i, above in enumerate(whole) if above.is_number and i]
    alone = len(row) - 1 == len(figures) and all(cell.is_number for cell in row[1:])
    return [0, *figures] if alone else None


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
