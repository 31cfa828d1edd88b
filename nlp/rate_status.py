"""Whether a rate is so or is to be so: by what governs its own clause, not by any plan told beside it.

规划的智算中心有47个,已投运的9个里有5个利用率在15%以下        observed: 规划 is of the 47
行动计划提出,到2027年算力规模5万P,平均上架率65%以上          target: the plan's frame spans its commas
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from nlp.cue import Cues
from nlp.reading import Reading

_BREAK = re.compile(r"(?<!\d),|,(?!\d{3})|[:;]")
_AIMS = re.compile(r"达|提[高升]|升[至到]|不(?:低|小|少)于|超过|以上|[至到]|保持|控制")
"""What the clause of an aim says of its figure, where a plan is told a clause before: 上架率[提高到]65%."""


class Clause(NamedTuple):
    """A clause before the rate; offsets are of the view."""

    start: int
    end: int


class Statuses:
    """Tells of each rate of a document whether it is observed or a target; rates are asked in order."""

    def __init__(self, reading: Reading, lexicon: Cues) -> None:
        self.reading = reading
        self.text = reading.text
        self.lexicon = lexicon
        self._told: list[tuple[int, str]] = []
        """Where each rate ends, and what it was."""

    def of(self, start: int, end: int, *, since: int, told_since: int) -> str:
        """The status of the rate at `start` to `end`: `observed` or `target`.

        `since` is where its clause begins; `told_since`, where the sentences begin that semicolons join.
        """
        status = self._status(start, end, since=since, told_since=told_since)
        self._told.append((end, status))
        return status

    def _status(self, start: int, end: int, *, since: int, told_since: int) -> str:
        last = self._last_in(since, start)
        floor = last[0] if last else since
        own = self._nearest(floor, start)
        if own:
            return own
        if self.lexicon.pattern("aimed_at").match(self.text, end):
            return "target"
        if last and self._plan(since, last[0]):  # 力争由52%提高到65%
            return "target"
        if last and not self.lexicon.pattern("origin").search(self.text, since, last[0]):
            return last[1]
        return self._dated(since, start) or self._earlier(start, since=since, told_since=told_since)

    def _nearest(self, start: int, end: int) -> str | None:
        """What the cue nearest to the figure says: 目标为90%, 实际为43%."""
        facts = [m.end() for m in self.lexicon.pattern("observed").finditer(self.text, start, end)]
        facts += [m.end() for m in self.lexicon.pattern("fact").finditer(self.text, start, end)]
        facts += [
            m.end() for m in self.lexicon.pattern("origin").finditer(self.text, max(start, end - 12), end)
        ]
        plan = self._plan(start, end)
        if plan and plan > max(facts, default=-1):
            return "target"
        return "observed" if facts else None

    def _plan(self, start: int, end: int) -> int | None:
        """Where the last word of a plan ends that is no mere description (规划的…, 拟建…); None: none."""
        plans = [
            m.end()
            for m in self.lexicon.pattern("target").finditer(self.text, start, end)
            if not self.lexicon.pattern("describes").match(self.text, m.start())
        ]
        return plans[-1] if plans else None

    def _dated(self, start: int, end: int) -> str | None:
        """By the dates of a stretch: what is to be so by a day to come is a target; None: no such date."""
        anchor = self.reading.anchor
        dates = [p for p in self.reading.within(self.reading.periods, start, end) if p.value]
        if not dates or anchor is None:
            return None
        last = dates[-1].value.split("/")[-1]
        if last[:4].isdigit() and last > anchor.isoformat()[: len(last)]:
            return "target"
        if last[:4].isdigit() and last < anchor.isoformat()[: len(last)] and "/" in dates[-1].value:
            return "observed"  # 三季度签约率达到88%, of a quarter that is over
        since = self.text[max(0, dates[-1].span.start - 2) : dates[-1].span.start + 2]
        return "observed" if "截至" in since or "截止" in since else None

    def _earlier(self, start: int, *, since: int, told_since: int) -> str:
        """What the clauses before say, from the nearest back, up to a fact or a rate already judged."""
        aims = _AIMS.search(self.text, since, start + 12)
        for clause in self._clauses(max(told_since, start - 400), since):
            if last := self._last_in(*clause):
                return last[1]
            plan = self._plan(*clause)
            frame = self.lexicon.pattern("frame").search(self.text, *clause)
            if plan and (aims or frame):
                return "target"
            if self._nearest(*clause) == "observed" or (dated := self._dated(*clause)) == "observed":
                return "observed"
            if dated:
                return dated
        return "observed"

    def _clauses(self, start: int, end: int) -> Sequence[Clause]:
        """The clauses of a stretch, the last first."""
        cuts = [start, *(m.end() for m in _BREAK.finditer(self.text, start, end)), end]
        return [Clause(a, b) for a, b in pairwise(cuts) if a < b][::-1]

    def _last_in(self, start: int, end: int) -> tuple[int, str] | None:
        """The last rate that ends in a stretch."""
        for told in reversed(self._told):
            if told[0] <= start:
                return None
            if told[0] <= end:
                return told
        return None
