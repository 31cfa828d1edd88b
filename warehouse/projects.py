"""Project mentions to projects: the same centre under its full and its short name, its phases with it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.rows import registered

_PHASE = re.compile(r"[(（]?(第?[一二三四五六七八九十\d]+(?:期|阶段|批)(?:工程|项目)?)[)）]?$")
_TAIL = re.compile(r"(建设)?(项目|工程|基地|园区)$")
_PUNCTUATION = re.compile(r"[\s()（）“”\"'《》「」·,，-]")


@dataclass(slots=True, eq=False)
class Entity:
    """Mentions of one project, region or programme."""

    name: str | None
    operator: str | None
    place: str | None
    rows: list[tuple[Any, ...]] = field(default_factory=list)


@lru_cache(maxsize=100_000)
def split_phase(name: str) -> tuple[str, str | None]:
    """A project's name and its phase: 某地智算中心一期 → 某地智算中心, 一期."""
    bare = _TAIL.sub("", name.strip()) or name
    found = _PHASE.search(bare)
    if not found or found.start() < 2:
        return bare, None
    return _TAIL.sub("", bare[: found.start()]) or bare, found[1]


def _folded(name: str) -> str:
    return _PUNCTUATION.sub("", name).upper()


def _same_project(entity: Entity, name: str, operator: str | None, place: str | None) -> bool:
    short, long = sorted((_folded(entity.name or ""), _folded(name)), key=len)
    if short == long:
        return not (place and entity.place and _elsewhere(place, entity.place))
    if len(short) < 4 or short not in long:
        return False
    # 智算中心 alone is in many names: a short name needs the operator or the place to agree
    return bool(
        (operator and operator == entity.operator)
        or (place and entity.place and not _elsewhere(place, entity.place))
    )


def _elsewhere(a: str, b: str) -> bool:
    short, long = sorted((a.rstrip("省市县区"), b.rstrip("省市县区")), key=len)
    return short not in long


def resolve_projects(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill project_entities and project_sources from stage_projects."""
    rows = connection.execute(
        "SELECT project, operator, place, event_id, doc_id, told FROM stage_projects"
        " ORDER BY told, tier_rank, event_id"
    ).fetchall()
    entities: dict[tuple[str, ...], list[Entity]] = defaultdict(list)
    phases: dict[str, str | None] = {}
    # full names first, so that a short one finds its long one whatever paper came first
    for row in sorted(rows, key=lambda r: -len(r[0] or "")):
        phases[row[3]] = _put(entities, row)
    found = [e for group in entities.values() for e in group]
    _write(connection, found, phases)


def _put(entities: dict[tuple[str, ...], list[Entity]], row: tuple[Any, ...]) -> str | None:
    project, operator, place, *_ = row
    if project is None:
        group = entities["", operator or "", place or ""]
        if not group:
            group.append(Entity(None, operator, place))
        group[0].rows.append(row)
        return None
    name, phase = split_phase(project)
    for key in _block(name):
        for entity in entities.get((key,), ()):
            if _same_project(entity, name, operator, place):
                entity.rows.append(row)
                entity.operator = entity.operator or operator
                entity.place = entity.place or place
                return phase
    entity = Entity(name, operator, place, [row])
    for key in _block(name):
        entities[(key,)].append(entity)
    return phase


def _block(name: str) -> tuple[str, ...]:
    return (_folded(name)[:3],)


def _write(
    connection: duckdb.DuckDBPyConnection, entities: list[Entity], phases: dict[str, str | None]
) -> None:
    def anchor(entity: Entity) -> tuple[date, str]:
        return min((row[5], row[3]) for row in entity.rows)

    records, sources = [], []
    for number, entity in enumerate(sorted(entities, key=anchor), 1):
        records.append(
            {
                "project_no": number,
                "project_id": anchor(entity)[1],
                "name": entity.name,
                "operator": entity.operator,
                "place": entity.place,
                "province": province_of(entity.place),
                "mentions": len(entity.rows),
                "sources": len({row[4] for row in entity.rows}),
                "first_told": min(row[5] for row in entity.rows),
                "last_told": max(row[5] for row in entity.rows),
            }
        )
        sources += [
            {"event_id": row[3], "project_no": number, "phase": phases[row[3]]} for row in entity.rows
        ]
    for table, found in (("project_entities", records), ("project_sources", sources)):
        if found:
            with registered(connection, pa.Table.from_pylist(found)):
                connection.execute(f"INSERT INTO {table} BY NAME FROM incoming")


def province_of(place: str | None) -> str | None:
    """The province a place lies in, short name; None where it is not known, or abroad."""
    if not place:
        return None
    from nlp.place import find_places

    at_home = (found.province for found in find_places(place) if found.kind in _AT_HOME)
    return next((name for name in at_home if name), None)


_AT_HOME = ("province", "city", "county", "park", "town")
"""Kinds of places that lie in one province; the others are the nation, its regions, and places abroad."""
