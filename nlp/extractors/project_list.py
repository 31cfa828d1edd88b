"""Lists told by 分别 and 依次: as many names or places before as figures behind, first to first.

石榴河智算中心与丁家湾智算中心…,投资分别是3.3亿元和7.8亿元
甘肃、内蒙古、贵州三省区…,在用机架依次是11.2万架、34万架、19.7万架
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from nlp.extractors.project_figure import Figure
from nlp.extractors.project_name import ProjectName
from nlp.extractors.project_outline import Outline
from nlp.place import Place, find_places
from nlp.span import Span

T = TypeVar("T")
_APART = re.compile(r"(?:分别|依次|各自)(?:[为是有达约超]|达到|超过|建[成有]|投[资入]|部署)?[^,。;\d]{0,6}$")
_BETWEEN = re.compile(r"[、,和与及]|以及")
_TAIL = re.compile(r"(?:等)?[一二两三四五六七八九十]?(?:个)?(?:省市?区?|市县?|区县?|地|座城市|城)$")
"""What the last of a list of places may have taken along: 贵州[三省区]."""


@dataclass(frozen=True, slots=True)
class Item:
    """What one figure of a list is told of: one of the two is None."""

    name: ProjectName | None
    place: str | None


def listings(figures: Sequence[Figure], outline: Outline) -> dict[int, Item]:
    """For each figure of such a list, by where it begins in the view, its item."""
    return {
        figure.at: item
        for run in _runs(figures, outline.text)
        for figure, item in zip(run, _items(run, outline), strict=False)
    }


def _runs(figures: Sequence[Figure], text: str) -> Iterator[list[Figure]]:
    """Figures of one measure side by side, where 分别 stands before the first."""
    run: list[Figure] = []
    for figure in figures:
        joined = run and run[-1].measure == figure.measure and _joined(run[-1], figure, text)
        if not joined:
            if len(run) > 1:
                yield run
            run = [figure] if _APART.search(text, figure.clause.start, figure.quantity.span.start) else []
        else:
            run.append(figure)
    if len(run) > 1:
        yield run


def _joined(left: Figure, right: Figure, text: str) -> bool:
    return bool(_BETWEEN.fullmatch(text, left.end, right.quantity.span.start))


def _items(run: Sequence[Figure], outline: Outline) -> list[Item]:
    """As many projects, else places, listed before the run in its sentence; []: not so many."""
    start, at = run[0].sentence.start, run[0].quantity.span.start
    names = _listed([(n.span, n) for n in outline.names_in(start, at)], outline.text, len(run))
    if names:
        return [Item(name, None) for name in names]
    places = _listed([(p.span, p) for p in outline.places_in(start, at)], outline.text, len(run))
    return [Item(None, _bare(place)) for place in places]


def _listed(mentions: Sequence[tuple[Span, T]], text: str, count: int) -> list[T]:
    """The last `count` mentions that stand side by side."""
    for first in range(len(mentions) - count, -1, -1):
        run = mentions[first : first + count]
        if all(_BETWEEN.fullmatch(text, a[0].end, b[0].start) for a, b in pairwise(run)):
            return [mention for _, mention in run]
    return []


def _bare(place: Place) -> str:
    """贵州三省区 is 贵州: the last of the list has taken the count along."""
    bare = _TAIL.sub("", place.name)
    return bare if bare != place.name and find_places(bare) else place.name
