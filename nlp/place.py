"""Place names in the view: provinces, cities, counties, data-centre parks, countries and markets abroad.

The names are data (lexicon/places.tsv). The longest name at a place counts (上海南汇 is not 海南), and
names that lie in one another are one mention: 湖北宜昌, 深圳市南山区, 密西西比州绍斯黑文.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import daachorse

from crawler.errors import LexiconError
from nlp.anchored import finditer
from nlp.span import Span

_KINDS = {
    "nation": 0,
    "region": 0,
    "province": 1,
    "abroad": 1,
    "city": 2,
    "park": 2,
    "state": 2,
    "county": 3,
    "town": 3,
}
"""Kinds of place and how far down they lie: a mention grows by names of a higher number only."""

_OWN_SUFFIX = {"province": "省|市", "city": "市|州|盟|地区", "county": "市|县|区|旗"}

_PART = re.compile(r"[\u4e00-\u9fff]{1,4}?(?:自治县|新区|县|区(?!域|块|间|别)|镇|教区)")
"""What the list lacks but its ending shows, right behind a listed name: 江西[信丰县], 俄亥俄州[利金县]."""

_CITY = re.compile(r"[\u4e00-\u9fff]{2,4}?市(?!场|值|民|政|长|况)")
"""A city behind a state abroad: 亚利桑那州[图森市]."""

_PART_NOT = re.compile(r"[的在和与及等将已为是有某该各两]|园|社区|小区|地区|集群|项目|数据|智算|算力|行政区")

_BEFORE_SHY = re.compile(r"(?:在|于|落户|位于|来自|落地|选址|布局|进驻|省|区|市|[、,(:\n“]|^)$")
"""What lets a name that is an ordinary word, too, count as a place: 落户大同, (安康)."""

_WORD_BEFORE_JAPAN = re.compile(r"[今近昨当同次每单即节假\d一二三四五六七八九十]$")
"""今日本公司…: 日本 across the words 今日 and 本公司."""

_TOWN_BEFORE = (
    r"(?=人民政府|政府|大?数据局|发改委|发改局|的"
    r"|[\u4e00-\u9fff]{0,6}(?:开发区|产业园|经开区|高新区|智算中心|数据中心|算力中心))"
)
_TOWN = re.compile("[市县旗]" + _TOWN_BEFORE)
_UNLISTED = re.compile(
    r"(?:(?<=[与同和向由在于“])|(?<=位于)|(?<=落户)|(?<=落地)|(?<=选址)|(?<![\u4e00-\u9fff]))"
    r"(?P<name>(?![某该本全各多两一二三四五六七八九十当与同和向由在于城都股夜])[\u4e00-\u9fff]{2,3}?(?:市|县|旗))"
    + _TOWN_BEFORE
)
"""A town no list has, by its 市 or 县 and what follows: 与[榆川市]政府, 位于[某某县]经开区."""

_ZONE = re.compile("高新区|经开区|新区|高新技术产业开发区|经济技术开发区")
_UNLISTED_ZONE = re.compile(
    r"(?:(?<=[与同和向由在于“])|(?<=位于)|(?<=落户)|(?<=落地)|(?<=选址)|(?<=取得)|(?<![\u4e00-\u9fff]))"
    r"(?P<name>(?![某该本全各多两一二三四五六七八九十当与同和向由在于城国省市县几最这那])[\u4e00-\u9fff]{2,3}?"
    r"(?:(?:国家级)?高新技术产业开发区|(?:国家级)?经济技术开发区|高新区|经开区|新区))"
)
"""A zone of a town no list has: [崟州高新区], 位于[某某湖新区]."""
_ZONE_END = re.compile(r"(?:国家级)?(?:(?:高新|经济)技术(?:产业)?开发区|高新区|经开区|新区)$")
_NO_ZONE = re.compile(
    r"级|当地|本地|[的个座]|产业|城市|老城|[东西南北中]部|国家|建设|打造|开发|成立|设立|入驻|管理"
)

_ORGANISATION_AFTER = re.compile(
    r"(?:证券)?交易所|证监局|银行|法院|仲裁|证券报|移动(?!互联|办公|端)|联通|电信(?!业)|铁塔|广电|能建|电建|建筑|"
    r"人大|政协|商务部|财政部|总统|国会|股市|概念|公司|企业|籍|政府(?:宣布|禁)|出口|制裁|禁令|证券"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the view names it."""

    span: Span
    name: str
    """Simplified, as printed but for a bare 省 or 市 at its end; 国内, 我国 and 中国 are 全国."""
    province: str
    """The province of China it lies in (Beijing, Hong Kong: itself), abroad the country or market; '' where
    the gazetteer does not know the town."""
    kind: str
    """nation, region, province, city, county, park, abroad, state, town."""
    organisation: bool = False
    """Whether it only opens the name of a body: 北京移动, 上海证券报, 美国商务部."""


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    canonical: str
    province: str
    kind: str
    shy: bool


def _parse(text: str) -> Iterator[_Entry]:
    """Rows of places.tsv; LexiconError names a malformed one."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3 or columns[0] not in _KINDS:
            raise LexiconError(
                f"places.tsv line {number}: want kind, province and names in three columns: {line!r}"
            )
        kind, province, names = columns
        for item in names.split():
            name, _, canonical = item.rstrip("?").partition("=")
            within = (
                name if kind == "abroad" and not canonical else canonical if kind == "abroad" else province
            )
            yield _Entry(name, canonical or name, within, kind, item.endswith("?"))


@cache
def _gazetteer() -> tuple[Any, tuple[_Entry, ...]]:
    """The automaton and the entry of each of its patterns; made on first use."""
    text = (files("nlp") / "lexicon" / "places.tsv").read_text(encoding="utf-8")
    entries = {entry.name: entry for entry in reversed(list(_parse(text)))}
    automaton = daachorse.CharwiseDoubleArrayAhoCorasick(
        list(entries), match_kind=daachorse.MATCH_KIND_LEFTMOST_LONGEST
    )
    return automaton, tuple(entries.values())


def _single(text: str) -> Iterator[Place]:
    """Each listed name on its own, with the 省, 市 or 县 printed behind it."""
    automaton, entries = _gazetteer()
    for start, end, number in automaton.find(text):
        entry = entries[number]
        suffix = re.compile(_OWN_SUFFIX.get(entry.kind, "(?!)")).match(text, end)
        printed = bool(suffix) and not entry.name.endswith(("省", "市", "区", "县", "州"))
        before = text[max(0, start - 3) : start]
        if entry.shy and not printed and not _BEFORE_SHY.search(before):
            continue
        if entry.name == "日本" and _WORD_BEFORE_JAPAN.search(before):
            continue
        if entry.name == "纽约" and before.endswith("枢"):
            continue  # 甘肃枢纽约18万架
        stop = suffix.end() if suffix and printed else end
        organisation = bool(_ORGANISATION_AFTER.match(text, stop))
        yield Place(Span(start, stop), entry.canonical, entry.province, entry.kind, organisation)


def _lies_in(inner: Place, outer: Place) -> bool:
    return _KINDS[inner.kind] > _KINDS[outer.kind] > 0 and inner.province in (outer.province, outer.name)


def _grow(text: str, place: Place) -> Place:
    """The place with the county behind it that no list has: 俄亥俄州利金县."""
    part = _PART.match(text, place.span.end)
    if not part and place.kind == "state":
        part = _CITY.match(text, place.span.end)
    if not part or place.kind in ("nation", "region") or _PART_NOT.search(part.group()):
        return place
    span = Span(place.span.start, part.end())
    return Place(
        span, span.of(text), place.province, "county", bool(_ORGANISATION_AFTER.match(text, span.end))
    )


def _unlisted(text: str) -> Iterator[Place]:
    """Towns the gazetteer lacks, known by their 市 or 县, and zones of such towns."""
    for m in finditer(_UNLISTED, text, anchor=_TOWN, before=3, behind=16):
        name = m["name"]
        span = Span(m.start("name"), m.end("name"))
        yield Place(span, name if name.endswith(("县", "旗")) or len(name) < 3 else name[:-1], "", "city")
    for m in finditer(_UNLISTED_ZONE, text, anchor=_ZONE, before=7, behind=12):
        if not _NO_ZONE.search(_ZONE_END.sub("", m["name"])):
            yield Place(Span(*m.span("name")), m["name"], "", "city")


def find_places(text: str) -> list[Place]:
    """Every place named in `text` (a normalised view), sorted, none overlapping.

    Names that lie in one another and stand side by side are one place under their printed form.
    """
    found: list[Place] = []
    listed = list(_single(text))
    taken = {at for p in listed for at in range(*p.span)}
    extra = [p for p in _unlisted(text) if not taken.intersection(range(*p.span))]
    for place in sorted([*listed, *extra], key=lambda p: p.span):
        last = found[-1] if found else None
        if last and place.span.start < last.span.end:
            continue  # taken in by what _grow read behind the last one
        if last and place.span.start == last.span.end and _lies_in(place, last):
            span = Span(last.span.start, place.span.end)
            place = Place(span, span.of(text), last.province, place.kind, place.organisation)
            found.pop()
        found.append(_grow(text, place))
    return found
