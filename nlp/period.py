"""Dates in a normalised view, absolute and relative, as ISO 8601 with the precision the text has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from nlp import counted, dating, numeral, timeline
from nlp.dating import WEEK, calendar
from nlp.span import Span
from nlp.timeline import Moment, Stretch, Timeline, first_day_safe


@dataclass(frozen=True, slots=True)
class Period:
    """One expression of time."""

    span: Span
    value: str
    """2024-10-11, 2024-10, 2024, or an interval 2024-01/2024-06; '' where nothing anchors it."""
    anchored: bool
    """Whether the text or the day of publication says which year it is."""
    text: str
    window: bool = False
    """Whether it is a stretch that ends or begins at the day of publication, which dates no event: 近三年."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One expression, resolved or not."""

    start: int
    end: int
    stretch: Stretch | None
    printed_year: bool = False
    is_quarter: bool = False
    window: bool = False


_RANGE = re.compile(r"(?:起(?=[至到]))?\s?(?:--?|~|——?|–|ー|至|到|(?P<both>[与和跟]))\s?")
_BETWEEN = re.compile(r"之?间(?![接隔距歇谍])")
"""Behind the second of two that 与 or 和 joins, it makes them one stretch: 2021年与2023年间."""
_DATE_NEXT = re.compile(rf"[,，(（\s]{{1,2}}(?:\d{{4}}年)?[\d{dating.CN}十]{{1,3}}月{dating.DAY}[日号]")
_NO_DAY_BEFORE = re.compile(r"[期近前后续每去来达共约过第隔逾超满周为长需仅]\Z")  # 公示期3日, 近30日
_SIGNING = re.compile(r"[^,，。;；]{4,30}?(?:签|订立|达成)[^,，。;；]{0,6}的")
_FIRST = re.compile(r"[首每再腊多这那此屡层个\d一二两三四五六七八九十]\Z")  # 首次月背采样
_IN_WORD = re.compile(r"[目此之以日年月学提]前(?:日|一[季年])|前日[均租产本薪耗内]")
_LUNAR = re.compile(r"(?:[农阴]历|闰)\Z")  # 农历十月 is no October
_OF_MONTH = re.compile(rf"({dating.DAY})[日号]|[上中下]旬|[底末初]")
_MONTH_NEXT = re.compile(rf"[,，](?=[\d{dating.CN}十]{{1,2}}月(?!末|底|初))")
_SAME_MONTH = re.compile(r"的?(?:本月|这个月)")
_OF_WEEK = re.compile("(?:周|星期|礼拜)?([一二三四五六日天])|(?P<end>末)")


def find_periods(text: str, *, anchor: date | None) -> list[Period]:
    """All expressions of time in `text`, in order.

    `anchor` is the day of publication in Shanghai; None: the text's own full dates anchor what follows
    them. A bare 10月25日 is the latest one, at most ten days after `anchor`, unless its clause speaks of
    a plan. 近日 and 目前 are no periods.
    """
    return list(_Reader(numeral.fold(text), text, Timeline(anchor)).periods())


def parse_period(text: str, anchor: date | None = None) -> Period | None:
    """The first period in `text`; None: there is none."""
    return next(iter(find_periods(text, anchor=anchor)), None)


class _Reader:
    """Reads one text's periods from left to right."""

    def __init__(self, text: str, printed: str, line: Timeline) -> None:
        self.text = text
        self.printed = printed
        self.line = line
        self.words = calendar()
        self.last = _Reading(0, 0, None)
        self.later: tuple[_Reading | None, Moment | None] = (None, None)
        """The last 三周后 and what it was counted from."""
        self.relative: dict[str, Callable[[re.Match[str], str, int], _Reading | None]] = {
            "years": self._relative_year,
            "quarters": self._relative_quarter,
            "months": self._relative_month,
            "weeks": self._relative_week,
            "days": self._relative_day,
        }

    def periods(self) -> Iterator[Period]:
        """Each expression, dated as far as what was read before it allows."""
        for m in self.words.scan.finditer(self.text):
            if m.start() < self.last.end:
                continue
            reading = self._read(m)
            if reading is not None:
                self.last = self._to(reading)
                yield self._period(self.last)

    def _period(self, reading: _Reading) -> Period:
        stretch = reading.stretch
        sound = stretch is not None and all(map(timeline.valid, stretch))
        value = timeline.iso(stretch) if stretch and sound else ""
        if stretch and sound and not reading.window:
            self.line.note(
                stretch,
                at=reading.start,
                printed_year=reading.printed_year,
                is_quarter=reading.is_quarter,
            )
        span = Span(reading.start, reading.end)
        return Period(span, value, bool(value), self.printed[span.start : span.end], reading.window)

    def _to(self, first: _Reading) -> _Reading:
        """`first`, or the range it begins: 2024年1月1日至12月31日, 三月和八月之间."""
        begin = first.stretch if not first.window else None
        separator = _RANGE.match(self.text, first.end) if begin else None
        m = self.words.scan.match(self.text, separator.end()) if separator else None
        if m is None or separator is None or begin is None or not all(map(timeline.valid, begin)):
            return first
        if separator["both"] and "间" not in self.text[m.end() : m.end() + 12]:
            return first
        second = self._second(m, first, begin)
        if second is None or second.stretch is None:
            return first
        close = _BETWEEN.match(self.text, second.end) if separator["both"] else None
        if separator["both"] and not close:
            return first
        end = close.end() if close else second.end
        return _Reading(first.start, end, (begin[0], second.stretch[1]), first.printed_year)

    def _second(self, m: re.Match[str], first: _Reading, begin: Stretch) -> _Reading | None:
        """What ends a range that begins with `first`; None: it does not follow it."""
        line = self.line
        self.line = Timeline(line.anchor if self._is_anchored_word(m) else None)
        self.line.note(begin, at=first.start, printed_year=True, is_quarter=first.is_quarter)
        second = self._at(m, self._weekday_after(m["weekday"], begin[0])) if m["weekday"] else self._read(m)
        self.line = line
        if second is None or second.stretch is None:
            return None
        if m["yearless"] is not None and second.stretch[1] < begin[0]:  # 12月30日至1月3日
            low, high = ((y + 1, month, day) for y, month, day in second.stretch)
            second = replace(second, stretch=(low, high))
        return second if _follows(begin, second.stretch or begin) else None

    def _weekday_after(self, word: str, begin: Moment) -> Moment | None:
        """周五 of 周三至周五: the first such day after the one that the range begins with."""
        later = (_weekday_number(word) - date(*begin).weekday()) % 7 if begin[2] else 0
        return timeline.moved(begin, days=later) if begin[2] else None

    def _is_anchored_word(self, m: re.Match[str]) -> bool:
        return bool(m["relative"]) and self.words.offsets[m["relative"]][1] == "anchor"

    def _read(self, m: re.Match[str]) -> _Reading | None:
        """What a match of the scan says; None: no period after all."""
        if m["iy"]:
            return self._iso(m)
        if m["ey"]:
            return self._stretch(m, dating.day_first(m), printed_year=True)
        if m["d1"]:
            months = (int(m["d1"]), int(m["dm1"]), 0), (int(m["d2"]), int(m["dm2"]), 0)
            return self._stretch(m, months, printed_year=True) if months[0] < months[1] else None
        if m["cy"]:
            moment = (int(m["cy"]), int(m["cm"]), int(m["cd"]))
            return self._at(m, moment, printed_year=True) if timeline.valid(moment) else None
        if m["y1"] or m["y3"]:
            years = (int(m["y1"] or m["y3"]), 0, 0), (int(m["y2"] or m["y4"]), 0, 0)
            return _Reading(m.start(), m.end(), years, True) if years[0] < years[1] else None
        if m["decade"] or m["dyear"]:
            return self._stretch(m, dating.decade(m), printed_year=bool(m["century"]))
        if m["pair"] or m["days"]:
            return self._pair(m)
        if m["fy"]:
            return self._at(m, (dating.two_digits(m["fy"]), 0, 0), printed_year=True)
        if m["hy"] or m["qn"] or m["bq"]:
            return self._code(m)
        if m["ago"] or m["ago_months"]:
            return self._ago(m)
        if m["counted"]:
            return self._counted(m)
        if m["feast"]:
            return self._feast(m)
        if m["year"] or m["short"]:
            return self._year(m) or self._counted(m)
        if m["relative"]:
            return self._relative(m)
        if m["weekday"]:
            return self._weekday(m)
        if m["bare"]:
            year = self._sentence_year(m.start()) or self.line.this_year()
            return _Reading(m.start(), m.end(), dating.edge(year, m["bare"]) if year else None)
        return self._day_only(m) if m["monthday"] else self._yearless(m)

    def _at(self, m: re.Match[str], moment: Moment | None, *, printed_year: bool = False) -> _Reading:
        return _Reading(m.start(), m.end(), (moment, moment) if moment else None, printed_year)

    def _stretch(
        self, m: re.Match[str], stretch: Stretch | None, *, printed_year: bool = False
    ) -> _Reading | None:
        return _Reading(m.start(), m.end(), stretch, printed_year) if stretch else None

    def _iso(self, m: re.Match[str]) -> _Reading | None:
        """2024-10-11; 2024-10 and 2024/10 too, but not 2024.10 nor 2011/12, which may be two years."""
        if not m["id"] and not self._month_of_year(m):
            return None
        moment = (int(m["iy"]), int(m["im"]), int(m["id"] or 0))
        return self._at(m, moment, printed_year=True) if timeline.valid(moment) else None

    def _month_of_year(self, m: re.Match[str]) -> bool:
        beside = self.text[max(0, m.start() - 1) : m.start()] + self.text[m.end() : m.end() + 1]
        if m["sep"] == "/":
            return len(m["im"]) == 2 and int(m["im"]) != (int(m["iy"]) + 1) % 100 and "/" not in beside
        return m["sep"] == "-" and self.text[m.end() : m.end() + 1] != "-"

    def _code(self, m: re.Match[str]) -> _Reading | None:
        """2024Q3, 24H1, 3Q24, Q3."""
        number = int(m["hn"] or m["hq"] or m["qn"] or m["bq"])
        printed = m["hy"] or m["qy"] or m["bqy"]
        if m["hl"] == "H":
            year = dating.two_digits(printed)
            half = ((year, 6 * number - 5, 0), (year, 6 * number, 0))
            return _Reading(m.start(), m.end(), half, True) if number < 3 else None
        first = 3 * number - 2
        at = dating.two_digits(printed) if printed else self._year_of(first, 0, m.start(), m.end())
        return _Reading(m.start(), m.end(), timeline.quarter(at, number) if at else None, bool(printed), True)

    def _year(self, m: re.Match[str]) -> _Reading | None:
        comma = _MONTH_NEXT.match(self.text, m.end())  # 二〇二四年,三月五号
        rest = self.words.rest.match(self.text, comma.end() if comma else m.end())
        if _LUNAR.search(self.text, max(0, m.start() - 2), m.start()):
            rest = None
        whole = m.group().endswith(("年度", "财年"))
        year = dating.year(m["short"] or m["year"], m["era"], rest, whole=whole)
        return self._in_year(m.start(), m.end(), year, rest, printed=True) if year else None

    def _ago(self, m: re.Match[str]) -> _Reading:
        """两年前, 两个月前: counted from the day of publication."""
        if m["ago_months"]:
            month = self.line.this_month()
            return self._at(m, timeline.shifted(month, -dating.number(m["ago_months"])) if month else None)
        this = self.line.this_year()
        year = this - dating.number(m["ago"]) if this else None
        return _Reading(m.start(), m.end(), ((year, 0, 0), (year, 0, 0)) if year else None)

    def _counted(self, m: re.Match[str]) -> _Reading | None:
        """近三年 and 两天前 are counted from the day of publication, 三周后 from the date told before it."""
        told = counted.find(self.text, m.start())
        if told is None:
            return None
        day = self._counted_from(told)
        if told.groupdict().get("within") and day is None:
            return None
        stretch = counted.stretch(told, day) if day and timeline.valid(day) else None
        reading = _Reading(told.start(), told.end(), stretch, window=counted.is_window(told))
        if told.groupdict().get("behind"):
            self.later = reading, day
        return reading

    def _counted_from(self, told: re.Match[str]) -> Moment | None:
        """The day that 三周后 is counted from.

        That of the date before it in its paragraph; else, of a plan or where nothing is told before it, the
        day of publication.
        """
        start, before = told.start(), self.last
        opens = not self.text[:start].strip(" ,。我你他她它们这那")
        if told.groupdict().get("within"):
            return self.line.today() if opens else None
        if not told.groupdict().get("behind"):
            return self.line.today()
        paragraph = self.text.rfind("\n", 0, start) + 1
        if before is self.later[0]:  # 2年后发射…,4年后(2028年): both from one day
            return self.later[1]
        if before.stretch and not before.window and before.end > paragraph:
            return before.stretch[1]
        return self.line.today() if opens or self._plan(start, told.end()) else None

    def _pair(self, m: re.Match[str]) -> _Reading:
        """今明两年, 明后天."""
        first = {"去今": -1, "昨今": -1, "今明": 0, "明后": 1}[m["pair"] or m["days"]]
        if m["days"]:
            days = self._days_on(first), self._days_on(first + 1)
            return _Reading(m.start(), m.end(), (days[0], days[1]) if days[0] and days[1] else None)
        this = self.line.this_year()
        return _Reading(
            m.start(), m.end(), ((this + first, 0, 0), (this + first + 1, 0, 0)) if this else None
        )

    def _days_on(self, offset: int) -> Moment | None:
        at = self.line.today()
        return timeline.moved(at, days=offset) if at else None

    def _feast(self, m: re.Match[str]) -> _Reading:
        """国庆, 去年元旦: the month of the holiday, in the year just named, else the latest."""
        month, beside = dating.FEASTS[m["feast"]], self.last.stretch
        if beside and self.last.end == m.start() and beside[0][1] == 0:
            return self._at(m, (beside[0][0], month, 0))
        year = self._year_of(month, 0, m.start(), m.end())
        return self._at(m, (year, month, 0) if year else None)

    def _in_year(
        self, start: int, end: int, year: int | None, rest: re.Match[str] | None, *, printed: bool
    ) -> _Reading:
        """A year, or the part of it that `rest` names."""
        if rest is None:
            return _Reading(start, end, ((year, 0, 0), (year, 0, 0)) if year else None, printed)
        stretch = dating.part(year, rest) if year else None
        return _Reading(
            start, rest.end(), stretch, printed, bool(rest["q"] and not rest["q2"] and not rest["qend"])
        )

    def _yearless(self, m: re.Match[str]) -> _Reading | None:
        """10月25日, 三季度: the year comes from the sentence, the day of publication or the dates before."""
        rest = self.words.rest.match(self.text, m.start())
        lunar = _LUNAR.search(self.text, max(0, m.start() - 2), m.start())
        if rest is None or rest.end() == m.start() or lunar:
            return None
        _, month, day = dating.part(2000, rest)[0]
        year = self._year_of(month, day, m.start(), rest.end())
        return self._in_year(m.start(), rest.end(), year, rest, printed=False)

    def _year_of(self, month: int, day: int, start: int, end: int) -> int | None:
        year = self.line.year_of(month, day, sentence=self._sentence(start), plan=self._plan(start, end))
        told, anchor, printed = self.line.month, self.line.anchor, self.line.printed_year
        if not (year and told and anchor and printed and printed[1] >= self._sentence(start)):
            return year
        # 与某客户于2024年12月订立的合约,公司决定自8月1日起暂停: after the signing, so in the next year
        before = (year, month) < told[:2] and _SIGNING.match(self.text, printed[1], start) is not None
        return year + 1 if before and first_day_safe(year + 1, month, day) <= anchor else year

    def _sentence(self, at: int) -> int:
        """Where the sentence that holds `at` begins."""
        return max(self.text.rfind(stop, 0, at) for stop in "。\n;；") + 1

    def _sentence_year(self, at: int) -> int | None:
        printed = self.line.printed_year
        return printed[0] if printed and printed[1] >= self._sentence(at) else None

    def _plan(self, start: int, end: int) -> bool:
        """Whether the clause speaks of what is to come: 预计3月投产, 1月15日将召开; not 未能于6月30日前."""
        if self.words.plan_missed.search(self.text, max(0, start - 8), start):
            return False
        if self.words.plan_before.search(self.text, max(0, start - 12), start):
            return True
        return self.words.plan_after.match(self.text, end, min(len(self.text), end + 10)) is not None

    def _day_only(self, m: re.Match[str]) -> _Reading | None:
        """26日: of the month mentioned just before, else the latest not after publication."""
        if _NO_DAY_BEFORE.search(self.text, max(0, m.start() - 1), m.start()):
            return None
        day = dating.number(m["monthday"])
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

    def _weekday(self, m: re.Match[str]) -> _Reading | None:
        """周三; None beside the date it belongs to: 2024年10月11日(星期五), 周五,10月11日."""
        beside = self.text[self.last.end : m.start()]
        if self.last.end and len(beside) < 2 and beside in ("", " ", "(", "（", ",", "，"):
            return None
        if _DATE_NEXT.match(self.text, m.end()):
            return None
        first = self.line.weekday(_weekday_number(m["weekday"]), None)
        last = self._weekday_after(m["until"], first) if m["until"] and first else first
        return _Reading(m.start(), m.end(), (first, last) if first and last else None)

    def _relative(self, m: re.Match[str]) -> _Reading | None:
        """今年, 上月, 同日."""
        word, before = m["relative"], max(0, m.start() - 1)
        if word[0] in "次月" and _FIRST.search(self.text, before, m.start()):
            return None
        if word[0] == "前" and _IN_WORD.search(self.text, before, m.end() + 1):
            return None
        level, base, offset = self.words.offsets[word]
        return self.relative[level](m, base, offset)

    def _relative_year(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        year = self.line.this_year() if base == "anchor" else self.line.year
        if year is None and m["relative"][0] == "这":
            year = self.line.this_year()
        if same := _SAME_MONTH.match(self.text, m.end()):
            return self._same_month(m, year + offset if year else None, same)
        rest = self.words.rest.match(self.text, m.end())
        return self._in_year(m.start(), m.end(), year + offset if year else None, rest, printed=False)

    def _same_month(self, m: re.Match[str], year: int | None, same: re.Match[str]) -> _Reading:
        """去年本月, 去年本月12日."""
        month, day = self.line.this_month(), _OF_MONTH.match(self.text, same.end())
        moment = (year, month[1], dating.number(day[1] or "0") if day else 0) if year and month else None
        return _Reading(m.start(), (day or same).end(), (moment, moment) if moment else None)

    def _relative_quarter(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        at = self.line.quarter if offset else None  # 三季度报告:由上季的22.4%回落
        at = at or self.line.this_month()
        stretch = timeline.quarter(at[0], (at[1] + 2) // 3 + offset) if at else None
        if self.text[m.end() : m.end() + 1] in ("末", "底"):  # 上季度末 is its last month
            return _Reading(m.start(), m.end() + 1, (stretch[1], stretch[1]) if stretch else None)
        return _Reading(m.start(), m.end(), stretch)

    def _relative_month(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        at = self.line.this_month() if base == "anchor" else self.line.month
        month = timeline.shifted(at, offset) if at else None
        rest = _OF_MONTH.match(self.text, m.end())
        if rest is None:
            return self._at(m, month)
        moment = (month[0], month[1], dating.number(rest[1]) if rest[1] else 0) if month else None
        return _Reading(m.start(), rest.end(), (moment, moment) if moment else None)

    def _relative_week(self, m: re.Match[str], base: str, offset: int) -> _Reading | None:
        day = _OF_WEEK.match(self.text, m.end())
        if day is None:
            in_cycle = self.text.startswith("期", m.end())  # 上周期
            return None if in_cycle else _Reading(m.start(), m.end(), self.line.week(offset))
        first, last = (5, 6) if day["end"] else (_weekday_number(day[1]),) * 2
        begin, end = self.line.weekday(first, offset), self.line.weekday(last, offset)
        return _Reading(m.start(), day.end(), (begin, end) if begin and end else None)

    def _relative_day(self, m: re.Match[str], base: str, offset: int) -> _Reading:
        same_day = self.line.day if base == "text" else None
        at = same_day or (self.line.today() if base == "anchor" or not offset else None)
        return self._at(m, timeline.moved(at, days=offset) if at else None)


def _weekday_number(word: str) -> int:
    """0 of 周一, 星期一, 一."""
    return min(WEEK.index(word[-1]), 6)


def _follows(first: Stretch, second: Stretch) -> bool:
    """Whether the two make a range: later, and of one precision."""
    return first[0] < second[1] and [bool(x) for x in first[0]] == [bool(x) for x in second[1]]
