"""What a figure is told of: which project and phase, whose, and where.

A reader carries the subject along: the nearest name before the figure counts, in its clause, its sentence,
then in what was told before, until another name or a region of its own (庆阳方面, 全国…) takes over.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.extractors.project_figure import Figure
from nlp.extractors.project_list import Item
from nlp.extractors.project_name import Phase, ProjectName, phases
from nlp.extractors.project_outline import WIDE, Operator, Outline
from nlp.place import Place, find_places
from nlp.reading import Sentence
from nlp.span import Cover

_ATTACHED = re.compile(
    r"^的[“\"‘][^,。;]{0,45}$|^[^,。;、]{0,6}?(?:的|建设|打造|兴建|投建|来建|建|上马|扩建)[^,。;、]{0,8}$"
)
"""Between a figure and the name it is of: 投资15亿元[的]流萤智算中心."""
_TOPIC_AFTER = re.compile(
    r"将|集群|枢纽|方面|全市|全省|地区|新区|起步区|市|省|以|的|现有|在用|目前|现|共|已|建成|合计|约|超|达|则|也|另|仅|计划|在建|"
    r"到|力争|[\d]|标准|智能算力|算力|数据中心|智算中心|机架|机柜|$|[,:、;]"
)
_TOPIC_BEFORE = re.compile(
    r"(?:^|[,:;、。\n()]|网络|而|其中|到|同期|年|月|底|末|按|当中|名字里带.{2,8}的项目|的项目)$"
)
"""A place between these is what the sentence is about: [,]庆阳[集群]的机架数."""
_LOCATIVE = re.compile(r"(?:在|于|位于|落户|坐落|选址|来自|布局|地点:?|地址:?)$")
_COMPANY = re.compile(r"(?:本公司|(?<![子孙该限团司责家股上市分])公司)(?!债|法|章程|名称|字)")
_OWN = re.compile(r"(?<![子孙该限团司责家股上市分])公司(?:目前|现|已|共|合计)?[在于]")
"""公司在京津冀、长三角共运营…: the region is where the reporter's own centres are."""
_WHOLE = re.compile(
    r"(?:^|[,;:。\n])(?:目前|如今|眼下|现在)?(?:全[市省州县区旗盟]|当地)(?=[^,。;]{0,16}\d|规划|计划|现有|共有|已)"
)
"""张北靠风吃饭,[全县]已有…: the place the sentence opens on."""
_SHORT_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,4})项目(?=[:,]|已|于|因|的?(?:建设|总投资|规模|一期|二期))"
)
_LEADS = re.compile(r"牵头|负责|投建|承建|实施")
_ITEM = re.compile(r"[。;\n]\(\d{1,2}\)")
_MEMORY = 300
"""Characters for which a subject is remembered across sentences: about one paragraph of news."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What one figure is told of."""

    project: str | None
    """With its phase."""
    operator: str | None
    place: str | None
    carried: bool
    """Whether its project was named in an earlier sentence."""
    region: bool
    """Whether the figure is of a region or of the whole country."""


def scene(figure: Figure, outline: Outline, *, item: Item | None = None) -> Scene:
    """Everything the text tells of who and where around one figure; `item`: its place in a list by 分别."""
    if item and item.name:
        operator = _operator(figure, outline, item.name, region=None, carried=False)
        place = _place(figure, outline, item.name)
        return Scene(item.name.full or item.name.name, operator, place, carried=False, region=False)
    if item:
        return Scene(None, None, item.place, carried=False, region=True)
    region = _region(figure, outline)
    name, carried = _name(figure, outline, region)
    operator = _operator(figure, outline, name, region=region, carried=carried)
    place = _nearest(region, figure, outline) if region else _place(figure, outline, name)
    if place and not region and _is_all_hubs(figure, outline):
        place = None
    return Scene(_with_phase(figure, outline, name), operator, place, carried, region is not None)


def _region(figure: Figure, outline: Outline) -> Place | None:
    """The region the figure is of, where a region and no project is its subject."""
    start = figure.sentence.start
    names = [n for n in outline.names_in(start, figure.at) if not n.weak]
    floor = names[-1].span.end if names else start
    for place in reversed(outline.places_in(floor, figure.at)):
        before = outline.text[start : place.span.start]
        after = outline.text[place.span.end : place.span.end + 8]
        if place.kind in WIDE or place.kind == "park":
            return place
        if _LOCATIVE.search(before):
            return None  # 日本方面,软银在北海道苫小牧…: a project's site
        if _TOPIC_BEFORE.search(before) and _TOPIC_AFTER.match(after):
            return place
        if not before and _WHOLE.search(outline.text, place.span.end, figure.at):
            return place
    return None


def _is_all_hubs(figure: Figure, outline: Outline) -> bool:
    """八大国家枢纽节点的机架: of all of them, wherever the sentence before was."""
    start = figure.sentence.start
    return bool(outline.hub_before(start, figure.at)) and not outline.places_in(start, figure.at)


def _nearest(region: Place, figure: Figure, outline: Outline) -> str:
    """The region, or a narrower place between it and the figure: 庆阳…9000卡,海外则以达拉斯为主,约3000卡."""
    between = [p for p in outline.places_in(region.span.end, figure.at) if p.kind not in WIDE]
    return (between[-1] if between else region).name


# ---- the project -------------------------------------------------------------------------------


def _name(figure: Figure, outline: Outline, region: Place | None) -> tuple[ProjectName | None, bool]:
    """The project the figure measures, and whether it was named in an earlier sentence."""
    behind = outline.names_in(figure.end, figure.clause.end)
    attached = behind and _ATTACHED.match(outline.text[figure.end : behind[0].span.start])
    if attached and not (behind[0].weak and figure.measure == "projects"):
        return behind[0], False
    if region:
        return None, False
    before = outline.names_in(figure.sentence.start, figure.at)
    if before:
        return ([n for n in before if not n.weak] or before)[-1], False
    if figure.measure == "projects":
        return None, False
    if behind:
        return behind[0], False
    if carried := _carried_name(figure.sentence, outline):
        return carried, True
    later = [n for n in outline.names_in(figure.end, figure.sentence.end) if not n.weak]
    return (later[0] if later else None), False


def _carried_name(sentence: Sentence, outline: Outline) -> ProjectName | None:
    """The project told of before, unless a region has become the subject since; else the headline's."""
    if called := _called(sentence, outline):
        return called
    last = outline.name_before(sentence.start)
    if not last:
        return outline.title_name
    since = outline.reading.within(outline.wide_places, last.span.end, sentence.start)
    return None if since or _new_item(last.span.end, sentence.start, outline) else last


def _called(sentence: Sentence, outline: Outline) -> ProjectName | None:
    """湖州项目: the project told before whose name holds the word, where another was named since."""
    for m in _SHORT_NAME.finditer(sentence.text):
        told = [n for n in outline.names_in(0, sentence.start) if not n.weak and m[1] in n.name]
        if told:
            return told[-1]
    return None


def _with_phase(figure: Figure, outline: Outline, name: ProjectName | None) -> str | None:
    if not name:
        return None
    phase = _phase(figure, outline)
    if not phase and not figure.clause.text.startswith("项目"):
        phase = name.phase
    if phase and phase == name.phase:
        return name.full
    # 某某超算中心二期项目: its first phase is 某某超算中心一期
    return (name.name.removesuffix("项目") if phase and name.phase else name.name) + (phase or "")


def _phase(figure: Figure, outline: Outline) -> str | None:
    """一期 of the figure: in its clause before it, or carried over commas where it is all that is told of."""
    start, clause = figure.sentence.start, figure.clause
    if own := phases(outline.text, clause.start, figure.at):
        return own[-1].name
    if behind := _OF_PHASE.match(outline.text, figure.end, clause.end):
        return phases(outline.text, behind.end(), clause.end)[0].name
    if re.match(r"(?:本|该|整个)?(?:项目|总投资|占地|合计|总|全部)", clause.text):
        return None
    earlier = phases(outline.text, start, clause.start)
    if (
        not earlier
        or len({p.name for p in earlier}) > 1
        or _set_apart(earlier[-1], outline.text[start : clause.start], start)
    ):
        return None
    return earlier[-1].name


_OF_PHASE = re.compile(r"[^,。;\d]{0,8}?的(?=第?[一二三四五六]期)")
"""Behind a figure: 设计9000架机柜[的]二期."""


def _set_apart(phase: Phase, text: str, start: int) -> bool:
    """Whether the phase was only set against the whole: …,其中一期137亩; 5000P,一期1800P."""
    return bool(re.search(r"其中[^,]{0,3}$|\d[^,]*,$", text[: phase.span.start - start]))


# ---- the operator ------------------------------------------------------------------------------


_ANONYMOUS = re.compile(r"某[个座]?(?:大型|地方|民营)?(?:智算|算力|数据|超算|计算|云计算)")
"""西部某智算中心: whose it is, is not told, whoever was named before."""


def _operator(
    figure: Figure, outline: Outline, name: ProjectName | None, *, region: Place | None, carried: bool
) -> str | None:
    start, text = figure.sentence.start, outline.text
    if own := _operators(outline, start, figure.at):
        return _subject(own, figure, outline)
    if _ANONYMOUS.search(text, start, figure.at):
        return None
    if region and region.kind in WIDE:
        return outline.reporter if _OWN.search(text, start, figure.at) else None
    behind = _operators(outline, figure.end, figure.clause.end)
    if behind and name and behind[0].span.start < name.span.end:
        return behind[0].name
    if outline.reporter and _COMPANY.search(text, start, figure.at):
        return outline.reporter
    builder = _builder(figure, outline)
    if region or outline.hub_before(start, figure.at) or (name and _is_hub(name, outline)):
        return builder if not region else None
    return (
        (name and _owner(name, outline))
        or builder
        or _earlier_operator(figure, outline, name, carried=carried)
    )


def _is_hub(name: ProjectName, outline: Outline) -> bool:
    """和林格尔数据中心集群: of the state's plan, of many owners."""
    hub = outline.hub_before(name.span.start - 8, name.span.start + 1)
    return hub is not None and hub.overlaps(name.span)


def _builder(figure: Figure, outline: Outline) -> str | None:
    """Who is said to build it at the end of the sentence: 占地350亩,由某集团负责运营."""
    later = outline.operators_in(figure.end, figure.sentence.end)
    named = {o.name for o in later if outline.text.endswith("由", 0, o.span.start)}
    return named.pop() if len(named) == 1 == len(later) else None


def _operators(outline: Outline, start: int, end: int) -> Sequence[Operator]:
    """Operators named in the range; those behind 与 or 和 only where there is no other."""
    found = outline.operators_in(start, end)
    alone = [o for o in found if not outline.text.endswith(("与", "和", "同", "向"), 0, o.span.start)]
    return alone or found


def _subject(own: Sequence[Operator], figure: Figure, outline: Outline) -> str:
    """Who of the organisations before the figure owns it: who leads, else the last, unless 公司 follows."""
    for operator in reversed(own):
        if _LEADS.match(outline.text, operator.span.end):
            return operator.name
    company = [m.start() for m in _COMPANY.finditer(outline.text, figure.sentence.start, figure.at)]
    last = own[-1]
    if outline.reporter and company and last.span.start < min(company[-1], figure.clause.start):
        return outline.reporter
    return last.name


def _owner(name: ProjectName, outline: Outline) -> str | None:
    """The organisation before or inside the name, in the sentence that names the project."""
    if (index := outline.sentence_at(name.span.start)) is None:
        return None
    around = _operators(outline, outline.reading.sentences[index].start, name.span.end)
    return around[-1].name if around else None


def _earlier_operator(
    figure: Figure, outline: Outline, name: ProjectName | None, *, carried: bool
) -> str | None:
    start = figure.sentence.start
    earlier = [
        o for o in _operators(outline, max(0, start - _MEMORY), start) if _near(o.span.end, start, outline)
    ]
    if outline.hub_before(max(earlier[-1].span.end if earlier else 0, start - _MEMORY), start):
        return None  # 韶关集群有项目7个。标准机架8.6万架: still nobody's
    several = name and outline.several_from <= name.span.start
    alone = outline.text.endswith(";", 0, start) and len({o.name for o in earlier}) == 1
    if earlier and (carried or alone or not several):  # a list of projects names each owner on its own
        return earlier[-1].name
    return outline.reporter or (None if several else outline.sole_builder)


def _near(at: int, start: int, outline: Outline) -> bool:
    """Whether what stands at `at` can still be the subject at `start`: no new item of a digest since."""
    if start + 4 - at >= _MEMORY:
        return False
    return not _new_item(at, start, outline)


def _new_item(at: int, start: int, outline: Outline) -> bool:
    """Whether an item of a digest begins between `at` and the sentence at `start`."""
    return bool(_ITEM.search(outline.text, at, start + 4)) and outline.reading.document.kind != "filing"


# ---- the place ---------------------------------------------------------------------------------


def _place(figure: Figure, outline: Outline, name: ProjectName | None) -> str | None:
    """The nearest place before the figure, in its clause, in the project's name, its sentence, elsewhere."""
    names = outline.names_in(figure.sentence.start, figure.sentence.end)
    others = Cover(n.span for n in names if not name or n.span != name.span)
    sentence = outline.places_in(figure.sentence.start, figure.sentence.end)
    free = [p for p in sentence if not others.touches(p.span)]
    before = [p for p in free if p.span.start < figure.at]
    narrow = [p for p in before if p.kind not in WIDE]
    inside = [
        p for p in free if figure.clause.start <= p.span.start < figure.clause.end and p.kind not in WIDE
    ]
    if narrow or inside:
        return (narrow[-1] if narrow else inside[0]).name
    if name and (own := find_places(name.name)) and own[-1].kind not in WIDE:
        return own[-1].name
    if before:
        return before[-1].name
    located = [p for p in sentence if _LOCATIVE.search(outline.text, max(0, p.span.start - 3), p.span.start)]
    if located:
        return located[0].name
    return _place_elsewhere(figure, outline, name) or next(
        (p.name for p in sentence if p.kind not in WIDE), None
    )


def _place_elsewhere(figure: Figure, outline: Outline, name: ProjectName | None) -> str | None:
    """The place told of earlier, in the headline, or by the name of the operator's branch."""
    start = figure.sentence.start
    earlier, narrow = (_last_before(places, start) for places in outline.sites)
    if name and narrow:
        return narrow.name
    if earlier and _near(earlier.span.end, start, outline):
        return earlier.name
    return outline.title_place


def _last_before(places: Sequence[Place], at: int) -> Place | None:
    index = bisect_left(places, at, key=lambda p: p.span.start)
    return places[index - 1] if index else None
