"""What workers hand to each other: one question, or one document of it, as JSON that is read strictly.

A worker builds the request itself from these facts, with its own source's code. So a Redis that somebody else
can write to may waste a crawl's time, but runs no code, names no method and sets no header.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, get_args

from crawler.deception import Expect
from crawler.errand import Errand, Question, Row
from crawler.errors import QueueError

DOCUMENT_RANK, QUESTION_RANK = 0, 10
"""Documents go before the next question: the lower rank is taken first."""


class Foreign(QueueError):
    """Something in the queue that no paomo wrote."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A question with all pages of its listing, or a document with all its parts."""

    question: Question
    row: Row | None = None
    """None: the question itself is meant."""

    @property
    def name(self) -> str:
        """What it is, the same on every machine."""
        return f"question {self.question.key}" if self.row is None else f"document {self.row.url}"

    @property
    def id(self) -> str:
        """The name's digest: 32 hex digits, however long an address is."""
        return hashlib.blake2b(self.name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    @property
    def rank(self) -> int:
        """Its place in the queue."""
        return QUESTION_RANK if self.row is None else DOCUMENT_RANK

    def dumps(self) -> str:
        """As JSON."""
        row = None
        if self.row is not None:
            row = {**asdict(self.row), "listing": dict(self.row.listing)}
            del row["text"]  # what a listing holds whole is never asked for
        # in ASCII: a title may hold half a surrogate pair, which is no UTF-8
        return json.dumps({"question": asdict(self.question), "row": row}, default=str)


def unit_of(errand: Errand | None) -> Unit | None:
    """The unit an errand is part of; None for one that every worker runs for itself (robots, lookups)."""
    if errand is None or errand.question is None or errand.role in ("robots", "lookup"):
        return None
    return Unit(question=errand.question, row=None if errand.role == "listing" else errand.row)


def loads(text: str | bytes) -> Unit:
    """A unit out of its JSON. Raises Foreign for anything `Unit.dumps` would not have written."""
    try:
        told = json.loads(text)
        question = Question(**_facts(Question, told["question"]))
        row = None if told["row"] is None else Row(**_facts(Row, told["row"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        shown = str(text[:80])
        raise Foreign(
            f"the queue holds what no paomo wrote ({error}): {shown}; who else writes there?"
        ) from error
    return Unit(question=question, row=row)


def _facts(kind: type[Question] | type[Row], told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise TypeError(f"{kind.__name__} is no object")
    names = {one.name for one in fields(kind)} - {"text"}
    if set(told) != names:
        raise ValueError(f"{kind.__name__} has other fields")
    return {name: _fact(name, value) for name, value in told.items()}


def _fact(name: str, value: Any) -> Any:
    if name in ("since", "until"):
        return date.fromisoformat(value)
    if name == "published":
        return None if value is None else date.fromisoformat(value)
    if name == "listing":
        if not isinstance(value, dict):
            raise TypeError("listing is no object")
        return value
    if not isinstance(value, str) or (name == "expect" and value not in get_args(Expect)):
        raise TypeError(f"{name} is {value!r:.60}")
    return value
