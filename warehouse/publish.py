"""Snapshots: built aside, checked, named anew, then pointed to; readers never wait for the writer."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from crawler.errors import WarehouseError
from warehouse.home import Home
from warehouse.store import HERE, closing, connect, first_line

KEEP = 3
"""Snapshots kept: the one that counts and those a slow reader may still open by name."""
POINTER = "CURRENT"


def current(home: Home) -> Path | None:
    """The snapshot that counts; None: nothing was published yet."""
    try:
        name = (home.published / POINTER).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return home.published / name


def readable(home: Home) -> Path:
    """What readers open: the snapshot, else the warehouse itself; WarehouseError where there is neither."""
    path = current(home)
    if path is None and home.warehouse.exists():
        return home.warehouse
    if path is None and not home.root.exists():
        raise WarehouseError(
            f"{home.root}: there is no such folder; check --home and $PAOMO_HOME, or fill a new one with"
            " `paomo load` (`paomo demo` shows how it goes)"
        )
    if path is None:
        raise WarehouseError(
            f"{home.root}: there is no warehouse yet; fill one with `paomo load` or see `paomo demo`"
        )
    return path


def publish(home: Home, *, keep: int = KEEP) -> Path:
    """Copy the closed warehouse aside, check it, give it a new name and move the pointer.

    The caller holds the writer's lock and has closed the warehouse. A failed check raises WarehouseError and
    leaves the old snapshot in place.
    """
    _sweep(home)
    stamp = _stamp(home)
    aside = home.published / f"building-{stamp}-{os.getpid()}.duckdb"
    try:
        shutil.copyfile(home.warehouse, aside)
        with closing(connect(aside, read_only=True)) as connection:
            failed = run_checks(connection, previous=current(home))
        if failed:
            raise WarehouseError("not published, the old snapshot stays: " + "; ".join(failed))
        _flush(aside)
        snapshot = home.published / f"paomo-{stamp}.duckdb"
        aside.rename(snapshot)
    finally:
        aside.unlink(missing_ok=True)
    _point(home, snapshot)
    _forget(home, keep)
    return snapshot


def run_checks(connection: duckdb.DuckDBPyConnection, *, previous: Path | None = None) -> list[str]:
    """One line for every check that returned rows: its name, how many, and the first.

    Checks named `…_previous.sql` compare with the snapshot `previous`; without one they are left out.
    """
    failed = []
    if previous is not None and previous.exists():
        connection.execute(f"ATTACH '{str(previous).replace(chr(39), chr(39) * 2)}' AS previous (READ_ONLY)")
    for file in sorted((HERE / "checks").glob("*.sql")):
        if file.stem.endswith("_previous") and (previous is None or not previous.exists()):
            continue
        try:
            rows = connection.execute(file.read_text("utf-8")).fetchall()
        except duckdb.Error as error:
            failed.append(f"check {file.stem} could not run ({first_line(error)})")
            continue
        if rows:
            failed.append(f"check {file.stem} found {len(rows)}, first {rows[0]}")
    return failed


_STAMP = "%Y%m%dT%H%M%S.%f"


def _stamp(home: Home) -> str:
    """The moment, or just behind the newest snapshot's where the clock was set back: names are in order."""
    now = f"{datetime.now(UTC):{_STAMP}}"
    newest = max((p.stem.removeprefix("paomo-") for p in home.published.glob("paomo-*.duckdb")), default="")
    if newest < now:
        return now
    return f"{datetime.strptime(newest, _STAMP) + timedelta(microseconds=1):{_STAMP}}"


def _point(home: Home, snapshot: Path) -> None:
    pointer = home.published / f"{POINTER}.new"
    pointer.write_text(snapshot.name + "\n", "utf-8")
    _flush(pointer)
    pointer.replace(home.published / POINTER)


def _flush(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _forget(home: Home, keep: int) -> None:
    for old in sorted(home.published.glob("paomo-*.duckdb"))[: -max(keep, 1)]:
        with suppress(FileNotFoundError):
            old.unlink()


def _sweep(home: Home) -> None:
    """What a killed build left behind."""
    for torn in home.published.glob("building-*"):
        torn.unlink(missing_ok=True)
