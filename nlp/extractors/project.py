"""Projects: how large the announced data centres are, and what became of them. One event a measure.

The way: a cheap scan, the figures of each sentence that measure a project (project_measure), what they are told of
(project_scene, project_name), what stands of it (project_stage).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.clause import Clause
from nlp.currency import currency_of, home_currency
from nlp.event import ProjectEvent
from nlp.extractors.project_measure import Figure, figures, pattern
from nlp.extractors.project_scene import Outline, Scene, parts_of
from nlp.extractors.project_stage import ENDED, stage_in
from nlp.reading import Reading, Sentence

_KINDS = {"compute", "money", "power", "area", "count", "number"}


@dataclass(frozen=True, slots=True)
class _Told:
    """A figure in its sentence."""

    figure: Figure
    sentence: Sentence
    parts: Sequence[Clause]


def extract(reading: Reading) -> Iterator[ProjectEvent]:
    """The project measures a document tells, in its order; nothing supposed or denied."""
    if not pattern("scan").search(reading.text):
        return
    told = list(_told(reading))
    if not told:
        return
    outline = Outline(reading)
    home = home_currency(reading.text, reading.document.text)
    seen: list[ProjectEvent] = []
    for item in told:
        event = _event(item, outline, told, seen, home)
        if not any(_same(event, other) for other in seen):
            seen.append(event)
            yield event


def _told(reading: Reading) -> Iterator[_Told]:
    """Every figure that measures a project, sentence by sentence."""
    scan = pattern("scan")
    in_title = bool(scan.search(reading.title))
    recent, counted = 2 if in_title else 0, False
    for at, sentence in enumerate(reading.sentences):
        about = bool(scan.search(sentence.text))
        recent = 3 if about else recent - 1
        quantities = [
            q for q in reading.within(reading.quantities, sentence.start, sentence.end) if q.kind in _KINDS
        ]
        if not quantities or recent <= 0:
            continue
        if _denied(reading.sentences[at : at + 3]):
            continue
        parts = parts_of(sentence)
        found = list(figures(parts, quantities, domain=True, counted=counted))
        counted = any(f.measure == "projects" for f in found) or (counted and about)
        for figure in found:
            yield _Told(figure, sentence, parts)


def _denied(sentences: Sequence[Sentence]) -> bool:
    """Whether the first sentence tells a rumour that it or one of the next denies."""
    rumoured = pattern("rumour").search(sentences[0].text)
    own = pattern("denial").search(sentences[0].text)
    return bool(own) or bool(rumoured and any(pattern("denial").search(s.text) for s in sentences[1:]))


def _event(
    item: _Told, outline: Outline, told: Sequence[_Told], seen: Sequence[ProjectEvent], home: str
) -> ProjectEvent:
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
        project=_with_phase(scene),
        operator=scene.operator,
        place=scene.place,
        stage=_stage(item, scene, outline, told, seen),
        measure=figure.measure,
        amount=quantity.low,
        amount_max=quantity.high,
        bound=quantity.bound,
        unit=unit,
        as_of=outline.as_of(figure, item.sentence, item.parts),
    )


def _with_phase(scene: Scene) -> str | None:
    if not scene.project or not scene.phase or scene.phase in scene.project:
        return scene.project
    return scene.project + scene.phase


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


def _stage(
    item: _Told, scene: Scene, outline: Outline, told: Sequence[_Told], seen: Sequence[ProjectEvent]
) -> str | None:
    """What stands of the figure's project: told in its clause, around it, or of the whole project elsewhere."""
    own = stage_in(_masked(item.figure.clause.text, outline))
    following = stage_in(_following(item, outline, told))
    if following in ENDED and own not in ENDED:
        return following
    if own and own != "announced":
        return own
    near = own or _preceding(item, outline) or following
    if near and near != "announced":
        return near
    if scene.region and not scene.project:
        return near
    return _fate(item, scene, outline, told, announced=near) or near or _last_of(scene, seen)


def _masked(text: str, outline: Outline) -> str:
    """The text without project names, whose words are no cues: 星门计划, 在建…"""
    for name in {n.name for n in outline.names}:
        text = text.replace(name, "□" * len(name))
    return text


def _following(item: _Told, outline: Outline, told: Sequence[_Told]) -> str:
    """The clauses of the sentence behind the figure's, up to one that has a figure or names another project."""
    out = []
    figured = {t.figure.clause.start for t in told}
    for clause in item.parts:
        if clause.start < item.figure.clause.end:
            continue
        if clause.start in figured or any(clause.start <= n.span.start < clause.end for n in outline.names):
            break
        out.append(clause.text)
    return _masked("".join(out), outline)


def _preceding(item: _Told, outline: Outline) -> str | None:
    """The nearest stage told before the figure's clause in its sentence."""
    for clause in reversed(item.parts):
        if clause.end <= item.figure.clause.start and (stage := stage_in(_masked(clause.text, outline))):
            return stage
    return None


def _fate(
    item: _Told, scene: Scene, outline: Outline, told: Sequence[_Told], *, announced: str | None
) -> str | None:
    """What sentences without a figure, or the headline, tell of the project as a whole."""
    figured = {t.sentence.start for t in told}
    stages: list[str] = []
    for sentence in outline.reading.sentences:
        if sentence.start in figured:
            continue
        about = scene.project and scene.project[:4] in sentence.text
        if about or pattern("fate_subject").search(sentence.text):
            stage = stage_in(_masked(sentence.text, outline))
            stages += [stage] if stage else []
    title = stage_in(outline.reading.title)
    stages += [title] if title else []
    for stage in (*ENDED[:2], "tender", "approved", "under_construction", "operating", "announced"):
        if stage in stages:
            return stage
    return announced


def _last_of(scene: Scene, seen: Sequence[ProjectEvent]) -> str | None:
    """The stage told last of the same project."""
    for event in reversed(seen):
        if scene.project and event.project == _with_phase(scene) and event.stage:
            return event.stage
    return None
