"""How full compute is: utilisation, vacancy, racks filled, capacity let, cards lit."""

from __future__ import annotations

from collections.abc import Iterator

from nlp.cue import cues
from nlp.event import UtilisationEvent
from nlp.rate import Rate, RateReader
from nlp.reading import Reading
from nlp.scope import scope, scopes


def extract(reading: Reading) -> Iterator[UtilisationEvent]:
    """Every rate of use of data centres, clusters and their racks; what is only supposed is left out."""
    lexicon = cues("utilisation")
    if not lexicon.pattern("trade").search(reading.text + reading.title):
        return
    for rate in RateReader(reading).rates():
        yield _event(reading, rate)


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
    sentences = [s for s in reading.sentences if s.start <= rate.at]
    if rate.listed and sentences:
        index, count = rate.listed
        listed = scopes(reading, sentences[-1], rate.amount.span.start, count=count)
        if listed:
            return listed[index]
    for sentence in reversed(sentences[-2:]):
        found = scope(reading, sentence, min(rate.at + 1, sentence.end))
        if found:
            return found
    return None
