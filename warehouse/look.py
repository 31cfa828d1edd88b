"""Questions about one thing: an event and its evidence, a contract and its life, a word and its places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import duckdb

from crawler.errors import QueryError
from warehouse.ask import reader
from warehouse.hints import EVENT_IDS
from warehouse.home import Home
from warehouse.sandbox import Answer, run
from warehouse.store import MENTIONS


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mention with its document: what `explain` shows."""

    row: dict[str, Any]
    source: dict[str, Any]
    before: str
    """The sentence up to the quote."""
    quote: str
    after: str
    conflicts: Answer
    """What disagrees with it, or it with: kind, about, field, the value and the event on either side."""


_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
CONTEXT = 160
"""Code points of context shown where no sentence ends earlier."""


def evidence(home: Home, event_id: str) -> Evidence:
    """The mention of this id (or its beginning); QueryError where none or several have it."""
    with reader(home) as connection:
        row = _mention(connection, event_id)
        answer = run(
            connection,
            "SELECT doc_id, url, title, source, tier, kind, published, fetched_at, reader, sha256, copies_of,"
            " text FROM documents WHERE doc_id = ? AND sha256 = ?",
            [row["doc_id"], row["sha256"]],
        )
        conflicts = run(connection, _DISPUTED, [row["event_id"]] * 2)
    (source,) = answer.records()
    text, start, end = source.pop("text"), row["start"], row["end"]
    before, after = sentence_around(text, start, end)
    return Evidence(row, source, before, text[start:end], after, conflicts)


_DISPUTED = """
    SELECT kind, about, field, kept, kept_event, other, other_event, why
    FROM conflicts WHERE kept_event = ? OR other_event = ? ORDER BY ALL
"""


def _mention(connection: duckdb.DuckDBPyConnection, event_id: str) -> dict[str, Any]:
    if len(event_id) < 4 or not re.fullmatch(r"[0-9a-f]+", event_id):
        raise QueryError(f"{event_id}: not an event id (four or more of 0-9 and a-f); {EVENT_IDS}")
    found = [
        record
        for table in MENTIONS.values()
        for record in run(
            connection, f"SELECT * FROM {table} WHERE starts_with(event_id, ?) LIMIT 2", [event_id]
        ).records()
    ]
    if not found:
        raise QueryError(f"{event_id}: no event has this id; {EVENT_IDS}")
    if len(found) > 1:
        raise QueryError(f"{event_id}: several events begin so; give more of the id")
    return found[0]


def sentence_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after `text[start:end]` in its sentence."""
    head = text[max(0, start - CONTEXT) : start]
    cuts = [m.end() for m in _SENTENCE_END.finditer(head)]
    before = head[cuts[-1] if cuts else 0 :].lstrip()
    if _SENTENCE_END.match(text[end - 1 : end]):
        return before, ""
    tail = text[end : end + CONTEXT]
    stop = _SENTENCE_END.search(tail)
    return before, tail[: stop.end() if stop else len(tail)].rstrip()


@dataclass(frozen=True, slots=True)
class ContractLife:
    """A contract, what happened to it, where each value comes from, and who disagreed."""

    contract: dict[str, Any]
    events: Answer
    values: Answer
    conflicts: Answer
    sources: Answer


def contract(home: Home, number: int) -> ContractLife:
    """The contract of this number; QueryError where there is none."""
    with reader(home) as connection:
        found = run(connection, "SELECT * FROM contracts WHERE contract_no = ?", [number])
        if not found.rows:
            raise QueryError(
                f"contract {number}: no contract has this number; see `paomo show contract_lifecycle`"
            )
        (row,) = found.records()
        return ContractLife(row, *(run(connection, query, [number]) for query in _LIFE))


_LIFE = (
    """
    SELECT e.event_no AS n, e.action, e.status, e.event_date, e.reason, e.sources, e.independent_sources,
        m.quote, e.event_id
    FROM contract_events e JOIN contract_mentions m USING (event_id)
    WHERE e.contract_no = ? ORDER BY e.event_no
    """,
    """
    SELECT v.field, v.value, v.agreeing, d.source, d.published, v.event_id
    FROM contract_values v
    LEFT JOIN contract_mentions m USING (event_id)
    LEFT JOIN stage_documents d ON d.doc_id = m.doc_id
    WHERE v.contract_no = ? ORDER BY v.field
    """,
    """
    SELECT field, kept, kept_event, other, other_event, why
    FROM conflicts WHERE contract_no = ? ORDER BY ALL
    """,
    """
    SELECT s.event_no AS n, m.action, m.status, d.told, d.source, d.title, s.why, m.doc_id, s.event_id
    FROM contract_sources s
    JOIN contract_mentions m USING (event_id)
    LEFT JOIN stage_documents d ON d.doc_id = m.doc_id
    WHERE s.contract_no = ? ORDER BY d.told, s.event_no, s.event_id
    """,
)


@dataclass(frozen=True, slots=True)
class ProjectStory:
    """A project, each of its measures, who disagreed, and every telling."""

    project: dict[str, Any]
    measures: Answer
    conflicts: Answer
    sources: Answer


def project(home: Home, number: int) -> ProjectStory:
    """The project of this number; QueryError where there is none."""
    with reader(home) as connection:
        found = run(
            connection,
            "SELECT e.*, s.stage, s.stages FROM project_entities e"
            " LEFT JOIN project_stages s USING (project_no) WHERE project_no = ?",
            [number],
        )
        if not found.rows:
            raise QueryError(f"project {number}: no project has this number; see `paomo show projects`")
        (row,) = found.records()
        return ProjectStory(row, *(run(connection, query, [number]) for query in _STORY))


_STORY = (
    """
    SELECT measure, standing, amount, unit, phases, event_id
    FROM project_measures WHERE project_no = ? ORDER BY ALL
    """,
    """
    SELECT field, kept, kept_event, other, other_event, why
    FROM conflicts WHERE project_no = ? ORDER BY ALL
    """,
    """
    SELECT p.told, p.source, s.phase, p.stage, p.measure, p.bound, p.amount, p.unit, p.as_of, p.operator,
        p.place, p.quote, p.event_id
    FROM project_sources s JOIN stage_projects p USING (event_id)
    WHERE s.project_no = ? ORDER BY p.told, p.event_id
    """,
)


def search(home: Home, text: str, *, limit: int = 50) -> Answer:
    """Documents that hold this text, in traditional or simplified characters alike, newest first.

    `position` is the first hit's offset in documents.text, `events` counts the mentions whose evidence holds
    a hit, `passage` is the hit in its surroundings as published.
    """
    from warehouse.copies import searchable

    wanted = searchable(text.strip())
    if not wanted:
        raise QueryError("nothing to search for")
    with reader(home) as connection:
        return run(connection, _SEARCH, [wanted, wanted, limit, wanted])


_SEARCH = """
    WITH hits AS (
        SELECT d.doc_id, d.sha256, d.published, d.source, d.title, d.text, m.folded,
            strpos(m.folded, ?) - 1 AS position
        FROM document_marks m JOIN documents d USING (doc_id, sha256)
        WHERE d.is_current AND contains(m.folded, ?)
        ORDER BY d.published DESC NULLS LAST, d.doc_id
        LIMIT ?
    ),
    evidence AS (
        SELECT doc_id, sha256, start, "end" FROM contract_mentions
        UNION ALL SELECT doc_id, sha256, start, "end" FROM price_mentions
        UNION ALL SELECT doc_id, sha256, start, "end" FROM project_mentions
        UNION ALL SELECT doc_id, sha256, start, "end" FROM utilisation_mentions
    ),
    told AS (
        SELECT h.doc_id, count(*) AS events
        FROM hits h JOIN evidence e USING (doc_id, sha256)
        WHERE contains(substring(h.folded, e.start + 1, e."end" - e.start), ?)
        GROUP BY h.doc_id
    )
    SELECT h.published, h.source, h.title, h.position, coalesce(t.events, 0) AS events,
        substring(h.text, greatest(h.position - 29, 1), 90) AS passage, h.doc_id
    FROM hits h LEFT JOIN told t USING (doc_id)
    ORDER BY h.published DESC NULLS LAST, h.doc_id
"""
