"""The ledger as a lake: read back by DuckDB, Arrow and Spark, and held in a DuckLake where its extension is there."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import sqlglot
from typer.testing import CliRunner

from crawler.errors import WarehouseError
from tests.warehouse.told import document, event
from warehouse.cli import app
from warehouse.export import export
from warehouse.home import Home
from warehouse.lake import TYPES, lake_type
from warehouse.publish import readable
from warehouse.store import closing, connect

TEXTS = {
    "a": ("青石股份终止合同。", "2024-10-26"),
    "b": ("白石股份终止合同。", "2024-11-02"),
    "c": ("赤石股份终止合同。", "2023-01-05"),
    "d": ("玄石股份终止合同。", None),
}
DOCUMENTS = {name: document(name, text, published=day) for name, (text, day) in TEXTS.items()}


@pytest.fixture
def lake(home: Home, fill: Any, tmp_path: Path) -> Path:
    told = [
        event(one, "contract", action="terminated", company=one.text[:4], amount=amount, bound="exact")
        for amount, one in enumerate(DOCUMENTS.values(), 494_000_000)
    ]
    fill(DOCUMENTS.values(), told)
    export(home, tmp_path / "lake", (), layout="lake")
    return tmp_path / "lake"


def manifest_of(lake: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((lake / "manifest.json").read_text("utf-8"))
    return told


def test_trino_is_told_of_every_table_column_and_partition(lake: Path) -> None:
    """Trino does not run here; its grammar does. DuckDB's word for each of its types is the manifest's."""
    script = (lake / "trino.sql").read_text("utf-8").replace("{LOCATION}", "s3://bucket/x")
    told = manifest_of(lake)["tables"]
    schema, *statements = sqlglot.parse(script, read="trino", error_level=sqlglot.ErrorLevel.RAISE)
    assert schema is not None
    assert schema.sql("trino", comments=False) == "CREATE SCHEMA IF NOT EXISTS paomo"
    tables = {one.this.this.name: one for one in statements if isinstance(one, sqlglot.exp.Create)}
    assert sorted(tables) == sorted(told)
    plain = {"TEXT": "VARCHAR", "INT": "INTEGER", "TIMESTAMP": "TIMESTAMP WITH TIME ZONE"}
    for name, table in told.items():
        declared, parts = tables[name], table["partitioned_by"]
        found = {
            column.name: re.sub(r"^\w+", lambda m: plain.get(m[0], m[0]), column.kind.sql("duckdb"))
            for column in declared.this.expressions
        }
        expected = table["columns"] | dict.fromkeys(parts, "INTEGER")
        assert list(found) == list(expected), "partition columns come last"
        assert {column: kind.replace(", ", ",") for column, kind in found.items()} == expected
        options = declared.args["properties"].sql("trino")
        assert f"'s3://bucket/x/{name}'" in options
        assert "PARQUET" in options.upper()
        assert all(f"'{part}'" in options for part in parts)
        synced = f"CALL system.sync_partition_metadata('paomo', '{name}', 'FULL');"
        assert (synced in script) == bool(parts)


def snapshot(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with closing(connect(readable(home), read_only=True)) as connection:
        return connection.execute(sql).fetchall()


def test_a_folder_a_table_cut_by_when_it_was_published(lake: Path) -> None:
    cut = sorted(path.parent.relative_to(lake).as_posix() for path in lake.rglob("*.parquet"))
    undated = "__HIVE_DEFAULT_PARTITION__"
    assert [one for one in cut if one.startswith("documents/")] == [
        "documents/published_year=2023/published_month=1",
        "documents/published_year=2024/published_month=10",
        "documents/published_year=2024/published_month=11",
        f"documents/published_year={undated}/published_month={undated}",
    ]
    assert [one for one in cut if one.startswith("contract_mentions/")] == [
        f"contract_mentions/published_year={year}" for year in ("2023", "2024", undated)
    ]
    assert "cancellations" in cut, "what is computed is not cut"


def test_the_manifest_tells_rows_checksums_partitions_and_types(lake: Path) -> None:
    manifest = manifest_of(lake)
    files = {path.relative_to(lake).as_posix() for path in lake.rglob("*") if path.is_file()}
    assert {entry["file"] for entry in manifest["files"]} | {
        "manifest.json",
        "ducklake.sql",
        "trino.sql",
    } == files
    for entry in manifest["files"]:
        assert hashlib.sha256((lake / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    for name, rows in manifest["rows"].items():
        assert sum(entry["rows"] for entry in manifest["files"] if entry["table"] == name) == rows
    assert manifest["tables"]["documents"]["partitioned_by"] == ["published_year", "published_month"]
    assert manifest["tables"]["documents"]["columns"]["first_seen"] == "TIMESTAMP WITH TIME ZONE"


def test_duckdb_reads_back_every_row_of_every_table(lake: Path, home: Home) -> None:
    for name, told in manifest_of(lake)["tables"].items():
        columns = ", ".join(f'"{column}"' for column in told["columns"])
        moments = {c for c, t in told["columns"].items() if t == "TIMESTAMP WITH TIME ZONE"}
        there = ", ".join(f"timezone('UTC', \"{c}\")" if c in moments else f'"{c}"' for c in told["columns"])
        read = f"read_parquet('{lake}/{name}/**/*.parquet', hive_partitioning = true)"
        back = duckdb.sql(f"SELECT {there} FROM {read} ORDER BY ALL").fetchall()
        assert back == snapshot(home, f'SELECT {columns} FROM "{name}" ORDER BY ALL'), name


def test_arrow_reads_it_and_looks_only_into_the_folders_it_needs(lake: Path) -> None:
    documents = ds.dataset(lake / "documents", partitioning="hive")
    late = (ds.field("published_year") == 2024) & (ds.field("published_month") == 11)
    assert documents.to_table(filter=late, columns=["text"]).to_pylist() == [{"text": "白石股份终止合同。"}]
    assert len(list(documents.get_fragments(filter=late))) == 1
    undated = documents.to_table(filter=ds.field("published_year").is_null(), columns=["doc_id"])
    assert undated.num_rows == 1
    assert documents.schema.field("first_seen").type == pa.timestamp("us", tz="UTC")


def test_files_hold_only_types_every_reader_has(lake: Path) -> None:
    for file in lake.rglob("*.parquet"):
        metadata = pq.read_metadata(file)
        for column in metadata.schema.to_arrow_schema():
            kind = column.type.value_type if pa.types.is_list(column.type) else column.type
            assert not pa.types.is_unsigned_integer(kind), column
            assert not pa.types.is_timestamp(kind) or kind.tz == "UTC", column
            assert kind.bit_width >= 32 or pa.types.is_boolean(kind) if pa.types.is_integer(kind) else True
            assert not pa.types.is_decimal(kind) or kind.precision <= 38, column
        if metadata.num_rows:
            assert metadata.row_group(0).column(0).compression == "ZSTD"
        names = set(metadata.schema.to_arrow_schema().names)
        assert not names & {"published_year", "published_month"}, (
            "a partition column stands in the path alone"
        )


@pytest.mark.parametrize("given", sorted(TYPES))
def test_a_type_is_kept_or_widened(given: str) -> None:
    """The largest and the smallest number of each type fit into the one that is written."""
    wanted = lake_type(given)
    assert lake_type(wanted) == wanted, "what is written is itself fit to be written"
    assert lake_type(f"{given}[]") == f"{wanted}[]"
    if "INT" in given:
        signed = not given.startswith("U")
        bits = {"TINY": 8, "SMALL": 16, "": 32, "BIG": 64, "HUGE": 126}[
            given.removeprefix("U").partition("INT")[0]
        ]
        for value in (0 if not signed else -(2 ** (bits - 1)), 2 ** (bits - signed) - 1):
            if abs(value) < 10**38:
                assert duckdb.sql(f"SELECT ({value})::{given}::{wanted}").fetchall() == [(value,)]


def test_a_type_no_reader_has_is_refused() -> None:
    with pytest.raises(WarehouseError, match="INTERVAL"):
        lake_type("INTERVAL")


def test_an_empty_table_keeps_its_columns(lake: Path) -> None:
    empty = ds.dataset(lake / "price_mentions", partitioning="hive")
    assert empty.count_rows() == 0
    assert {"amount", "quote"} <= set(empty.schema.names)


def test_a_new_lake_takes_the_place_of_the_old_and_of_nothing_else(lake: Path, home: Home, fill: Any) -> None:
    (lake / "notes.txt").write_text("mine", "utf-8")
    stale = lake / "documents" / "published_year=1999"
    stale.mkdir()
    late = document("e", "金石股份终止合同。", published="2025-02-03")
    fill([late], [event(late, "contract", action="terminated", company="金石股份", bound="exact")])
    export(home, lake, (), layout="lake")
    assert not stale.exists()
    assert (lake / "notes.txt").read_text("utf-8") == "mine"
    assert ds.dataset(lake / "documents", partitioning="hive").count_rows() == 5


def test_a_folder_of_somebody_elses_is_left_alone(home: Home, lake: Path, tmp_path: Path) -> None:
    (tmp_path / "mine" / "documents").mkdir(parents=True)
    (tmp_path / "mine" / "documents" / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(WarehouseError, match="no export of paomo"):
        export(home, tmp_path / "mine", (), layout="lake")
    assert [path.name for path in (tmp_path / "mine").rglob("*")] == ["documents", "thesis.txt"]


def test_the_command_writes_a_lake(home: Home, lake: Path, tmp_path: Path) -> None:
    command = ["export", str(tmp_path / "told"), "--layout", "lake", "--home", str(home.root)]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert manifest_of(tmp_path / "told")["rows"] == manifest_of(lake)["rows"]
    assert CliRunner().invoke(app, [*command, "--as", "csv"]).exit_code == 2
    assert CliRunner().invoke(app, [*command, "--layout", "swamp"]).exit_code == 2


@pytest.mark.slow
def test_spark_reads_it(lake: Path) -> None:
    pyspark = pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: `apt-get install openjdk-17-jre-headless`")
    del pyspark
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        documents = spark.read.parquet(str(lake / "documents"))
        assert documents.count() == 4
        late = documents.where("published_year = 2024 AND published_month = 11").collect()
        assert [(row.text, str(row.published)) for row in late] == [("白石股份终止合同。", "2024-11-02")]
        kinds = dict(documents.dtypes)
        assert (kinds["first_seen"], kinds["published"], kinds["pages"]) == (
            "timestamp",
            "date",
            "array<int>",
        )
        spent = spark.read.parquet(str(lake / "contract_mentions")).selectExpr("sum(amount) s").collect()
        assert spent[0].s == Decimal(4 * 494_000_000 + 6)
        for name in manifest_of(lake)["tables"]:
            spark.read.parquet(str(lake / name)).schema  # noqa: B018 (every table's types are known to Spark)
    finally:
        spark.stop()


# DuckLake ---------------------------------------------------------------------------------------------


def extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension: installed, from the package `duckdb-extension-…`, or from the net; skip with the reason."""
    try:
        connection.execute(f"LOAD {name}")
        return
    except duckdb.Error:
        pass
    try:
        package = importlib.resources.files(f"duckdb_extension_{name}")
        (file,) = Path(str(package)).rglob("*.duckdb_extension")
        connection.execute(f"LOAD '{file}'")
        return
    except (ModuleNotFoundError, ValueError) as error:
        packaged = f"no package duckdb-extension-{name.replace('_', '-')} ({error})"
    except duckdb.Error as error:
        packaged = str(error)
    try:
        connection.execute(f"INSTALL {name}")
        connection.execute(f"LOAD {name}")
    except duckdb.Error as error:
        pytest.skip(f"DuckDB {duckdb.__version__}: {packaged}; {str(error).splitlines()[0]}")


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of the test's own on a socket in a temporary folder; gives what `ducklake:postgres:` takes."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL here: `apt-get install postgresql`")
    program = found[-1].parent
    with tempfile.TemporaryDirectory(prefix="paomo-pg-") as folder:
        as_user: list[str] = []
        if Path("/proc/self").owner() == "root":  # PostgreSQL refuses to run as root
            as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
            shutil.chown(folder, "postgres", "postgres")
        data = f"{folder}/data"
        quiet = {"check": True, "capture_output": True}
        subprocess.run(
            [*as_user, str(program / "initdb"), "-D", data, "-U", "paomo", "--auth", "trust"], **quiet
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder}"
        control = [*as_user, str(program / "pg_ctl"), "-D", data, "-w"]
        subprocess.run(
            [*control, "-l", f"{folder}/log", "-o", options, "start"], check=True, stdout=subprocess.DEVNULL
        )
        try:
            yield f"dbname=postgres host={folder} user=paomo"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


PAGE = Path(__file__).parents[2] / "docs" / "lake.md"


def told(heading: str, **places: str) -> str:
    """The SQL that docs/lake.md has below a heading, with the places of this test in it."""
    section = PAGE.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    sql = "\n".join(part.partition("```")[0] for part in section.split("```sql\n")[1:])
    for given, place in places.items():
        assert f"{{{given}}}" in sql, given
        sql = sql.replace(f"{{{given}}}", place)
    return "\n".join(line for line in sql.splitlines() if not line.startswith(("INSTALL", "LOAD")))


@pytest.fixture(params=["sqlite", "postgres"])
def catalogue(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """(connection with the extensions, the catalogue's address)."""
    with closing(duckdb.connect()) as connection:
        extension(connection, "ducklake")
        if request.param == "sqlite":
            extension(connection, "sqlite_scanner")
            yield connection, f"sqlite:{tmp_path}/catalogue.sqlite"
        else:
            extension(connection, "postgres_scanner")
            with postgres() as address:
                yield connection, f"postgres:{address}"


def test_a_ducklake_holds_the_export(
    catalogue: tuple[duckdb.DuckDBPyConnection, str], lake: Path, home: Home, tmp_path: Path
) -> None:
    connection, address = catalogue
    sql = told("A DuckLake", CATALOGUE=address, FILES=f"{tmp_path}/files", LAKE=str(lake))
    assert sql.splitlines()[-1] == f".read {lake}/ducklake.sql"
    for _ in range(2):  # the second load takes the place of the first
        connection.execute(sql.partition(".read")[0])
        connection.execute((lake / "ducklake.sql").read_text("utf-8"))
        connection.execute("DETACH lake")
    connection.execute(f"ATTACH 'ducklake:{address}' AS lake (READ_ONLY)")
    count = "SELECT count(*), sum(amount) FROM lake.contract_mentions"
    assert connection.execute(count).fetchall() == [(4, Decimal(4 * 494_000_000 + 6))]
    files = connection.execute("SELECT count(*) FROM ducklake_table_info('lake')").fetchall()[0][0]
    assert files == len(manifest_of(lake)["tables"])
    read = connection.execute("SELECT text, published FROM lake.documents ORDER BY doc_id").fetchall()
    assert read == snapshot(home, "SELECT text, published FROM documents ORDER BY doc_id")


def test_a_ducklake_takes_the_files_where_they_lie(
    catalogue: tuple[duckdb.DuckDBPyConnection, str], lake: Path, tmp_path: Path
) -> None:
    connection, address = catalogue
    connection.execute(f"ATTACH 'ducklake:{address}' AS lake (DATA_PATH '{tmp_path}/files')")
    connection.execute(told("Without a copy", LAKE=str(lake)))
    assert connection.execute("SELECT count(*) FROM lake.documents").fetchall() == [(4,)]
    october = "SELECT text FROM lake.documents WHERE published_year = 2024 AND published_month = 10"
    assert connection.execute(october).fetchall() == [("青石股份终止合同。",)]
    assert not list((tmp_path / "files").rglob("*.parquet"))
