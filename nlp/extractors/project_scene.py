"""Where a figure stands: which project, phase, operator and place the text is telling of, and since when.

A reader carries the subject along: the nearest name before the figure counts, in its clause, its sentence, then in
what was told before, until another name, or a region of its own (庆阳方面, 全国…), takes over.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nlp.clause import Clause
from nlp.extractors.project_measure import Figure, pattern
from nlp.extractors.project_name import Phase, ProjectName, phases, project_names
from nlp.organisation import Cast, OrganisationMention
from nlp.period import Period
from nlp.place import Place, find_places
from nlp.reading import Reading, Sentence
from nlp.span import Span

_WIDE = ("nation", "region")
_NAME_BEHIND = re.compile(
    r"^[^,。;、]{0,6}?(?:的|建设|打造|兴建|投建|来建|建|上马|扩建|落地)?[^,。;、]{0,8}$"
)
_TOPIC_AFTER = re.compile(
    r"集群|方面|全市|全省|地区|新区|起步区|市|省|以|的|现有|在用|目前|现|共|已|建成|合计|约|超|达|则|也|另|仅|计划|在建|"
    r"到|力争|[\d]|智能算力|算力|数据中心|智算中心|机架|机柜|$|[,:、;]"
)
_TOPIC_BEFORE = re.compile(
    r"(?:^|[,:;、。\n(]|而|其中|到|同期|年|月|底|末|按|当中|名字里带.{2,8}的项目|的项目)$"
)
_LOCATIVE = re.compile(r"(?:在|于|位于|落户|坐落|选址|来自|布局|地点:?|地址:?)$")
_CARRIER = re.compile(r"(?:其中|(?<![\u4e00-\u9fff]))(移动|电信|联通)(?=的|在|投)")
"""移动的呼和浩特智算中心: a carrier without 中国."""
_COMPANY_NAME = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9()·]{2,20}?(?:公司|集团|银行|科技|数据|智算|云|智能|电信|移动|联通|控股|实业|投资|网络|创新|数科|信息|能源)"
)
"""Of an organisation that is neither the reporter nor its child."""
_COMPANY = re.compile(r"(?:本公司|(?<![子孙该限团司责家股上市分])公司)(?!债|法|章程|名称|字)")


@dataclass(frozen=True, slots=True)
class Scene:
    """What one figure is told of."""

    project: str | None
    """With its phase."""
    operator: str | None
    place: str | None
    carried: bool
    """Whether its subject had to be taken from an earlier sentence."""
    region: bool
    """Whether the figure is of a region or of the whole country."""


class Outline:
    """The names, organisations, places and dates of one document, and the figures they frame."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text

    @cached_property
    def organisations(self) -> list[tuple[Span, str]]:
        """Who may build or own a centre: the cast of the document and the operators of the lexicon, in order."""
        found = [(m.span, m.organisation.name) for m in self.cast.mentions if self._may_operate(m)]
        covered = sorted(span for span, _ in found)
        for m in pattern("operator").finditer(self.text):
            span = Span(m.start(), m.end())
            if not _overlaps(covered, span) and not _inside_word(self.text, span):
                found.append((span, m.group()))
        for m in _CARRIER.finditer(self.text):
            found.append((Span(m.start(1), m.end(1)), "中国" + m[1]))
        for place in self.reading.places:  # 北京移动, 浙江联通
            branch = pattern("branch").match(self.text, place.span.end)
            span = Span(place.span.start, branch.end()) if branch else None
            if span and place.kind in {"province", "city"} and not _overlaps(covered, span):
                found.append((span, span.of(self.text)))
        return sorted(found)

    @cached_property
    def cast(self) -> Cast:
        """The organisations the document names."""
        return Cast(self.reading)

    def _may_operate(self, mention: OrganisationMention) -> bool:
        """The reporter, its children, and whoever has a company's name; pollsters build nothing."""
        name, side = mention.organisation.name, mention.organisation.side
        if side == "authority" or pattern("source", template=r".{{0,6}}{0}").fullmatch(name):
            return False
        return side in {"listed", "subsidiary"} or bool(_COMPANY_NAME.fullmatch(name))

    @cached_property
    def reporter(self) -> str | None:
        """The listed company whose document it is, where there is just one."""
        listed = self.cast.listed
        return listed[0].name if listed else None

    @cached_property
    def places(self) -> list[Place]:
        """Places that are no part of an organisation's name."""
        spans = [span for span, _ in self.organisations]
        return [p for p in self.reading.places if not p.organisation and not _overlaps(spans, p.span)]

    @cached_property
    def names(self) -> list[ProjectName]:
        """Every project named in the text, in order."""
        guarded = sorted([p.span for p in self.reading.places] + [s for s, _ in self.organisations])
        out: list[ProjectName] = []
        for sentence in self.reading.sentences:
            for name in project_names(self.text, sentence.start, sentence.end, _between(guarded, sentence)):
                out.append(self._without_operator(name))
        return out

    def _without_operator(self, name: ProjectName) -> ProjectName:
        """中国电信中部智算中心 is 中部智算中心 of 中国电信; 农行数据中心 keeps its owner."""
        for span, _ in self.organisations:
            if span.start == name.span.start and span.end < name.span.end:
                full = name.full[span.end - span.start :].lstrip("的")
                rest = name.name[span.end - span.start :].lstrip("的")
                if project_names(rest, 0, len(rest), ()):
                    return replace(name, span=Span(span.end, name.span.end), name=rest, full=full)
        return name

    @cached_property
    def title_name(self) -> str | None:
        """The project the headline names."""
        title = self.reading.title
        found = project_names(title, 0, len(title), [p.span for p in find_places(title)])
        return found[0].name if found and not found[0].weak else None

    # ---- one figure ---------------------------------------------------------------------------------------------

    def scene(self, figure: Figure, sentence: Sentence) -> Scene:
        """Everything the text tells of who and where around one figure."""
        at = figure.quantity.core.start
        region = self._region(at, sentence)
        name, carried = self._name(figure, sentence, region)
        phase = self._phase(figure, sentence) if name or not region else None
        if name and not phase and figure.clause.text.find("项目") != 0:
            phase = name.phase
        operator = self._operator(figure, sentence, name, region, carried)
        place = self._place(figure, sentence, name, region)
        project = name.name if name else None
        if name and phase:
            project = name.full if phase == name.phase else name.name + phase
        return Scene(project, operator, place, carried, region is not None)

    def _region(self, at: int, sentence: Sentence) -> Place | None:
        """The region the figure is of, where a region and no project is its subject."""
        names = [n for n in self.names if sentence.start <= n.span.start < at and not n.weak]
        floor = names[-1].span.end if names else sentence.start
        for place in reversed([p for p in self.places if floor <= p.span.start < at]):
            before, after = self.text[sentence.start : place.span.start], self.text[place.span.end :]
            if place.kind in _WIDE:
                return place
            if re.search(r"(?:从|自)$", before) or re.search(r"[从自][^,]{1,8}到$", before):
                continue  # 从内蒙古到广东: all over the country
            if _LOCATIVE.search(before):
                continue
            if _TOPIC_BEFORE.search(before) and _TOPIC_AFTER.match(after):
                return place
        return None

    def _name(
        self, figure: Figure, sentence: Sentence, region: Place | None
    ) -> tuple[ProjectName | None, bool]:
        """The project the figure measures, and whether it was named in an earlier sentence."""
        at, end = figure.quantity.core.start, figure.quantity.span.end
        behind = [n for n in self.names if end <= n.span.start < figure.clause.end]
        if (
            behind
            and _NAME_BEHIND.match(self.text[end : behind[0].span.start])
            and not _weak_plural(figure, behind[0])
        ):
            attached = re.search(
                r"(?:的|建设|打造|兴建|投建|来建|建|上马|扩建)", self.text[end : behind[0].span.start]
            )
            if attached:
                return behind[0], False
        if region:
            return None, False
        before = [n for n in self.names if sentence.start <= n.span.start < at]
        strong = [n for n in before if not n.weak]
        if before:
            return (strong or before)[-1], False
        if figure.measure == "projects":
            return None, False
        if behind:
            return behind[0], False
        if carried := self._carried_name(sentence):
            return carried, True
        later = [n for n in self.names if end <= n.span.start < sentence.end and not n.weak]
        return (later[0] if later else None), False

    def _carried_name(self, sentence: Sentence) -> ProjectName | None:
        """The project told of before, unless the sentence opens on another organisation or region."""
        earlier = [n for n in self.names if n.span.start < sentence.start]
        strong = [n for n in earlier if not n.weak]
        last = (strong or earlier)[-1] if earlier else None
        if last and self._moved_on(last, sentence):
            return None
        if last:
            return last
        return ProjectName(Span(0, 0), self.title_name, False) if self.title_name else None

    def _moved_on(self, name: ProjectName, sentence: Sentence) -> bool:
        """Whether a region has become the subject between the name and the sentence."""
        for place in self.places:
            if name.span.end <= place.span.start < sentence.start and place.kind in _WIDE:
                return True
        return False

    def _phase(self, figure: Figure, sentence: Sentence) -> str | None:
        """一期 of the figure: in its clause before it, or carried over the commas from a clause that is all of it."""
        at, clause = figure.quantity.core.start, figure.clause
        own = phases(self.text, clause.start, at)
        if own:
            return own[-1].name
        if re.search(r"^(?:本|该|整个)?(?:项目|总投资|占地|合计|总|全部)", clause.text):
            return None
        earlier = phases(self.text, sentence.start, clause.start)
        if not earlier or len({p.name for p in earlier}) > 1 or self._partial(earlier[-1], sentence):
            return None
        return earlier[-1].name

    def _partial(self, phase: Phase, sentence: Sentence) -> bool:
        """Whether the phase was only set against the whole: …,其中一期137亩; 5000P,一期1800P."""
        before = self.text[sentence.start : phase.span.start]
        return bool(re.search(r"其中[^,]{0,3}$", before)) or bool(re.search(r"\d[^,]*,$", before))

    def _operator(
        self,
        figure: Figure,
        sentence: Sentence,
        name: ProjectName | None,
        region: Place | None,
        carried: bool,
    ) -> str | None:
        at, clause = figure.quantity.core.start, figure.clause
        own = self._orgs(sentence.start, at)
        leads = [
            name
            for span, name in own
            if re.match(r"牵头|负责|投建|承建|实施", self.text[span.end : span.end + 2])
        ]
        if leads:
            return leads[-1]
        if own:
            start = own[-1][0].start
            company = [m.start() for m in _COMPANY.finditer(self.text, sentence.start, at)]
            if company and company[-1] > start and self.reporter and start < clause.start:
                return self.reporter
            return own[-1][1]
        if region and region.kind in _WIDE:
            return None
        behind = self._orgs(figure.quantity.span.end, clause.end)
        if behind and name and behind[0][0].start < name.span.end:
            return behind[0][1]
        if _COMPANY.search(self.text, sentence.start, at) and self.reporter:
            return self.reporter
        if region:
            return None
        if name and (owner := self._owner(name)):
            return owner
        earlier = self._orgs(max(0, sentence.start - 300), sentence.start)
        if earlier and not (name and not carried and self._named_alone(name)):
            return earlier[-1][1]
        return self.reporter if self.reading.document.kind == "filing" or carried else None

    def _named_alone(self, name: ProjectName) -> bool:
        """Whether other projects were named before it, so that their owner is not at hand."""
        return len({n.name for n in self.names if n.span.start <= name.span.start}) > 1

    def _owner(self, name: ProjectName) -> str | None:
        """The organisation in the sentence that names the project first, before or inside the name."""
        for sentence in self.reading.sentences:
            if sentence.start <= name.span.start < sentence.end:
                around = self._orgs(sentence.start, name.span.end)
                return around[-1][1] if around else None
        return None

    def _orgs(self, start: int, end: int) -> list[tuple[Span, str]]:
        found = [o for o in self.organisations if start <= o[0].start < end]
        return [
            o for o in found if not re.search(r"[与和同向]$", self.text[max(0, o[0].start - 1) : o[0].start])
        ] or found

    def _place(
        self, figure: Figure, sentence: Sentence, name: ProjectName | None, region: Place | None
    ) -> str | None:
        if region:
            return region.name
        at, clause = figure.quantity.core.start, figure.clause
        inside = [p for p in self.places if clause.start <= p.span.start < clause.end and p.kind not in _WIDE]
        before = [p for p in self.places if sentence.start <= p.span.start < at]
        narrow = [p for p in before if p.kind not in _WIDE]
        if narrow or inside:
            left = [p for p in narrow if p.span.start < at]
            return (left[-1] if left else inside[0]).name
        if name and (own := find_places(name.name)) and own[0].kind not in _WIDE:
            return own[0].name
        if before:
            return before[-1].name
        return self._place_elsewhere(sentence, name)

    def _place_elsewhere(self, sentence: Sentence, name: ProjectName | None) -> str | None:
        """The place told of earlier, later in the sentence, or by the name of the operator's branch."""
        later = [
            p
            for p in self.places
            if sentence.start <= p.span.start < sentence.end
            and _LOCATIVE.search(self.text[: p.span.start][-3:])
        ]
        if later:
            return later[0].name
        named = [n.span for n in self.names]
        earlier = [p for p in self.places if p.span.start < sentence.start and not _overlaps(named, p.span)]
        narrow = [p for p in earlier if p.kind not in _WIDE]
        if name and narrow:
            return narrow[-1].name
        if earlier:
            return earlier[-1].name
        title = [p for p in find_places(self.reading.title) if not p.organisation and p.kind not in _WIDE]
        if title:
            return title[0].name
        branches = [p for p in self.reading.places if p.organisation and p.kind in {"province", "city"}]
        return (
            branches[0].name
            if branches and pattern("branch").match(self.text, branches[0].span.end)
            else None
        )

    # ---- when ---------------------------------------------------------------------------------------------------

    def as_of(
        self, figure: Figure, sentence: Sentence, parts: Sequence[Clause], *, region: bool
    ) -> str | None:
        """The date at which the figure held or is to hold; None where the text gives none."""
        clause, at = figure.clause, figure.quantity.core.start
        own = [p for p in self._periods(clause.start, clause.end) if not self._told(p, clause)]
        if own:
            before = [p for p in own if p.span.start < at]
            return self._value(before[-1] if before else own[0])
        if (
            re.search(r"截[至止](?:本)?公告(?:披露)?日", self.text[sentence.start : at])
            and self.reading.anchor
        ):
            return self.reading.anchor.isoformat()
        for earlier in reversed([c for c in parts if c.end <= clause.start]):
            for period in reversed(self._periods(earlier.start, earlier.end)):
                if not self._told(period, earlier) and self._lasts(period, earlier):
                    return self._value(period)
        if region and (near := [c for c in parts if c.end <= clause.start]):
            for period in self._periods(near[-1].start, near[-1].end):
                if not self._told(period, near[-1]):
                    return period.value
        for later in [c for c in parts if c.start >= clause.end]:
            for period in self._periods(later.start, later.end):
                due = re.search(r"启用|投产|投运|完工|建成|到位|上线|交付|投入|要等", later.text)
                return period.value if due else None
        return None

    def _value(self, period: Period) -> str:
        """The period's date; 截至一季度末 is the month the quarter ends in."""
        printed = self.text[period.span.start : period.span.end + 1]
        ends = re.search(r"季度?末|半年末", printed) and "/" in period.value
        return period.value.split("/")[1] if ends else period.value

    def _periods(self, start: int, end: int) -> list[Period]:
        return [p for p in self.reading.within(self.reading.periods, start, end) if p.value]

    def _told(self, period: Period, clause: Clause) -> bool:
        """Whether the date only dates the telling: 5月23日签约, 4月9日公告."""
        if re.search(r"截[至止]|到$", self.text[max(0, period.span.start - 3) : period.span.start]):
            return False
        return bool(
            re.match(rf"[^,]{{0,12}}?{pattern('speak').pattern}", self.text[period.span.end : clause.end])
        )

    def _lasts(self, period: Period, clause: Clause) -> bool:
        """Whether a date holds for the clauses after its own: 截至…, 到…底, a date alone, 今日点亮."""
        before = self.text[max(0, period.span.start - 3) : period.span.start]
        after = self.text[period.span.end : clause.end].strip(",:; ")
        if re.search(r"截[至止]|到$|至$|以来$", before) or not after:
            return True
        return bool(re.search(r"点亮|投产|投运|上线|启用|建成|开机|新增", after))


def _weak_plural(figure: Figure, name: ProjectName) -> bool:
    """三座人工智能计算中心: counted centres are no project's name."""
    return figure.measure == "projects" and name.weak


def _overlaps(spans: Sequence[Span], span: Span) -> bool:
    return any(s.start < span.end and span.start < s.end for s in spans)


def _inside_word(text: str, span: Span) -> bool:
    """Meta in metal, 移动 in 移动端: a Latin name must stand alone."""
    around = text[max(0, span.start - 1) : span.start] + text[span.end : span.end + 1]
    return text[span.start].isascii() and any(c.isascii() and c.isalnum() for c in around)


def _between(spans: Sequence[Span], sentence: Sentence) -> Sequence[Span]:
    low = bisect_left(spans, (sentence.start, 0))
    return spans[low : bisect_left(spans, (sentence.end, 0))]
