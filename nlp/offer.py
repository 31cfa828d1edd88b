"""A price with what the text around it says of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from nlp.quantity import Quantity


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One price with what the text around it says; offsets are of the view. None: not said."""

    start: int
    end: int
    amount: Quantity
    items: tuple[str, ...]
    kind: str
    """rent, purchase, resale, cost."""
    form: str | None
    """card, server, rack, PFLOPS, kW, kWh."""
    gpus: int | None
    period: str | None
    earlier: str | None
    """The period before the last one told, should that one not fit."""
    quantity: Decimal | None
    """Units that this price buys together; None: it is the price of one."""
    as_of: str | None
    qualifier: str | None
    bound: str
    doubts: tuple[str, ...]
    """What was carried or inferred, for the confidence and for `explain`."""
    printed: bool = False
    """`start` and `end` are of the text of record, not of the view."""
