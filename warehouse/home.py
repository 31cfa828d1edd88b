"""The data folder: everything a run keeps lies in it, and nothing is written elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import WarehouseError

DEFAULT = "paomo-data"
"""Folder in the current directory where neither --home nor PAOMO_HOME names one."""
DEMONSTRATION = "demonstration"
"""Empty file in the data folders that `paomo demo` filled."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder and the places in it; nothing is created until `make()`."""

    root: Path

    @classmethod
    def find(cls, option: Path | str | None = None) -> Home:
        """`--home DIR`, else `PAOMO_HOME`, else `paomo-data` in the current directory."""
        return cls(Path(option or os.environ.get("PAOMO_HOME") or DEFAULT).expanduser())

    def make(self) -> Home:
        """Create the folder and its rooms; WarehouseError where that is impossible."""
        try:
            for folder in (self.root, self.archive, self.published):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(
                f"{self.root}: cannot keep data there ({error.strerror}); name another folder with --home"
            ) from error
        return self

    @property
    def archive(self) -> Path:
        """WARC files: every response, whole."""
        return self.root / "archive"

    @property
    def ledger(self) -> Path:
        """SQLite: what was asked, fetched, skipped, failed."""
        return self.root / "ledger.sqlite"

    @property
    def warehouse(self) -> Path:
        """DuckDB: the one file that is written; readers use snapshots of it."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Immutable snapshots and the pointer to the one that counts."""
        return self.root / "published"

    @property
    def reviews(self) -> Path:
        """JSON Lines: corrections by people, a copy of the table, for rebuilds."""
        return self.root / "reviews.jsonl"

    @property
    def lock(self) -> Path:
        """Held by whoever writes; let go by the system even after kill -9."""
        return self.root / "warehouse.lock"
