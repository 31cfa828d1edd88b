"""Mentions to contracts: which tellings mean the same contract, and why.

Tellings are compared inside one company only. Each finds the contract it is most like; the weights below say
what speaks for a match and what against. The order of the tellings is fixed by what they say, never by when
they were loaded, so the same mentions always give the same contracts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from warehouse.likeness import Like, amounts, days, fold, masked, names

THRESHOLD = 4.0
"""Sum of weights from which two tellings are the same contract: the other side alone suffices, or the same
amount, or the day it was cancelled together with its category."""
COUNTERPARTY = {Like.SAME: 4.0, Like.CLOSE: 2.0, Like.OTHER: -6.0}
PARTY = {Like.SAME: 1.0, Like.CLOSE: 0.5, Like.OTHER: -3.0}
AMOUNT = {Like.SAME: 4.0, Like.CLOSE: 3.0, Like.BROKEN: -0.5, Like.OTHER: -4.0}
SIGNED = {Like.SAME: 3.0, Like.CLOSE: 0.5, Like.OTHER: -5.0}
ACTED = {Like.SAME: 2.0, Like.CLOSE: 1.0}
APART = {"terminated": -3.0, "signed": -4.0}
"""The same thing told of days far apart: a contract is signed once and ends once."""
FAR = {"terminated": 60, "signed": 31}
SAME_COMPANY = 1.0
SAME_CATEGORY, OTHER_CATEGORY = 1.0, -1.5
VAGUE = (None, "other", "cooperation")
"""Categories that contradict nothing: papers call a purchase a cooperation."""
SAME_TERM, SAME_NAME = 1.0, 0.5
NEAR = 15
"""Days between what happened and the day a paper tells it."""
IMPOSSIBLE = -100.0
_NEVER = 1_000_000

Days = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Telling:
    """All mentions that say exactly the same; days are counted from 1970-01-01."""

    company_code: str | None
    company: str | None
    party: str | None
    counterparty: str | None
    category: str | None
    contract: str | None
    action: str
    status: str
    signed_date: str | None
    event_date: str | None
    amount: float | None
    amount_max: float | None
    bound: str | None
    currency: str | None
    term_months: float | None
    reason: str | None
    signed: Days | None
    acted: Days | None
    events: tuple[str, ...]
    """Ids of the mentions, that of the best source first."""
    documents: frozenset[str]
    originals: frozenset[str]
    """The documents they are copies of, or the documents themselves: independent sources."""
    tier: int
    """0 corrected by hand, 1 official to 4 aggregator: the best of the documents."""
    told: int
    last_told: int
    mentions: int = 1

    @property
    def said(self) -> int:
        """How many of the telling fields are filled."""
        values = (
            self.counterparty,
            self.amount,
            self.signed,
            self.party,
            self.contract,
            self.acted,
            self.term_months,
        )
        return sum(v is not None for v in values)

    @property
    def signed_days(self) -> Days | None:
        """When the contract was signed, by this telling; one of a supplement may mean the supplement."""
        if self.action == "amended":
            return None
        return self.signed or (self.acted if self.action == "signed" and self.status == "effective" else None)


@dataclass(frozen=True, slots=True)
class Owner:
    """The listed company a contract belongs to, as other tellings name it."""

    company: str | None
    company_code: str | None
    taught: Telling
    """The best telling that says so."""


@dataclass(slots=True, eq=False)
class Contract:
    """Tellings that mean one contract."""

    tellings: list[Telling] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    """First event id of a telling to what linked it."""
    owner: Owner | None = None
    """Where its own tellings name a subsidiary only, or the company without its code."""

    def add(self, telling: Telling, why: str) -> None:
        """Take a telling in."""
        self.tellings.append(telling)
        self.why[telling.events[0]] = why


def weigh(a: Telling, b: Telling) -> float:
    """How much speaks for one contract; both belong to the same company.

    Called millions of times: what is not said on one side is passed over before anything is compared.
    """
    if a.action == b.action and a.status == b.status and _told_apart(a, b):
        return IMPOSSIBLE
    score = SAME_COMPANY
    if a.counterparty and b.counterparty:
        same = a.counterparty == b.counterparty and not masked(a.counterparty)
        score += (
            COUNTERPARTY[Like.SAME] if same else COUNTERPARTY.get(names(a.counterparty, b.counterparty), 0.0)
        )
    if a.party and b.party:
        score += PARTY[Like.SAME] if a.party == b.party else PARTY.get(names(a.party, b.party), 0.0)
    if a.amount is not None and b.amount is not None:
        score += AMOUNT.get(_amounts(a, b), 0.0)
    a_signed, b_signed = a.signed_days, b.signed_days
    if a_signed and b_signed:
        score += SIGNED.get(days(a_signed, b_signed), 0.0)
    if a.category not in VAGUE and b.category not in VAGUE:
        score += SAME_CATEGORY if a.category == b.category else OTHER_CATEGORY
    if a.term_months is not None and b.term_months is not None:
        score += SAME_TERM if a.term_months == b.term_months else -SAME_TERM
    if a.contract and b.contract and (a.contract == b.contract or fold(a.contract) == fold(b.contract)):
        score += SAME_NAME
    if a.action == b.action and a.acted and b.acted:
        acted = days(a.acted, b.acted, near=NEAR)
        score += ACTED.get(acted, 0.0)
        if acted is Like.OTHER and _gap(a.acted, b.acted) > FAR.get(a.action, _NEVER):
            score += APART[a.action]
    return IMPOSSIBLE if _out_of_order(a, b) else score


def reasons(a: Telling, b: Telling) -> tuple[str, ...]:
    """What agreed or disagreed, in words: for people who ask why."""
    likes = [
        ("counterparty", names(a.counterparty, b.counterparty)),
        ("party", names(a.party, b.party)),
        ("amount", _amounts(a, b)),
        ("signed", days(a.signed_days, b.signed_days)),
    ]
    if a.action == b.action:
        likes.append((a.action, days(a.acted, b.acted, near=NEAR)))
    return tuple(f"{name} {like.name.lower()}" for name, like in likes if like is not Like.UNKNOWN)


def _amounts(a: Telling, b: Telling) -> Like:
    if a.currency and b.currency and a.currency != b.currency:
        return Like.UNKNOWN
    return amounts(
        a.amount, b.amount, a_max=a.amount_max, b_max=b.amount_max, a_bound=a.bound, b_bound=b.bound
    )


def _gap(a: Days | None, b: Days | None) -> int:
    return max(a[0], b[0]) - min(a[1], b[1]) if a and b else 0


def _out_of_order(a: Telling, b: Telling) -> bool:
    """One ended before the other was signed."""
    for ended, begun in ((a, b), (b, a)):
        if ended.action != "terminated" or ended.status != "effective":
            continue
        if ended.acted and begun.signed_days and ended.acted[1] < begun.signed_days[0]:
            return True
    return False


def _told_apart(a: Telling, b: Telling) -> bool:
    """One document that tells the same action with two amounts or two other sides means two contracts."""
    if a.documents.isdisjoint(b.documents):
        return False
    return _amounts(a, b) is Like.OTHER or names(a.counterparty, b.counterparty) is Like.OTHER


def score_of(telling: Telling, contract: Contract, apart: frozenset[frozenset[str]] = frozenset()) -> float:
    """The best match among a contract's tellings, unless one of them makes it impossible."""
    best, against = IMPOSSIBLE, 0.0
    for other in contract.tellings:
        if apart and _forbidden(telling, other, apart):
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


def _forbidden(a: Telling, b: Telling, apart: frozenset[frozenset[str]]) -> bool:
    return any(frozenset((x, y)) in apart for x in a.events for y in b.events)


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
    contracts = _merge_mirrored(contracts, parted)
    contracts = _merge_reviewed(contracts, together)
    _name_owners(contracts, tellings)
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


def _name_owners(contracts: Iterable[Contract], tellings: Sequence[Telling]) -> None:
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
        company = next((t.company for t in contract.tellings if t.company), None)
        if company is None:
            parties = {fold(t.party) for t in contract.tellings if t.party}
            told = owners.get(next(iter(parties)), []) if len(parties) == 1 else []
            if len({t.company_code or t.company for t in told}) != 1:
                continue
            best = min(told, key=lambda t: (t.tier, t.told, t.events[0]))
            contract.owner = Owner(best.company, best.company_code, best)
            company = best.company
        if company and not any(t.company_code for t in contract.tellings):
            told = codes.get(company, [])
            if len({t.company_code for t in told}) == 1:
                best = min(told, key=lambda t: (t.tier, t.told, t.events[0]))
                contract.owner = Owner(company, best.company_code, best)


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
            _absorb(home, contract, "tellings of both agree")
    return kept


def _alike(a: Contract, b: Contract, parted: frozenset[frozenset[str]]) -> bool:
    if parted and any(_forbidden(x, y, parted) for x in a.tellings for y in b.tellings):
        return False
    scores = [weigh(x, y) for x in a.tellings for y in b.tellings]
    return min(scores) > -THRESHOLD and max(scores) >= THRESHOLD + 1


def _absorb(home: Contract, other: Contract, why: str) -> None:
    home.tellings += other.tellings
    home.why |= other.why
    home.why[other.tellings[0].events[0]] = why


def _merge_mirrored(contracts: list[Contract], parted: frozenset[frozenset[str]]) -> list[Contract]:
    """A contract between two listed companies, told by each from its side, is one."""
    by_sides: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in contracts:
        for pair in _sides(contract):
            by_sides[pair].append(contract)
    gone: set[int] = set()
    for contract in contracts:
        if id(contract) in gone:
            continue
        for company, other in _sides(contract):
            for twin in by_sides.get((other, company), ()):
                if twin is not contract and id(twin) not in gone and _mirror(contract, twin, parted):
                    _absorb(contract, twin, "told from the other side")
                    gone.add(id(twin))
    return [c for c in contracts if id(c) not in gone]


def _sides(contract: Contract) -> set[tuple[str, str]]:
    return {
        (fold(own), fold(t.counterparty))
        for t in contract.tellings
        for own in (t.company, t.party)
        if own and t.counterparty and not masked(t.counterparty)
    }


def _mirror(a: Contract, b: Contract, parted: frozenset[frozenset[str]]) -> bool:
    """The amount or the signing agrees, and nothing speaks against it."""
    agreed = False
    for x in a.tellings:
        for y in b.tellings:
            likes = (_amounts(x, y), days(x.signed_days, y.signed_days))
            if Like.OTHER in likes or _out_of_order(x, y) or (parted and _forbidden(x, y, parted)):
                return False
            agreed |= any(like >= Like.CLOSE for like in likes)
    return agreed


def _merge_reviewed(contracts: list[Contract], together: Iterable[tuple[str, str]]) -> list[Contract]:
    home = {event: c for c in contracts for t in c.tellings for event in t.events}
    for a, b in together:
        first, second = home.get(a), home.get(b)
        if first is None or second is None or first is second:
            continue
        _absorb(first, second, "joined by a reviewer")
        for telling in second.tellings:
            home.update(dict.fromkeys(telling.events, first))
        second.tellings = []
    return [c for c in contracts if c.tellings]
