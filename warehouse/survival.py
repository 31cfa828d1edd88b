"""How long contracts live: Kaplan-Meier through lifelines, left truncated and right censored.

A contract's clock begins when it was signed. It enters the risk set on the day it was first disclosed (for
before that its end would not have been seen) and leaves it when it was cancelled, or, alive, on the last day
it was told of. One first disclosed by its own cancellation was never at risk in sight and is left out, and so
is one whose signing is not known to the quarter: its clock cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.rows import registered

MONTH = 30.4375
"""Days: a year of 365.25 over twelve."""
FEWEST = 2
"""Contracts below which a category has no curve of its own."""

_LIVES = """
    SELECT c.category, greatest(c.first_told - c.signed_from, 0) AS entered,
        CASE WHEN c.state <> 'terminated' THEN c.last_told
            WHEN c.cancelled_to - c.cancelled_from <= 92 THEN c.cancelled_from
            -- the day is not said, or only the year: it ended when that was told
            ELSE e.first_told END - c.signed_from AS left,
        c.state = 'terminated' AS cancelled
    FROM contracts c
    LEFT JOIN contract_events e
        ON e.contract_no = c.contract_no AND e.action = 'terminated' AND e.status = 'effective'
    WHERE c.signed_to - c.signed_from <= 92 AND c.state NOT IN ('proposed', 'rumoured', 'denied')
    ORDER BY c.contract_no
"""


@dataclass(frozen=True, slots=True)
class Life:
    """One contract, in days since signing."""

    category: str | None
    entered: int
    left: int
    cancelled: bool


def survive(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill contract_survival; empty where no contract was seen alive for a day."""
    connection.execute("DELETE FROM contract_survival")
    lives = [Life(*row) for row in connection.execute(_LIVES).fetchall()]
    lives = [life for life in lives if life.left > life.entered]
    rows = list(curve(lives, None))
    for category in sorted({life.category for life in lives if life.category}):
        part = [life for life in lives if life.category == category]
        if len(part) >= FEWEST:
            rows += curve(part, category)
    if rows:
        with registered(connection, pa.Table.from_pylist(rows)):
            connection.execute("INSERT INTO contract_survival BY NAME FROM incoming")


def curve(lives: Sequence[Life], category: str | None) -> Iterator[dict[str, Any]]:
    """The curve month by month, from the first month anybody was at risk."""
    if not lives:
        return
    from lifelines import KaplanMeierFitter  # costs a second: only where there is something to fit

    left = [life.left / MONTH for life in lives]
    entered = [life.entered / MONTH for life in lives]
    fitter = KaplanMeierFitter()
    fitter.fit(left, [life.cancelled for life in lives], entry=entered)
    months = list(range(int(min(entered)), int(max(left)) + 2))
    survival = fitter.survival_function_at_times(months).tolist()
    limits = fitter.confidence_interval_.reindex(months, method="ffill").bfill()
    for i, month in enumerate(months):
        ended = [life for life in lives if month - 1 < life.left / MONTH <= month]
        yield {
            "category": category,
            "month": month,
            "at_risk": sum(e <= month < left_ for e, left_ in zip(entered, left, strict=True)),
            "cancelled": sum(life.cancelled for life in ended),
            "censored": sum(not life.cancelled for life in ended),
            "survival": survival[i],
            "lower": _within(limits.iloc[i, 0], survival[i]),
            "upper": _within(limits.iloc[i, 1], survival[i]),
            "contracts": len(lives),
        }


def _within(limit: float, survival: float) -> float:
    """A limit as a number: where nobody died yet lifelines gives none, and the curve is its own limit."""
    return survival if limit != limit else float(limit)
