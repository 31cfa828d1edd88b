"""What a figure measures: compute, investment, racks, servers, cards, power, land, floor or a count of centres.

A figure is judged by the words that touch it inside its clause (`left`, back to the figure before it, and `right`,
up to the next), and by whether its sentence is about data centres at all. Figures that are of one rack or one card,
a market's, a contract's or only supposed are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from nlp.clause import Clause, clauses
from nlp.lexicon import words
from nlp.place import find_places
from nlp.quantity import Quantity
from nlp.reading import Sentence

_BRACKETS = re.compile(r"\([^()]*\)|【[^【】]*】|\[\d+\]|[“”\"《》]")
_LINK = re.compile(
    r"[、,和及与]?(?:其中|另有|另外|还有|其余|剩余|余下|另|又有)?(?:第?[一二三四五六首]期|前期|后期)?"
    r"(?:工程|项目)?(?:为|是|约|再|达|有|新增|增至|增加|则为|则|规划|在建)?"
)
"""What may part two figures of one measure: 、二期, 另有, 其中一期."""

_COUNTERS = {"座", "个", "家", "处", "项", ""}
_LEAST = {"compute": 10, "racks": 10, "servers": 10, "cards": 100, "power": Decimal("0.8"), "projects": 3}
"""Below these a figure is a specification or a chance number; the smallest rooms that make news are above."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that measures a project."""

    quantity: Quantity
    clause: Clause
    measure: str
    unit: str
    rule: str
    """Which rule of this file took it."""
    weight: float
    """0 to 1: how sure the rule is of the measure alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure in its sentence."""

    figure: Figure
    sentence: Sentence
    parts: Sequence[Clause]
    """The clauses of the sentence."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of one quantity, brackets and quotation marks out of the way."""

    quantity: Quantity
    left: str
    """Of the clause: from the figure before to this one."""
    right: str
    clause: str
    sentence: str
    counted: bool
    """Whether centres were counted earlier in the sentence or the one before: 其中89座."""
    share: bool = False
    """Whether the figure before it is a percentage."""
    listed: bool = False
    """Whether a machine or rack was just counted in the clause: 1024台服务器、8192张加速卡."""
    topic: str = ""
    """The headline."""


def _any(items: Sequence[str]) -> str:
    return "|".join(re.escape(item) for item in sorted(items, key=len, reverse=True))


@cache
def pattern(*groups: str, template: str = "{0}") -> re.Pattern[str]:
    """`template` with the words of lexicon/project.yml's groups put in as alternatives; compiled once."""
    lexicon = words("project")
    return re.compile(template.format(*(f"(?:{_any(lexicon[group])})" for group in groups)))


def _near(group: str, left: str, *, gap: int = 14) -> bool:
    """Whether a word of `group` stands at most `gap` characters before the figure."""
    return bool(pattern(group).search(left[-gap:]))


def _touches(group: str, setting: Setting, *, gap: int = 9) -> bool:
    """Whether a noun of `group` touches the figure: 机柜2500个, 机柜要到11万个, 3万架标准机柜, 64柜."""
    before = pattern(group, template=rf"{{0}}(?![\u4e00-\u9fff]*(?:租金|单价|价))[^,、;。]{{{{0,{gap}}}}}$")
    after = pattern(group, template=r"^(?:多|余)?(?:以上)?[的]?[^,、;。0-9()]{{0,8}}?{0}")
    return bool(before.search(setting.left) or after.search(setting.right))


def _compute(s: Setting) -> tuple[str, float] | None:
    rented = pattern("contract_only").search(s.clause) and not pattern("tendered").search(s.topic)
    if rented or re.match(r"的?(?:算力)?(?:服务|补贴|券|租赁)|给\d*", s.right):
        return None
    if s.share and re.match(r"[^,]{0,4}的?(?:智算)?(?:项目|中心|机房)$", s.left):
        return None  # 63%的项目不超过500P: how sizes are distributed
    return ("compute", 0.95)


def _money(s: Setting) -> tuple[str, float] | None:
    local = s.left[-16:]
    strong = pattern("invest_strong").search(local)
    cues = list(pattern("invest").finditer(local))
    barred = list(pattern("not_invest").finditer(local))
    if pattern("forecast").search(s.sentence):
        return None
    if pattern("other_trade").search(s.sentence) and not pattern("scan").search(s.clause):
        return None
    if pattern("equity").search(s.clause) and not strong:
        return None
    if barred and not strong and not (cues and cues[-1].end() > barred[-1].end()):
        return None
    if cues:
        return ("invest.before", 0.92 if strong or cues[-1].group().startswith("投") else 0.85)
    behind = pattern("invest_after", template=r"^(?:的?资金|来|在[^,]{{0,10}})?{0}").match(s.right)
    buys = behind and re.search(r"采购|收购|购买", behind.group() + s.right[behind.end() : behind.end() + 4])
    if behind and (not buys or re.search(r"资本开支|资本支出|投入|投资", s.sentence)):
        return ("invest.after", 0.8)
    if behind and "额度" in behind.group():
        return ("invest.after", 0.8)
    worth = re.search(r"(?:价值|高达|总额|合计)[^,]{0,3}$", s.left) or re.search(r"要?投$", s.left)
    if worth and pattern("centre", template=r"^的?[^,。;]{{0,24}}?(?:{0}|项目)").match(s.right):
        return ("invest.worth", 0.75)
    return None


def _racks(s: Setting) -> tuple[str, float] | None:
    unit = s.quantity.unit
    if re.search(r"每$|单$|月租|租金|单价", s.left[-8:]) or re.match(r"/|每", s.right):
        return None
    if unit.endswith("架") or "机柜" in unit:
        return ("racks.unit", 0.95)
    if unit == "柜" and not re.search(r"出货|订单|报价", s.clause):
        return ("racks.unit", 0.75)
    if unit in {"个", "台", "面", "组", "套", "列", "", "万"} and _touches("rack", s):
        return ("racks.noun", 0.9)
    return None


def _machines(s: Setting, *, group: str, units: set[str], measure: str) -> tuple[str, float] | None:
    if s.quantity.unit not in units or re.search(r"每$|单$", s.left[-2:]):
        return None
    near = s.left[-18:] + "|" + s.right[:14]
    have, traded = pattern("have").search(near), pattern("traded").search(s.clause)
    if not _touches(group, s) and not (measure == "servers" and _waits_for(group, s)):
        return None
    if traded or not (have or s.listed or pattern("centre").search(s.clause)):
        return None
    return (measure, 0.85)


def _waits_for(group: str, s: Setting) -> bool:
    """现在上架服务器…; 其余400台: the noun stands earlier in the clause."""
    return bool(re.search(r"上架|装机", s.left[-8:]) and pattern(group).search(s.sentence))


def _servers(s: Setting) -> tuple[str, float] | None:
    return _machines(s, group="server", units={"台", "套", "个", ""}, measure="servers")


def _cards(s: Setting) -> tuple[str, float] | None:
    if s.quantity.unit in {"卡", "张", "块", "颗", "card"} and re.match(
        r"(?:级)?[^,。;]{0,8}集群(?!的?企业)", s.right
    ):
        if _named_only(s.quantity) and not re.search(r"建成|点亮|投产|投运|上线|启用|交付|落成", s.clause):
            return None
        return ("cards.cluster", 0.8) if not pattern("traded").search(s.clause) else None
    return _machines(s, group="card", units={"张", "块", "颗", "枚", "片", "卡", "card"}, measure="cards")


def _power(s: Setting) -> tuple[str, float] | None:
    if re.match(r"的?(?:标准|高密|高功率|风冷|液冷)?(?:机柜|机架|柜|架|服务器)", s.right) or s.quantity.per:
        return None
    if (
        pattern("each").search(s.left[-10:])
        or re.match(r"的?(?:风电|光伏)", s.right)
        or s.left.endswith("给")
    ):
        return None
    if pattern("power_bad").search(s.left[-12:] + s.right[:8]) and not _near("centre", s.left):
        return None
    return ("power", 0.92 if pattern("power_good").search(s.clause) else 0.8)


def _area(s: Setting) -> tuple[str, float] | None:
    if pattern("not_area").search(s.clause) or s.quantity.per:
        return None
    land = list(pattern("land").finditer(s.left))
    floor = list(pattern("floor").finditer(s.left))
    if land and (not floor or land[-1].end() >= floor[-1].end()):
        return ("land", 0.93)
    if s.quantity.text.endswith("亩") or "公顷" in s.quantity.text:
        return ("land", 0.8)
    if floor or re.match(r"的?(?:机房|数据中心|新供应|楼面|智算)", s.right):
        return ("floor", 0.9)
    return None


def _projects(s: Setting) -> tuple[str, float] | None:
    if s.quantity.unit not in _COUNTERS or re.search(r"(?:每|第|(?<![目当之此])前|这|那|首)$", s.left[-2:]):
        return None
    if pattern("not_counted_after", template=r"^(?:多|余)?[^,、。;]{{0,3}}{0}").match(s.right):
        return None
    behind = pattern("count_between", "centre", template=r"^(?:多|余)?{0}*{1}").match(s.right)
    if behind and s.quantity.unit:
        follows = pattern("not_counted_after", template=r"^{0}").match(s.right[behind.end() :])
        return None if follows else ("projects.behind", 0.9)
    before = pattern("centre", "count_joint", template=r"{0}{1}*$").search(s.left)
    if before and not re.match(r"(?:多|余)?(?:城市|省|标准|%|年|月|节点|机柜|机架)", s.right):
        return ("projects.before", 0.9)
    if "座数" in s.left:
        return ("projects.number", 0.75)
    carried = re.search(r"(?:其中|投运|建成|在建|规划|数量|另有|新增|披露|公布|关停|的)[^,]{0,5}$", s.left)
    if s.counted and s.quantity.unit in {"座", "个", "家"} and carried:
        if re.match(r"(?:以上|左右|多|余)?(?:$|[,、。;(]|用|在|已|是|加|正|采用|的|尚)", s.right):
            return ("projects.carried", 0.7)
    return None


_COUNTS: tuple[tuple[str, str, Callable[[Setting], tuple[str, float] | None]], ...] = (
    ("racks", "rack", _racks),
    ("servers", "server", _servers),
    ("cards", "card", _cards),
    ("projects", "project", _projects),
)
"""Counts are asked for in this order: 数据中心在用机柜5000个 counts racks, not centres."""


def _judge(s: Setting) -> tuple[str, str, str, float] | None:
    """Measure, unit, rule and weight of the quantity; None where it measures no project."""
    quantity = s.quantity
    if quantity.kind == "compute" and (taken := _compute(s)):
        return ("compute", "PFLOPS", *taken)
    if quantity.kind == "money" and not quantity.per and (taken := _money(s)):
        return ("investment", quantity.unit, *taken)
    if quantity.kind == "power" and (taken := _power(s)):
        return ("power", "MW", *taken)
    if quantity.kind == "area" and (taken := _area(s)):
        return (taken[0], "m2", *taken)
    if quantity.kind in {"count", "number"} and not quantity.per:
        for measure, unit, rule in _COUNTS:
            if taken := rule(s):
                return (measure, unit, *taken)
    return None


def _carried(s: Setting, last: Figure | None) -> tuple[str, str, str, float] | None:
    """The measure of the figure before, where only a phase or 另有 parts the two: 一期12亿元、二期约20亿元."""
    if not last or last.measure == "projects" or s.quantity.kind != last.quantity.kind or s.quantity.per:
        return None
    if s.quantity.unit != last.quantity.unit or not _LINK.fullmatch(s.left):
        return None
    if re.match(r"的?(?:合同|融资|补贴|贷款|收入|罚|担保|增资|股权)", s.right):
        return None
    return (last.measure, last.unit, f"{last.rule}.carried", 0.7)


def _supposed(clauses: Sequence[Clause], at: int, left: str) -> bool:
    """Whether 假设, 比如 or 如果 stands before the figure in its sentence; 若全部做满 is a plan."""
    before = "".join(c.text for c in clauses[:at]) + left
    cues = list(pattern("suppose").finditer(before))
    if not cues:
        return False
    last = cues[-1]
    places = find_places(before[last.end() :]) if last.group() in {"比如", "例如", "譬如"} else []
    if places and places[0].span.start == 0:
        return False  # 比如山东德州价值约2亿元的…项目: an instance, no supposition
    if last.group() == "若" and re.match("干", before[last.end() :]):
        return False
    return not (last.group() in {"若", "如果"} and pattern("full_build").search(before[last.end() :]))


def parts_of(sentence: Sentence) -> list[Clause]:
    """The clauses of a sentence; a label that opens a line belongs to what it labels: 项目总投资:7.35亿元."""
    parts = list(clauses(sentence))
    if len(parts) > 1 and parts[0].text.rstrip().endswith(":") and len(parts[0].text.strip()) <= 12:
        label, first = parts[:2]
        merged = Clause(
            label.start,
            first.end,
            label.text + first.text,
            label.bare + first.bare,
            label.titles + first.titles,
        )
        return [merged, *parts[2:]]
    return parts


def _vague(quantity: Quantity) -> bool:
    """数百个, 几千P, 上百家: no number to hold anybody to."""
    return bool(re.match(r"[^\d一二三四五六七八九两]{0,3}[数几][十百千万]", quantity.text))


def _named_only(quantity: Quantity) -> bool:
    """万卡, 千卡 without a numeral of its own."""
    return not re.search(r"[\d一二两三四五六七八九十]", quantity.text)


def _by_name_only(quantity: Quantity, others: Sequence[Quantity]) -> bool:
    """万卡集群 where the cards are counted, too: a class of cluster, no figure."""
    return _named_only(quantity) and any(
        q.unit in {"张", "块", "颗", "枚", "卡", "card"} and q is not quantity for q in others
    )


def _plain(text: str) -> str:
    return _BRACKETS.sub("", text)


def figures(
    clauses: Sequence[Clause], quantities: Sequence[Quantity], *, counted: bool, topic: str
) -> Iterator[Figure]:
    """The figures of one sentence that measure a project, in order; `clauses` are the sentence's.

    `counted`: centres were counted in the sentence before. `topic`: the headline.
    """
    sentence = _plain("".join(c.text for c in clauses))
    if pattern("entry").search(sentence):
        return
    last: Figure | None = None
    for at, clause in enumerate(clauses):
        own = [q for q in quantities if clause.start <= q.core.start < clause.end]
        listed = False
        for i, quantity in enumerate(own):
            begin = own[i - 1].span.end if i else clause.start
            stop = own[i + 1].span.start if i + 1 < len(own) else clause.end
            left = clause.text[begin - clause.start : quantity.span.start - clause.start]
            right = clause.text[
                quantity.span.end - clause.start : max(stop, quantity.span.end) - clause.start
            ]
            setting = Setting(
                quantity,
                _plain(left),
                _plain(right).rstrip(" ,;。\n"),
                _plain(clause.text),
                sentence,
                counted,
                share=bool(i) and own[i - 1].kind == "percent",
                listed=listed,
                topic=topic,
            )
            taken = _judge(setting) or _carried(setting, last)
            if not taken or quantity.low < _LEAST.get(taken[0], 0) or _vague(quantity):
                continue
            before = clause.text[: quantity.span.start - clause.start]
            if taken[0] in {"compute", "power"} and (
                pattern("each").search(left[-12:]) or pattern("common").search(before[-14:])
            ):
                continue
            if taken[0] == "cards" and _by_name_only(quantity, quantities):
                continue
            if _supposed(clauses, at, before):
                continue
            measure, unit, rule, weight = taken
            counted = counted or measure == "projects"
            listed = measure in {"racks", "servers", "cards"}
            last = Figure(quantity, clause, measure, unit, rule, weight)
            yield last
