"""Snapshots: immutable, checked before the pointer moves, and no reader ever waits."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.errors import WarehouseError
from tests.warehouse.told import document, event
from warehouse import ask, publish
from warehouse.home import Home
from warehouse.store import locked, writing

A, B = document("a", "甲公司终止合同。"), document("b", "乙公司终止合同。")


def documents(home: Home) -> int:
    return int(ask.sql(home, "SELECT count(*) FROM documents").rows[0][0])


def test_a_snapshot_is_a_new_file_and_the_pointer_names_it(home: Home, fill: Any) -> None:
    fill([A])
    first = publish.current(home)
    fill([B])
    second = publish.current(home)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.exists()
    assert documents(home) == 2


def test_an_open_reader_keeps_what_it_opened(home: Home, fill: Any) -> None:
    fill([A])
    with ask.reader(home) as reader:
        for n in range(5):
            fill([document(f"n{n}", f"第{n}份。")])
        assert reader.execute("SELECT count(*) FROM documents").fetchall() == [(1,)]
    assert documents(home) == 6


def test_readers_do_not_wait_for_the_writer(home: Home, fill: Any) -> None:
    fill([A])
    with locked(home), writing(home) as connection:
        connection.execute("BEGIN")
        connection.execute("DELETE FROM documents")
        assert documents(home) == 1


def test_only_the_last_snapshots_are_kept(home: Home, fill: Any) -> None:
    for n in range(5):
        fill([document(f"n{n}", f"第{n}份。")])
    kept = sorted(home.published.glob("paomo-*.duckdb"))
    assert len(kept) == publish.KEEP
    assert publish.current(home) == kept[-1]


def test_a_failed_check_keeps_the_old_snapshot_and_says_why(home: Home, fill: Any) -> None:
    fill([A], [event(A, "contract", "甲公司终止合同", action="terminated", company="甲公司")])
    good = publish.current(home)
    with locked(home):
        with writing(home) as connection:
            connection.execute("UPDATE contract_mentions SET quote = '别的'")
        with pytest.raises(WarehouseError, match=r"not published.*010_quotes found 1"):
            publish.publish(home)
    assert publish.current(home) == good
    assert sorted(p.name for p in home.published.iterdir()) == sorted(["CURRENT", good.name if good else ""])


def test_a_source_that_lost_documents_is_not_published(home: Home, fill: Any) -> None:
    fill([A, B])
    with locked(home):
        with writing(home) as connection:
            for table in ("documents", "contract_mentions", "document_marks"):
                connection.execute(f"DELETE FROM {table} WHERE doc_id = 'b'")
        with pytest.raises(WarehouseError, match="060_counts_previous"):
            publish.publish(home)
    assert documents(home) == 2


BROKEN = {
    "010_quotes": "UPDATE documents SET text = '改' || text",
    "020_orphans": "DELETE FROM documents",
    "030_future": "UPDATE contract_mentions SET event_from = DATE '2099-01-01'",
    "040_sums": "DELETE FROM contract_sources",
    "050_amounts": "UPDATE contract_mentions SET amount = -1",
}


@pytest.mark.parametrize("check", BROKEN)
def test_every_check_can_fail(home: Home, fill: Any, check: str) -> None:
    fill([A], [event(A, "contract", "甲公司终止合同", action="terminated", company="甲公司", amount=5)])
    with writing(home) as connection:
        assert publish.run_checks(connection) == []
        connection.execute(BROKEN[check])
        assert check in " ".join(publish.run_checks(connection))


def test_what_a_killed_build_left_is_swept(home: Home, fill: Any) -> None:
    torn = home.published / "building-1-2.duckdb"
    torn.write_bytes(b"half a file")
    fill([A])
    assert not torn.exists()
    assert documents(home) == 1
