"""How full compute is: utilisation, vacancy, racks filled, capacity let, cards lit."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from nlp.cue import cues
from nlp.event import UtilisationEvent
from nlp.extractors.project_outline import Outline
from nlp.rate import METRICS, Rate, RateReader
from nlp.reading import Reading, Sentence
from nlp.register import Entry, entries
from nlp.scope import referred_to, scope, scope_within, scopes

_HEADED = re.compile(r"([\u4e00-\u9fffA-Za-z*]{3,8}):")
_OWN = re.compile(r"(?<![子孙该限团司责家股上市分])公司(?:目前|现|已|共|合计)?在[^,。;]{2,16}、")
"""公司在京津冀、长三角共运营…: its own centres, wherever they are."""
_OVERALL = re.compile(r"(?:整体|总体|合计|综合)的?(?:平均)?\Z")
_COMPANY = re.compile(r"(?<![子孙该限团司责家股上市分])公司|报告期末")


def extract(reading: Reading) -> Iterator[UtilisationEvent]:
    """Every rate of use of data centres, clusters and their racks; what is only supposed is left out."""
    lexicon = cues("utilisation")
    if not lexicon.pattern("trade").search(reading.text + reading.title):
        return
    listed = [entry for entry in entries(reading) if entry.measure in METRICS]
    yield from (_listed(reading, entry) for entry in listed)
    for rate in RateReader(reading).rates():
        event = _event(reading, rate)
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


def _event(reading: Reading, rate: Rate) -> UtilisationEvent:
    start, end, quote = reading.evidence(rate.start, rate.end)
    where = _scope(reading, rate)
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
        bound=rate.amount.bound,
        scope=where,
        as_of=rate.as_of,
        status=rate.status,
    )


def _scope(reading: Reading, rate: Rate) -> str | None:
    """The sentence's own scope, else that of the sentence before, else a filing's company."""
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
    for sentence in reversed(sentences):
        at = min(rate.at + 1, sentence.end)
        if found := scope(reading, sentence, at, overall=overall) or referred_to(reading, sentence, at):
            return found
    return _reporter(reading, sentences[-1]) if sentences else None


def _reporter(reading: Reading, sentence: Sentence) -> str | None:
    """The firm a filing's headline opens on, or the listed one told of, where the sentence calls it 公司."""
    if not _COMPANY.search(sentence.text):
        return None
    headed = _HEADED.match(reading.title)
    return headed[1] if headed else Outline(reading).reporter
