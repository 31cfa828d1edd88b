"""How full compute is: utilisation, vacancy, racks filled, capacity let, cards lit."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from nlp.cue import cues
from nlp.event import UtilisationEvent
from nlp.extractors.hearsay import clarified
from nlp.extractors.project_name import phases
from nlp.extractors.project_outline import Outline
from nlp.rate import METRICS, Rate, RateReader
from nlp.reading import Reading, Sentence
from nlp.register import Entry, entries
from nlp.scope import referred_to, scope, scope_within, scopes

_HEADED = re.compile(r"([\u4e00-\u9fffA-Za-z*]{3,8}):")
_OWN = re.compile(r"(?<![子孙该限团司责家股上市分])公司(?:目前|现|已|共|合计)?在[^,。;]{2,16}、")
"""公司在京津冀、长三角共运营…: its own centres, wherever they are."""
_ROUGHLY = re.compile(r"(?:大概|大约|差不多|估摸|约莫|估计)(?:能|也)?(?:占|是|在|有|就)?了?$")
_BEYOND = re.compile(r"(?:刚刚?过|过了|站上|越过|跨过|迈过)$")
_OVERALL = re.compile(r"(?:整体|总体|合计|综合)的?(?:平均)?\Z")
_COMPANY = re.compile(r"(?<![子孙该限团司责家股上市分])公司|报告期末|自有[卡机集算]|自持|本集团|我司")


def extract(reading: Reading) -> Iterator[UtilisationEvent]:
    """Every rate of use of data centres, clusters and their racks; what is only supposed is left out."""
    lexicon = cues("utilisation")
    if not lexicon.pattern("trade").search(reading.text + reading.title):
        return
    listed = [entry for entry in entries(reading) if entry.measure in METRICS]
    yield from (_listed(reading, entry) for entry in listed)
    outline = Outline(reading)
    for rate in RateReader(reading).rates():
        told_in = _sentence(reading, rate)
        if told_in and clarified(reading.title, told_in):
            continue
        event = _event(reading, rate, outline)
        if not any(e.table.start <= event.start and event.end <= e.table.end for e in listed):
            yield event


def _listed(reading: Reading, entry: Entry) -> UtilisationEvent:
    """A rate of a table; its scope is the row's label."""
    target = cues("utilisation").pattern("target").search(entry.head + entry.row)
    return UtilisationEvent(
        doc_id=reading.document.doc_id,
        start=entry.start,
        end=entry.end,
        quote=reading.document.text[entry.start : entry.end],
        confidence=0.85,
        rule=f"utilisation.{entry.measure}.table",
        metric=entry.measure,
        rate=entry.quantity.low,
        rate_max=entry.quantity.high,
        bound=entry.quantity.bound,
        scope=entry.label or (None if entry.label_head else Outline(reading).reporter),
        as_of=entry.as_of,
        status="target" if target else "observed",
    )


def _sentence(reading: Reading, rate: Rate) -> Sentence | None:
    at = bisect_right(reading.sentences, rate.at, key=lambda s: s.start) - 1
    return reading.sentences[at] if at >= 0 else None


def _event(reading: Reading, rate: Rate, outline: Outline) -> UtilisationEvent:
    start, end, quote = reading.evidence(rate.start, rate.end)
    where = _scope(reading, rate, outline)
    confidence = 0.95 if rate.named else 0.8
    return UtilisationEvent(
        doc_id=reading.document.doc_id,
        start=start,
        end=end,
        quote=quote,
        confidence=round(confidence - (0.1 if where is None else 0), 2),
        rule=f"utilisation.{rate.metric}.{'named' if rate.named else 'share or carried'}",
        metric=rate.metric,
        rate=rate.amount.low,
        rate_max=rate.amount.high,
        bound=_bound(reading.text, rate),
        scope=where,
        as_of=rate.as_of,
        status=rate.status,
    )


def _bound(text: str, rate: Rate) -> str:
    """The share's own bound, or the one a word apart from it sets: 大概占七成五, 72%附近, 刚过五成."""
    span, bound = rate.amount.span, rate.amount.bound
    if bound != "exact":
        return bound
    before = text[max(0, span.start - 6) : span.start]
    if _ROUGHLY.search(before) or text.startswith(("附近", "上下"), span.end):
        return "about"
    return "over" if _BEYOND.search(before) else bound


def _scope(reading: Reading, rate: Rate, outline: Outline) -> str | None:
    """The sentence's own scope, else that of the sentence before, else a filing's company or the project."""
    sentences = reading.sentences[: bisect_right(reading.sentences, rate.at, key=lambda s: s.start)][-2:]
    if rate.listed and sentences:
        index, count = rate.listed
        listed = scopes(reading, sentences[-1], rate.amount.span.start, count=count)
        if listed:
            return listed[index]
    if sentences and _OWN.search(sentences[-1].text) and (firm := _reporter(reading, sentences[-1])):
        return firm
    share = rate.amount.span.start
    if sentences and rate.named and (within := scope_within(reading, sentences[-1], rate.at, share)):
        return within
    overall = bool(_OVERALL.search(reading.text, max(0, rate.at - 6), rate.at))
    opener = _opener(outline, rate.at)
    for sentence in reversed(sentences):
        if sentence is not sentences[-1] and opener:
            return opener
        at = min(rate.at + 1, sentence.end)
        if found := scope(reading, sentence, at, overall=overall) or referred_to(reading, sentence, at):
            phase = None if sentence is sentences[-1] else _phase_of(outline, found, sentences[-1], rate.at)
            return phase or found
    if not sentences:
        return None
    return _reporter(reading, sentences[-1]) or opener or _project(outline, sentences[-1], rate.at)


def _opener(outline: Outline, at: int) -> str | None:
    """The firm that opens the paragraph of a round-up: 云岚科技,上半年…,上架率71%."""
    start = outline.text.rfind("\n", 0, at) + 1
    return next((o.name for o in outline.entries if start <= o.span.start < at), None)


def _phase_of(outline: Outline, found: str, sentence: Sentence, at: int) -> str | None:
    """The phase that this sentence tells of, of the project the sentence before named; None: of none."""
    named, told = outline.name_before(sentence.start), phases(outline.text, sentence.start, at)
    same = named and told and not named.phase and named.name.endswith(found)
    return f"{named.name}{told[-1].name}" if named and same else None


def _project(outline: Outline, sentence: Sentence, at: int) -> str | None:
    """The phase told of, of the project named last; else the only project of the document."""
    named = outline.name_before(at)
    if not named or named.weak:
        return None
    told = phases(outline.text, sentence.start, at)
    if told and not any(s.span.start > named.span.end for s in outline.wide_places if s.span.start < at):
        return named.name.removesuffix("项目") + told[-1].name
    return named.name if len({n.name for n in outline.names if not n.weak}) == 1 else None


def _reporter(reading: Reading, sentence: Sentence) -> str | None:
    """The firm a filing's headline opens on, or the listed one told of, where the sentence calls it 公司."""
    if not _COMPANY.search(sentence.text):
        return None
    headed = _HEADED.match(reading.title)
    return headed[1] if headed else Outline(reading).reporter
