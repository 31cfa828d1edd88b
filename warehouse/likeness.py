"""When two tellings mean the same name, amount or day. Pure comparisons; resolve.py weighs them."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from math import floor, log10


class Like(IntEnum):
    """How two values compare."""

    OTHER = -2
    """They cannot both be right."""
    BROKEN = -1
    """They differ, but the way a damaged copy differs: a lost digit, 万 for 亿."""
    UNKNOWN = 0
    """One of them is not said, or says nothing (客户A)."""
    CLOSE = 1
    """Nearly the same: rounded, one character off, a few days apart."""
    SAME = 2


_PUNCTUATION = re.compile(r"[\s()（）“”\"'《》「」·,.，。-]")
_LEGAL = re.compile(r"(股份)?(集团)?(股份)?(有限|控股)?(责任)?公司$|集团$")
_TRADE = re.compile(r"(科技|技术|信息|网络|数据|智能|实业|发展|投资|控股)+$")
_WHERE = re.compile(r"^[\u4e00-\u9fff]{2,3}?(省|市|自治区|区|县)")
_MASKED = re.compile(
    r"某|[*×＊]|X{2,}|^[A-Z]$|[A-Z甲乙丙丁](公司|客户|企业|集团|单位|供应商)|(公司|客户|企业|供应商|单位)[A-Z甲乙丙丁一二三四\d]"
    r"|^(客户|对方|交易对方|第三方|供应商|合作方|甲方|乙方)$"
)
"""Names that hide: 客户A, A公司, 某央企, 北京****公司, 对方."""


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """A name without punctuation, legal form, trade words and seat, as far as two characters stay.

    北京英博数科科技有限公司 and 英博数科 do not become equal, but the one contains the other.
    """
    bare = _PUNCTUATION.sub("", name).upper()
    for pattern in (_LEGAL, _TRADE, _WHERE):
        shorter = pattern.sub("", bare)
        bare = shorter if len(shorter) >= 2 else bare
    return bare


@lru_cache(maxsize=200_000)
def masked(name: str) -> bool:
    """Whether the name hides who it is."""
    return _MASKED.search(_PUNCTUATION.sub("", name)) is not None


@lru_cache(maxsize=500_000)
def names(a: str | None, b: str | None) -> Like:
    """Two company names: same also where one contains the other, close where one character differs."""
    if not a or not b:
        return Like.UNKNOWN
    if a == b:
        return Like.SAME
    if masked(a) or masked(b):
        return Like.OTHER if masked(a) and masked(b) else Like.UNKNOWN
    short, long = sorted((fold(a), fold(b)), key=len)
    if short == long or (len(short) >= 2 and short in long):
        return Like.SAME
    return Like.CLOSE if _one_off(short, long) or _abbreviates(short, long) else Like.OTHER


def _abbreviates(short: str, long: str) -> bool:
    """Three characters or more in the order of the long name, the first two side by side.

    莲花科创 is 莲花科技创新.
    """
    if len(short) < 3 or short[:2] not in long:
        return False
    rest = iter(long[long.index(short[:2]) + 2 :])
    return all(character in rest for character in short[2:])


def _one_off(short: str, long: str) -> bool:
    """Four characters or more, one of them another: what a spinner or a wrong conversion leaves."""
    if len(short) != len(long) or len(short) < 4:
        return False
    return sum(x != y for x, y in zip(short, long, strict=True)) == 1


def _unit_of_last_digit(value: float) -> float:
    """The place of the last significant digit: 3.69e9 → 1e7; 4.94e8 → 1e6."""
    if value == 0:
        return 1.0
    magnitude = floor(log10(abs(value)))
    for digits in range(1, 16):
        step = 10.0 ** (magnitude - digits + 1)
        if abs(value / step - round(value / step)) < 1e-6:
            return step
    return 10.0 ** (magnitude - 14)


@lru_cache(maxsize=200_000)
def amount_range(low: float, high: float | None, bound: str | None) -> tuple[float, float]:
    """What an amount can mean, from its printed precision and its bound.

    约37亿 is 36.5 to 37.5 or five per cent; 逾9亿 is 9 to 10.35; an exact 36.9亿 is good to half its last
    digit, but to no more than two per cent, for 300000000 may well be exact.
    """
    if high is not None:
        return low, high
    half = _unit_of_last_digit(low) / 2
    if bound == "about":
        slack = max(half, 0.05 * low)
        return low - slack, low + slack
    if bound == "over":
        return low, low * 1.15
    if bound == "under":
        return low * 0.85, low
    slack = min(half, 0.02 * low)
    return low - slack, low + slack


def amounts(
    a: float | None,
    b: float | None,
    *,
    a_max: float | None = None,
    b_max: float | None = None,
    a_bound: str | None = None,
    b_bound: str | None = None,
) -> Like:
    """Two amounts of one currency."""
    if a is None or b is None:
        return Like.UNKNOWN
    if a == b and a_max == b_max:
        return Like.SAME
    low, high = amount_range(a, a_max, a_bound)
    other_low, other_high = amount_range(b, b_max, b_bound)
    if low <= other_high and other_low <= high:
        return Like.CLOSE
    return Like.BROKEN if broken_number(a, b) else Like.OTHER


def broken_number(a: float, b: float) -> bool:
    """Whether one is the other with its first digits lost (4.94亿 → 94亿) or its unit mistaken (亿 → 万)."""
    if a <= 0 or b <= 0:
        return False
    first, second = _digits(a), _digits(b)
    if first == second:
        return True
    short, long = sorted((first, second), key=len)
    return len(short) >= 2 and long.endswith(short)


def _digits(value: float) -> str:
    return f"{value:.6f}".replace(".", "").strip("0")


def days(a: tuple[int, int] | None, b: tuple[int, int] | None, *, near: int = 7) -> Like:
    """Two intervals of days: SAME where they overlap, CLOSE within `near` days, OTHER beyond."""
    if a is None or b is None:
        return Like.UNKNOWN
    gap = max(a[0], b[0]) - min(a[1], b[1])
    if gap <= 0:
        return Like.SAME
    return Like.CLOSE if gap <= near else Like.OTHER
