"""One document through the extractor, with everything that can go wrong as a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeAlias

from crawler.document import Document
from crawler.overtime import Overtime
from crawler.reading.rejected import Rejected
from nlp.event import ContractEvent, Event
from warehouse.timely import Timely

Extract: TypeAlias = Callable[[Document], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A document the extractor could not digest."""

    location: str
    reason: str
    message: str
    stage: str = "extract"


@dataclass(frozen=True, slots=True)
class Extracted:
    """One document and what was read in it."""

    document: Document
    events: tuple[Event, ...]
    dropped: tuple[Refused, ...] = ()
    """Events that cannot be true: their evidence, number or date is impossible."""


@dataclass(frozen=True, kw_only=True)
class Given(Document):
    """A document that was read elsewhere (`paomo extract --out`), with what was read in it."""

    events: tuple[Event, ...] | None
    """None: it was refused, and why is the first of `refused`."""
    refused: tuple[Refused, ...] = ()


LIMITS = {
    "contract": (Decimal(1), Decimal("1e12")),
    "price": (Decimal(0), Decimal("1e12")),
    "project": (Decimal(0), Decimal("1e14")),
    "utilisation": (Decimal(0), Decimal(100)),
}
"""Least and most an amount (a rate) of each kind can be; warehouse/checks/050_amounts.sql holds the same."""
_AMOUNT = ("amount", "amount_max")
_BOUNDS = {"contract": _AMOUNT, "price": _AMOUNT, "project": _AMOUNT, "utilisation": ("rate", "rate_max")}
DIGITS: dict[str, tuple[tuple[str, int], ...]] = {
    "contract": (("term_months", 8),),
    "price": (("cny_per_gpu_hour", 22), ("quantity", 14)),
    "project": (),
    "utilisation": (),
}
"""Digits before the point that the other columns hold."""


def wrong_with(event: Event, document: Document) -> str | None:
    """Why this event must not be told, in one line; None: it may."""
    wrong = _wrong_evidence(event, document) or _wrong_number(event) or _wrong_date(event, document)
    return f"{event.event} event of rule {event.rule}: {wrong}; dropped" if wrong else None


def _wrong_evidence(event: Event, document: Document) -> str | None:
    if event.quote and document.text[event.start : event.end] == event.quote:
        return None
    return f"its quote is not text[{event.start}:{event.end}]"


def _wrong_number(event: Event) -> str | None:
    least, most = LIMITS[event.event]
    low_name, high_name = _BOUNDS[event.event]
    low, high = getattr(event, low_name), getattr(event, high_name)
    for name, value in ((low_name, low), (high_name, high)):
        if value is not None and not (value.is_finite() and least <= value <= most):
            return f"{name} {value} is not plausible"
    if low is not None and high is not None and high < low:
        return f"{high_name} {high} is below {low_name} {low}"
    for name, digits in DIGITS[event.event]:
        value = getattr(event, name)
        if value is not None and (not value.is_finite() or value.adjusted() >= digits):
            return f"{name} {value} is not plausible"
    return None


def _wrong_date(event: Event, document: Document) -> str | None:
    """A fact cannot lie after the day it was told; where that is not known, after today."""
    if not isinstance(event, ContractEvent) or event.status != "effective" or not event.event_date:
        return None
    told = document.published or datetime.now(SHANGHAI).date()
    # an evening filing carries the date of the next day
    if event.event_date[:10] > (told + timedelta(days=1)).isoformat():
        return f"it is told as done on {event.event_date}, after {told}"
    return None


SHANGHAI = timezone(timedelta(hours=8))


extract_one: Extract = Timely()
"""The real extractor, under the usual time limit."""


def extractor_version() -> str:
    """Version that is stored with every mention."""
    from nlp.extract import VERSION

    return VERSION


def unstorable(document: Document) -> Refused | None:
    """A document no database can hold: a lone surrogate (JSON writes it as \\ud83d) is not a character."""
    for name in ("doc_id", "text", "title", "url", "published_text", "author", "source"):
        try:
            (getattr(document, name) or "").encode("utf-8")
        except UnicodeEncodeError as error:
            message = (
                f"character {error.start} of its {name} is half a surrogate pair; save it as valid UTF-8"
            )
            return Refused(storable(document.doc_id), "encoding", message, "read")
    return None


def attempt(document: Document, extract: Extract = extract_one) -> Extracted | Refused:
    """Read one document; anything wrong with it is a Refused, so that the rest of the run goes on.

    What was given is not read again, but its events are held to the same rules.
    """
    dropped: tuple[Refused, ...] = ()
    try:
        if not isinstance(document, Given):
            events = tuple(extract(document))
        elif document.events is None:
            return document.refused[0]
        else:
            events, dropped = document.events, document.refused
    except Overtime:
        message = "takes longer to read than the time limit; raise --time-limit, split it or leave it out"
        return Refused(document.doc_id, "too-slow", message)
    except Exception as error:
        return Refused(
            document.doc_id,
            "extractor-failed",
            f"the extractor failed ({type(error).__name__}: {error}); please report it with the document",
        )
    wrong = [wrong_with(event, document) for event in events]
    return Extracted(
        document,
        tuple(event for event, fault in zip(events, wrong, strict=True) if fault is None),
        dropped + tuple(Refused(document.doc_id, "bad-event", fault) for fault in wrong if fault),
    )


def refusal(rejected: Rejected) -> Refused:
    """A reader's reject as ours."""
    return Refused(storable(rejected.where), rejected.reason, storable(rejected.message), "read")


def storable(text: str) -> str:
    """The text with a question mark for each lone surrogate (a file name in another encoding has them)."""
    return text.encode("utf-8", "replace").decode()
