"""The ledger as files, and the page that explains it."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from crawler.errors import WarehouseError
from tests.warehouse.told import document, event
from warehouse.dictionary import dictionary
from warehouse.export import FORMATS, export
from warehouse.home import Home

A = document("a", "=青石股份终止合同，“引号”,逗号。", published="2024-10-26")


@pytest.fixture
def exported(home: Home, fill: Any, tmp_path: Path) -> Path:
    fill([A], [event(A, "contract", action="terminated", company="青石股份", amount=5, bound="exact")])
    export(home, tmp_path / "out", FORMATS)
    return tmp_path / "out"


def test_the_manifest_tells_rows_and_checksums_of_every_file(exported: Path) -> None:
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    assert {e["file"] for e in manifest["files"]} | {"manifest.json"} == {p.name for p in exported.iterdir()}
    for entry in manifest["files"]:
        assert hashlib.sha256((exported / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["rows"] == manifest["rows"][entry["table"]]
    assert manifest["rows"]["cancellations"] == 1


def test_every_format_holds_the_quote_as_it_is(exported: Path) -> None:
    name = "contract_mentions"
    parquet = duckdb.sql(f"SELECT quote FROM '{exported}/{name}.parquet'").fetchall()
    with (exported / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        (from_csv,) = csv.DictReader(handle)
    from_jsonl = json.loads((exported / f"{name}.jsonl").read_text("utf-8"))
    lite = sqlite3.connect(exported / "paomo.sqlite")
    from_sqlite = lite.execute(f"SELECT quote FROM {name}").fetchall()
    lite.close()
    assert parquet == from_sqlite == [(A.text,)]
    assert from_csv["quote"] == from_jsonl["quote"] == A.text


def test_no_cell_of_a_worksheet_is_a_formula(exported: Path) -> None:
    sheet = openpyxl.load_workbook(exported / "paomo.xlsx")["contract_mentions"]
    header, row = list(sheet.iter_rows(values_only=True))
    assert row[header.index("quote")] == "'" + A.text


def test_a_place_that_cannot_be_written_is_said(exported: Path, home: Home) -> None:
    with pytest.raises(WarehouseError, match="another folder"):
        export(home, exported / "manifest.json", ("csv",))


def test_the_data_dictionary_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "dictionary.md"
    assert page.read_text("utf-8") == dictionary(), "run: python -m warehouse.dictionary > docs/dictionary.md"
