"""Two years told in thirty documents, read by the real extractor: exactly the right contracts come out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from crawler.document import Document
from tests.warehouse.told import document
from warehouse.home import Home
from warehouse.load import load
from warehouse.resolve import TABLES, resolve
from warehouse.store import locked, writing

TOLD = yaml.safe_load((Path(__file__).parent / "scenario.yml").read_text("utf-8"))["documents"]
DOCUMENTS = [
    document(d["id"], d["text"], **{k: str(d[k]) for k in ("published", "kind", "tier", "source", "title")})
    for d in TOLD
]


def build(folder: Path, documents: list[Document]) -> Home:
    home = Home(folder).make()
    with locked(home), writing(home) as connection:
        load(connection, documents, source="scenario")
        resolve(connection)
    return home


@pytest.fixture(scope="module")
def told(tmp_path_factory: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    home = build(tmp_path_factory.mktemp("scenario"), DOCUMENTS)
    with writing(home) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_thirty_documents_are_six_contracts(told: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        told,
        "SELECT company, party, counterparty, category, amount::BIGINT, bound, signed, cancelled, reason, state"
        " FROM contracts ORDER BY contract_no",
    )
    assert len(TOLD) == 30
    assert found == [
        ("鸿博股份", "英博数科", "紫光晓通", "equipment", 494000000, "exact", "2023-07-27", "2024-10-11", "supply", "terminated"),
        ("锦鸡股份", "英智创新", "缔息云联", "compute_rental", 921600000, "exact", "2024-01-09", "2024-11-12", "demand", "terminated"),
        ("青岚股份", None, "潮生云", "compute_rental", 360000000, "exact", "2024-03-05", None, None, "amended"),
        ("青岚股份", None, "汀芷智能", "compute_rental", 120000000, "exact", "2024-06-18", "2025-03-17", "counterparty", "terminated"),
        ("飞利信", None, None, "compute_rental", 1100000000, "about", None, "2024-10-25", "supply", "terminated"),
        ("屿山科技", None, "苇塘网络", "compute_rental", 84000000, "exact", "2025-06-10", None, None, "signed"),
    ]  # fmt: skip


def test_each_life_has_its_events_once(told: duckdb.DuckDBPyConnection) -> None:
    assert rows(told, "SELECT contract_no, steps FROM contract_steps ORDER BY 1") == [
        (
            1,
            "signed 2023-07-27 > delayed 2024-03-20 > terminated (proposed) 2024-10-09 > terminated 2024-10-11",
        ),
        (2, "signed 2024-01-09 > terminated 2024-11-12"),
        (
            3,
            "signed 2024-03-05 > amended 2024-08-30 > terminated (rumoured) 2025-01-13 > terminated (denied) 2025-01-15",
        ),
        (4, "signed 2024-06-18 > terminated 2025-03-17"),
        (5, "terminated 2024-10-25"),
        (6, "signed 2025-06-10"),
    ]


def test_what_disagrees_is_a_conflict_and_the_better_source_wins(told: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        told,
        "SELECT contract_no, field, kept, k.doc_id, other, o.doc_id, why FROM conflicts"
        " JOIN contract_mentions k ON k.event_id = kept_event JOIN contract_mentions o ON o.event_id = other_event"
        " ORDER BY contract_no, field",
    )
    assert found == [
        (1, "amount", "494,000,000 CNY", "b1", "9,400,000,000 CNY", "b9", "a broken number"),
        (2, "amount", "921,600,000 CNY", "a1", "21,600,000 CNY", "a8", "a broken number"),
        (3, "terminated", "denied", "c5", "effective", "c4", "told and denied"),
    ]


def test_copies_are_no_sources_of_their_own(told: duckdb.DuckDBPyConnection) -> None:
    copies = rows(told, "SELECT copies_of, list(doc_id ORDER BY doc_id) FROM documents GROUP BY 1 ORDER BY 1")
    assert copies[:-1] == [("a2", ["a3"]), ("a5", ["a6", "a7"]), ("b6", ["b7", "b8"])]
    ((sources, independent),) = rows(
        told,
        "SELECT sources, independent_sources FROM contract_events"
        " WHERE contract_no = 1 AND action = 'terminated' AND status = 'effective'",
    )
    assert sources >= 4
    assert independent == 3


def test_months_add_up_and_empty_ones_are_there(told: duckdb.DuckDBPyConnection) -> None:
    months = rows(
        told,
        "SELECT month, contracts, amount_cny, contracts_so_far FROM cancellations_monthly WHERE category IS NULL",
    )
    assert months == [
        ("2024-10", 2, Decimal(1594000000), 2),
        ("2024-11", 1, Decimal(921600000), 3),
        ("2024-12", 0, Decimal(0), 3),
        ("2025-01", 0, Decimal(0), 3),
        ("2025-02", 0, Decimal(0), 3),
        ("2025-03", 1, Decimal(120000000), 4),
    ]


def test_every_merge_says_why(told: duckdb.DuckDBPyConnection) -> None:
    why = dict(rows(told, "SELECT doc_id, why FROM contract_sources JOIN contract_mentions USING (event_id)"))
    assert "counterparty same" in why["b9"]
    assert why["f1"] == "first telling"
    assert "" not in why.values()


def test_the_order_of_loading_does_not_matter(tmp_path: Path, told: duckdb.DuckDBPyConnection) -> None:
    shuffled = DOCUMENTS[:]
    random.Random(7).shuffle(shuffled)
    home = build(tmp_path, shuffled)
    with writing(home) as other:
        for table in TABLES:
            assert rows(other, f"FROM {table} ORDER BY ALL") == rows(told, f"FROM {table} ORDER BY ALL"), (
                table
            )


def test_all_checks_pass(told: duckdb.DuckDBPyConnection) -> None:
    from warehouse.publish import run_checks

    assert run_checks(told) == []
