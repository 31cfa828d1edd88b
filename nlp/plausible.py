"""What keeps a number from being a quantity: dates, model names, ordinals, look-alike words."""

from __future__ import annotations

import re
from typing import NamedTuple

from nlp.numeral import DIGIT, Numeral
from nlp.units import Unit, Vocabulary


class Amount(NamedTuple):
    """A number and its unit, before bounds and rates."""

    start: int
    number_end: int
    end: int
    run: str
    """The number as printed; '' of a fraction (三分之一)."""
    numeral: Numeral
    unit: Unit | None
    word: str
    """The unit as printed; '' without one."""


_SCALES = ("百", "千", "万", "亿")
_YEAR = re.compile(rf"(?:19|20)\d\d\Z|[一二][{DIGIT}]{{3}}\Z")
_NUMBERED_YEAR = re.compile(r"\d{1,2}\.(?:19|20)\d\d\Z")  # 7.2025年全国粮食丰收
_CAPITALS = "壹贰叁肆伍陆柒捌玖"
_CENTS = re.compile(rf"零?[\d{DIGIT}]分(?![之钟])")
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]*\Z")
_VIDEO = re.compile(r"视频|高清|画质|分辨率|直播|影|屏|像素")
_POWER = re.compile(r"光伏|风电|电站|储能|装机|负荷|匹|变压器|瓦|电力|风光|供电|能耗|指标")
_ELECTRIC = re.compile(r"电|耗能|用能")
_DAYS_AFTER = re.compile(r"以?之?内|历天")
_CARDS = re.compile(r"GPU|显卡|芯片|加速卡|卡|硬盘|电池|屏|板|[A-Z]{1,3}\d{2,4}|[345]0[6-9]0|英伟达|昇腾|地")
_MONEY = re.compile(r"[价租赚卖花钱元费降涨贴薪资收挣亏省本补贵]")
_HANDED = re.compile(r"[交购采颗货供配换装插]|卡")
_RATE_BEFORE = re.compile(r"(?:[一每](?:个?小时|天|个?月|年)|[时日月年]租)[才只要仅约收]?\Z")
_RATE_AFTER = re.compile(r"钱|左右?一|/|一个?[月天年小台]|每")
_ACRONYM = re.compile(r"(?<![A-Za-z])(?:GPU|CPU|NPU|DPU|AI|IDC|AIDC)\Z")
_FIRM = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z]*[a-z]{2,}[A-Za-z]*\Z")
_ORDINAL = re.compile(r"第[^,。]{1,3}个\Z")  # 第十五个五年规划


def amount(text: str, found: Amount, words: Vocabulary) -> bool:
    """Whether number and unit can be a quantity, by themselves and by what follows."""
    if found.unit is None:
        return True
    word, after = found.word, text[found.end : found.end + 6]
    clash = words.not_followed_by.get(word)
    if clash and clash.match(after):
        return False
    if _is_one_digit(found) and not _counts_digit(found, after, words):
        return False
    if found.run in words.model_numbers and found.unit.kind == "count" and word != "台":
        return False
    check = _CHECKS.get(word)
    return check is None or check(text, found, after)


def _is_one_digit(found: Amount) -> bool:
    return len(found.run) == 1 and (found.run in DIGIT or found.run == "十") and found.numeral.high is None


def _counts_digit(found: Amount, after: str, words: Vocabulary) -> bool:
    """Whether the unit counts one Chinese digit: 两台, 一台, but not 二手, 三步, 一次."""
    if found.word in words.never_single:
        return found.word == "角" and (found.run in _CAPITALS or _CENTS.match(after) is not None)
    if found.word == "匹":
        return after.startswith(("算力", "智算", "的"))
    return (
        found.run != "一"
        or (found.unit is not None and found.unit.kind != "count")
        or found.word in words.single
    )


def _year(text: str, found: Amount, after: str) -> bool:
    if _YEAR.match(found.run) or _NUMBERED_YEAR.match(found.run):
        return False
    return found.numeral.low <= 1900 or any(c in found.run for c in ",万亿")


def _tenths(text: str, found: Amount, after: str) -> bool:
    return 0 < found.numeral.low <= 10 or found.numeral.high is not None


def _discount(text: str, found: Amount, after: str) -> bool:
    """五折, 七五折, 8.5折; not 十折, 一波三折."""
    if text[found.start - 1 : found.start] == "波":
        return False
    low = found.numeral.low
    return (
        found.numeral.high is not None
        or 0 < low < 10
        or (10 < low < 100 and len(found.run) == 2 and "十" not in found.run)
    )


def _degrees(text: str, found: Amount, after: str) -> bool:
    return bool(found.numeral.scales) or bool(_ELECTRIC.search(text, max(0, found.start - 8), found.start))


def _days(text: str, found: Amount, after: str) -> bool:
    """10日内, 90日, 30-90日 and 两日 are spans of time; 10日 is a date."""
    longest = found.numeral.high or found.numeral.low
    return longest > 31 or found.run in ("两", "俩") or _DAYS_AFTER.match(after) is not None


def _petaflops(text: str, found: Amount, after: str) -> bool:
    if found.run not in ("360", "480", "720", "1080", "2160"):
        return True
    return not _VIDEO.search(text, max(0, found.start - 10), min(len(text), found.end + 8))


_CHECKS = {
    "年": _year,
    "周年": _year,
    "成": _tenths,
    "折": _discount,
    "度": _degrees,
    "日": _days,
    "P": _petaflops,
    "个P": _petaflops,
}


def pieces(text: str, start: int, end: int) -> bool:
    """Whether 块 counts cards here (4000块GPU, 交完4000块) and is no money (5000块一个月)."""
    after, touching = text[end : end + 6], text[start - 1 : start] if start else ""
    if touching.isascii() and touching.isalnum():  # A100 40GB两万块
        return False
    if _RATE_BEFORE.search(text, max(0, start - 6), start) or _RATE_AFTER.match(after):
        return False
    if _CARDS.match(after):
        return True
    before = re.split(r"[。;；\n]", text[max(0, start - 14) : start])[-1]
    return bool(_HANDED.search(before)) and not _MONEY.search(before)


def mega(text: str, start: int, end: int) -> bool:
    """Whether a bare 兆 is megawatts here: 500匹给400兆."""
    return bool(_POWER.search(text, max(0, start - 14), min(len(text), end + 12)))


def bare(text: str, found: Amount, *, bound: str, per: tuple[str, ...], words: Vocabulary) -> bool:
    """Whether a number without a unit is worth reporting: 4亿, 约180,000, 七八千; not 2024, 3 or 4090."""
    run, value = found.run, found.numeral
    after = text[found.end : found.end + 1]
    if (after.isascii() and after.isalpha()) or run[-1] == "兆" or run in words.model_numbers:
        return False
    if run[:1] in _SCALES and not bound and value.bound == "exact" and not per:
        return False
    if after and after in "年月日号时点分世级期届:":
        return False
    if per and not _YEAR.match(run) and (value.low >= 10 or "." in run):
        return True
    if any(c in run for c in "百千万亿"):
        return True
    long = (
        value.high is not None
        or found.end > found.number_end
        or "," in run
        or (bool(bound) and run[0].isdigit())
    )
    return long and value.low >= 100


def negative(text: str, at: int) -> bool:
    """Whether the dash or 负 that ends at `at` is a sign, and no dash between two words or numbers."""
    before = text[at - 2 : at - 1] if at > 1 else ""
    if text[at - 1] == "负":
        return True
    if before.isascii() and before.isalnum():
        return False
    return not before or before not in "%)个元亿万千百月日年台张-/"


def left(text: str, at: int, found: Amount, *, bounded: bool, words: Vocabulary) -> bool:
    """Whether what stands before lets the number be a quantity: no model name, ordinal or decimal tail."""
    before, earlier = text[at - 1 : at] if at else "", text[at - 2 : at - 1] if at > 1 else ""
    if before and at == found.start and before.isascii() and before.isalpha() and found.run[:1].isascii():
        named = _ACRONYM.search(text, max(0, at - 6), at) or _quoted(text, found)
        return bool(named) and found.unit is not None
    if before and before in "=%&/?#-_.:+" and _ADDRESS.search(text, max(0, at - 200), at):
        return False
    if before == "-" and earlier.isascii() and earlier.isalnum():
        return False
    if before == "个" and _ORDINAL.search(text, max(0, at - 5), at):
        return False
    if before in (".", "第", "_") or (before.isdigit() and at == found.start and found.run[:1].isascii()):
        return False
    if before and before in "统单唯专之" and len(found.run) == 1 and not found.run.isdigit():
        return False
    return bounded or not _lonely(found, words)


def quoted(text: str, at: int) -> bool:
    """Whether the letters that end at `at` are a firm's name, not a model's: CoreWeave4.25美元."""
    return _FIRM.search(text, max(0, at - 12), at) is not None


def _quoted(text: str, found: Amount) -> bool:
    return found.unit is not None and found.unit.kind == "money" and quoted(text, found.start)


def _lonely(found: Amount, words: Vocabulary) -> bool:
    """A multiplier with no number before it, and no unit that is counted so: (万元), 千家."""
    run, value = found.run, found.numeral
    if run[:1] not in _SCALES or value.bound != "exact" or value.high is not None:
        return False
    return found.word not in words.scaled_alone and (len(run) == 1 or found.unit is None)


def after(text: str, word: re.Match[str], unit: Unit) -> bool:
    """Whether a word after the unit bounds it: 5000块多, not 3家多数股东."""
    printed, rest = word.group(), text[word.end() : word.end() + 1]
    if printed == "起" and unit.kind not in ("money", "percent", "number"):
        return False
    return not rest or rest not in _OTHER_WORDS.get(printed, "")


_OTHER_WORDS = {
    "多": "数种样方云元家次额热下久",
    "余": "额热下",
    "起": "诉步来伏始点因草源义的",
    "不到": "位账期货案达0123456789一二三四五六七八九十两半",
    "上下": "游文班级",
}
