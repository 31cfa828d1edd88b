"""Whose rate it is: the facility, the area or the operator that a sentence names before its figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nlp.cue import cues
from nlp.reading import Reading, Sentence
from nlp.span import Span

NAME = 18
"""Characters of a facility's name at most, its noun not counted."""
FACILITY, OPERATOR, AREA = 3, 2, 1
"""Which of several scopes of one clause is meant: the facility rather than the place it lies in."""

Candidate = tuple[Span, int, str]
_COUNTED = re.compile(r"[两二三四五六七八九十\d]+[个座大处]$")
_KIND = re.compile(r"(?:国家|第三方|托管|企业级|政府|运营商|商业)")
_PAIR = re.compile(r"前者|后者")
NEAR = 200
"""Characters back to what a list names, and to the sentence that tells what 前者 and 后者 are."""
BACK = 400
"""Characters back to what 该集群 is: about two paragraphs of news."""
_NOUN = re.compile(r"^[该此上述这那座个批些]+")
_QUOTED = re.compile(
    r"“([^“”,。;\n]{2,12})”(?:智算|算力|超算|训练|推理)?(?:集群|园区|基地|节点|机房|中心|平台|枢纽)"
)
"""A facility named in quotation marks: “北斗1号”集群."""
_BUILDINGS = re.compile(r"^[一二两三四五六七八九十\d]+[栋幢]$")
"""盖了[三栋]机房: how many buildings, not whose."""
_JOINT = re.compile(r"[、和及与,]|以及")


def scope(reading: Reading, sentence: Sentence, at: int, *, overall: bool = False) -> str | None:
    """The scope before view offset `at` in its sentence; None where only 机房 is said.

    前者 and 后者 are the two things told before them.
    Of one clause the facility goes before the operator, and that before the place; the nearest clause counts,
    or the first one for an `overall` rate (枢纽盘点:甲、乙两地…,其中甲地…;整体上架率).
    """
    found = [c for c in _candidates(reading, sentence, at) if c[0].end <= at + 1]
    if (referred := _referred(reading, sentence, at)) and not any(c[0].start >= referred[0] for c in found):
        return referred[1]
    if not found:
        return None
    clause = _clause_start(reading.text, sentence.start, at)
    here = [c for c in found if c[0].end > clause]
    if here:
        return max(here, key=lambda c: (c[1], c[0].end))[2]
    nearest = (min if overall else max)(c[0].end for c in found)
    clause = _clause_start(reading.text, sentence.start, nearest)
    edge = _clause_end(reading.text, nearest, at) if overall else at + 1
    inside = [c for c in found if clause < c[0].end <= edge]
    return max(inside, key=lambda c: (c[1], c[0].end))[2]


def scope_within(reading: Reading, sentence: Sentence, start: int, end: int) -> str | None:
    """What is named between a metric and its figure: 上架率[东部]71%."""
    found = [c for c in _candidates(reading, sentence, end) if c[0].start >= start]
    return max(found, key=lambda c: (c[1], c[0].end))[2] if found else None


def referred_to(reading: Reading, sentence: Sentence, at: int) -> str | None:
    """The facility named last before the sentence, where that only says 该集群, 这批机柜 or a bare 园区.

    One of the same noun counts first: 该集群 is the last cluster. None: it refers to nothing near.
    """
    words = list(cues("utilisation").pattern("referring").finditer(reading.text, sentence.start, at))
    if not words:
        return None
    noun = _NOUN.sub("", words[-1].group())
    low = max(0, sentence.start - BACK)
    told = [
        thing
        for s in reading.sentences
        if low <= s.start < sentence.start
        for thing in _things(reading, s, s.end)
        if thing[1] == FACILITY
    ]
    alike = [name for _, _, name in told if name.endswith(noun)]
    return alike[-1] if alike else told[-1][2] if told else None


def scopes(reading: Reading, sentence: Sentence, at: int, *, count: int) -> Sequence[str]:
    """The `count` things listed before `at` (庆阳、中卫两个集群…分别为); empty: not so many."""
    sentence = Sentence(max(sentence.start, at - NEAR), sentence.end, sentence.text)
    places = [(p.span, p.name) for p in reading.within(reading.places, sentence.start, at)]
    for named in ([(span, name) for span, _, name in _things(reading, sentence, at)], places):
        for first in range(len(named) - count, -1, -1):
            run = named[first : first + count]
            gaps = [reading.text[a[0].end : b[0].start] for a, b in pairwise(run)]
            if all(_JOINT.fullmatch(gap) for gap in gaps):
                return [name for _, name in run]
    return []


def _things(reading: Reading, sentence: Sentence, at: int) -> list[Candidate]:
    """The candidates before `at` in order, none in another: the facility rather than the place in it."""
    things: list[Candidate] = []
    for candidate in sorted(_candidates(reading, sentence, at), key=lambda c: (-c[1], c[0].start - c[0].end)):
        if not any(candidate[0].overlaps(other[0]) for other in things):
            things.append(candidate)
    return sorted(things)


def _referred(reading: Reading, sentence: Sentence, at: int) -> tuple[int, str] | None:
    """Where 前者 or 后者 stands last before `at`, and the thing it is: the last but one told, or the last."""
    words = list(_PAIR.finditer(reading.text, sentence.start, at))
    if not words:
        return None
    told = _things(reading, sentence, words[0].start())
    if len(told) < 2:
        before = [s for s in reading.sentences if sentence.start - NEAR <= s.start < sentence.start][-1:]
        told = [thing for s in before for thing in _things(reading, s, s.end)]
    apart = [_parted(reading.text, a[0].end, b[0].start) for a, b in pairwise(told)]
    if not any(apart):
        return None
    cut = len(apart) - 1 - apart[::-1].index(True)
    groups = (told[: cut + 1], told[cut + 1 :])
    ahead = [_parted(reading.text, a[0].end, b[0].start) for a, b in pairwise(groups[0])]
    first = groups[0][len(ahead) - ahead[::-1].index(True) :] if any(ahead) else groups[0]
    group = first if words[-1].group() == "前者" else groups[1]
    return words[-1].start(), max(group, key=lambda c: (c[1], c[0].end))[2]


def _parted(text: str, start: int, end: int) -> bool:
    return _JOINT.search(text, start, end) is not None


def _clause_start(text: str, floor: int, at: int) -> int:
    return max(floor, *(text.rfind(mark, floor, at) + 1 for mark in ",:;"))


def _clause_end(text: str, start: int, ceiling: int) -> int:
    return min([ceiling, *(end for mark in ",:;" if (end := text.find(mark, start, ceiling)) >= 0)])


def _candidates(reading: Reading, sentence: Sentence, at: int) -> Iterator[Candidate]:
    text, lexicon = reading.text, cues("utilisation")
    written = lexicon.facts["written"]
    for m in lexicon.pattern("facility").finditer(text, sentence.start, at):
        span = _named(text, sentence.start, m)
        if span is not None:
            yield span, FACILITY, span.of(text)
    for m in _QUOTED.finditer(text, sentence.start, at):
        yield Span(*m.span(1)), FACILITY, m[1]
    for role, rank in (("block", FACILITY), ("actor", OPERATOR), ("area", AREA)):
        for m in lexicon.pattern(role).finditer(text, sentence.start, at):
            if not text.endswith("占", 0, m.start()):  # 占全国的四成
                yield Span(*m.span()), rank, written.get(m.group(), m.group())
    for m in lexicon.pattern("subject").finditer(text, sentence.start, at):
        if not lexicon.pattern("no_subject").search(m.group(1)):
            yield Span(*m.span(1)), OPERATOR, m.group(1)
    for mention in reading.within(reading.companies, sentence.start, at):
        yield mention.span, OPERATOR, mention.company.short_name
    for place in reading.within(reading.places, sentence.start, at):
        if text.startswith("某", place.span.end):  # 甘肃某智算中心: one of its centres, not the province
            continue
        if place.organisation or text.endswith("占", 0, place.span.start):  # 湖北联通
            continue
        if lexicon.pattern("dateline").match(text, place.span.end):
            continue
        yield place.span, AREA, written.get(place.name, place.name)


def _named(text: str, floor: int, facility: re.Match[str]) -> Span | None:
    """The facility with the words that tell which one; None for a mere 数据中心."""
    counted = _COUNTED.search(text, max(floor, facility.start() - 4), facility.start())
    head = counted.start() if counted else facility.start()
    left = max(floor, head - NAME)
    edges = [m.end() for m in cues("utilisation").pattern("edge").finditer(text, left, head)]
    if not edges and left > floor:
        return None
    start = max([left, *edges])
    if start == head and not _KIND.match(facility.group()):
        return None
    modifier = text[start:head]
    written = cues("utilisation").facts["written"]
    if modifier and (_BUILDINGS.match(modifier) or _is_generic(modifier) or modifier in written):
        return None
    return Span(start, facility.end())


def _is_generic(modifier: str) -> bool:
    generic = "|".join(cues("utilisation").facts["generic"])
    return re.fullmatch(f"(?:{generic})*", modifier) is not None
