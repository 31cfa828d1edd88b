"""The warehouse file: one writer, forwards only, refused in plain words."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from crawler.errors import WarehouseError
from warehouse import ask, store
from warehouse.export import export
from warehouse.home import Home
from warehouse.store import connect, locked, migrations, newest_schema, schema_of, writing
from warehouse.tasks import publish_now


def test_home_is_the_option_else_the_environment_else_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAOMO_HOME", "/somewhere")
    assert Home.find("here").root == Path("here")
    assert Home.find().root == Path("/somewhere")
    monkeypatch.delenv("PAOMO_HOME")
    assert Home.find().root == Path("paomo-data")


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WarehouseError, match="--home"):
        Home(tmp_path / "file").make()


def test_the_schema_is_applied_once(home: Home) -> None:
    for _ in range(2):
        with writing(home) as connection:
            versions = connection.execute("SELECT version FROM schema_version ORDER BY 1").fetchall()
    assert versions == [(n,) for n in range(1, newest_schema() + 1)]


@pytest.mark.parametrize("known", range(1, newest_schema()))
def test_a_snapshot_of_an_older_paomo_is_made_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    """Readers can't migrate what they may not write; `paomo publish` does."""
    with monkeypatch.context() as older:
        older.setattr(store, "migrations", lambda: [m for m in migrations() if m[0] <= known])
        older.setattr(store, "view_files", list)
        with writing(home) as connection:
            assert schema_of(connection) == known
    snapshot = home.published / "paomo-20240101T000000.000000.duckdb"
    shutil.copyfile(home.warehouse, snapshot)
    (home.published / "CURRENT").write_text(snapshot.name + "\n", "utf-8")
    with pytest.raises(WarehouseError, match=r"older paomo.*`paomo publish`"):
        ask.status(home)
    with pytest.raises(WarehouseError, match=r"older paomo.*`paomo publish`"):
        export(home, home.root / "out", ["csv"])
    publish_now(home)
    assert dict(ask.status(home).rows)["documents"] == "0"


def test_a_database_of_a_newer_paomo_is_refused(home: Home) -> None:
    with writing(home) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, now()::TIMESTAMP)")
    with pytest.raises(WarehouseError, match=r"newer paomo.*update paomo"), writing(home):
        pass


def test_somebody_elses_database_is_refused(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as other:
        other.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(WarehouseError, match="not one of paomo's"), writing(home):
        pass


def test_a_file_that_is_no_database_is_refused(home: Home) -> None:
    home.warehouse.write_bytes(b"this is not a database" * 500)
    with pytest.raises(WarehouseError, match="not a DuckDB database"), writing(home):
        pass


def test_a_database_held_by_another_process_is_refused(home: Home) -> None:
    with writing(home):
        pass
    code = f"import duckdb, sys; c = duckdb.connect({str(home.warehouse)!r}); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(WarehouseError, match="held by another process"), writing(home):
            pass
    finally:
        holder.communicate("")


def test_two_writers_of_one_home_do_not_meet(home: Home) -> None:
    with locked(home), pytest.raises(WarehouseError, match=r"another process.*is writing"), locked(home):
        pass
    with locked(home):
        pass


def test_a_missing_warehouse_says_how_to_fill_it(home: Home) -> None:
    with pytest.raises(WarehouseError, match="paomo load"):
        connect(home.warehouse, read_only=True)


def test_every_table_view_and_column_has_a_comment(home: Home) -> None:
    with writing(home) as connection:
        bare = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns()"
            " WHERE NOT internal AND schema_name = 'main' AND comment IS NULL"
            " UNION ALL SELECT table_name, NULL FROM duckdb_tables()"
            " WHERE NOT internal AND schema_name = 'main' AND comment IS NULL"
            " UNION ALL SELECT view_name, NULL FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
        ).fetchall()
    assert bare == []


def test_mention_tables_have_a_column_for_every_field(home: Home) -> None:
    from warehouse.rows import CLASSES
    from warehouse.store import MENTIONS

    with writing(home) as connection:
        for kind in CLASSES:
            columns = {row[0] for row in connection.execute(f"DESCRIBE {MENTIONS[kind.event]}").fetchall()}
            assert {"event", *kind.__dataclass_fields__} <= columns
