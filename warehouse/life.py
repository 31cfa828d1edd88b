"""One contract's life from its tellings: the best value of each field, its events, and what disagrees."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from warehouse.likeness import Like, amounts, days, masked, names
from warehouse.weighing import Contract, Days, Owner, Telling

V = TypeVar("V", bound=Hashable)

SAME_EVENT = 31
"""Days within which two tellings of a delay, a suspension, a dispute or an amendment are one event."""
ONCE = ("signed", "terminated")
"""What can happen to a contract only once."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A contract's value, all parts from one telling."""

    low: float
    high: float | None
    bound: str | None
    currency: str | None

    def __str__(self) -> str:
        high = f" to {self.high:,.10g}" if self.high is not None else ""
        bound = f"{self.bound} " if self.bound not in (None, "exact") else ""
        return f"{bound}{self.low:,.10g}{high} {self.currency or ''}".strip()


@dataclass(frozen=True, slots=True)
class When:
    """A date of reduced precision and the days it can mean."""

    iso: str
    days: Days

    def __str__(self) -> str:
        return self.iso


@dataclass(frozen=True, slots=True)
class Said(Generic[V]):
    """A value, who says it best, and how many independent sources do."""

    value: V
    event_id: str
    tier: int
    agreeing: int
    told: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A telling that lost against a better one."""

    field: str
    kept: str
    kept_event: str
    other: str
    other_event: str
    why: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to the contract, told once or often."""

    action: str
    status: str
    when: When | None
    reason: str | None
    tellings: tuple[Telling, ...]
    best: Telling


@dataclass(frozen=True, slots=True)
class Life:
    """All of it."""

    values: dict[str, Said[Any]]
    events: tuple[Happening, ...]
    conflicts: tuple[Conflict, ...]

    def value(self, name: str) -> Any:
        """The value that counts; None where nobody says."""
        said = self.values.get(name)
        return said.value if said else None


def said(tellings: Iterable[Telling], value: Callable[[Telling], V | None]) -> list[Said[V]]:
    """The distinct values told, best first: best source, then its correction, then agreement, then time."""
    grouped: dict[V, list[Telling]] = {}
    for telling in tellings:
        if (v := value(telling)) is not None:
            grouped.setdefault(v, []).append(telling)
    found = []
    for v, group in grouped.items():
        best = min(group, key=_rank)
        agreeing = len(frozenset().union(*(t.originals for t in group)))
        # what a correction said first counts before what it corrects, however many had copied that
        one = Said(v, best.events[0], best.tier, agreeing, best.told)
        found.append(((best.tier, not best.corrects, -agreeing, best.told, str(v)), one))
    return [one for _, one in sorted(found, key=lambda f: f[0])]


def _rank(telling: Telling) -> tuple[int, int, str]:
    return telling.tier, telling.told, telling.events[0]


def choose(
    name: str,
    candidates: Sequence[Said[V]],
    like: Callable[[V, V], Like],
    sharper: Callable[[V, V], bool] = lambda a, b: False,
) -> tuple[Said[V] | None, list[Conflict]]:
    """The value that counts, made sharper by one that agrees, and a conflict for each that does not."""
    if not candidates:
        return None, []
    kept = candidates[0]
    for other in candidates[1:]:
        if like(kept.value, other.value) >= Like.UNKNOWN and sharper(other.value, kept.value):
            kept = other
    conflicts = [
        Conflict(name, str(kept.value), kept.event_id, str(other.value), other.event_id, why)
        for other in candidates
        if other is not kept and (why := _WHY.get(like(kept.value, other.value)))
    ]
    return kept, conflicts


_WHY = {Like.OTHER: "disagrees", Like.BROKEN: "a broken number"}


def _like_amounts(a: Amount, b: Amount) -> Like:
    if a.currency and b.currency and a.currency != b.currency:
        return Like.UNKNOWN
    return amounts(a.low, b.low, a_max=a.high, b_max=b.high, a_bound=a.bound, b_bound=b.bound)


def _sharper_amount(a: Amount, b: Amount) -> bool:
    """An exact figure says more than a bound, and more digits say more than fewer."""
    exact = (a.bound in (None, "exact"), b.bound in (None, "exact"))
    if exact[0] != exact[1]:
        return exact[0]
    return len(f"{a.low:.0f}".rstrip("0")) > len(f"{b.low:.0f}".rstrip("0"))


def _like_when(a: When, b: When) -> Like:
    return days(a.days, b.days)


def _sharper_when(a: When, b: When) -> bool:
    """Inside the other, and shorter."""
    inside = b.days[0] <= a.days[0] and a.days[1] <= b.days[1]
    return inside and a.days[1] - a.days[0] < b.days[1] - b.days[0]


def _sharper_name(a: str, b: str) -> bool:
    return masked(b) and not masked(a)


def _equal(a: object, b: object) -> Like:
    return Like.SAME if a == b else Like.UNKNOWN


def _disagree(a: object, b: object) -> Like:
    return Like.SAME if a == b else Like.OTHER


def amount_of(telling: Telling) -> Amount | None:
    """The contract's value as told; a supplement's is another one."""
    if telling.amount is None or telling.action == "amended":
        return None
    return Amount(telling.amount, telling.amount_max, telling.bound, telling.currency)


def signed_of(telling: Telling) -> When | None:
    """When it was signed, as told; of a supplement it may be the supplement that is meant."""
    if telling.action == "amended":
        return None
    if telling.signed and telling.signed_date:
        return When(telling.signed_date, telling.signed)
    if telling.action == "signed" and telling.status == "effective":
        return acted_of(telling)
    return None


def acted_of(telling: Telling) -> When | None:
    """When its action happened, as told."""
    return When(telling.event_date, telling.acted) if telling.acted and telling.event_date else None


def live(contract: Contract) -> Life:
    """The contract's fields, events and conflicts."""
    tellings = sorted(contract.tellings, key=_rank)
    values: dict[str, Said[Any]] = {}
    conflicts: list[Conflict] = []

    def settle(name: str, chosen: tuple[Said[Any] | None, list[Conflict]]) -> None:
        if chosen[0] is not None:
            values[name] = chosen[0]
        conflicts.extend(chosen[1])

    own = [t for t in tellings if t.company_code] or [t for t in tellings if t.company] or tellings
    settle("company_code", choose("company_code", said(own, lambda t: t.company_code), _equal))
    settle("company", choose("company", said(own, lambda t: t.company), _equal))
    settle("party", choose("party", said(tellings, lambda t: t.party), names, _sharper_name))
    if contract.owner is not None:
        _inherit(values, contract.owner)
    settle(
        "counterparty", choose("counterparty", said(tellings, lambda t: t.counterparty), names, _sharper_name)
    )
    settle("category", choose("category", said(tellings, lambda t: t.category), _equal, _vague_category))
    settle("contract", choose("contract", said(tellings, lambda t: t.contract), _equal))
    settle("amount", choose("amount", said(tellings, amount_of), _like_amounts, _sharper_amount))
    # the day of a signing told without its own is often that of the news: it counts where nobody says more
    outright = [t for t in tellings if t.signed] or tellings
    settle("signed", choose("signed", said(outright, signed_of), _like_when, _sharper_when))
    settle("term_months", choose("term_months", said(tellings, lambda t: t.term_months), _disagree))
    events, told = _events(tellings)
    for happening in events:
        if happening.action == "terminated" and happening.status == "effective":
            ended = happening.tellings
            settle("cancelled", choose("cancelled", said(ended, acted_of), _like_when, _sharper_when))
            settle("reason", choose("reason", said(ended, lambda t: t.reason), _disagree))
    return Life(values, tuple(events), tuple(conflicts + told))


def _inherit(values: dict[str, Said[Any]], owner: Owner) -> None:
    """What only other contracts' tellings say of the company; no source of this contract agrees."""
    taught = owner.taught
    if owner.party and "party" not in values and "company" in values:
        values["party"] = values["company"]
    for name, value in (("company", owner.company), ("company_code", owner.company_code)):
        if value is not None and (name not in values or values[name].value != value):
            values[name] = Said(value, taught.events[0], taught.tier, 0, taught.told)


def _vague_category(a: str, b: str) -> bool:
    return b in ("other", "cooperation") and a not in ("other", "cooperation")


def _events(tellings: Sequence[Telling]) -> tuple[list[Happening], list[Conflict]]:
    groups: dict[tuple[str, str], list[Telling]] = {}
    for telling in tellings:
        groups.setdefault((telling.action, telling.status), []).append(telling)
    conflicts = _denials(groups)
    events = [
        _happening(action, status, part)
        for (action, status), group in groups.items()
        for part in ([group] if action in ONCE else _parts(group))
    ]
    return sorted(events, key=_chronological), conflicts


def _denials(groups: dict[tuple[str, str], list[Telling]]) -> list[Conflict]:
    """A denial undoes what a worse source told, or an equal one told earlier; both ways it is a conflict."""
    conflicts = []
    for action in ("terminated", "signed", "suspended", "delayed"):
        denied, claimed = groups.get((action, "denied")), groups.get((action, "effective"))
        if not denied or not claimed:
            continue
        denial, claim = min(denied, key=_rank), min(claimed, key=_rank)
        holds = denial.tier < claim.tier or (denial.tier == claim.tier and denial.told > claim.last_told)
        kept, lost = (denial, claim) if holds else (claim, denial)
        conflicts.append(
            Conflict(action, kept.status, kept.events[0], lost.status, lost.events[0], "told and denied")
        )
        if holds:
            groups.setdefault((action, "rumoured"), []).extend(groups.pop((action, "effective")))
    return conflicts


def _parts(group: Sequence[Telling]) -> list[list[Telling]]:
    """Tellings of events that can happen again: those within a month are one; undated ones join the first."""
    dated = sorted((t for t in group if t.acted), key=lambda t: (t.acted, t.events[0]))
    parts: list[list[Telling]] = []
    until = 0
    for telling in dated:
        assert telling.acted is not None
        if parts and telling.acted[0] - until <= SAME_EVENT:
            parts[-1].append(telling)
            until = max(until, telling.acted[1])
        else:
            parts.append([telling])
            until = telling.acted[1]
    undated = [t for t in group if not t.acted]
    if undated and parts:
        parts[0].extend(undated)
    elif undated:
        parts.append(undated)
    return parts


def _happening(action: str, status: str, tellings: Sequence[Telling]) -> Happening:
    when, _ = choose("event_date", said(tellings, acted_of), _like_when, _sharper_when)
    if when is None and action == "signed":
        when, _ = choose("event_date", said(tellings, signed_of), _like_when, _sharper_when)
    reason, _ = choose("reason", said(tellings, lambda t: t.reason), _equal)
    return Happening(
        action,
        status,
        when.value if when else None,
        reason.value if reason else None,
        tuple(tellings),
        min(tellings, key=_rank),
    )


_ORDER = ("signed", "amended", "delayed", "suspended", "disputed", "terminated")


_STATUSES = ("rumoured", "proposed", "effective", "denied")
"""How a thing comes about on one day: talked of, decided, done, denied."""


def _chronological(event: Happening) -> tuple[int, int, int, int, str]:
    day = event.when.days[0] if event.when else min(t.told for t in event.tellings)
    return (
        day,
        _ORDER.index(event.action),
        _STATUSES.index(event.status),
        event.best.told,
        event.best.events[0],
    )
