"""One captured response, as the archive hands it to a reader. Ground floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.document import Kind, Tier


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What a server answered, and why it was asked.

    `body` has its transfer and content codings removed and is otherwise untouched: no character was decoded.
    """

    url: str
    """The document's address: the one the listing named, also where redirects led elsewhere."""
    body: bytes
    content_type: str | None = None
    """The Content-Type header as it was sent, which may be wrong. None: there was none."""
    headers: tuple[tuple[str, str], ...] = field(default=())
    """HTTP headers in their order."""
    status: int = 200
    fetched_at: datetime | None = None
    """UTC moment of the response. None: an archive that does not say."""
    source: str | None = None
    """Stem of the source's .yml. None: an archive that paomo did not write."""
    kind: Kind | None = None
    tier: Tier | None = None
    title: str | None = None
    """The headline as the listing gave it, marks such as <em> removed."""
    published: date | None = None
    """Day in Shanghai that the listing gave. None: it gave none."""
    listing: Mapping[str, object] = field(default_factory=dict)
    """The listing's row as it was received (a reader may find a name, a code or a summary there)."""
    position: str = ""
    """`file:offset` of the WARC record below `archive/`."""
