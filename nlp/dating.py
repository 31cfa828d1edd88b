"""The grammar of dates: what a year, the parts of a year and relative words look like, and what they say."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from crawler.errors import LexiconError
from nlp import counted, numeral
from nlp.timeline import Stretch
from nlp.units import alternation

CN = "一二三四五六七八九"
WEEK = "一二三四五六日天"
DAY = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|卅一?|[二廿]?十[{CN}]|二十|廿[{CN}]?|十|[{CN}])"
"""Regex source of a day of the month."""
_NEXT_TO = "(?:一二|二三|三四|四五|五六|六七|七八|八九)(?=月)"
"""Two months in a row: 七八月."""
_MONTH = rf"(?:1[0-2]|0?[1-9]|十[一二]?|[{CN}]|[元正](?=月))"
_TO = r"\s?(?:--?|~|——?|–|ー|至|到)\s?"
_DASH = r"\s?(?:--?|~|——?|–|ー|至|到|、)\s?"
_YEAR = r"(?:19|20)\d\d"
_CN_YEAR = r"[一二][〇零九八][〇零一二三四五六七八九]{2}"
# 零八年, 九七年, 六一三年五月, 两千零四年: `year` sorts out what counts years (七八年, 两千年历史)
_SHORT_YEAR = (
    rf"(?<![{CN}〇零十百千万亿点两第近约共几数])(?:[{CN}〇零]{{2,3}}|[一二两]千(?:零?[{CN}十百]{{1,6}})?)"
    r"(?=\s?年(?![级化期头薪]))"
)
_BARE_DAY = rf"(?:3[01]|[12]\d|[1-9](?!\d)|三十一?|二?十[{CN}]|二十|十|[{CN}])"
# 八月十五, 11月17, with no 日: 三月二十台 is a count
_NO_COUNT = rf"(?=\Z|[,，](?!\d)|[。;；!?！?)）]|[之以]?[前后]|起|[早晚]|[上下]午|[到至][\d{CN}十]{{1,2}}月)"
_Q = "[一二三四1-4]"

# What may follow a year (2024年…), or stand alone: 9-10月, 10月25日, 上半年, 第三季度, 前十个月, 底.
_REST = (
    rf"\s?(?:(?:(?P<month>{_MONTH})|(?P<two>{_NEXT_TO}))\s?月?(?:(?:、{_MONTH}){{0,10}}{_DASH}(?P<month2>{_MONTH}))?"
    r"\s?月(?:份)?(?!期(?!间)|[龄供租薪均])"
    rf"(?:\s?(?P<day>{DAY})\s?[日号]?(?:{_DASH}(?P<day2>{DAY}))?\s?[日号]"
    rf"|(?<=[\d{CN}十]月)(?P<spelt>{_BARE_DAY})(?:[到至-](?P<spelt2>{_BARE_DAY}))?{_NO_COUNT}"
    r"|的?(?:第(?P<nth>[一二三四五1-5])个?|(?P<latest>最后一?个))(?:周|星期|礼拜)(?P<nthday>[一二三四五六日天])"
    rf"|[上中下]旬|[底末初](?!{DAY})|尾(?![盘款货数部]))?"
    r"|(?P<half>[上下])半年(?:度)?"
    rf"|第?(?P<q>[一二三四1-4首]|[次末](?=季(?!度|[末底])))季度?(?:(?:至|到|、|-)第?(?P<q2>{_Q})季度?|(?P<qend>[末底]))?(?!报(?!告)|[军节候])"
    rf"|第?(?P<qa>{_Q})(?:至|到|、|-|(?=[二三四]))第?(?P<qb>{_Q})季度?"
    r"|[前首头](?:(?P<qs>[二三两23])个?季度?|(?P<months>1[0-2]|[1-9]|十[一二]?|[二三两四五六七八九])个?月)"
    r"|(?P<first>首月)|第(?P<number>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])个月"
    r"|(?P<edge>年?(?:底|末|尾(?![盘款货数部气])|头(?=[,，。;；、\s就便已]|\Z)|伊始|初(?![步中创级期])|中(?=期|[,，。;；、前后]))|年?内(?![蒙部地存置容需外资核])))"
)
# 1. 2024-10-11, 2024/10/11, 2024.10.11, 2024-10
_ISO = (
    rf"(?<![\d.])(?P<iy>{_YEAR})(?P<sep>[-/.])(?P<im>1[0-2]|0?[1-9])"
    r"(?:(?P=sep)(?P<id>3[01]|[12]\d|0?[1-9]))?(?![\d年])"
)
# 23/11/2024, 11.23.2024 where only one order is a date; 08/2024
_DAY_FIRST = (
    r"(?<![\d./-])(?:(?P<e1>\d\d?)(?P<esep>[-/.])(?P<e2>\d\d?)(?P=esep)|(?P<em>0[1-9]|1[0-2])/)"
    rf"(?P<ey>{_YEAR})(?![\d./-]|年)"
)
# 2011.03-2015.10: two dotted months make one stretch, one alone may be a version
_DOTTED = (
    rf"(?<![\d./-])(?P<d1>{_YEAR})[./](?P<dm1>0[1-9]|1[0-2]){_TO}"
    rf"(?P<d2>{_YEAR})[./](?P<dm2>0[1-9]|1[0-2])(?![\d./])"
)
# 2. 20241011
_COMPACT = (
    r"(?<![\dA-Za-z#_])(?<!(?<!\d{8})-)(?P<cy>20\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])"
    r"(?![\d万亿元,.A-Za-z_])"
)
# 3. 2023—2024年, 2022、2023、2024年
_YEARS = rf"(?<!\d)(?P<y1>{_YEAR})(?:、{_YEAR}){{0,9}}{_DASH}(?P<y2>{_YEAR})\s?年"
# 从2019到2023, (2023-2025)
_YEARS_ALONE = rf"(?<=[从自(（])(?P<y3>{_YEAR}){_TO}(?P<y4>{_YEAR})(?![\d年.%/A-Za-z万亿元台个张-])"
# 今明两年, 明后天
_PAIR = r"(?P<pair>去今|今明|明后)两?年(?!级)|(?P<days>昨今|今明|明后)两?[天日](?![均租])"
# 90年代, 上世纪80年代, 2020年代; 20年代 alone is of no century
_DECADE = (
    rf"(?<![\d{CN}])(?:(?P<century>[上本]世纪|(?:1\d|2[01]|十[{CN}]|二十一?)世纪)的?)?"
    rf"(?:(?P<decade>[1-9]0|[{CN}]?十)|(?P<dyear>(?:19|20)\d0))年代"
)
# 4. 2024Q3, 24年Q3, 24H1, 2024年3Q, 3Q24, Q3
_CODE = (
    r"(?<![\dA-Za-z])(?:(?P<hy>20\d\d|\d\d)年?\s?(?:(?P<hl>[QH])(?P<hn>[1-4])|(?P<hq>[1-4])Q)"
    r"|FY\s?(?P<fy>20\d\d|\d\d)(?![QH])|(?P<qn>[1-4])Q(?P<qy>20\d\d|\d\d)|Q(?P<bq>[1-4])(?:\s(?P<bqy>20\d\d))?)(?![\dA-Za-z])"
)
# 5. 两年前, 3年前; 24年前三季度 is no such
_AGO = (
    rf"(?<![\d.近第{CN}])(?P<ago>1[0-5]|[1-9]|[{CN}两十])年多?[之以]?前"
    rf"(?![\d{CN}两十首期后景列沿夕瞻端身台半])"
    # two months ago; 期满三个月前书面通知 is a notice
    rf"|(?<![\d.近第满期付提日{CN}])(?P<ago_months>1[0-2]|[1-9]|[{CN}两十])个多?月[之以]?前(?![\d{CN}两十的]?(?:书面|通知|提出|向|内))"
)
# 6. 国庆节, 元旦: days that are the same each year, told as their month
_FEAST = (
    r"(?P<feast>元旦|五一(?=[节假前后期当长,时]|劳动节)|国庆(?!路|街|村|镇|阅)|双十一|双11|圣诞(?!树|老人|路))"
    r"(?:劳动节|黄金周|假期|长假|节)?"
)
# 7. 2024年, 24年 (only with a part of it), 二〇二四年, 民国113年, 2024财年; 2024上半年
_ONE_YEAR = (
    rf"(?:(?P<era>民国|公元|西元)\s?)?(?<!\d)(?P<year>(?<!\.)0\d|[1-9]\d{{0,3}}|{_CN_YEAR}|{_SHORT_YEAR}|(?<=民国)[{CN}十百零〇]+)"
    r"\s?(?:年(?:度)?(?!代)|财年|会计年度)"
    rf"|(?<!\d)(?P<short>{_YEAR})(?=[上下]半年|第?[一二三四]季|[底末初](?![步中]))"
)
# 8. 周三, 周一至五; 每周三 is no one day
_WEEKDAY = (
    r"(?<!每)(?<!每个)(?<!逢)(?P<weekday>(?:周|星期|礼拜)[一二三四五六日天])(?![期年线均])"
    r"(?:[至到](?P<until>[一二三四五六日天])(?![个月年天周]))?"
)
# 9. 10月25日, 三季度, 前十个月: _REST with no year before it
_YEARLESS = (
    rf"(?P<yearless>(?<![\d.{CN}十第每个年/])(?<![^日号月旬]-)(?={_NEXT_TO}|{_MONTH}\s?月|{_MONTH}(?:、{_MONTH}){{0,10}}{_DASH}{_MONTH}\s?月|[上下]半年"
    rf"|(?:第{_Q}|首)季|[次末]季(?!度|[末底])|{_Q}季度|第?{_Q}[至到、-]?第?{_Q}季|[前首头][二三两23]个?季"
    r"|[前首](?:\d{1,2}|[三四五六七八九十]{1,2})个月|前\d{1,2}月))"
)
# 10. 年底
_EDGE = (
    r"(?<![\d个每去今明前本当同次该来后翌上一])"
    r"(?P<bare>年(?:底|末|尾(?![盘款货数])|初(?![步中创级期]|一[,，。、早上晚天至到])|内(?![蒙部])))"
)
# 11. 26日
_MONTHDAY = (
    rf"(?<![\d.{CN}十廿+/月-])(?<!第)(?P<monthday>3[01]|[12]\d|[1-9]|[二廿]?十[{CN}]|二十|三十一?)"
    r"(?:号(?=[上下]午|早上?|晚上?|凌晨|中午|当天|起|开始|[之以]?前(?!后))|日)"
    r"(?!内|以内|之内|均|线|年|后|游|本|报|期|常|子|程|元|电(?!话)|租|薪|产|龄|以上)"
)
_FIRST = "0123456789QF〇零○一二两三四五六七八九十百千廿卅元正半"
_FIRST += "年周期拜星礼上下前后首头第次末本去今明最近过再未往民公西五国双圣"
"""What `_LEAD` begins with."""
# The lookahead passes one position in fifty; without it each digit tries every alternative.
_LEAD = (
    r"\d{1,4}\s?[年月日号世财会QH/.~—–至到、上下底末初第一二三四-]|\d{8}"
    r"|元旦|五一|国庆|双十一|双11|圣诞|[〇零○一二两三四五六七八九十百千廿卅元正]{1,6}\s?[年月日世至到、季~—–-]"
    r"|[上下]半年|[前首头][\d一二三四五六七八九十两]|第[一二三四1-4]|首季|[次末]季|[\d一二两三四五六七八九十]{1,2}个多?月以?前|Q[1-4]|年[底末初内尾]|[周期拜][一二三四五六日天]"
    rf"|星期|礼拜|民国|公元|西元|[上本]世纪|去今|昨今|今明|明后|FY|{counted.LEAD}"
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
    firsts = "".join(sorted({word[0] for word in offsets} | set(_FIRST)))
    kinds = (
        *(_DOTTED, _ISO, _DAY_FIRST, _COMPACT, _YEARS, _YEARS_ALONE, _PAIR, _CODE, _AGO, _FEAST),
        *(_DECADE, _ONE_YEAR),
        rf"(?P<relative>{relative})(?:度(?!假))?",
        *(_WEEKDAY, _YEARLESS, _EDGE, _MONTHDAY, rf"(?P<counted>(?={counted.LEAD}).)"),
    )
    return Calendar(
        scan=re.compile(rf"(?=[{firsts}])(?={_LEAD}|{relative})(?:{'|'.join(kinds)})"),
        rest=re.compile("的?" + _REST),
        offsets=offsets,
        plan_before=re.compile(rf"{alternation(facts['plan']['before'])}[^,，。;；:：\n]{{0,4}}\Z"),
        plan_missed=re.compile(rf"{alternation(facts['plan']['missed'])}[在于]?\Z"),
        plan_after=re.compile(rf"[^,，。;；:：\n]{{0,5}}?(?!(?<=还)能){alternation(facts['plan']['after'])}"),
    )


_YEARLIKE = re.compile(r"(?:19|20|21)\d\d\Z")
_DIGITS = re.compile(rf"[{CN}〇零]{{2,4}}\Z")
_SHORT = re.compile(rf"[\d{CN}〇零]{{2}}\Z")
_ROUND = ("两千", "二千")
"""两千年 is a duration, 两千年八月 a year."""
_QUARTERS = {"首": 1, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_QUARTERS |= {"次": 2, "末": 4}  # of Hong Kong's papers: 次季, 末季


def year(printed: str, era: str | None, rest: re.Match[str] | None, *, whole: bool = False) -> int | None:
    """The Gregorian year; None where the digits are a duration (5年, 七八年, 两千年).

    With a month or another part behind it (`rest`) 24年4月 is 2024 and 113年3月 counts from 1911, as does
    113年度 (`whole`); 24财年 is 2024.
    """
    value = _digits(printed) if _DIGITS.match(printed) else int(numeral.parse_number(printed))
    if era == "民国":
        return value + 1911
    of_month = rest is not None and (rest["month"] or rest["two"]) is not None
    if era or _YEARLIKE.match(str(value)):
        return value if printed not in _ROUND or of_month else None
    if len(printed) == 2 and _SHORT.match(printed):
        told = rest or whole or printed[0] in "0〇零" or not _counts(printed)
        return two_digits(str(value)) if told else None
    if 100 <= value <= 150 and (rest or whole):
        return value + 1911
    return value if of_month and value > 150 else None  # 1620年4月; not 1500年底


def _digits(printed: str) -> int:
    """2004 of 二〇〇四, digit for digit."""
    return int("".join(str(int(unicodedata.numeric(c))) for c in printed))


def _counts(printed: str) -> bool:
    """Whether two digits in a row may tell how many years: 24年, 七八年, 三五年."""
    first, second = (unicodedata.numeric(c) for c in printed)
    return printed.isdigit() or printed == "三五" or second == first + 1


def two_digits(printed: str) -> int:
    """2024 of 24, 1998 of 98; a year of four digits as it is."""
    value = int(printed)
    return value if value > 99 else value + (2000 if value < 50 else 1900)


def number(printed: str) -> int:
    """A month or day: 10, 十, 正."""
    return 1 if printed in ("元", "正") else int(numeral.parse_number(printed))


FEASTS = {"元旦": 1, "五一": 5, "国庆": 10, "双十一": 11, "双11": 11, "圣诞": 12}
"""Holidays of a fixed date, by month."""


def edge(at: int, word: str) -> Stretch:
    """The last quarter of `at` for 年底 and 年末, the first for 年初, the whole year for 年内 and 年中."""
    if word[-1] in "底末尾":
        return (at, 10, 0), (at, 12, 0)
    if word[-1] in "初头始":
        return (at, 1, 0), (at, 3, 0)
    return (at, 0, 0), (at, 0, 0)


def part(at: int, rest: re.Match[str]) -> Stretch:
    """The part of the year `at` that a match of `Calendar.rest` names."""
    if rest["two"]:
        return (at, number(rest["two"][0]), 0), (at, number(rest["two"][1]), 0)
    if rest["month"]:
        return _of_months(at, rest)
    if rest["half"]:
        return ((at, 1, 0), (at, 6, 0)) if rest["half"] == "上" else ((at, 7, 0), (at, 12, 0))
    if rest["edge"]:
        return edge(at, rest["edge"])
    if rest["months"]:
        return (at, 1, 0), (at, number(rest["months"]), 0)
    if rest["first"] or rest["number"]:
        return ((at, number(rest["number"] or "1"), 0),) * 2
    if rest["qs"]:
        return (at, 1, 0), (at, 3 * _QUARTERS[rest["qs"]], 0)
    first_quarter = _QUARTERS[rest["q"] or rest["qa"]]
    if rest["qend"]:  # 一季度末 is its last month
        return (at, 3 * first_quarter, 0), (at, 3 * first_quarter, 0)
    last_quarter = _QUARTERS[rest["q2"] or rest["qb"] or rest["q"]]
    return (at, 3 * first_quarter - 2, 0), (at, 3 * last_quarter, 0)


def _of_months(at: int, rest: re.Match[str]) -> Stretch:
    """A month, a day of it, or a range; 11月至2月 ends in the next year."""
    month = number(rest["month"])
    if rest["nthday"]:
        day = _weekday_of_month(at, month, rest)
        return ((at, month, day),) * 2
    day = number(rest["day"] or rest["spelt"] or "0")
    last_day = rest["day2"] or rest["spelt2"]
    last_month = number(rest["month2"]) if rest["month2"] else month
    return (at, month, day), (at + (last_month < month), last_month, number(last_day) if last_day else day)


def _weekday_of_month(at: int, month: int, rest: re.Match[str]) -> int:
    """The day of 十月第二个星期三, 五月的最后一个周五; 0 where the month has no fifth one."""
    first_weekday, length = monthrange(at, month)
    first = 1 + (min(WEEK.index(rest["nthday"]), 6) - first_weekday) % 7
    days = range(first, length + 1, 7)
    nth = number(rest["nth"]) if rest["nth"] else len(days)
    return days[nth - 1] if nth <= len(days) else 0


def decade(m: re.Match[str]) -> Stretch | None:
    """The ten years of 90年代, 上世纪80年代, 2020年代; None for 20年代, which names no century."""
    first = int(m["dyear"]) if m["dyear"] else _first_of_decade(m["century"], number(m["decade"]))
    return ((first, 0, 0), (first + 9, 0, 0)) if first else None


def _first_of_decade(century: str | None, tens: int) -> int | None:
    if century is None:
        return 1900 + tens if tens >= 30 else None
    if century[0] in "上本":
        return (1900 if century[0] == "上" else 2000) + tens
    return 100 * (number(century.removesuffix("世纪")) - 1) + tens


def day_first(m: re.Match[str]) -> Stretch | None:
    """23/11/2024, 11/23/2024, 5.5.2024, 08/2024; None where day and month could be either."""
    at = int(m["ey"])
    if m["em"]:
        return ((at, int(m["em"]), 0),) * 2
    low, high = sorted((int(m["e1"]), int(m["e2"])))
    return ((at, low, high),) * 2 if low > 0 and (high > 12 or low == high) else None
