"""Project mentions to projects: the same centre under its full and its short name, its phases with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import figures
from warehouse.likeness import Like, names
from warehouse.rows import registered

_PHASE = re.compile(r"[(（]?(第?[一二三四五六七八九十\d]+(?:期|阶段|批)(?:工程|项目)?)[)）]?$")
_TAIL = re.compile(r"(建设)?(项目|工程|基地|园区)$")
_PUNCTUATION = re.compile(r"[\s()（）“”\"'《》「」·,，-]")
SHORTEST = 4
"""Characters of a short name that can stand for a longer one: 智算 is in all of them."""

_TELLINGS = """
    SELECT project, operator, place, list(event_id ORDER BY told, tier_rank, event_id), list(DISTINCT doc_id),
        list(DISTINCT original), list(DISTINCT concat_ws(' ', measure, unit, amount)),
        min(tier_rank), min(told), max(told)
    FROM stage_projects
    GROUP BY project, operator, place,
        CASE WHEN coalesce(project, operator, place) IS NULL THEN original END
    ORDER BY coalesce(length(project), 0), project NULLS FIRST, operator NULLS LAST, place NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """All mentions with one name, operator and place."""

    project: str | None
    operator: str | None
    place: str | None
    events: list[str]
    documents: list[str]
    originals: list[str]
    """The documents they are copies of, or the documents themselves."""
    figures: list[str]
    """Each measure it gives, printed."""
    tier: int
    """1 official to 4 aggregator: the best of the documents."""
    first_told: date
    last_told: date


@dataclass(slots=True, eq=False)
class Entity:
    """Tellings of one project, region or programme."""

    name: str | None
    operator: str | None
    place: str | None
    """Those first met; `best` says which count."""
    places: set[str] = field(default_factory=set)
    figures: set[str] = field(default_factory=set)
    tellings: list[tuple[Telling, str | None]] = field(default_factory=list)
    """With the phase each names."""

    def add(self, telling: Telling, phase: str | None) -> None:
        """Take a telling in; it may know what was not known yet."""
        self.tellings.append((telling, phase))
        self.operator = self.operator or telling.operator
        self.place = self.place or telling.place
        self.figures.update(telling.figures)
        if telling.place:
            self.places.add(telling.place)

    def away(self, place: str | None) -> bool:
        """Whether it cannot lie there: every place told of it, closer than the province, is another."""
        towns = [known for known in self.places if province_of(known) != known] or self.places
        return bool(place and towns) and all(elsewhere(place or "", known) for known in towns)

    @property
    def anchor(self) -> tuple[date, str]:
        """Its first telling: orders and names it."""
        return min((t.first_told, t.events[0]) for t, _ in self.tellings)

    def best(self, what: Callable[[Telling], str | None]) -> list[tuple[str, Telling]]:
        """The distinct values told, each with its best telling: best source, then agreement, then time."""
        told: dict[str, list[Telling]] = defaultdict(list)
        for telling, _ in self.tellings:
            if (value := what(telling)) is not None:
                told[value].append(telling)
        ranked = []
        for value, group in told.items():
            best = min(group, key=lambda t: (t.tier, t.first_told, t.events[0]))
            sources = len({original for t in group for original in t.originals})
            ranked.append(((best.tier, -sources, best.first_told, best.events[0]), value, best))
        return [(value, best) for _, value, best in sorted(ranked, key=lambda r: r[0])]


@lru_cache(maxsize=100_000)
def split_phase(name: str) -> tuple[str, str | None]:
    """A project's name and its phase: 某地智算中心一期 → 某地智算中心, 一期."""
    bare = _TAIL.sub("", name.strip()) or name
    found = _PHASE.search(bare)
    if not found or found.start() < 2:
        return bare, None
    return _TAIL.sub("", bare[: found.start()]) or bare, found[1]


@lru_cache(maxsize=100_000)
def _folded(name: str) -> str:
    return _PUNCTUATION.sub("", name).upper()


def elsewhere(a: str, b: str) -> bool:
    """Whether two places cannot be one: neither names the other, nor is one the province of the other."""
    short, long = sorted((a.rstrip("省市县区"), b.rstrip("省市县区")), key=len)
    return short not in long and province_of(short) != long and province_of(long) != short


def gather(tellings: Iterable[Telling]) -> list[Entity]:
    """Projects of these tellings, which come with short names first."""
    unnamed: dict[tuple[str | None, str | None, str | None], Entity] = {}
    named: dict[str, list[Entity]] = defaultdict(list)
    for telling in tellings:
        if telling.project is None:
            # what has no name, no operator and no place is only one thing inside one text
            text = None if telling.operator or telling.place else min(telling.originals)
            key = (telling.operator, telling.place)
            entity = unnamed.setdefault((*key, text), Entity(None, *key))
            entity.add(telling, None)
            continue
        name, phase = split_phase(telling.project)
        folded = _folded(name)
        found = next(_known(named, folded, telling), None)
        if found is None:
            found = Entity(name, telling.operator, telling.place)
        found.add(telling, phase)
        if found not in named[folded]:
            named[folded].append(found)
        if len(name) > len(found.name or ""):
            found.name = name
    ordered = {id(e): e for group in named.values() for e in group}
    return [*unnamed.values(), *ordered.values()]


def _known(named: dict[str, list[Entity]], folded: str, telling: Telling) -> Iterator[Entity]:
    """Projects this telling can mean: of the very name, then of one that is part of it."""
    for entity in named.get(folded, ()):
        if not entity.away(telling.place):
            yield entity
        elif telling.operator == entity.operator and not entity.figures.isdisjoint(telling.figures):
            yield entity  # the same figures: one of the two mistakes the town
    for length in range(len(folded) - 1, SHORTEST - 1, -1):
        for start in range(len(folded) - length + 1):
            for entity in named.get(folded[start : start + length], ()):
                if _agree(entity, telling):
                    yield entity


def _agree(entity: Entity, telling: Telling) -> bool:
    """智算中心 alone is in many names: a short name needs the operator or the place to agree."""
    if telling.place and entity.places:
        return not entity.away(telling.place)
    return telling.operator is not None and telling.operator == entity.operator


def resolve_projects(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the project tables from stage_projects."""
    entities = gather(Telling(*row) for row in connection.execute(_TELLINGS).fetchall())
    records: list[dict[str, Any]] = []
    sources: dict[str, list[Any]] = {"event_id": [], "project_no": [], "phase": []}
    disputed: list[dict[str, Any]] = []
    for number, entity in enumerate(sorted(entities, key=lambda e: e.anchor), 1):
        records.append(_record(number, entity))
        if entity.name is not None:
            disputed += _disputed(number, entity)
        for telling, phase in entity.tellings:
            sources["event_id"] += telling.events
            sources["project_no"] += [number] * len(telling.events)
            sources["phase"] += [phase] * len(telling.events)
    if records:
        _insert(connection, "project_entities", pa.Table.from_pylist(records))
        phases = pa.array(sources.pop("phase"), pa.string())
        _insert(connection, "project_sources", pa.table({**sources, "phase": phases}))
    figures.record(connection, disputed)
    figures.projects(connection)
    connection.execute(_MEASURES)
    connection.execute(_STAGES)


_MEASURES = """
    INSERT INTO project_measures BY NAME
    WITH told AS (
        SELECT s.project_no, s.phase, p.measure, p.unit, p.amount, p.tier_rank, p.event_id,
            coalesce(p.as_of_from, p.told) AS day, standing(p.stage, p.as_of_from, p.told) AS standing
        FROM project_sources s JOIN stage_projects p USING (event_id)
        WHERE p.event_id NOT IN (SELECT other_event FROM conflicts WHERE kind = 'project')
    ),
    phases AS (
        SELECT * FROM told
        QUALIFY row_number() OVER (
            PARTITION BY project_no, phase, measure, unit, standing ORDER BY tier_rank, day DESC, event_id
        ) = 1
    )
    SELECT project_no, measure, unit, standing,
        coalesce(max(amount) FILTER (phase IS NULL), sum(amount)) AS amount,
        count(phase)::INTEGER AS phases,
        coalesce(any_value(event_id) FILTER (phase IS NULL), arg_max(event_id, (day, event_id))) AS event_id
    FROM phases
    GROUP BY project_no, measure, unit, standing
"""
_STAGES = """
    INSERT INTO project_stages BY NAME
    WITH told AS (
        SELECT s.project_no, p.stage, p.told, p.event_id,
            coalesce(p.as_of_from, p.told) AS day, day > p.told AS hoped,
            list_position(['announced', 'approved', 'tender', 'under_construction', 'completed', 'operating',
                'idle', 'suspended', 'cancelled'], p.stage) AS rank
        FROM project_sources s JOIN stage_projects p USING (event_id)
        WHERE p.stage IS NOT NULL
    )
    -- what is to be in operation in 2027 is not in operation yet: 到2027年投产
    SELECT project_no,
        arg_max(stage, (least(day, told), told, rank, event_id))
            FILTER (NOT hoped OR stage NOT IN ('completed', 'operating', 'idle')) AS stage,
        list(DISTINCT strftime(day, '%Y-%m') || ' ' || stage || CASE WHEN hoped THEN ' (planned)' ELSE '' END
            ORDER BY strftime(day, '%Y-%m') || ' ' || stage
                || CASE WHEN hoped THEN ' (planned)' ELSE '' END) AS stages
    FROM told
    GROUP BY project_no
"""


def _disputed(number: int, entity: Entity) -> Iterator[dict[str, Any]]:
    """Operators and places that cannot both be right, told by different texts."""
    questions: tuple[tuple[str, Callable[[Telling], str | None], Callable[[str, str], bool]], ...] = (
        ("operator", lambda t: t.operator, lambda a, b: names(a, b) is Like.OTHER),
        ("place", lambda t: t.place, elsewhere),
    )
    for name, what, apart in questions:
        told = entity.best(what)
        for value, telling in told[1:]:
            kept, best = told[0]
            # one text that names two builds them together: 由甲与乙共同建设
            if apart(kept, value) and set(telling.documents).isdisjoint(best.documents):
                yield {
                    "kind": "project",
                    "about": entity.name,
                    "field": name,
                    "kept": kept,
                    "kept_event": best.events[0],
                    "other": value,
                    "other_event": telling.events[0],
                    "why": "disagrees",
                    "project_no": number,
                }


def _record(number: int, entity: Entity) -> dict[str, Any]:
    tellings = [telling for telling, _ in entity.tellings]
    operators, places = entity.best(lambda t: t.operator), entity.best(lambda t: t.place)
    place = places[0][0] if places else None
    return {
        "project_no": number,
        "project_id": entity.anchor[1],
        "name": entity.name,
        "operator": operators[0][0] if operators else None,
        "place": place,
        "province": province_of(place),
        "mentions": sum(len(t.events) for t in tellings),
        "sources": len({d for t in tellings for d in t.documents}),
        "first_told": min(t.first_told for t in tellings),
        "last_told": max(t.last_told for t in tellings),
    }


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    with registered(connection, rows):
        connection.execute(f"INSERT INTO {table} BY NAME FROM incoming")


_AT_HOME = ("province", "city", "county", "park", "town")
"""Kinds of places that lie in one province; the others are the nation, its regions, and places abroad."""


@lru_cache(maxsize=10_000)
def province_of(place: str | None) -> str | None:
    """The province a place lies in, short name; None where it is not known, or abroad."""
    if not place:
        return None
    from nlp.place import find_places

    at_home = (found.province for found in find_places(place) if found.kind in _AT_HOME)
    return next((name for name in at_home if name), None)
