"""Documents whose events are given: the warehouse's tests do not depend on how well the extractor reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crawler.document import Document
from nlp.event import ContractEvent, Event, PriceEvent, ProjectEvent, UtilisationEvent

CLASSES = {c.event: c for c in (ContractEvent, PriceEvent, ProjectEvent, UtilisationEvent)}
NUMBERS = {"amount", "amount_max", "rate", "rate_max", "term_months", "quantity", "cny_per_gpu_hour"}


def document(
    doc_id: str,
    text: str,
    *,
    published: str | None = None,
    tier: str | None = None,
    kind: str | None = None,
    source: str | None = None,
    fetched_at: datetime | None = None,
    title: str | None = None,
) -> Document:
    return Document(
        doc_id=doc_id,
        text=text,
        published=date.fromisoformat(published) if published else None,
        tier=tier,  # type: ignore[arg-type]
        kind=kind,  # type: ignore[arg-type]
        source=source,
        fetched_at=fetched_at,
        title=title,
    )


def event(told: Document, what: str, quote: str | None = None, /, **fields: Any) -> Event:
    quote = told.text if quote is None else quote
    start = told.text.index(quote)
    values = {k: Decimal(str(v)) if k in NUMBERS and v is not None else v for k, v in fields.items()}
    return CLASSES[what](
        doc_id=told.doc_id,
        start=start,
        end=start + len(quote),
        quote=quote,
        **{"confidence": 0.9, "rule": "told", **values},
    )


class Told:
    """An extractor that says what it was told of each document; anything else has no events."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events: dict[str, list[Event]] = {}
        for each in events:
            self.events.setdefault(each.doc_id, []).append(each)

    def __call__(self, read: Document) -> Sequence[Event]:
        return [e for e in self.events.get(read.doc_id, []) if read.text[e.start : e.end] == e.quote]


Extract = Callable[[Document], Sequence[Event]]
