"""A sentence cut into clauses; titles in 《》 are kept apart, so that a word inside a title is no verb."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.reading import Sentence
from nlp.span import Span

_BREAK = re.compile(r"《[^》\n]{0,80}》|\([^()\n]{0,80}\)|(?<=\d),(?=\d{3})|[,:]")
"""What a cut must see: a title or a bracket is stepped over, the comma of 48,384万元 is none, else , and : cut."""
_TITLE = re.compile(r"《([^》\n]{1,80})》?")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the view; `bare` is its text with what stands in 《》 blotted out, of the same length."""

    start: int
    end: int
    text: str
    bare: str
    titles: tuple[Span, ...]
    """What stands inside 《》, in offsets of the view."""


def _blot(text: str) -> str:
    return _TITLE.sub(lambda m: "《" + "□" * len(m[1]) + ("》" if m.group().endswith("》") else ""), text)


def clauses(sentence: Sentence) -> Iterator[Clause]:
    """The clauses of one sentence, in order; together they cover it."""
    cuts = [m.end() for m in _BREAK.finditer(sentence.text) if m.group() in {",", ":"} and not _thousands(sentence, m)]
    for begin, end in zip([0, *cuts], [*cuts, len(sentence.text)], strict=True):
        text = sentence.text[begin:end]
        if text.strip(" ,:\n"):
            start = sentence.start + begin
            titles = tuple(Span(start + m.start(1), start + m.end(1)) for m in _TITLE.finditer(text))
            yield Clause(start, start + len(text), text, _blot(text), titles)


def _thousands(sentence: Sentence, m: re.Match[str]) -> bool:
    """Whether a comma groups digits: 48,384万元, 116,384,676.69元."""
    text, at = sentence.text, m.start()
    return bool(text[max(0, at - 1) : at].isdigit() and re.match(r"\d{3}(?!\d)", text[at + 1 : at + 5]))
