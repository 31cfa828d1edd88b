"""Dates in a normalised view, absolute and relative, as ISO 8601 with the precision the text has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from crawler.errors import LexiconError
from nlp import numeral, timeline
from nlp.span import Span
from nlp.timeline import Moment, Stretch, Timeline
from nlp.units import alternation


@dataclass(frozen=True, slots=True)
class Period:
    """One expression of time."""

    span: Span
    value: str
    """2024-10-11, 2024-10, 2024, or an interval 2024-01/2024-06; '' where nothing anchors it."""
    anchored: bool
    """Whether the text or the day of publication says which year it is."""
    text: str


_CN = "一二三四五六七八九"
_M = rf"(?:1[0-2]|0?[1-9]|十[一二]?|[{_CN}]|[元正](?=月))"
_D = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|卅一?|[二廿]?十[{_CN}]|二十|廿[{_CN}]?|十|[{_CN}])"
_DASH = r"\s?(?:--?|~|——?|–|至|到|、)\s?"
_Y4 = r"(?:19|20)\d\d"
_CN4 = r"[一二][〇零九八][〇零一二三四五六七八九]{2}"
_REST = (
    rf"\s?(?:(?P<month>{_M})\s?月?(?:{_DASH}(?P<month2>{_M}))?\s?月(?:份)?(?!期(?!间)|[龄供租薪均])"
    rf"(?:\s?(?P<day>{_D})\s?[日号]?(?:{_DASH}(?P<day2>{_D}))?\s?[日号]|[上中下]旬|[底末初](?!{_D}))?"
    r"|(?P<half>[上下])半年(?:度)?"
    r"|第?(?P<q>[一二三四1-4首])(?:季度?(?:至|到|、|-)第?)?(?P<q2>(?<=[至到、-]|第)[一二三四1-4])?季度?(?![报军节候])"
    r"|第?(?P<qa>[一二三四1-4])(?:至|到|、|-)(?P<qb>[一二三四1-4])季度?"
    r"|前(?P<qs>[二三两23])个?季度?|前(?P<months>1[0-2]|[1-9]|十[一二]?|[二三四五六七八九])个?月"
    r"|(?P<edge>年?(?:底|末|初(?![步中创级期])|中(?=期|[,，。;；、前后]))|(?:年)?内(?![蒙部地存置容需外资核])))"
)
_END_OF_YEAR = r"(?P<bare>年(?:底|末|初(?![步中创级期]|一[,，。、早上晚天至到])|内(?![蒙部])))"


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Relative words, compiled once from nlp/lexicon/calendar.yml."""

    scan: re.Pattern[str]
    rest: re.Pattern[str]
    offsets: dict[str, tuple[str, str, int]]
    """Word → (years, quarters, months, weeks or days; anchor or text; offset)."""
    plan_before: re.Pattern[str]
    plan_after: re.Pattern[str]


@lru_cache(maxsize=1)
def _calendar() -> _Calendar:
    try:
        facts = yaml.safe_load((files("nlp") / "lexicon" / "calendar.yml").read_text(encoding="utf-8"))
        return _compile(facts)
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise LexiconError(f"nlp/lexicon/calendar.yml: {error!r}; put back the packaged file") from error


def _compile(facts: dict[str, Any]) -> _Calendar:
    offsets = {
        word: (level, base, offset)
        for level in ("years", "quarters", "months", "weeks", "days")
        for base, words in facts[level].items()
        for word, offset in words.items()
    }
    relative = alternation(offsets)
    scan = (
        # The lookahead passes one position in fifty; without it each digit tries every alternative.
        rf"(?=\d{{1,4}}\s?[年月日QH/.~—–至到、上下底末初第一二三四-]|\d{{8}}"
        rf"|[〇零○一二三四五六七八九十百廿卅元正]{{1,6}}\s?[年月日至到、季~—–-]"
        rf"|{relative}|[上下]半年|前[\d一二三四五六七八九十两]|[第首][一二三四1-4季]|Q[1-4]|年[底末初内年]|[周期拜][一二三四五六日天]"
        r"|星期|礼拜|民国|公元|西元)(?:"
        rf"(?<![\d.])(?P<iy>{_Y4})(?P<sep>[-/.])(?P<im>1[0-2]|0?[1-9])(?:(?P=sep)(?P<id>3[01]|[12]\d|0?[1-9]))?(?![\d年])"
        r"|(?<![\dA-Za-z#_-])(?P<cy>20\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])(?![\d万亿元,.A-Za-z_])"
        rf"|(?<!\d)(?P<y1>{_Y4}){_DASH}(?P<y2>{_Y4})\s?年"
        rf"|(?<![\dA-Za-z])(?:(?P<hy>20\d\d|\d\d)年?(?P<hl>[QH])(?P<hn>[1-4])|(?P<qn>[1-4])Q(?P<qy>20\d\d|\d\d)|Q(?P<bq>[1-4]))(?![\dA-Za-z])"
        rf"|(?:(?P<era>民国|公元|西元)\s?)?(?<![\d.])(?P<year>\d{{1,4}}|{_CN4}|(?<=民国)[{_CN}十百零〇]+)\s?年(?:度)?(?!代)"
        rf"|(?<!\d)(?P<short>{_Y4})(?=[上下]半年|第?[一二三四]季|[底末初](?![步中]))"
        rf"|(?P<relative>{relative})(?:度(?!假))?"
        r"|(?P<weekday>(?:周|星期|礼拜)[一二三四五六日天](?![期年线均]))"
        rf"|(?P<yearless>(?<![\d.{_CN}十第每个年/-])(?={_M}\s?月|{_M}\s?(?:[-~—–至到、]\s?){_M}\s?月|[上下]半年|第?[一二三四1-4首](?:季|[至到、-][一二三四1-4]季)|前[二三两23]个?季|前(?:\d{{1,2}}|[二三四五六七八九十]{{1,2}})个月))"
        rf"|(?<![\d个每去今明前本当同次该来后翌上一]){_END_OF_YEAR}"
        rf"|(?<![\d.{_CN}十廿+/月-])(?<!第)(?P<monthday>3[01]|[12]\d|[1-9]|[二廿]?十[{_CN}]|二十|三十一?)日(?!内|以内|之内|均|线|年|后|游|本|报|期|常|子|程|元|电(?!话)|租|薪|产|龄|以上)"
        r")"
    )
    return _Calendar(
        scan=re.compile(scan),
        rest=re.compile("的?" + _REST),
        offsets=offsets,
        plan_before=re.compile(rf"{alternation(facts['plan']['before'])}[^,，。;；:：\n]{{0,4}}\Z"),
        plan_after=re.compile(rf"[^,，。;；:：\n]{{0,5}}?{alternation(facts['plan']['after'])}"),
    )


_YEARLIKE = re.compile(r"(?:19|20|21)\d\d\Z")
_RANGE = re.compile(r"\s?(?:--?|~|——?|–|至|到)\s?")
_NO_DAY_BEFORE = re.compile(
    r"(?:期|近|前|后|续|每|去|来|达|共|约|到|过|第|隔|逾|超|满|第|周|为|长|需|仅|共计)\Z"
)
_FIRST = re.compile(r"[首每再多这那此屡层\d一二两三四五六七八九十]\Z")
_QUARTERS = {
    "首": 1,
    **{c: i for i, c in enumerate("一二三四", 1)},
    **{str(i): i for i in range(1, 5)},
    "两": 2,
}


def find_periods(text: str, *, anchor: date | None) -> list[Period]:
    """All expressions of time in `text`, in order.

    `anchor` is the day of publication in Shanghai; None: the text's own full dates anchor what follows them. A bare
    10月25日 is the latest one not after `anchor`, unless its clause speaks of a plan. 近日 and 目前 are no periods.
    """
    return list(_Reader(numeral.fold(text), text, Timeline(anchor)).periods())


def parse_period(text: str, anchor: date | None = None) -> Period | None:
    """The first period in `text`; None: there is none."""
    return next(iter(find_periods(text, anchor=anchor)), None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One expression, resolved or not."""

    start: int
    end: int
    stretch: Stretch | None
    printed_year: bool
    is_quarter: bool = False


class _Reader:
    """Reads one text's periods from left to right."""

    def __init__(self, text: str, printed: str, line: Timeline) -> None:
        self.text = text
        self.printed = printed
        self.line = line
        self.words = _calendar()

    def periods(self) -> Iterator[Period]:
        floor = 0
        for m in self.words.scan.finditer(self.text):
            if m.start() < floor:
                continue
            reading = self._read(m)
            if reading is None:
                continue
            reading = self._to(reading)
            floor = reading.end
            yield self._period(reading)

    def _period(self, reading: _Reading) -> Period:
        stretch = reading.stretch
        if stretch is not None and all(map(timeline.valid, stretch)):
            self.line.note(
                stretch, at=reading.start, printed_year=reading.printed_year, is_quarter=reading.is_quarter
            )
            value = timeline.iso(stretch)
        else:
            value = ""
        span = Span(reading.start, reading.end)
        return Period(span, value, bool(value), self.printed[span.start : span.end])

    def _to(self, first: _Reading) -> _Reading:
        """`first`, or the range it begins: 2024年1月1日至12月31日."""
        separator = _RANGE.match(self.text, first.end)
        m = self.words.scan.match(self.text, separator.end()) if separator and first.stretch else None
        if m is None or first.stretch is None or not all(map(timeline.valid, first.stretch)):
            return first
        begin = first.stretch
        probe = Timeline(None)
        probe.note(begin, at=first.start, printed_year=True, is_quarter=first.is_quarter)
        if m["relative"] and self.words.offsets[m["relative"]][1] == "anchor":
            probe.anchor = self.line.anchor
        keep, self.line = self.line, probe
        second = self._read(m)
        self.line = keep
        if second is None or second.stretch is None or not _follows(begin, second.stretch):
            return first
        return _Reading(first.start, second.end, (begin[0], second.stretch[1]), first.printed_year)

    def _read(self, m: re.Match[str]) -> _Reading | None:
        if m["iy"]:
            return self._iso(m)
        if m["cy"]:
            moment = (int(m["cy"]), int(m["cm"]), int(m["cd"]))
            return _Reading(m.start(), m.end(), (moment, moment), True) if timeline.valid(moment) else None
        if m["y1"]:
            years = (int(m["y1"]), 0, 0), (int(m["y2"]), 0, 0)
            return _Reading(m.start(), m.end(), years, True) if years[0] < years[1] else None
        if m["hl"] or m["qn"] or m["bq"]:
            return self._code(m)
        if m["year"] or m["short"]:
            return self._year(m)
        if m["relative"]:
            return self._relative(m)
        if m["weekday"]:
            return self._at(
                m,
                self.line.weekday(
                    "一二三四五六日天".index(m["weekday"][-1]) % 7 if m["weekday"][-1] != "天" else 6, None
                ),
            )
        if m["bare"]:
            year = self._sentence_year(m.start()) or self.line.this_year()
            return _Reading(m.start(), m.end(), _edge(year, m["bare"]) if year else None, False)
        if m["monthday"]:
            return self._day_only(m)
        return self._yearless(m)

    def _at(self, m: re.Match[str], moment: Moment | None) -> _Reading:
        return _Reading(m.start(), m.end(), (moment, moment) if moment else None, False)

    def _iso(self, m: re.Match[str]) -> _Reading | None:
        if m["sep"] == "." and not m["id"]:
            return None
        if not m["id"] and (m["sep"] == "/" or self.text[m.end() : m.end() + 1] == m["sep"]):
            return None
        moment = (int(m["iy"]), int(m["im"]), int(m["id"] or 0))
        return _Reading(m.start(), m.end(), (moment, moment), True) if timeline.valid(moment) else None

    def _code(self, m: re.Match[str]) -> _Reading | None:
        """2024Q3, 24H1, 3Q24, Q3."""
        number = int(m["hn"] or m["qn"] or m["bq"])
        if m["hl"] == "H":
            if number > 2:
                return None
            year = _two_digits(m["hy"])
            return _Reading(m.start(), m.end(), ((year, 6 * number - 5, 0), (year, 6 * number, 0)), True)
        printed = m["hy"] or m["qy"]
        at = _two_digits(printed) if printed else self._year_of(3 * number - 2, 0, m.start(), m.end())
        return _Reading(m.start(), m.end(), timeline.quarter(at, number) if at else None, bool(printed), True)

    def _year(self, m: re.Match[str]) -> _Reading | None:
        rest = self.words.rest.match(self.text, m.end())
        printed = m["short"] or m["year"]
        year = _year(printed, m["era"])
        if year is None and rest is not None and len(printed) == 2 and printed.isdigit():
            year = _two_digits(printed)  # 24年4月; a bare 24年 is a duration
        if year is None:
            return None
        return self._in_year(m.start(), m.end(), year, rest, printed=True)

    def _in_year(
        self, start: int, end: int, year: int | None, rest: re.Match[str] | None, *, printed: bool
    ) -> _Reading:
        """A year, or the part of it that `rest` names."""
        if rest is None:
            stretch = ((year, 0, 0), (year, 0, 0)) if year else None
            return _Reading(start, end, stretch, printed)
        stretch = _part(year, rest) if year else None
        return _Reading(start, rest.end(), stretch, printed, bool(rest["q"] and not rest["q2"]))

    def _yearless(self, m: re.Match[str]) -> _Reading | None:
        rest = self.words.rest.match(self.text, m.start())
        if rest is None or rest.end() == m.start():
            return None
        shape = _part(2000, rest)
        year = self._year_of(shape[0][1], shape[0][2], m.start(), rest.end())
        return self._in_year(m.start(), rest.end(), year, rest, printed=False)

    def _year_of(self, month: int, day: int, start: int, end: int) -> int | None:
        return self.line.year_of(month, day, sentence=self._sentence(start), plan=self._plan(start, end))

    def _sentence(self, at: int) -> int:
        """Where the sentence that holds `at` begins."""
        return (
            max(
                self.text.rfind("。", 0, at),
                self.text.rfind("\n", 0, at),
                self.text.rfind(";", 0, at),
                self.text.rfind("；", 0, at),
            )
            + 1
        )

    def _sentence_year(self, at: int) -> int | None:
        printed = self.line.printed_year
        return printed[0] if printed and printed[1] >= self._sentence(at) else None

    def _plan(self, start: int, end: int) -> bool:
        if self.words.plan_before.search(self.text, max(0, start - 12), start):
            return True
        return self.words.plan_after.match(self.text, end, min(len(self.text), end + 10)) is not None

    def _day_only(self, m: re.Match[str]) -> _Reading | None:
        if _NO_DAY_BEFORE.search(self.text, max(0, m.start() - 2), m.start()):
            return None
        day = int(numeral.parse_number(m["monthday"]))
        month = self.line.month_of(day, near=self._month_is_near(m.start()))
        moment = (month[0], month[1], day) if month else None
        return self._at(m, moment if moment and timeline.valid(moment) else None)

    def _month_is_near(self, at: int) -> bool:
        """Whether the month mentioned last is what a bare day continues: 10月25日公告。26日再公告."""
        line = self.line
        if line.month is None or at - line.month_at > 120:
            return False
        if line.month_at >= self._sentence(at):
            return line.month_has_day or at - line.month_at < 20
        return line.month_has_day and line.yearless_month and "\n" not in self.text[line.month_at : at]

    def _relative(self, m: re.Match[str]) -> _Reading | None:
        if m["relative"][0] == "次" and _FIRST.search(self.text, max(0, m.start() - 1), m.start()):
            return None  # 首次月背采样
        level, base, offset = self.words.offsets[m["relative"]]
        return getattr(self, f"_relative_{level}")(m, base, offset)  # type: ignore[no-any-return]

    def _relative_years(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        year = self.line.this_year() if base == "anchor" else self.line.year
        rest = self.words.rest.match(self.text, m.end())
        return self._in_year(m.start(), m.end(), year + offset if year else None, rest, printed=False)

    def _relative_quarters(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        at = self.line.quarter if offset else None  # 三季度报告:由上季的22.4%回落
        at = at or self.line.this_month()
        stretch = timeline.quarter(at[0], (at[1] + 2) // 3 + offset) if at else None
        return _Reading(m.start(), m.end(), stretch, False)

    def _relative_months(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        at = self.line.this_month() if base == "anchor" else self.line.month
        month = timeline.shifted(at, offset) if at else None
        rest = re.compile(rf"({_D})[日号]|[上中下]旬|[底末初]").match(self.text, m.end())
        if rest is None:
            return self._at(m, month)
        day = int(numeral.parse_number(rest[1])) if rest[1] else 0
        moment = (month[0], month[1], day) if month else None
        return _Reading(m.start(), rest.end(), (moment, moment) if moment else None, False)

    def _relative_weeks(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        if day := re.compile("[一二三四五六日天]").match(self.text, m.end()):
            number = min("一二三四五六日天".index(day.group()), 6)
            moment = self.line.weekday(number, offset)
            return _Reading(m.start(), day.end(), (moment, moment) if moment else None, False)
        return _Reading(m.start(), m.end(), self.line.week(offset), False)

    def _relative_days(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        at = (
            self.line.today() if base == "anchor" or (self.line.day is None and not offset) else self.line.day
        )
        if at is None:
            return self._at(m, None)
        day = date(*at) + timedelta(days=offset)
        return self._at(m, (day.year, day.month, day.day))


def _year(printed: str, era: str | None) -> int | None:
    """The year as Gregorian; None where the digits can't be one (5年)."""
    if not printed.isdigit():
        value = int(numeral.parse_number(printed))
    else:
        value = int(printed)
    if era == "民国":
        return value + 1911
    return value if _YEARLIKE.match(str(value)) or era else None


def _two_digits(printed: str) -> int:
    value = int(printed)
    return value if value > 99 else value + (2000 if value < 70 else 1900)


def _number(printed: str) -> int:
    return 1 if printed in ("元", "正") else int(numeral.parse_number(printed))


def _edge(year: int, word: str) -> Stretch:
    """The last quarter for 年底 and 年末, the first for 年初, the whole year for 年内 and 年中."""
    if word[-1] in "底末":
        return (year, 10, 0), (year, 12, 0)
    if word[-1] == "初":
        return (year, 1, 0), (year, 3, 0)
    return (year, 0, 0), (year, 0, 0)


def _part(year: int, rest: re.Match[str]) -> Stretch:
    """The part of `year` that a match of `_REST` names."""
    if rest["month"]:
        first = (year, _number(rest["month"]), _number(rest["day"]) if rest["day"] else 0)
        month2 = _number(rest["month2"]) if rest["month2"] else first[1]
        return first, (year, month2, _number(rest["day2"]) if rest["day2"] else first[2])
    if rest["half"]:
        return ((year, 1, 0), (year, 6, 0)) if rest["half"] == "上" else ((year, 7, 0), (year, 12, 0))
    if rest["edge"]:
        return _edge(year, rest["edge"])
    if rest["months"]:
        return (year, 1, 0), (year, _number(rest["months"]), 0)
    if rest["qs"]:
        return (year, 1, 0), (year, 3 * _QUARTERS[rest["qs"]], 0)
    first, last = (
        _QUARTERS[rest["q"] or rest["qa"]],
        _QUARTERS[rest["q2"] or rest["qb"] or rest["q"] or rest["qa"]],
    )
    return (year, 3 * first - 2, 0), (year, 3 * last, 0)


def _follows(first: Stretch, second: Stretch) -> bool:
    """Whether the two make a range: later, and of one precision."""
    return first[0] < second[1] and [bool(x) for x in first[0]] == [bool(x) for x in second[1]]
