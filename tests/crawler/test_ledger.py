"""The ledger's file, begun by several processes at once."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from crawler.errors import LedgerError
from crawler.ledger import Ledger


def holding(path: Path) -> sqlite3.Connection:
    """Another process in the middle of beginning the same ledger."""
    other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    other.execute("begin immediate")
    return other


def test_a_ledger_that_another_begins_is_waited_for(tmp_path: Path) -> None:
    """SQLite gives "database is locked" at once where a file is put into WAL mode, whatever its timeout."""
    other = holding(tmp_path / "ledger.sqlite")
    threading.Timer(0.5, other.rollback).start()
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert ledger.rows("pragma journal_mode") == [("wal",)]
    ledger.close()
    other.close()


def test_it_is_not_waited_for_ever(tmp_path: Path) -> None:
    other = holding(tmp_path / "ledger.sqlite")
    with pytest.raises(LedgerError, match="locked"):
        Ledger(tmp_path / "ledger.sqlite", wait=0.2)
    other.close()
