"""Extracted events against labelled ones: precision, recall, F1, slots, evidence.

A labelled document is a JSON object with `id`, `text` and `events`; an event with `"optional": true` costs
nothing whether it is found or missed. Events pair one to one inside a document, the best pairs first; two can
only pair if they share what identifies their kind. A slot counts where the label names it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from crawler.errors import UnreadableError

Record: TypeAlias = dict[str, Any]

SHOWN = ("misses", "extras", "slots")
SLOTS: dict[str, tuple[str, ...]] = {
    "contract": (
        "action",
        "status",
        "category",
        "company_code",
        "party",
        "counterparty",
        "signed_date",
        "event_date",
        "amount",
        "bound",
        "currency",
        "term_months",
        "reason",
    ),
    "price": (
        "kind",
        "item",
        "unit",
        "gpus",
        "amount",
        "amount_max",
        "bound",
        "currency",
        "period",
        "as_of",
        "qualifier",
    ),
    "project": (
        "project",
        "operator",
        "place",
        "stage",
        "measure",
        "amount",
        "amount_max",
        "bound",
        "unit",
        "as_of",
    ),
    "utilisation": ("metric", "rate", "rate_max", "bound", "scope", "as_of", "status"),
}
_NAMES = {"company", "party", "counterparty", "project", "operator", "place", "scope"}
_NUMBERS = {"amount", "amount_max", "rate", "rate_max", "term_months", "gpus", "quantity"}
_NOT_A_FACT = ("rumoured", "denied")
"""An unlabelled event that says so of itself is no false positive."""


def same_number(a: object, b: object) -> bool:
    """Within one per cent of the larger."""
    try:
        x, y = float(a), float(b)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return abs(x - y) <= 0.01 * max(abs(x), abs(y))


def bare_name(name: object) -> str:
    """A name without brackets, quotes and the legal form, if two characters are left."""
    whole = re.sub(r"[\s()（）“”\"'《》「」·]", "", str(name))
    short = re.sub(r"(股份)?(集团)?(股份)?(有限)?(责任)?公司$|项目$", "", whole)
    return short if len(short) >= 2 else whole


def same_name(a: object, b: object) -> bool:
    """Equal, or one is part of the other."""
    if not a or not b:
        return False
    short, long = sorted((bare_name(a), bare_name(b)), key=len)
    return short == long or (len(short) >= 2 and short in long)


def same_slot(slot: str, gold: Any, found: Any) -> bool:
    """Whether a slot was filled rightly; a date may be more precise than its label."""
    if found is None:
        return False
    if slot in _NUMBERS:
        return same_number(gold, found)
    if slot in _NAMES:
        return same_name(gold, found)
    if slot.endswith("date") or slot == "as_of":
        return str(found) == str(gold) or str(found).startswith(f"{gold}-")
    return bool(gold == found)


def _may_be_contract(gold: Record, found: Record) -> bool:
    if gold["action"] != found.get("action"):
        return False
    if (gold.get("status") == "denied") != (found.get("status") == "denied"):
        return False
    shared = any(same_name(gold.get(s), found.get(s)) for s in ("company", "party", "counterparty"))
    code = gold.get("company_code")
    return bool(
        shared
        or (code and code == found.get("company_code"))
        or same_number(gold.get("amount"), found.get("amount"))
    )


def _may_be_price(gold: Record, found: Record) -> bool:
    return (
        gold.get("item") == found.get("item")
        and same_number(gold.get("amount"), found.get("amount"))
        and (gold["kind"] == "rent") == (found.get("kind") == "rent")
    )


def _may_be_project(gold: Record, found: Record) -> bool:
    return bool(gold["measure"] == found.get("measure")) and same_number(
        gold.get("amount"), found.get("amount")
    )


def _may_be_utilisation(gold: Record, found: Record) -> bool:
    if same_number(gold["rate"], found.get("rate")):
        return True
    vacant = "vacancy" in (gold["metric"], found.get("metric"))
    return vacant and same_number(100 - gold["rate"], found.get("rate"))


_MAY_BE: dict[str, Callable[[Record, Record], bool]] = {
    "contract": _may_be_contract,
    "price": _may_be_price,
    "project": _may_be_project,
    "utilisation": _may_be_utilisation,
}


def affinity(gold: Record, found: Record) -> int:
    """0 where the two cannot be the same event, else one more than the slots they share."""
    kind = gold["event"]
    if kind != found.get("event") or not _MAY_BE[kind](gold, found):
        return 0
    return 1 + sum(same_slot(s, gold[s], found.get(s)) for s in SLOTS[kind] if gold.get(s) is not None)


def pairs(golds: Sequence[Record], founds: Sequence[Record]) -> list[tuple[int, int]]:
    """Indices of events that pair, best first, each used once."""
    scored = sorted(
        (-weight, i, j)
        for i, gold in enumerate(golds)
        for j, found in enumerate(founds)
        if (weight := affinity(gold, found))
    )
    used_gold: set[int] = set()
    used_found: set[int] = set()
    chosen = []
    for _, i, j in scored:
        if i not in used_gold and j not in used_found:
            used_gold.add(i)
            used_found.add(j)
            chosen.append((i, j))
    return chosen


@dataclass(slots=True)
class Tally:
    """True and false positives, false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        """0 where nothing was found."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """0 where nothing was asked."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0

    def record(self) -> Record:
        """Counts and ratios."""
        return {
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }


@dataclass(slots=True)
class Score:
    """One run measured."""

    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    slots: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    """Slot to [right, asked]."""
    evidence: list[int] = field(default_factory=lambda: [0, 0])
    """Quotes that are exactly text[start:end], and all quotes."""
    misses: list[tuple[str, Record]] = field(default_factory=list)
    extras: list[tuple[str, Record]] = field(default_factory=list)
    wrong: list[tuple[str, str, str, Any, Any, Any]] = field(default_factory=list)
    """Document, kind, slot, label, found, quote."""

    @property
    def all(self) -> Tally:
        """All kinds together."""
        tallies = self.kinds.values()
        return Tally(sum(t.tp for t in tallies), sum(t.fp for t in tallies), sum(t.fn for t in tallies))

    @property
    def slot_counts(self) -> tuple[int, int]:
        """Slots right and slots asked."""
        return sum(v[0] for v in self.slots.values()), sum(v[1] for v in self.slots.values())

    def add(self, document: Record, founds: Sequence[Record]) -> None:
        """Measure one document."""
        golds = document["events"]
        for found in founds:
            self._add_evidence(document["text"], found)
        chosen = pairs(golds, founds)
        for i, j in chosen:
            if not golds[i].get("optional"):
                self._add_pair(document["id"], golds[i], founds[j])
        matched, used = {i for i, _ in chosen}, {j for _, j in chosen}
        for i, gold in enumerate(golds):
            if i not in matched and not gold.get("optional"):
                self.kinds[gold["event"]].fn += 1
                self.misses.append((document["id"], gold))
        for j, found in enumerate(founds):
            if j not in used and found.get("status") not in _NOT_A_FACT:
                self.kinds[found.get("event", "?")].fp += 1
                self.extras.append((document["id"], found))

    def _add_evidence(self, text: str, found: Record) -> None:
        start, end, quote = found.get("start"), found.get("end"), found.get("quote")
        self.evidence[1] += 1
        self.evidence[0] += start is not None and end is not None and text[start:end] == quote != ""

    def _add_pair(self, doc_id: str, gold: Record, found: Record) -> None:
        kind = gold["event"]
        self.kinds[kind].tp += 1
        for slot in SLOTS[kind]:
            if gold.get(slot) is None:
                continue
            right = same_slot(slot, gold[slot], found.get(slot))
            counts = self.slots[f"{kind}.{slot}"]
            counts[0] += right
            counts[1] += 1
            if not right:
                self.wrong.append((doc_id, kind, slot, gold[slot], found.get(slot), found.get("quote")))

    def as_json(self) -> str:
        """All figures as one JSON object."""
        right, asked = self.slot_counts
        out: Record = {kind: tally.record() for kind, tally in self.kinds.items()}
        out["all"] = self.all.record()
        out["slots"] = right / asked if asked else 0.0
        out["evidence"] = self.evidence[0] / self.evidence[1] if self.evidence[1] else 0.0
        return json.dumps(out, ensure_ascii=False)

    def as_text(self, show: Iterable[str] = ()) -> str:
        """All figures as lines for people, each with its counts; then what `show` names."""
        right, asked = self.slot_counts
        lines = [_line(kind, self.kinds.get(kind) or Tally()) for kind in SLOTS]
        lines.append(_line("all", self.all))
        lines.append(f"slots        {right}/{asked} = {right / asked if asked else 0:.3f}")
        lines += [f"  {name:26} {a}/{b}" for name, (a, b) in sorted(self.slots.items())]
        lines.append(f"evidence     {self.evidence[0]}/{self.evidence[1]} quotes are exactly text[start:end]")
        if "misses" in show:
            lines += [f"MISSED {doc} {json.dumps(e, ensure_ascii=False)}" for doc, e in self.misses]
        if "extras" in show:
            lines += [f"EXTRA  {doc} {json.dumps(e, ensure_ascii=False)}" for doc, e in self.extras]
        if "slots" in show:
            lines += ["SLOT   " + " ".join(map(str, row)) for row in self.wrong]
        return "\n".join(lines)


def _line(kind: str, t: Tally) -> str:
    figures = f"precision {t.precision:.3f}  recall {t.recall:.3f}  f1 {t.f1:.3f}"
    return f"{kind:12} {figures}   tp {t.tp} fp {t.fp} fn {t.fn}"


def measure(documents: Iterable[Record], events: Iterable[Record]) -> Score:
    """Events, as `Event.record()` gives them, against labelled documents."""
    found: dict[str, list[Record]] = defaultdict(list)
    for event in events:
        found[event["doc_id"]].append(event)
    score = Score()
    for document in documents:
        score.add(document, found.get(document["id"], []))
    return score


def read_lines(text: str, where: str = "the file") -> list[Record]:
    """JSON Lines as dicts; blank lines are nothing. UnreadableError names what is none."""
    return [record for _, record in _numbered(text, where)]


def read_labels(text: str, where: str) -> list[Record]:
    """Labelled documents; UnreadableError says which line of `where` lacks what, and what a label needs."""
    return [_label(line, place) for place, line in _numbered(text, where)]


def read_found(text: str, where: str) -> list[Record]:
    """Events as `paomo extract` prints them; UnreadableError names the line of `where` that is none."""
    records = []
    for place, record in _numbered(text, where):
        if not (isinstance(record.get("doc_id"), str) and record.get("event") in SLOTS):
            raise UnreadableError(
                f"{place}: no event with `event` and `doc_id`; write lines as `paomo extract` prints them"
            )
        records.append(record)
    return records


_NEEDED = {
    "contract": ("action",),
    "price": ("kind",),
    "project": ("measure",),
    "utilisation": ("metric", "rate"),
}
"""What a label of a kind can't be paired without."""
_LABELLED = 'a labelled line is `id`, `text` and a list `events` (docs/events.md, "Labelled documents")'


def _numbered(text: str, where: str) -> Iterator[tuple[str, Record]]:
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UnreadableError(
                f"{place}: not JSON ({error}); the file is JSON Lines, an object a line"
            ) from None
        if not isinstance(record, dict):
            raise UnreadableError(f"{place}: a JSON {type(record).__name__}; write one object a line")
        yield place, record


def _label(document: Record, place: str) -> Record:
    if missing := [name for name in ("id", "text", "events") if name not in document]:
        raise UnreadableError(f"{place}: has no {missing[0]}; {_LABELLED}")
    events = document["events"]
    if not isinstance(document["text"], str) or not isinstance(events, list):
        raise UnreadableError(f"{place}: `text` must be a text and `events` a list; {_LABELLED}")
    for number, event in enumerate(events, start=1):
        kind = event.get("event") if isinstance(event, dict) else None
        if kind not in SLOTS:
            raise UnreadableError(f"{place}: event {number} is of kind {kind!r}; choose {', '.join(SLOTS)}")
        if missing := [name for name in _NEEDED[kind] if event.get(name) is None]:
            raise UnreadableError(f"{place}: event {number}, a {kind}, has no {missing[0]}; {_LABELLED}")
        if kind == "utilisation" and not isinstance(event["rate"], int | float):
            raise UnreadableError(
                f"{place}: event {number} has rate {event['rate']!r}; write a number, per cent"
            )
    return {**document, "id": str(document["id"])}
