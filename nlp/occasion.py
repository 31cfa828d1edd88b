"""When a figure held that its own sentence does not date: by the document's kind, or by a date told before.

A year's plan of work names its year in the headline, a government's work report tells of the year before and
plans for its own, an annual report's 报告期 is its year; 上年同期 is the same part of the year before.
"""

from __future__ import annotations

import re

from nlp.period import Period, find_periods
from nlp.reading import Reading, Sentence

_PLAN = re.compile(
    r"(?P<year>20\d\d)年[^,。;]{0,12}(?:工作要点|重点工作|工作计划|工作安排|重点任务|任务清单|工作方案|行动计划|实施计划|工作部署)"
)
_WORK_REPORT = re.compile(r"政府工作报告")
_TO_COME = re.compile(
    r"今年(?:的)?(?:重点|主要|总体)?(?:工作|任务|安排|目标)|(?:工作|任务)安排[:\n]|今年[,,]?(?:我们)?(?:将|要)"
)
"""Where such a report turns to its own year."""
_ACCOUNTS = re.compile(
    r"(?P<year>20\d\d)年?(?P<part>年度|半年度|第?[一二三四1-4]季度)?(?P<name>报告|年报|半年报|[一二三四]季报)"
)
_PARTS = {
    **{"半年": "上半年", "一季": "一季度", "1季": "一季度", "二季": "二季度", "2季": "二季度"},
    **{"三季": "前三季度", "3季": "三季度", "四季": "四季度", "4季": "四季度"},
}
"""What accounts are called by, and the part of the year they are of."""
_TERM = re.compile(r"报告期|本期|期[内末]")
_TERM_END = re.compile(r"期末")
_SAME_PART = re.compile(r"同期")
_SAME_TIME = re.compile(r"(?:的)?(?:此时|这个?时候|这会儿|同一时间|同月|这个月)")
_END = re.compile(r"(?:季度?|半年)[末底]")
_REPORT = re.compile(r"(?:该|上述)?(?:报告|简报|季报)")
_REPORTS = re.compile(
    r"的?[\u4e00-\u9fff]{0,8}?(?:报告|简报|季报|月报|追踪|监测)(?:显示|称|指出|指|提到|表明|披露|发现)"
)
_DAY = len("2025-01-31")
_BACK = 200
"""Characters back to the date that 上年同期 is the year before of."""
_OPENING = 120
"""Characters of the text in which a document without a headline may name itself."""


def held_in(reading: Reading, period: Period) -> str:
    """The date a period of the view stands for beside a figure.

    一季度末 and 上半年末 are the last month of that stretch; 上年同期 is the year before what was dated last,
    去年此时 the month of publication in that year.
    """
    text = reading.text
    if "/" in period.value and _END.search(text, period.span.start, period.span.end + 1):
        return period.value.split("/")[1]
    if not re.fullmatch(r"\d{4}", period.value):
        return period.value
    if _SAME_PART.match(text, period.span.end):
        earlier = reading.within(reading.periods, max(0, period.span.start - _BACK), period.span.start)
        told = [p.value for p in earlier if p.value]
        last = told[-1] if told else _accounted(_head(reading))
        return _year_before(last) if last else period.value
    if reading.anchor and _SAME_TIME.match(text, period.span.end):
        return f"{period.value}-{reading.anchor.month:02}"
    return period.value


def _year_before(value: str) -> str:
    """2024-01/2024-06 of 2025-01/2025-06; a day becomes its month: 29 February has no like."""
    parts = [f"{int(part[:4]) - 1}{part[4:7]}" for part in value.split("/")]
    return "/".join(parts)


def occasion(reading: Reading, sentence: Sentence, *, plan: bool) -> str | None:
    """The date that the document's kind gives a figure of `sentence`; None: it gives none.

    `plan`: whether the figure is aimed at rather than observed.
    """
    head = _head(reading)
    if plan and (m := _PLAN.search(head)):
        return m["year"]
    if _WORK_REPORT.search(head) and reading.anchor:
        to_come = plan or _TO_COME.search(reading.text, 0, sentence.end)
        return str(reading.anchor.year - (not to_come))
    if plan or not _TERM.search(sentence.text):
        return None
    return _accounted(head) or _ended(reading, sentence)


def _ended(reading: Reading, sentence: Sentence) -> str | None:
    """截至2025年6月30日止六个月…。于期末,…: the day on which the term ended that was told before."""
    if not _TERM_END.search(sentence.text):
        return None
    told = reading.within(reading.periods, max(0, sentence.start - _BACK), sentence.start)
    ends = [p.value for p in told if p.value and reading.text.startswith("止", p.span.end)]
    return ends[-1] if ends else None


def reported(reading: Reading, sentence: Sentence) -> str | None:
    """The stretch of the report that a sentence of it tells from: 三季度报告显示,甲为21%。乙首次低于两成.

    None: no report is quoted in its paragraph before it, nor does it open on 报告.
    """
    text = reading.text
    opens = _REPORT.match(sentence.text) is not None
    low = 0 if opens else text.rfind("\n", 0, sentence.start) + 1
    for period in reversed(reading.within(reading.periods, low, sentence.start)):
        if period.value and len(period.value) != _DAY and _REPORTS.match(text, period.span.end):
            return period.value
    return None


def _head(reading: Reading) -> str:
    return f"{reading.title}\n{reading.text[:_OPENING]}"


def _accounted(head: str) -> str | None:
    """The stretch that accounts are of, by their name in the headline; None: it names none."""
    if not (m := _ACCOUNTS.search(head)):
        return None
    printed = f"{m['part'] or ''}{m['name']}"
    if "三季" in printed and "基金" in head:  # a fund reports on each quarter alone
        printed = printed.replace("三季", "3季")
    told = next((word for sign, word in _PARTS.items() if sign in printed), "")
    if not told and "年" not in printed:
        return None
    found = find_periods(f"{m['year']}年{told}", anchor=None)
    return found[0].value if found else None
