"""What stands of a project: announced, approved, tender, under construction, done, operating, idle, stopped.

A cue of operation or completion counts as a plan where 将, 预计 or 明年 stands before it; 建成后 says nothing
of today; an approval still wanted (尚需取得备案) is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from functools import cache, cached_property

import daachorse

from nlp.clause import Clause
from nlp.extractors.project_figure import Figure
from nlp.extractors.project_outline import Outline
from nlp.extractors.project_scene import Scene
from nlp.extractors.project_words import alternatives, pattern
from nlp.lexicon import words
from nlp.reading import Sentence

ENDED = ("cancelled", "suspended", "idle")
"""Fates that hold for the whole of a project, whatever was planned for it."""

_DECIDED = {"cancelled", "suspended", "idle", "tender", "approved"}
"""Stages that hold for all a project plans: told before the figure they outweigh its 拟 and 计划."""

_NOT_A_STAGE = re.compile(
    r"承诺投资|上线率|施工(?=采购|总承包|图|单位|招标)|(?:运营|运行)(?=商|方|期|一体|模式|管理|成本|主体|权|公司|单位|效率|费|维护)"
    r"|由[^,;。]{2,20}?(?:投资建设|出资建设|投建|兴建|共同建设)|(?:是|为|相当于)[^,;。]{0,8}(?:现有|在用)[^,;。]{0,8}(?:倍|%|成)"
    r"|(?:奠基|开工|动工|签约|立项|备案|开建|投产|建成|获批)(?:的|之)?(?:时候?|之?初|当[天日年])(?=[,:定宣承的]|规划|计划|喊|称)"
    r"|(?:全部|验收|建成|竣工|投产|投运|完工|达产|启用|上线|投用|投入使用|通电|点亮|交付)+(?:之|以)?后(?:将|预计|可|拟)?(?![停闲却没无])"
)
"""承诺投资额 is the sum of a prospectus, 运营商 a trade; 建成后将新增… tells what a centre shall hold."""
_OF_THE_FUTURE = re.compile(r"的?(?:时间|日期|率|目标|前景|计划|方案)")
_NEGATED = re.compile(r"(?:未|没有?|不|无法|尚未)(?:能|曾|正式|如期)?$")
_PART_DONE = re.compile(r"(?:主体|土建|桩基|结构)[^,]{0,3}$")
_ANOTHER = re.compile(r"[一二三四五六]期|另")
"""Behind a figure: what ends from here on may be another part of it."""
_OTHER_PART = re.compile(r"[^,。;]{0,4}?(?:第?[一二三四五六]期|[一二三四五六1-9]号楼)")
"""Behind a semicolon: 一期已投用;[二期]施工暂停 says nothing of the first."""
_PLANNED_SUM = re.compile(r"(?:项目)?(?:计划|预计|概算|估算)总?投资")
"""计划总投资9.3亿元 names a sum, also of what is being built."""
_ALONE = ("项目", "工地", "工程")
"""What the only project of a document is called: 工地早已停摆."""
_GRANTED = re.compile(r"(?<![未没])(?:获|经|取得)[^,。;]{1,10}?(?:批准|核准|同意(?!意见)|通过|许可)(?!后|前)")
"""已获城规会批准: whoever grants it."""
_OPENS = re.compile(r"(?:该|本|上述|整个)?项目")
_POLICY = re.compile(
    r"^[^,。;]{0,24}(?:意见|方案|规划|办法|计划|措施|通知|纲要)》?(?:提出|明确|要求|指出)[,:]?(?:到|力争|争取|[^。;]{0,12}20\d\d年)"
)
"""What a policy sets for a year to come is no fact yet: 意见提出,到2027年,…建成…"""
_DEAL_ENDED = re.compile(
    r"(?<![不未无])(?:终止|解除|取消)(?:(?!合同|租|订单|采购|服务|影响)[^,。;:《》]){0,12}?(?:(?:智算|算力|数据|超算|云计算|计算)(?:(?!合同|租|订单|采购|服务|影响)[^,。;]){0,8}?项目|项目(?:投资|合作|建设)|(?:项目|投资|投建|建设)(?:合作)?协议)"
    r"|《[^》]{0,30}(?:项目|投资|建设)[^》]{0,8}协议》[^,。;]{0,6}?(?<![不未无])(?:解除|终止|作废)"
)
"""The end of what was agreed to be built: 终止某地智算项目, 《某某中心投资协议》即日起解除."""
_NO_END = re.compile(r"不存在|不会|并未|尚未|没有|若|如果|不得|有权")
_BUILT = ("operating", "completed", "under_construction")


@cache
def _cue(stage: str) -> re.Pattern[str]:
    return re.compile(alternatives(words("project")["stage"][stage]))


def _counts(stage: str, m: re.Match[str], text: str) -> bool:
    """Whether the cue says that the stage is reached."""
    before = text[: m.start()]
    if stage in {"approved", "tender"}:
        return not pattern("unapproved").search(before)
    if stage not in {*_BUILT, "idle"}:
        return True
    if _NEGATED.search(before) or _OF_THE_FUTURE.match(text, m.end()):
        return False
    if stage == "completed" and _PART_DONE.search(before):
        return False
    return stage == "idle" or not pattern("passed").search(re.split(r"[,;]", before)[-1])


def stage_in(text: str) -> str | None:
    """The stage a stretch of the view tells, the strongest if it tells several; None: none."""
    text = _NOT_A_STAGE.sub("", text)
    ended = _DEAL_ENDED.search(text)
    if ended and not _NO_END.search(text[: ended.start()]):
        return "cancelled"
    for stage in words("project")["stage"]:
        if stage == "announced" and _GRANTED.search(text) and not pattern("unapproved").search(text):
            return "approved"
        if any(_counts(stage, m, text) for m in _cue(stage).finditer(text)):
            return str(stage)
    to_come = any(_cue(stage).search(text) for stage in _BUILT) and pattern("passed").search(text)
    return "announced" if to_come else None


def masked(text: str, names: Set[str]) -> str:
    """The text, of the same length, with the names blotted out: 投资建设 in a name is no stage."""
    if not names:
        return text
    listed = daachorse.CharwiseDoubleArrayAhoCorasick(
        sorted(names), match_kind=daachorse.MATCH_KIND_LEFTMOST_LONGEST
    )
    out, done = [], 0
    for start, end, _ in listed.find(text):
        out += [text[done:start], "□" * (end - start)]
        done = end
    return "".join([*out, text[done:]])


_STOOD, _TO_STAND = r"(?:建成|建好|已建|投运|投产|运营|在用|在运)", r"(?:正?在建|建设中|拟建|规划|筹建)"
_AND = r"的?(?:以及|[和及与或、])"
_SEVERAL = re.compile(f"{_STOOD}{_AND}{_TO_STAND}|{_TO_STAND}{_AND}{_STOOD}")
"""已建成和在建的智算中心超过250个: one figure of what stands and what does not."""


class Progress:
    """What stands of each figure's project: told in its clause, around it, or of the project elsewhere."""

    def __init__(self, outline: Outline, figures: Sequence[Figure]) -> None:
        self.outline = outline
        self._figured = {f.clause.start for f in figures}
        self._counts = {f.clause.start for f in figures if f.measure == "projects"}
        self._figured_sentences = {f.sentence.start for f in figures}
        self._last: dict[str, str | None] = {}
        self._stages: dict[int, str | None] = {}
        self._alone = len({n.name for n in outline.names if not n.weak}) == 1
        self._masked = masked(outline.text, {n.name for n in outline.names})
        self._openings: dict[int, str | None] = {}
        self._fates: dict[tuple[str | None, bool], frozenset[str | None]] = {}
        self._fate_of: dict[int, str | None] = {}
        self._clauses = {f.sentence.start: f.parts for f in figures}

    def stage(self, figure: Figure, scene: Scene) -> str | None:
        """The stage of the figure's project; None where the text does not tell it.

        Figures are asked for in order: the last stage told of a project holds until another is.
        """
        stage = self._told(figure, scene)
        if stage in (None, *_BUILT) and _POLICY.search(figure.sentence.text):
            stage = "announced"
        if scene.project and not scene.region:
            stage = stage or self._last.get(scene.project)
            self._last[scene.project] = stage
        return stage

    def _told(self, figure: Figure, scene: Scene) -> str | None:
        if _SEVERAL.search(figure.clause.text):
            return None
        own = self._own(figure)
        behind = list(self._behind(figure))
        ends = {own, *behind, self._ended(figure)}
        if ended := next((s for s in ENDED if s in ends), None):
            return ended
        before = self._before(figure)
        if own == "completed" and before == "announced" and not re.search("已|累计", figure.clause.text):
            own = "announced"  # 拟…分三期建设,首期建成800P
        if own and own != "announced":
            return own
        if before in {"approved", "tender"} and (fate := self._fate(scene, announced=before)) in ENDED:
            return fate  # 2022年备案,总投资14亿元: of what the headline says was given up
        if before in _DECIDED or (before and before != "announced" and self._drawn(figure.clause)):
            return before
        done_behind = next((s for s in behind if s != "announced"), None)
        near = own or done_behind or before or next(iter(behind), None)
        if (near and near != "announced") or (scene.region and not scene.project):
            return near
        if self._drawn(figure.clause) and (led := self._led_in(figure)) in _BUILT:
            return led  # 主体已封顶。该项目设计算力3600P
        fate = self._fate(scene, announced=own or before)
        return fate or near or self._end_of(figure) or self._led_in(figure)

    def _led_in(self, figure: Figure) -> str | None:
        """What the sentence before tells of the 项目 that opens this one: 签署…合作协议。项目总投资35亿元."""
        at = self.outline.sentence_at(figure.sentence.start)
        if not at or not _OPENS.match(figure.sentence.text):
            return None
        last = self.outline.reading.sentences[at - 1]
        told = last.start not in self._figured_sentences
        return stage_in(self._masked[last.start : last.end]) if told else None

    def _own(self, figure: Figure) -> str | None:
        """The stage of the figure's clause, or of its item where the clause lists: 11个投运、27个在建."""
        stage, clause, text = self._of(figure.clause), figure.clause, self.outline.text
        start = text.rfind("、", clause.start, figure.at) + 1 or clause.start
        end = text.find("、", figure.end, clause.end)
        item = stage_in(text[start : end if end >= 0 else clause.end])
        told = (*_BUILT, "suspended", "idle") if figure.measure == "projects" else _BUILT
        return item if item in told and stage in told else stage

    def _of(self, clause: Clause) -> str | None:
        """The stage one clause tells; what is done by a date still to come is announced."""
        if clause.start not in self._stages:  # each figure of a sentence asks all its clauses
            self._stages[clause.start] = self._told_in(clause)
        return self._stages[clause.start]

    def _told_in(self, clause: Clause) -> str | None:
        stage = stage_in(self._masked[clause.start : clause.end])
        anchor = self.outline.reading.anchor
        if stage in {"operating", "completed"} and anchor:
            periods = self.outline.reading.within(self.outline.reading.periods, clause.start, clause.end)
            if any(p.value[:10] > anchor.isoformat()[: len(p.value[:10])] for p in periods if p.value):
                return "announced"
        return stage

    def _drawn(self, clause: Clause) -> bool:
        """Whether the clause only tells a design (规划功率1.2GW), which what is being done outweighs."""
        return not re.search(r"拟|将|计划|预计|再|要|会|下一步|喊", _PLANNED_SUM.sub("", clause.text))

    def _behind(self, figure: Figure) -> Iterator[str]:
        """Stages in the clauses behind the figure's, up to one with a figure or another project."""
        for clause in figure.parts:
            if clause.start < figure.clause.end:
                continue
            if clause.start in self._figured or self._names(clause.start, clause.end):
                return
            if stage := self._of(clause):
                yield stage
        yield from self._chained(figure)

    def _chained(self, figure: Figure) -> Iterator[str]:
        """The sentence behind a semicolon, where it has no figure and names no project: …;其余在建."""
        if not figure.sentence.text.rstrip().endswith(";"):
            return
        sentences = self.outline.reading.sentences
        index = bisect_left(sentences, figure.sentence.end, key=lambda s: s.start)
        if index == len(sentences):
            return
        after = sentences[index]
        alone = after.start not in self._figured_sentences and not self._names(after.start, after.end)
        if alone and not _OTHER_PART.match(after.text):
            yield from filter(None, [stage_in(after.text)])

    def _names(self, start: int, end: int) -> bool:
        return bool(self.outline.names_in(start, end))

    def _ended(self, figure: Figure) -> str | None:
        """An end told anywhere in a sentence of one project, behind its other figures, too."""
        start, end = figure.sentence.start, figure.sentence.end
        if len({n.name for n in self.outline.names_in(start, end)}) > 1:
            return None
        if _ANOTHER.search(self.outline.text, figure.clause.end, end):
            return None
        others = self._counts if figure.measure == "projects" else ()
        later = (c for c in figure.parts if c.start >= figure.clause.end and c.start not in others)
        return next((s for c in later if (s := self._of(c)) in ENDED), None)

    def _before(self, figure: Figure) -> str | None:
        """The nearest stage told before the figure's clause in its sentence, or where a list opens."""
        announced = None
        for clause in reversed(figure.parts):
            if clause.end > figure.clause.start or not (stage := self._of(clause)):
                continue
            decided = stage in _DECIDED and clause.start in self._figured
            if decided and self._names(clause.end, figure.clause.end):
                return announced
            if stage != "announced" and not (announced and stage not in _DECIDED):
                return stage
            announced = "announced"
        if announced:
            return announced
        return self._opening(figure)

    def _opening(self, figure: Figure) -> str | None:
        """The stage of the words that open a list parted by semicolons: 集中开工现场:…;…;…"""
        at = self.outline.sentence_at(figure.sentence.start)
        first = self.outline.reading.sentences[self.outline.heads[at or 0]]
        if at is None or first.start == figure.sentence.start:
            return None
        if first.start not in self._openings:
            names = self.outline.names_in(first.start, first.end)
            opening = self.outline.text[first.start : names[0].span.start if names else first.end]
            told = not re.search(r"\d[万亿P架]", opening) and not _OTHER_PART.match(opening)
            self._openings[first.start] = stage_in(opening) if told else None
        return self._openings[first.start]

    def _end_of(self, figure: Figure) -> str | None:
        """What the sentence says at its end, behind other figures: 占地…,可容纳…,目前已全部投产."""
        for clause in figure.parts:
            if clause.start >= figure.clause.end and clause.start not in self._figured:
                stage = self._of(clause)
                if stage and stage != "announced":
                    return stage
        return next(self._chained(figure), None)

    def _fate(self, scene: Scene, *, announced: str | None) -> str | None:
        """What sentences without a figure, or the headline, tell of the project as a whole."""
        project = scene.project
        about = (project[-2:] if project.endswith("期") else project[:4]) if project else None
        key = about, bool(self._alone and project)
        if key not in self._fates:  # the figures of one project ask the same
            self._fates[key] = frozenset(self._tell_of(*key))
        told = ["cancelled", "suspended", "tender", "approved"]
        told += [] if announced else ["under_construction", "operating", "announced"]
        return next((s for s in told if s in self._fates[key]), None)

    def _tell_of(self, about: str | None, alone: bool) -> Iterator[str | None]:
        """What the headline and the sentences without a figure tell that speak of the project."""
        yield stage_in(self.outline.reading.title)
        sentences = self.outline.reading.sentences
        wanted = set(self._of_any)
        for word in (about, *(_ALONE if alone else ())):
            wanted.update(self._holding(word) if word else ())
        for index in sorted(wanted):
            sentence = sentences[index]
            if sentence.start in self._figured_sentences:
                yield from self._said_beside(sentence, about)
                continue
            if index not in self._fate_of:
                self._fate_of[index] = stage_in(self._masked[sentence.start : sentence.end])
            yield self._fate_of[index]

    def _said_beside(self, sentence: Sentence, about: str | None) -> Iterator[str | None]:
        """该项目上月叫停,圈下的300亩地…: how the project named last ended, told beside a figure."""
        name = self.outline.name_before(sentence.start)
        if not (about and name and about in name.name):
            return
        for clause in self._clauses[sentence.start]:
            if clause.start not in self._figured and pattern("fate_subject").search(clause.text):
                yield from (stage for stage in [self._of(clause)] if stage in ENDED)

    @cached_property
    def _of_any(self) -> frozenset[int]:
        """The sentences that speak of 该项目, whichever that is."""
        cue = pattern("fate_subject")
        return frozenset(i for i, s in enumerate(self.outline.reading.sentences) if cue.search(s.text))

    def _holding(self, word: str) -> Iterator[int]:
        """The numbers of the sentences that hold the word."""
        text, sentences = self.outline.text, self.outline.reading.sentences
        at = text.find(word)
        while at >= 0:
            index = self.outline.sentence_at(at)
            if index is not None:
                yield index
            at = text.find(word, sentences[index].end if index is not None else at + 1)
