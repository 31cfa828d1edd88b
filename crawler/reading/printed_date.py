"""The date a page or filing prints → a day in Shanghai."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*(?:[-/.]|年)\s*(\d{1,2})\s*(?:[-/.]|月)\s*(\d{1,2})(?!\d)\s*日?"
    r"(?:\s*[T ]?\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.:]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)
# 二〇二四年十月二十五日, 二零二四年十月廿五日: how boards sign their filings
_HAN_DATE = re.compile(
    r"([一二三四五六七八九〇○零Ｏ０O]{4})\s*年\s*([一二三四五六七八九十]{1,3})\s*月\s*([一二三四五六七八九十廿卅]{1,4})\s*日"
)
_RFC_822 = re.compile(
    r"(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (20\d\d) "
    r"(\d\d):(\d\d)(?::\d\d)? ?(\S*)"
)
_LONGEST_DATE = 25  # characters; 二〇二四年十二月二十五日 with spaces
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


def parse_printed(printed: str | None) -> date | None:
    """The Shanghai day of the first date in `printed`; None if it has none or the day does not exist.

    A time with a zone (…T23:30:00Z) is moved to Shanghai; a time without one is taken as Shanghai's.
    """
    if not printed:
        return None
    text = unicodedata.normalize("NFKC", printed)
    if found := _DATE.search(text):
        return _moved(found)
    if found := _HAN_DATE.search(text):
        return _day(_digits(found[1]), _han_number(found[2]), _han_number(found[3]))
    if found := _RFC_822.search(text):
        return _moved_rfc(found)
    return None


def first_printed(text: str) -> str | None:
    """The first date in `text` exactly as it is printed, time included; None if it has none."""
    found = _DATE.search(text)
    return found[0].strip() if found else None


def last_date_line(text: str) -> str | None:
    """The last line that is nothing but a date, as filings are signed; None if there is none.

    Not the date of a balance sheet, which stands between 合并资产负债表 and 编制单位.
    """
    lines = [line.strip() for line in text.splitlines()]
    for at in range(len(lines) - 1, -1, -1):
        if _is_date(lines[at]):
            above, below = lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else ""
            if not above.endswith("表") and not below.startswith("编制"):
                return lines[at]
    return None


def _is_date(line: str) -> bool:
    if not line or len(line) >= _LONGEST_DATE:
        return False
    return bool(_DATE.fullmatch(unicodedata.normalize("NFKC", line)) or _HAN_DATE.fullmatch(line))


def _moved(found: re.Match[str]) -> date | None:
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not found[7] or _day(year, month, day) is None:
        return _day(year, month, day)
    try:
        moment = datetime(year, month, day, int(found[4]), int(found[5]), tzinfo=_zone(found[7]))
    except ValueError:
        return _day(year, month, day)
    return moment.astimezone(SHANGHAI).date()


def _moved_rfc(found: re.Match[str]) -> date | None:
    month = _MONTHS.index(found[2]) // 3 + 1
    try:
        moment = datetime(
            int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), tzinfo=_zone(found[6])
        )
    except ValueError:
        return None
    return moment.astimezone(SHANGHAI).date()


def _zone(written: str) -> timezone:
    if not re.fullmatch(r"[+-]\d\d:?\d\d", written):
        return UTC
    sign = -1 if written[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(written[1:3]), minutes=int(written[-2:])))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _digits(written: str) -> int:
    return int(
        "".join(
            str("〇一二三四五六七八九".find(digit)) if digit in "一二三四五六七八九" else "0"
            for digit in written
        )
    )


def _han_number(written: str) -> int:
    """十二 → 12, 廿五 → 25, 三十 → 30."""
    tens, _, ones = written.replace("廿", "二十").replace("卅", "三十").rpartition("十")
    value = "一二三四五六七八九".find(ones) + 1 if ones else 0
    if "十" in written or "廿" in written or "卅" in written:
        value += 10 * ("一二三四五六七八九".find(tens) + 1 if tens else 1)
    return value
