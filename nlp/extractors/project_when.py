"""Since when a figure held, or when it is to hold."""

from __future__ import annotations

import re

from nlp.clause import Clause
from nlp.extractors.project_figure import Figure
from nlp.extractors.project_words import pattern
from nlp.period import Period
from nlp.reading import Reading

_UP_TO = re.compile(r"截[至止]到?$|到$|至$|以来$")
_DONE = re.compile(r"竣工|完工|落成|验收|转固|点亮|投产|投运|上线|启用|建成|开机|新增")
_DUE = re.compile(r"启用|投用|投产|投运|完工|建成|到位|上线|交付|投入|要等")
_DAY_OF_NOTICE = re.compile(r"截[至止](?:本)?公告(?:披露)?日")


def as_of(figure: Figure, reading: Reading, *, region: bool, chained: bool) -> str | None:
    """The date at which the figure held or is to hold, by EVENTS.md; None where the text gives none.

    A date in the clause counts first; 截至…, a date alone, 今日点亮 hold for the clauses behind. The date of
    a region's figure (`region`) also holds for the next one, that of a chain of semicolons (`chained`) for
    all of it, 预定…启用 at the end for the plan before it.
    """
    clause = figure.clause
    if own := [p for p in _periods(reading, clause) if not _dates_the_telling(p, clause, reading.text)]:
        before = [p for p in own if p.span.start < figure.at]
        return _value(before[-1] if before else own[0], reading.text)
    if _DAY_OF_NOTICE.search(reading.text, figure.sentence.start, figure.at) and reading.anchor:
        return reading.anchor.isoformat()
    return (
        _from_before(figure, reading, region=region)
        or _from_behind(figure, reading)
        or (_from_chain(figure, reading) if chained else None)
    )


def _from_chain(figure: Figure, reading: Reading) -> str | None:
    """Of no project, what 截至 sets at the head of a chain of semicolons: 截至6月底,…50个;算力115EFLOPS."""
    sentences = reading.sentences
    at = next(i for i, s in enumerate(sentences) if s.start == figure.sentence.start)
    while at and sentences[at - 1].text.rstrip().endswith(";"):
        at -= 1
        for period in reading.within(reading.periods, sentences[at].start, sentences[at].end):
            if period.value and _UP_TO.search(reading.text[: period.span.start][-4:]):
                return _value(period, reading.text)
    return None


def _from_before(figure: Figure, reading: Reading, *, region: bool) -> str | None:
    earlier = [c for c in figure.parts if c.end <= figure.clause.start]
    for clause in reversed(earlier):
        for period in reversed(_periods(reading, clause)):
            if not _dates_the_telling(period, clause, reading.text) and _lasts(period, clause, reading.text):
                return _value(period, reading.text)
    if region and earlier:
        for period in _periods(reading, earlier[-1]):
            if not _dates_the_telling(period, earlier[-1], reading.text):
                return period.value
    return None


def _from_behind(figure: Figure, reading: Reading) -> str | None:
    for clause in figure.parts:
        if clause.start >= figure.clause.end and (periods := _periods(reading, clause)):
            return periods[0].value if _DUE.search(clause.text) else None
    return None


def _periods(reading: Reading, clause: Clause) -> list[Period]:
    return [p for p in reading.within(reading.periods, clause.start, clause.end) if p.value]


def _value(period: Period, text: str) -> str:
    """The period's date; 截至一季度末 is the month the quarter ends in."""
    ends = re.search(r"季度?末|半年末", text[period.span.start : period.span.end + 1])
    return period.value.split("/")[1] if ends and "/" in period.value else period.value


def _dates_the_telling(period: Period, clause: Clause, text: str) -> bool:
    """Whether the date is only that of the news: 5月23日签约, 4月9日公告."""
    if re.search(r"截[至止]|到$", text[max(0, period.span.start - 3) : period.span.start]):
        return False
    return bool(pattern("speak", template=r"^[^,]{{0,12}}?{0}").match(text[period.span.end : clause.end]))


def _lasts(period: Period, clause: Clause, text: str) -> bool:
    """Whether a date holds for the clauses behind its own: 截至…, 到…底, a date alone, 今日点亮."""
    after = text[period.span.end : clause.end].strip(",:; ")
    return bool(not after or _UP_TO.search(text[: period.span.start][-4:]) or _DONE.search(after))
