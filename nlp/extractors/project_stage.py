"""What stands of a project: announced, approved, tender, under construction, completed, operating, idle, stopped.

A cue of operation or completion counts as a plan where 将, 预计 or 明年 stands before it; 建成后 says nothing of
today; an approval still wanted (尚需取得备案) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from nlp.clause import Clause
from nlp.extractors.project_measure import Told, pattern
from nlp.extractors.project_scene import Outline, Scene
from nlp.lexicon import words

ENDED = ("cancelled", "suspended", "idle")
"""Fates that hold for the whole of a project, whatever was planned for it."""

_DECIDED = {"cancelled", "suspended", "idle", "tender", "approved"}
"""Stages that hold for all a project plans: told before the figure they outweigh its 拟 and 计划."""

_NOT_A_STAGE = re.compile(
    r"承诺投资|(?:全部)?(?:建成|投产|投运|完工|达产)(?:之|以)?后(?:将|预计|可|拟)?(?![停闲却没无])"
)
"""承诺投资额 is the sum of a prospectus; 建成后将新增… tells what a centre shall hold, not how far it is."""

_DONE = {"operating", "completed", "under_construction", "idle"}


@cache
def _cue(stage: str) -> re.Pattern[str]:
    cues = sorted(words("project")["stage"][stage], key=len, reverse=True)
    return re.compile("|".join(re.escape(cue) for cue in cues))


def _counts(stage: str, m: re.Match[str], text: str) -> bool:
    """Whether the cue says that the stage is reached."""
    before, after = text[: m.start()], text[m.end() :]
    if stage in {"approved", "tender"}:
        return not pattern("unapproved").search(before)
    if stage in _DONE and re.search(r"(?:未|没有?|不|无法|尚未)(?:能|曾|正式|如期)?$", before):
        return False
    if re.match(r"(?:的)?(?:时间|日期|率|目标|前景|计划|方案)", after) and stage in _DONE:
        return False
    if stage == "completed" and re.search(r"(?:主体|土建|桩基|结构)[^,]{0,3}$", before):
        return False
    if stage in {"operating", "completed"}:
        if pattern("after_done", template=r"^{0}").match(after) and not re.match(
            r"后(?:停|闲|却|没|无)", after
        ):
            return False
        return not pattern("passed").search(re.split(r"[,;]", before)[-1])
    if stage == "under_construction":
        return not pattern("passed").search(re.split(r"[,;]", before)[-1])
    return True


def stage_in(text: str) -> str | None:
    """The stage a stretch of the view tells, the strongest if it tells several; None: none."""
    text = _NOT_A_STAGE.sub("", text)
    for stage in words("project")["stage"]:
        for m in _cue(stage).finditer(text):
            if _counts(stage, m, text):
                return str(stage)
    if any(
        _cue(stage).search(text) for stage in ("operating", "completed", "under_construction")
    ) and pattern("passed").search(text):
        return "announced"
    return None


class Progress:
    """What stands of each figure's project, told in its clause, around it, or of the whole project elsewhere."""

    def __init__(self, outline: Outline, told: Sequence[Told]) -> None:
        self.outline = outline
        self._figured = {t.figure.clause.start for t in told}
        self._figured_sentences = {t.sentence.start for t in told}
        names = sorted({n.name for n in outline.names}, key=len, reverse=True)
        self._mask = re.compile("|".join(map(re.escape, names)) or r"(?!)")

    def stage(self, item: Told, scene: Scene) -> str | None:
        """The stage of the figure's project; None where the text does not tell it."""
        own = self._of(item.figure.clause)
        behind = list(self._behind(item))
        ended = next((s for s in behind if s in ENDED), None) or self._ended(item)
        if ended and own not in ENDED:
            return ended
        if own and own != "announced":
            return own
        before = self._before(item)
        weighty = before in _DECIDED or (before and before != "announced" and self._drawn(item.figure.clause))
        if before and weighty:
            return before
        near = (
            own or next((s for s in behind if s != "announced"), None) or before or next(iter(behind), None)
        )
        if near and near != "announced":
            return near
        if scene.region and not scene.project:
            return near
        return self._fate(scene, announced=near) or self._end_of(item) or near

    def _of(self, clause: Clause) -> str | None:
        """The stage one clause tells; what is done by a date still to come is announced."""
        stage = stage_in(self._mask.sub(lambda m: "□" * len(m.group()), clause.text))
        anchor = self.outline.reading.anchor
        if stage in {"operating", "completed"} and anchor:
            periods = self.outline.reading.within(self.outline.reading.periods, clause.start, clause.end)
            if any(p.value[:10] > anchor.isoformat()[: len(p.value[:10])] for p in periods if p.value):
                return "announced"
        return stage

    def _drawn(self, clause: Clause) -> bool:
        """Whether the clause only tells a design (规划功率1.2GW), which what is being done outweighs."""
        return not re.search(r"拟|将|计划|预计|还要|再|要", clause.text)

    def _behind(self, item: Told) -> Iterator[str]:
        """Stages in the clauses behind the figure's, up to one with a figure or another project."""
        for clause in item.parts:
            if clause.start < item.figure.clause.end:
                continue
            if clause.start in self._figured or self._names(clause.start, clause.end):
                return
            if stage := self._of(clause):
                yield stage
        yield from self._chained(item)

    def _chained(self, item: Told) -> Iterator[str]:
        """The sentence behind a semicolon, where it has no figure and names no project: …;其余在建."""
        sentences = self.outline.reading.sentences
        after = next((s for s in sentences if s.start >= item.sentence.end), None)
        if after and item.sentence.text.rstrip().endswith(";") and after.start not in self._figured_sentences:
            if not self._names(after.start, after.end) and (stage := stage_in(after.text)):
                yield stage

    def _names(self, start: int, end: int) -> bool:
        return any(start <= n.span.start < end for n in self.outline.names)

    def _ended(self, item: Told) -> str | None:
        """An end told anywhere in a sentence of one project, behind its other figures, too."""
        if (
            len(
                {
                    n.name
                    for n in self.outline.names
                    if item.sentence.start <= n.span.start < item.sentence.end
                }
            )
            > 1
        ):
            return None
        later = [c for c in item.parts if c.start >= item.figure.clause.end]
        if any(re.search(r"[一二三四五六]期|另", c.text) for c in later):
            return None
        return next((s for c in later if (s := self._of(c)) in ENDED), None)

    def _before(self, item: Told) -> str | None:
        """The nearest stage told before the figure's clause in its sentence, or where a list of sentences opens."""
        for clause in reversed(item.parts):
            if clause.end <= item.figure.clause.start and (stage := self._of(clause)):
                decided = stage in _DECIDED and clause.start in self._figured
                return None if decided and self._names(clause.end, item.figure.clause.end) else stage
        return self._opening(item)

    def _opening(self, item: Told) -> str | None:
        """The stage of the words that open a list parted by semicolons: 集中开工现场:…;…;…"""
        sentences = self.outline.reading.sentences
        at = next(i for i, s in enumerate(sentences) if s.start == item.sentence.start)
        while at and sentences[at - 1].text.rstrip().endswith(";"):
            at -= 1
        first = sentences[at]
        if first.start == item.sentence.start:
            return None
        name = next((n.span.start for n in self.outline.names if n.span.start >= first.start), first.end)
        opening = self.outline.text[first.start : min(name, first.end)]
        return stage_in(opening) if not re.search(r"\d[万亿P架]", opening) else None

    def _end_of(self, item: Told) -> str | None:
        """What the sentence says at its end, behind other figures: 占地…,可容纳…,目前已全部投产."""
        for clause in item.parts:
            if clause.start >= item.figure.clause.end and clause.start not in self._figured:
                stage = self._of(clause)
                if stage and stage != "announced":
                    return stage
        return None

    def _fate(self, scene: Scene, *, announced: str | None) -> str | None:
        """What sentences without a figure, or the headline, tell of the project as a whole."""
        stages: list[str | None] = [stage_in(self.outline.reading.title)]
        for sentence in self.outline.reading.sentences:
            if sentence.start in self._figured_sentences:
                continue
            about = scene.project and scene.project[:4] in sentence.text
            if about or pattern("fate_subject").search(sentence.text):
                stages.append(stage_in(self._mask.sub("□", sentence.text)))
        later = () if announced else ("under_construction", "operating", "announced")
        return next(
            (s for s in ("cancelled", "suspended", "tender", "approved", *later) if s in stages), None
        )
