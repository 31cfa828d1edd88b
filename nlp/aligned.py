"""Text that points back at its source, whatever was folded, dropped or repaired on the way."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from nlp.span import Span

Edit = tuple[int, int, str]
"""`text[start:end]` becomes the string; the empty string deletes."""


class Run(NamedTuple):
    """A stretch of the view; it ends where the next one begins."""

    start: int
    """First code point of the view."""
    source_start: int
    source_end: int
    linear: bool
    """Character by character. False: all of the stretch came from all of the source range (完了 → 终止)."""


@dataclass(frozen=True)
class Aligned:
    """A view of `source`, each of whose characters knows the source characters it came from.

    Offsets are code points. The map is a sorted tuple of runs, so that text nobody edited costs nothing. It
    is monotone: what stands later in the view never came from earlier in the source. Source characters that
    no run covers were deleted.
    """

    text: str
    source: str
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, source: str) -> Aligned:
        """The view that changes nothing."""
        runs = (Run(0, 0, len(source), True),) if source else ()
        return cls(text=source, source=source, runs=runs)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(run.start for run in self.runs)

    def origin(self, start: int, end: int) -> Span:
        """The tightest source range that holds what `text[start:end]` came from.

        An empty range is a point: where its next character begins. IndexError for a range not in the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"[{start}, {end}) is not a range of a view of {len(self.text)} characters")
        if start == end:
            return Span(self._begins(start), self._begins(start))
        last = self.runs[bisect_right(self._starts, end - 1) - 1]
        stop = last.source_start + end - last.start if last.linear else last.source_end
        return Span(self._begins(start), stop)

    def cover(self, start: int, end: int) -> Span:
        """Like `origin`, with the deleted characters that follow, and at the very start those before.

        Neighbouring ranges have neighbouring covers, and the cover of the whole view is the whole source.
        """
        self.origin(start, end)
        low = 0 if start == 0 else self._begins(start)
        return Span(low, max(low, len(self.source) if end == len(self.text) else self._begins(end)))

    def edit(self, edits: Iterable[Edit]) -> Aligned:
        """The view with ranges of its text replaced; `edits` are sorted, disjoint and not empty ranges.

        A replacement of one character by one is linear; any other comes from its range as a whole. ValueError
        for an edit out of order, out of the text, or of nothing (what is inserted came from nowhere).
        """
        if len(self.runs) == 1 and self.runs[0].linear:
            return self._edit_untouched(edits)
        pieces: list[str] = []
        runs: list[Run] = []
        done = length = 0
        for start, end, replacement in edits:
            if not done <= start < end <= len(self.text):
                raise _wrong(start, end)
            if done < start:
                pieces.append(self.text[done:start])
                runs.extend(self._slice(done, start, length))
                length += start - done
            if replacement:
                pieces.append(replacement)
                source = self.origin(start, end)
                linear = len(replacement) == end - start == source.end - source.start == 1
                runs.append(Run(length, source.start, source.end, linear))
                length += len(replacement)
            done = end
        if not done:
            return self
        pieces.append(self.text[done:])
        runs.extend(self._slice(done, len(self.text), length))
        return Aligned(text="".join(pieces), source=self.source, runs=tuple(_joined(runs)))

    def _edit_untouched(self, edits: Iterable[Edit]) -> Aligned:
        """`edit` of a view that is one linear run: most documents, and five times as fast."""
        text, size, shift = self.text, len(self.text), self.runs[0].source_start
        pieces: list[str] = []
        runs: list[Run] = []
        done = length = 0
        for start, end, replacement in edits:
            if not done <= start < end <= size:
                raise _wrong(start, end)
            if done < start:
                pieces.append(text[done:start])
                runs.append(Run(length, done + shift, start + shift, True))
                length += start - done
            if replacement:
                pieces.append(replacement)
                runs.append(Run(length, start + shift, end + shift, len(replacement) == end - start == 1))
                length += len(replacement)
            done = end
        if not done:
            return self
        if done < size:
            pieces.append(text[done:])
            runs.append(Run(length, done + shift, size + shift, True))
        return Aligned(text="".join(pieces), source=self.source, runs=tuple(runs))

    def with_text(self, same_length: str) -> Aligned:
        """The view with characters exchanged one for one. ValueError if the length differs."""
        if len(same_length) != len(self.text):
            raise ValueError(f"{len(same_length)} characters can't stand for {len(self.text)}, one for one")
        return self if same_length == self.text else Aligned(same_length, self.source, self.runs)

    def then(self, other: Aligned) -> Aligned:
        """`other`, a view of this view's text, as a view of this view's source."""
        if other.source != self.text:
            raise ValueError("the second view is not one of the first one's text")
        runs: list[Run] = []
        for run in other.runs:
            if run.linear:
                runs.extend(self._slice(run.source_start, run.source_end, run.start))
            else:
                runs.append(Run(run.start, *self.origin(run.source_start, run.source_end), False))
        return Aligned(text=other.text, source=self.source, runs=tuple(_joined(runs)))

    def _begins(self, at: int) -> int:
        """Source offset at which the character at `at` begins; past the last one, where that ends."""
        if at >= len(self.text):
            return self.runs[-1].source_end if self.runs else 0
        run = self.runs[bisect_right(self._starts, at) - 1]
        return run.source_start + at - run.start if run.linear else run.source_start

    def _slice(self, start: int, end: int, to: int) -> Iterator[Run]:
        """The runs of `text[start:end]`, moved so that they begin at `to`."""
        if start >= end:
            return
        starts, runs = self._starts, self.runs
        index, last = bisect_right(starts, start) - 1, len(runs) - 1
        while start < end:
            run = runs[index]
            stop = end if index == last else min(end, starts[index + 1])
            if run.linear:
                begin = run.source_start + start - run.start
                yield Run(to, begin, begin + stop - start, True)
            else:
                yield Run(to, run.source_start, run.source_end, False)
            to += stop - start
            start = stop
            index += 1


def _wrong(start: int, end: int) -> ValueError:
    return ValueError(f"edit [{start}, {end}) is empty, out of order or outside of the text")


def _joined(runs: list[Run]) -> Iterator[Run]:
    """The same map in fewer runs: linear neighbours whose source ranges touch become one."""
    last: Run | None = None
    for run in runs:
        if last is not None and last.linear and run.linear and last.source_end == run.source_start:
            last = Run(last.start, last.source_start, run.source_end, True)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last
