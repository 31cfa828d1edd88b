"""Listed companies in a text: short and former names, full names, ST prefixes and stock codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from nlp import segment
from nlp.anchored import finditer
from nlp.lexicon import records, words
from nlp.noise import HAN, fold
from nlp.script import as_converted
from nlp.span import Span


@dataclass(frozen=True, slots=True)
class Company:
    """One listed company, as the exchanges' lists have it."""

    code: str
    """Six digits."""
    exchange: str
    """SH, SZ or BJ."""
    short_name: str
    former_short_names: tuple[str, ...]
    full_name: str
    """'' where it is not known."""
    org_id: str
    """cninfo's key."""
    listed: bool


@dataclass(frozen=True, slots=True)
class CompanyMention:
    """A listed company where the view names it."""

    span: Span
    """The name as printed; the code with its prefix or suffix where only that is printed."""
    company: Company
    how: str
    """short, former, full, st, code, bare (the code itself gives notice: 600186公告), or near (a usual slip,
    中贝通讯, or any that the code confirms)."""
    name: str
    """What to report: the short, former or ST name that is printed, as its owner writes it."""


_PREFIX = re.compile(r"^(?:XD|XR|DR)|^\*?(?:SST|ST|S(?=[\u4e00-\u9fff])|PT)|(?:-(?:UW|U|W|WD)|[AB]股?|退)$")
_LEGAL = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|股份公司)$")
_LEGAL_TAIL = re.compile(r"(?:控股|实业|产业)?(?:\(集团\)|集团)?(?:股份有限公司|股份公司|股份)")
_CODE = r"[034689]\d{5}"
_CODED = re.compile(
    rf"(?<![\dA-Za-z.])(?:(?P<pre>S[HZ]|BJ|SS)[:.]?\s*)?(?P<code>{_CODE})(?:\.(?P<post>S[HZS]|BJ))?(?![\d.A-Za-z%])",
    re.IGNORECASE,
)
_SIX = re.compile(_CODE)
_LABEL = re.compile(r"(?:证券|股票|公司|A股)?代码:?\s*$|\(\s*(?:证券代码:?|股票代码:?|代码:?)?\s*$")
_NOTICE = re.compile(r"(?:\d{1,2}月\d{1,2}日|[今昨]?[日晚]间?|盘后)?(?:发布)?(?:公告|披露|公布|宣布)")
_PARTICLES = frozenset("与和同跟向对由被及为是的在给将把于从就因经或以")
_NAME_BEFORE = re.compile(rf"((?:\*?ST)?[{HAN}A-Z]{{2,10}})\((?:(?:证券|股票)?代码:?)?\s*$")


_CONFUSED = (("通信", "通讯"), ("通讯", "通信"))
"""Words that papers exchange in names: 中贝通讯 for 中贝通信, unless a company is called that."""


class _Form(NamedTuple):
    rank: int
    form: str
    how: str
    name: str
    """What to report; '' for the printed name."""


def _bare(name: str) -> str:
    """A short name without the marks an exchange sets before or behind it: *ST, XD, -U, A, 退."""
    return _PREFIX.sub("", _PREFIX.sub("", name))


def _st_forms(name: str) -> Iterator[str]:
    """What is left of a name under special treatment: ST农尚 of 农尚环境, ST獐岛 of 獐子岛."""
    bare = _bare(name)
    yield bare
    if len(bare) == 4:
        yield from (bare[:2], bare[:3], bare[0] + bare[2], bare[0] + bare[3])
    if len(bare) == 3:
        yield from (bare[:2], bare[0] + bare[2])


def _names(company: Company) -> Iterator[_Form]:
    """Every written form of a company; of two companies with one form, the lower rank has it."""
    rank = 0 if company.listed else 1
    short = [(company.short_name, "short"), *((name, "former") for name in company.former_short_names)]
    for name, how in short:
        yield _Form(rank + 2 * (how == "former"), name, how, name)
        yield _Form(4 + rank, as_converted(name), how, name)
        bare = _bare(name)
        if len(bare) >= 3:
            yield _Form(4 + rank, bare, how, bare if "ST" in name else name)
        for right, wrong in _CONFUSED:
            if right in name:
                yield _Form(8 + rank, name.replace(right, wrong), "near", name)
    if company.full_name:
        stem = _LEGAL.sub("", company.full_name)
        yield _Form(rank, company.full_name, "full", company.short_name)
        for form in (stem, stem.removesuffix("(集团)").removesuffix("集团"), stem.replace("(集团)", "集团")):
            if len(form) >= 5:
                yield _Form(6, form, "full", company.short_name)
    for name, _ in short:
        for depth, form in enumerate(_st_forms(name)):
            if len(form) >= 2:
                yield _Form(10 + depth + rank, f"ST{form}", "st", "")


class Registry:
    """All companies, by code and by every form of their names."""

    def __init__(self, companies: Iterable[Company]) -> None:
        self._codes = {company.code: company for company in companies}
        best: dict[str, tuple[_Form, Company]] = {}
        tied: dict[str, set[str]] = defaultdict(set)
        for company in self._codes.values():
            for form in _names(company):
                known = best.get(form.form)
                if known is None or form.rank < known[0].rank:
                    best[form.form] = form, company
                    tied[form.form] = {company.code}
                elif form.rank == known[0].rank:
                    tied[form.form].add(company.code)
        self._forms = {form: found for form, found in best.items() if len(tied[form]) == 1}

    def __len__(self) -> int:
        return len(self._codes)

    def by_code(self, code: str) -> Company | None:
        """The company with this six-digit code."""
        return self._codes.get(code)

    def by_name(self, name: str) -> Company | None:
        """The company of a short, former, full or ST name; None for an unknown or shared one."""
        name = fold(name).replace(" ", "")
        found = self._forms.get(name) or self._forms.get(name.lstrip("*")) or self._forms.get(_bare(name))
        if found is None and len(stem := _LEGAL.sub("", name)) >= 5:
            found = self._forms.get(stem)
        return found[1] if found else None

    @property
    def short_names(self) -> set[str]:
        """Every short and former name that belongs to one company only, as its owner writes it."""
        return {form for form, (how, _) in self._forms.items() if how.form == how.name}

    @cached_property
    def heads(self) -> frozenset[str]:
        """The first two characters of every form: what does not begin like one is none."""
        return frozenset(form[:2] for form in self._forms)

    @cached_property
    def _automaton(self) -> tuple[CharwiseDoubleArrayAhoCorasick, list[str]]:
        forms = list(self._forms)
        return CharwiseDoubleArrayAhoCorasick(forms, MATCH_KIND_LEFTMOST_LONGEST), forms

    def find(self, text: str) -> list[CompanyMention]:
        """Every mention in a normalised text, in order, without overlaps; the longest name wins.

        Names that are everyday words (机器人) count only beside a code, 公司, 公告 and the like. A listed
        name inside a longer organisation's (杭州莲花科技创新有限公司) is none, unless what is added is the
        listed company's own legal form (北京青云科技股份有限公司).
        """
        found: dict[int, CompanyMention] = {m.span.start: m for m in self._named(text)}
        ends = {m.span.end: m for m in found.values()}
        for mention in self._coded(text, ends):
            found[mention.span.start] = mention
        return [found[start] for start in sorted(found)]

    def _named(self, text: str) -> Iterator[CompanyMention]:
        automaton, forms = self._automaton
        for start, end, index in automaton.find(text):
            form, company = self._forms[forms[index]]
            how = form.how
            if how == "st" and start and text[start - 1] == "*":
                start -= 1
            if not _stands_alone(text, start, end, form.form, company):
                continue
            legal = _LEGAL_TAIL.match(text, end) if how in ("short", "former") else None
            if legal and legal.group().endswith("公司"):
                end, how = legal.end(), "full"
            yield CompanyMention(Span(start, end), company, how, form.name or text[start:end])

    def _coded(self, text: str, ends: dict[int, CompanyMention]) -> Iterator[CompanyMention]:
        """Codes that no name stands before, and names that only their code gives away."""
        for m in finditer(_CODED, text, anchor=_SIX, before=8, behind=8):
            company = self._codes.get(m["code"])
            if company is None:
                continue
            if not (m["pre"] or m["post"] or _LABEL.search(text, max(0, m.start() - 8), m.start())):
                if _NOTICE.match(text, m.end()):
                    yield CompanyMention(Span(*m.span()), company, "bare", company.short_name)
                continue
            named = _NAME_BEFORE.search(text, max(0, m.start() - 24), m.start())
            if named is None:
                yield CompanyMention(Span(*m.span()), company, "code", company.short_name)
            elif named.end(1) not in ends:
                yield self._near(text, named, company) or CompanyMention(
                    Span(*m.span()), company, "code", company.short_name
                )

    def _near(self, text: str, named: re.Match[str], company: Company) -> CompanyMention | None:
        """The words before a code, where they are one character off: 中贝通讯(603220)."""
        for name in (company.short_name, *company.former_short_names):
            start = named.end(1) - len(name)
            if _slips(text[max(0, start) : named.end(1)], name):
                return CompanyMention(Span(start, named.end(1)), company, "near", name)
        return None

    def meant(self, printed: str, code: str) -> str | None:
        """The name of the company with this code, where what is printed is one character off; else None."""
        company = self._codes.get(code)
        names = (company.short_name, *company.former_short_names) if company else ()
        return next((name for name in names if printed != name and _slips(printed, name)), None)


def _slips(printed: str, name: str) -> bool:
    """Whether two names of three characters or more differ in one at most."""
    return len(printed) == len(name) >= 3 and sum(a != b for a, b in zip(printed, name, strict=True)) <= 1


_CODE_BESIDE = re.compile(r"\((?:(?:证券|股票)?代码:?|S[HZ]:?)?(\d{6})")


def _stands_alone(text: str, start: int, end: int, form: str, company: Company) -> bool:
    """Whether the characters found are this name, not a piece of other words or of a longer name."""
    if "A" <= text[start] <= "Z" and start and text[start - 1].isascii() and text[start - 1].isalpha():
        return False
    coded = _CODE_BESIDE.match(text, end)
    if coded and coded[1] == company.code:
        return True
    legal = _LEGAL_TAIL.match(text, end)
    if _in_longer_name().match(text, end) and not legal:
        return False
    if legal and legal.group().endswith("公司") and _begins_earlier(text, start):
        return False
    if form in _common() and not _in_context(text, start, end):
        return False
    return not segment.cuts_word(text, start, end)


def _begins_earlier(text: str, start: int) -> bool:
    """Whether what stands before is of the name: 霈川|数据港股份有限公司, but 上海|数据港股份有限公司."""
    before = re.search(rf"[{HAN}]{{1,4}}$", text[max(0, start - 4) : start])
    if before is None:
        return False
    last = segment.plain().cut(before.group(), False)[-1]
    return len(last) == 1 and last not in _PARTICLES


@cache
def _common() -> frozenset[str]:
    return frozenset(words("company")["common"])


@cache
def _in_longer_name() -> re.Pattern[str]:
    """What follows a listed name inside of another's: 科技创新有限公司, (合肥)算力有限公司, 行业协会."""
    han = f"(?:(?![{''.join(words('company')['joint'])}])[{HAN}])"
    body = "|".join(words("company")["other"])
    legal = rf"{han}{{0,10}}(?:\({han}{{2,6}}\))?{han}{{0,10}}?(?:有限(?:责任)?公司|合伙企业|\(有限合伙\))"
    return re.compile(f"(?:{body})|{legal}")


@cache
def _contexts() -> tuple[re.Pattern[str], re.Pattern[str]]:
    right, left = ("|".join(map(re.escape, words("company")[side])) for side in ("right", "left"))
    return re.compile(rf"[”\"]?(?:{right})"), re.compile(rf"(?:{left})[“\"]?$")


def _in_context(text: str, start: int, end: int) -> bool:
    right, left = _contexts()
    return bool(right.match(text, end) or left.search(text, max(0, start - 8), start))


@cache
def registry() -> Registry:
    """The packaged registry, read at first use."""
    return Registry(
        Company(
            code=row["code"],
            exchange=row["exchange"],
            short_name=fold(row["short_name"]).replace(" ", ""),
            former_short_names=tuple(filter(None, fold(row["former_short_names"]).split("|"))),
            full_name=fold(row["full_name"]).replace(" ", ""),
            org_id=row["org_id"],
            listed=row["listed"] == "1",
        )
        for row in records("companies")
    )
