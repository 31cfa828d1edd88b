"""Costly patterns looked for only where something cheap shows that they can match."""

from __future__ import annotations

import re
from collections.abc import Iterator


def finditer(
    pattern: re.Pattern[str], text: str, *, anchor: re.Pattern[str], before: int, behind: int
) -> Iterator[re.Match[str]]:
    """What `pattern.finditer(text)` finds, at the cost of a search for `anchor`.

    Every match must hold a match of `anchor`, begin at most `before` characters in front of it, and end, with
    what it looks ahead at, at most `behind` characters after it. An anchor that begins with one character or
    a set is found thirty times as fast as a pattern that begins with alternatives.
    """
    done = 0
    for at in anchor.finditer(text):
        if at.start() < done:
            continue
        m = pattern.search(text, max(done, at.start() - before), min(len(text), at.end() + behind))
        if m:
            done = m.end()
            yield m
