"""Mentions to contracts, prices and projects: one row a thing, however many papers told it.

Everything here is derived: it is built anew from the mentions and the reviews, in one transaction,
and the same mentions always give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import copies, figures, reviews
from warehouse.contracts import gather
from warehouse.life import Amount, Happening, Life, When, live
from warehouse.projects import resolve_projects
from warehouse.rows import AMOUNT, decimals, registered
from warehouse.store import get_state, set_state, transaction
from warehouse.survival import survive
from warehouse.weighing import Contract, Telling

TABLES = (
    "contracts",
    "contract_events",
    "contract_sources",
    "contract_values",
    "conflicts",
    "price_observations",
    "project_entities",
    "project_sources",
    "project_measures",
    "project_stages",
)
_EPOCH = date(1970, 1, 1)

_TELLINGS = """
    SELECT
        company_code, company, party, counterparty, category, contract,
        action, status, signed_date, event_date,
        amount::DOUBLE, amount_max::DOUBLE, bound, currency, term_months::DOUBLE, reason,
        signed_from - DATE '1970-01-01', signed_to - DATE '1970-01-01',
        event_from - DATE '1970-01-01', event_to - DATE '1970-01-01',
        list(event_id ORDER BY tier_rank, told, event_id), list(DISTINCT doc_id), list(DISTINCT original),
        min(tier_rank), min(told) - DATE '1970-01-01', max(told) - DATE '1970-01-01', count(*),
        arg_min(corrects, (tier_rank, told, event_id)),
        CASE WHEN event_id IN (FROM touched) THEN event_id END
    FROM stage_contracts
    GROUP BY ALL
"""


def resolve(connection: duckdb.DuckDBPyConnection) -> None:
    """Build everything derived from the mentions anew, in one transaction."""
    with transaction(connection):
        copies.find_copies(connection)
        pairs = reviews.apply(connection)
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
        contracts = gather(list(tellings(connection, pairs)), together=pairs.together, apart=pairs.apart)
        _write(connection, contracts)
        figures.prices(connection)
        connection.execute(_PRICES)
        connection.execute(_CONFLICTING_PRICES)
        resolve_projects(connection)
        figures.rates(connection)
        survive(connection)
        set_state(connection, "resolved", "yes")


def is_resolved(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the derived tables fit the mentions and reviews as they are."""
    return get_state(connection, "resolved") == "yes"


def tellings(connection: duckdb.DuckDBPyConnection, pairs: reviews.Pairs) -> Iterator[Telling]:
    """What is told of contracts, equal mentions as one; those a reviewer joined or parted stay alone."""
    touched = sorted({event for pair in (*pairs.together, *pairs.apart) for event in pair})
    connection.execute("CREATE OR REPLACE TEMP TABLE touched (event_id VARCHAR)")
    with registered(connection, pa.table({"event_id": pa.array(touched, pa.string())})):
        connection.execute("INSERT INTO touched FROM incoming")
    for row in connection.execute(_TELLINGS).fetchall():
        yield _telling(row)


def _telling(row: tuple[Any, ...]) -> Telling:
    """One row of _TELLINGS, whose first sixteen columns are Telling's."""
    signed_from, signed_to, acted_from, acted_to = row[16:20]
    events, documents, originals, tier, told, last_told, mentions, corrects = row[20:28]
    values: tuple[Any, ...] = (
        *row[:16],
        None if signed_from is None or signed_to is None else (signed_from, signed_to),
        None if acted_from is None or acted_to is None else (acted_from, acted_to),
        tuple(events),
        frozenset(documents),
        frozenset(originals),
        tier,
        told,
        last_told,
        mentions,
        corrects,
    )
    return Telling(*values)


def _write(connection: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES[:5]}
    ordered = sorted(contracts, key=lambda c: (min(t.told for t in c.tellings), _anchor(c)))
    for number, contract in enumerate(ordered, 1):
        life = live(contract)
        rows["contracts"].append(_contract_row(number, contract, life))
        for event_number, happening in enumerate(life.events, 1):
            rows["contract_events"].append(_event_row(number, event_number, happening))
            rows["contract_sources"] += _source_rows(number, event_number, happening, contract)
        rows["contract_values"] += [
            {
                "contract_no": number,
                "field": name,
                "value": _printed(said.value),
                "event_id": said.event_id,
                "tier_rank": said.tier,
                "agreeing": said.agreeing,
            }
            for name, said in life.values.items()
        ]
        rows["conflicts"] += [
            {"contract_no": number, "kind": "contract", "about": _about(rows["contracts"][-1])}
            | {f: getattr(c, f) for f in c.__slots__}
            for c in life.conflicts
        ]
    for table, records in rows.items():
        if records:
            with registered(connection, _arrow(records)):
                connection.execute(f"INSERT INTO {table} BY NAME FROM incoming")


_KINDS = {"amount": AMOUNT, "amount_max": AMOUNT, "term_months": pa.decimal128(12, 4)}


def _arrow(records: Sequence[dict[str, Any]]) -> pa.Table:
    columns = {}
    for name in records[0]:
        values = [record[name] for record in records]
        kind = _KINDS.get(name)
        columns[name] = decimals(values, kind) if kind is not None else pa.array(values)
    return pa.table(columns)


def _printed(value: object) -> str:
    """As people read it: 12 months, not 12.0."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _about(contract: dict[str, Any]) -> str:
    sides = (contract["company"] or contract["party"], contract["counterparty"] or contract["contract"])
    return " / ".join(side for side in sides if side)


def _anchor(contract: Contract) -> str:
    first = min(contract.tellings, key=lambda t: (t.told, t.events[0]))
    return first.events[0]


def _day(days: int) -> date:
    return _EPOCH + timedelta(days)


def _counts(tellings: Sequence[Telling]) -> dict[str, Any]:
    return {
        "mentions": sum(t.mentions for t in tellings),
        "sources": len(frozenset().union(*(t.documents for t in tellings))),
        "independent_sources": len(frozenset().union(*(t.originals for t in tellings))),
        "first_told": _day(min(t.told for t in tellings)),
    }


def _contract_row(number: int, contract: Contract, life: Life) -> dict[str, Any]:
    amount: Amount | None = life.value("amount")
    named = (
        "company",
        "company_code",
        "party",
        "counterparty",
        "category",
        "contract",
        "term_months",
        "reason",
    )
    return {
        "contract_no": number,
        "contract_id": _anchor(contract),
        **{name: life.value(name) for name in named},
        "amount": amount and amount.low,
        "amount_max": amount and amount.high,
        "bound": amount and amount.bound,
        "currency": amount and amount.currency,
        **_dates("signed", life.value("signed")),
        **_dates("cancelled", life.value("cancelled")),
        "state": _state(life),
        **_counts(contract.tellings),
        "last_told": _day(max(t.last_told for t in contract.tellings)),
    }


def _dates(name: str, when: When | None) -> dict[str, Any]:
    return {
        name: when and when.iso,
        f"{name}_from": when and _day(when.days[0]),
        f"{name}_to": when and _day(when.days[1]),
    }


def _state(life: Life) -> str:
    facts = [e.action for e in life.events if e.status == "effective"]
    if "terminated" in facts:
        return "terminated"
    if facts:
        return facts[-1]
    statuses = {e.status for e in life.events}
    return "proposed" if "proposed" in statuses else min(statuses)


def _event_row(number: int, event_number: int, happening: Happening) -> dict[str, Any]:
    when = happening.when
    return {
        "contract_no": number,
        "event_no": event_number,
        "action": happening.action,
        "status": happening.status,
        "event_date": when and when.iso,
        "event_from": when and _day(when.days[0]),
        "event_to": when and _day(when.days[1]),
        "reason": happening.reason,
        **_counts(happening.tellings),
        "event_id": happening.best.events[0],
    }


def _source_rows(
    number: int, event_number: int, happening: Happening, contract: Contract
) -> Iterator[dict[str, Any]]:
    for telling in happening.tellings:
        why = contract.why[telling.events[0]]
        for event_id in telling.events:
            yield {"event_id": event_id, "contract_no": number, "event_no": event_number, "why": why}


_PRICES = """
    INSERT INTO price_observations BY NAME
    WITH corrected AS (
        FROM stage_prices ANTI JOIN (FROM conflicts WHERE kind = 'price') c ON event_id = c.other_event
        UNION ALL BY NAME
        -- a damaged copy quotes what it is a copy of
        SELECT k.* REPLACE (p.doc_id AS doc_id, p.original AS original, p.told AS told, 9 AS tier_rank)
        FROM conflicts c
        JOIN stage_prices k ON k.event_id = c.kept_event
        JOIN stage_prices p ON p.event_id = c.other_event
        WHERE c.kind = 'price'
    ),
    dated AS (
        -- an undated price holds when it is told; in a copy that comes later, when the original told it
        SELECT p.*,
            coalesce(p.as_of_from, date_trunc('month', coalesce(o.told, p.told))::DATE) AS day_from,
            coalesce(p.as_of_to, last_day(coalesce(o.told, p.told))) AS day_to
        FROM corrected p LEFT JOIN stage_documents o ON o.doc_id = p.original
    ),
    grouped AS (
        SELECT kind, item, unit, gpus, quantity, amount, amount_max, currency, period, as_of,
            day_from AS as_of_from, day_to AS as_of_to,
            arg_min(bound, (tier_rank, told, event_id)) AS bound,
            arg_min(qualifier, (tier_rank, told, event_id)) AS qualifier,
            arg_min(cny_per_gpu_hour, (tier_rank, told, event_id)) AS cny_per_gpu_hour,
            count(*) AS mentions, count(DISTINCT doc_id) AS sources,
            count(DISTINCT original) AS independent_sources, min(told) AS first_told,
            arg_min(event_id, (tier_rank, told, event_id)) AS event_id
        FROM dated
        GROUP BY ALL
    )
    SELECT row_number() OVER (ORDER BY first_told, event_id) AS observation_no, * FROM grouped
"""
_CONFLICTING_PRICES = """
    UPDATE conflicts SET observation_no = found.observation_no
    FROM (
        SELECT c.other_event, min(o.observation_no) AS observation_no
        FROM conflicts c
        JOIN stage_prices p ON p.event_id = c.kept_event
        JOIN price_observations o ON p.kind = o.kind AND p.item = o.item AND p.amount = o.amount
            AND p.unit IS NOT DISTINCT FROM o.unit AND p.gpus IS NOT DISTINCT FROM o.gpus
            AND p.period IS NOT DISTINCT FROM o.period AND p.currency IS NOT DISTINCT FROM o.currency
            AND p.amount_max IS NOT DISTINCT FROM o.amount_max AND p.as_of IS NOT DISTINCT FROM o.as_of
            AND p.told BETWEEN o.first_told AND greatest(o.as_of_to, o.first_told) + 45
        WHERE c.kind = 'price'
        GROUP BY ALL
    ) found
    WHERE conflicts.kind = 'price' AND conflicts.other_event = found.other_event
"""
