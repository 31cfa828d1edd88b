"""Who appears in a document: the listed company that reports, its subsidiaries, and everybody else.

Names are collected once from where a text gives them away (a definition in brackets, a stock code, a full
legal name, the word 子公司 or 与 before them), then looked for everywhere, so that a later sentence that says
no more than 英博数科 is understood, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from nlp.clause import blot
from nlp.company import registry
from nlp.lexicon import words
from nlp.place import find_places
from nlp.reading import Reading
from nlp.segment import cuts_word, plain
from nlp.span import Span

Side = Literal["listed", "subsidiary", "other", "authority"]

_HAN = r"[\u4e00-\u9fff]"
_WHEN = (
    r"(?:(?:今日|昨日|昨|近日|日前|晚间|当日|\d{1,4}年|\d{1,2}月|\d{1,2}日|晚|早间|午间|凌晨|周[一二三四五六日]"
    r"|\(\d{6}[.A-Z]*\)|在[^,。;]{2,8}?|则|又|也))*"
)
"""What stands between a company and 公告: a day, an hour, its code."""
_TOGETHER = r"(?:与|同|和|跟)(?=[^,。;]{2,40}?(?:签|订立|达成|终止|解除|解约))"
STORY = 3000
"""Characters up to which a text is one story; in a longer one a word is not made a company by its form alone."""
_TAILS = "股份|智能|科技|电子|数科|信息|通信|控股"
"""Last words of short names that hardly any other word ends in."""
_NAME = r"[\u4e00-\u9fffA-Za-z0-9*·Ⅰ-Ⅻ]"


@dataclass(frozen=True, slots=True)
class Organisation:
    """One party, under the short name the document gives it."""

    name: str
    """The short name as defined in the text, else the full name, else what is printed."""
    side: Side
    """listed: reports; subsidiary: signs for a listed company; authority: courts, exchanges, never a party."""
    code: str | None = None
    """Six digits, listed companies only."""


@dataclass(frozen=True, slots=True)
class OrganisationMention:
    """An organisation where the view names it."""

    span: Span
    organisation: Organisation


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The compiled grammar of names, made once from lexicon/organisation.yml."""

    defined: re.Pattern[str]
    full: re.Pattern[str]
    coded: re.Pattern[str]
    card: re.Pattern[str]
    announcer: re.Pattern[str]
    tail_announcer: re.Pattern[str]
    subject: re.Pattern[str]
    subsidiary: re.Pattern[str]
    counterpart: re.Pattern[str]
    beside: re.Pattern[str]
    actor: re.Pattern[str]
    introduced: re.Pattern[str]
    line_head: re.Pattern[str]
    by_tail: re.Pattern[str]
    any_tail: re.Pattern[str]
    masked: re.Pattern[str]
    left: re.Pattern[str]
    generic: frozenset[str]
    common: frozenset[str]
    authority: tuple[str, ...]
    edges: tuple[str, ...]
    tails: tuple[str, ...]


def _any(items: Iterable[str]) -> str:
    return "|".join(re.escape(item) for item in sorted(items, key=len, reverse=True))


@cache
def _patterns() -> _Patterns:
    lexicon = words("organisation")
    edge = rf"(?={_any(lexicon['edge'])}|[^\u4e00-\u9fffA-Za-zⅠ-Ⅻ]|$)"
    suffix, body = _any(lexicon["suffix"]), _any(lexicon["body"])
    role = rf"(?:{_any(lexicon['role'])})?"
    return _Patterns(
        # 上海砚台网络科技有限公司(以下简称“砚台网络”), (下称英智创新), (“讯美科技”)
        defined=re.compile(
            r"(?P<full>[^\s,。;:、“”\"《》]{2,45})"
            r"\((?:(?:以下|下|全文|下文)?(?:统称|简称|称)(?:为|:)?\s*[“\"‘']?|[“\"‘'])(?P<alias>[^”\"’'()]{2,16}?)[”\"’']?"
            r"(?:或[^()]{2,20})?\)"
        ),
        full=re.compile(
            rf"{_NAME}(?:{_NAME}|\({_HAN}{{2,6}}\)){{2,30}}?(?:{suffix})|{_HAN}{{2,12}}(?:{body})"
            r"|[A-Z][A-Za-z]+(?: ?\([A-Z0-9]+\))?(?: [A-Z][A-Za-z]+)* (?:Limited|Ltd|Inc|Corp|LLC|PLC)\.?"
        ),
        # 锦鸡股份(300798.SZ), 大全能源(SH:688303), 青云科技(证券代码:688316)
        coded=re.compile(
            rf"(?P<name>\*?(?:ST)?{_NAME}{{2,12}})\((?:证券代码:|股票代码:|SH:|SZ:|BJ:)?"
            r"(?P<code>\d{6})(?:\.(?:SZ|SH|BJ))?\)"
        ),
        card=re.compile(
            rf"证券代码:\s*(?P<code>\d{{6}})\s*(?:证券|股票)简称:\s*"
            rf"(?P<name>\*?(?:ST)?{_NAME}{{2,8}}?)(?=公告|证券|股票|[^\u4e00-\u9fffA-Za-z]|$)"
        ),
        announcer=re.compile(
            rf"(?:^|[\n。;:,、】]|日)\s*(?P<name>(?:\*?ST)?{_HAN}{{2,8}}?)(?:\({_HAN}{{2,4}}\))?"
            rf"{_WHEN}(?:{_any(lexicon['announce'])}|{_TOGETHER})"
        ),
        # 中国算力概念股云岫股份19日公告
        tail_announcer=re.compile(
            rf"(?P<name>{_HAN}{{2}}(?:{_any(lexicon['own_tail'])})){_WHEN}(?:发布)?(?:公告|公布|公佈|披露)"
        ),
        # 英智创新与深湾科技签了…, 乾五科技不服裁决,已申请撤销
        subject=re.compile(
            rf"(?:^|[,。;:\n日月])(?P<name>{_HAN}{{3,8}}?)(?:(?=(?:已|又|再|近日|拟)?{_TOGETHER})"
            r"|(?=(?:不服|去年|今年|上月|以|因|向|已|将|把)[^,。]{0,30}(?:起诉|诉至|告上|仲裁|上诉|申请撤销)))"
        ),
        subsidiary=re.compile(
            rf"(?:{_any(lexicon['subsidiary'])})[“\"]?(?P<name>{_NAME}{{2,12}}?)[”\"]?{edge}"
        ),
        # 与缔息云联价值…, but not 同意, 合同, 相对, 由于
        counterpart=re.compile(
            rf"(?:(?<![合共不相如会协等连])同(?![意时日月年比期样步类行一])|与|和(?!谐)|跟|向(?!好)|(?<![针相反面绝])对(?![方此外于应标])"
            rf"|(?<![自理])由(?!于)|给(?!予)|被(?!动)|已通知|起诉|状告|致函|收到"
            rf"|(?:把|将)(?=[^,。;]{{2,14}}?(?:告上|诉至|告到|告了)))(?P<role>{role})[“\"]?(?P<name>(?:{_HAN}|[A-Z][A-Za-z]){_NAME}{{1,11}}?)[”\"]?{edge}"
        ),
        # 鸿博股份公告,英博数科收到应诉通知书
        actor=re.compile(
            rf"(?:公告|披露|宣布|透露|称)[,:](?!(?:全资|控股|参股|旗下|子|孙|公|本|该)[^,]?)(?P<name>{_HAN}{{3,6}}?)(?=收到|已?与|同(?!意)|已|拟|于|向|近日|接到|签)"
        ),
        # 客户重庆鹿门算力以…为由: a role, then a name that begins with a place
        introduced=re.compile(rf"(?:{_any(lexicon['role'])})(?P<name>{_HAN}{{4,10}}?){edge}"),
        beside=re.compile(
            rf"、{role}(?P<name>(?:{_HAN}|[A-Z][A-Za-z]){_NAME}{{1,11}}?)(?:(?=[两三四五六]家)|{edge})"
        ),
        line_head=re.compile(
            rf"(?:^|\n)(?:\d{{1,4}}年)?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?P<name>(?:\*?ST)?{_HAN}{{2,8}}):"
        ),
        # a short name by its last word: 甲辰科技, where a clause begins, after a date, in a quotation
        by_tail=re.compile(
            rf"(?:^|[\n,。;:“\"(、】]|[日晚间午月])(?P<name>{_HAN}{{2}}(?:{_any(lexicon['own_tail'])}))(?!{_any(lexicon['suffix'])})"
        ),
        # the last resort where nothing else names a company: …最快的要数沐野智能。
        any_tail=re.compile(
            rf"(?:(?<=[数是到为的有属,。“])|^|(?<=\n))(?P<name>{_HAN}{{2}}(?:{_TAILS}))(?=[,。;:的这那”])"
        ),
        # 客户B, 供应商N, U公司, EⅫ公司, 上海X国企, 某互联网公司, 中部某省运营商, 桃园某电信业者
        masked=re.compile(
            r"(?:客户|供应商|供货商|甲方|乙方|买方|卖方|合作方|租户)(?:[A-Z]{1,2}|[Ⅰ-Ⅻ]|[甲乙丙丁戊])(?![A-Za-z0-9])"
            rf"|(?:(?<=[与同和跟向对由、,“是写为])[^\W与同和跟向对由是日又还\\d]{{2,3}})?[A-ZⅠ-Ⅻ*×]{{1,3}}(?:公司|国企|央企|集团|企业)"
            rf"|(?:[东西南北中]部|华[东南北中]|{_HAN}{{2}})?某(?:省|市|地|家)?{_HAN}{{0,6}}?(?:公司|企业|运营商|高校|国企|央企|业者|单位|机构|厂商|大厂|集团|银行|客户|大学|政府)"
        ),
        left=re.compile(
            rf"(?:{_any(lexicon['subsidiary'])}|{_any(lexicon['role'])}|公司(?=.)|收到|起诉|状告|[与和同跟向由对给被把将就是即为因令及])"
        ),
        generic=frozenset(lexicon["generic"]),
        common=frozenset(lexicon["common"]),
        authority=tuple(lexicon["authority"]),
        edges=tuple(lexicon["edge"]),
        tails=tuple(lexicon["own_tail"]),
    )


def _trim(full: str) -> str:
    """A full name without what a greedy match took in on its left: 公司全资子公司, 与, 向供应商."""
    cut = 0
    for m in _patterns().left.finditer(full[:-4]):
        rest = full[m.end() :]
        # 北京和合…公司: a single boundary word right behind a place name is part of the name
        if len(rest) >= 4 and not (len(m.group()) == 1 and cut == 0 and _is_place(full[: m.start()])):
            cut = m.end()
    return full[cut:].lstrip("的")


def _is_place(text: str) -> bool:
    found = find_places(text)
    return bool(found) and found[0].span == Span(0, len(text))


def _plausible(name: str) -> bool:
    """Whether a short string between boundary words can be a name."""
    p = _patterns()
    if not 2 <= len(name) <= 14 or name in p.generic or name in p.common or name.isdigit():
        return False
    if any(word in name for word in ("合同", "协议", "订单", "公告", "算力租", "服务器", "董事", "股份有")):
        return False
    if name.startswith(
        ("子公司", "孙公司", "全资", "控股", "参股", "旗下", "附属", "下属", "公司", "关于", "有限")
    ):
        return False
    if _is_common(name):
        return False
    return not name.startswith(p.edges) and name[0] not in "其该此本我你他它她这那之各每"


def _is_common(name: str) -> bool:
    """Whether the dictionary knows the name as a word that names nobody: 算力, 投资, 纠纷."""
    tagged = plain().tag(name, False) if len(name) <= 4 else []
    return len(tagged) == 1 and not tagged[0][1].startswith(("nr", "ns", "nt", "nz", "x", "eng"))


class Cast:
    """The organisations of one document and every place the view names them."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._known: dict[str, Organisation] = {}
        self._listed(reading)
        self._definitions(reading.text)
        self._children(reading.text)
        self._announcers(reading)
        self._by_form(reading)
        self._subsidiaries(reading.text)
        self._others(blot(reading.text))
        self.mentions: tuple[OrganisationMention, ...] = tuple(self._spread(reading.text))

    @property
    def listed(self) -> list[Organisation]:
        """Listed companies in the order the title and the text name them first."""
        return [o for o in dict.fromkeys(self._known.values()) if o.side == "listed"]

    def within(self, start: int, end: int) -> Sequence[OrganisationMention]:
        """The mentions that begin in `text[start:end]`."""
        low = bisect_left(self.mentions, start, key=lambda m: m.span.start)
        return self.mentions[low : bisect_left(self.mentions, end, lo=low, key=lambda m: m.span.start)]

    def _add(self, form: str, organisation: Organisation) -> None:
        """The first telling wins, but a code is never forgotten."""
        known = self._known.setdefault(form, organisation)
        if organisation.code and not known.code and known.side == "listed":
            for name in [n for n, o in self._known.items() if o == known]:
                self._known[name] = organisation

    def _listed(self, reading: Reading) -> None:
        """Companies the registry knows, those with a code, and those that announce."""
        p, text = _patterns(), reading.text
        for source in (reading.title, text):
            for mention in registry().find(source):
                printed = mention.span.of(source)
                short = printed if len(printed) <= 6 and not printed.isdigit() else mention.company.short_name
                if not printed[:6].isdigit():
                    self._add(printed, Organisation(short, "listed", mention.company.code))
        for m in (*p.card.finditer(text), *p.coded.finditer(text)):
            name = _trim(m["name"]) if len(m["name"]) > 4 else m["name"]
            self._add(name, Organisation(name, "listed", m["code"]))
        head = re.match(rf"((?:\*?ST)?{_HAN}{{2,8}}):", reading.title)
        if (
            head
            and _plausible(head[1])
            and (reading.document.kind == "filing" or head[1] in text or head[1].endswith(p.tails))
        ):
            self._add(head[1], Organisation(head[1], "listed"))

    def _announcers(self, reading: Reading) -> None:
        """云岫股份10月25日晚公告: a name that gives notice, if it looks like a company or stands in the title."""
        p = _patterns()
        for m in p.announcer.finditer(reading.text):
            name = m["name"]
            known_tail = name.endswith(p.tails) or reading.title.startswith(name)
            if name not in self._known and _plausible(name) and known_tail and not self._side_of(name):
                self._add(name, Organisation(name, "listed"))
        if not any(o.side == "listed" for o in self._known.values()):
            for m in p.tail_announcer.finditer(reading.text):
                if m["name"] not in self._known and _plausible(m["name"]):
                    self._add(m["name"], Organisation(m["name"], "listed"))

    def _by_form(self, reading: Reading) -> None:
        """8月27日 云岫股份:… at the head of a line; a name with a company's last word told more than once."""
        p = _patterns()
        if len(reading.text) > STORY:
            return
        for m in p.line_head.finditer(reading.text):
            name = m["name"]
            if name not in self._known and _plausible(name) and name.endswith(p.tails):
                self._add(name, Organisation(name, "listed"))
        both = f"{reading.title}\n{reading.text}"
        for m in p.by_tail.finditer(both):
            name = m["name"]
            if name in self._known or not _plausible(name) or self._side_of(name) or both.count(name) < 2:
                continue
            alone = not any(o.side == "listed" for o in self._known.values())
            if (alone or name in reading.title) and not re.search(
                rf"(?:与|同|和|跟|向|诉|把|将|被|由){name}", both
            ):
                self._add(name, Organisation(name, "listed"))

        if not any(o.side == "listed" for o in self._known.values()):
            for m in p.any_tail.finditer(reading.text):
                if m["name"] not in self._known and _plausible(m["name"]):
                    self._add(m["name"], Organisation(m["name"], "listed"))
                    return

    def _definitions(self, text: str) -> None:
        """Aliases the text defines: both forms become one organisation, named by the short one."""
        p = _patterns()
        for m in p.defined.finditer(text):
            alias, full = m["alias"], m["full"]
            full = _trim(full)
            before = text[max(0, m.end("full") - len(full) - 6) : m.end("full") - len(full)]
            if alias in p.generic:
                self._self_defined(full)
                continue
            if not _plausible(alias) or re.search(r"合同|协议|项目|计划|办法|议案", alias):
                continue
            known = self._known.get(full) or self._known.get(alias)
            side: Side = (
                "subsidiary" if re.search(r"(?:[子孙]公司|旗下|附属公司|附属|下属公司)$", before) else "other"
            )
            organisation = known or Organisation(alias, self._side_of(full) or side)
            self._known[alias] = self._known[full] = organisation

    def _self_defined(self, full: str) -> None:
        """望朔智能股份有限公司(以下简称“公司”): the reporter's full name."""
        short = re.sub(r"(股份|集团|控股)*(有限责任|有限)?公司$", "", full)
        for name, organisation in list(self._known.items()):
            if organisation.side == "listed" and (name in full or short in name):
                self._add(full, organisation)
                return
        if len(short) >= 2:
            self._add(full, Organisation(short, "listed"))

    def _children(self, text: str) -> None:
        """旗下英博数科, 公司公告,英博数科收到…: short names of those who act for the company."""
        p = _patterns()
        for m in (*p.subsidiary.finditer(text), *p.actor.finditer(text)):
            name = m["name"]
            if name not in self._known and _plausible(name) and not cuts_word(text, *m.span("name")):
                self._add(name, Organisation(name, "subsidiary"))

    def _subsidiaries(self, text: str) -> None:
        p = _patterns()
        stems = self._stems()
        for m in p.full.finditer(text):
            name = _trim(m.group())
            before = text[max(0, m.end() - len(name) - 6) : m.end() - len(name)]
            if name in self._known or len(name) < 5:
                continue
            own = next((o for n, o in self._known.items() if o.side == "listed" and name.startswith(n)), None)
            if own and re.search(r"^(股份|集团|控股|科技)*(有限)?公司$", name[len(own.name) :]):
                self._add(name, own)
            else:
                child = bool(re.search(r"[子孙]公司$|旗下$|附属$", before))
                self._add(name, Organisation(name, "subsidiary" if child else self._side_of(name) or "other"))
        for stem in stems:  # 甲辰云 of 甲辰科技: a child that shares the stem
            for m in re.finditer(
                rf"{re.escape(stem)}{_HAN}{{1,4}}?(?={_any(p.edges)}|[^\u4e00-\u9fff]|$)", text
            ):
                name = m.group()
                inside = any(name in n or name.startswith(n) for n in self._known)
                if not inside and _plausible(name):
                    self._add(name, Organisation(name, "subsidiary"))

    def _stems(self) -> list[str]:
        """What the children of a listed company share with it: 甲辰科技 → 甲辰."""
        tails = _patterns().tails
        names = [n for n, o in self._known.items() if o.side == "listed" and n.endswith(tails)]
        return list(dict.fromkeys(n[:2] for n in names if len(n) == 4))

    def _others(self, text: str) -> None:
        p = _patterns()
        for m in p.masked.finditer(text):
            name = m.group()
            if name not in p.generic:
                self._add(name, Organisation(name, "other"))
        for m in p.subject.finditer(text):
            if (
                m["name"] not in self._known
                and _plausible(m["name"])
                and not cuts_word(text, *m.span("name"))
            ):
                self._add(m["name"], Organisation(m["name"], self._side_of(m["name"]) or "other"))
        for m in p.introduced.finditer(text):
            places = find_places(m["name"])
            if (
                places
                and places[0].span.start == 0
                and m["name"] not in self._known
                and _plausible(m["name"])
            ):
                self._add(m["name"], Organisation(m["name"], "other"))
        for m in p.counterpart.finditer(text):
            name = m["name"]
            if cuts_word(text, *m.span("name")) or any(n in name for n in self._known):
                continue
            if name not in self._known and _plausible(name):
                self._add(name, Organisation(name, self._side_of(name) or "other"))
                self._listed_beside(text, m.end("name"))

    def _listed_beside(self, text: str, at: int) -> None:
        """与北京京能、百川智能、紫光晓通三家: the names that follow the first one."""
        p = _patterns()
        while m := p.beside.match(text, at):
            name, at = m["name"], m.end("name")
            if name not in self._known and _plausible(name):
                self._add(name, Organisation(name, self._side_of(name) or "other"))

    def _side_of(self, name: str) -> Side | None:
        """authority for courts, exchanges and the like; a company is one only if it audits or underwrites."""
        if name.endswith("公司"):
            return "authority" if re.search(r"证券|会计师|律师|资产评估", name) else None
        return "authority" if any(word in name for word in _patterns().authority) else None

    def _spread(self, text: str) -> Iterator[OrganisationMention]:
        """Every place where a collected name stands, the longest at each place."""
        if not self._known:
            return
        for m in re.finditer(_any(self._known), text):
            yield OrganisationMention(Span(m.start(), m.end()), self._known[m.group()])
