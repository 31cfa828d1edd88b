"""The four kinds of event, field by field as in the event contract (docs/events.md)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, ClassVar

HOURS_A_PERIOD = {"hour": Decimal(1), "day": Decimal(24), "month": Decimal(730), "year": Decimal(8760)}
"""Hours in a rental period; a month is 730 h and a year 8,760 h by the event contract."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What all events carry: where they were read and how sure that is."""

    event: ClassVar[str]

    doc_id: str
    start: int
    """First code point of the evidence in Document.text."""
    end: int
    quote: str
    """Exactly `Document.text[start:end]`."""
    confidence: float
    """0 to 1."""
    rule: str
    """Which rule fired, for `explain`."""

    def record(self) -> dict[str, Any]:
        """The event as a JSON object: exact numbers as int where whole, else float; unset fields are null."""
        out: dict[str, Any] = {"event": self.event}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, Decimal):
                value = int(value) if value == value.to_integral_value() else float(value)
            out[f.name] = value
        return out


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractEvent(Event):
    """One thing that happened to one contract."""

    event: ClassVar[str] = "contract"

    action: str
    """signed, amended, delayed, suspended, terminated, disputed."""
    status: str = "effective"
    """effective, proposed, denied, rumoured."""
    category: str | None = None
    """compute_rental, equipment, construction, cooperation, other."""
    company: str | None = None
    """Short name, simplified, of the listed company that reports or whose subsidiary signed."""
    company_code: str | None = None
    """Six digits."""
    party: str | None = None
    """The subsidiary that signed on the company's side; None where the company did."""
    counterparty: str | None = None
    contract: str | None = None
    """The contract's name in the text, without brackets."""
    signed_date: str | None = None
    event_date: str | None = None
    amount: Decimal | None = None
    """In units of `currency`."""
    amount_max: Decimal | None = None
    bound: str | None = None
    currency: str | None = None
    """ISO 4217."""
    term_months: Decimal | None = None
    reason: str | None = None
    """supply, demand, funding, counterparty, policy, mutual, other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceEvent(Event):
    """One quoted price."""

    event: ClassVar[str] = "price"

    kind: str
    """rent, purchase, resale, cost."""
    item: str
    """Canonical model (H100, RTX 4090, Ascend 910B), or GPU, server, compute, rack, electricity, cooling_…"""
    unit: str | None = None
    """card, server, PFLOPS, kW, kWh, rack, lot; None where the text leaves it open."""
    gpus: int | None = None
    """GPUs in that unit; None: not said."""
    quantity: Decimal | None = None
    """Units in a lot."""
    amount: Decimal
    amount_max: Decimal | None = None
    bound: str | None = None
    currency: str | None = None
    period: str | None = None
    """hour, day, month, year; None for a one-off price."""
    as_of: str | None = None
    qualifier: str | None = None
    """peak, low, claimed, black_market."""
    cny_per_gpu_hour: Decimal | None = None
    """Rents in CNY with known GPUs: amount / gpus / hours of the period."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectEvent(Event):
    """One measure of one project, or of a whole region."""

    event: ClassVar[str] = "project"

    project: str | None = None
    """None for a region or a company's whole programme."""
    operator: str | None = None
    place: str | None = None
    stage: str | None = None
    """announced, approved, tender, under_construction, completed, operating, idle, suspended, cancelled."""
    measure: str
    """compute, investment, racks, servers, cards, power, land, floor, projects."""
    amount: Decimal
    amount_max: Decimal | None = None
    bound: str | None = None
    unit: str
    """PFLOPS, CNY (any ISO 4217), rack, server, card, MW, m2, project."""
    as_of: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UtilisationEvent(Event):
    """One rate of use."""

    event: ClassVar[str] = "utilisation"

    metric: str
    """utilisation, vacancy, rack_rate, rental_rate, lit_rate."""
    rate: Decimal
    """Per cent: 32 for 32 %."""
    rate_max: Decimal | None = None
    bound: str | None = None
    scope: str | None = None
    as_of: str | None = None
    status: str = "observed"
    """observed, target."""
