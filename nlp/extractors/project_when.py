"""Since when a figure held, or when it is to hold."""

from __future__ import annotations

import re

from nlp.clause import Clause
from nlp.extractors.project_figure import Figure
from nlp.extractors.project_outline import Outline
from nlp.extractors.project_words import pattern
from nlp.occasion import held_in, occasion
from nlp.period import Period
from nlp.reading import Reading

_UP_TO = re.compile(r"截[至止]到?$|到$|至$|以来$")
_DONE = re.compile(r"竣工|完工|落成|验收|转固|点亮|投产|投运|上线|启用|建成|开机|新增")
_BEGUN = re.compile(r"开工|动工|奠基|动土")
_DUE = re.compile(r"启用|投用|投产|投运|完工|建成|到位|上线|交付|投入|要等")
_OF_WHICH = re.compile(r"其中")
_VISITED = re.compile(r"[^,]{0,10}时$")
"""8月底记者探访时: what is told behind it was so then."""
_HEADED = 10
"""Characters into a chain within which a date heads all of it: 答:截至…"""
_CHAIN = 2_000
"""Characters of a chain of semicolons over which the date at its head is remembered."""
_DAY_OF_NOTICE = re.compile(r"截[至止](?:本)?公告(?:披露)?日")


def as_of(figure: Figure, outline: Outline, *, region: bool, chained: bool, plan: bool) -> str | None:
    """The date at which the figure held or is to hold, by EVENTS.md; None where the text gives none.

    A date in the clause counts first; 截至…, a date alone, 今日点亮 hold for the clauses behind. The date of
    a region's figure (`region`) also holds for the next one, that of a chain of semicolons (`chained`) for
    all of it, as does 截至 where a chain opens on it; 预定…启用 at the end for the plan before it. What none
    dates has the date of the document's kind: a `plan` that of a plan of work.
    """
    reading = outline.reading
    told = _told(figure, outline, region=region, chained=chained)
    return told or occasion(reading, figure.sentence, plan=plan)


def _told(figure: Figure, outline: Outline, *, region: bool, chained: bool) -> str | None:
    reading, clause = outline.reading, figure.clause
    if own := [p for p in _periods(reading, clause) if not _dates_the_telling(p, clause, reading.text)]:
        before = [p for p in own if p.span.start < figure.at]
        return held_in(reading, before[-1] if before else own[0])
    if _DAY_OF_NOTICE.search(reading.text, figure.sentence.start, figure.at) and reading.anchor:
        return reading.anchor.isoformat()
    dated = reading.within(reading.periods, figure.sentence.start, figure.sentence.end)
    own_sentence = dated and (_from_before(figure, reading, region=region) or _from_behind(figure, reading))
    return own_sentence or _from_chain(figure, outline, headed=not chained) or _from_whole(figure, outline)


def _from_whole(figure: Figure, outline: Outline) -> str | None:
    """What 截至 sets in the sentence before holds for the parts of it: 截至3月底共690个。其中已投运286个."""
    reading, at = outline.reading, outline.sentence_at(figure.sentence.start)
    if not at or not _OF_WHICH.match(figure.sentence.text):
        return None
    last = reading.sentences[at - 1]
    told = [p for p in reading.within(reading.periods, last.start, last.end) if p.value]
    return next((held_in(reading, p) for p in told if _sets(p, reading.text)), None)


def _from_chain(figure: Figure, outline: Outline, *, headed: bool) -> str | None:
    """What 截至 sets in a chain of semicolons: 截至6月底,…50个;算力115EFLOPS.

    `headed`: only where the chain opens on it, so that it holds for every project of a list.
    """
    reading, at = outline.reading, outline.sentence_at(figure.sentence.start)
    if at is None:
        return None
    sentences = reading.sentences
    start = max(sentences[outline.heads[at]].start, figure.sentence.start - _CHAIN)
    for period in reversed(reading.within(reading.periods, start, figure.sentence.start)):
        if headed and period.span.start - sentences[outline.heads[at]].start > _HEADED:
            continue
        if period.value and _sets(period, reading.text):
            first = reading.within(reading.periods, *_sentence_of(period, outline))
            return held_in(reading, next(p for p in first if p.value and _sets(p, reading.text)))
    return None


def _sentence_of(period: Period, outline: Outline) -> tuple[int, int]:
    index = outline.sentence_at(period.span.start)
    sentence = outline.reading.sentences[index or 0]
    return sentence.start, sentence.end


def _sets(period: Period, text: str) -> bool:
    """Whether a date is set for what follows: 截至…, 到…, …以来."""
    return bool(_UP_TO.search(text, max(0, period.span.start - 4), period.span.start))


def _from_before(figure: Figure, reading: Reading, *, region: bool) -> str | None:
    earlier = [c for c in figure.parts if c.end <= figure.clause.start]
    for clause in reversed(earlier):
        for period in reversed(_periods(reading, clause)):
            if not _dates_the_telling(period, clause, reading.text) and _lasts(period, clause, reading.text):
                return held_in(reading, period)
    if region and earlier:
        for period in _periods(reading, earlier[-1]):
            if not _dates_the_telling(period, earlier[-1], reading.text):
                return period.value
    return None


def _from_behind(figure: Figure, reading: Reading) -> str | None:
    for clause in figure.parts:
        if clause.start >= figure.clause.end and (periods := _periods(reading, clause)):
            if _DUE.search(clause.text):
                return periods[0].value
            if not _BEGUN.search(clause.text):  # 规划3500P,9月动工,明年三季度交付
                return None
    return None


def _periods(reading: Reading, clause: Clause) -> list[Period]:
    return [p for p in reading.within(reading.periods, clause.start, clause.end) if p.value]


def _dates_the_telling(period: Period, clause: Clause, text: str) -> bool:
    """Whether the date is only that of the news: 5月23日签约, 4月9日公告."""
    if re.search(r"截[至止]|到$", text[max(0, period.span.start - 3) : period.span.start]):
        return False
    return bool(pattern("speak", template=r"^[^,]{{0,12}}?{0}").match(text[period.span.end : clause.end]))


def _lasts(period: Period, clause: Clause, text: str) -> bool:
    """Whether a date holds for the clauses behind its own: 截至…, 到…底, a date alone, 今日点亮."""
    after = text[period.span.end : clause.end].strip(",:; ")
    return bool(not after or _sets(period, text) or _DONE.search(after) or _VISITED.fullmatch(after))
