"""Rates of use as a text tells them: by their name (上架率约68%) or as a share in a state (三成机柜空着)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.cue import Cue, Cues, cues
from nlp.period import Period
from nlp.quantity import Quantity
from nlp.reading import Reading, Sentence
from nlp.span import Span

METRICS = ("utilisation", "vacancy", "rack_rate", "rental_rate", "lit_rate")
NEAR = 120
"""Characters before a sentence in which a word of compute still makes 利用率 a rate of ours."""
REACH = 24
"""Characters between a share and the state it is in."""

_CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d{3})|[。:;!?\n…]")
_LIST = re.compile(r"[、和及与]|以及|,")


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


class RateReader:
    """Reads one document's rates, sentence by sentence."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text
        self.lexicon: Cues = cues("utilisation")
        self.metric: str | None = None
        self.as_of: str | None = None

    def rates(self) -> Iterator[Rate]:
        """Every rate of a sentence that speaks of compute."""
        previous = False
        for sentence in self.reading.sentences:
            soft = self.text[max(0, sentence.start - 1) : sentence.start] == ";"
            self.metric = self.metric if soft and previous else None
            shares = [
                q
                for q in self.reading.within(self.reading.quantities, sentence.start, sentence.end)
                if q.kind == "percent" and q.low <= 100
            ]
            if not soft:
                self._date(sentence, sentence.start, bool(shares))
            previous = bool(shares) and self._is_trade(sentence)
            if previous and not self._has("suppose", sentence.start, sentence.end):
                yield from self._sentence(sentence, shares)

    def _has(self, role: str, start: int, end: int) -> bool:
        return self.lexicon.pattern(role).search(self.text, start, end) is not None

    def _is_trade(self, sentence: Sentence) -> bool:
        before = max(0, sentence.start - NEAR)
        return self._has("trade", before, sentence.end) or bool(
            self.lexicon.pattern("trade").search(self.reading.title)
        )

    # --- one sentence

    def _sentence(self, sentence: Sentence, shares: Sequence[Quantity]) -> Iterator[Rate]:
        found = list(self.lexicon.find(self.text, sentence.start, sentence.end, ("metric", "state", "foreign")))
        found.sort(key=lambda c: c.start)
        used: set[int] = set()
        for position, share in enumerate(shares):
            start = self._clause_start(share.span.start, sentence)
            end = self._clause_end(share.span.end, sentence)
            told = self._by_name(share, start, sentence, found) or self._by_state(share, start, end, found, used)
            if told is None or self._is_delta(share, start):
                continue
            metric, at, named = told
            dates = self._listed_dates(shares, position)
            yield Rate(
                start=min(at, start) if named and at >= sentence.start else start,
                end=max(share.span.end, at),
                amount=share,
                metric=metric,
                at=max(at, share.span.start) if not named else at,
                named=named,
                as_of=dates or self._as_of(share, sentence, start),
                status=self._status(share, sentence, start),
            )

    def _by_name(
        self, share: Quantity, start: int, sentence: Sentence, found: Sequence[Cue]
    ) -> tuple[str, int, bool] | None:
        """The last metric named before the share, unless another rate or a state came between."""
        before = [c for c in found if c.start < share.core.start and c.end <= share.core.start]
        for cue in reversed(before):
            if cue.role == "metric":
                if self._is_alien(cue, sentence):
                    return None
                self.metric = cue.value
                return cue.value, cue.start, True
            if cue.role == "foreign" and not self._inside_metric(cue, found):
                self.metric = None
                return None
            if cue.role == "state" and cue.start >= start:
                return None
        after = [c for c in found if share.core.end <= c.start <= share.core.end + 2 and c.role == "metric"]
        if after:
            return after[0].value, share.span.start, True
        if self.metric and not before:
            return self.metric, share.span.start, False
        return None

    def _inside_metric(self, cue: Cue, found: Sequence[Cue]) -> bool:
        return any(m.role == "metric" and m.start <= cue.start and cue.end <= m.end for m in found)

    def _is_alien(self, cue: Cue, sentence: Sentence) -> bool:
        """产能利用率, 写字楼空置率: the metric of something else."""
        near = max(sentence.start, cue.start - 8)
        marks = [m.end() for m in _CLAUSE_END.finditer(self.text, near, cue.start)]
        return self._has("alien", max([near, *marks]), cue.start)

    def _by_state(
        self, share: Quantity, start: int, end: int, found: Sequence[Cue], used: set[int]
    ) -> tuple[str, int, bool] | None:
        """三成机柜空着; 算力已用超过九成: a state in the clause, and compute as what is shared."""
        states = [
            c for c in found if c.role == "state" and start <= c.start and c.end <= end and c.start not in used
        ]
        after = [c for c in states if 0 <= c.start - share.span.end <= REACH]
        before = [c for c in states if 0 <= share.core.start - c.end <= 6]
        state = next(iter(after), None) or next(iter(reversed(before)), None)
        if state is None or not self._is_stock(share, start, end, state):
            return None
        between = self.text[min(share.span.end, state.end) : max(share.span.start, state.start)]
        if any(c.role == "foreign" and c.value == "" and c.start in range(start, end) for c in found) and len(between) > 4:
            return None
        used.add(state.start)
        return state.value, start, False

    def _is_stock(self, share: Quantity, start: int, end: int, state: Cue) -> bool:
        if self._has("alien", start, end):
            return False
        return self._has("stock", start, end) or self._has("stock", max(0, start - 60), start)

    def _is_delta(self, share: Quantity, start: int) -> bool:
        before = self.text[start : share.core.start]
        return bool(self.lexicon.pattern("delta").search(before)) and not self.lexicon.pattern("to").search(before)

    # --- when, and whether it is so or is to be so

    def _date(self, sentence: Sentence, until: int, telling: bool) -> None:
        """What date may hold on into this sentence: only one that it refers back to (期末, 上述)."""
        if not self._has("same_day", sentence.start, sentence.end):
            self.as_of = None
        earlier = [p for p in self._dates(max(0, sentence.start - NEAR), sentence.start) if p.value]
        if earlier and self._has("same_day", sentence.start, sentence.end):
            self.as_of = earlier[-1].value

    def _dates(self, start: int, end: int) -> Sequence[Period]:
        return self.reading.within(self.reading.periods, start, end)

    def _as_of(self, share: Quantity, sentence: Sentence, start: int) -> str | None:
        told = [p for p in self._dates(sentence.start, share.span.start) if p.value]
        now = [m.start() for m in self.lexicon.pattern("now").finditer(self.text, sentence.start, share.span.start)]
        if told and not (now and now[-1] > told[-1].span.start):
            self.as_of = told[-1].value
        elif now:
            self.as_of = None
        if self._has("today", sentence.start, share.span.start) and self.reading.anchor:
            return self.reading.anchor.isoformat()
        return self.as_of

    def _listed_dates(self, shares: Sequence[Quantity], position: int) -> str | None:
        """分别为82.3%、76.1%: one date each where as many dates as shares are listed."""
        run = _run(shares, position, self.text)
        if run is None:
            return None
        first, last = run
        dates = [p for p in self._dates(shares[first].span.start - 60, shares[first].span.start) if p.value]
        count = last - first + 1
        return dates[-count:][position - first].value if len(dates) >= count else None

    def _status(self, share: Quantity, sentence: Sentence, start: int) -> str:
        """`target` where a plan speaks and neither 目前 nor 由 says that this end of it is reached."""
        near = self.text[max(start, share.span.start - 12) : share.span.start]
        if re.search(f"(?:{self.lexicon.pattern('observed').pattern}|{self.lexicon.pattern('origin').pattern})", near):
            return "observed"
        return "target" if self._has("target", sentence.start, share.span.start) else "observed"

    # --- clauses

    def _clause_start(self, at: int, sentence: Sentence) -> int:
        return max([sentence.start, *(m.end() for m in _CLAUSE_END.finditer(self.text, sentence.start, at))])

    def _clause_end(self, at: int, sentence: Sentence) -> int:
        m = _CLAUSE_END.search(self.text, at, sentence.end)
        return m.start() if m else sentence.end


def _run(shares: Sequence[Quantity], position: int, text: str) -> tuple[int, int] | None:
    """First and last index of the list of shares around `position`; None if it stands alone."""

    def joined(left: int) -> bool:
        gap = text[shares[left].span.end : shares[left + 1].span.start]
        return bool(_LIST.fullmatch(gap))

    first = last = position
    while first > 0 and joined(first - 1):
        first -= 1
    while last + 1 < len(shares) and joined(last):
        last += 1
    return (first, last) if last > first else None


def quote_span(rate: Rate) -> Span:
    """The evidence of a rate, in the view."""
    return Span(rate.start, rate.end)
