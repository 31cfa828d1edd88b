"""The first look at a document: whether it can hold an event at all. Everything after it costs more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from nlp.lexicon import words
from nlp.noise import HAN
from nlp.normalise import normalise
from nlp.span import Span

# Each begins with one set, so that the engine can skip to it.
_NOISE = re.compile(
    "[(（\ud800-\udfff\u200b-\u200f\u2060\ufeff\ue000-\uf8ffＡ-Ｚａ-ｚ]"
    r"(?:(?<![(（])|(?<=[(（])[A-Za-z]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ\u0300\u0301\u0304\u030c])"
)
_SPACED = re.compile(rf"[ \u3000](?<=[{HAN}].)[{HAN}][ \u3000][{HAN}]")
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
    kinds |= dict.fromkeys(_models(), "compute")
    return CharwiseDoubleArrayAhoCorasick(list(kinds), MATCH_KIND_LEFTMOST_LONGEST), list(kinds.values())


def _models() -> Iterator[str]:
    """The names of hardware that are nothing else, as they can be printed: RTX 4090, RTX4090, RTX-4090."""
    for facts in words("hardware")["models"].values():
        if not facts.get("strict"):
            for alias in facts["aliases"]:
                yield from {alias.replace(" ", joint) for joint in ("", " ", "-")}


def may_hold_event(text: str) -> bool:
    """Whether any event is possible in a text of record; False is certain, True is a reason to read on.

    The text is looked at as it was published. Only where noise may have cut every word to pieces (pinyin,
    invisible or spaced characters) its normalised view is looked at instead.
    """
    return next(_spots(normalise(text).view.text if _is_noisy(text) else text), None) is not None


def windows(text: str) -> tuple[Span, ...]:
    """The parts of a text of record that can hold events, with what stands around them; (): none can.

    Sorted, disjoint, cut at the ends of sentences. A short text is one window, and so are a noisy one and one
    that is on our topics by half. A long one is what lies around the words of the topic, and its head, which
    may be all that names the company.
    """
    if len(text) <= STORY or _is_noisy(text):
        return (Span(0, len(text)),) if may_hold_event(text) else ()
    found: list[Span] = []
    for spot in _spots(text):
        if not found:
            found.append(Span(0, _sentence_end(text, HEAD)))
        if spot < found[-1].end - _NEAR:
            continue
        start, end = _sentence_start(text, spot - BEFORE), _sentence_end(text, spot + BEHIND)
        if start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    if 2 * sum(span.end - span.start for span in found) > len(text):
        return (Span(0, len(text)),)
    return tuple(found)


STORY = 3000
"""Characters up to which a text is one story; a longer one may be a digest, a broadcast or a report."""
HEAD, BEFORE, BEHIND = 200, 240, 300
"""Characters kept at the head of a long text, and before and behind each word of the topic."""
_STOP = re.compile(r"[。！？!?；;\n]")
_REACH = 200
"""Characters in which a sentence is to end; text without stops is cut there."""


def _sentence_start(text: str, at: int) -> int:
    """The end of the last sentence that ends before `at`."""
    low = max(0, at - _REACH)
    stop = max(text.rfind(mark, low, at) for mark in "。\n") if at > 0 else -1
    return stop + 1 if stop >= 0 else low


def _sentence_end(text: str, at: int) -> int:
    """Where the sentence ends that goes on at `at`."""
    stop = _STOP.search(text, at, at + _REACH)
    return stop.end() if stop else min(len(text), at + _REACH)


def _is_noisy(text: str) -> bool:
    return bool(_NOISE.search(text) or _SPACED.search(text))


def _spots(text: str) -> Iterator[int]:
    """Where the text speaks of compute, or of a deal and, not far from it, of what happens to one."""
    automaton, kinds = _automaton()
    seen = {"deal": -_NEAR, "deed": -_NEAR}
    for start, end, index in automaton.find(text):
        kind = kinds[index]
        if text[start].isdigit() and _IN_A_NUMBER.search(text, max(0, start - 1), end + 1):
            continue  # 4090 inside of a longer number or a link
        if kind in ("compute", "both"):
            yield start
            continue
        if start - seen["deal" if kind == "deed" else "deed"] < _NEAR:
            yield start
        seen[kind] = start
