"""Time told as so many units from a day: 三周后, 半年前, 近三年, 未来四个月."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from nlp import numeral
from nlp.timeline import Moment, Stretch, moved

_N = r"(?:\d{1,3}(?:\.5)?|[一二三四五六七八九两俩十百]{1,4})"
_OTHER_WORD = r"(?![代级龄期限])"
"""近三年期国债 is a bond of three years."""

# 两年, 三年半, 两个半月, 15个多月, 4个星期, 半年; 三月 is a month, so months want 个
_COUNT = (
    rf"(?:(?P<n>{_N})(?:(?P<mid>个半)月|个?多?(?:(?P<unit>年|季度|星期|礼拜|周|天)|(?<=[个多])(?P<month>月))(?P<half>半)?)多?"
    r"|(?P<short>[两俩])月|半(?P<halved>年|个?月))"
)
_BARE_DAYS = rf"(?P<days>{_N})日"

# A count that a clause begins with: 到货两周后 is counted from a delivery that nobody dates.
_FREE = r"(?<![^\s,，。;；:：!?、(（“他她我它们司者将再在于就要约而但到已早])"
_CLOSE = rf"(?:{_FREE}(?:{_COUNT}|(?P<fewdays>[两俩]|[三四五六七八九](?=日[之以]?后))日))"

# 两天前, 三个月后; not 三年前瞻, 两年后续, 五天前后
_POINT = (
    rf"{_CLOSE}(?:[之以]?(?P<before>前)(?![后端期瞻台述提身景])"
    r"|(?:[之以]|过)?(?P<behind>后)(?![期续端台者门]|的今天)|(?P<since>以来))"
)
# 附近; 历经近40年, 建交近70年, 时隔近4个月: nearly so long
_NEARLY = "附将接临邻靠凑亲了经过续达隔去历时已交施锯"
# 近三年, 过去的一年, 未来三年内; not 将近三年, 附近
_AROUND = (
    rf"(?:(?<![{_NEARLY}])(?P<past>最近|近|过去)|(?P<ahead>未来|今后|往后))的?这?"
    rf"(?:{_COUNT}|{_BARE_DAYS}){_OTHER_WORD}"
)
# 上两周, 下三个月, 前两年; 前三个月 are those of the year, 前一季度 the one before
_NEXT = (
    rf"{_FREE}(?:(?P<past>上|前(?!{_N}个?月))|(?P<ahead>[下后]))(?!一)"
    rf"{_COUNT}{_OTHER_WORD}(?![之以]?[前后内])"
)

# 十日内答复: with nothing told before it, from the day of publication
_WITHIN = rf"{_FREE}(?:{_COUNT}|{_BARE_DAYS})[之以]?(?P<within>内)(?![部外容存])"
# 过两天, 再过三个月
_PASSING = rf"{_FREE}再?(?P<behind>过)(?:{_COUNT})(?![之以]?[内前]|后)"

_PATTERNS = tuple(re.compile(source) for source in (_AROUND, _NEXT, _POINT, _WITHIN, _PASSING))
LEAD = (
    rf"(?:最近|近|过去|未来|今后|往后)的?这?(?:{_N}|半)|[上下前后](?:{_N}|半)[个多年季月星礼周天]"
    rf"|(?:{_N}(?:个?半?多?(?:年|季度|月|星期|礼拜|周|天)半?多?|日)|半年|半个?月)(?:[之以过]?[前后]|[之以]?内|以来)"
    rf"|再?过(?:{_N}|半)[个多年季月星礼周天]"
)
"""Regex source of what one begins with, cheap to look for."""


def find(text: str, at: int) -> re.Match[str] | None:
    """The count from a day that begins at `at`."""
    return next((m for pattern in _PATTERNS if (m := pattern.match(text, at))), None)


def is_window(m: re.Match[str]) -> bool:
    """Whether it is a stretch that ends or begins at the day: 近三年; else it is the time so far from it."""
    told = m.groupdict()
    return any(told.get(name) for name in ("past", "ahead", "since", "within"))


def stretch(m: re.Match[str], moment: Moment) -> Stretch | None:
    """What a match of `find` is when counted from `moment`; None: that is less precise than the count."""
    told = m.groupdict()
    counts = _counted(told)
    needed = 1 if _in_years(told) else 2 if counts[0][1] == 0 else 3
    if not all(moment[:needed]):
        return None
    day = moment[0], moment[1] or 1, moment[2] or 1
    sign = -1 if told.get("past") or told.get("before") or told.get("since") else 1
    fars = [moved(day, months=sign * months, days=sign * days) for months, days in counts]
    reached = sorted(far for far in fars if far)
    if len(reached) < len(fars):
        return None
    if is_window(m):
        return min(day, reached[0]), max(day, reached[0])
    if told.get("unit") in ("周", "星期", "礼拜"):
        return _weeks(reached[0], reached[-1])
    return _coarse(told, reached[0]), _coarse(told, reached[-1])


def _weeks(first: Moment, last: Moment) -> Stretch | None:
    """From the Monday of the one's week to the Sunday of the other's."""
    monday = moved(first, days=-date(*first).weekday())
    sunday = moved(last, days=6 - date(*last).weekday())
    return (monday, sunday) if monday and sunday else None


def _counted(told: dict[str, str | None]) -> tuple[tuple[int, int], ...]:
    """How many months and days a count makes, at least and at most (七八天); half a month is 15 days."""
    if told.get("short") or told.get("halved"):
        return ((2, 0) if told.get("short") else (6, 0) if told["halved"] == "年" else (0, 15),)
    number = numeral.read(told.get("n") or told.get("days") or told.get("fewdays") or "")
    ends = (number.low, number.high or number.low) if number else (Decimal(1),)
    return tuple(_months_and_days(told, end) for end in ends)


def _months_and_days(told: dict[str, str | None], number: Decimal) -> tuple[int, int]:
    number += Decimal("0.5") if told.get("half") or told.get("mid") else 0
    whole, unit = int(number), told.get("unit")
    if unit in ("年", "季度"):
        return int(number * (12 if unit == "年" else 3)), 0
    if unit in ("星期", "礼拜", "周"):
        return 0, int(number * 7)
    return (
        (0, whole)
        if unit or not (told.get("mid") or told.get("month"))
        else (whole, int((number - whole) * 30))
    )


def _in_years(told: dict[str, str | None]) -> bool:
    return told.get("unit") == "年" and not told.get("half") and "." not in (told.get("n") or "")


def _coarse(told: dict[str, str | None], far: Moment) -> Moment:
    """As precise as the count: 三年前 is a year, 三个月前 a month, 三天前 a day."""
    if _in_years(told):
        return far[0], 0, 0
    by_day = told.get("unit") == "天" or told.get("fewdays") or told.get("halved") in ("月", "个月")
    return far if by_day else (far[0], far[1], 0)
