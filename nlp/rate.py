"""Rates of use as a text tells them: by their name (上架率约68%) or as a share in a state (三成机柜空着)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from nlp.cue import Cue, Cues, cues
from nlp.part_of import MACHINES, parts_of
from nlp.quantity import Quantity
from nlp.rate_date import Dates
from nlp.rate_pattern import (
    ANSWER,
    ASKED,
    BARELY,
    BY_POINTS,
    CLAUSE_END,
    HELD,
    LABEL,
    LET,
    LIST,
    MOVED,
    NEAR,
    OF,
    OF_WHICH,
    QUESTION,
    SHARE_OF,
    THAT_IS,
    TO,
    USED,
)
from nlp.rate_status import Statuses
from nlp.reading import Reading, Sentence

METRICS = ("utilisation", "vacancy", "rack_rate", "rental_rate", "lit_rate")
AHEAD = 40
"""Characters behind its semicolon: 年底利用率七成;今年上半年65%,主要是推理客户少."""
LOOSE = 5
"""Points by which a rate said loosely may differ from the one then named: 刚过半, 约53%."""
REACH = 24
"""Characters between a share and the state it is in."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate; offsets are of the view."""

    start: int
    end: int
    amount: Quantity
    metric: str
    at: int
    """Where its metric or share stands: what its scope must come before."""
    named: bool
    """Told by the metric's own name in this clause, not carried and not as a share."""
    as_of: str | None
    status: str
    listed: tuple[int, int] | None = None
    """Which one of how many listed shares it is: (1, 3) is the second of three."""


class RateReader:
    """Reads one document's rates, sentence by sentence."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text
        self.lexicon: Cues = cues("utilisation")
        self.statuses = Statuses(reading, self.lexicon)
        self.dates = Dates(reading, self.lexicon)
        self.told_since = 0
        """Where the sentences begin that semicolons join to this one."""
        self.metric: str | None = None
        self.state: str | None = None
        """The metric of the sentence's last rate."""

    def rates(self) -> Iterator[Rate]:
        """Every rate of a sentence that speaks of compute."""
        previous = False
        chain = 0
        for sentence in self.reading.sentences:
            soft = self.text[max(0, sentence.start - 1) : sentence.start] == ";"
            chain = chain if soft else sentence.start
            self.told_since = chain
            referred = self._has("anaphora", sentence.start, sentence.end)
            of_which = self._is_of_which(sentence)
            self.metric = (
                self.metric if (soft or referred or of_which) and previous else self._asked(sentence)
            )
            shares = self._shares(sentence)
            if shares and (not soft or self._has("same_day", sentence.start, sentence.end)):
                self.dates.begin(sentence)
            previous = bool(shares) and self._is_trade(sentence)
            if previous:
                yield from self._sentence(sentence, shares)

    def _shares(self, sentence: Sentence) -> list[Quantity]:
        told = self.reading.within(self.reading.quantities, sentence.start, sentence.end)
        shares = [q for q in told if q.unit == "%" and q.low <= 100 and "折" not in q.text]
        parts = parts_of(self.text, sentence.start, sentence.end)
        return sorted([*shares, *parts], key=lambda q: q.span.start)

    def _asked(self, sentence: Sentence) -> str | None:
        """货租出去多少? 满打满算六成三: the metric or state that the question just before asks for."""
        question = QUESTION.search(self.text, max(0, sentence.start - ASKED), sentence.start)
        if question is None or not (ANSWER.match(sentence.text) or LABEL.match(sentence.text)):
            return None
        roles = ("metric", "state") if ANSWER.match(sentence.text) else ("metric",)
        cues = self.lexicon.find(self.text, question.start(), question.end(), roles)
        named = next((c.value for c in sorted(cues, key=lambda c: -c.start)), None)
        if named:
            return named
        used = "utilisation" if USED.search(question.group()) else None
        return "rental_rate" if LET.search(question.group()) else used

    def _is_of_which(self, sentence: Sentence) -> bool:
        """其中某地两栋老楼在97%以上: the rate just told, of a part; not 其中互联网客户占六成."""
        if not OF_WHICH.match(sentence.text) or self._has("other_stock", sentence.start, sentence.end):
            return False
        shares = self._shares(sentence)
        held = shares and HELD.search(self.text[sentence.start : shares[0].span.start])
        return bool(held and self.reading.within(self.reading.places, sentence.start, shares[0].span.start))

    def _has(self, role: str, start: int, end: int) -> bool:
        return self.lexicon.pattern(role).search(self.text, start, end) is not None

    def _is_trade(self, sentence: Sentence) -> bool:
        before = max(0, sentence.start - NEAR)
        goes_on = sentence.text.endswith(";") and not self._has("alien", sentence.start, sentence.end)
        end = min(len(self.text), sentence.end + AHEAD * goes_on)
        if self._has("trade", before, end) or self.lexicon.pattern("trade").search(self.reading.title):
            return True
        return self._is_about and self._has("machine", before, end)

    @cached_property
    def _is_about(self) -> bool:
        """Whether a story speaks of compute more than once: there 机器 are computers."""
        spoken = islice(self.lexicon.pattern("trade").finditer(self.text), 2)
        return self.reading.is_story and len(list(spoken)) > 1

    # --- one sentence

    def _sentence(self, sentence: Sentence, shares: Sequence[Quantity]) -> Iterator[Rate]:
        found = list(
            self.lexicon.find(self.text, sentence.start, sentence.end, ("metric", "state", "foreign"))
        )
        found.sort(key=lambda c: c.start)
        used: set[int] = set()
        supposed = self.lexicon.pattern("suppose").search(self.text, sentence.start, sentence.end)
        self.state = None
        for position, share in enumerate(shares):
            start = self._clause_start(share.span.start, sentence)
            end = self._clause_end(share.span.end, sentence)
            if supposed and supposed.start() < end:  # a risk told behind it takes nothing back
                continue
            told = self._by_name(share, start, sentence, found)
            if told is None or not told[2] or told[1] < start:
                told = self._by_state(share, start, end, found, used) or told
            previous = shares[position - 1].span.end if position else sentence.start
            told = told or self._moved(share, start, found)
            if told is None or self._is_delta(share, start) or self._is_relative(previous, start):
                self.metric = None if told and told[2] and self._is_delta(share, start) else self.metric
                continue
            if not told[2] and self._is_restated(share, told[0], shares[position + 1 :], found):
                continue
            self.state = told[0]
            yield self._rate(
                share, told, max(start, previous), start, sentence, _run(shares, position, self.text)
            )

    def _rate(
        self,
        share: Quantity,
        told: tuple[str, int, bool],
        since: int,
        start: int,
        sentence: Sentence,
        run: tuple[int, int] | None,
    ) -> Rate:
        metric, at, named = told
        status = self.statuses.of(*share.span, since=start, told_since=self.told_since)
        listed = self.dates.listed(share, sentence, run) if run else None
        return Rate(
            start=start if at < start else min(at, start),
            end=max(share.span.end, self._state_end(share, metric)),
            amount=share,
            metric=metric,
            at=at if named and at >= start else share.span.start,
            named=named and at >= start,
            as_of=listed
            or self.dates.of(share, sentence, since=since, told_since=self.told_since, status=status),
            status=status,
            listed=run,
        )

    def _state_end(self, share: Quantity, metric: str) -> int:
        """Evidence takes in the state that follows: 三成机柜空着."""
        end = self._clause_end(share.span.end, None)
        m = self.lexicon.roles["state"][metric].search(
            self.text, share.span.end, min(end, share.span.end + REACH)
        )
        return m.end() if m else share.span.end

    def _is_relative(self, previous: int, start: int) -> bool:
        """点亮率超过五成的不足三分之一: the second share counts facilities."""
        return previous > start and self.text[previous : previous + 1] == "的"

    def _is_restated(
        self, share: Quantity, metric: str, later: Sequence[Quantity], found: Sequence[Cue]
    ) -> bool:
        """真正上架的刚过半,上架率约53%: said loosely first, then by its name."""
        named = [
            c.end
            for c in found
            if c.role == "metric"
            and c.start > share.span.end
            and (c.value == metric or THAT_IS.match(self.text, share.span.end, c.start))
        ]
        return bool(named) and any(
            abs(q.low - share.low) <= LOOSE and q.span.start - named[0] <= 3 for q in later
        )

    def _moved(self, share: Quantity, start: int, found: Sequence[Cue]) -> tuple[str, int, bool] | None:
        """租出去的不足四成,今年六月升到五成半: the share just told has moved, and nothing else is named."""
        dates = self.dates.between(start, share.span.start)
        since = max([start, *(p.span.end for p in dates)])
        if not self.state or any(start <= c.start < share.span.start for c in found):
            return None
        if not MOVED.fullmatch(self.text, since, share.span.start):
            return None  # 故障率降到一成
        return self.state, share.span.start, False

    def _by_name(
        self, share: Quantity, start: int, sentence: Sentence, found: Sequence[Cue]
    ) -> tuple[str, int, bool] | None:
        """The last metric named before the share, unless another rate or a state came between."""
        before = [c for c in found if c.start < share.core.start and c.end <= share.core.start]
        for cue in reversed(before):
            if cue.role == "metric":
                if self._is_alien(cue, sentence) or (cue.start < start and self._is_of_other(share)):
                    return None
                self.metric = cue.value
                return cue.value, cue.start, True
            if cue.role == "foreign" and not self._inside_metric(cue, found):
                if BY_POINTS.match(self.text, cue.start):
                    continue  # 空置率环比下降1.8个百分点至24.3%
                if self.metric and cue.end <= start and TO.search(self.text[start : share.span.start]):
                    continue  # 出租率冲到七成五,补贴一停,三个月内跌回五成以下
                self.metric = None
                return None
            if cue.role == "state" and cue.start >= start:
                return None
        after = [c for c in found if share.core.end <= c.start <= share.core.end + 2 and c.role == "metric"]
        if after:
            return after[0].value, share.span.start, True
        if self.metric and not before and not self._is_of_other(share):
            return self.metric, share.span.start, False
        return None

    def _is_of_other(self, share: Quantity) -> bool:
        """一半以上的任务来自关联公司: a share of something else, whatever was spoken of before."""
        of = OF.match(self.text, share.span.end)
        return of is not None and not self._has("stock", of.start(), of.end())

    def _inside_metric(self, cue: Cue, found: Sequence[Cue]) -> bool:
        return any(m.role == "metric" and m.start <= cue.start and cue.end <= m.end for m in found)

    def _is_alien(self, cue: Cue, sentence: Sentence) -> bool:
        """产能利用率, 写字楼空置率: the metric of something else."""
        near = max(sentence.start, cue.start - 8)
        marks = [m.end() for m in CLAUSE_END.finditer(self.text, near, cue.start)]
        if self._has("alien", max([near, *marks]), cue.start):
            return True
        if not marks or cue.start > marks[-1]:
            return False
        before = self._clause_start(marks[-1] - 1, sentence)  # 停车场新增车位150个,出租率过半
        aliens, ours = (
            [m.start() for m in self.lexicon.pattern(role).finditer(self.text, before, marks[-1])]
            for role in ("alien", "trade")
        )
        return bool(aliens) and aliens[-1] > max(ours, default=-1)

    def _by_state(
        self, share: Quantity, start: int, end: int, found: Sequence[Cue], used: set[int]
    ) -> tuple[str, int, bool] | None:
        """三成机柜空着; 算力已用超过九成: a state in the clause, and compute as what is shared."""
        states = [
            c
            for c in found
            if c.role == "state" and start <= c.start and c.end <= end and c.start not in used
        ]
        after = [c for c in states if 0 <= c.start - share.span.end <= REACH]
        before = [c for c in states if 0 <= share.core.start - c.end <= 6 or self._is_part(c, share)]
        state = next(iter(after), None) or next(iter(reversed(before)), None)
        state = state or self._pending_state(share, start, found, used)
        if state is None or not self._is_stock(share, start, end, state):
            return None
        between = self.text[min(share.span.end, state.end) : max(share.span.start, state.start)]
        if (
            any(c.role == "foreign" and c.value == "" and c.start in range(start, end) for c in found)
            and len(between) > 4
            and not SHARE_OF.fullmatch(between)
        ):
            return None
        used.add(state.start)
        return state.value, start, False

    def _is_part(self, state: Cue, share: Quantity) -> bool:
        return bool(SHARE_OF.fullmatch(self.text, state.end, share.core.start))

    def _pending_state(self, share: Quantity, start: int, found: Sequence[Cue], used: set[int]) -> Cue | None:
        """租出去的更少,只有一成多: the state is told in the clause before, as a subject."""
        if not BARELY.fullmatch(self.text, start, share.span.start):
            return None
        earlier = [c for c in found if c.role == "state" and c.end < start and c.start not in used]
        if not earlier or start - earlier[-1].end > 8 or self.text[earlier[-1].end] != "的":
            return None
        return earlier[-1]

    def _is_stock(self, share: Quantity, start: int, end: int, state: Cue) -> bool:
        if self._has("alien", start, end):
            return False
        if self._has(
            "other_stock", share.span.end, min(share.span.end + 6, max(share.span.end, state.start))
        ):
            return False
        if not MACHINES.isdisjoint(share.text):
            return True
        return self._has("stock", start, end) or self._has("stock", max(0, start - 60), start)

    def _is_delta(self, share: Quantity, start: int) -> bool:
        before = self.text[start : share.span.start]
        return bool(self.lexicon.pattern("delta").search(before)) and not self.lexicon.pattern("to").search(
            before
        )

    # --- clauses

    def _clause_start(self, at: int, sentence: Sentence) -> int:
        return max([sentence.start, *(m.end() for m in CLAUSE_END.finditer(self.text, sentence.start, at))])

    def _clause_end(self, at: int, sentence: Sentence | None) -> int:
        m = CLAUSE_END.search(self.text, at, sentence.end if sentence else len(self.text))
        return m.start() if m else (sentence.end if sentence else len(self.text))


def _run(shares: Sequence[Quantity], position: int, text: str) -> tuple[int, int] | None:
    """Which one of how many shares listed side by side this is; None if it stands alone."""

    def joined(left: int) -> bool:
        gap = text[shares[left].span.end : shares[left + 1].span.start]
        return bool(LIST.fullmatch(gap))

    first = last = position
    while first > 0 and joined(first - 1):
        first -= 1
    while last + 1 < len(shares) and joined(last):
        last += 1
    return (position - first, last - first + 1) if last > first else None
