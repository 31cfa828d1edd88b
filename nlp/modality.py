"""What takes a verb out of the world of facts: planned, feared, rumoured.

Long cues are found as they stand. A cue of one character is one only as a word of its own, so it is looked
for among the tokens of the sentence's spaCy Doc: 拟 plans and 模拟 does not, 传 tells and 传统 does not.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import Any

from nlp.lexicon import words
from nlp.reading import Reading, Sentence
from nlp.segment import language


@cache
def _matcher() -> Any:
    """spaCy's Matcher over lexicon/contract.yml's `single`: one pattern a cue, labelled by what it does."""
    from spacy.matcher import Matcher

    matcher = Matcher(language().vocab)
    for label, cues in words("contract")["single"].items():
        matcher.add(label, [[{"TEXT": {"REGEX": rf"^(?:{cue})"}}] for cue in cues])
    return matcher


class Modality:
    """The one-character cues of one sentence; its Doc is made when first asked."""

    def __init__(self, reading: Reading, sentence: Sentence) -> None:
        self._reading = reading
        self._sentence = sentence

    @cached_property
    def _cues(self) -> list[tuple[str, int, int]]:
        doc = self._reading.doc(self._sentence)
        strings = doc.vocab.strings
        return [
            (strings[label], self._sentence.start + doc[first].idx, doc[first].idx + len(doc[first]))
            for label, first, _ in _matcher()(doc)
        ]

    def has(self, label: str, start: int, end: int) -> bool:
        """Whether a cue of this kind begins in `text[start:end]` of the view."""
        stretch = self._reading.text[start:end]
        if not re.search(_characters(label), stretch):
            return False
        return any(kind == label and start <= at < end for kind, at, _ in self._cues)


@cache
def _characters(label: str) -> str:
    """The cheap look before the close one: the first characters of the cues."""
    return "[" + "".join(sorted({cue[0] for cue in words("contract")["single"][label]})) + "]"
