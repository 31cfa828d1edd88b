"""Who and what a document on data centres names: operators, projects and places, in the order of the view."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from nlp.company import registry
from nlp.extractors.project_name import ProjectName, project_names, tendered_name
from nlp.extractors.project_owner import (
    FOREIGN,
    GLOSSED,
    HEARD_FROM,
    HOLDS,
    INTERVIEWED,
    NO_NAME,
    NOT_A_BUILDER,
    OF_A_PARENT,
    OWNS_THERE,
    ROLE_BEFORE,
    SORT,
    VERB_BEHIND,
    entries,
    is_no_firm,
    owners,
)
from nlp.extractors.project_words import pattern
from nlp.organisation import Cast, OrganisationMention, cast
from nlp.place import Place, find_places
from nlp.reading import Reading, Sentence
from nlp.segment import is_common
from nlp.span import Cover, Span

WIDE = ("nation", "region")
"""Kinds of place too wide to be the site of one project."""

_CARRIER = re.compile(
    r"(?:其中|(?<![\u4e00-\u9fff]))(移动|电信|联通)(?=的|在|投|智算|算力|数据中心|\d|约|超|则)"
)
"""移动的呼和浩特智算中心: a carrier without 中国."""
_COMPANY_NAME = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9()·]{2,20}?(?:公司|集团|银行|科技|数据|智算|云|智能|电信|移动|联通|控股|实业|投资|网络"
    r"|创新|数科|数石|数谷|数创|数位|资讯|电通|信息|能源|智联|数智|数码|互联|算力|数字|股份|电子|软件|通信|置业|资产|云创|[数城建云国产]投)"
)
"""Of an organisation that is neither the reporter nor its child."""
_BUILDER = re.compile(
    r"(?:由|[位方人体]为)([\u4e00-\u9fffA-Za-z()]{2,16}?)(?:公司)?"
    r"(?=(?:(?:[与和及、][\u4e00-\u9fffA-Za-z()]{2,16}?)?(?:全额|独家|单独|联合|共同|合作|合资|自主|认真|具体|负责)*"
    r"(?:投建|投资|出资|建设|承建|运营|牵头|负责|开发|兴建|操盘|主导|统筹|打造|实施)))"
)
"""Who builds, in so many words: 由云岚智算投建, 建设单位为云岚智算…"""
_ROLE = re.compile(
    r"(?:(?:运营|建设|投资|承建|业主|代建|开发|发展)(?:方|单位|主体|商)|业主|实施主体|招标人|采购人)(?:为|是|:)?"
    r"([\u4e00-\u9fffA-Za-z]{2,12}?|[\u4e00-\u9fffA-Za-z]{4,20}公司)"
    r"(?=说|称|表示|披露|介绍|透露|宣布|回应|证实|解释|坦言|坦承|回复|强调|[向对][^,。;]{2,10}?(?:申请|表示|证实|说|称|透露|提交)|拟|将于|将在|已于|近日|日前|昨|上月|上周|[,。;(]|$)"
)
"""Who builds or runs it, by the role in front: 运营方海兰云说."""
_FIRM = re.compile(
    r"(?:^|[,;:。\n、】])([\u4e00-\u9fff]{2,4}(?:股份|科技|集团|控股|智能|数据|信息|电子|通信|网络|智算|数科|云算|城投|数投|建投|产投|国投|交投|科投))"
    r"(?=拟|将|已|调整|宣布|计划|在|的|与|公告|表示|披露|旗下|投|称|回复|终止|决定|[全控子孙]|暂停|取消|新建|建|运营|持有|拥有|名下|所属|[“(](?!以下|下称|简称))"
    r"|(?:^|[,;:。\n、】])([\u4e00-\u9fff]{2,6}(?:股份|科技|集团|控股|置业|置地|地产|资产|资产管理|能源|基建|电力|建设|实业))"
    r"(?=(?:公司)?(?:昨|今|近|日前|上月|上周|本周|周[一二三四五六日]|\d{1,2}日|\d{1,2}月)[^,。;]{0,6}?(?:宣布|公告|表示|披露|公布|证实|签约|动工|开工|决定))"
)
"""A firm by the end of its name, where a clause opens on what it does: 云岚股份调整募投项目."""
_CONSTRUCTION = re.compile(
    r"EPC|总承包|统包工程|施工(?:合同|总|工程)|(?:建筑|建造|工程|承包|承建)(?:合同|合约)|机电工程|中标|承揽"
)
_CONTRACTOR = re.compile(
    r"(?:建工|建设|建筑|工程|营造|安装|设计院|设计研究院|电气|机电|路桥|交建|城建|市政)(?:集团|股份|控股|(?:有限)?公司)*$"
)
"""How those are called who build for others."""
_CONTRACTOR_ROLE = re.compile(
    r"(?:总包方|总承包方|总承包商|总承建商|承建商|承包商|承包人|施工方|施工单位|总包商)(?:是|为|:)?"
    r"([\u4e00-\u9fff]{3,10}?)(?=[,。;(]|\d|昨|今|于|宣|公告|披露|说|称|表示|订立|签|的|$)"
)
_ITEM = re.compile(
    r"(?:^|[\n。;]) ?(?:[(]?\d{1,2}[).、 ]{1,2}|[①-⑳•●◆■▪·])? ?([\u4e00-\u9fffA-Za-z]{3,6}):"
    r"(?=[^,。;\n]{0,16}?(?:拟|将|获|暂停|终止|签|控股|全资|子公司|公司|项目|投建|投资|中标|调整|变更|建设))"
)
"""The firm before the colon of one item of a digest: ①云尚数科:拟12.8亿元投建…"""
_PARK = re.compile(r"(?:园区|基地)(?!管|内|外|企业|工|政|里|招|产|平|主任|经济|财政|人)")
_NODE = re.compile(r"节点(?=[一二三四]期|\d|已|目前|的?(?:机房|机柜|机架|算力|设计|规划))")
"""Behind a town: 某市[节点]一期760P; those of provinces are the state's."""
_BASE = re.compile(
    r"(?:^|[,;:。、\n])(?P<name>(?P<own>[\u4e00-\u9fff]{2,3}?)(?:基地|园区))"
    r"(?=\d|[一二三]期|\(|的?(?:已|将|于|装|部署|设计|规划|机电|还|现|目前|今年|去年|明年|正|在建|计划|一期|二期|首期"
    r"|土建|主体|封顶|完工|竣工|进入|处于|总投资|投资|占地|规模|位于|拥有|建成|共|达))"
)
"""A base by a name no list has, where a clause opens on it: [赤水基地]9月投产."""
_NO_BASE = re.compile(
    r"^[该本此这那各其某整全一两二三四五六七八九十几首新老旧多另]|产业$|工业$|科技$|[数算]据?$|创新$|总部$"
)
_HEADED = re.compile(r"([\u4e00-\u9fffA-Za-z]{3,8}):(?=.*(?:公告|报告|记录表|回复|问询|说明|摘录|提示))")
"""The firm before the colon of a filing's headline: 宸川数据:2024年年度报告."""
_LETTERHEAD = re.compile(r"\s*([\u4e00-\u9fff]{2,12}?)(?:股份|集团|控股)*有限公司(?=[^,。;\n]{2,40}(?:\n|$))")
"""The company a filing's first line opens on: 某某数据股份有限公司2026年第一季度主要经营数据."""


_NATIONAL = re.compile(
    r"(?:[八十]大)?国家(?:级|一体化|算力|数据中心|大数据|网络)*(?:枢纽(?:节点)?|集群)|[八十]大(?:算力)?(?:枢纽|集群|节点)"
    r"|全国一体化(?:算力网|大数据中心)"
)
_HUB = re.compile(r"(?:国家|一体化|数据中心|算力|智算|大数据|示范区|枢纽|新区)*(?:集群|枢纽(?:节点)?|起步区)")
"""Behind a place: what a plan of the state laid out there, of many owners."""


class Operator(NamedTuple):
    """An organisation that may build or own a centre, where the view names it."""

    span: Span
    name: str


class Outline:
    """The names of one document; each list is made when first asked for."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text

    @cached_property
    def cast(self) -> Cast:
        """The organisations the document names."""
        return cast(self.reading)

    @cached_property
    def reporter(self) -> str | None:
        """The listed company the document is of, else the firm its headline opens on; None: neither."""
        if interviewed := INTERVIEWED.search(self.reading.title):
            return interviewed[1]
        if self.cast.listed and not self._is_no_firm(self.cast.listed[0].name):
            name = self.cast.listed[0].name
            return None if self._is_contractor(name) else name
        title, filed = self.reading.title, self.reading.document.kind == "filing"
        headed = [_FIRM.match(title), _HEADED.match(title)]
        headed += [_LETTERHEAD.match(self.text), _FIRM.search(self.text)] if filed else []
        names = (m[m.lastindex or 1] for m in headed if m)
        return next((name for name in names if not NO_NAME.search(name)), None)

    def _is_no_firm(self, name: str) -> bool:
        """Whether a headline's name is a place's (岷州:…) or the head of a project's (云岭算力[园])."""
        return _is_place(name) or is_no_firm(name, self.text)

    @cached_property
    def operators(self) -> list[Operator]:
        """The cast of the document, the operators of the lexicon and the carriers' branches, in order."""
        cast = [
            Operator(m.span, _bare(m.organisation.name))
            for m in self.cast.mentions
            if (_may_operate(m) or self._is_party(m))
            and not self._is_contractor(m.organisation.name)
            and not self._heads_another(m)
        ]
        taken = Cover(o.span for o in cast)
        return sorted([*cast, *(o for o in self._known() if not taken.touches(o.span))])

    @cached_property
    def _is_construction(self) -> bool:
        """Whether a contract to build is told of: there who builds is not who shall own."""
        return bool(_CONSTRUCTION.search(self.text) or _CONSTRUCTION.search(self.reading.title))

    @cached_property
    def _contractors(self) -> frozenset[str]:
        """Who builds for another in a contract to build, by its name or its role, if others are named."""
        if not self._is_construction:
            return frozenset()
        roles = {m[1] for m in _CONTRACTOR_ROLE.finditer(self.text)}
        names = {m.organisation.name for m in self.cast.mentions if m.organisation.side != "authority"}
        builders = {n for n in names if n in roles or _CONTRACTOR.search(n)}
        return frozenset(builders) if names - builders else frozenset()

    def _is_contractor(self, name: str) -> bool:
        return name in self._contractors

    def _heads_another(self, mention: OrganisationMention) -> bool:
        """Whether the name only opens another: 某某集团控股[子公司…], 云岭算力[园]."""
        name, text, end = mention.organisation.name, self.text, mention.span.end
        parent = name.endswith(HOLDS) and text.startswith(("子公司", "孙公司"), end)
        return parent or (mention.organisation.side == "listed" and self._is_no_firm(name))

    def _is_party(self, mention: OrganisationMention) -> bool:
        """Whether it is the other side of a contract to build."""
        return bool(self._contractors) and mention.organisation.side in {"other", "subsidiary"}

    def _known(self) -> Iterator[Operator]:
        for m in pattern("operator").finditer(self.text):
            if not _inside_word(self.text, span := Span(m.start(), m.end())):
                yield Operator(span, m.group())
        for m in _CARRIER.finditer(self.text):
            yield Operator(Span(m.start(1), m.end(1)), "中国" + m[1])
        yield from self._roles
        told = (_FIRM, HEARD_FROM, OWNS_THERE, OF_A_PARENT, *([_ITEM] if self._is_digest else []))
        for m in (m for role in told for m in role.finditer(self.text)):
            group = m.lastindex or 1
            if not NOT_A_BUILDER.search(m[group]) and not NO_NAME.search(m[group]):
                yield Operator(Span(*m.span(group)), m[group])
        yield from self._owners()
        for m in GLOSSED.finditer(self.text):
            if FOREIGN.search(m.group()) and not NO_NAME.search(m[1]):
                yield Operator(Span(m.start(1), m.end(1)), m[1])
        yield from self._openers()
        for place in self.reading.places:  # 北京移动, 浙江联通
            branch = pattern("branch").match(self.text, place.span.end)
            if branch and place.kind in {"province", "city"}:
                span = Span(place.span.start, branch.end())
                yield Operator(span, span.of(self.text))

    def _owners(self) -> Iterator[Operator]:
        """Who stands right before the project he owns, and who opens each paragraph of a round-up."""
        yield from (Operator(span, name) for span, name in owners(self.text))
        yield from self.entries

    @cached_property
    def entries(self) -> list[Operator]:
        """The firms that open the paragraphs of a round-up; []: the document is none."""
        return [Operator(*e) for e in entries(self.text)] if self.reading.document.kind != "filing" else []

    @cached_property
    def _roles(self) -> list[Operator]:
        """Who is said to build or run it: 运营方某某云说, 由民营企业某某云谷牵头."""
        told = []
        for m in (m for role in (_BUILDER, _ROLE) for m in role.finditer(self.text)):
            sort = SORT.match(m[1])
            name = m[1][sort.end() :] if sort else m[1]
            if not NOT_A_BUILDER.search(name) and not NO_NAME.search(name):
                told.append(Operator(Span(m.end(1) - len(name), m.end(1)), name))
        return told

    @cached_property
    def _is_digest(self) -> bool:
        """Whether two items at least open on a firm and a colon; a filing's labels do so, too."""
        items = [m for m in _ITEM.finditer(self.text) if not NO_NAME.search(m[1])]
        return self.reading.document.kind != "filing" and len(items) >= 2

    def _openers(self) -> Iterator[Operator]:
        """Listed companies whose names are words of the day, where they open a sentence: 首都在线怀来基地…"""
        located, heads = {place.span.start for place in self.reading.places}, registry().heads
        for start in (s.start for s in self.reading.sentences if s.start not in located):
            if self.text[start] >= "一" and self.text[start : start + 2] not in heads:
                continue
            for end in range(start + 6, start + 3, -1):
                if company := registry().by_name(self.text[start:end]):
                    yield Operator(Span(start, end), company.short_name)
                    break

    @cached_property
    def places(self) -> list[Place]:
        """Places that are no part of an organisation's name and no end of a range."""
        taken = Cover(o.span for o in self.operators)
        ends = {p.span.end for p in self.reading.places}
        places = [p for p in self.reading.places if not p.organisation and not self._in_range(p, ends)]
        return [p for p in places if not taken.touches(p.span)]

    def _in_range(self, place: Place, ends: set[int]) -> bool:
        """从内蒙古到广东 is all over the country, neither here nor there; so is 全国一体化算力网."""
        start, end = place.span
        before, after = self.text[max(0, start - 10) : start], self.text[end : end + 3]
        opens = re.search(r"[从自]$", before) and after.startswith("到")
        closes = re.search(r"[从自][^,]{1,8}到$", before)
        praised = place.kind in WIDE and after.startswith(("一体化", "最", "首", "第", "领先", "规模最"))
        of_another = place.name == "全国" and start in ends
        return bool(opens or closes) or praised or of_another  # 印度全国

    @cached_property
    def names(self) -> list[ProjectName]:
        """Every project named in the text, in order; an operator in front is taken off."""
        guarded = sorted([p.span for p in self.reading.places] + [o.span for o in self.operators])
        named = [
            self._own(name)
            for sentence in self.reading.sentences
            for name in project_names(self.text, sentence.start, sentence.end, _within(guarded, sentence))
            if not self._is_builder(name)
        ]
        taken = Cover(n.span for n in named)
        parks = (n for n in self._parks() if not taken.touches(n.span))
        return sorted([*named, *parks], key=lambda n: n.span)

    def _parks(self) -> Iterator[ProjectName]:
        """A place and 园区 make a name: 乌兰察布园区; so does a word that means nothing else."""
        for m in _BASE.finditer(self.text):
            if not _NO_BASE.search(m["own"]) and not is_common(m["own"]) and NO_NAME.search(m["own"]) is None:
                yield ProjectName(Span(*m.span("name")), m["name"], weak=False, full=m["name"])
        for place in self.reading.places:
            node = place.kind in ("city", "county", "town") and _NODE.match(self.text, place.span.end)
            if node or (place.kind not in WIDE and _PARK.match(self.text, place.span.end)):
                span = Span(place.span.start, place.span.end + 2)  # 园区, 基地, 节点
                yield ProjectName(span, span.of(self.text), weak=False, full=span.of(self.text))

    def _is_builder(self, name: ProjectName) -> bool:
        """由某某云谷牵头: what ends as a project's name does, but is told to build one."""
        return any(o.span.end == name.span.end for o in self._roles)

    def _own(self, name: ProjectName) -> ProjectName:
        """中国电信中部智算中心 is 中部智算中心 of 中国电信; 农行数据中心 has no other name and keeps it."""
        for operator in self.reading.within(self.operators, name.span.start, name.span.start + 1):
            if operator.span.end < name.span.end:
                cut = len(operator.span.of(self.text))
                rest = name.name[cut:].lstrip("的")
                if project_names(rest, 0, len(rest), ()):
                    span = Span(operator.span.end, name.span.end)
                    return replace(name, span=span, name=rest, full=name.full[cut:].lstrip("的"))
        return name

    # ---- what is asked of every figure, answered by a search --------------------------------

    def names_in(self, start: int, end: int) -> Sequence[ProjectName]:
        """The names that begin in `text[start:end]`."""
        return self.reading.within(self.names, start, end)

    def places_in(self, start: int, end: int) -> Sequence[Place]:
        """The places that begin in `text[start:end]`."""
        return self.reading.within(self.places, start, end)

    def operators_in(self, start: int, end: int) -> Sequence[Operator]:
        """The operators that begin in `text[start:end]`."""
        return self.reading.within(self.operators, start, end)

    def name_before(self, at: int) -> ProjectName | None:
        """The last name that begins before `at`, a weak one only where there is no other; None: none."""
        firm = bisect_left(self._firm_names, at, key=_start)
        if firm:
            return self._firm_names[firm - 1]
        before = bisect_left(self.names, at, key=_start)
        return self.names[before - 1] if before else None

    @cached_property
    def _firm_names(self) -> list[ProjectName]:
        return [n for n in self.names if not n.weak]

    @cached_property
    def several_from(self) -> int:
        """Where the second project of the document is first named; the text's length: there is but one."""
        first = self.names[0].name if self.names else ""
        return next((n.span.start for n in self.names if n.name != first), len(self.text))

    @cached_property
    def wide_places(self) -> list[Place]:
        """Regions and nations, in order."""
        return [p for p in self.places if p.kind in WIDE]

    @cached_property
    def sites(self) -> tuple[list[Place], list[Place]]:
        """The places that are no part of a project's name; and those of them that are no region."""
        named = Cover(n.span for n in self.names)
        free = [p for p in self.places if not named.touches(p.span)]
        return free, [p for p in free if p.kind not in WIDE]

    @cached_property
    def sole_builder(self) -> str | None:
        """Who builds, where the document names nobody else: …。整个项目由某集团负责建设, 运营方某某云说."""
        if len({o.name for o in self._roles}) == 1:
            return self._roles[0].name
        if len({o.name for o in self.operators}) != 1:
            return None
        told = any(self.text.endswith("由", 0, o.span.start) for o in self.operators)
        return self.operators[0].name if told else None

    @cached_property
    def hubs(self) -> list[Span]:
        """Hubs and clusters of the national plan, nobody's, in order: 国家枢纽节点, 中卫数据中心集群."""
        national = [Span(m.start(), m.end()) for m in _NATIONAL.finditer(self.text)]
        placed = [
            Span(place.span.start, m.end())
            for place in self.reading.places
            if (m := _HUB.match(self.text, place.span.end))
        ]
        return sorted(national + placed)

    def hub_before(self, start: int, at: int) -> Span | None:
        """The last hub in `text[start:at]`, unless a project is named behind it."""
        low, high = (bisect_left(self.hubs, end, key=lambda h: h.start) for end in (start, at))
        hub = self.hubs[high - 1] if high > low else None
        return hub if hub and not self.names_in(hub.end, at) else None

    def sentence_at(self, at: int) -> int | None:
        """The number of the sentence that holds offset `at`; None where a blank line does."""
        index = bisect_right(self.reading.sentences, at, key=lambda s: s.start) - 1
        return index if index >= 0 and at < self.reading.sentences[index].end else None

    @cached_property
    def heads(self) -> list[int]:
        """For each sentence the number of the first of those that semicolons join to it."""
        heads: list[int] = []
        for i in range(len(self.reading.sentences)):
            joined = i > 0 and self.reading.sentences[i - 1].text.rstrip().endswith(";")
            heads.append(heads[i - 1] if joined else i)
        return heads

    @cached_property
    def title_place(self) -> str | None:
        """The first place the headline names that is no body and no region; else the operator's branch."""
        title = [p for p in find_places(self.reading.title) if not p.organisation and p.kind not in WIDE]
        if title:
            return title[0].name
        branches = [p for p in self.reading.places if p.organisation and p.kind in {"province", "city"}]
        branch = branches and pattern("branch").match(self.text, branches[0].span.end)
        return branches[0].name if branch else None

    @cached_property
    def title_name(self) -> ProjectName | None:
        """The project the headline names; its span is empty."""
        title = self.reading.title
        found = project_names(title, 0, len(title), [p.span for p in find_places(title)])
        if found and not found[0].weak:
            return replace(found[0], span=Span(0, 0))
        return tendered_name(title)


def _may_operate(mention: OrganisationMention) -> bool:
    """The reporter, its children, whoever has a company's name; pollsters and authorities build nothing."""
    name, side = mention.organisation.name, mention.organisation.side
    if (
        side == "authority"
        or _is_place(name)
        or pattern("centre", "site", template=r".*(?:{0}|{1})").fullmatch(name)  # 旗下某某智算中心 is owned
        or pattern("source", template=r".{{0,6}}{0}").fullmatch(name)
        or NO_NAME.search(name)
    ):
        return False
    return side in {"listed", "subsidiary"} or bool(_COMPANY_NAME.fullmatch(name))


def _bare(name: str) -> str:
    """Without the role before it and the verb behind it: 开发商某某地产, 某某集团投资."""
    bare = VERB_BEHIND.sub("", ROLE_BEFORE.sub("", name))
    return bare if len(bare) >= 3 else name


def _is_place(name: str) -> bool:
    """贵州 of the headline 贵州:算力规模突破 is no firm."""
    return any(place.span == (0, len(name)) for place in find_places(name))


def _inside_word(text: str, span: Span) -> bool:
    """Meta in metal: a Latin name must stand alone."""
    around = text[max(0, span.start - 1) : span.start] + text[span.end : span.end + 1]
    return text[span.start].isascii() and any(c.isascii() and c.isalnum() for c in around)


def _start(mention: ProjectName) -> int:
    return mention.span.start


def _within(spans: Sequence[Span], sentence: Sentence) -> Sequence[Span]:
    low = bisect_left(spans, (sentence.start, 0))
    return spans[low : bisect_left(spans, (sentence.end, 0))]
