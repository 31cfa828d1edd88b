"""When a rate was so, or is to be so: by the date told before it, over its sentences, or by its document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.cue import Cues
from nlp.occasion import held_in, occasion, reported
from nlp.period import Period
from nlp.quantity import Quantity
from nlp.rate_pattern import CLAUSE_END, NEAR, OF_WHICH
from nlp.reading import Reading, Sentence


class Dates:
    """Tells of each rate of a document when it was; sentences and rates are asked in order."""

    def __init__(self, reading: Reading, lexicon: Cues) -> None:
        self.reading = reading
        self.text = reading.text
        self.lexicon = lexicon
        self.last: str | None = None
        """The date that holds on; None: none does."""

    def _has(self, role: str, start: int, end: int) -> bool:
        return self.lexicon.pattern(role).search(self.text, start, end) is not None

    def begin(self, sentence: Sentence) -> None:
        """What date may hold on into this sentence: only one that it refers back to (期末, 上述)."""
        self.last = None
        if self._has("same_day", sentence.start, sentence.end):
            earlier = [p for p in self.between(max(0, sentence.start - NEAR), sentence.start) if p.value]
            earlier = [p for p in earlier if not self._is_compared(p)]
            last = earlier[-1] if earlier else None
            if OF_WHICH.match(sentence.text):  # 6月末…71%,去年年末66%。其中…: of what was told first, of now
                last = max(earlier, key=self._held_in, default=None)
            self.last = self._held_in(last) if last else None

    def between(self, start: int, end: int) -> Sequence[Period]:
        """The dates that begin in `text[start:end]`."""
        return self.reading.within(self.reading.periods, start, end)

    def of(
        self, share: Quantity, sentence: Sentence, *, since: int, told_since: int, status: str
    ) -> str | None:
        """The date told before the share; one after 由 or 较 holds for the share right after it only.

        `since` is where its clause begins; `told_since`, where the sentences begin that semicolons join.
        """
        told = [p for p in self.between(sentence.start, share.span.start) if p.value]
        told += self._bracketed(share)
        told = [p for p in told if not self._is_telling(p) and not self._is_opening(p, since)]
        told = [
            p
            for p in told
            if not (self._is_aside(p) or self._is_compared(p))
            or (p.span.start >= since and not self._is_taken(p, share))
        ]
        now = [m.start() for m in self.lexicon.pattern("now").finditer(self.text, since, share.span.start)]
        if self.reading.anchor and self._has("today", sentence.start, share.span.start):
            return self.reading.anchor.isoformat()
        if not told:
            kind = occasion(self.reading, sentence, plan=status == "target")
            if now:
                return kind
            kind = kind or (reported(self.reading, sentence) if status == "observed" else None)
            return self.last or self._headed(sentence, told_since) or kind
        if now and now[-1] > told[-1].span.start and status == "observed":
            return None
        dated = self._held_in(told[-1])
        if not self.text.startswith("同期", told[-1].span.end):  # what is compared with is not gone on with
            self.last = dated
        return dated

    def _held_in(self, period: Period) -> str:
        return held_in(self.reading, period)

    def _headed(self, sentence: Sentence, told_since: int) -> str | None:
        """六月底盘点:甲地…万架;整体上架率六成九: the date that heads the sentences semicolons join."""
        if told_since == sentence.start:
            return None
        head = CLAUSE_END.search(self.text, told_since, sentence.start)
        told = [p for p in self.between(told_since, head.start()) if p.value] if head else []
        return self._held_in(told[-1]) if told else None

    def _bracketed(self, share: Quantity) -> list[Period]:
        """出租率仍有92%(6月末): the date right behind its figure, alone in a bracket."""
        at = share.span.end
        dates = self.between(at + 1, at + 2) if self.text.startswith("(", at) else ()
        return [p for p in dates if p.value and ")" in self.text[p.span.end : p.span.end + 2]]

    def _is_telling(self, period: Period) -> bool:
        """昨日发表的季度简报: the day of the telling."""
        return self.lexicon.pattern("telling").match(self.text, period.span.end) is not None

    def _is_opening(self, period: Period, since: int) -> bool:
        """新园区3月份才交付,刚到22%: since when it stands, told in a clause before."""
        return period.span.end < since and bool(
            self.lexicon.pattern("opened").match(self.text, period.span.end)
        )

    def _is_taken(self, period: Period, share: Quantity) -> bool:
        """由去年年底的73.5%升至78.9%: the date has its own share already."""
        between = self.reading.within(self.reading.quantities, period.span.end, share.span.start)
        return any(q.kind == "percent" for q in between)

    def _is_aside(self, period: Period) -> bool:
        return self._has("origin", max(0, period.span.start - 2), period.span.start)

    def _is_compared(self, period: Period) -> bool:
        """较去年底回落: a date that only another is compared with."""
        return self.text.endswith(("较", "比", "相比", "同比"), 0, period.span.start)

    def listed(self, share: Quantity, sentence: Sentence, run: tuple[int, int]) -> str | None:
        """分别为82.3%、76.1%: one date each, where as many dates or quarters stand before."""
        index, count = run
        dates = [p for p in self.between(sentence.start, share.span.start) if p.value]
        dates = [p for p in dates if not self._is_telling(p)]
        if len(dates) >= count:
            return dates[-count:][index].value
        quarters = count == 4 and self._has("quarterly", sentence.start, share.span.start)
        if quarters and dates and re.fullmatch(r"\d{4}", dates[-1].value):
            return _part(f"{dates[-1].value}-01/{dates[-1].value}-12", index, count)
        return _part(dates[-1].value, index, count) if dates else None


def _part(interval: str, index: int, count: int) -> str | None:
    """The year or quarter that is number `index` of an interval of `count` of them; None if it is none."""
    first, _, last = interval.partition("/")
    if re.fullmatch(r"\d{4}", first) and re.fullmatch(r"\d{4}", last):
        return str(int(first) + index) if int(last) - int(first) + 1 == count else None
    if not re.fullmatch(r"\d{4}-\d\d", first) or not re.fullmatch(r"\d{4}-\d\d", last):
        return None
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    if end - start + 1 != count * 3:
        return None
    begin = start + index * 3
    return f"{begin // 12}-{begin % 12 + 1:02}/{(begin + 2) // 12}-{(begin + 2) % 12 + 1:02}"
