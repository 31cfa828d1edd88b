"""The grammar of dates: what a year, the parts of a year and relative words look like, and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from crawler.errors import LexiconError
from nlp import numeral
from nlp.timeline import Stretch
from nlp.units import alternation

CN = "一二三四五六七八九"
DAY = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|卅一?|[二廿]?十[{CN}]|二十|廿[{CN}]?|十|[{CN}])"
"""Regex source of a day of the month."""
_MONTH = rf"(?:1[0-2]|0?[1-9]|十[一二]?|[{CN}]|[元正](?=月))"
_DASH = r"\s?(?:--?|~|——?|–|至|到|、)\s?"
_YEAR = r"(?:19|20)\d\d"
_CN_YEAR = r"[一二][〇零九八][〇零一二三四五六七八九]{2}"
_Q = "[一二三四1-4]"

# What may follow a year (2024年…), or stand alone: 9-10月, 10月25日, 上半年, 第三季度, 前十个月, 底.
_REST = (
    rf"\s?(?:(?P<month>{_MONTH})\s?月?(?:(?:、{_MONTH}){{0,10}}{_DASH}(?P<month2>{_MONTH}))?"
    r"\s?月(?:份)?(?!期(?!间)|[龄供租薪均])"
    rf"(?:\s?(?P<day>{DAY})\s?[日号]?(?:{_DASH}(?P<day2>{DAY}))?\s?[日号]|[上中下]旬|[底末初](?!{DAY}))?"
    r"|(?P<half>[上下])半年(?:度)?"
    rf"|第?(?P<q>[一二三四1-4首]|[次末](?=季(?!度|[末底])))季度?(?:(?:至|到|、|-)第?(?P<q2>{_Q})季度?|(?P<qend>[末底]))?(?!报(?!告)|[军节候])"
    rf"|第?(?P<qa>{_Q})(?:至|到|、|-|(?=[二三四]))第?(?P<qb>{_Q})季度?"
    r"|[前首头](?:(?P<qs>[二三两23])个?季度?|(?P<months>1[0-2]|[1-9]|十[一二]?|[二三两四五六七八九])个?月)"
    r"|(?P<edge>年?(?:底|末|初(?![步中创级期])|中(?=期|[,，。;；、前后]))|年?内(?![蒙部地存置容需外资核])))"
)
# 1. 2024-10-11, 2024/10/11, 2024.10.11, 2024-10
_ISO = (
    rf"(?<![\d.])(?P<iy>{_YEAR})(?P<sep>[-/.])(?P<im>1[0-2]|0?[1-9])"
    r"(?:(?P=sep)(?P<id>3[01]|[12]\d|0?[1-9]))?(?![\d年])"
)
# 2. 20241011
_COMPACT = (
    r"(?<![\dA-Za-z#_-])(?P<cy>20\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])(?![\d万亿元,.A-Za-z_])"
)
# 3. 2023—2024年, 2022、2023、2024年
_YEARS = rf"(?<!\d)(?P<y1>{_YEAR})(?:、{_YEAR}){{0,9}}{_DASH}(?P<y2>{_YEAR})\s?年"
# 4. 2024Q3, 24年Q3, 24H1, 2024年3Q, 3Q24, Q3
_CODE = (
    r"(?<![\dA-Za-z])(?:(?P<hy>20\d\d|\d\d)年?\s?(?:(?P<hl>[QH])(?P<hn>[1-4])|(?P<hq>[1-4])Q)"
    r"|(?P<qn>[1-4])Q(?P<qy>20\d\d|\d\d)|Q(?P<bq>[1-4])(?:\s(?P<bqy>20\d\d))?)(?![\dA-Za-z])"
)
# 5. 两年前, 3年前; 24年前三季度 is no such
_AGO = (
    rf"(?<![\d近第])(?P<ago>1[0-5]|[1-9]|[{CN}两十])年多?以?前"
    rf"(?![\d{CN}两十首期后景列沿夕瞻端身台半])"
    # two months ago; 期满三个月前书面通知 is a notice
    rf"|(?<![\d近第满期付提日])(?P<ago_months>1[0-2]|[1-9]|[{CN}两十])个多?月以?前(?![\d{CN}两十的]?(?:书面|通知|提出|向|内))"
)
# 6. 国庆节, 元旦: days that are the same each year, told as their month
_FEAST = (
    r"(?P<feast>元旦|五一(?=[节假前后期当长,时]|劳动节)|国庆(?!路|街|村|镇|阅)|双十一|双11|圣诞(?!树|老人|路))"
    r"(?:劳动节|黄金周|假期|长假|节)?"
)
# 7. 2024年, 24年 (only with a part of it), 二〇二四年, 民国113年, 2024财年; 2024上半年
_ONE_YEAR = (
    rf"(?:(?P<era>民国|公元|西元)\s?)?(?<!\d)(?P<year>\d{{1,4}}|{_CN_YEAR}|(?<=民国)[{CN}十百零〇]+)"
    r"\s?(?:年(?:度)?(?!代)|财年|会计年度)"
    rf"|(?<!\d)(?P<short>{_YEAR})(?=[上下]半年|第?[一二三四]季|[底末初](?![步中]))"
)
# 8. 周三
_WEEKDAY = r"(?P<weekday>(?:周|星期|礼拜)[一二三四五六日天](?![期年线均]))"
# 9. 10月25日, 三季度, 前十个月: _REST with no year before it
_YEARLESS = (
    rf"(?P<yearless>(?<![\d.{CN}十第每个年/-])(?={_MONTH}\s?月|{_MONTH}(?:、{_MONTH}){{0,10}}{_DASH}{_MONTH}\s?月|[上下]半年"
    rf"|(?:第{_Q}|首)季|[次末]季(?!度|[末底])|{_Q}季度|第?{_Q}[至到、-]?第?{_Q}季|[前首头][二三两23]个?季"
    r"|[前首](?:\d{1,2}|[三四五六七八九十]{1,2})个月|前\d{1,2}月))"
)
# 10. 年底
_EDGE = (
    r"(?<![\d个每去今明前本当同次该来后翌上一])"
    r"(?P<bare>年(?:底|末|初(?![步中创级期]|一[,，。、早上晚天至到])|内(?![蒙部])))"
)
# 11. 26日
_MONTHDAY = (
    rf"(?<![\d.{CN}十廿+/月-])(?<!第)(?P<monthday>3[01]|[12]\d|[1-9]|[二廿]?十[{CN}]|二十|三十一?)日"
    r"(?!内|以内|之内|均|线|年|后|游|本|报|期|常|子|程|元|电(?!话)|租|薪|产|龄|以上)"
)
# The lookahead passes one position in fifty; without it each digit tries every alternative.
_LEAD = (
    r"\d{1,4}\s?[年月日财会QH/.~—–至到、上下底末初第一二三四-]|\d{8}"
    r"|元旦|五一|国庆|双十一|双11|圣诞|[〇零○一二两三四五六七八九十百廿卅元正]{1,6}\s?[年月日至到、季~—–-]"
    r"|[上下]半年|[前首头][\d一二三四五六七八九十两]|第[一二三四1-4]|首季|[次末]季|[\d一二两三四五六七八九十]{1,2}个多?月以?前|Q[1-4]|年[底末初内]|[周期拜][一二三四五六日天]"
    r"|星期|礼拜|民国|公元|西元"
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The grammar with the relative words of nlp/lexicon/calendar.yml, compiled once."""

    scan: re.Pattern[str]
    """Where a period begins; which group matched says what kind it is."""
    rest: re.Pattern[str]
    """The part of a year that follows one."""
    offsets: dict[str, tuple[str, str, int]]
    """Word → (years, quarters, months, weeks or days; anchor or text; offset)."""
    plan_before: re.Pattern[str]
    plan_after: re.Pattern[str]
    plan_missed: re.Pattern[str]


@lru_cache(maxsize=1)
def calendar() -> Calendar:
    """The packaged grammar. Raises LexiconError where calendar.yml is malformed."""
    try:
        facts = yaml.safe_load((files("nlp") / "lexicon" / "calendar.yml").read_text(encoding="utf-8"))
        return _compile(facts)
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise LexiconError(f"nlp/lexicon/calendar.yml: {error!r}; put back the packaged file") from error


def _compile(facts: dict[str, Any]) -> Calendar:
    offsets = {
        word: (level, base, offset)
        for level in ("years", "quarters", "months", "weeks", "days")
        for base, words in facts[level].items()
        for word, offset in words.items()
    }
    relative = alternation(offsets)
    kinds = (
        *(_ISO, _COMPACT, _YEARS, _CODE, _AGO, _FEAST, _ONE_YEAR),
        rf"(?P<relative>{relative})(?:度(?!假))?",
        *(_WEEKDAY, _YEARLESS, _EDGE, _MONTHDAY),
    )
    return Calendar(
        scan=re.compile(rf"(?={_LEAD}|{relative})(?:{'|'.join(kinds)})"),
        rest=re.compile("的?" + _REST),
        offsets=offsets,
        plan_before=re.compile(rf"{alternation(facts['plan']['before'])}[^,，。;；:：\n]{{0,4}}\Z"),
        plan_missed=re.compile(rf"{alternation(facts['plan']['missed'])}[在于]?\Z"),
        plan_after=re.compile(rf"[^,，。;；:：\n]{{0,5}}?(?!(?<=还)能){alternation(facts['plan']['after'])}"),
    )


_YEARLIKE = re.compile(r"(?:19|20|21)\d\d\Z")
_QUARTERS = {"首": 1, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_QUARTERS |= {"次": 2, "末": 4}  # of Hong Kong's papers: 次季, 末季


def year(printed: str, era: str | None, *, in_parts: bool, whole: bool = False) -> int | None:
    """The Gregorian year; None where the digits are a duration (5年).

    `in_parts` says that a month or another part follows: then 24年4月 is 2024 and 113年3月 counts from 1911,
    as does 113年度 (`whole`).
    """
    value = int(numeral.parse_number(printed))
    if era == "民国":
        return value + 1911
    if era or _YEARLIKE.match(str(value)):
        return value
    if (in_parts or whole) and printed.isdigit():
        if len(printed) == 2 and in_parts:
            return two_digits(printed)
        if 100 <= value <= 150:
            return value + 1911
    return None


def two_digits(printed: str) -> int:
    """2024 of 24, 1998 of 98; a year of four digits as it is."""
    value = int(printed)
    return value if value > 99 else value + (2000 if value < 70 else 1900)


def number(printed: str) -> int:
    """A month or day: 10, 十, 正."""
    return 1 if printed in ("元", "正") else int(numeral.parse_number(printed))


FEASTS = {"元旦": 1, "五一": 5, "国庆": 10, "双十一": 11, "双11": 11, "圣诞": 12}
"""Holidays of a fixed date, by month."""


def edge(at: int, word: str) -> Stretch:
    """The last quarter of `at` for 年底 and 年末, the first for 年初, the whole year for 年内 and 年中."""
    if word[-1] in "底末":
        return (at, 10, 0), (at, 12, 0)
    if word[-1] == "初":
        return (at, 1, 0), (at, 3, 0)
    return (at, 0, 0), (at, 0, 0)


def part(at: int, rest: re.Match[str]) -> Stretch:
    """The part of the year `at` that a match of `Calendar.rest` names."""
    if rest["month"]:
        day = number(rest["day"]) if rest["day"] else 0
        first = (at, number(rest["month"]), day)
        last_month = number(rest["month2"]) if rest["month2"] else first[1]
        return first, (at, last_month, number(rest["day2"]) if rest["day2"] else day)
    if rest["half"]:
        return ((at, 1, 0), (at, 6, 0)) if rest["half"] == "上" else ((at, 7, 0), (at, 12, 0))
    if rest["edge"]:
        return edge(at, rest["edge"])
    if rest["months"]:
        return (at, 1, 0), (at, number(rest["months"]), 0)
    if rest["qs"]:
        return (at, 1, 0), (at, 3 * _QUARTERS[rest["qs"]], 0)
    first_quarter = _QUARTERS[rest["q"] or rest["qa"]]
    if rest["qend"]:  # 一季度末 is its last month
        return (at, 3 * first_quarter, 0), (at, 3 * first_quarter, 0)
    last_quarter = _QUARTERS[rest["q2"] or rest["qb"] or rest["q"]]
    return (at, 3 * first_quarter - 2, 0), (at, 3 * last_quarter, 0)
