"""Projects of tables: a row each, with columns of compute, racks and money."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.currency import currency_of, home_currency
from nlp.event import ProjectEvent
from nlp.extractors.project_measure import KINDS
from nlp.extractors.project_outline import Outline
from nlp.extractors.project_stage import stage_in
from nlp.extractors.project_words import pattern
from nlp.place import find_places
from nlp.register import UNITS, Entry, entries
from nlp.span import Span

_RACK_UNITS = {"racks": "rack", "servers": "server", "cards": "card"}
_SITE = re.compile("节点$|地区$")
_OWN = re.compile(r"公司|本集团|报告期")


def listed_projects(outline: Outline) -> list[tuple[ProjectEvent, Span]]:
    """The events of the document's tables, each with the span of its table in the text of record."""
    home = home_currency(outline.text, outline.reading.document.text)
    found = [e for e in entries(outline.reading) if e.quantity.kind in KINDS and e.quantity.low > 0]
    return [(_event(entry, outline, home), entry.table) for entry in found]


def _event(entry: Entry, outline: Outline, home: str) -> ProjectEvent:
    reading, quantity = outline.reading, entry.quantity
    project, place = _named(entry)
    money = entry.measure == "investment"
    unit = currency_of(quantity.unit, quantity.text, home) if money else quantity.unit
    return ProjectEvent(
        doc_id=reading.document.doc_id,
        start=entry.start,
        end=entry.end,
        quote=reading.document.text[entry.start : entry.end],
        confidence=0.85 if project or place else 0.75,
        rule=f"project.table.{entry.measure}",
        project=project,
        operator=_operator(entry, outline),
        place=place,
        stage=next(_stages(entry), None),
        measure=entry.measure,
        amount=quantity.low,
        amount_max=quantity.high,
        bound=quantity.bound,
        unit=_RACK_UNITS[entry.measure] if entry.measure in UNITS else unit,
        as_of=entry.as_of,
    )


def _named(entry: Entry) -> tuple[str | None, str | None]:
    """Project and place of the row: 杭州 is a place, 杭州智算中心 a project there."""
    label = re.sub(r"^\d+[.、]?", "", entry.label or "")
    places = [*find_places(label), *find_places(entry.row)]
    place = next((p.name for p in places if not p.organisation), None)
    works = pattern("centre", "works", template=r"(?:{0}|{1}|项目|基地|园区|中心|[一二三四]期)").search(label)
    bare = _SITE.sub("", label)
    beside = [p for p in find_places(bare) if p.span != (0, len(bare))]
    branded = beside and len(bare) - (beside[0].span.end - beside[0].span.start) >= 2  # 星罗佛山
    alone = any(p.span == (0, len(bare)) for p in find_places(bare))
    headed = pattern("site_head").search(entry.label_head) or not entry.label_head
    own = headed and not find_places(label)  # its place has a column of its own
    return (label if label and (works or branded or own) and not alone else None), place


def _operator(entry: Entry, outline: Outline) -> str | None:
    """The company of a filing or of 公司's own sites; else who stands in the line above the table."""
    if entry.owner:
        return entry.owner
    if outline.reporter and (outline.reading.document.kind == "filing" or _OWN.search(outline.text)):
        return outline.reporter
    line = entry.lead.rstrip().rpartition("\n")[2]
    return next((o.name for o in outline.operators if o.name in line), None)


def _stages(entry: Entry) -> Iterator[str]:
    line = entry.lead.rstrip().rpartition("\n")[2]
    for told in (entry.head, entry.row, line if line.endswith(":") else ""):
        if stage := stage_in(told):
            yield stage
