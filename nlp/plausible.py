"""What keeps a number from being a quantity: dates, model names, ordinals, words that only look like units."""

from __future__ import annotations

import re
from typing import Protocol

from nlp.numeral import DIGIT, Numeral
from nlp.units import Unit, Vocabulary


class Amount(Protocol):
    """A number and its unit as nlp/quantity.py holds them."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def number_end(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def run(self) -> str: ...  # noqa: D102
    @property
    def numeral(self) -> Numeral: ...  # noqa: D102
    @property
    def unit(self) -> Unit | None: ...  # noqa: D102
    @property
    def word(self) -> str: ...  # noqa: D102


# 一元化, 三成立, 24年4月, 3年级: the unit's character begins another word.
_NOT_AFTER = {
    "元": re.compile(r"[化素首旦件老帅宇组锂论次代年月]"),
    "块": re.compile(r"[状链头]"),
    "成": re.compile(r"[立本交功员果为都人长熟品分绩套型效片年书不]"),
    "年": re.compile(
        r"[代级度份轻限检]|\s?\d{1,2}月|[底末初]|[上下]半年|[一二三四]季度|第[一二三四]季|Q[1-4]"
    ),
    "天": re.compile(r"[津然气使线猫河]"),
    "周": re.compile(r"[一二三四五六日转围边]"),
    "家": re.compile(r"[庭电居具]"),
    "匹": re.compile(r"[马布空变配狼敌]|的?空调"),
    "人": re.compile(r"[民工均类]"),
    "次": re.compile(r"[日年月新要]"),
    "份": re.compile(r"额"),
    "股": re.compile(r"[份东权价市票]"),
    "手": re.compile(r"[机续段工术]"),
    "片": re.compile(r"区"),
    "架": re.compile(r"[构]"),
    "组": re.compile(r"[织成]"),
    "种": re.compile(r"[植子]"),
    "户": re.compile(r"[外型]"),
    "间": re.compile(r"[接隔断]"),
    "条": re.compile(r"[件例款]"),
    "毛": re.compile(r"[利坯料衣病发]"),
    "部": re.compile(r"[分门委队长署落位件]"),
    "场": re.compile(r"[景地所面合馆内外]"),
    "列": re.compile(r"[车为入出举]"),
    "例": re.compile(r"[如外会行子]"),
    "班": re.compile(r"[子级组]"),
    "封": re.compile(r"[锁面装]"),
    "斤": re.compile(r"[斤两]"),
    "升": re.compile(r"[级至到幅值]"),
    "里": re.compile(r"[面程亚]"),
    "月期": re.compile(r"间"),
    "E": re.compile(r"[-_+]"),
    "台": re.compile(r"[湾币北风积州达资胞账]"),
    "张": re.compile(r"[家某江]"),
    "卡": re.compile(r"[车片路]"),
    "芯": re.compile(r"片"),
    "核": re.compile(r"[心电算查]"),
    "圆": re.compile(r"[形满柱]"),
    "MB": re.compile(r"(?:/s|ps)"),
    "GB": re.compile(r"(?:/s|ps)"),
    "TB": re.compile(r"(?:/s|ps)"),
}
_CHINESE_ONE = re.compile(rf"[{DIGIT}十]\Z")
_YEAR = re.compile(rf"(?:19|20)\d\d\Z|[一二][{DIGIT}]{{3}}\Z")
_VIDEO = re.compile(r"视频|高清|画质|分辨率|直播|影|屏|像素")
_POWER = re.compile(r"光伏|风电|电站|储能|装机|负荷|匹|变压器|瓦|电力|风光|供电|能耗|指标")
_ELECTRIC = re.compile(r"电|耗能|用能")
_CARDS = re.compile(r"GPU|显卡|芯片|加速卡|卡|硬盘|电池|屏|板|[A-Z]{1,3}\d{2,4}|英伟达|昇腾|地")
_MONEY = re.compile(r"[价租赚卖花钱元费降涨贴薪资收挣亏省本补贵]")
_HANDED = re.compile(r"[交购采颗货供配换装插]|卡")
_ACRONYM = re.compile(r"(?<![A-Za-z])(?:GPU|CPU|NPU|DPU|AI|IDC|AIDC)\Z")
_ORDINAL = re.compile(r"第[^,。]{1,3}个\Z")  # 第十五个五年规划
_LEFT_OF_ONE = "统单唯专第之"


def amount(text: str, found: Amount, words: Vocabulary) -> bool:
    """Whether number and unit can be a quantity, by themselves and by what follows."""
    if found.unit is None:
        return True
    word, after = found.word, text[found.end : found.end + 6]
    clash = _NOT_AFTER.get(word)
    if clash and clash.match(after):
        return False
    if _CHINESE_ONE.match(found.run) and len(found.run) == 1 and found.numeral.high is None:
        if word in words.never_single or (word == "匹" and not after.startswith(("算力", "智算", "的"))):
            return False
        if found.run == "一" and found.unit.kind == "count" and word not in words.single:
            return False
    if found.run in words.model_numbers and found.unit.kind == "count" and word != "台":
        return False
    check = _CHECKS.get(word)
    return check is None or check(text, found, after)


def _year(text: str, found: Amount, after: str) -> bool:
    return not _YEAR.match(found.run) and not (
        found.numeral.low > 1900 and "," not in found.run and "万" not in found.run
    )


def _tenths(text: str, found: Amount, after: str) -> bool:
    return 0 < found.numeral.low <= 10 or found.numeral.high is not None


def _degrees(text: str, found: Amount, after: str) -> bool:
    return bool(found.numeral.scales) or bool(_ELECTRIC.search(text, max(0, found.start - 8), found.start))


def _petaflops(text: str, found: Amount, after: str) -> bool:
    if found.run not in ("360", "480", "720", "1080", "2160"):
        return True
    return not _VIDEO.search(text, max(0, found.start - 10), min(len(text), found.end + 8))


_CHECKS = {"年": _year, "周年": _year, "成": _tenths, "度": _degrees, "P": _petaflops, "个P": _petaflops}


_RATE_BEFORE = re.compile(r"(?:[一每](?:个?小时|天|个?月|年)|[时日月年]租)[才只要仅约收]?\Z")


def pieces(text: str, start: int, end: int) -> bool:
    """Whether 块 counts cards here (4000块GPU, 约好交完4000块) and is no money (5000块一个月, 一天三四十块)."""
    after = text[end : end + 6]
    if _RATE_BEFORE.search(text, max(0, start - 6), start):
        return False
    if after.startswith("钱") or re.match(r"左右?一|/|一个?[月天年小台]|每", after):
        return False
    if _CARDS.match(after):
        return True
    before = re.split(r"[。;；\n]", text[max(0, start - 14) : start])[-1]
    return bool(_HANDED.search(before)) and not _MONEY.search(before)


def mega(text: str, start: int, end: int) -> bool:
    """Whether a bare 兆 is megawatts here: 500匹给400兆."""
    return bool(_POWER.search(text, max(0, start - 14), min(len(text), end + 12)))


def bare(text: str, found: Amount, bound: str, currency: bool, per: tuple[str, ...]) -> bool:
    """Whether a number without a unit is worth reporting: 4亿, 约180,000, 七八千; not 2024, 3 or 4090."""
    after = text[found.end : found.end + 1]
    if "A" <= after.upper() <= "Z":
        return False
    if currency:
        return True
    if found.run[-1] == "兆" and not currency:
        return False
    if found.run[:1] in ("百", "千", "万", "亿") and not bound and found.numeral.bound == "exact" and not per:
        return False
    if after in ("年", "月", "日", "号", "时", "点", "分", "世", "级", "期", "届", ":"):
        return False
    if per and not _YEAR.match(found.run) and (found.numeral.low >= 10 or "." in found.run):
        return True
    if found.numeral.low >= 100 and (
        found.numeral.high is not None or found.numeral.scales or "," in found.run
    ):
        return True
    big = any(c in found.run for c in "百千万亿")
    return big or (bool(bound) and found.run[0].isdigit() and found.numeral.low >= 100)


def negative(text: str, at: int) -> int:
    """Length of the sign before a number, 0 where there is none."""
    if at == 0 or text[at - 1] not in "-负":
        return 0
    before = text[at - 2 : at - 1]
    if text[at - 1] == "负":
        return 1
    return int(
        not (before.isascii() and before.isalnum()) and before not in tuple("%)个元亿万千百月日年台张-/")
    )


def left(text: str, at: int, found: Amount, words: Vocabulary, bound: str, currency: str) -> bool:
    """Whether what stands before lets the number be a quantity: no model name, ordinal or decimal tail."""
    before = text[at - 1 : at]
    if not before:
        return not lonely(found, words) or bool(bound)
    if at == found.start and before.isascii() and before.isalpha():
        return bool(_ACRONYM.search(text, max(0, at - 6), at)) and found.unit is not None
    if before == "-" and at > 1 and text[at - 2].isascii() and text[at - 2].isalnum():
        return False
    if before == "个" and _ORDINAL.search(text, max(0, at - 5), at):
        return False
    if before in ".第_" or (before.isdigit() and at == found.start):
        return False
    if before in _LEFT_OF_ONE and len(found.run) == 1 and not found.run.isdigit():
        return False
    return not lonely(found, words) or bool(bound)


def lonely(found: Amount, words: Vocabulary) -> bool:
    """A multiplier with no number before it, and no unit that is counted so: (万元), 千家."""
    run = found.run
    if (
        run[:1] not in ("百", "千", "万", "亿")
        or found.numeral.bound != "exact"
        or found.numeral.high is not None
    ):
        return False
    if found.word in words.scaled_alone:
        return False
    return not (len(run) > 1 and found.unit is not None)


def after(text: str, word: re.Match[str], unit: Unit) -> bool:
    """Whether a word after the unit bounds it: 5000块多, not 3家多数股东."""
    printed, rest = word.group(), text[word.end() : word.end() + 1]
    if printed in ("多", "余"):
        return rest not in tuple("数种样方云元家次额热下久")
    if printed == "起":
        return unit.kind in ("money", "percent", "number") and rest not in tuple("诉步来伏始点因草源义的")
    if printed == "不到":
        return rest not in tuple("位账期货案达")
    if printed == "上下":
        return rest not in tuple("游文班级")
    return True
