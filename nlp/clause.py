"""A sentence cut into clauses; titles in 《》 are kept apart, so that a word inside a title is no verb."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.reading import Sentence
from nlp.span import Span

_BREAK = re.compile(r"《[^》\n]{0,80}》|\([^()\n]{0,80}\)|[,:]")
"""What a cut must see: a title or a bracket is stepped over."""
_LABELLED = re.compile(
    r"(?:人民币|约|不超过|含税|共计?)?(?:\d[\d,.]*(?![\d,.年月日])|\d{1,2}(?:年|个月)(?!\d{1,2}月)|《|[壹贰叁肆伍陆柒捌玖]|[一二三四五六七八九十两]{1,3}(?:年|个月))"
)
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


def blot(text: str) -> str:
    """The text with what stands in 《》 blotted out, of the same length."""
    return _TITLE.sub(lambda m: "《" + "□" * len(m[1]) + ("》" if m.group().endswith("》") else ""), text)


def clauses(sentence: Sentence) -> Iterator[Clause]:
    """The clauses of one sentence, in order; together they cover it."""
    cuts = [m.end() for m in _BREAK.finditer(sentence.text) if _cuts(sentence, m)]
    for begin, end in zip([0, *cuts], [*cuts, len(sentence.text)], strict=True):
        text = sentence.text[begin:end]
        if text.strip(" ,:\n"):
            start = sentence.start + begin
            titles = tuple(Span(start + m.start(1), start + m.end(1)) for m in _TITLE.finditer(text))
            yield Clause(start, start + len(text), text, blot(text), titles)


def _cuts(sentence: Sentence, m: re.Match[str]) -> bool:
    """Whether a mark ends a clause: the comma of 116,384,676.69元 and the colon of 金额:48,384万元 do not."""
    text, at = sentence.text, m.start()
    if m.group() == ":":
        return not _LABELLED.match(text, m.end())
    grouped = text[max(0, at - 1) : at].isdigit() and re.match(r"\d{3}(?!\d)", text[at + 1 : at + 5])
    return m.group() == "," and not grouped
