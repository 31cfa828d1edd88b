"""Numbers without a unit that are quantities only where a price is awaited: 月租8500, 今年3月7200."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from nlp.price_pattern import BARE
from nlp.quantity import Quantity
from nlp.reading import Reading
from nlp.span import Span

_NEAR = 24
"""Characters before such a number in which what overlaps it may begin."""


def bare_prices(reading: Reading) -> Iterator[Quantity]:
    """The bare numbers of the view that may be prices and are no other quantity and no model, in order."""
    for m in BARE.finditer(reading.text):
        span, near = Span(*m.span()), max(0, m.start() - _NEAR)
        around = (reading.quantities, reading.hardware)
        others = [o.span for found in around for o in reading.within(found, near, m.end())]
        if not any(other.overlaps(span) for other in others):
            yield Quantity(span, span, "number", Decimal(m.group()), None, "", "exact", (), m.group())
