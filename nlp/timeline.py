"""Where a document's periods lie: what the publication and its own dates anchor. Never a made-up year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

Moment = tuple[int, int, int]
"""Year, month, day; 0 where the text is not that precise."""
Stretch = tuple[Moment, Moment]
"""First and last moment, of one precision; the same twice for a single one."""
NEAR = timedelta(days=10)
"""How far after publication a date with no year may lie though no plan is spoken of (自12月15日起 in a paper
of the 12th, papers dated the evening before); beyond that it is the latest one past."""


def valid(moment: Moment) -> bool:
    """Whether the calendar has it."""
    year, month, day = moment
    return (
        1 <= year <= 9999 and month <= 12 and (not day or (month > 0 and day <= monthrange(year, month)[1]))
    )


def iso(stretch: Stretch) -> str:
    """2024-10-11, 2024-10, 2024, or an interval 2024-01/2024-06."""
    first, last = (_iso(moment) for moment in stretch)
    return first if first == last else f"{first}/{last}"


def _iso(moment: Moment) -> str:
    year, month, day = moment
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def first_day(moment: Moment) -> date:
    """The first day of what the moment names."""
    return date(moment[0], moment[1] or 1, moment[2] or 1)


def shifted(moment: Moment, months: int) -> Moment:
    """The month so many months on, day dropped."""
    at = moment[0] * 12 + moment[1] - 1 + months
    return at // 12, at % 12 + 1, 0


def moved(moment: Moment, *, months: int = 0, days: int = 0) -> Moment | None:
    """The day so many months and days on; None beyond the years 1 to 9999."""
    year, month, _ = shifted(moment, months)
    try:
        day = first_day_safe(year, month, moment[2]) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return day.year, day.month, day.day


def quarter(year: int, number: int) -> Stretch:
    """The number-th quarter counted from the first of `year`; 0 is the last of the year before."""
    first = shifted((year, 1, 0), 3 * (number - 1))
    return first, shifted(first, 2)


@dataclass(slots=True)
class Timeline:
    """What has been dated so far in one text, read from its beginning."""

    anchor: date | None
    year: int | None = None
    """Year mentioned last, however it was anchored."""
    month: Moment | None = None
    day: Moment | None = None
    quarter: Moment | None = None
    """First month of the quarter mentioned last."""
    printed_year: tuple[int, int] | None = field(default=None)
    """Year that stood in the text itself, and where: it holds for the rest of its sentence."""
    month_at: int = -1
    """Where `month` was mentioned."""
    month_has_day: bool = False
    """Whether a day of `month` was named."""
    yearless_month: bool = False
    """Whether `month` was printed without a year: then it frames the story (10月25日 …。26日 …)."""

    def note(self, stretch: Stretch, *, at: int, printed_year: bool, is_quarter: bool) -> None:
        """Remember a resolved period."""
        first = stretch[0]
        self.year = first[0]
        if first[1]:
            self.month, self.month_at = (first[0], first[1], 0), at
            self.month_has_day, self.yearless_month = bool(first[2]), not printed_year
        if first[2]:
            self.day = stretch[1] if stretch[1][2] else first
        if is_quarter:
            self.quarter = first
        if printed_year:
            self.printed_year = (first[0], at)

    def today(self) -> Moment | None:
        """The day of publication, else the latest full date of the text."""
        return (self.anchor.year, self.anchor.month, self.anchor.day) if self.anchor else self.day

    def this_year(self) -> int | None:
        """What 今年 is: of the day of publication, else of the latest full date of the text."""
        if self.anchor:
            return self.anchor.year
        return self.day[0] if self.day else self.year

    def this_month(self) -> Moment | None:
        """What 本月 is."""
        return (self.anchor.year, self.anchor.month, 0) if self.anchor else self.month

    def year_of(self, month: int, day: int, *, sentence: int, plan: bool) -> int | None:
        """The year of a 10月25日 with no year; None where nothing anchors it.

        `sentence` is where its sentence begins; `plan` says that its clause speaks of the future.
        """
        if self.printed_year and self.printed_year[1] >= sentence:
            year = self.printed_year[0]
            if self.anchor is None or plan or first_day_safe(year, month, day) <= self.anchor:
                return year
        if (
            self.anchor is None
        ):  # 2024年10月11日…于2023年7月签订…。10月25日: the full date counts, not the year named last
            return self.day[0] if self.day else self.year
        this = first_day_safe(self.anchor.year, month, day)
        if plan:
            return self.anchor.year + (this < self.anchor.replace(day=1))
        return self.anchor.year - (this > self.anchor + NEAR)

    def month_of(self, day: int, *, near: bool) -> Moment | None:
        """The month of a bare 12日, None where nothing anchors it; `near`: it continues the last one."""
        if self.month and (near or self.anchor is None):
            return self.month
        if self.anchor is None:
            return None
        this = (self.anchor.year, self.anchor.month, 0)
        if day <= self.anchor.day:
            return this
        if day <= monthrange(*shifted(this, -1)[:2])[1]:
            return shifted(this, -1)
        # the month before has no 31日: told on the 30th of March it is tomorrow, on the 5th of May in March
        soon = valid((*this[:2], day)) and first_day_safe(*this[:2], day) <= self.anchor + NEAR
        return this if soon else shifted(this, -2)

    def weekday(self, number: int, week: int | None) -> Moment | None:
        """The day 周三 (2) is; `week` 0 this, -1 the last, None: the latest not after publication."""
        if self.anchor is None:
            return None
        monday = self.anchor - timedelta(days=self.anchor.weekday())
        day = monday + timedelta(days=number + 7 * (week or 0))
        if week is None and day > self.anchor:
            day -= timedelta(days=7)
        return day.year, day.month, day.day

    def week(self, offset: int) -> Stretch | None:
        """Monday to Sunday of 上周, 本周, 下周."""
        if self.anchor is None:
            return None
        monday = self.anchor - timedelta(days=self.anchor.weekday() - 7 * offset)
        sunday = monday + timedelta(days=6)
        return (monday.year, monday.month, monday.day), (sunday.year, sunday.month, sunday.day)


def first_day_safe(year: int, month: int, day: int) -> date:
    """The date, or the month's last where the year has no such day (2月29日)."""
    month = month or 1
    return date(year, month, min(day or 1, monthrange(year, month)[1]))
