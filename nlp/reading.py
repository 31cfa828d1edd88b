"""One document read once: the view, its sentences, and the mentions every extractor shares."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from crawler.document import Document
from nlp import company, hardware, period, place, quantity
from nlp.normalise import Normalised, normalise
from nlp.segment import language
from nlp.span import Span
from nlp.topic import STORY

if TYPE_CHECKING:
    from spacy.tokens import Doc

_SENTENCE = re.compile(r"[^。!?;…\n]*[。!?;…\n]*[”’\"]?")
"""A sentence ends after 。!?;… and a closing quote; a line is a sentence of its own (titles, table rows)."""
_LONGEST = 600
"""Characters of the view. The longest sentence of 2,200 real ones has 195; what is longer is no prose, and
the cost of a sentence grows with its square."""


class _Mention(Protocol):
    @property
    def span(self) -> Span: ...


M = TypeVar("M", bound=_Mention)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the view: offsets are of `Reading.text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A document and what was seen in it. Spans are of `text`, the normalised view, unless said otherwise.

    Mentions are found when first asked for, over the whole view, and are sorted by where they begin.
    """

    document: Document
    normalised: Normalised
    abridged: bool = False
    """Whether the view is of those parts of a long text only that can hold events."""

    @property
    def is_story(self) -> bool:
        """Whether the text is short enough to be one story; a longer one names much that is none of ours."""
        return len(self.document.text) <= STORY

    @cached_property
    def text(self) -> str:
        """The normalised view: simplified, ASCII width, one paragraph a line."""
        return self.normalised.view.text

    @property
    def spun(self) -> bool:
        """Whether a program replaced words of this text by synonyms."""
        return self.normalised.spun

    @property
    def anchor(self) -> date | None:
        """Shanghai day on which relative dates hang; None: only the text's own dates can anchor."""
        return self.document.published

    @cached_property
    def title(self) -> str:
        """The headline, normalised; '' where there is none."""
        title = self.document.title  # a spun headline is too short to show it by itself
        return normalise(title, spun=self.spun or None).view.text if title else ""

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The view cut at 。!?;… and at line ends, an endless one at commas; blanks are left out."""
        return tuple(
            Sentence(start, end, self.text[start:end])
            for m in _SENTENCE.finditer(self.text)
            for start, end in _cut(self.text, m.start(), m.end())
            if not self.text[start:end].isspace()
        )

    @cached_property
    def quantities(self) -> tuple[quantity.Quantity, ...]:
        """Every number with its unit and bound."""
        return tuple(quantity.find_quantities(self.text))

    @cached_property
    def periods(self) -> tuple[period.Period, ...]:
        """Every date and period, anchored at the publication or at the text's own dates; not 近三年."""
        found = period.find_periods(self.text, anchor=self.anchor)
        return tuple(p for p in found if not p.window)

    @cached_property
    def companies(self) -> tuple[company.CompanyMention, ...]:
        """Every listed company the registry knows."""
        return tuple(company.registry().find(self.text))

    @cached_property
    def hardware(self) -> tuple[hardware.Hardware, ...]:
        """Every GPU, server or rack model."""
        return tuple(hardware.find_hardware(self.text))

    @cached_property
    def places(self) -> tuple[place.Place, ...]:
        """Every place name."""
        return tuple(place.find_places(self.text))

    def doc(self, sentence: Sentence) -> Doc:
        """The sentence as a spaCy Doc: our tokens; under `doc.spans["mentions"]`, what was seen in it.

        Character offsets count from the sentence's beginning; a mention covers the tokens it touches.
        """
        if sentence.start not in self._docs:
            doc = language()(sentence.text)
            groups: dict[str, Sequence[_Mention]] = {
                "COMPANY": self.companies,
                "HARDWARE": self.hardware,
                "PERIOD": self.periods,
                "PLACE": self.places,
                "QUANTITY": self.quantities,
            }
            spans = [
                doc.char_span(
                    m.span.start - sentence.start,
                    m.span.end - sentence.start,
                    label=label,
                    alignment_mode="expand",
                )
                for label, mentions in groups.items()
                for m in self.within(mentions, sentence.start, sentence.end)
            ]
            doc.spans["mentions"] = [span for span in spans if span is not None]
            self._docs[sentence.start] = doc
        return self._docs[sentence.start]

    @cached_property
    def _docs(self) -> dict[int, Doc]:
        return {}

    def within(self, mentions: Sequence[M], start: int, end: int) -> Sequence[M]:
        """The mentions that begin in `text[start:end]`."""
        low = bisect_left(mentions, start, key=lambda m: m.span.start)
        return mentions[low : bisect_left(mentions, end, lo=low, key=lambda m: m.span.start)]

    def evidence(self, start: int, end: int) -> tuple[int, int, str]:
        """Where `text[start:end]` stands in the text of record, and exactly those characters."""
        while start < end and self.text[start] in " \n,":
            start += 1
        while end > start and self.text[end - 1] in " \n,。;":
            end -= 1
        span = self.normalised.view.origin(start, end)
        return span.start, span.end, span.of(self.document.text)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch in pieces of at most `_LONGEST` characters, cut behind a comma where there is one."""
    while end - start > _LONGEST:
        comma = text.rfind(",", start, start + _LONGEST)
        stop = start + _LONGEST if comma < 0 else comma + 1
        yield start, stop
        start = stop
    if start < end:
        yield start, end


def read(document: Document, *, parts: Sequence[Span] = ()) -> Reading:
    """The document with its normalised view; mentions follow when asked for.

    `parts`: the windows of nlp.topic, if they are known; (): all of the text is viewed. Where nothing but its
    own dates can date a text, the lines that print a year are viewed, too. A spun text is viewed whole.
    """
    text = document.text
    if sum(part.end - part.start for part in parts) in (0, len(text)):
        return Reading(document=document, normalised=normalise(text))
    if document.published is None:
        parts = _with_years(text, parts)
    normalised = normalise(text, parts=parts)
    if normalised.spun:  # decided on the whole: marks may lie close together by chance
        return Reading(document=document, normalised=normalise(text))
    return Reading(document=document, normalised=normalised, abridged=True)


_YEAR = re.compile(r"(?:19|20)\d\d\s?[年/.-]|二[〇零○][〇零○一二三四五六七八九]{2}\s?年|民[国國]")


def _with_years(text: str, parts: Sequence[Span]) -> Sequence[Span]:
    """The parts, and between them the sentences that print a year."""
    out = list(parts)
    for m in _YEAR.finditer(text):
        start = max(text.rfind(stop, 0, m.start()) for stop in "。\n") + 1
        ends = [at for stop in "。\n" if (at := text.find(stop, m.end())) >= 0]
        out.append(Span(start, min(ends, default=len(text) - 1) + 1))
    joined: list[Span] = []
    for span in sorted(out):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
