"""Projects: how large the announced data centres are, and what became of them. One event a measure.

The way: a cheap scan, the figures of each sentence that measure a project (project_measure), what they are told of
(project_scene, project_name), what stands of it (project_stage).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlp.currency import currency_of, home_currency
from nlp.event import ProjectEvent
from nlp.extractors.project_measure import Figure, Told, figures, parts_of, pattern
from nlp.extractors.project_scene import Outline, Scene
from nlp.extractors.project_stage import Progress
from nlp.reading import Reading, Sentence

_KINDS = {"compute", "money", "power", "area", "count", "number"}


def extract(reading: Reading) -> Iterator[ProjectEvent]:
    """The project measures a document tells, in its order; nothing supposed or denied."""
    if not pattern("scan").search(reading.text):
        return
    told = list(_told(reading))
    if not told:
        return
    outline = Outline(reading)
    home = home_currency(reading.text, reading.document.text)
    progress = Progress(outline, told)
    seen: list[ProjectEvent] = []
    for item in told:
        event = _event(item, outline, progress, home)
        if not any(_same(event, other) for other in seen):
            seen.append(event)
            yield event


def _told(reading: Reading) -> Iterator[Told]:
    """Every figure that measures a project, sentence by sentence."""
    scan = pattern("scan")
    in_title = bool(scan.search(reading.title))
    recent, counted = 2 if in_title else 0, False
    for at, sentence in enumerate(reading.sentences):
        about = bool(scan.search(sentence.text))
        recent = 3 if about else recent - 1
        quantities = reading.within(reading.quantities, sentence.start, sentence.end)
        if recent <= 0 or not any(q.kind in _KINDS for q in quantities):
            continue
        if _denied(reading.sentences[at : at + 3]):
            continue
        parts = parts_of(sentence)
        found = list(figures(parts, quantities, counted=counted, topic=reading.title))
        counted = any(f.measure == "projects" for f in found) or (counted and about)
        for figure in found:
            yield Told(figure, sentence, parts)


def _denied(sentences: Sequence[Sentence]) -> bool:
    """Whether the first sentence tells a rumour that it or one of the next denies."""
    rumoured = pattern("rumour").search(sentences[0].text)
    own = pattern("denial").search(sentences[0].text)
    return bool(own) or bool(rumoured and any(pattern("denial").search(s.text) for s in sentences[1:]))


def _event(item: Told, outline: Outline, progress: Progress, home: str) -> ProjectEvent:
    figure, reading = item.figure, outline.reading
    quantity = figure.quantity
    scene = outline.scene(figure, item.sentence)
    start, end, quote = reading.evidence(*_evidence(figure, outline.text))
    unit = currency_of(figure.unit, quantity.text, home) if figure.measure == "investment" else figure.unit
    return ProjectEvent(
        doc_id=reading.document.doc_id,
        start=start,
        end=end,
        quote=quote,
        confidence=_confidence(figure, scene),
        rule=f"project.{figure.rule}",
        project=scene.project,
        operator=scene.operator,
        place=scene.place,
        stage=progress.stage(item, scene),
        measure=figure.measure,
        amount=quantity.low,
        amount_max=quantity.high,
        bound=_bound(figure, outline.text),
        unit=unit,
        as_of=outline.as_of(figure, item.sentence, item.parts, region=scene.region),
    )


def _evidence(figure: Figure, text: str) -> tuple[int, int]:
    """The clause, without the enumerated items before and after the figure's own."""
    clause, quantity = figure.clause, figure.quantity
    start, end = clause.start, clause.end
    before, after = text.rfind("、", start, quantity.span.start), text.find("、", quantity.span.end, end)
    if before >= 0 and any(c.isdigit() for c in text[start:before]):
        start = before + 1
    if after >= 0 and any(c.isdigit() for c in text[after:end]):
        end = after
    return start, end


def _bound(figure: Figure, text: str) -> str:
    """The figure's bound, with the verbs that set one: 算力迈过2000P, 在420亿元额度内."""
    quantity, clause = figure.quantity, figure.clause
    if quantity.bound == "exact":
        if re.search(
            r"(?:迈过|跨过|突破|越过|超过|已过|过了|不止)$", text[clause.start : quantity.span.start]
        ):
            return "over"
        if re.match(r"(?:的)?(?:额度内|额度以内|以内|之内|上限)", text[quantity.span.end : clause.end]):
            return "under"
    return quantity.bound


def _confidence(figure: Figure, scene: Scene) -> float:
    sure = figure.weight
    if not (scene.project or scene.operator or scene.place):
        sure -= 0.15
    if scene.carried:
        sure -= 0.08
    return round(max(0.05, min(0.99, sure)), 2)


def _same(event: ProjectEvent, other: ProjectEvent) -> bool:
    """Told twice: the same amount of the same measure, and nothing that sets the two apart."""

    def agree(a: str | None, b: str | None) -> bool:
        return not a or not b or a in b or b in a

    return (
        event.measure == other.measure
        and (event.amount, event.amount_max, event.unit) == (other.amount, other.amount_max, other.unit)
        and agree(event.project, other.project)
        and agree(event.place, other.place)
        and agree(event.as_of, other.as_of)
    )
