"""What one text says of one contract, and how much speaks for two texts meaning the same one.

The weights below say what speaks for a match and what against; contracts.py gathers by them.
"""

from __future__ import annotations

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
    corrects: bool = False
    """Whether the best of them says that it corrects what was told before: 关于…的更正公告."""

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

    company: str
    company_code: str | None
    party: str | None
    """The subsidiary, where it was told as if it were the company."""
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
    if a.action == b.action and a.status == b.status and told_apart(a, b):
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
        score += AMOUNT.get(amounts_like(a, b), 0.0)
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
        if acted is Like.OTHER and gap(a.acted, b.acted) > FAR.get(a.action, _NEVER):
            score += APART[a.action]
    return IMPOSSIBLE if out_of_order(a, b) else score


def reasons(a: Telling, b: Telling) -> tuple[str, ...]:
    """What agreed or disagreed, in words: for people who ask why."""
    likes = [
        ("counterparty", names(a.counterparty, b.counterparty)),
        ("party", names(a.party, b.party)),
        ("amount", amounts_like(a, b)),
        ("signed", days(a.signed_days, b.signed_days)),
    ]
    if a.action == b.action:
        likes.append((a.action, days(a.acted, b.acted, near=NEAR)))
    return tuple(f"{name} {like.name.lower()}" for name, like in likes if like is not Like.UNKNOWN)


def amounts_like(a: Telling, b: Telling) -> Like:
    """How their amounts compare; those in two currencies say nothing."""
    if a.currency and b.currency and a.currency != b.currency:
        return Like.UNKNOWN
    return amounts(
        a.amount, b.amount, a_max=a.amount_max, b_max=b.amount_max, a_bound=a.bound, b_bound=b.bound
    )


def gap(a: Days | None, b: Days | None) -> int:
    """Days between two intervals; 0 or less where they meet, or one is not said."""
    return max(a[0], b[0]) - min(a[1], b[1]) if a and b else 0


def out_of_order(a: Telling, b: Telling) -> bool:
    """One ended before the other was signed."""
    for ended, begun in ((a, b), (b, a)):
        if ended.action != "terminated" or ended.status != "effective":
            continue
        if ended.acted and begun.signed_days and ended.acted[1] < begun.signed_days[0]:
            return True
    return False


def told_apart(a: Telling, b: Telling) -> bool:
    """One document that tells the same action with two amounts or two other sides means two contracts."""
    if a.documents.isdisjoint(b.documents):
        return False
    return amounts_like(a, b) is Like.OTHER or names(a.counterparty, b.counterparty) is Like.OTHER


def forbidden(a: Telling, b: Telling, apart: frozenset[frozenset[str]]) -> bool:
    """Whether a reviewer parted them."""
    return any(frozenset((x, y)) in apart for x in a.events for y in b.events)
