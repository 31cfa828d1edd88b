"""The user's SQL reads the ledger and nothing else."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import QueryError, WarehouseError
from tests.warehouse.told import document
from warehouse import ask
from warehouse.home import Home


@pytest.fixture
def filled(home: Home, fill: Any) -> Home:
    fill([document("a", "一份文件。")])
    return home


def test_a_query_answers_with_names_and_rows(filled: Home) -> None:
    answer = ask.sql(filled, "SELECT doc_id, characters FROM documents")
    assert answer.columns == ("doc_id", "characters")
    assert answer.rows == [("a", 5)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "FROM '{folder}/secret.csv'",
        "FROM glob('/*')",
        "COPY documents TO '{folder}/out.csv'",
        "COPY (SELECT 1) TO '{folder}/out.parquet'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD '{folder}/x.duckdb_extension'",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "DELETE FROM documents",
        "INSERT INTO rejects VALUES ('a', 'b', 'c', 'd', 'e', now()::TIMESTAMP)",
        "DROP VIEW cancellations",
        "CREATE TABLE mine (a INTEGER)",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM read_json('/etc/hostname')",
        "SELECT * FROM read_parquet('{folder}/*')",
        "SELECT * FROM parquet_metadata('{folder}/x')",
        "SELECT * FROM sniff_csv('{folder}/secret.csv')",
        "SELECT (SELECT count(*) FROM query('SELECT * FROM read_text(''/etc/hostname'')'))",
        "SELECT * FROM duckdb_secrets()",
        "SELECT getenv('HOME')",
        "CREATE SECRET s (TYPE s3)",
        "ATTACH ':memory:' AS more; COPY documents TO '{folder}/out.csv'",
        "COPY documents FROM '{folder}/secret.csv'",
        "IMPORT DATABASE '{folder}'",
        "PRAGMA temp_directory='{folder}'",
        "SET temp_directory = '{folder}'",
        "SET TimeZone = 'Asia/Shanghai'; SET GLOBAL threads = 1",
        "PRAGMA enable_profiling='json'; PRAGMA profiling_output='{folder}/out.json'; SELECT 1",
        "UPDATE documents SET text = 'x'",
        "CREATE OR REPLACE VIEW cancellations AS SELECT 1",
        "COMMENT ON TABLE documents IS 'x'",
        "ALTER TABLE documents ADD COLUMN x INTEGER",
        "SELECT * FROM nowhere",
        "SELEKT 1",
        "",
        "-- only a remark",
    ],
)
def test_what_a_query_may_not_do_is_one_clear_line(filled: Home, tmp_path: Path, query: str) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(QueryError) as caught:
        ask.sql(filled, query.format(folder=tmp_path))
    assert "\n" not in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert ask.sql(filled, "SELECT count(*) FROM documents").rows == [(1,)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    ],
)
def test_a_query_without_end_is_stopped(filled: Home, query: str) -> None:
    with pytest.raises(QueryError, match=r"stopped after 0\.3 seconds"):
        ask.sql(filled, query, seconds=0.3)
    assert ask.sql(filled, "SELECT count(*) FROM documents").rows == [(1,)]


def test_each_query_has_a_limit_of_its_own(filled: Home) -> None:
    """The second begins later and is over sooner."""

    def stopped(seconds: float) -> str:
        with pytest.raises(QueryError) as caught:
            ask.sql(
                filled,
                "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c",
                seconds=seconds,
            )
        return str(caught.value)

    with ThreadPoolExecutor(2) as pool:
        longer = pool.submit(stopped, 2)
        shorter = pool.submit(stopped, 0.2)
        assert "0.2 seconds" in shorter.result()
        assert not longer.done()
        assert "2 seconds" in longer.result()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_the_limit_holds_in_a_forked_child(filled: Home) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom crawler.errors import QueryError\n"
        "from warehouse import ask\nfrom warehouse.home import Home\nhome = Home(Path(sys.argv[1]))\n"
        "ask.sql(home, 'SELECT 1')\nchild = os.fork()\nif child:\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\ntry:\n"
        "    ask.sql(home, 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b', seconds=0.3)\n"
        "except QueryError as error:\n    os._exit(7 if 'stopped after 0.3' in str(error) else 8)\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(filled.root)], timeout=120)
    assert done.returncode == 7


def test_what_a_user_leaves_behind_is_nobody_elses(filled: Home) -> None:
    with ask.reader(filled):  # holds the database open, as the server does
        ask.sql(filled, "BEGIN")
        ask.sql(filled, "CREATE TEMP TABLE mine AS SELECT 1 AS n")
        with pytest.raises(QueryError, match="mine"):
            ask.sql(filled, "FROM mine")
        with ask.reader(filled) as one, ask.reader(filled) as two:
            assert one is not two
            assert one.execute("SELECT count(*) FROM documents").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT list(i || repeat('x', 500)) FROM range(3000000) t(i)",
        "FROM range(1000000000)",
        "SELECT repeat('x', 1000000) || i FROM range(100000) t(i)",
        "SELECT string_agg(repeat('x', 1000), '') FROM range(1000000)",
    ],
)
def test_a_query_that_eats_memory_is_stopped(filled: Home, query: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(QueryError, match="more memory"):
        ask.sql(filled, query, memory="100MB")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000, (
        "KB above what was taken before"
    )


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELEKT 1", "paomo show"),
        ("SELECT * FROM cancelations", "nearest: cancellations"),
        ("FROM prices", "called price_quotes"),
        ("SELECT 1; SELECT 2", "here are 2"),
        ("SELECT compnay FROM cancellations", "nearest: company"),
        ("SELECT moth FROM cancellations_monthly", "nearest: month; `paomo show` lists"),
        ("SELECT zzzzzz FROM cancellations_monthly", "there, among others: "),
        ("FROM cancellations WHERE cancelled > DATE '2024-10-01'", "cancelled_from >= DATE '2024-10-01'"),
        ("SELECT month(cancelled) FROM cancellations", "cancelled_from"),
        ("SELECT signed - cancelled FROM cancellations", "cancelled_from"),
        ("SELECT DATE '2024-13-01'", "write a date as DATE '2024-10-01'"),
        ("SELECT CAST('viel' AS DECIMAL)", "a number without quotes"),
        ("FROM cancellations k JOIN contracts c USING (nothing)", "no column named nothing"),
        ("SELECT sumx(amount) FROM cancellations", "`paomo show` lists"),
        ("SELECT c.compnay FROM cancellations c", "nearest: company"),
        ('FROM cancellations WHERE company = "青石股份"', "single quotes: '青石股份'"),
        ("FROM '{folder}/secret.csv'", "no file"),
        ("FROM read_text('/etc/hostname')", "no file"),
        ("INSTALL httpfs", "no extension"),
        ("DELETE FROM documents", "paomo review"),
    ],
)
def test_what_is_wrong_says_what_to_write(filled: Home, query: str, word: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask.sql(filled, query)
    assert word in str(caught.value)
    assert "duckdb/extensions" not in str(caught.value), "no path of this machine"


def test_a_pivot_is_one_query(filled: Home) -> None:
    assert ask.sql(filled, "PIVOT documents ON kind USING count(*);").columns


def test_a_memory_limit_that_is_none_is_said(filled: Home) -> None:
    with pytest.raises(QueryError, match="500MB"):
        ask.sql(filled, "SELECT 1", memory="much")


def test_no_warehouse_is_said(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="paomo load"):
        ask.sql(Home(tmp_path / "none"), "SELECT 1")


@pytest.mark.parametrize("condition", ["1 = 1; DROP TABLE documents", "1 = 1 -- x", "1 /* x"])
def test_where_is_one_condition(filled: Home, condition: str) -> None:
    with pytest.raises(QueryError, match="one condition"):
        ask.show(filled, "cancellations", where=condition)


def test_an_unknown_view_lists_the_known(filled: Home) -> None:
    with pytest.raises(QueryError, match="nearest: cancellations"):
        ask.show(filled, "cancelations")
