"""Corrections by people: kept as data, found again by their evidence, applied at every resolve."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from crawler.errors import QueryError
from warehouse.plain import plain
from warehouse.store import MENTIONS, first_line, set_state, transaction

VERBS = ("accept", "reject", "edit", "merge", "split")
MARKS = {"contract": "action", "price": "item", "project": "measure", "utilisation": "metric"}
"""The column that tells mentions of one place apart."""
CHOICES = {
    "action": ("signed", "amended", "delayed", "suspended", "terminated", "disputed"),
    "status": ("effective", "proposed", "denied", "rumoured", "observed", "target"),
    "category": ("compute_rental", "equipment", "construction", "cooperation", "other"),
    "reason": ("supply", "demand", "funding", "counterparty", "policy", "mutual", "other"),
    "bound": ("exact", "about", "over", "under", "range"),
    "kind": ("rent", "purchase", "resale", "cost"),
    "metric": ("utilisation", "vacancy", "rack_rate", "rental_rate", "lit_rate"),
    "period": ("hour", "day", "month", "year"),
    "qualifier": ("peak", "low", "claimed", "black_market"),
}
"""Words a field can hold, by the event contract."""
FIXED = {
    "event_id",
    "event",
    "doc_id",
    "sha256",
    "start",
    "end",
    "quote",
    "page",
    "rule",
    "extractor_version",
}
"""Columns no edit may change: evidence is what was published."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Mentions that belong to one contract, and mentions that do not, by the word of a reviewer."""

    together: tuple[tuple[str, str], ...]
    apart: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A mention and what finds it again."""

    event_id: str
    kind: str
    doc_id: str
    start: int
    end: int
    quote: str
    mark: str


def find(connection: duckdb.DuckDBPyConnection, event_id: str) -> Found:
    """The mention of this id or its beginning; QueryError where none or several have it."""
    found = [
        Found(row[0], kind, *row[1:])
        for kind, table in MENTIONS.items()
        for row in connection.execute(
            f'SELECT event_id, doc_id, start, "end", quote, {MARKS[kind]} FROM {table}'
            " WHERE starts_with(event_id, ?) ORDER BY event_id LIMIT 2",
            [event_id],
        ).fetchall()
    ]
    if len(event_id) < 4 or len(found) != 1:
        raise QueryError(f"{event_id}: {'several events begin so' if found else 'no event has this id'}")
    return found[0]


def add(
    connection: duckdb.DuckDBPyConnection,
    verb: str,
    event_id: str,
    *,
    field: str | None = None,
    value: str | None = None,
    other: str | None = None,
    reviewer: str | None = None,
    note: str | None = None,
) -> int:
    """Store one review; its number. QueryError where it could never be applied."""
    found = find(connection, event_id)
    if verb == "edit":
        _check_edit(connection, found, field, value)
    twin = find(connection, other) if other is not None else None
    if verb in ("merge", "split") and (twin is None or found.kind != "contract" or twin.kind != "contract"):
        raise QueryError(f"{verb} needs two contract mentions")
    with transaction(connection):
        set_state(connection, "resolved", "no")
        (row,) = connection.execute("SELECT coalesce(max(review_no), 0) + 1 FROM reviews").fetchall()
        connection.execute(
            f"INSERT INTO reviews VALUES ({', '.join('?' * 18)}, now()::TIMESTAMP)",
            [
                *(
                    row[0],
                    verb,
                    found.kind,
                    found.event_id,
                    found.doc_id,
                    found.start,
                    found.end,
                    found.quote,
                ),
                *(found.mark, field, value),
                *((twin.event_id, twin.doc_id, twin.start, twin.end, twin.mark) if twin else [None] * 5),
                *(reviewer, note),
            ],
        )
    return int(row[0])


def _check_edit(
    connection: duckdb.DuckDBPyConnection, found: Found, field: str | None, value: str | None
) -> None:
    columns = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns()"
            " WHERE table_name = ? AND schema_name = 'main' AND column_name NOT SIMILAR TO '.*_(from|to)'",
            [MENTIONS[found.kind]],
        ).fetchall()
    )
    allowed = sorted(set(columns) - FIXED)
    if field is None or field not in allowed:
        raise QueryError(f"{field}: no field that can be edited; there are {', '.join(allowed)}")
    try:
        connection.execute(f"SELECT CAST(? AS {columns[field]})", [value or None]).fetchall()
    except duckdb.Error as error:
        raise QueryError(f"{field} cannot be {value!r}: {first_line(error)}") from error
    choices = CHOICES.get(field)
    if choices and value not in choices and (value or field in ("action", "status", "kind", "metric")):
        raise QueryError(f"{field} cannot be {value!r}; it is one of {', '.join(choices)}")
    dated = field.endswith("_date") or field == "as_of"
    if (
        dated
        and value
        and not connection.execute("SELECT iso_from(?) <= iso_to(?)", [value] * 2).fetchall()[0][0]
    ):
        raise QueryError(f"{field} cannot be {value!r}; write 2024, 2024-10, 2024-10-11 or 2024-01/2024-06")


def apply(connection: duckdb.DuckDBPyConnection) -> Pairs:
    """Bring `reviewed.*` up to date; the pairs to join and to part. Runs inside the caller's transaction."""
    for table in ("standing", *MENTIONS.values()):
        connection.execute(f"DELETE FROM reviewed.{table}")
    together: list[tuple[str, str]] = []
    apart: list[tuple[str, str]] = []
    standing: dict[str, str] = {}
    edits: dict[tuple[str, str], dict[str, str | None]] = {}
    for review in _reviews(connection):
        for event_id in _events(connection, review, ""):
            if review["verb"] in ("merge", "split"):
                pairs = [(event_id, other) for other in _events(connection, review, "other_")]
                (together if review["verb"] == "merge" else apart).extend(pairs)
            elif review["verb"] == "edit":
                standing[event_id] = "edited"
                edits.setdefault((review["kind"], event_id), {})[review["field"]] = review["value"] or None
            elif review["verb"] == "reject":
                standing[event_id] = "rejected"
            elif standing.get(event_id) != "edited":
                standing[event_id] = "accepted"
    for event_id, word in standing.items():
        connection.execute("INSERT INTO reviewed.standing VALUES (?, ?)", [event_id, word])
    for (kind, event_id), fields in edits.items():
        if standing[event_id] == "edited":
            _correct(connection, MENTIONS[kind], event_id, fields)
    return Pairs(tuple(together), tuple(apart))


def _reviews(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    cursor = connection.execute("SELECT * FROM reviews ORDER BY review_no")
    names = [column[0] for column in cursor.description or ()]
    return (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _events(connection: duckdb.DuckDBPyConnection, review: dict[str, Any], prefix: str) -> list[str]:
    """The mention a review speaks of: by id, else what now stands at its evidence and is of its sort."""
    kind = review["kind"]
    table = MENTIONS[kind]
    (exact,) = connection.execute(
        f"SELECT count(*) FROM {table} WHERE event_id = ?", [review[f"{prefix}event_id"]]
    ).fetchall()
    if exact[0]:
        return [review[f"{prefix}event_id"]]
    rows = connection.execute(
        f'SELECT event_id FROM {table} WHERE doc_id = ? AND start < ? AND "end" > ? AND {MARKS[kind]} = ?'
        " ORDER BY event_id",
        [review[f"{prefix}{name}"] for name in ("doc_id", "end", "start", "mark")],
    ).fetchall()
    return [event_id for (event_id,) in rows]


def _correct(
    connection: duckdb.DuckDBPyConnection, table: str, event_id: str, fields: dict[str, str | None]
) -> None:
    connection.execute(
        f"INSERT INTO reviewed.{table} BY NAME SELECT * FROM main.{table} WHERE event_id = ?", [event_id]
    )
    for name, value in fields.items():
        changes = [f'"{name}" = ?']
        values = [value]
        if name.endswith("_date") or name == "as_of":
            base = name.removesuffix("_date")
            changes += [f"{base}_from = iso_from(?)", f"{base}_to = iso_to(?)"]
            values += [value, value]
        connection.execute(
            f"UPDATE reviewed.{table} SET {', '.join(changes)} WHERE event_id = ?", [*values, event_id]
        )


def export(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Every review as one line of JSON."""
    for review in _reviews(connection):
        yield json.dumps({k: plain(v) for k, v in review.items()}, ensure_ascii=False)


def _parsed(line: str) -> dict[str, Any]:
    try:
        review = json.loads(line)
        wrong = set(review) - _COLUMNS or {"review_no", "verb", "event_id"} - set(review)
    except (ValueError, TypeError) as error:
        raise QueryError(f"not a line of `paomo review export` ({error}): {line[:60]}") from error
    if wrong or review["verb"] not in VERBS:
        raise QueryError(f"not a line of `paomo review export`: {line[:60]}")
    return dict(review)


_COLUMNS = {
    *("review_no", "verb", "kind", "event_id", "doc_id", "start", "end", "quote", "mark", "field", "value"),
    *(
        "other_event_id",
        "other_doc_id",
        "other_start",
        "other_end",
        "other_mark",
        "reviewer",
        "note",
        "made_at",
    ),
}


def restore(connection: duckdb.DuckDBPyConnection, lines: Iterable[str]) -> int:
    """Reviews as `export` wrote them back in, those not known yet; how many were new."""
    known = set(export(connection))
    fresh = [line.strip() for line in lines if line.strip() and line.strip() not in known]
    with transaction(connection):
        set_state(connection, "resolved", "no")
        taken = {number for (number,) in connection.execute("SELECT review_no FROM reviews").fetchall()}
        for line in fresh:
            review = _parsed(line)
            if review["review_no"] in taken:  # made in another data folder: it comes after those of this one
                review["review_no"] = max(taken) + 1
            taken.add(review["review_no"])
            names = ", ".join(f'"{name}"' for name in review)
            marks = ", ".join("?" for _ in review)
            connection.execute(f"INSERT INTO reviews ({names}) VALUES ({marks})", list(review.values()))
    return len(fresh)
