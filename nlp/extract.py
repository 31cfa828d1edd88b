"""Document to events: the pure function at the heart of paomo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from crawler.document import Document
from nlp.event import Event
from nlp.extractors import contract, price, project, utilisation
from nlp.reading import Reading, read
from nlp.topic import windows

VERSION = "4"
"""Raised with every change that can change an event: documents read by an older one are read again."""

EXTRACTORS: tuple[Callable[[Reading], Iterable[Event]], ...] = (
    contract.extract,
    price.extract,
    project.extract,
    utilisation.extract,
)
"""Every extractor, in the order their events are printed. A new event type is one file and one line here."""


def extract(document: Document) -> list[Event]:
    """All events of one document; `text[start:end] == quote` holds for each."""
    parts = windows(document.text)
    return events_of(read(document, parts=parts)) if parts else []


def events_of(reading: Reading) -> list[Event]:
    """The events of a document that has been read."""
    return [event for extractor in EXTRACTORS for event in extractor(reading)]


def extract_all(documents: Iterable[Document]) -> Iterator[Event]:
    """The events of many documents, in their order."""
    for document in documents:
        yield from extract(document)
