"""A document: the text of record, and where it came from. Ground floor; imports nothing of paomo."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal

Kind = Literal["filing", "news"]
Tier = Literal["official", "regulated", "media", "aggregator"]


@dataclass(frozen=True, kw_only=True)
class Document:
    """One text as it was published, never normalised.

    `text` is the text of record: every offset paomo stores is a code point of it. A better reader makes a new
    version (another `sha256`) of the same `doc_id`.
    """

    doc_id: str
    """Stable name: the id of a JSON Lines document, else the URL, else the file's path as it was given."""
    text: str
    url: str | None = None
    title: str | None = None
    """The headline: context, sometimes the only place that names the company. Evidence never lies in it."""
    published: date | None = None
    """Day of publication in Shanghai; anchors 今年 and 10月25日. None: the source does not say."""
    published_text: str | None = None
    """The date as it was printed, before it was parsed."""
    source: str | None = None
    """The source's name: the stem of its .yml, or what the JSON Lines document says."""
    kind: Kind | None = None
    tier: Tier | None = None
    """How far the source is trusted, best first: official, regulated, media, aggregator."""
    author: str | None = None
    fetched_at: datetime | None = None
    """UTC moment of the capture. None: a file of the user's."""
    media_type: str | None = None
    reader: str = "text/1"
    """Name and version of the reader that made `text` from the bytes."""
    pages: tuple[int, ...] = field(default=())
    """Offset in `text` at which each page begins, first one 0. Empty: the document has no pages."""

    @cached_property
    def sha256(self) -> str:
        """Digest of the text of record, in hex."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def page_of(self, offset: int) -> int | None:
        """Number of the page, from 1, that holds `offset`; None where there are no pages."""
        return bisect_right(self.pages, offset) if self.pages else None
