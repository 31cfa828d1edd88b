"""What the report shows, read in one go from one snapshot: figures, tables, dots, and their evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from warehouse import ask
from warehouse.home import Home
from warehouse.look import sentence_around
from warehouse.publish import readable
from warehouse.sandbox import Answer, run
from warehouse.store import MENTIONS

Record = dict[str, Any]
ROWS = 1000
"""Rows of the largest table in the file; with their evidence they stay below 3 MB."""
DOTS = 300
"""Quotes drawn as dots."""
MODELS = 8
"""Models that have a line of their own."""
PROOFS = 5
"""Events behind one sum, of projects or of quotes, whose evidence is in the file."""
SIDE = 60
"""Code points of its sentence shown on either side of a quote."""
QUOTE = 220
"""Code points of a quote shown in the file."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One question's rows; `total` counts those left out too, `query` gives them all."""

    rows: list[Record]
    total: int
    query: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The sentence of one event as the report prints it."""

    event_id: str
    before: str
    quote: str
    after: str
    document: Record
    """source, tier, kind, published, url, title."""


@dataclass(frozen=True, slots=True)
class Panels:
    """Everything on the page; `snapshot` names the file it was read from."""

    snapshot: str
    figures: dict[str, Any]
    panels: dict[str, Panel]
    dots: Panel
    evidence: dict[str, Shown] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Panel:
        return self.panels[name]


_FIGURES = """
    SELECT
        (SELECT count(*) FROM stage_documents) AS documents,
        (SELECT count(*) FROM cancellations) AS cancelled,
        (SELECT coalesce(sum(amount), 0) FROM cancellations WHERE currency = 'CNY') AS amount,
        (SELECT count(*) FROM contracts) AS contracts,
        (SELECT count(*) FROM price_quotes) AS quotes,
        (SELECT count(*) FROM project_entities WHERE name IS NOT NULL) AS projects,
        (SELECT count(*) FROM conflicts) AS conflicts,
        (SELECT max(published) FROM stage_documents) AS newest,
        (SELECT count(*) FROM cancellations WHERE currency = 'CNY' AND amount IS NOT NULL) AS amounts_known,
        (SELECT count(*) FROM price_exclusions) AS excluded,
        (SELECT count(DISTINCT item) FROM rent_index) AS models
"""
_MODELS = f"SELECT item FROM rent_index GROUP BY item ORDER BY sum(n) DESC, item LIMIT {MODELS}"
_BOUGHT = (
    "SELECT item, list(event_id ORDER BY as_of_from DESC, event_id) AS proofs FROM price_observations"
    " WHERE kind = 'purchase' AND currency = 'CNY' GROUP BY item"
)
_RENTED = (
    "SELECT item, 'claimed' AS basis, list(event_id ORDER BY event_id) AS proofs FROM rent_observations"
    " WHERE excluded = 'claimed' GROUP BY item"
    " UNION ALL SELECT item, 'peak', list(event_id ORDER BY rent DESC, event_id) FROM rent_observations"
    " WHERE excluded IS NULL OR (excluded = 'no_month' AND qualifier = 'peak') GROUP BY item"
    " UNION ALL SELECT item, 'current', list(event_id ORDER BY as_of_from DESC, event_id)"
    " FROM rent_observations WHERE excluded IS NULL GROUP BY item"
)
"""The quotes behind a payback, the ones that count most first."""
_QUESTIONS: dict[str, tuple[str, int]] = {
    "monthly": (
        "SELECT month, reason, sum(contracts)::INTEGER AS contracts, sum(amount_cny) AS amount_cny"
        " FROM cancellations_monthly WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL",
        3000,
    ),
    "months": (
        "SELECT month, contracts, amount_cny, contracts_so_far, amount_cny_so_far"
        " FROM cancellations_monthly WHERE category IS NULL ORDER BY month",
        1200,
    ),
    "cancellations": (
        "SELECT cancelled, company, counterparty, amount, currency, reason, event_id, signed, days_alive,"
        " party, contract_no, company_code, category, bound, sources FROM cancellations"
        " ORDER BY coalesce(cancelled_from, first_told) DESC, contract_no",
        ROWS,
    ),
    "survival": (
        "SELECT month, survival, lower, upper, at_risk, cancelled, censored FROM contract_survival"
        " WHERE category IS NULL ORDER BY month",
        600,
    ),
    "rents": (
        "SELECT item, tenure, month, median, lower_quartile, upper_quartile, n, sources FROM rent_index"
        f" WHERE NOT stale AND item IN ({_MODELS})"
        " ORDER BY item, tenure, month",
        1000,
    ),
    "payback": (
        "SELECT p.item, p.basis, p.price_cny_per_gpu, p.rent_cny_per_gpu_hour, p.months, p.never,"
        f" list_concat(b.proofs[:{PROOFS}], r.proofs[:{PROOFS}]) AS proofs FROM payback() p"
        f" LEFT JOIN ({_BOUGHT}) b USING (item) LEFT JOIN ({_RENTED}) r USING (item, basis)",
        120,
    ),
    "pipeline": (
        "SELECT coalesce(c.province, '?') AS province, coalesce(c.stage, 'unknown') AS stage, c.projects,"
        " c.compute_pflops, c.investment_cny, p.proofs FROM capacity_pipeline c JOIN"
        f" (SELECT province, stage, list(project_id ORDER BY sources DESC, project_id)[:{PROOFS}] AS proofs"
        " FROM projects WHERE name IS NOT NULL GROUP BY ALL) p"
        " ON c.province IS NOT DISTINCT FROM p.province AND c.stage IS NOT DISTINCT FROM p.stage"
        " ORDER BY 1, 2",
        500,
    ),
    "projects": (
        "SELECT project_no, name, operator, province, stage,"
        " coalesce(compute_pflops_standing, compute_pflops_planned) AS compute_pflops,"
        " coalesce(investment_cny_standing, investment_cny_planned) AS investment_cny, sources,"
        " project_id AS event_id FROM projects WHERE name IS NOT NULL"
        " ORDER BY investment_cny DESC NULLS LAST, compute_pflops DESC NULLS LAST, name",
        150,
    ),
    "utilisation": (
        "SELECT scope, metric, rate, bound, as_of, status, coalesce(as_of_from, published) AS day, event_id"
        " FROM utilisation_rates ORDER BY coalesce(as_of_from, published) DESC NULLS LAST, event_id",
        150,
    ),
    "conflicts": (
        "SELECT kind, about, field, kept, other, why, kept_event AS event_id, other_event, contract_no,"
        " project_no FROM conflicts ORDER BY kind, about, field, other_event",
        75,
    ),
    "coverage": (
        "SELECT source, month, documents, filings, copies FROM coverage WHERE rejects IS NULL"
        " ORDER BY month DESC, source",
        1000,
    ),
    "sources": (
        "SELECT source, count(*) AS documents, max(published) AS newest,"
        " (SELECT max(published) FROM stage_documents) - max(published) AS days_silent"
        " FROM stage_documents GROUP BY source ORDER BY source NULLS LAST",
        200,
    ),
}
_LISTS = ("cancellations", "projects")
"""Panels that are tables only: no chart is drawn from their rows."""
_DOTS = f"""
    SELECT item, tenure, as_of_from AS day, as_of, rent, event_id FROM rent_observations
    WHERE excluded IS NULL
        AND item IN ({_MODELS})
    ORDER BY hash(event_id)
"""
_EVIDENCE = " UNION ALL ".join(
    f"""
    SELECT m.event_id, m.quote,
        substring(d.text, greatest(m.start - {SIDE}, 0) + 1, least(m.start, {SIDE})) AS before,
        substring(d.text, m."end" + 1, {SIDE}) AS after,
        d.source, d.tier, d.kind, d.published, d.url, d.title
    FROM {table} m JOIN documents d USING (doc_id, sha256)
    WHERE m.event_id IN (SELECT unnest($1))
    """
    for table in MENTIONS.values()
)


def gather(home: Home, *, rows: int = ROWS) -> Panels:
    """Read all panels from the snapshot that counts; WarehouseError where there is none.

    `rows`: cancellations and projects in the tables, if that is less than the report has.
    """
    with ask.reader(home) as connection:
        (figures,) = run(connection, _FIGURES).records()
        panels = {
            name: _panel(connection, query, min(limit, rows) if name in _LISTS else limit)
            for name, (query, limit) in _QUESTIONS.items()
        }
        dots = _panel(connection, _DOTS, DOTS)
        wanted = dict.fromkeys(_mentioned([*panels.values(), dots]))
        evidence = {each.event_id: each for each in evidence_of(connection, wanted)}
    return Panels(readable(home).stem, figures, panels, dots, evidence)


def _panel(connection: duckdb.DuckDBPyConnection, query: str, limit: int) -> Panel:
    rows = list(run(connection, f"FROM ({query}) LIMIT {limit}").records())
    total = len(rows)
    if total == limit:
        ((total,),) = run(connection, f"SELECT count(*) FROM ({query})").rows
    return Panel(rows, total, " ".join(query.split()))


def _mentioned(panels: Iterable[Panel]) -> Iterable[str]:
    for panel in panels:
        for row in panel.rows:
            for name in ("event_id", "other_event"):
                if row.get(name):
                    yield row[name]
            yield from row.get("proofs") or ()


def evidence_of(connection: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> Iterable[Shown]:
    """The sentence and the document of every event of these ids that the snapshot holds."""
    found: Answer = run(connection, _EVIDENCE, [list(ids)])
    for row in found.records():
        around = row["before"] + row["quote"] + row["after"]
        start = len(row["before"])
        before, after = sentence_around(around, start, start + len(row["quote"]))
        document = {k: row[k] for k in ("source", "tier", "kind", "published", "url", "title")}
        yield Shown(row["event_id"], before, row["quote"], after, document)


def days_between(newest: date | None, today: date) -> int | None:
    """How old the newest document is, in days; None where there is none."""
    return None if newest is None else (today - newest).days
