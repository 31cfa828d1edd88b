"""The first look at a document: whether it can hold an event at all. Everything after it costs more."""

from __future__ import annotations

import re
from functools import cache

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from nlp.lexicon import words
from nlp.noise import HAN
from nlp.normalise import normalise

_UNSAFE = re.compile("[\ud800-\udfff]")
_NOISE = re.compile(
    r"[(（][A-Za-z]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ\u0300\u0301\u0304\u030c]"
    r"|[\u200b-\u200f\u2060\ufeff\ue000-\uf8ffＡ-Ｚａ-ｚ]"
)
_SPACED = re.compile(rf"[{HAN}][ \u3000][{HAN}][ \u3000][{HAN}]")
_IN_A_NUMBER = re.compile(r"[0-9A-Za-z._/]\d{4}|\d{4}[0-9A-Za-z_/]")
_NEAR = 40
"""Characters between a deal and what happens to it; a sentence that tells both is seldom longer."""


@cache
def _automaton() -> tuple[CharwiseDoubleArrayAhoCorasick, list[str]]:
    groups = words("topic")
    kinds = {str(word): kind for kind in ("deed", "deal", "compute") for word in groups[kind]}
    # a word can be both a deal and what happens to it: 中标
    both = set(map(str, groups["deal"])) & set(map(str, groups["deed"]))
    kinds |= dict.fromkeys(both, "both")
    return CharwiseDoubleArrayAhoCorasick(list(kinds), MATCH_KIND_LEFTMOST_LONGEST), list(kinds.values())


def may_hold_event(text: str) -> bool:
    """Whether any event is possible in a text of record; False is certain, True is a reason to read on.

    The text is looked at as it was published. Only where noise may have cut every word to pieces (pinyin,
    invisible or spaced characters) its normalised view is looked at instead.
    """
    if _UNSAFE.search(text) or _NOISE.search(text) or _SPACED.search(text):
        text = normalise(text).view.text
    automaton, kinds = _automaton()
    seen = {"deal": -_NEAR, "deed": -_NEAR}
    for start, end, index in automaton.find(text):
        kind = kinds[index]
        if text[start].isdigit() and _IN_A_NUMBER.search(text, max(0, start - 1), end + 1):
            continue  # 4090 inside of a longer number or a link
        if kind in ("compute", "both"):
            return True
        if start - seen["deal" if kind == "deed" else "deed"] < _NEAR:
            return True
        seen[kind] = start
    return False
