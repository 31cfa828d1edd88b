"""The figures of prices, projects and rates that can disagree, and the rows of `conflicts` they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.disagreements import SOON, Figure, Lost, disagreements
from warehouse.life import Amount
from warehouse.rows import registered

_TOLD = """amount::DOUBLE, amount_max::DOUBLE, bound, event_id, doc_id, source, original, tier_rank,
        told - DATE '1970-01-01', start"""
COPIED = 10
"""Days after which the same sentence with another price is next week's price, not a copy of this one."""
_DIGITS = "[0-9０-９.,，一二三四五六七八九十百千万亿两]+"

_PRICES = f"""
    WITH quoted AS (
        SELECT *, concat_ws(' ', item, kind, unit || coalesce(' of ' || gpus, ''), 'per ' || period) AS about,
            concat_ws('|', about, currency, as_of) AS thing,
            regexp_replace(quote, '{_DIGITS}', '#', 'g') AS frame
        FROM stage_prices
    ),
    slots AS (
        SELECT *, thing || '|' || original AS slot, true AS copied FROM quoted
        WHERE original IN (SELECT original FROM stage_documents GROUP BY ALL HAVING count(*) > 1)
        UNION ALL
        SELECT *, thing || '|' || frame, false FROM quoted WHERE length(frame) >= 10
    ),
    doubtful AS (
        SELECT slot FROM slots GROUP BY slot
        HAVING count(DISTINCT doc_id) > 1 AND count(DISTINCT amount) > 1
    )
    SELECT slot, {_TOLD}, currency, about, 'amount' AS field, NULL::INTEGER AS project_no, copied
    FROM slots WHERE slot IN (FROM doubtful) ORDER BY copied DESC, event_id
"""
"""Quotes of one thing in copies of one text, and in sentences that are the same but for the number."""

_PROJECTS = f"""
    WITH sized AS (
        SELECT p.*, s.project_no, concat_ws(' ', e.name, s.phase) AS about,
            p.measure || '_' || standing(p.stage, p.as_of_from, p.told) AS field,
            concat_ws('|', s.project_no, s.phase, field, p.unit, p.as_of) AS slot
        FROM project_sources s
        JOIN project_entities e USING (project_no)
        JOIN stage_projects p USING (event_id)
        WHERE e.name IS NOT NULL
    ),
    doubtful AS (
        SELECT slot FROM sized GROUP BY slot HAVING count(DISTINCT doc_id) > 1 AND count(DISTINCT amount) > 1
    )
    SELECT slot, {_TOLD}, unit, about, field, project_no, true
    FROM sized WHERE slot IN (FROM doubtful) ORDER BY event_id
"""
"""A region or a whole programme has no name: its figures are of different things."""

_RATES = f"""
    WITH rated AS (
        SELECT * RENAME (rate AS amount, rate_max AS amount_max),
            concat_ws('|', scope, metric, status, as_of) AS slot
        FROM stage_utilisation WHERE scope IS NOT NULL
    ),
    doubtful AS (
        SELECT slot FROM rated GROUP BY slot HAVING count(DISTINCT doc_id) > 1 AND count(DISTINCT amount) > 1
    )
    SELECT slot, {_TOLD}, '%', scope, metric, NULL::INTEGER, true
    FROM rated WHERE slot IN (FROM doubtful) ORDER BY event_id
"""

Row = dict[str, Any]


def prices(connection: duckdb.DuckDBPyConnection) -> None:
    """Quotes that are a damaged copy of another one, into `conflicts`."""
    rows = connection.execute(_PRICES).fetchall()
    copied = _conflicts("price", [row for row in rows if row[-1]], soon=COPIED)
    lost = {row["other_event"] for row in copied}
    alike = _conflicts("price", [row for row in rows if not row[-1]], soon=COPIED, broken_only=True)
    record(connection, [*copied, *(r for r in alike if lost.isdisjoint((r["other_event"], r["kept_event"])))])


def projects(connection: duckdb.DuckDBPyConnection) -> None:
    """Measures of named projects that differ at one time, into `conflicts`."""
    record(connection, _conflicts("project", connection.execute(_PROJECTS).fetchall()))


def rates(connection: duckdb.DuckDBPyConnection) -> None:
    """Rates of one scope that differ at one time, into `conflicts`."""
    record(connection, _conflicts("utilisation", connection.execute(_RATES).fetchall()))


def _conflicts(
    kind: str, rows: Sequence[tuple[Any, ...]], *, soon: int = SOON, broken_only: bool = False
) -> list[dict[str, Any]]:
    about = {row[4]: (row[12], row[13], row[14]) for row in rows}
    found = disagreements(_figures(rows), soon=soon, broken_only=broken_only)
    return [
        _row(kind, lost, *about[lost.kept.event_id])
        for lost in found
        # a paper that prints the same table every week copies nobody
        if kind != "price" or lost.kept.source is None or lost.kept.source != lost.other.source
    ]


def _figures(rows: Iterable[tuple[Any, ...]]) -> Iterator[Figure]:
    for row in rows:
        low, high, bound, unit = row[1], row[2], row[3], row[11]
        figure: tuple[Any, ...] = (*row[:11], str(Amount(low, high, bound, unit)))
        yield Figure(*figure)


def _row(kind: str, lost: Lost, about: str, field: str, project_no: int | None) -> Row:
    return {
        "kind": kind,
        "about": about,
        "field": field,
        "kept": lost.kept.printed,
        "kept_event": lost.kept.event_id,
        "other": lost.other.printed,
        "other_event": lost.other.event_id,
        "why": lost.why,
        "project_no": project_no,
    }


_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("kind", "about", "field", "kept", "kept_event")),
        *((name, pa.string()) for name in ("other", "other_event", "why")),
        ("project_no", pa.int32()),
    ]
)


def record(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Add rows to `conflicts`."""
    if rows:
        with registered(connection, pa.Table.from_pylist(list(rows), _COLUMNS)):
            connection.execute("INSERT INTO conflicts BY NAME FROM incoming")
