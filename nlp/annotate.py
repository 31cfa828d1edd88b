"""A document as one spaCy Doc, with what paomo read in it: for displaCy, for a Matcher of one's own.

    doc = annotate(document)
    for span in doc.spans["events"]:
        print(span.label_, span.text, span._.event.record())

The Doc is of the normalised view (simplified, one paragraph a line); `span._.event` keeps the offsets in the
text of record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crawler.document import Document
from nlp.extract import events_of
from nlp.reading import Reading, read
from nlp.segment import language

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span


def annotate(document: Document) -> Doc:
    """The view as a Doc: tokens by jieba's dictionary and ours; `spans["mentions"]` and `spans["events"]`."""
    from spacy.tokens import Span

    if not Span.has_extension("event"):
        Span.set_extension("event", default=None)
    reading = read(document)
    doc = language()(reading.text)
    groups: dict[str, Sequence[Any]] = {
        "COMPANY": reading.companies,
        "HARDWARE": reading.hardware,
        "PERIOD": reading.periods,
        "PLACE": reading.places,
        "QUANTITY": reading.quantities,
    }
    mentions = [_span(doc, m.span.start, m.span.end, label) for label, found in groups.items() for m in found]
    doc.spans["mentions"] = [span for span in mentions if span is not None]
    doc.spans["events"] = _events(doc, reading)
    return doc


def _events(doc: Doc, reading: Reading) -> list[Span]:
    """Each event's evidence as a Span labelled by its kind."""
    spans = []
    starts = [reading.normalised.view.origin(i, i + 1).start for i in range(len(reading.text))]
    for event in events_of(reading):
        start, end = bisect_left(starts, event.start), bisect_left(starts, event.end)
        span = _span(doc, start, end, event.event.upper())
        if span is not None:
            span._.event = event
            spans.append(span)
    return spans


def _span(doc: Doc, start: int, end: int, label: str) -> Span | None:
    """The tokens a stretch of the view touches; None where it touches none."""
    return doc.char_span(start, end, label=label, alignment_mode="expand")
