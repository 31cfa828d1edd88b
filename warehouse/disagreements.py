"""Where tellings of one price, one project's measure or one rate differ: which figure counts, and which lost.

A figure only disagrees with one that is told of the very same thing: the same measure of the same project
and day, the same quote in a copy. Two prices two people quote are two prices, and what a document says beside
what the better one says (another cluster, another month) is no disagreement either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from warehouse.likeness import Like, amounts

SOON = 45
"""Days within which two undated tellings of one thing mean the same moment; later it may have changed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as one document gives it. Figures of one slot are told of the same thing."""

    slot: Hashable
    low: float
    high: float | None
    bound: str | None
    event_id: str
    doc_id: str
    source: str | None
    original: str
    tier: int
    told: int
    """Days since 1970-01-01."""
    start: int
    """Where it stands in its document."""
    printed: str
    """With its unit, for people."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A figure that lost against a better one."""

    kept: Figure
    other: Figure
    why: str


def disagreements(
    figures: Iterable[Figure], *, broken_only: bool = False, soon: int = SOON
) -> Iterator[Lost]:
    """Every figure that cannot be right where the best one of its slot and time is."""
    slots: dict[Hashable, list[Figure]] = defaultdict(list)
    for figure in figures:
        slots[figure.slot].append(figure)
    for slot in slots.values():
        if len({f.doc_id for f in slot}) > 1 and len({f.low for f in slot}) > 1:
            for near in _moments(slot, soon):
                yield from _lost(near, broken_only=broken_only)


def _moments(figures: Sequence[Figure], soon: int) -> Iterator[list[Figure]]:
    """Figures told soon after the first of them, then those told later."""
    part: list[Figure] = []
    for figure in sorted(figures, key=lambda f: (f.told, f.event_id)):
        if part and figure.told - part[0].told > soon:
            yield part
            part = []
        part.append(figure)
    if part:
        yield part


def _lost(figures: Sequence[Figure], *, broken_only: bool) -> Iterator[Lost]:
    best = _best(figures)
    kept = [f for f in figures if f.doc_id == best.doc_id]
    for doc_id, group in groupby(sorted(figures, key=lambda f: (f.doc_id, f.start)), key=lambda f: f.doc_id):
        if doc_id != best.doc_id:
            for ours, theirs, why in _pairs(kept, list(group)):
                if why == BROKEN or not broken_only:
                    yield Lost(ours, theirs, why)


def _best(figures: Sequence[Figure]) -> Figure:
    """Of the best sources' figures the one that most texts agree with, then the one that was told first."""
    tier = min(f.tier for f in figures)
    # thousands of figures of one slot are a hundred different values: those are compared, not the figures
    alike: dict[tuple[float, float | None, str | None], list[Figure]] = defaultdict(list)
    for figure in figures:
        alike[_value(figure)].append(figure)
    agreeing = {
        value: len({f.original for others in alike.values() if agree(same[0], others[0]) for f in others})
        for value, same in alike.items()
        if any(f.tier == tier for f in same)
    }
    best = [f for f in figures if f.tier == tier]
    return min(best, key=lambda f: (-agreeing[_value(f)], f.told, f.event_id))


def _value(figure: Figure) -> tuple[float, float | None, str | None]:
    return figure.low, figure.high, figure.bound


BROKEN, DISAGREES = "a broken number", "disagrees"


def _pairs(kept: Sequence[Figure], told: Sequence[Figure]) -> Iterator[tuple[Figure, Figure, str]]:
    """What one document says otherwise: broken numbers, and the rest where each has its opposite."""
    left = [k for k in kept if not any(agree(k, t) for t in told)]
    others = [t for t in told if not any(agree(k, t) for k in kept)]
    alone = len(left) == len(others) == 1 and len(kept) == len(told)
    for theirs in others:
        ours = next((k for k in left if _like(k, theirs) is Like.BROKEN), None)
        if ours is not None:
            left.remove(ours)
            yield ours, theirs, BROKEN
        elif alone:
            yield left[0], theirs, DISAGREES


def agree(a: Figure, b: Figure) -> bool:
    """Whether both can be right: within rounding, or one of them only a bound."""
    if _like(a, b) >= Like.UNKNOWN:
        return True
    for bound, value in ((a, b), (b, a)):
        most = value.low if value.high is None else value.high
        if (bound.bound == "over" and most >= bound.low) or (
            bound.bound == "under" and value.low <= bound.low
        ):
            return True
    return False


def _like(a: Figure, b: Figure) -> Like:
    return amounts(a.low, b.low, a_max=a.high, b_max=b.high, a_bound=a.bound, b_bound=b.bound)
