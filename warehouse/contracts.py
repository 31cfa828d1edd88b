"""Mentions to contracts: which tellings mean the same contract, and why.

Tellings are compared inside one company only. Each finds the contract it is most like, by the weights of
weighing.py. The order of the tellings is fixed by what they say, never by when they were loaded, so the same
mentions always give the same contracts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from warehouse.likeness import fold, masked
from warehouse.sides import absorb, merge_mirrored, name_owners
from warehouse.weighing import (
    IMPOSSIBLE,
    SAME_COMPANY,
    THRESHOLD,
    Contract,
    Telling,
    forbidden,
    reasons,
    weigh,
)


def score_of(telling: Telling, contract: Contract, apart: frozenset[frozenset[str]] = frozenset()) -> float:
    """The best match among a contract's tellings, unless one of them makes it impossible."""
    best, against = IMPOSSIBLE, 0.0
    for other in contract.tellings:
        if apart and forbidden(telling, other, apart):
            return IMPOSSIBLE
        weighed = weigh(telling, other)
        if weighed == IMPOSSIBLE:
            return IMPOSSIBLE
        best = max(best, weighed)
        against = min(against, weighed)
    # a contract that holds one contradicting telling is a worse home than one that holds none
    return best + against / 8


def why(telling: Telling, contract: Contract) -> str:
    """What linked a telling to a contract: the likeness with the telling it is most like."""
    return ", ".join(reasons(telling, max(contract.tellings, key=lambda other: weigh(telling, other))))


def gather(
    tellings: Sequence[Telling],
    *,
    together: Iterable[tuple[str, str]] = (),
    apart: Iterable[tuple[str, str]] = (),
) -> list[Contract]:
    """All contracts; `together` and `apart` are pairs of event ids that a reviewer joined or parted."""
    parted = frozenset(frozenset(pair) for pair in apart)
    concerned = frozenset(e for pair in parted for e in pair)
    blocks: dict[str, list[Telling]] = defaultdict(list)
    for telling, key in _keyed(tellings):
        blocks[key].append(telling)
    contracts = [
        contract for key in sorted(blocks) for contract in _gather_block(blocks[key], parted, concerned)
    ]
    contracts = merge_mirrored(contracts, parted)
    contracts = _merge_reviewed(contracts, together)
    name_owners(contracts, tellings)
    return contracts


def _keyed(tellings: Sequence[Telling]) -> Iterator[tuple[Telling, str]]:
    """Each telling with its company: by code, by name, by subsidiary, at last by the other side."""
    code_of = _majority((fold(t.company), t.company_code) for t in tellings if t.company and t.company_code)
    owner_of = _majority(
        (fold(t.party), code_of.get(fold(t.company), fold(t.company)))
        for t in tellings
        if t.party and t.company
    )
    sides: dict[str, set[str]] = defaultdict(set)
    unknown: list[Telling] = []
    for t in tellings:
        key = t.company_code
        if key is None and t.company:
            key = code_of.get(fold(t.company)) or owner_of.get(fold(t.company)) or fold(t.company)
        if key is None and t.party:
            key = owner_of.get(fold(t.party)) or code_of.get(fold(t.party)) or fold(t.party)
        if key is None:
            unknown.append(t)
            continue
        if t.counterparty and not masked(t.counterparty):
            sides[fold(t.counterparty)].add(key)
        yield t, key
    for t in unknown:
        known = sides.get(fold(t.counterparty), set()) if t.counterparty else set()
        yield t, next(iter(known)) if len(known) == 1 else f"?{fold(t.counterparty or t.events[0])}"


def _majority(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, value in pairs:
        counts[name][value] += 1
    return {name: min(c, key=lambda v: (-c[v], v)) for name, c in counts.items()}


def _order(telling: Telling) -> tuple[int, int, int, str]:
    return -telling.said, telling.tier, telling.told, telling.events[0]


def _gather_block(
    tellings: Sequence[Telling], parted: frozenset[frozenset[str]], concerned: frozenset[str]
) -> list[Contract]:
    """Contracts of one company: those that say much first, those that say nearly nothing last."""
    contracts: list[Contract] = []
    bare: list[Telling] = []
    for telling in sorted(tellings, key=_order):
        if not (telling.counterparty or telling.amount is not None or telling.signed):
            bare.append(telling)
            continue
        _place(telling, contracts, parted if concerned.intersection(telling.events) else frozenset())
    contracts = _settle(contracts, parted)
    for telling in bare:
        _place(
            telling, contracts, parted if concerned.intersection(telling.events) else frozenset(), bare=True
        )
    return contracts


MANY = 48
"""Contracts of one company beyond which only likely ones are compared."""


def _place(
    telling: Telling, contracts: list[Contract], parted: frozenset[frozenset[str]], *, bare: bool = False
) -> None:
    candidates = contracts if len(contracts) <= MANY else [c for c in contracts if _likely(telling, c)]
    scored = [(score_of(telling, c, parted), c) for c in candidates]
    best = max(scored, key=lambda s: s[0], default=None)
    if best and best[0] >= THRESHOLD:
        best[1].add(telling, why(telling, best[1]))
        return
    if bare:
        possible = [c for score, c in scored if score >= SAME_COMPANY]
        if len(possible) == 1:
            possible[0].add(telling, "the only contract of the company it can mean")
            return
    contract = Contract()
    contract.add(telling, "first telling")
    contracts.append(contract)


def _likely(telling: Telling, contract: Contract) -> bool:
    """A cheap look at one telling: shares the other side, the amount or the days, or leaves the side open."""
    first = contract.tellings[0]
    return (
        first.counterparty is None
        or telling.counterparty is None
        or first.counterparty[:2] == telling.counterparty[:2]
        or first.amount == telling.amount
        or fold(first.counterparty)[:2] == fold(telling.counterparty)[:2]
    )


def _settle(contracts: list[Contract], parted: frozenset[frozenset[str]]) -> list[Contract]:
    """Contracts that a later telling has made alike: one has the amount, one the side, a third both."""
    kept: list[Contract] = []
    for contract in contracts:
        home = next((k for k in kept if len(contracts) <= MANY and _alike(contract, k, parted)), None)
        if home is None:
            kept.append(contract)
        else:
            absorb(home, contract, "tellings of both agree")
    return kept


def _alike(a: Contract, b: Contract, parted: frozenset[frozenset[str]]) -> bool:
    if parted and any(forbidden(x, y, parted) for x in a.tellings for y in b.tellings):
        return False
    scores = [weigh(x, y) for x in a.tellings for y in b.tellings]
    return min(scores) > -THRESHOLD and max(scores) >= THRESHOLD + 1


def _merge_reviewed(contracts: list[Contract], together: Iterable[tuple[str, str]]) -> list[Contract]:
    home = {event: c for c in contracts for t in c.tellings for event in t.events}
    for a, b in together:
        first, second = home.get(a), home.get(b)
        if first is None or second is None or first is second:
            continue
        absorb(first, second, "joined by a reviewer")
        for telling in second.tellings:
            home.update(dict.fromkeys(telling.events, first))
        second.tellings = []
    return [c for c in contracts if c.tellings]
