"""Whose rate it is: the facility, the area or the operator that a sentence names before its figure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.cue import cues
from nlp.reading import Reading, Sentence
from nlp.span import Span

NATIONWIDE = "全国"
NAME = 18
"""Characters of a facility's name at most, its noun not counted."""
_GENERIC = re.compile(r"^(?:大型|新型|该|本|此|座|自建|自营|新建|各类|其他|公司|自家|一批)*$")


def scope(reading: Reading, sentence: Sentence, at: int) -> str | None:
    """The nearest scope before view offset `at` in its sentence; None where only 机房 or 公司 is said.

    A facility goes before the place it lies in, and what stands nearer before what stands further off; a national
    figure is 全国.
    """
    found = list(_candidates(reading, sentence, at))
    if not found:
        return None
    clause = max(reading.text.rfind(mark, sentence.start, at) for mark in ",:;") + 1
    here = [c for c in found if c[0].start >= clause]
    span, rank, name = max(here or found, key=lambda c: (c[1], c[0].end) if here else (c[0].end, c[1]))
    return name


def _candidates(reading: Reading, sentence: Sentence, at: int) -> Iterator[tuple[Span, int, str]]:
    text, lexicon = reading.text, cues("utilisation")
    for m in lexicon.pattern("facility").finditer(text, sentence.start, at):
        span = _named(text, sentence.start, m)
        if span is not None:
            yield span, 3, span.of(text)
    for role, rank in (("actor", 2), ("area", 1)):
        for m in lexicon.pattern(role).finditer(text, sentence.start, at):
            national = lexicon.pattern("nationwide").fullmatch(m.group())
            yield Span(*m.span()), rank, NATIONWIDE if national else m.group()
    for mention in reading.within(reading.companies, sentence.start, at):
        yield mention.span, 2, mention.company.short_name
    for place in reading.within(reading.places, sentence.start, at):
        yield place.span, 1, place.name


def _named(text: str, floor: int, facility: re.Match[str]) -> Span | None:
    """The facility with the words that tell which one; None for a mere 数据中心."""
    left = max(floor, facility.start() - NAME)
    edges = [m.end() for m in cues("utilisation").pattern("edge").finditer(text, left, facility.start())]
    start = max([left if left == floor else left, *edges])
    modifier = text[start : facility.start()]
    if start == left and left > floor and not edges:
        return None
    inner = re.match(r"(?:国家|第三方|托管|企业级|政府|运营商|商业)", facility.group())
    if _GENERIC.match(modifier) and not inner:
        return None
    return Span(start, facility.end())
