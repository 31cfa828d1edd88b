"""Words: jieba's dictionary through rjieba."""

from __future__ import annotations

from functools import cache

import rjieba


@cache
def plain() -> rjieba.Jieba:
    """jieba's own dictionary, nothing added."""
    return rjieba.Jieba()


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether a dictionary word reaches over either end of `text[start:end]`."""
    left, right = text[max(0, start - 4) : start], text[end : end + 4]
    edge = len(left)
    at = 0
    boundaries = {0}
    for word in plain().cut(left + text[start:end] + right, hmm=False):
        at += len(word)
        boundaries.add(at)
    if edge not in boundaries:
        return True
    return edge + end - start not in boundaries and not right.startswith(
        ("股份", "集团", "有限", "公司", "控股")
    )
