"""What a text tells only to deny it: a rumour, a post on the net, a question that is answered by a denial."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.extractors.project_words import pattern
from nlp.reading import Sentence

REACH = 3
"""Sentences, the first one counted, within which a rumour is denied."""


def denied(sentences: Sequence[Sentence]) -> bool:
    """Whether the first sentence denies, or tells or asks what one of the next ones denies."""
    return bool(pattern("denial").search(sentences[0].text)) or is_rumour(sentences)


def is_rumour(sentences: Sequence[Sentence]) -> bool:
    """Whether the first sentence tells a rumour, or asks a question, that is denied right behind it."""
    first, *later = [s.text for s in sentences[:REACH]]
    denial = pattern("denial")
    if first.rstrip('”"\n ').endswith("?"):
        return bool(later and denial.search(later[0]))
    return bool(pattern("rumour").search(first)) and any(denial.search(text) for text in later)


_CLARIFIES = re.compile(r"澄清|辟谣|传闻(?:的)?说明")


def clarified(title: str, sentence: Sentence) -> bool:
    """Whether a headline that clarifies takes back what the sentence says others tell: 有媒体报道称…"""
    return bool(_CLARIFIES.search(title)) and bool(pattern("rumour").search(sentence.text))
