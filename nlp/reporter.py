"""Who a text is about where no stock code says so: what heads the title, who is called listed, who speaks.

Each way is weaker than the one before it, so the first that names anybody is the last asked. A name has one
of the last words of companies' short names (own_tail), but where the text itself says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from nlp.deed import either
from nlp.lexicon import words
from nlp.name_pattern import HAN
from nlp.place import find_places
from nlp.segment import plain

_FRONT = r"(?:^|(?<=[\n。!?;:,、(“〕】—]))"
"""Where a name can begin that is nobody's object."""

_GOES_ON = "大概|可能|终于|最近|近日|日前|上午|下午|今年|去年|也|还|又|则"
"""What follows a name that 是 or 的 stands before: 做火锅底料的远舟食品大概能…"""


@cache
def _ways() -> tuple[re.Pattern[str], ...]:
    lexicon = words("organisation")
    tail, officer = either(lexicon["own_tail"]), either(lexicon["officer"])
    called = either(lexicon["called_listed"])
    name = rf"(?P<name>(?:\*?ST)?{HAN}{{2}}(?:{tail}))(?!中心|集群|基地|平台|产业|园区|[城谷港岛])"
    return (
        # 港股上市公司X, 由上市公司汀川科技持股55%
        re.compile(rf"(?:{called})(?:[“\"])?{name}(?!{HAN}{{0,6}}公司)"),
        # 长庚电脑(上柜)29日召开董事会, 赤羽科技(就是那个做电路板的上市公司)
        re.compile(rf"{name}(?=\([^()\n]{{0,14}}(?:{called}|上柜|上市|兴柜)\))"),
        # 溪川控股旗下全资附属公司溪川云端
        re.compile(rf"{name}(?=(?:旗下|下属|之|的)?(?:间接)?(?:全资|控股)?(?:附属|[子孙])公司)"),
        # 据远舟智算CFO李某介绍, 远舟电气的采购经理, (远舟云创始人)
        re.compile(
            rf"(?:据|记者从|{_FRONT}){name}(?:的?{HAN}{{0,2}})(?:{officer})"
            rf"|(?<=\()(?P<bracketed>{HAN}{{2,5}})(?:{officer})(?=\))"
        ),
        # 代工厂远舟精密上午被外资点名, 那个远舟科技的单子黄了
        re.compile(
            rf"(?:(?<=[\u4e00-\u9fff]{{2}})(?:公司|企业)|[那这][个家]|代工厂|龙头|巨头|业者|厂商|营运商|运营商|服务商|集成商){name}"
        ),
        # 最先倒下的是远舟云科。, 做火锅底料的远舟食品大概能…, 远舟电子多撑了一年。: the subject of a sentence
        re.compile(
            rf"(?:(?<=[是的])(?={HAN}{{4,6}}(?:[,。;(]|{_GOES_ON}))|^|(?<=[\n。!?;〕])){name}(?=[,。;(与和同]|{HAN})"
        ),
    )


_OWN_LINE = re.compile(
    rf"(?:^|(?<=\())(?P<name>{HAN}{{2,8}}?)(?:集团|控股)?股份有限公司(?=20\d\d年|关于|第|董事会|监事会|\)|$)",
    re.MULTILINE,
)
_OWN_CHILD = re.compile(
    rf"(?:^|[\n,。;:])(?P<name>{HAN}{{2,8}}?)(?:集团|控股)?股份有限公司(?=(?:之|的)?(?:全资|控股|下属)?[子孙]公司)"
)
"""甲辰云谷股份有限公司子公司甲辰数据于…签订: whose child it is."""
_TITLE = re.compile(
    rf"(?P<name>(?:\*?ST)?{HAN}{{2,6}}?)(?=关于|投资者关系|20\d\d年|第[一二三四五六七八九十]{{1,3}}届|董事会|监事会"
    r"|股东大?会|股票交易|澄清|重大(?:合同|诉讼)|子公司|公告)"
)


def heading(title: str, text: str) -> str | None:
    """Whose filing it is: 甲辰科技关于…的公告 as its title, or 甲辰科技股份有限公司 at the head of a line."""
    if own := _OWN_LINE.search(text) or _OWN_CHILD.search(text):
        return str(own["name"])
    m = _TITLE.match(title)
    tails = tuple(words("organisation")["own_tail"])
    return m["name"] if m and m["name"].endswith(tails) and not _says(m["name"]) else None


def reporters(text: str) -> Iterator[list[str]]:
    """Names a text gives its companies, one list a way, the surest way first."""
    for way in _ways():
        found = (str(next(value for value in m.groupdict().values() if value)) for m in way.finditer(text))
        yield [name for name in dict.fromkeys(found) if not _says(name)]


@cache
def _others() -> re.Pattern[str]:
    tail = either(words("organisation")["own_tail"])
    return re.compile(
        rf"(?:^|(?<=[\n。的]))(?P<name>{HAN}{{2}}股份)(?!有限|制|公司|合作|转让|代码|的)"
        rf"|(?:^|(?<=[\n。]))(?P<subject>{HAN}{{2}}(?:{tail}))(?=[与同和跟把][^,。;]{{2,24}}(?:签|谈|订|解|终止|告|协商))"
    )


def more_reporters(text: str) -> list[str]:
    """Those a story without stock codes tells beside its first: 做纺织机械的远舟股份走得更早."""
    found = (m["name"] or m["subject"] for m in _others().finditer(text))
    return [name for name in dict.fromkeys(found) if not _says(name)]


def _says(name: str) -> bool:
    """Whether a name begins with a place or a common word: 全国算力, 上周算力, 经营数据 name nobody."""
    head = name[:2]
    places = find_places(head)
    if places and places[0].span.of(head) == head:
        return True
    tagged = plain().tag(head, False)
    return len(tagged) == 1 and not tagged[0][1].startswith(("nr", "ns", "nt", "nz", "x", "eng"))
