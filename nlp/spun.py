"""Spun text (洗稿): tell it by marks no honest writer leaves, and put back the words that carry events."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from daachorse import CharwiseDoubleArrayAhoCorasick

from crawler.errors import LexiconError
from nlp.aligned import Aligned, Edit
from nlp.company import registry
from nlp.lexicon import rows
from nlp.noise import HAN

# Calibrated on labelled spun pages (the weakest scores 5 in 85 characters) and on 3,555 honest texts (short
# ones score 1 at most, long ones 0.3 a thousand characters).
SURE = 3
"""Weight of a mark that is proof, if there is another one beside it or the text is short."""
DENSE = 1.5
"""Weights a thousand characters, with proof: a long honest page gathers a mark now and then."""
MANY, ENOUGH, VERY_DENSE = 3, 4, 10.0
"""Without proof: so many different marks, of so much weight in all, and as much a thousand characters."""

SAMPLE = 2000
"""Characters at the beginning that decide for a long document if they are spun."""

_LEFT, _RIGHT = 40, 40
"""Characters of context that a rule may look at."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of spun.tsv for one spun word."""

    repaired: str
    weight: int
    left: re.Pattern[str] | None
    right: re.Pattern[str] | None
    names: bool
    """Whether the word ends a company's name, which is then repaired everywhere."""

    def fits(self, text: str, start: int, end: int) -> bool:
        """Whether the contexts of `text[start:end]` are those of the row."""
        if self.right and not self.right.match(text, end, end + _RIGHT):
            return False
        return not self.left or bool(self.left.search(text, max(0, start - _LEFT), start))


@dataclass(frozen=True, slots=True)
class Hit:
    """A spun word where it stands, and what it stood for."""

    start: int
    end: int
    pair: Pair


class Dictionary:
    """The pairs of spun.tsv, ready to be looked for."""

    def __init__(self, lines: Iterable[tuple[str, ...]]) -> None:
        macros: dict[str, str] = {}
        self.pairs: dict[str, list[Pair]] = defaultdict(list)
        self.in_names: list[tuple[str, str]] = []
        for spun, repaired, weight, left, right, _ in lines:
            if spun.startswith("$"):
                macros[spun] = _expand(repaired, macros)
            elif weight == "n":
                self.in_names += [(word, repaired) for word in spun.split("|")]
            else:
                pair = _pair(repaired, weight, _expand(left, macros), _expand(right, macros))
                for word in spun.split("|"):
                    self.pairs[word].append(pair)
        marks = [word for word, pairs in self.pairs.items() if any(pair.weight for pair in pairs)]
        self._marks = marks, CharwiseDoubleArrayAhoCorasick(marks)
        self._words = list(self.pairs), CharwiseDoubleArrayAhoCorasick(list(self.pairs))

    def marks(self, text: str) -> Iterator[Hit]:
        """The words that betray a spinner; overlapping ones may all be there."""
        words, automaton = self._marks
        for start, end, index in automaton.find_overlapping(text):
            hit = self._fitting(text, start, end, words[index])
            if hit and hit.pair.weight:
                yield hit

    def words(self, text: str) -> Iterator[Hit]:
        """Every word to repair, in order, without overlaps; the one that begins first and is longest wins."""
        words, automaton = self._words
        found = sorted(automaton.find_overlapping(text), key=lambda hit: (hit[0], -hit[1]))
        done = 0
        for start, end, index in found:
            if start >= done and (hit := self._fitting(text, start, end, words[index])):
                yield hit
                done = end

    def _fitting(self, text: str, start: int, end: int, word: str) -> Hit | None:
        for pair in self.pairs[word]:
            if pair.fits(text, start, end):
                return Hit(start, end, pair)
        return None


def _expand(pattern: str, macros: dict[str, str]) -> str:
    for name in sorted(macros, key=len, reverse=True):
        pattern = pattern.replace(name, macros[name])
    return pattern


def _pair(repaired: str, weight: str, left: str, right: str) -> Pair:
    try:
        return Pair(
            repaired=repaired.removeprefix("~"),
            weight=int(weight),
            left=re.compile(f"(?:{left})$") if left else None,
            right=re.compile(right) if right else None,
            names=repaired.startswith("~"),
        )
    except (re.error, ValueError) as error:
        raise LexiconError(f"nlp/lexicon/spun.tsv, the row that makes {repaired}: {error}") from error


@cache
def dictionary() -> Dictionary:
    """The packaged pairs, read at first use."""
    return Dictionary(rows("spun", "spun", "repaired", "weight", "left", "right", "seen"))


def is_spun(text: str) -> bool:
    """Whether a program replaced words of this simplified text, by the density of its marks."""
    if len(text) > 2 * SAMPLE and is_spun(text[:SAMPLE]):
        return True
    marks = {(hit.start, hit.end): hit.pair.weight for hit in dictionary().marks(text)}
    total = sum(marks.values())
    dense = total * 1000 >= VERY_DENSE * len(text)
    if total >= SURE == max(marks.values(), default=0) and (dense or len(marks) > 1):
        return total * 1000 >= DENSE * len(text)
    words = {text[start:end] for start, end in marks}
    return total >= ENOUGH and dense and len(words) >= MANY


def repair(view: Aligned, honest: Iterable[range] = ()) -> Aligned:
    """The view of a spun document with its words put back, as far as events need them.

    `honest`: ranges of the view that the spinner did not write (a traditional article on the same page); only
    marks of full weight are repaired there.
    """
    spared = list(honest)
    edits: dict[int, Edit] = {}
    names: dict[str, str] = {}
    for hit in dictionary().words(view.text):
        if hit.pair.weight < SURE and any(hit.start in part for part in spared):
            continue
        edits[hit.start] = (hit.start, hit.end, hit.pair.repaired)
        if hit.pair.names:
            stem = view.text[max(0, hit.start - 2) : hit.start]
            names[stem + view.text[hit.start : hit.end]] = stem + hit.pair.repaired
    names |= _registered(view.text)
    for start, end, name in _occurrences(view.text, names):
        for at in [at for at, edit in edits.items() if at < end and start < edit[1]]:
            del edits[at]
        edits[start] = (start, end, name)
    return view.edit(trimmed for at in sorted(edits) if (trimmed := _trim(view.text, edits[at])))


def _trim(text: str, edit: Edit) -> Edit | None:
    """The edit without what it leaves as it is: of 就业器 → 服务器 only 就业; None if that is everything."""
    start, end, repaired = edit
    while repaired and start < end and text[start] == repaired[0]:
        start, repaired = start + 1, repaired[1:]
    while repaired and start < end and text[end - 1] == repaired[-1]:
        end, repaired = end - 1, repaired[:-1]
    return (start, end, repaired) if start < end else None


def _occurrences(text: str, names: dict[str, str]) -> Iterator[Edit]:
    if names:
        longest_first = sorted(names, key=len, reverse=True)
        for m in re.finditer("|".join(map(re.escape, longest_first)), text):
            yield m.start(), m.end(), names[m.group()]


@cache
def _name_variants() -> tuple[list[str], dict[str, str], CharwiseDoubleArrayAhoCorasick]:
    """What a spinner may have made of each listed company's name, unless that is a name itself."""
    real = registry().short_names
    variants = {}
    for spun, word in dictionary().in_names:
        for name in real:
            if word in name and name != word and (variant := name.replace(word, spun)) not in real:
                variants[variant] = name
    words = list(variants)
    return words, variants, CharwiseDoubleArrayAhoCorasick(words)


_CODED = re.compile(r"\((?:证券代码:|股票代码:)?(?:S[HZ]:?)?(\d{6})")
_NAME = re.compile(f"[{HAN}]{{3,6}}$")


def _registered(text: str) -> dict[str, str]:
    """Printed spellings of listed companies and the right ones, by the spinner's words or the code beside."""
    words, variants, automaton = _name_variants()
    names = {words[index]: variants[words[index]] for _, _, index in automaton.find_overlapping(text)}
    for m in _CODED.finditer(text):
        company = registry().by_code(m.group(1))
        before = _NAME.search(text, max(0, m.start() - 6), m.start())
        if company is None or before is None:
            continue
        for name in (company.short_name, *company.former_short_names):
            printed = before.group()[-len(name) :]
            if len(printed) == len(name) > 2 and sum(a != b for a, b in zip(printed, name, strict=True)) == 1:
                names[printed] = name
    return names
