"""What a quantity measures: compute, investment, racks, servers, cards, power, land, floor or centres.

It is judged by the words that touch it inside its clause: `left`, back to the quantity before, and `right`,
up to the next. What is of one rack or card, of a market, a contract or another industry measures no project.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from nlp.extractors.project_words import pattern
from nlp.place import find_places
from nlp.quantity import Quantity

_CENTRE_COUNTERS = {"座", "个", "家", "处", "项", ""}
_RACK_COUNTERS = {"个", "台", "面", "组", "套", "列", ""}
_SERVER_COUNTERS = {"台", "套", "个", ""}
_CARD_COUNTERS = {"张", "块", "颗", "枚", "片", "卡", "card"}

_SOLD = re.compile(r"售出|销售|卖出|出货|产能|年产|采购|订购|交付给")
_PER_ONE = re.compile(r"每.?$|单$|月租|租金|单价")
_OF_ONE_RACK = re.compile(r"的?(?:标准|高密|高功率|风冷|液冷)?(?:机柜|机架|柜|架|服务器)")
"""Behind a power: [20kW]机柜2500个."""
_BOUGHT = re.compile(r"(?:[^,]{0,4}[向从给][^,]{1,8})?(?:采购|收购|购买|并购|买入|入股|承租|[并购]\w)")
_RESEARCH = re.compile(r"研发(?!中心|基地|大楼|园|楼)[^,、]{0,8}$")
"""研发花了3亿元 builds nothing."""
_SHORT = 12
"""Characters of a clause that can lead up to the next one: 占地不算大,70亩."""
_STAKE = re.compile(r"(?:出资|合资|共同)?(?:设立|成立|组建)[^,。;]{0,12}公司|持股")
_GRID = re.compile(r"(?:因|受|等|待)?电网(?:接入|容量|扩容|审批|排队|条件)|接入电网")
"""What keeps a centre waiting is no machine: 机房等待[电网接入]."""
_PAID_IN = re.compile(r"出资额?(?:为|约|不超过)?$")
"""合资设立某某公司,[出资额]4000万元: the capital of a company, nothing built."""
_OF_A_CONTRACT = re.compile(r"的[^,。;、\d“]{2,14}(?:合同|订单|协议)(?!约定)")
"""与某某签的1.8亿元[的供货合同]."""
_MODEL = re.compile(r"(?:英伟达|(?:华为)?昇腾)?(?:[ABHV]\d{2,3}0|GB?\d00|910[BC])(?!\d)")
"""10万张H100: the model alone tells that cards are counted."""
_OF_A_CUSTOMER = re.compile(
    r"(?:客户|用户|会员|散户|投资[人者]|[您你])(?:只需|仅需|须|需要?)?(?:出资|投入|投资|投)了?$"
)
"""What somebody pays for a machine of his own: 客户出资200万元."""
_ANSWERED = re.compile(
    r"(?:[^,:]{1,5}:)?[、,]?(?:[一二两三四五六]期|这边|那边|我们|公司|在|目前|现在|大概|大约|约|还?有|只有|一?共|总共|的)*"
)
"""问:有多少机柜?答:[某地两期]一万一千个: what may stand before a count that answers."""
_RANKED = re.compile(r"居首|居第|位居|位列|排[名在第]|次之|紧随|领先|垫底|列第")
_RAISED = re.compile(r"(?:拟|计划|承诺)投入募集资金(?:投资)?(?:金额|总额|净额)?(?:为|约|不超过)?$")
"""“某某智算中心项目”拟投入募集资金8.15亿元."""
_FUNDED = re.compile(r"获[^,]{0,10}投资$|每投入$")
_LIT = re.compile(r"(?:点亮|上线|部署|上架|装)了?(?:不到|约|近|超过?|仅|只有)?$")
"""机房里只点亮了3000张: cards, where the sentence has spoken of them."""
_SUM = re.compile(r"(?:^|[,、])(?:一?共|合计|总计|总共|累计)有?$")
_WHEN = re.compile(
    r"^(?:但|可|而|却)|(?:截至|到|至)?(?:20\d\d年|[今去明后]年)(?:年?[底末初]|\d{1,2}月(?:[底末])?)?|分别|力争"
)
"""Words that part a count from what was counted before: [到2025年底分别]达到18个."""
_DOZEN = 10
"""Fewer 算力项目 are a list's, no count of a region's."""
_MANY = 5000
"""So many of anything are no centres: …另有7.9万个在建 counts on the racks before."""
_CLUSTER = 1000
"""From so many on, 卡 alone counts the cards of a cluster: 怀来基地投放1.6万卡."""
_PART = re.compile(
    r"(?:如今|目前|现在|眼下|但|可|而)?(?:其中)?(?:真正|已经?)?[^\d,、;的]{2,6}的(?:只有|只|仅有|仅|才|也就)?"
)
"""What is so of a part of them: 设计机柜900个。如今[装了设备的只有]210个."""
_PHASED = re.compile(r"(?:第?[一二三四首][、和]?)+期(?:合计|共)?")
_LINK = re.compile(
    r"[、,和及与]?(?:首批|前批|首期|连同|加上|以及|合计|一共|总(?:规模|数|量|计)|其中|另有|另外|还有|其余|剩余|余下|另|又有)?"
    r"(?:现在|目前|如今|眼下|下一步|未来|远期)?(?:要)?(?:第?[一二三四五六首](?:[、和及][一二三四五六])?期|前期|后期)?(?:合计|共)?(?:工程|项目)?(?:为|喊到|冲到|做到|是|约|再|达|有|新增|(?:缩减|调减|调整|压缩|降低?|提高|上调|下调|追加|减少|削减|缩水|缩|减|砍|压|扩大|扩)(?:至|到|为)|增至|增加|则为|则|规划|在建)?"
)
"""What may part two figures of one measure: 、二期, 另有, 其中一期."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of one quantity, brackets and quotation marks out of the way."""

    quantity: Quantity
    left: str
    """Of the clause: from the quantity before to this one."""
    right: str
    clause: str
    sentence: str
    topic: str
    """The headline."""
    counted: bool
    """Whether centres were counted earlier in the sentence or the one before: 其中89座."""
    share: bool
    """Whether the quantity before it is a percentage."""
    listed: bool
    """Whether racks or machines were just counted in the clause: 1024台服务器、8192张加速卡."""
    asked: bool = False
    """Whether the question just before asks how many racks there are."""


class Verdict(NamedTuple):
    """What a quantity measures."""

    measure: str
    unit: str
    rule: str
    weight: float
    """0 to 1: how sure the rule is of the measure."""


def _touches(group: str, s: Setting) -> bool:
    """Whether a noun of `group` touches the number: 机柜要到11万个, 3万架标准机柜, 55万张GB300加速卡."""
    before = pattern(group, template=r"{0}(?![\u4e00-\u9fff]*(?:租金|单价|价))[^,、;。]{{0,9}}$")
    after = pattern(
        group, template=r"^[多余]?(?:以上)?的?(?:[A-Z]{{1,3}}\d{{2,4}}[A-Z]?|[^,、;。0-9()]){{0,14}}?{0}"
    )
    return bool(before.search(s.left) or after.search(s.right))


def _compute(s: Setting) -> Verdict | None:
    rented = pattern("contract_only").search(s.clause) and not pattern("tendered").search(s.topic)
    if rented or re.match(r"的?(?:算力)?(?:服务|补贴|券|租赁)|给\d*", s.right):
        return None
    if pattern("one_chip").search(s.left):
        return None  # 单颗GPU的FP4推理算力达到20 PFLOPS
    if s.share and re.match(r"[^,]{0,4}的?(?:智算)?(?:项目|中心|机房)$", s.left):
        return None  # 63%的项目不超过500P: how sizes are distributed
    return Verdict("compute", "PFLOPS", "compute", 0.95)


def _other_trade(s: Setting) -> bool:
    """Whether another industry is the subject up to the figure: named, and no centre named since."""
    told = s.sentence[: s.sentence.find(s.clause) + len(s.clause)]
    trades = [m.end() for m in pattern("other_trade").finditer(told)]
    ours = [m.end() for m in pattern("centre", "works", template="{0}|{1}").finditer(told)]
    return bool(trades) and trades[-1] > max(ours, default=0)


def _other_money(s: Setting) -> bool:
    """Whether the clause deals in shares, stocks, markets or another industry, whatever the cue."""
    strong = pattern("invest_strong").search(s.left[-16:])
    if _OF_A_CUSTOMER.search(s.left):
        return True
    if pattern("forecast").search(s.sentence) or pattern("stock").search(s.clause):
        return True
    if _RESEARCH.search(s.left) or (_STAKE.search(s.sentence) and _PAID_IN.search(s.left)):
        return True
    if _OF_A_CONTRACT.match(s.right):
        return True
    if "预算数" in s.left and not pattern("centre", "works", template="{0}|{1}").search(s.left):
        return True  # a filing's list of works of any kind
    if _other_trade(s) and not pattern("scan").search(s.clause):
        return True
    if pattern("equity").search(s.clause) and not strong:
        return True
    return bool(_BOUGHT.match(s.right) or _FUNDED.search(s.left))


def _money(s: Setting) -> Verdict | None:
    if _other_money(s):
        return None
    local, unit = s.left[-16:], s.quantity.unit
    named = pattern("centre", "works", template="{0}|{1}").search(s.sentence)
    if _RAISED.search(local) and named and not re.search("总投资|投资总额", s.sentence):
        return Verdict("investment", unit, "invest.raised", 0.75)
    strong = pattern("invest_strong").search(local)
    cues = list(pattern("invest").finditer(local))
    barred = list(pattern("not_invest").finditer(local))
    if barred and not strong and not (cues and cues[-1].end() >= barred[-1].end()):
        return None
    if cues:
        sure = strong or cues[-1].group().startswith("投")
        return Verdict("investment", unit, "invest.before", 0.92 if sure else 0.85)
    if _spent_on(s):
        return Verdict("investment", unit, "invest.after", 0.8)
    worth = re.search(r"(?:价值|高达|总额|合计)[^,]{0,3}$", s.left)
    if worth and pattern("centre", template=r"^的?[^,。;]{{0,60}}?(?:{0}|项目)").match(s.right):
        return Verdict("investment", unit, "invest.worth", 0.75)
    return None


def _spent_on(s: Setting) -> bool:
    """20亿元来建…, 420亿元额度内添购…, of an outlay also 900亿元用于采购AI算力."""
    behind = pattern("invest_after", template=r"^(?:的?资金|来|在[^,]{{0,10}})?{0}").match(s.right)
    if not behind:
        return False
    buys = re.search(r"采购|收购|购买", behind.group() + s.right[behind.end() : behind.end() + 4])
    return "额度" in behind.group() or not buys or bool(re.search(r"资本[开支]支|投入|投资", s.sentence))


def _bare_money(s: Setting) -> Verdict | None:
    """砸了7个亿建…: a sum without its currency, right behind the verb that spends it."""
    spent = pattern("invest_strong", template=r"(?:{0}|投资|投入|出资|花)了?(?:近|约|超|超过|达)?$|^投了$")
    if s.quantity.unit or "亿" not in s.quantity.text or not spent.search(s.left) or _other_money(s):
        return None
    return Verdict("investment", "CNY", "invest.bare", 0.7)


def _power(s: Setting) -> Verdict | None:
    made = re.search(r"出货|推出|生产|销售|产能", s.sentence)
    right, around = (_GRID.sub("", text) for text in (s.right, s.sentence if made else s.clause))
    if (
        _OF_ONE_RACK.match(s.right)
        or (pattern("each").search(s.left[-12:]) and not (s.left.endswith("功耗") and s.quantity.low >= 1))
        or pattern("power_device").search(around)
        or (
            pattern("power_bad").search(s.left[-12:] + right[:8])
            and not pattern("centre").search(s.left[-14:])
        )
        or re.search(r"采购|订单|产能|出货", s.clause)
        or s.left.endswith("给")
        or re.match(r"的?(?:风电|光伏)|(?:以上|级)?[^,]{0,10}(?:须|送审|解禁)", s.right)
    ):
        return None
    return Verdict("power", "MW", "power", 0.92 if pattern("power_good").search(s.clause) else 0.8)


def _area(s: Setting) -> Verdict | None:
    if pattern("not_area", "farm", template="{0}|{1}").search(s.clause):
        return None
    left = s.left if s.left.strip(" ,") else _clause_before(s)  # 机房面积不算大,8600平米
    land = list(pattern("land").finditer(left))
    floor = list(pattern("floor").finditer(left))
    if land and (not floor or land[-1].end() >= floor[-1].end()):
        return Verdict("land", "m2", "land", 0.93)
    if re.search(r"亩|公顷", s.quantity.text):
        return Verdict("land", "m2", "land.unit", 0.8)
    if floor or re.match(r"的?(?:机房|数据中心|新供应|楼面|智算)", s.right):
        return Verdict("floor", "m2", "floor", 0.9)
    return None


def _clause_before(s: Setting) -> str:
    """The clause before the figure's, where it has no figure of its own."""
    told = s.sentence[: s.sentence.find(s.clause)].rstrip(" ,")
    last = re.split("[,;。]", told)[-1]
    return "" if re.search(r"\d", last) or len(last) > _SHORT else last


def _racks(s: Setting) -> Verdict | None:
    unit = s.quantity.unit
    if _PER_ONE.search(s.left[-8:]) or _SOLD.search(s.left[-10:]) or re.match(r"/|每", s.right):
        return None
    if (unit.endswith("架") and not pattern("aircraft").search(s.sentence)) or "机柜" in unit:
        return Verdict("racks", "rack", "racks.unit", 0.95)
    if unit == "柜" and not re.search(r"出货|订单|报价", s.clause):
        return Verdict("racks", "rack", "racks.unit", 0.75)
    if unit in _RACK_COUNTERS and _touches("rack", s):
        return Verdict("racks", "rack", "racks.noun", 0.9)
    if s.asked and unit == "个" and not s.right and _ANSWERED.fullmatch(_without_places(s.left)):
        return Verdict("racks", "rack", "racks.asked", 0.7)
    return None


def _stands(s: Setting) -> float | None:
    """How surely the machines stand or shall stand somewhere; None where they are bought or sold."""
    if pattern("traded").search(s.clause) or re.search(r"[每单]$", s.left):
        return None
    near = s.left[-18:] + "|" + s.right[:26]
    if s.listed or pattern("have").search(near) or pattern("centre").search(s.clause):
        return 0.85
    about = pattern("centre", "room", template="{0}|{1}").search(s.sentence)
    return 0.7 if about and not pattern("traded").search(s.sentence) else None


def _servers(s: Setting) -> Verdict | None:
    noun_before = re.search(r"上架|装机", s.left[-8:]) and pattern("server").search(s.sentence)
    if (
        s.quantity.unit in _SERVER_COUNTERS
        and (noun_before or _touches("server", s))
        and (sure := _stands(s))
    ):
        return Verdict("servers", "server", "servers", sure)
    return None


def unnumbered(quantity: Quantity) -> bool:
    """万卡, 千卡 without a numeral of its own: a class of cluster."""
    return not re.search(r"[\d一二两三四五六七八九十]", quantity.text)


def _cards(s: Setting) -> Verdict | None:
    if s.quantity.unit not in _CARD_COUNTERS:
        return None
    if re.match(r"级?[^,。;]{0,8}集群(?!的?企业)", s.right):
        if unnumbered(s.quantity) and re.search(
            r"[\d一二两三四五六七八九十][个座套](?:以上|左右)?[万千]卡", s.clause
        ):
            return None  # 5个以上万卡集群
        lit = re.search(r"建成|点亮|投产|投运|上线|启用|交付|落成", s.clause)
        if pattern("traded").search(s.clause) or (unnumbered(s.quantity) and not lit):
            return None
        return Verdict("cards", "card", "cards.cluster", 0.8)
    if _touches("card", s) or _MODEL.match(s.right):
        return Verdict("cards", "card", "cards", sure) if (sure := _stands(s)) else None
    summed = _SUM.search(s.left) and pattern("card").search(s.sentence)
    alone = s.quantity.unit == "卡" and s.quantity.low >= _CLUSTER and not unnumbered(s.quantity)
    stands = s.quantity.unit in {"张", "块"} and _LIT.search(s.left) and pattern("card").search(s.sentence)
    if (
        (summed or alone or stands)
        and not s.right.startswith(("的", "级", "位"))
        and not pattern("traded").search(s.sentence)
    ):
        return Verdict("cards", "card", "cards.alone", 0.7)
    return None


def _projects(s: Setting) -> Verdict | None:
    if s.quantity.unit not in _CENTRE_COUNTERS or re.search(r"(?:每|第|(?<![目当之此])前|这|那|首)$", s.left):
        return None
    if pattern("not_counted_after", template=r"^[多余]?[^,、。;]{{0,3}}{0}").match(s.right):
        return None
    if s.quantity.low < _DOZEN and _is_apposition(s):
        return None
    if re.search(r"公司[^,、]{0,6}中标[^,、]{0,12}$", s.left):
        return None  # 公司累计中标算力项目12个: bids won
    if pattern("handled", template=r"{0}[了过]?$").search(s.left):
        return None  # 参与过十几个智算项目的顾问
    nouns = "{1}|{2}" if s.quantity.low >= _DOZEN else "{1}"
    behind = pattern("count_between", "centre", "counted", template=r"^[多余]?{0}*(?:" + nouns + ")").match(
        s.right
    )
    if behind and s.quantity.unit == "家" and behind.group().endswith("IDC"):
        return None  # 问了五家IDC: firms
    if behind and s.quantity.unit:
        follows = pattern("not_counted_after", template=r"^[^,、。;]{{0,3}}{0}").match(
            s.right[behind.end() :]
        )
        return None if follows else Verdict("projects", "project", "projects.behind", 0.9)
    if _states_of_projects(s):
        return Verdict("projects", "project", "projects.state", 0.75)
    before = pattern("centre", "counted", "count_joint", template=r"(?:{0}|{1}){2}*$").search(s.left)
    if before and not re.match(r"[多余]?(?:城市|省|标准|%|年|月|节点|机柜|机架)", s.right):
        return Verdict("projects", "project", "projects.before", 0.9)
    if "座数" in s.left:
        return Verdict("projects", "project", "projects.number", 0.75)
    return _counted_on(s)


def _is_apposition(s: Setting) -> bool:
    """北京亦庄、天津武清、上海嘉定三个数据中心: those just named, no count."""
    listed = re.split(r"[、和与及]", s.left.lstrip("、"))
    return len(listed) == s.quantity.low > 1 and all(2 <= len(item.strip()) <= 12 for item in listed[1:])


def _states_of_projects(s: Setting) -> bool:
    """投运项目7个, 在建的项目还有31个, 另有3个项目通过能评: centres, where the text is on centres."""
    if not (s.counted or pattern("scan").search(s.sentence)) or s.quantity.unit != "个" or _other_trade(s):
        return False
    told = r"(?:{0}的?|集群的)项目(?:{1}|却|还|仍|尚)*$"
    before = pattern("count_state", "count_joint", template=told).search(s.left)
    behind = pattern("count_state", template=r"项目(?:已经?|均|都|正)?(?:通过|获批|{0})").match(s.right)
    return bool(before or behind)


def _counted_on(s: Setting) -> Verdict | None:
    """Centres counted on, the noun left out: 其中89座用国产芯片, 仅当年投运的就不止50个."""
    left = _WHEN.sub("", s.left.strip(" ,、"))
    carried = pattern("count_joint", "count_state", template=r"(?:{0}|{1})+").fullmatch(left)
    ends = pattern(
        "count_state",
        template=r"(?:以上|左右|多|余)?(?:$|[,、。;(]|用|在|已|是|加|正|采用|的|尚|处于|里|中|{0})",
    ).match(s.right)
    few = s.counted and s.quantity.low < _MANY and s.quantity.unit in {"座", "个", "家"}
    if few and left and _RANKED.match(s.right) and _place_only(left):
        return Verdict("projects", "project", "projects.ranked", 0.7)
    if not left:
        carried = ends = pattern("count_state", template=r"(?:已经?|仍|还|正)(?:{0}|搁置|烂尾)").match(
            s.right
        )
    if few and carried and ends:
        return Verdict("projects", "project", "projects.carried", 0.7)
    return None


_RULES: dict[str, tuple[Callable[[Setting], Verdict | None], ...]] = {
    "compute": (_compute,),
    "money": (_money,),
    "power": (_power,),
    "area": (_area,),
    "count": (_racks, _servers, _cards, _projects),
    "number": (_bare_money, _racks, _servers, _cards, _projects),
}
"""By kind of quantity, in the order asked: 数据中心在用机柜5000个 counts racks, not centres."""

KINDS = frozenset(_RULES)
"""Kinds of quantity that can measure a project."""


def judge(setting: Setting) -> Verdict | None:
    """What the quantity measures; None where it measures no project. A rate (…/月, 每P) never does."""
    if setting.quantity.per:
        return None
    rules = _RULES.get(setting.quantity.kind, ())
    return next((verdict for rule in rules if (verdict := rule(setting))), None)


def _place_only(text: str) -> bool:
    """内蒙古以, or 广东: a place and no more than what joins it to its number."""
    places = find_places(text)
    return bool(places) and text[places[-1].span.end :] in {"", "以", "有", "则以"}


def _without_places(text: str) -> str:
    for place in reversed(find_places(text)):
        text = text[: place.span.start] + text[place.span.end :]
    return text


def carry(setting: Setting, last: Quantity, verdict: Verdict, *, across: bool = False) -> Verdict | None:
    """The measure of the figure before, where a phase, place or name parts the two: 一期5亿元、二期6亿元.

    `across`: that figure is of the sentence before; only a part of what it counted goes on counting.
    """
    quantity, left = setting.quantity, _without_places(setting.left)  # 其中雄安6.2亿元,太原5.1亿元
    if (
        verdict.measure == "projects"
        or quantity.per
        or (quantity.kind, quantity.unit) != (last.kind, last.unit)
    ):
        return None
    named = len(left) <= 18 and pattern("centre", "works", template=r"(?:{0}|{1}|项目)$").search(left)
    part = quantity.low < last.low and (
        _PHASED.fullmatch(left) or (last.unit in {"个", "台", "张"} and _PART.fullmatch(left))
    )
    if not part and (across or not (named or _LINK.fullmatch(left))):
        return None
    if re.match(r"的?(?:合同|融资|补贴|贷款|收入|罚|担保|增资|股权)", setting.right):
        return None
    rule = verdict.rule if verdict.rule.endswith(".carried") else f"{verdict.rule}.carried"
    return Verdict(verdict.measure, verdict.unit, rule, 0.7)
