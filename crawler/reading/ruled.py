"""Ruled tables: from lines drawn on a page to a grid of cells, and which cell a point lies in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.reading.pdf_page import Rule, Rules

_SNAP = 3.0  # points; nearer lines are one, drawn twice or in pieces
_MOST_RULES = 400  # more are a chart or a map; no filing's table has as many


@dataclass(frozen=True, slots=True)
class Grid:
    """One ruled table. `cells[row][column]` numbers the cell there, a merged one twice."""

    xs: tuple[float, ...]
    """Upright borders, left to right; one more than there are columns."""
    ys: tuple[float, ...]
    """Level borders, bottom to top; one more than there are rows."""
    cells: tuple[tuple[int, ...], ...]
    """Rows from the top of the page down."""

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies in the table."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def cell_at(self, x: float, y: float) -> int:
        """Number of the cell that holds a point of the table."""
        column = min(max(bisect_right(self.xs, x) - 1, 0), len(self.xs) - 2)
        row = min(max(bisect_right(self.ys, y) - 1, 0), len(self.ys) - 2)
        return self.cells[len(self.ys) - 2 - row][column]

    def rows(self) -> list[list[tuple[int, int]]]:
        """(column, cell) of the cells that begin in each row; a merged cell is named once."""
        seen: set[int] = set()
        rows = []
        for row in self.cells:
            begins = [(at, cell) for at, cell in enumerate(row) if cell not in seen and cell not in row[:at]]
            seen.update(row)
            rows.append(begins)
        return rows

    def right_of(self, cell: int) -> float:
        """The right border of a cell, in the first row it stands in."""
        row = next(row for row in self.cells if cell in row)
        return self.xs[len(row) - row[::-1].index(cell)]


def find_grids(rules: Rules) -> list[Grid]:
    """The tables on a page: crossing lines that enclose two cells and more. Top of the page first."""
    level, upright = _joined(rules.level), _joined(rules.upright)
    if len(level) < 2 or not upright or len(level) + len(upright) > _MOST_RULES:
        return []
    grids = (_grid(*group) for group in _crossing(level, upright))
    return sorted((grid for grid in grids if grid is not None), key=lambda grid: -grid.ys[-1])


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Pieces of one line put together: on the same axis, end to end or overlapping."""
    joined: list[Rule] = []
    for band in _bands(rules):
        at = sum(rule.at for rule in band) / len(band)
        start, end = band[0].start, band[0].end
        for rule in band[1:]:
            if rule.start > end + _SNAP:
                joined.append(Rule(at, start, end))
                start = rule.start
            end = max(end, rule.end)
        joined.append(Rule(at, start, end))
    return joined


def _bands(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Rules grouped by axis; each band sorted by where its pieces start."""
    bands: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        if bands and rule.at - bands[-1][0].at <= _SNAP:
            bands[-1].append(rule)
        else:
            bands.append([rule])
    return [sorted(band, key=lambda rule: rule.start) for band in bands]


def _crossing(level: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of lines that hang together by crossing; a line that crosses nothing is left out."""
    group_of: dict[int, int] = {}
    members: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for column, wall in enumerate(upright):
        floors = [row for row, floor in enumerate(level) if _cross(floor, wall)]
        groups = {group_of[row] for row in floors if row in group_of}
        home = members.setdefault(column, ([], []))
        for group in groups:
            rows, walls = members.pop(group)
            home[0].extend(rows)
            home[1].extend(walls)
        home[1].append(wall)
        home[0].extend(level[row] for row in floors if row not in group_of)
        group_of.update(dict.fromkeys(floors, column))
        group_of.update({row: column for row, group in group_of.items() if group in groups})
    return [group for group in members.values() if len(group[0]) >= 2]


def _cross(level: Rule, upright: Rule) -> bool:
    return (
        level.start - _SNAP <= upright.at <= level.end + _SNAP
        and upright.start - _SNAP <= level.at <= upright.end + _SNAP
    )


def _grid(level: list[Rule], upright: list[Rule]) -> Grid | None:
    ys = _places(rule.at for rule in level)
    xs = _places([*(rule.at for rule in upright), *_open_sides(level, upright)])
    if (len(xs) - 1) * (len(ys) - 1) < 2:
        return None
    return Grid(tuple(xs), tuple(ys), _merge(xs, ys, level, upright))


def _places(values: Iterable[float]) -> list[float]:
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > _SNAP:
            places.append(value)
    return places


def _open_sides(level: list[Rule], upright: list[Rule]) -> list[float]:
    """Where level lines go past the outermost upright one, the table has a side that was not drawn."""
    left, right = min(rule.start for rule in level), max(rule.end for rule in level)
    sides = [left] if min(rule.at for rule in upright) - left > 3 * _SNAP else []
    return sides + ([right] if right - max(rule.at for rule in upright) > 3 * _SNAP else [])


def _merge(
    xs: list[float], ys: list[float], level: list[Rule], upright: list[Rule]
) -> tuple[tuple[int, ...], ...]:
    """Numbers for the cells: neighbours share one where no line is drawn between them."""
    columns, rows = len(xs) - 1, len(ys) - 1
    middles = [(low + high) / 2 for low, high in pairwise(ys)][::-1], [(a + b) / 2 for a, b in pairwise(xs)]
    walls = [_along(upright, x) for x in xs]
    floors = [_along(level, y) for y in ys][::-1]
    number = list(range(rows * columns))
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if column and not _drawn(walls[column], middles[0][row]):
                _unite(number, here - 1, here)
            if row and not _drawn(floors[row], middles[1][column]):
                _unite(number, here - columns, here)
    roots = [_root(number, at) for at in range(rows * columns)]
    return tuple(tuple(roots[row * columns : (row + 1) * columns]) for row in range(rows))


def _along(rules: Sequence[Rule], at: float) -> list[Rule]:
    return [rule for rule in rules if abs(rule.at - at) <= _SNAP]


def _drawn(rules: list[Rule], at: float) -> bool:
    return not rules or any(rule.start <= at <= rule.end for rule in rules)


def _root(number: list[int], at: int) -> int:
    while number[at] != at:
        at = number[at]
    return at


def _unite(number: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(number, one), _root(number, other)))
    number[second] = first
