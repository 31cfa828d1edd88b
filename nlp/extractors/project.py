"""Projects: how large the announced data centres are, and what became of them. One event a measure.

The way: a cheap scan; the figures of each sentence that measure a project (project_figure, project_measure);
what they are told of (project_outline, project_name, project_scene); what stands of it (project_stage); when.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

from nlp.currency import currency_of, home_currency
from nlp.event import ProjectEvent
from nlp.extractors.project_figure import Figure, figures
from nlp.extractors.project_list import Item, listings
from nlp.extractors.project_measure import KINDS
from nlp.extractors.project_outline import Outline
from nlp.extractors.project_scene import Scene, scene
from nlp.extractors.project_stage import Progress
from nlp.extractors.project_table import listed_projects
from nlp.extractors.project_when import as_of
from nlp.extractors.project_words import pattern
from nlp.reading import Reading, Sentence
from nlp.span import Span

_OVER = re.compile(r"(?:迈过|跨过|突破|越过|超过|已过|过了|不止)$|(?:最少|至少|不少于|不低于)[^,\d]{0,4}$")
_UNDER = re.compile(r"的?(?:额度内|额度以内|以内|之内|上限)")
_ALIKE = 50
"""How many of the last events of one amount a new one is held against, so that long lists stay cheap."""


def extract(reading: Reading) -> Iterator[ProjectEvent]:
    """The project measures a document tells, in its order; nothing supposed or denied."""
    if not pattern("scan").search(reading.text) and not pattern("scan").search(reading.title):
        return
    outline = Outline(reading)
    listed = listed_projects(outline)
    yield from (event for event, _ in listed)
    found = list(_figures(reading))
    if not found:
        return
    progress, items = Progress(outline, found), listings(found, outline)
    home = home_currency(reading.text, reading.document.text)
    tables = sorted({table for _, table in listed})
    told: defaultdict[object, list[ProjectEvent]] = defaultdict(list)
    for figure in found:
        event = _event(figure, outline, progress, home, item=items.get(figure.at))
        if _in_table(event, tables):
            continue
        alike = told[event.measure, event.unit, event.amount, event.amount_max]
        if not any(_same(event, other) for other in alike[-_ALIKE:]):
            alike.append(event)
            yield event


def _in_table(event: ProjectEvent, tables: Sequence[Span]) -> bool:
    """Whether the event was read from the cells of a table that gave its own."""
    index = bisect_right(tables, event.start, key=lambda table: table.start)
    return index > 0 and event.end <= tables[index - 1].end


def _figures(reading: Reading) -> Iterator[Figure]:
    """Every figure that measures a project, of the sentences on data centres and those just behind them."""
    scan, lasting = pattern("scan"), _lasting(reading)
    last: Figure | None = None
    left, counted = lasting, False
    for at, sentence in enumerate(reading.sentences):
        about = bool(scan.search(sentence.text))
        left = 1 + lasting if about else left - 1
        quantities = reading.within(reading.quantities, sentence.start, sentence.end)
        if not any((lasting and q.kind == "compute") or (left > 0 and q.kind in KINDS) for q in quantities):
            continue
        if _denied(reading.sentences[at : at + 3]):
            continue
        before = last if last and last.sentence.end >= sentence.start - 1 else None
        found = list(figures(sentence, quantities, counted=counted, topic=reading.title, before=before))
        last = found[-1] if found else None
        counted = any(f.measure == "projects" for f in found) or (counted and about)
        yield from found


def _lasting(reading: Reading) -> int:
    """For how many sentences the subject lasts once one has named it: longer where it is the document's.

    A digest goes on to the harvest in the next sentence; an article says 总投资20亿元 a while after the name.
    """
    scan = pattern("scan")
    if scan.search(reading.title):
        return 4
    if reading.abridged:  # what is left out is on something else
        return 0
    about = sum(bool(scan.search(s.text)) for s in reading.sentences)
    return 3 if about * 4 >= len(reading.sentences) else 0


def _denied(sentences: Sequence[Sentence]) -> bool:
    """Whether the first sentence denies, or tells a rumour that one of the next denies."""
    first, *later = [s.text for s in sentences]
    denial = pattern("denial")
    return bool(denial.search(first)) or bool(
        pattern("rumour").search(first) and any(denial.search(text) for text in later)
    )


def _event(
    figure: Figure, outline: Outline, progress: Progress, home: str, *, item: Item | None
) -> ProjectEvent:
    reading, quantity = outline.reading, figure.quantity
    told_of = scene(figure, outline, item=item)
    start, end, quote = reading.evidence(*_evidence(figure, outline.text))
    money = figure.measure == "investment"
    return ProjectEvent(
        doc_id=reading.document.doc_id,
        start=start,
        end=end,
        quote=quote,
        confidence=_confidence(figure, told_of),
        rule=f"project.{figure.rule}",
        project=told_of.project,
        operator=told_of.operator,
        place=told_of.place,
        stage=progress.stage(figure, told_of),
        measure=figure.measure,
        amount=quantity.low,
        amount_max=quantity.high,
        bound=_bound(figure, outline.text),
        unit=currency_of(figure.unit, quantity.text, home, sentence=figure.sentence.text)
        if money
        else figure.unit,
        as_of=as_of(figure, outline, region=told_of.region, chained=told_of.project is None),
    )


def _evidence(figure: Figure, text: str) -> tuple[int, int]:
    """The clause without its other enumerated items: 装机1024台服务器、[8192张加速卡]."""
    start, end, span = figure.clause.start, figure.clause.end, figure.quantity.span
    before, after = text.rfind("、", start, span.start), text.find("、", span.end, end)
    if before >= 0 and any(c.isdigit() for c in text[start:before]):
        start = before + 1
    if after >= 0 and any(c.isdigit() for c in text[after:end]):
        end = after
    return start, end


def _bound(figure: Figure, text: str) -> str:
    """The quantity's bound, or the one a verb sets: 算力迈过2000P, 在420亿元额度内."""
    quantity, clause = figure.quantity, figure.clause
    if quantity.bound == "exact":
        if _OVER.search(text[clause.start : quantity.span.start]):
            return "over"
        capped = re.search(r"(?:最多|不超过|不高于)[^,\d]{0,4}$", text[clause.start : quantity.span.start])
        if capped or _UNDER.match(text, quantity.span.end, clause.end):
            return "under"
    return quantity.bound


def _confidence(figure: Figure, told_of: Scene) -> float:
    """The rule's own weight, less where nobody and nowhere is named or the subject is carried from afar."""
    sure = figure.weight
    if not (told_of.project or told_of.operator or told_of.place):
        sure -= 0.15
    if told_of.carried:
        sure -= 0.08
    return round(sure, 2)


def _same(event: ProjectEvent, other: ProjectEvent) -> bool:
    """Whether two events of one amount are one told twice: nothing sets the two apart."""

    def agree(a: str | None, b: str | None) -> bool:
        return not a or not b or a in b or b in a

    return (
        agree(event.project, other.project)
        and agree(event.place, other.place)
        and agree(event.as_of, other.as_of)
    )
