"""Projects: how large the announced data centres are, and what became of them. One event a measure.

The way: a cheap scan; the figures of each sentence that measure a project (project_figure, project_measure);
what they are told of (project_outline, project_name, project_scene); what stands of it (project_stage); when.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from nlp.currency import currency_of, home_currency
from nlp.event import ProjectEvent
from nlp.extractors.hearsay import REACH, clarified, denied
from nlp.extractors.project_figure import Figure, figures
from nlp.extractors.project_list import Item, listings
from nlp.extractors.project_measure import KINDS
from nlp.extractors.project_outline import Outline
from nlp.extractors.project_scene import Scene, scene
from nlp.extractors.project_stage import Progress
from nlp.extractors.project_table import listed_projects
from nlp.extractors.project_when import as_of
from nlp.extractors.project_words import pattern
from nlp.part_of import parts_of
from nlp.quantity import Quantity
from nlp.reading import Reading, Sentence
from nlp.span import Span

_OVER = re.compile(r"(?:迈过|跨过|突破|越过|超过|已过|过了|不止)$|(?:最少|至少|不少于|不低于)[^,\d]{0,4}$")
_UNDER = re.compile(r"的?(?:额度内|额度以内|以内|之内|上限)")
_SPEAKER = re.compile(r"(?:^|\n)([^\n:\d]{1,5})\d{0,2}:")
_HOW_MANY = re.compile(r"机[柜架]|柜位|多少个?柜")
_HOW_MUCH = re.compile(r"价|钱|租|费|收入|成本|率")
_FORM = re.compile(r"项目名称:[^\n]{2,60}")
"""What a form of lines (建设单位:…, 总投资:…) is of."""
_HEADING = re.compile(r"\s*(?:[(]?[一二三四五六七八九十\d]{1,2}[)、.][^,。;:]{2,14}|[^,。;:\d]{2,10})\s*")
"""A line that heads the next ones (二、变更情况): the subject lasts over it."""
_CALLED = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,4})项目(?=[:,]|已|于|因)")
"""A project by a part of its name, where a clause opens on it: 湖州[项目]:机柜改为…"""
_ALIKE = 50
"""How many of the last events of one amount a new one is held against, so that long lists stay cheap."""


def extract(reading: Reading) -> Iterator[ProjectEvent]:
    """The project measures a document tells, in its order; nothing supposed or denied."""
    if not pattern("scan").search(reading.text) and not pattern("scan").search(reading.title):
        return
    outline = Outline(reading)
    listed = listed_projects(outline)
    yield from (event for event, _ in listed)
    found = list(_figures(reading))
    if not found:
        return
    progress, items = Progress(outline, found), listings(found, outline)
    home = home_currency(reading.text, reading.document.text)
    tables = sorted({table for _, table in listed})
    told: defaultdict[object, list[ProjectEvent]] = defaultdict(list)
    for figure in found:
        event = _event(figure, outline, progress, home, item=items.get(figure.at))
        if _in_table(event, tables):
            continue
        alike = told[event.measure, event.unit, event.amount, event.amount_max]
        if not any(_same(event, other) for other in alike[-_ALIKE:]):
            alike.append(event)
            yield event


def _in_table(event: ProjectEvent, tables: Sequence[Span]) -> bool:
    """Whether the event was read from the cells of a table that gave its own."""
    index = bisect_right(tables, event.start, key=lambda table: table.start)
    return index > 0 and event.end <= tables[index - 1].end


def _figures(reading: Reading) -> Iterator[Figure]:
    """Every figure that measures a project, of the sentences on data centres and those just behind them."""
    scan, lasting = pattern("scan"), _lasting(reading)
    named = _short_names(reading.text)
    last: Figure | None = None
    left, counted = lasting, False
    for at, sentence in enumerate(reading.sentences):
        asked = _asked(reading.sentences[max(0, at - 2) : at])
        about = asked or bool(scan.search(sentence.text)) or _is_of(sentence, named)
        left = 1 + lasting if about else left - (not _HEADING.fullmatch(sentence.text))
        quantities = _whole(reading, sentence)
        if not any((lasting and q.kind == "compute") or (left > 0 and q.kind in KINDS) for q in quantities):
            continue
        if denied(reading.sentences[at : at + REACH]) or clarified(reading.title, sentence):
            continue
        before = last if last and last.sentence.end >= sentence.start - 1 else None
        found = list(
            figures(sentence, quantities, counted=counted, topic=reading.title, before=before, asked=asked)
        )
        last = found[-1] if found else None
        counted = any(f.measure == "projects" for f in found) or (counted and about)
        yield from found


def _short_names(text: str) -> frozenset[str]:
    """What projects are called for short: 湖州 where the text has 某某智算中心(湖州) and 湖州项目."""
    called = {m[1] for m in _CALLED.finditer(text)}
    centre = pattern("centre", "works", template=r"(?:{0}|{1})")
    around = [text[max(0, m.start() - 12) : m.end() + 8] for m in centre.finditer(text)] if called else []
    named = {name for name in called if any(name in near for near in around)}
    return frozenset(named)


def _is_of(sentence: Sentence, named: frozenset[str]) -> bool:
    return any(m[1] in named for m in _CALLED.finditer(sentence.text))


def _lasting(reading: Reading) -> int:
    """For how many sentences the subject lasts once one has named it: longer where it is the document's.

    A digest goes on to the harvest in the next sentence; an article says 总投资20亿元 a while after the name.
    """
    scan = pattern("scan")
    if _is_dialogue(reading.text):
        return 6
    if scan.search(reading.title):
        return 4
    form = _FORM.search(reading.text)
    if form and scan.search(form.group()):
        return 4
    if reading.abridged:  # what is left out is on something else
        return 0
    about = sum(bool(scan.search(s.text)) for s in reading.sentences)
    return 3 if about * 4 >= len(reading.sentences) else 0


def _whole(reading: Reading, sentence: Sentence) -> list[Quantity]:
    """The quantities of a sentence but those that only tell a share: 十个机柜里三个空着."""
    shares = [part.span for part in parts_of(reading.text, sentence.start, sentence.end)]
    told = reading.within(reading.quantities, sentence.start, sentence.end)
    return [q for q in told if not any(share.overlaps(q.core) for share in shares)]


def _asked(before: Sequence[Sentence]) -> bool:
    """Whether the last question of the sentences before is how many racks there are, or where."""
    questions = [s.text for s in before if s.text.rstrip('”"\n').endswith("?")]
    return bool(questions and _HOW_MANY.search(questions[-1]) and not _HOW_MUCH.search(questions[-1]))


def _is_dialogue(text: str) -> bool:
    """Whether two speak by turns: what is asked about is not named in each answer."""
    turns = Counter(_SPEAKER.findall(text))
    return len([speaker for speaker, times in turns.items() if times > 1]) > 1


def _event(
    figure: Figure, outline: Outline, progress: Progress, home: str, *, item: Item | None
) -> ProjectEvent:
    reading, quantity = outline.reading, figure.quantity
    told_of = scene(figure, outline, item=item)
    start, end, quote = reading.evidence(*_evidence(figure, outline.text))
    money = figure.measure == "investment"
    stage = progress.stage(figure, told_of)
    dated = as_of(
        figure, outline, region=told_of.region, chained=told_of.project is None, plan=stage == "announced"
    )
    return ProjectEvent(
        doc_id=reading.document.doc_id,
        start=start,
        end=end,
        quote=quote,
        confidence=_confidence(figure, told_of),
        rule=f"project.{figure.rule}",
        project=told_of.project,
        operator=told_of.operator,
        place=told_of.place,
        stage=stage,
        measure=figure.measure,
        amount=quantity.low,
        amount_max=quantity.high,
        bound=_bound(figure, outline.text),
        unit=currency_of(figure.unit, quantity.text, home, sentence=figure.sentence.text)
        if money
        else figure.unit,
        as_of=dated,
    )


def _evidence(figure: Figure, text: str) -> tuple[int, int]:
    """The clause without its other enumerated items: 装机1024台服务器、[8192张加速卡]."""
    start, end, span = figure.clause.start, figure.clause.end, figure.quantity.span
    before, after = text.rfind("、", start, span.start), text.find("、", span.end, end)
    if before >= 0 and any(c.isdigit() for c in text[start:before]):
        start = before + 1
    if after >= 0 and any(c.isdigit() for c in text[after:end]):
        end = after
    return start, end


def _bound(figure: Figure, text: str) -> str:
    """The quantity's bound, or the one a verb sets: 算力迈过2000P, 在420亿元额度内."""
    quantity, clause = figure.quantity, figure.clause
    if quantity.bound == "exact":
        if _OVER.search(text[clause.start : quantity.span.start]):
            return "over"
        capped = re.search(r"(?:最多|不超过|不高于)[^,\d]{0,4}$", text[clause.start : quantity.span.start])
        if capped or _UNDER.match(text, quantity.span.end, clause.end):
            return "under"
    return quantity.bound


def _confidence(figure: Figure, told_of: Scene) -> float:
    """The rule's own weight, less where nobody and nowhere is named or the subject is carried from afar."""
    sure = figure.weight
    if not (told_of.project or told_of.operator or told_of.place):
        sure -= 0.15
    if told_of.carried:
        sure -= 0.08
    return round(sure, 2)


def _same(event: ProjectEvent, other: ProjectEvent) -> bool:
    """Whether two events of one amount are one told twice: nothing sets the two apart."""

    def agree(a: str | None, b: str | None) -> bool:
        return not a or not b or a in b or b in a

    return (
        agree(event.project, other.project)
        and agree(event.place, other.place)
        and agree(event.as_of, other.as_of)
    )
