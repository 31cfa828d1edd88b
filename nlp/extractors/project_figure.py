"""The figures of a sentence that measure a project; what is only supposed, general or vague is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nlp.clause import Clause, clauses
from nlp.extractors.project_measure import Setting, Verdict, carry, judge, unnumbered
from nlp.extractors.project_words import pattern
from nlp.place import find_places
from nlp.quantity import Quantity
from nlp.reading import Sentence

_RATING = re.compile(r"\d+(?:\.\d+)?(?:kW|KW|千瓦)的?(?=(?:标准|高密度?|风冷|液冷)?(?:机柜|机架|柜|架))")
"""The power of one rack, no figure: 2000个[5kW]标准机柜."""
_EQUIPPED = re.compile(r"(?:\d{1,2}|[两四八十]|十六)卡的?(?=[^,、;。\d]{0,6}?(?:服务器|整机))")
"""How many cards one server has, no figure: 384台[八卡]服务器."""
_BRACKETS = re.compile(r"\([^()]*\)|【[^【】]*】|\[\d+\]|[“”\"《》]")
_FRAME = re.compile(r"机[架柜]式")
"""The build of a server, no rack: 机架式服务器96台."""
_FORMER_PLAN = re.compile(
    r"(?:按照?|根据|依照?)[^,。;]{0,10}设想$|(?:当时|当初|最初|原先|原有|此前|早先|起初|原|初期)的?设想$"
)
"""按当时的[设想]: what was planned, no supposition."""
_LEAST = {
    "compute": Decimal(10),
    "investment": Decimal(1_000_000),
    "racks": Decimal(10),
    "servers": Decimal(10),
    "cards": Decimal(100),
    "power": Decimal("0.8"),
    "projects": Decimal(3),
}
"""Below these a figure is a specification or a chance number; the smallest rooms that make news are above."""
_COUNTED = re.compile(r"\d[个座家]")
"""建成5个、在建3个、停工1个: the parts of a count may be small."""
_LABEL = 12
"""Longest label, colon included, that opens a line of a filing: 项目预计总投资金额:"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that measures a project, where it stands."""

    quantity: Quantity
    measure: str
    unit: str
    rule: str
    weight: float
    """0 to 1: how sure the rule is of the measure alone."""
    clause: Clause
    sentence: Sentence
    parts: Sequence[Clause]
    """The clauses of the sentence."""

    @property
    def at(self) -> int:
        """Where the number begins in the view."""
        return self.quantity.core.start

    @property
    def end(self) -> int:
        """Where the quantity ends in the view."""
        return self.quantity.span.end


def parts_of(sentence: Sentence) -> list[Clause]:
    """The clauses of a sentence; a label that opens a line belongs to what it labels: 项目总投资:7.35亿元."""
    parts = list(clauses(sentence))
    if len(parts) > 1 and parts[0].text.rstrip().endswith(":") and len(parts[0].text.strip()) <= _LABEL:
        label, first = parts[:2]
        text, bare = label.text + first.text, label.bare + first.bare
        return [Clause(label.start, first.end, text, bare, label.titles + first.titles), *parts[2:]]
    return parts


def figures(
    sentence: Sentence,
    quantities: Sequence[Quantity],
    *,
    counted: bool,
    topic: str,
    before: Figure | None = None,
    asked: bool = False,
) -> Iterator[Figure]:
    """The figures of one sentence that measure a project, in order; `quantities` are the sentence's.

    `counted`: centres were counted in the sentence before. `topic`: the headline. `before`: the last figure
    of the sentence before; None: it has none. `asked`: a question just before is how many racks there are.
    """
    if pattern("entry").search(sentence.text):
        return
    parts, plain = parts_of(sentence), _plain(sentence.text)
    last: Figure | None = None
    for clause in parts:
        own = [
            q
            for q in quantities
            if clause.start <= q.core.start < clause.end and not _describes_one(q, clause)
        ]
        for i, quantity in enumerate(own):
            listed = last is not None and last.clause is clause and last.unit in {"rack", "server", "card"}
            setting = _setting(clause, own, i, sentence=plain, counted=counted, listed=listed, topic=topic)
            setting = replace(setting, asked=asked)
            verdict = judge(setting) or _carried(setting, last, before)
            if verdict and _holds(verdict, setting, clause, parts, quantities):
                last = Figure(quantity, *verdict, clause, sentence, parts)
                counted = counted or verdict.measure == "projects"
                yield last


def _carried(setting: Setting, last: Figure | None, before: Figure | None) -> Verdict | None:
    """The measure of the figure before: of this sentence, else of the one before."""
    known = last or before
    if not known:
        return None
    across = last is None and not known.sentence.text.rstrip().endswith(";")
    return carry(setting, known.quantity, _verdict(known), across=across)


def _verdict(figure: Figure) -> Verdict:
    return Verdict(figure.measure, figure.unit, figure.rule, figure.weight)


def _setting(
    clause: Clause,
    own: Sequence[Quantity],
    i: int,
    *,
    sentence: str,
    counted: bool,
    listed: bool,
    topic: str,
) -> Setting:
    """The surroundings of the i-th of the clause's own quantities; `sentence` is the plain text of all."""
    quantity = own[i]
    begin = own[i - 1].span.end if i else clause.start
    stop = max(own[i + 1].span.start if i + 1 < len(own) else clause.end, quantity.span.end)
    return Setting(
        quantity=quantity,
        left=_plain(clause.text[begin - clause.start : quantity.span.start - clause.start]),
        right=_plain(clause.text[quantity.span.end - clause.start : stop - clause.start]).rstrip(" ,;。\n"),
        clause=_plain(clause.text),
        sentence=sentence,
        topic=topic,
        counted=counted,
        share=bool(i) and own[i - 1].kind == "percent",
        listed=listed,
    )


def _describes_one(quantity: Quantity, clause: Clause) -> bool:
    """Whether it tells what one rack or one server is like: 5kW标准机柜, 八卡服务器."""
    at = quantity.core.start - clause.start
    return bool((_RATING if quantity.kind == "power" else _EQUIPPED).match(clause.text, at))


def _plain(text: str) -> str:
    return _EQUIPPED.sub("", _FRAME.sub("", _RATING.sub("", _BRACKETS.sub("", text))))


def _holds(
    verdict: Verdict,
    setting: Setting,
    clause: Clause,
    parts: Sequence[Clause],
    quantities: Sequence[Quantity],
) -> bool:
    """Whether the figure is one to hold somebody to: large enough, definite, told as a fact."""
    quantity, measure = setting.quantity, verdict.measure
    before = clause.text[: quantity.span.start - clause.start]
    parted = verdict.rule == "projects.carried" and len(_COUNTED.findall(clause.text)) > 1
    if quantity.low < (1 if parted else _LEAST.get(measure, Decimal(0))):
        return False
    if re.match(r"[^\d一二三四五六七八九两]{0,3}[数几][十百千万]", quantity.text):
        return False  # 数百个, 几千P
    if measure in {"compute", "power"} and (
        (pattern("each").search(setting.left[-12:]) and not _of_a_site(setting))
        or pattern("common").search(before[-14:])
    ):
        return False  # 单柜最高40千瓦, 普通机房一座也就5MW
    if measure == "cards" and unnumbered(quantity) and any(_other_cards(q, quantity) for q in quantities):
        return False  # 万卡集群今日点亮,首批部署10240张
    return not _supposed("".join(c.text for c in parts if c.end <= clause.start) + before)


def _of_a_site(setting: Setting) -> bool:
    """满载功耗11兆瓦: so much is no one card's, nor one rack's."""
    return setting.left.endswith("功耗") and setting.quantity.kind == "power" and setting.quantity.low >= 1


def _other_cards(quantity: Quantity, this: Quantity) -> bool:
    return quantity.unit in {"张", "块", "颗", "枚", "卡", "card"} and quantity is not this


def _supposed(before: str) -> bool:
    """Whether 假设, 比如 or 如果 governs what follows `before`; 若全部做满 tells what a plan amounts to."""
    cues = list(pattern("suppose").finditer(before))
    if not cues:
        return False
    cue, rest = cues[-1].group(), before[cues[-1].end() :]
    if cue == "设想" and _FORMER_PLAN.search(before[: cues[-1].end()]):
        return False  # 按当时的设想,中心要投26亿元: what was planned
    if cue in {"比如", "例如", "譬如"}:
        places = find_places(rest)
        return not (places and places[0].span.start == 0)  # 比如山东德州价值约2亿元的…项目: an instance
    if cue == "若" and rest.startswith(("干", "羌", "尔盖")):
        return False
    return not (cue in {"若", "如果"} and pattern("full_build").search(rest))
