"""A disk that fills, folders that refuse, clocks that jump, files that vanish: nothing half-loaded, one line said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.document import Document
from crawler.errors import WarehouseError
from tests.hostile.command import documents, paomo, rows
from tests.warehouse.pooled import one_price
from warehouse import ask, publish
from warehouse.home import Home
from warehouse.load import load
from warehouse.resolve import resolve
from warehouse.sandbox import opened
from warehouse.store import locked, writing


def mounted(*arguments: str | Path) -> bool:
    """Whether this mount was made."""
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mounted("-t", "tmpfs", "-o", "size=6m", "tmpfs", place):
        pytest.skip("a small disk can only be mounted by root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(home: Home, *read: Document) -> Path:
    """Load, resolve and publish these; the snapshot."""
    with locked(home):
        with writing(home) as connection:
            load(connection, read, source="test", version="t1", extract=one_price)
            resolve(connection)
        return publish.publish(home)


def priced(name: str, amount: int = 100, **fields: object) -> Document:
    return Document(doc_id=name, text=f"A100卖{amount}元。", **fields)  # type: ignore[arg-type]


def count(home: Home) -> int:
    ((found,),) = ask.sql(home, "SELECT count(*) FROM documents").rows
    return int(found)


def test_a_full_disk_keeps_what_was_committed_and_a_larger_one_gets_the_rest(
    disk: Path, tmp_path: Path
) -> None:
    source = tmp_path / "many.jsonl"
    source.write_text(documents(300, size=12_000), "utf-8")
    assert mounted("-o", "remount,size=5m", disk)
    full = paomo("load", source, home=disk)
    assert full.returncode == 1
    assert [line for line in full.stderr.splitlines() if "No space left" in line] == full.stderr.splitlines()
    (kept,) = rows(disk, "SELECT count(*) AS n, count(DISTINCT doc_id) AS d FROM documents")
    (told,) = rows(disk, "SELECT count(DISTINCT doc_id) AS d FROM contract_mentions")
    assert kept["n"] == kept["d"] == told["d"] < 300
    assert kept["n"] % 128 == 0
    assert mounted("-o", "remount,size=300m", disk)
    assert paomo("load", source, home=disk).returncode == 0
    assert rows(disk, "SELECT count(*) AS n FROM documents") == [{"n": 300}]


def test_a_folder_that_may_not_be_written_is_one_line_and_still_read(disk: Path, tmp_path: Path) -> None:
    source = tmp_path / "few.jsonl"
    source.write_text(documents(3), "utf-8")
    assert mounted("-o", "remount,size=99m", disk)
    assert paomo("load", source, home=disk).returncode == 0
    assert mounted("-o", "remount,ro", disk)
    refused = paomo("load", source, home=disk)
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert "Read-only file system" in line
    assert str(disk) in line
    assert rows(disk, "SELECT count(*) AS n FROM documents") == [{"n": 3}]


def test_a_clock_set_back_deletes_no_snapshot_that_counts(tmp_path: Path) -> None:
    """The snapshots before it bear names of a year from now, as a clock that ran ahead gave them."""
    home = Home(tmp_path / "data").make()
    fill(home, priced("a"))
    for days in (365, 366, 367):
        ahead = home.published / f"paomo-{datetime.now(UTC) + timedelta(days=days):%Y%m%dT%H%M%S.%f}.duckdb"
        ahead.write_bytes(b"")
    snapshot = fill(home, priced("b"))
    assert snapshot.exists()
    assert publish.current(home) == snapshot
    assert snapshot == max(home.published.glob("paomo-*.duckdb"))
    assert fill(home, priced("c")) > snapshot
    assert count(home) == 3


def test_a_capture_from_the_future_stays_the_last_until_time_has_passed_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").make()
    future, now = datetime(2031, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
    fill(home, priced("a", 100, fetched_at=future), priced("a", 200, fetched_at=now))
    query = "SELECT text, is_current, first_seen <= last_seen FROM documents ORDER BY text"
    assert ask.sql(home, query).rows == [("A100卖100元。", True, True), ("A100卖200元。", False, True)]
    fill(home, priced("a", 200, fetched_at=future + timedelta(days=1)))
    assert ask.sql(home, query).rows == [("A100卖100元。", False, True), ("A100卖200元。", True, True)]


def test_a_snapshot_deleted_under_a_reader_is_read_to_the_end(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").make()
    snapshot = fill(home, *(priced(str(n), n) for n in range(1, 50)))
    with opened(snapshot) as reader:
        reader.execute("SELECT 1").fetchall()
        snapshot.unlink()
        assert reader.execute("SELECT count(*) FROM documents").fetchall() == [(49,)]
    with pytest.raises(WarehouseError, match="paomo"):
        count(home)
    assert paomo("publish", home=home.root).returncode == 0
    assert count(home) == 49


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95])
def test_a_database_cut_short_is_said_and_rebuilt_around(tmp_path: Path, share: float) -> None:
    home = Home(tmp_path / "data").make()
    fill(home, *(priced(str(n), n) for n in range(1, 50)))
    whole = home.warehouse.stat().st_size
    os.truncate(home.warehouse, int(share * whole))
    (tmp_path / "one.jsonl").write_text(documents(1), "utf-8")
    done = paomo("load", tmp_path / "one.jsonl", home=home.root)
    assert "Traceback" not in done.stderr
    assert count(home) >= (49 if done.returncode else 1)  # the snapshot is another file and still answers
    if done.returncode:
        (line,) = done.stderr.splitlines()
        assert str(home.warehouse) in line


def test_two_loads_at_once_one_waits_for_its_turn(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").make()
    (tmp_path / "one.jsonl").write_text(documents(1), "utf-8")
    with locked(home):
        refused = paomo("load", tmp_path / "one.jsonl", home=home.root)
    assert refused.returncode == 1
    assert "another process" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert paomo("load", tmp_path / "one.jsonl", home=home.root).returncode == 0
