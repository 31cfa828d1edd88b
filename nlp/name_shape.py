"""What can be the name of a party, and where it begins: a greedy match trimmed, prose told from names."""

from __future__ import annotations

import re

from nlp.name_pattern import patterns
from nlp.place import find_places
from nlp.segment import is_common
from nlp.span import Span

STRIP = re.compile(
    r"^(?:上市公司|上市企业|A股公司|港股公司|在|据|而|但|从|当|随着|包括|次日|同日|当日|昨日|今日|此前|日前|近日"
    r"|总包方|承包方)+"
)
"""What a greedy match takes in before a name: 在铂川精密(009913)的车间里."""
_MANY = re.compile(r"前?[两三四五六七八九十多几数\d]+大?家?(?:客户|供应商|公司|企业|厂商|运营商)$")
"""前五大供应商, 两家客户: how many, not who."""
_SPOKEN = re.compile(r"[了着没吗呢么哪]|各执|不会|老板$|先生$|女士$|小姐$|点名|问到|照旧|电话|份是|又$")
"""What prose has and no name: 转头又, 谈了三个月, 问到会不会重启."""
COMPANY = re.compile(r"(?:股份|集团|控股)*(?:有限责任|有限)?公司$")


def trim(full: str) -> str:
    """A full name without what a greedy match took in on its left: 公司全资子公司, 与, 向供应商."""
    cut = 0
    for m in patterns().left.finditer(full):
        rest = full[m.end() :]
        if len(rest) < 4:
            break
        # 北京和合…公司: a single boundary word right behind a place name is part of the name
        if len(m.group()) == 1 and cut == 0 and is_place(full[: m.start()]):
            continue
        if m.group() in "同即为令及就是" and m.start() == 0 and not find_places(rest[:4]):
            continue  # 同禾电气股份有限公司 begins a sentence
        cut = m.end()
    return STRIP.sub("", full[cut:].lstrip("的"))


def shortened(name: str) -> str:
    """The short name inside a full one: 滦河机器人股份有限公司 → 滦河机器人, 远桥股份有限公司 → 远桥股份."""
    base = COMPANY.sub("", name)
    return base if len(base) > 2 or base == name else re.sub(r"(?:有限责任|有限)?公司$", "", name)


def is_place(text: str) -> bool:
    """Whether a string is a place name and nothing more."""
    found = find_places(text)
    return bool(found) and found[0].span == Span(0, len(text))


def plausible(name: str) -> bool:
    """Whether a short string between boundary words can be a name."""
    p = patterns()
    if (
        not 2 <= len(name) <= (40 if name.isascii() else 14)
        or name in p.generic
        or name in p.common
        or name.isdigit()
    ):
        return False
    if _SPOKEN.search(name) or _MANY.match(name):
        return False
    if any(word in name for word in ("合同", "协议", "订单", "公告", "算力租", "服务器", "董事", "股份有")):
        return False
    if name.startswith(
        (
            "子公司",
            "孙公司",
            "全资",
            "控股",
            "参股",
            "旗下",
            "附属",
            "下属",
            "公司",
            "关于",
            "有限",
            "标包",
            "标段",
            "分包",
            "包件",
        )
    ):
        return False
    if is_common(name) or name.endswith(p.abstract):
        return False
    return not name.startswith(p.edges) and name[0] not in "其该此本我你他它她这那之各每起日月年于"
