"""Who appears in a document: the listed company that reports, its subsidiaries, and everybody else.

Names are collected once from where a text gives them away (a definition in brackets, a stock code, a full
legal name, the word 子公司 or 与 before them), then looked for everywhere, so that a later sentence that says
no more than 英博数科 is understood, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from nlp.anchored import finditer
from nlp.clause import blot
from nlp.company import registry
from nlp.name_pattern import HAN, patterns
from nlp.name_shape import COMPANY, STRIP, plausible, shortened, trim
from nlp.place import find_places
from nlp.reading import Reading, Sentence
from nlp.reporter import heading, more_reporters, reporters
from nlp.segment import cuts_word
from nlp.span import Span

Side = Literal["listed", "subsidiary", "other", "authority"]

_OR = re.compile(r"或者?[“\"‘'](?P<alias>[^”\"’'()]{2,16})[”\"’']")
"""(以下简称“被申请人”或“北方云联”): the second alias."""
_ITS = ("客户", "供应商", "供货商", "交易对方", "对手方", "承租方", "出租方", "申请人", "业主")
"""收到客户甲辰智能发来的函: no reporter's name stands behind one of these."""
_ROLE = re.compile(r"^(?:客户|供应商|供货商|承租方|出租方|买方|卖方)(?=[\u4e00-\u9fff]{4})")
_CALLED = re.compile(r"[“\"](?P<name>[^”\"\n]{2,12})[”\"]")
_CHILD = re.compile(
    r",?[系为是](?:本|上市)?公司(?:的|持[股有][\d.%]{1,6}(?:股权)?的?)?(?:全资|控股|间接控股)[子孙]公司"
)
"""乙方:…(以下简称“甲辰智算”),系本公司持股70%的控股子公司."""
_NO_PARTY = r"合同|协议|项目|计划|办法|议案"


@dataclass(frozen=True, slots=True)
class Organisation:
    """One party, under the short name the document gives it."""

    name: str
    """The short name as defined in the text, else the full name, else what is printed."""
    side: Side
    """listed: reports; subsidiary: signs for one; authority: courts and exchanges, never a party."""
    code: str | None = None
    """Six digits, listed companies only."""


@dataclass(frozen=True, slots=True)
class OrganisationMention:
    """An organisation where the view names it."""

    span: Span
    organisation: Organisation


class Cast:
    """The organisations of one document and every place the view names them."""

    def __init__(self, reading: Reading, kept: Sequence[Sentence] | None = None) -> None:
        """Read the kept sentences, else all; a listed company is known from the rest of the text, too."""
        self.reading = reading
        self._known: dict[str, Organisation] = {}
        text = reading.text if kept is None else _only(reading.text, kept)
        self._listed(reading, text)
        self._definitions(text)
        self._children(text)
        self._announcers(reading, text)
        self._by_form(reading, text)
        self._one_name()
        self._subsidiaries(text)
        self._others(blot(text))
        self.mentions: tuple[OrganisationMention, ...] = tuple(self._spread(text))

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

    def _listed(self, reading: Reading, text: str) -> None:
        """Companies the registry knows, those with a code, and the one that heads the title."""
        p = patterns()
        titled = ((m, reading.title) for m in registry().find(reading.title))
        for mention, source in chain(titled, ((m, reading.text) for m in reading.companies)):
            printed = mention.span.of(source)
            short = printed if len(printed) <= 6 and not printed.isdigit() else mention.company.short_name
            if mention.how == "near":  # 中贝通讯 is 中贝通信
                short = mention.name
            if not printed[:6].isdigit() or mention.how == "bare":
                self._add(printed, Organisation(short, "listed", mention.company.code))
        for m in p.card.finditer(text):
            name = m["name"] or m["first"]  # 证券代码:…证券简称:…, or the other way round
            self._add(name, Organisation(name, "listed", m["code"] or m["its_code"]))
        for m in finditer(p.coded, text, anchor=p.coded_anchor, before=40, behind=0):
            if m["inner"]:  # 公司(泽瑞储能,689266)
                self._add(m["inner"], Organisation(m["inner"], "listed", m["inner_code"]))
                continue
            form = trim(m["name"]) if len(m["name"]) > 4 else m["name"]
            if len(form.rpartition("的")[2]) > 2:  # 做园林工程起家的绿洲生态(009288)
                form = form.rpartition("的")[2]
            if text[m.start() - 1 : m.start()] == "日":  # 8月18日晚樽石数科(309507.SZ)公告
                form = re.sub(r"^(?:晚间?|早间|盘后)(?=..)", "", form)
            name = re.sub(r"[“”]", "", form)  # 领航“智”造(309345)
            known = registry().by_code(m["code"])
            full = known is not None and name.endswith("公司")  # 上海城地香江数据科技股份有限公司(603887)
            meant = (
                known.short_name if known and full else registry().meant(name, m["code"]) or shortened(name)
            )
            self._add(form, Organisation(meant, "listed", m["code"]))
        head = re.match(rf"((?:\*?ST)?{HAN}{{2,8}}):", reading.title)
        filing = reading.document.kind == "filing"
        if head and plausible(head[1]) and (filing or head[1] in text or head[1].endswith(p.tails)):
            self._add(head[1], Organisation(head[1], "listed"))
        elif filing and not self._any_listed():
            own = heading(reading.title, text) or ""
            if plausible(own):
                self._add(own, Organisation(own, "listed"))

    def _announcers(self, reading: Reading, text: str) -> None:
        """云岫股份10月25日晚公告: who gives notice, if it looks like a company or heads the title."""
        p = patterns()
        for m in p.announcer.finditer(text):
            name = STRIP.sub("", m["name"])
            fits = name.endswith(p.tails) or reading.title.startswith(name) or name[:1].isascii()
            if name not in self._known and plausible(name) and fits and not self._side_of(name):
                self._add(name, Organisation(name, "listed"))
        if not self._any_listed():
            for m in p.tail_announcer.finditer(text):
                if m["name"] not in self._known and plausible(m["name"]):
                    self._add(m["name"], Organisation(m["name"], "listed"))

    def _one_name(self) -> None:
        """纬鸿 and 纬鸿电子 are one company; a code decides, else the longer name."""
        coded = {n: o for n, o in self._known.items() if o.side == "listed" and o.code}
        for full, own in list(
            coded.items()
        ):  # 青岚数智 heads the title, 青岚数智科技股份有限公司 bears the code
            for name, known in list(self._known.items()):
                if known.side == "listed" and known.code is None and len(name) >= 3 and name in full:
                    renamed = Organisation(known.name, "listed", own.code)
                    self._known |= {n: renamed for n, o in self._known.items() if o in (known, own)}
        for name, known in list(self._known.items()):  # ST农尚全发布公告
            if known.side == "listed" and known.code is None:
                same = next(
                    (o for n, o in coded.items() if name.startswith(n) and len(name) <= len(n) + 2), None
                )
                self._known[name] = same or known
        names = sorted((n for n, o in self._known.items() if o.side == "listed" and o.code is None), key=len)
        for i, short in enumerate(names):
            longer = next((n for n in names[i + 1 :] if n.startswith(short)), None)
            if longer:
                self._known[short] = self._known[longer]

    def _any_listed(self) -> bool:
        return any(o.side == "listed" for o in self._known.values())

    def _by_form(self, reading: Reading, text: str) -> None:
        """8月27日 云岫股份:… at the head of lines; a name with a company's last word told more than once."""
        p = patterns()
        if not reading.is_story:  # no word is made a company by its form there
            return
        heads = [m["name"] or m["bracketed"] for m in p.line_head.finditer(text)]
        heads = [name for name in heads if plausible(name)]
        if re.search(r"^(?:记者|主持人|问|Q):", text, re.MULTILINE):
            heads = []  # an interview: who speaks heads the lines
        for name in heads:  # two lines headed alike are a digest: a name needs no tail there
            digest = len(heads) > 2 and reading.document.kind != "filing"  # there 涉案金额: heads a line, too
            if name not in self._known and (name.endswith(p.tails) or digest):
                self._add(name, Organisation(name, "listed"))
        both = f"{reading.title}\n{text}"
        for m in p.by_tail.finditer(both):
            name = m["name"]
            if name in self._known or not plausible(name) or self._side_of(name) or both.count(name) < 2:
                continue
            if (not self._any_listed() or name in reading.title) and not _towards(both, name):
                self._add(name, Organisation(name, "listed"))
        if not self._any_listed():
            tailed = (m["name"] for m in p.any_tail.finditer(text))
            if name := next((n for n in tailed if n not in self._known and plausible(n)), None):
                self._add(name, Organisation(name, "listed"))
        self._reporters(text)

    def _reporters(self, text: str) -> None:
        """Where no code, notice or repetition tells a company: by what it is called, or who speaks for it."""
        for names in () if self._any_listed() else reporters(text):
            for name in names:
                if name not in self._known and plausible(name) and not _towards(text, name):
                    self._add(name, Organisation(name, "listed"))
            if self._any_listed():
                break
        if not any(o.code for o in self._known.values()):
            for name in more_reporters(text):
                if name not in self._known and plausible(name) and not _towards(text, name):
                    self._add(name, Organisation(name, "listed"))

    def _definitions(self, text: str) -> None:
        """Aliases the text defines: both forms become one organisation, named by the short one."""
        p = patterns()
        for m in finditer(p.defined, text, anchor=p.defined_anchor, before=160, behind=70):
            full, aliases = (
                trim(m["full"]),
                [m["alias"], *_OR.findall(m.group()[m.end("alias") - m.start() :])],
            )
            before = text[max(0, m.end("full") - len(full) - 6) : m.end("full") - len(full)]
            if any(alias in p.self_words for alias in aliases):
                self._self_defined(full, m.group(), aliases)
                continue
            roles = [alias for alias in aliases if alias in p.generic or alias in p.roles]
            legal = full.endswith("公司")  # 拓扑智联(和林格尔)数据有限公司(“和林格尔公司”): told, not guessed
            short = next((a for a in aliases if a not in roles and (legal or plausible(a))), None)
            if (short is None and not roles) or re.search(_NO_PARTY, short or ""):
                continue
            known = self._known.get(full) or self._known.get(short or "")
            child = re.search(r"(?:[子孙]公司|旗下|附属公司|附属|下属公司)$", before) or _CHILD.match(
                text, m.end()
            )
            side: Side = "subsidiary" if child else "other"
            organisation = known or Organisation(short or full, self._side_of(full) or side)
            for form in (full, *([short] if short else []), *roles):
                self._known[form] = organisation

    def _self_defined(self, full: str, bracket: str, aliases: Sequence[str]) -> None:
        """望朔智能股份有限公司(以下简称“公司”或“申请人”,309217): the reporter's name, code and role."""
        p = patterns()
        told = next(
            (a for a in aliases if a not in p.self_words | p.roles | p.generic and plausible(a)), None
        )
        short = re.sub(r"(股份|集团|控股)*(有限责任|有限)?公司$", "", full)
        listed = [(n, o) for n, o in self._known.items() if o.side == "listed"]
        known = next((o for n, o in listed if n in full or short in n or n == told), None)
        if known is None and len(short) < 2:
            return
        code = re.search(r"(?<!\d)\d{6}(?!\d)", bracket[len(full) :])
        number = known.code if known and known.code else code.group() if code else None
        own = Organisation(told or (known.name if known else short), "listed", number)
        for form in [full, *([told] if told else []), *(n for n, o in listed if o == known)]:
            self._known[form] = own
        for alias in aliases:
            if alias in p.roles:
                self._known[alias] = own

    def _children(self, text: str) -> None:
        """旗下英博数科, 公司公告,英博数科收到…: short names of those who act for the company."""
        p = patterns()
        for m in (*p.subsidiary.finditer(text), *p.actor.finditer(text), *p.child_of.finditer(text)):
            name, sure = m["name"], m.re is p.child_of  # 柘岭云算是…: 算是 is a word
            if name not in self._known and plausible(name) and (sure or not cuts_word(text, *m.span("name"))):
                self._add(name, Organisation(name, "subsidiary"))

    def _subsidiaries(self, text: str) -> None:
        """Full legal names: the company's own, its children's, all others'; and children by their stem."""
        p = patterns()
        stems = self._stems()
        for m in finditer(p.full, text, anchor=p.full_anchor, before=250, behind=12):
            name = trim(m.group())
            before = text[max(0, m.end() - len(name) - 6) : m.end() - len(name)]
            if name in self._known or len(name) < 5:
                continue
            own = self.is_own(name)
            if own:
                self._add(name, own)
            else:
                child = bool(re.search(r"[子孙]公司$|旗下$|附属$", before))
                self._add(name, Organisation(name, "subsidiary" if child else self._side_of(name) or "other"))
        for stem in stems:  # 甲辰云 of 甲辰科技: a child that shares the stem
            for m in _heads(text, stem, p.child):
                name = stem + m.group()
                inside = any(name in n or name.startswith(n) for n in self._known)
                if not inside and plausible(name) and not name.endswith(("下属", "旗下")):
                    related = text[: m.start() - len(stem)].endswith(("关联方", "股东", "关联公司"))
                    self._add(name, Organisation(name, "other" if related else "subsidiary"))

    def is_own(self, full: str) -> Organisation | None:
        """The listed company whose full legal name this is: 广州市品高软件股份有限公司 of 品高股份."""
        for name, own in self._known.items():
            if own.side != "listed":
                continue
            if full.startswith(name):
                if full.endswith("股份有限公司") or COMPANY.fullmatch(full[len(own.name) :]):
                    return own
            elif full.endswith("股份有限公司") and self.reading.document.kind == "filing":
                stem = next((name.removesuffix(t) for t in patterns().tails if name.endswith(t)), name)
                if len(stem) >= 2 and stem in full:
                    return own
        return None

    def _stems(self) -> list[str]:
        """What the children of a listed company share with it: 甲辰科技 → 甲辰."""
        tails = patterns().tails
        names = [n for n, o in self._known.items() if o.side == "listed" and n.endswith(tails)]
        return list(dict.fromkeys(n[:2] for n in names if len(n) == 4))

    def _others(self, text: str) -> None:
        """Masked parties, those the company deals with, and those who deal with it."""
        p = patterns()
        for m in p.masked.finditer(text):
            name = _with_place(text, *m.span())
            called = _CALLED.match(text, m.end())  # 上海一家大模型企业“月汐智能”
            if called and plausible(called["name"].lstrip("年月日")):
                for form in (name, called["name"]):
                    self._add(form, Organisation(called["name"], "other"))
            elif name not in p.generic:
                self._add(name, Organisation(name, "other"))
        for m in (*p.subject.finditer(text), *p.owed.finditer(text)):
            if not cuts_word(text, *m.span("name")):
                self._other(m["name"])
        for m in (*p.quoted.finditer(text), *p.dealer.finditer(text)):
            self._other(m["name"])
        for m in p.introduced.finditer(text):
            places = find_places(m["name"])
            if places and places[0].span.start == 0:
                self._other(m["name"])
        if self.reading.is_story:
            for place in find_places(text):  # 因杭州青禾网络欠费: a firm by its place and its last word
                start, rest = place.span.start, p.placed.match(text, place.span.end)
                if rest and place.span.end - start == 2 and not cuts_word(text, start, rest.end()):
                    self._other(text[start : rest.end()])
        for m in p.counterpart.finditer(text):
            court = re.match(rf"{HAN}{{0,10}}?(?:仲裁|法院)", text[m.end() : m.end() + 16])
            if court and text[m.start()] not in "把将与同和跟":  # 向上海仲裁委员会, but 将江北云联诉至法院
                continue
            if m["latin"]:
                self._other(m["latin"])
            elif not cuts_word(text, *m.span("name")) and self._other(m["name"]):
                self._listed_beside(text, m.end("name"))

    def _other(self, name: str) -> bool:
        """Add a party unless it is known, holds a known name, or is no name; whether it was new."""
        name = _ROLE.sub("", name)
        new = name not in self._known and plausible(name) and not any(n in name for n in self._known)
        if new:
            self._add(name, Organisation(name, self._side_of(name) or "other"))
        return new

    def _listed_beside(self, text: str, at: int) -> None:
        """与北京京能、百川智能、紫光晓通三家: the names that follow the first one."""
        while m := patterns().beside.match(text, at):
            name, at = m["name"], m.end("name")
            if name not in self._known and plausible(name):
                self._add(name, Organisation(name, self._side_of(name) or "other"))

    def _side_of(self, name: str) -> Side | None:
        """authority for courts, exchanges and the like; a company is one only if it audits or underwrites."""
        if name.endswith("公司"):
            return "authority" if re.search(r"证券|会计师|律师|资产评估", name) else None
        return "authority" if any(word in name for word in patterns().authority) else None

    def _spread(self, text: str) -> Iterator[OrganisationMention]:
        """Every place where a collected name stands, the longest at each place."""
        if not self._known:
            return
        names = list(self._known)
        automaton = CharwiseDoubleArrayAhoCorasick(names, MATCH_KIND_LEFTMOST_LONGEST)
        for start, end, index in automaton.find(text):
            yield OrganisationMention(Span(start, end), self._known[names[index]])


def _heads(text: str, stem: str, rest: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Where `stem` stands with `rest` behind it: the matches of `rest`."""
    at = text.find(stem)
    while at >= 0:
        m = rest.match(text, at + len(stem))
        if m:
            yield m
        at = text.find(stem, m.end() if m else at + 1)


@lru_cache(maxsize=2)
def cast(reading: Reading) -> Cast:
    """The organisations of the whole view, made once for all extractors."""
    return Cast(reading)


def _towards(text: str, name: str) -> bool:
    """Whether a name ever stands behind 与, 向, 把: then it is the other side's."""
    at = text.find(name)
    while at >= 0:
        if at and (text[at - 1] in "与同和跟向诉把将被由" or text.endswith(_ITS, 0, at)):
            return True
        at = text.find(name, at + 1)
    return False


def _only(text: str, kept: Sequence[Sentence]) -> str:
    """The text with all but the kept sentences blotted out, of the same length; each begins a line."""
    if sum(s.end - s.start for s in kept) >= len(text) - 2 * len(kept):
        return text
    out, at = [], 0
    for s in kept:
        if s.start > at:
            out.append("\0" * (s.start - at - 1) + "\n")
        out.append(s.text)
        at = s.end
    return "".join([*out, "\0" * (len(text) - at)])


def _with_place(text: str, start: int, end: int) -> str:
    """A masked name with the place or the sort before it: 上海X国企, 中部某省运营商, 国内某新能源车企."""
    if start and text[start] not in "客供买卖合租":
        before = text[max(0, start - 8) : start]
        sort = re.search(r"(?:[东西南北中]部|华[东南西北中]|国内|海外|境外|省内|头部|欧洲|北美)$", before)
        place = next((f for f in find_places(before) if f.span.end == len(before)), None)
        start -= len(sort.group()) if sort else place.span.end - place.span.start if place else 0
    return text[start:end]
