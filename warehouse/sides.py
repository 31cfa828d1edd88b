"""Whose contract it is: told by a subsidiary, without a code, or by the company on the other side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from warehouse.likeness import Like, days, fold, masked, names
from warehouse.weighing import (
    FAR,
    NEAR,
    Contract,
    Owner,
    Telling,
    amounts_like,
    forbidden,
    gap,
    out_of_order,
    told_apart,
)


def name_owners(contracts: Iterable[Contract], tellings: Sequence[Telling]) -> None:
    """Fill in the company and its code where another document tells whose the subsidiary or the name is.

    Only where all that say so agree: a name two companies bear says nothing.
    """
    codes: dict[str, list[Telling]] = defaultdict(list)
    owners: dict[str, list[Telling]] = defaultdict(list)
    for t in tellings:
        if t.company and t.company_code:
            codes[t.company].append(t)
        if t.party and t.company and t.party != t.company:
            owners[fold(t.party)].append(t)
    for contract in contracts:
        if any(t.company_code for t in contract.tellings):
            continue
        told = sorted(contract.tellings, key=lambda t: (t.tier, t.told, t.events[0]))
        name = next((t.company for t in told if t.company), None) or next(
            (t.party for t in told if t.party), ""
        )
        direct, through = _one_company(codes[name], codes), _one_company(owners[fold(name)], codes)
        if direct is not None:
            contract.owner = Owner(name, direct.company_code, None, direct)
        elif through is not None and through.company:
            known = _one_company(codes[through.company], codes)
            code = known.company_code if known else None
            contract.owner = Owner(through.company, code, through.party, through)


def _one_company(told: Sequence[Telling], codes: dict[str, list[Telling]]) -> Telling | None:
    """The best of these tellings, where all of them name one company."""
    who = {t.company_code or (codes[t.company or ""] or [t])[0].company_code or t.company for t in told}
    return min(told, key=lambda t: (t.tier, t.told, t.events[0])) if len(who) == 1 else None


def absorb(home: Contract, other: Contract, why: str) -> None:
    """Put what is told of one contract to another."""
    home.tellings += other.tellings
    home.why |= other.why
    home.why[other.tellings[0].events[0]] = why


def merge_mirrored(contracts: list[Contract], parted: frozenset[frozenset[str]]) -> list[Contract]:
    """A contract between two listed companies, told by each from its side, is one."""
    by_sides: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in contracts:
        for pair in _sides(contract):
            by_sides[pair].append(contract)
    home: dict[int, Contract] = {}
    # who told it best and first keeps it; the others are turned to his view
    for contract in sorted(contracts, key=lambda c: min((t.tier, t.told, t.events[0]) for t in c.tellings)):
        for company, other in sorted(_sides(contract)):
            for twin in by_sides.get((other, company), ()):
                if twin is contract or id(contract) in home or not _mirror(contract, twin, parted):
                    continue
                if id(twin) not in home:
                    absorb(contract, _turned(twin, contract), "told from the other side")
                    home[id(twin)] = contract
                elif home[id(twin)] is not contract and _compatible(contract, home[id(twin)], parted):
                    absorb(home[id(twin)], contract, "told from the other side")
                    home[id(contract)] = home[id(twin)]
    return [c for c in contracts if id(c) not in home]


def _compatible(a: Contract, b: Contract, parted: frozenset[frozenset[str]]) -> bool:
    """Whether nothing told of the two contradicts."""
    return not any(
        amounts_like(x, y) is Like.OTHER
        or out_of_order(x, y)
        or (x.action == y.action and (told_apart(x, y) or _same_action(x, y) is Like.OTHER))
        or (parted and forbidden(x, y, parted))
        for x in a.tellings
        for y in b.tellings
    )


def _turned(twin: Contract, home: Contract) -> Contract:
    """The twin as the home company would tell it: who reports there is the other side here."""
    known = [t.counterparty for t in home.tellings if t.counterparty]
    turned = Contract(why=twin.why)
    for t in twin.tellings:
        sides = [side for side in (t.party, t.company) if side]
        other = next(
            (s for s in sides if any(names(s, k) is Like.SAME for k in known)), next(iter(sides), None)
        )
        turned.tellings.append(replace(t, company=None, company_code=None, party=None, counterparty=other))
    return turned


def _sides(contract: Contract) -> set[tuple[str, str]]:
    return {
        (fold(own), fold(t.counterparty))
        for t in contract.tellings
        for own in (t.company, t.party)
        if own and t.counterparty and not masked(t.counterparty)
    }


def _mirror(a: Contract, b: Contract, parted: frozenset[frozenset[str]]) -> bool:
    """The amount, the signing or the day of the same action agrees, and nothing speaks against it."""
    agreed = False
    for x in a.tellings:
        for y in b.tellings:
            likes = [amounts_like(x, y), days(x.signed_days, y.signed_days)]
            if x.action == y.action and x.status == y.status == "effective":
                likes.append(Like.OTHER if told_apart(x, y) else _same_action(x, y))
            if Like.OTHER in likes or out_of_order(x, y) or (parted and forbidden(x, y, parted)):
                return False
            agreed |= any(like >= Like.CLOSE for like in likes)
    return agreed


def _same_action(x: Telling, y: Telling) -> Like:
    like = days(x.acted, y.acted, near=NEAR)
    once = x.action in FAR and gap(x.acted, y.acted) > FAR[x.action]
    return Like.UNKNOWN if like is Like.OTHER and not once else like
