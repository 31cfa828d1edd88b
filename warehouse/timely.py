"""The extractor under a time limit: a document past it is a reject, not a hang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.document import Document
from crawler.overtime import limited
from nlp.event import Event

SECONDS = 20.0
"""A hundred times what the longest annual report takes."""


@dataclass(frozen=True, slots=True)
class Timely:
    """The real extractor; raises Overtime after so many seconds. None: no limit."""

    seconds: float | None = SECONDS

    def __call__(self, document: Document) -> Sequence[Event]:
        """The events of one document; the extractor is imported when the first one comes."""
        from nlp.extract import extract

        with limited(self.seconds):
            return extract(document)
