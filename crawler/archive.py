"""Raw responses in WARC 1.1: a gzip member a record, a JSON metadata record beside each response.

A file's bytes count up to the length the ledger committed. Files are named
`<source>-<UTC moment of making>-<pid>.warc.gz` and belong to one source: two crawls never write to one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, cast

from crawler.capture import Capture
from crawler.errors import ArchiveError
from crawler.ledger import Ledger, Placed
from crawler.warc import Record, digest_fault, header_fields, members, own_capture, warc_date

ROTATE = 128 * 1024 * 1024
"""Bytes after which a new file is begun."""


def folder(home: Path) -> Path:
    """Where the WARC files of a data folder lie."""
    return home / "archive"


class Archive:
    """One crawl's hold on its source's archive files."""

    def __init__(self, home: Path, ledger: Ledger, source: str, *, rotate: int = ROTATE) -> None:
        self.folder = folder(home)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.source = source
        self.recovered: list[str] = []
        """What `recover` cut or lost, one line each."""
        self._ledger = ledger
        self._rotate = rotate
        self._file: FileIO | None = None
        self._name = ""
        self._end = 0
        self._changed: dict[str, tuple[int, bool]] = {}
        self.recover()

    def keep(
        self,
        url: str,
        *,
        body: bytes,
        metadata: Mapping[str, Any],
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
        fetched_at: datetime,
        content_type: str | None = None,
        sha256: str | None = None,
    ) -> Placed:
        """Write a response (or, with `content_type` and no headers, a text made of one) and its metadata.

        `sha256` is the body's, where the caller has it already.
        """
        sha256 = sha256 or hashlib.sha256(body).hexdigest()
        main = Record(url, warc_date(fetched_at))
        first = main.resource(body, content_type) if content_type else main.response(body, status, headers)
        second = main.metadata({**metadata, "sha256": sha256})
        return self._place(first + second, len(first), sha256)

    def take_over(self, records: bytes, placed: Placed) -> Placed:
        """Write a capture of another archive, record and metadata as they lie there, at `placed`."""
        return self._place(records, placed.length, placed.sha256)

    def _place(self, records: bytes, length: int, sha256: str) -> Placed:
        # not before the next record: what a closed file holds is in the ledger's batch by then
        if self._file is not None and self._end >= self._rotate:
            self._close_file()
        self._open()
        placed = Placed(self._name, self._end, length, len(records) - length, sha256)
        self._append(records)
        return placed

    def _append(self, data: bytes) -> None:
        """Write at the end, all of it or nothing (a full disk)."""
        assert self._file is not None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            os.ftruncate(self._file.fileno(), self._end)
            raise
        self._end += len(data)
        self._changed[self._name] = (self._end, False)

    def flush(self) -> None:
        """Commit what was written; the operating system has it already."""
        files = [(name, self.source, end, closed) for name, (end, closed) in self._changed.items()]
        self._ledger.flush(files)
        self._changed.clear()

    def close(self) -> None:
        """Flush, bring to the disk, and let go; the file may grow again in the next crawl."""
        if self._file is not None:
            os.fsync(self._file.fileno())
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> None:
        if self._file is None:
            growing = [f for f in self._ledger.open_files(self.source) if (self.folder / f[0]).exists()]
            if growing:
                self._name, self._end = growing[-1]
            else:
                self._begin_file()
            self._file = (self.folder / self._name).open("ab", buffering=0)
            if self._end == 0:
                self._append(Record("", warc_date(datetime.now(UTC))).info(self._name))

    def _begin_file(self) -> None:
        moment = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
        self._name, self._end = f"{self.source}-{moment}-{os.getpid()}.warc.gz", 0
        # known to the ledger before its first byte, so that a kill leaves no file of unknown standing
        with self._ledger.transaction() as db:
            db.execute("insert into files values (?, ?, 0, 0)", (self._name, self.source))

    def _close_file(self) -> None:
        assert self._file is not None
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        self._changed[self._name] = (self._end, True)
        self.flush()

    def recover(self) -> None:
        """Cut what the ledger does not know off the growing files, and take back what a file lost."""
        for name, length in self._ledger.open_files(self.source):
            path = self.folder / name
            size = path.stat().st_size if path.exists() else 0
            good = _whole(path, min(size, length)) if size else 0
            if good < length:
                good = self._take_back(name, good)
            if good < size:
                self.recovered.append(f"{name}: cut {size - good} uncommitted bytes at offset {good}")
                os.truncate(path, good)
        known = {row[0] for row in self._ledger.rows("select name from files")}
        for path in sorted(self.folder.glob(f"{self.source}-*.warc.gz")):
            if path.name not in known:
                self._adopt(path)

    def _take_back(self, name: str, whole: int) -> int:
        """Forget the captures that lay beyond `whole`, so that they are asked again (power cut, full disk).

        Gives the end of the last one that is left: a response without its metadata goes, too.
        """
        with self._ledger.transaction() as db:
            end = 'max("offset"+length+meta_length)'
            kept = (
                f'select coalesce({end}, 0) from captures where file=?1 and "offset"+length+meta_length <= ?2'
            )
            good: int = db.execute(kept, (name, whole)).fetchone()[0]
            lost = 'file=? and "offset"+length+meta_length > ?'
            db.execute(
                f"update urls set state='wanted', etag=null, modified=null, sha256=null where source=?"
                f" and url in (select url from captures where role='document' and {lost})",
                (self.source, name, good),
            )
            gone = db.execute(f"delete from captures where {lost}", (name, good)).rowcount
            db.execute("delete from validators where source=?", (self.source,))
            db.execute("update files set length=? where name=?", (good, name))
        self.recovered.append(f"{name}: {gone} captures lost beyond offset {good} are asked again")
        return good

    def _adopt(self, path: Path) -> None:
        """Enter a file into a ledger that has lost it."""
        good, found = _index(path)
        os.truncate(path, good)
        for placed, head in found:
            url, role = head["url"], head["role"]
            self._ledger.capture(
                self.source,
                url,
                role,
                head["status"],
                placed,
                head["verdict"],
                head["fetched"],
                head["crawl"],
            )
            if role == "document":
                self._ledger.fetched(
                    self.source,
                    url,
                    status=head["status"],
                    etag=head["etag"],
                    modified=head["modified"],
                    sha256=placed.sha256,
                    row_digest=head["row_digest"],
                    new=True,
                )
        with self._ledger.transaction() as db:
            db.execute("insert into files values (?, ?, ?, 1)", (path.name, self.source, good))
        self._ledger.flush()
        self.recovered.append(f"{path.name}: {len(found)} captures were entered into the ledger again")


def _whole(path: Path, length: int) -> int:
    """Offset up to which the file's first `length` bytes are whole records with the digests they state."""
    good = 0
    try:
        for member in members(path):
            if member.offset + member.length > length or digest_fault(member.data):
                break
            good = member.offset + member.length
    except ArchiveError:
        pass
    return good


def _index(path: Path) -> tuple[int, list[tuple[Placed, dict[str, Any]]]]:
    """(offset up to which the file is whole, its responses with their metadata)."""
    found: list[tuple[Placed, dict[str, Any]]] = []
    good, response = 0, None
    try:
        for member in members(path):
            kind = header_fields(member.data.partition(b"\r\n\r\n")[0]).get("warc-type")
            if digest_fault(member.data):
                break
            if kind == "metadata" and response is not None:
                head = json.loads(member.data.partition(b"\r\n\r\n")[2])
                placed = Placed(
                    path.name, response.offset, response.length, member.length, head.get("sha256", "")
                )
                found.append((placed, head))
            response = member if kind in ("response", "resource") else None
            good = good if response else member.offset + member.length
    except ArchiveError:
        pass
    return good, found


# reading back -------------------------------------------------------------------------------------------


def documents(
    home: Path,
    *,
    since_position: str | None = None,
    rejected: Callable[[str, str], None] | None = None,
) -> Iterator[Capture]:
    """The archive's documents in the order they were committed, which never changes.

    `since_position` is the `position` of the last capture already taken: those after it follow. `rejected` is
    called with a position and a reason for a capture that can't be read; without it ArchiveError is raised.
    """
    ledger_file = home / "ledger.sqlite"
    if not ledger_file.exists():
        return
    ledger = Ledger(ledger_file, readonly=True)
    try:
        after = _capture_id(ledger, since_position) if since_position else 0
        for placed in _placed_after(ledger, after):
            try:
                yield capture_at(home, placed)
            except ArchiveError as error:
                if rejected is None:
                    raise
                rejected(f"{placed.file}:{placed.offset}", str(error))
    finally:
        ledger.close()


def _placed_after(ledger: Ledger, after: int) -> Iterator[Placed]:
    """Documents' places in order, some thousands at a time."""
    while rows := ledger.rows(
        'select id, file, "offset", length, meta_length, sha256 from captures'
        " where role='document' and id > ? order by id limit 5000",
        after,
    ):
        for row in rows:
            yield Placed(*row[1:])
        after = rows[-1][0]


def _capture_id(ledger: Ledger, position: str) -> int:
    file, _, offset = position.rpartition(":")
    found = ledger.rows('select id from captures where file=? and "offset"=?', file, offset)
    if not found:
        raise ArchiveError(f"{position}: no such capture in the ledger; load the whole archive again")
    return cast("int", found[0][0])


def capture_at(home: Path, placed: Placed) -> Capture:
    """One capture. Raises ArchiveError where its bytes are not what the ledger says they are."""
    path = folder(home) / placed.file
    try:
        with path.open("rb") as file:
            file.seek(placed.offset)
            data = file.read(placed.length + placed.meta_length)
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror}; the ledger knows a capture there") from error
    if len(data) < placed.length + placed.meta_length:
        raise ArchiveError(f"{path}: ends within the capture at offset {placed.offset}")
    try:
        capture = own_capture(data, placed.length, f"{placed.file}:{placed.offset}")
    except ValueError as error:
        raise ArchiveError(f"{path}: no readable capture at offset {placed.offset}: {error}") from error
    if hashlib.sha256(capture.body).hexdigest() != placed.sha256:
        raise ArchiveError(f"{path}: the capture at offset {placed.offset} does not have its digest")
    return capture


@dataclass(frozen=True)
class Verified:
    """What a whole reading of the archive found."""

    files: int
    captures: int
    faults: tuple[tuple[str, str], ...]
    """(position, what is wrong)."""
    loose: int
    """Bytes the ledger has not committed: the tail of a crawl that runs or was killed."""


def verify(home: Path) -> Verified:
    """Read every capture again, by the length and digest the ledger holds."""
    ledger = Ledger(home / "ledger.sqlite", readonly=True)
    try:
        files = ledger.rows("select name, length from files order by name")
        rows = ledger.rows('select file, "offset", length, meta_length, sha256 from captures order by id')
    finally:
        ledger.close()
    faults: list[tuple[str, str]] = []
    loose = 0
    for name, length in files:
        path = folder(home) / name
        size = path.stat().st_size if path.exists() else 0
        loose += max(0, size - length)
        if _whole(path, length) < length if size else length:
            faults.append((name, f"whole only up to a point before its {length} bytes"))
    for row in rows:
        placed = Placed(*row)
        try:
            capture_at(home, placed)
        except ArchiveError as error:
            faults.append((f"{placed.file}:{placed.offset}", str(error)))
    return Verified(len(files), len(rows), tuple(faults), loose)
