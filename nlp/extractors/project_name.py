"""Names of projects and their phases: 鄱阳湖智算中心, “松石…”, 某某云谷, (一期).

A name ends in a noun of centres or works, or in 项目; its left edge is a word that no name holds (的, 由,
投资, 这座), unless that word is part of a place or an organisation. What is left of 大型数据中心 is no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlp.extractors.project_words import pattern
from nlp.lexicon import words
from nlp.span import Span

_CHUNK = re.compile(r"(?:[\w·—\-Ⅰ-Ⅻ/+“”]{2,20}\([\u4e00-\u9fff]{2,4}\))?[\w·—\-Ⅰ-Ⅻ/+“”]{0,26}\Z")
"""What may belong to a name; a place in brackets, too: 松石(酒泉)智算中心."""
_PHASE = re.compile(
    r"(?P<bracket>\()?(?<![分共计])第?(?P<number>[一二三四五六七八九首]|[1-9])期(?!货|间|限|内|末|后|望|待)(?(bracket)[^()]{0,4}\))"
)
_QUOTED = re.compile(r"[“\"‘](?P<name>[^“”\"‘’\n]{2,40})[”\"’](?P<rest>[\u4e00-\u9fffA-Za-z]{0,14})")
_SPOKEN = re.compile(r"[,。;:!?]|\d[万亿]|将|不|了")
"""What is quoted is a sentence somebody said, no name."""
_NAMED_SO = re.compile(r"(?:项目|园区|中心|基地|工程|集群)(?:被?[取命定起])?名(?:为|叫|作)?\Z")
"""项目名为[“星汉湖”]."""
_COUNTED_OFF = re.compile(r"[一二三四五六七八九十两]+[云核园区网]")
"""“一云三基地” is a plan's slogan."""
_WORKS = re.compile(r"(?<=[\u4e00-\u9fff])(?:EPC|总承包|设计施工|设备采购|机电(?:工程|安装)|施工).*$")
"""A tender's own words behind the name: …智算中心[EPC总承包项目]."""
_DEAL = re.compile(r"(?:投资|建设|合作|采购|租赁|运营)+$")
_AGREEMENT = re.compile(r"(?:合作)?(?:框架)?(?:补充)?(?:协议|合同)")
_LATIN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z][A-Za-z]{2,}(?: (?:[A-Z][A-Za-z]*|\d+))*"
    r"(?=的?(?:总楼面|楼面|首期|园区|项目|总建筑面积|占地))"
)
_NUMBERED_LINE = re.compile(r"\d{1,2}[.、]?(?=[\u4e00-\u9fff]{2,})(?!\d*[号期栋楼座年月日个万亿])")
"""Before the first cell of a row: 3某某数据中心."""
_NUMBERED = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,4}[一二三四五六1-6]号)(?=设计|规划|园区|项目|数据中心|智算|超算|算力|基地|机柜|首期|一期)"
)
"""A name that counts: 公司在建的[鸥湖二号]设计机柜4000架."""
_HEADLINE = re.compile(
    r"^(?:关于)?(?P<name>[^,。:;!?]{4,30}?)(?:(?:软硬件|硬件|服务器|算力|智算|机电|核心|配套)*设备|服务器|施工|监理|勘察|EPC|总承包|工程|建设)?"
    r"(?:采购|总承包|施工|建设|服务)*(?:项目)?(?:公开|国内|竞争性)?(?:招标|磋商|谈判|比选|询比|采购|中标|成交)[^,。]{0,10}公告"
)
"""What a tender's headline puts out to tender."""
_COMPUTE = re.compile(r"算力|智算|超算|计算|数据|云|AI|人工智能")
_SUPERLATIVE = re.compile(
    r"(?:最[大高强]|规模最|首[个座]|第一大)的?(?:超级|AI|人工智能|智能|智慧|绿色|液冷)*$"
)
"""华北[最大]算力谷, 亚洲[首个液冷]智算港: a boast, no name."""
_LAND = tuple("湾庄沟坪口塘港堡屯园山河集营桥坡岭村")
"""Behind 家 inside a name: 丁家湾智算中心."""
_JOINED = ("创新", "科技", "信息", "科创")
"""Before 及 or 与 inside a name: 创新及数据园区."""
_DIGITS = {"1": "一", "2": "二", "3": "三", "4": "四", "5": "五", "6": "六", "7": "七", "8": "八", "9": "九"}


@dataclass(frozen=True, slots=True)
class ProjectName:
    """A project as the view names it."""

    span: Span
    name: str
    """Without its phase, quotation marks only where they are inside."""
    weak: bool
    """A description rather than a name: 人工智能计算中心."""
    full: str = ""
    """With its phase where it is printed: …基地二期项目."""
    phase: str | None = None
    """The phase that is part of the printed name: 一期 of 某某智算中心(一期)EPC总承包."""


@dataclass(frozen=True, slots=True)
class Phase:
    """一期, (二期), 首期."""

    span: Span
    name: str


@cache
def _tail() -> re.Pattern[str]:
    """The noun a name ends in, with what may follow up to 项目."""
    return pattern(
        "centre",
        "works",
        "work_tail",
        "field",
        "ground_joint",
        "ground",
        template=r"(?:{0}|{1}|{3}+{4}{{0,2}}{5})(?:\((?!\w?(?:在建|续建|开工|前期|拟建|规划|筹建|投产|投运|建成|已投|暂停|停工|扩容|改造))[\u4e00-\u9fff]{{2,4}}\))?(?:{2}|[一二三]期)*(?:EPC)?(?:项目)?",
    )


@cache
def _project_tail() -> re.Pattern[str]:
    """…项目 where no centre is named: 边缘算力节点建设项目, 智算项目."""
    return re.compile(
        r"(?:算力|智算|数据|计算|云|AI|人工智能|智能|通信|网络)[\u4e00-\u9fffA-Za-z0-9]{0,12}?项目(?!公司|经理|部|投资协议书)"
    )


@cache
def _stops() -> re.Pattern[str]:
    return pattern("name_stop", template=r"{0}|\d+(?:\.\d+)?[万亿]?[元P匹架台亩张]+|[0-9]+月|[0-9]+日")


@cache
def _modifiers() -> re.Pattern[str]:
    return pattern(
        "generic",
        # numerals one at a time, digits for good: forty of them in a row can be parted in no end of ways
        template=r"(?:{0}|\d++(?:\.\d++)?(?:GW|MW|吉瓦|兆瓦|万?P)?|[一二两三四五六七八九十几数]|[座个家处级的])+",
    )


def _left_edge(text: str, start: int, floor: int, guarded: Sequence[Span]) -> int:
    """Where the name that ends in the noun at `start` begins; not before `floor`."""
    chunk = _CHUNK.search(text, floor, start)
    begin = chunk.start() if chunk else start
    edge = begin
    for stop in _stops().finditer(text, begin, start):
        if stop.group() in "家座" and text.startswith(_LAND, stop.end()):
            continue
        if stop.group() in "及和与" and text.endswith(_JOINED, begin, stop.start()):
            continue
        inside = any(g.start < stop.end() and stop.start() < g.end and g.end <= start for g in guarded)
        if not inside:
            edge = stop.end()
    opened = text.rfind("“", edge, start)
    if opened >= 0 and "”" not in text[opened:start]:
        edge = opened + 1
    while edge < start and text[edge] in "”—-·/+":
        edge += 1
    return edge


def _made(span: Span, printed: str, *, weak: bool = False) -> ProjectName:
    """The name without its phase and without the tender it is printed in."""
    phase = _PHASE.search(printed)
    full = _WORKS.sub("", re.sub(r"^“(?!东数西算)([^“”]+)”", r"\1", printed))
    return ProjectName(span, _PHASE.sub("", full), weak, full, _phase_name(phase) if phase else None)


def _phase_name(m: re.Match[str]) -> str:
    return _DIGITS.get(m["number"], m["number"]) + "期"


def _named(modifier: str) -> tuple[bool, bool]:
    """Whether the words before the noun name it, and whether they only describe it."""
    modifier = modifier.strip("“”()·—-")
    if not modifier or _modifiers().fullmatch(modifier) or _SUPERLATIVE.search(modifier):
        return False, False
    weak = pattern("weak_generic", "generic", template=r"(?:{0}|{1})+").fullmatch(modifier)
    return not weak, bool(weak)


def _quoted(text: str, start: int, end: int) -> Iterator[ProjectName]:
    """Names in quotation marks: “鹿鸣”的智算中心, “东海一号”智算中心, “甲乙二期项目”."""
    for m in _QUOTED.finditer(text, start, end):
        name, rest = m["name"], m["rest"]
        noun = _noun_behind(rest)
        if _SPOKEN.search(name) or pattern("not_a_project").fullmatch(name):
            continue
        own = _tail().search(name) or name.endswith("项目")
        if own and not _named(re.sub(_tail().pattern + r"$|项目$", "", name))[0]:
            continue
        if own and len(name) >= 4:
            yield _made(Span(m.start("name"), m.end("name")), name)
        elif noun and name not in words("project")["centre"]:
            han = bool(re.search(r"[\u4e00-\u9fff]", name))
            what = noun.group().lstrip("的")
            alone = not han or what in words("project")["site"]
            full = name if alone else ("“" + name + "”" if what.endswith(("园", "园区")) else name) + what
            yield ProjectName(Span(m.start("name"), m.start("rest") + noun.end()), full, False)
        elif _NAMED_SO.search(text, max(start, m.start() - 8), m.start()) and len(name) <= 8:
            yield ProjectName(Span(m.start("name"), m.end("name")), name, False)
        elif _COUNTED_OFF.match(name) is None and _site_name().fullmatch(name):
            yield ProjectName(Span(m.start("name"), m.end("name")), name, weak=True)


@cache
def _site_name() -> re.Pattern[str]:
    """A name in quotation marks that ends as sites do: “某某谷”."""
    return pattern("quoted_site", template=r"[\u4e00-\u9fff]{{2,6}}{0}")


def _noun_behind(rest: str) -> re.Match[str] | None:
    """The noun a name in quotation marks is of: “东海一号”[智算中心], “松石一号”[园区]."""
    noun = pattern("centre", "works", "site", template=r"^(?:的)?(?:超级)?(?:(?:{0}|{1})(?:项目)?|{2})")
    return noun.match(rest)


def _plain(text: str, start: int, end: int, guarded: Sequence[Span]) -> Iterator[ProjectName]:
    """Names that end in a noun of centres or works, or in 项目."""
    after = pattern("not_name_after", template=r"(?:的)?(?:{0})")
    for tail in (*_tail().finditer(text, start, end), *_project_tail().finditer(text, start, end)):
        if after.match(text, tail.end()) and not tail.group().endswith("项目"):
            continue
        end = _before_deal(text, tail)
        edge = _left_edge(text, tail.start(), start, guarded)
        if edge == start and (number := _NUMBERED_LINE.match(text, edge, tail.start())):
            edge = number.end()
        named, weak = _named(text[edge : tail.start()])
        printed = text[edge:end]
        weak = weak or (not named and len(printed) >= 8 and printed.endswith("建设项目"))
        if not (named or weak) or re.match(r"[\d一二三四五六七八九十]+[个座家]", printed) or len(printed) < 4:
            continue
        balanced = printed.count("“") == printed.count("”")
        yield _made(Span(edge, end), printed if balanced else printed.strip("”“"), weak=weak)


def _before_deal(text: str, tail: re.Match[str]) -> int:
    """Where the name ends: …产业园[投资]协议 is an agreement on investing, not the name's tail."""
    deal = _DEAL.search(tail.group()) if _AGREEMENT.match(text, tail.end()) else None
    return tail.start() + deal.start() if deal else tail.end()


def _known(text: str, start: int, end: int) -> Iterator[ProjectName]:
    """Names without any noun of ours: 星门计划, and Latin ones before what is measured: MEGA Plus总楼面."""
    for m in pattern("named_project", template=r"{0}(?:计划|项目)?").finditer(text, start, end):
        yield ProjectName(Span(m.start(), m.end()), m.group(), False)
    for m in _NUMBERED.finditer(text, start, end):
        edge = _left_edge(text, m.end("name") - 2, m.start(), ())
        if m.end("name") - edge >= 4:
            yield ProjectName(Span(edge, m.end("name")), text[edge : m.end("name")], False)
    for m in _LATIN.finditer(text, start, end):
        if not pattern("operator").fullmatch(m.group()):
            yield ProjectName(Span(m.start(), m.end()), m.group(), False)


def project_names(text: str, start: int, end: int, guarded: Sequence[Span]) -> list[ProjectName]:
    """Every project named in `text[start:end]`, sorted, none inside another.

    `guarded` are spans of places and organisations, in which no left edge may lie.
    """
    found: list[ProjectName] = []
    candidates = (*_quoted(text, start, end), *_plain(text, start, end, guarded), *_known(text, start, end))
    for name in sorted(candidates, key=lambda n: (n.span.start, -n.span.end)):
        if not found or name.span.start >= found[-1].span.end:
            found.append(name)
    return found


def tendered_name(title: str) -> ProjectName | None:
    """What the headline of a tender puts out to tender, where that is of our trade; its span is empty."""
    m = _HEADLINE.match(title)
    return _made(Span(0, 0), m["name"]) if m and _COMPUTE.search(m["name"]) else None


def phases(text: str, start: int, end: int) -> list[Phase]:
    """Every phase mentioned in `text[start:end]`: 一期, 第二期, 首期, (一期)."""
    return [Phase(Span(m.start(), m.end()), _phase_name(m)) for m in _PHASE.finditer(text, start, end)]
