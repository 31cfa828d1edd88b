"""What the commands do, without the command line: load, publish, rebuild, each under the writer's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from crawler.document import Document
from crawler.reading.rejected import Rejected
from warehouse.extraction import Extract, Refused, extract_one
from warehouse.home import Home

if TYPE_CHECKING:
    import duckdb

    from warehouse.load import Loaded

Item: TypeAlias = Document | Rejected
Watch: TypeAlias = Callable[[Item], None]


def documents_of(paths: Iterable[Path]) -> Iterator[Item]:
    """Every document of these files and folders, rejects in their place."""
    from crawler.reading import read_path

    for path in paths:
        yield from read_path(path)


def loadable(paths: Iterable[Path]) -> Iterator[Item]:
    """The same, but of what `paomo extract --out` wrote also what was read in it."""
    from warehouse.engine import stored
    from warehouse.engine.table import items_of

    for path in paths:
        if stored.is_table(path):
            for batch in stored.batches(path):
                yield from items_of(batch)
        else:
            yield from documents_of([path])


class Captures:
    """Documents of the archive in the order they were captured; remembers how far it came."""

    def __init__(self, home: Home, after: str | None) -> None:
        self.home, self.position = home, after

    def __iter__(self) -> Iterator[Item]:
        from crawler.archive import documents
        from crawler.reading import read_capture_all

        torn: list[Rejected] = []

        def note(position: str, message: str) -> None:
            torn.append(Rejected(where=position, reason="broken", message=message))

        for capture in documents(self.home.root, since_position=self.position, rejected=note):
            yield from read_capture_all(capture)
            self.position = capture.position
        yield from torn


def fill(
    home: Home,
    paths: Iterable[Path] = (),
    *,
    again: bool = False,
    publishing: bool = True,
    jobs: int | None = None,
    watch: Watch = lambda item: None,
    refuse: Callable[[Refused], None] = lambda refused: None,
    extract: Extract = extract_one,
) -> Loaded:
    """Load these paths, or what is new in the archive where there are none; publish when something changed.

    `again` reads the whole archive, and without paths also every document that came from elsewhere.
    """
    from warehouse.load import load
    from warehouse.store import locked, writing

    paths = list(paths)
    with locked(home):
        with writing(home) as connection:
            captures = None if paths else Captures(home, None if again else _read_until(connection))
            items: Iterable[Item] = loadable(paths) if captures is None else captures
            if again and not paths:
                items = chain(captures or (), _files_of(connection))
            done = load(
                connection,
                items,
                source=" ".join(map(str, paths)) or "archive",
                again=again,
                jobs=jobs,
                watch=watch,
                refuse=refuse,
                extract=extract,
            )
            if captures is not None:
                _note_position(connection, captures.position)
        if publishing:
            _publish(home)
    return done


def publish_now(home: Home, *, keep: int | None = None) -> Path:
    """Resolve what is not yet resolved and publish a snapshot."""
    from warehouse.store import locked

    with locked(home):
        return _publish(home, keep=keep, force=True)


def _publish(home: Home, *, keep: int | None = None, force: bool = False) -> Path:
    from warehouse import publish
    from warehouse.resolve import is_resolved, resolve
    from warehouse.store import writing

    with writing(home) as connection:
        stale = not is_resolved(connection)
        if stale:
            resolve(connection)
    known = publish.current(home)
    if known is not None and not (stale or force):
        return known
    return publish.publish(home, keep=keep or publish.KEEP)


def _read_until(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Where the last load of the archive ended, if it was read with the versions that are at work now."""
    from warehouse.store import get_state

    told = get_state(connection, "archive")
    position, _, versions = told.partition(" ") if told else ("", "", "")
    return position if position and versions == _versions() else None


def _note_position(connection: duckdb.DuckDBPyConnection, position: str | None) -> None:
    from warehouse.store import set_state

    if position:
        set_state(connection, "archive", f"{position} {_versions()}")


def _versions() -> str:
    from crawler.reading import html, pdf, text
    from warehouse.extraction import extractor_version

    return " ".join((extractor_version(), html.READER, pdf.READER, text.READER))


def _files_of(connection: duckdb.DuckDBPyConnection) -> Iterator[Document]:
    """Documents that are in no archive: the text of record is all there is of them."""
    from warehouse.rows import FILE_COLUMNS, document_of

    rows = connection.execute(
        f"SELECT {', '.join(FILE_COLUMNS)} FROM documents WHERE fetched_at IS NULL"
        " ORDER BY is_current, doc_id"
    ).fetchall()
    return (document_of(row) for row in rows)


def rebuild(
    home: Home,
    *,
    watch: Watch = lambda item: None,
    refuse: Callable[[Refused], None] = lambda refused: None,
    extract: Extract = extract_one,
    version: str | None = None,
) -> Loaded:
    """Make the warehouse anew beside the old one: archive, the user's own documents, reviews; then publish.

    The old one is only replaced when the new one is whole. Where it cannot be read any more, the documents
    that were in no archive are lost and the reviews come from reviews.jsonl.
    """
    from crawler.errors import WarehouseError
    from warehouse import reviews
    from warehouse.load import load
    from warehouse.resolve import resolve
    from warehouse.store import closing, connect, locked, writing_to

    with locked(home):
        aside = home.root / "warehouse.rebuilding.duckdb"
        for torn in (aside, aside.with_name(aside.name + ".wal")):
            torn.unlink(missing_ok=True)
        files: list[Document] = []
        seen: list[tuple[str, str, datetime, datetime]] = []
        if home.warehouse.exists():
            try:
                with closing(connect(home.warehouse)) as old:
                    files = list(_files_of(old))
                    seen = old.execute(_SEEN).fetchall()
                    _keep_reviews(home, old)
            except (WarehouseError, duckdb_error()) as error:
                refuse(Refused(str(home.warehouse), "broken", f"the old warehouse is left aside: {error}"))
        with writing_to(aside) as connection:
            captures = Captures(home, None)
            items = chain(captures, files)
            done = load(
                connection,
                items,
                source="rebuild",
                version=version,
                watch=watch,
                refuse=refuse,
                extract=extract,
            )
            for doc_id, sha256, first, last in seen:
                connection.execute(_PUT_SEEN, [first, last, doc_id, sha256])
            _note_position(connection, captures.position)
            if home.reviews.exists():
                reviews.restore(connection, home.reviews.read_text("utf-8").splitlines())
            resolve(connection)
        aside.replace(home.warehouse)
        _publish(home, force=True)
    return done


_SEEN = "SELECT doc_id, sha256, first_seen, last_seen FROM documents WHERE fetched_at IS NULL"
_PUT_SEEN = "UPDATE documents SET first_seen = ?, last_seen = ? WHERE doc_id = ? AND sha256 = ?"


def duckdb_error() -> type[Exception]:
    """DuckDB's own error, imported only where DuckDB is."""
    import duckdb

    return duckdb.Error


def add_review(home: Home, verb: str, event_id: str, **more: str | None) -> int:
    """Store a review, apply it and publish; its number."""
    from warehouse import reviews
    from warehouse.store import locked, writing

    with locked(home):
        with writing(home) as connection:
            number = reviews.add(connection, verb, event_id, **more)
            _keep_reviews(home, connection)
        _publish(home)
    return number


def import_reviews(home: Home, lines: Iterable[str]) -> int:
    """Take in reviews that are not known yet, apply them and publish; how many were new."""
    from warehouse import reviews
    from warehouse.store import locked, writing

    with locked(home):
        with writing(home) as connection:
            fresh = reviews.restore(connection, lines)
            _keep_reviews(home, connection)
        _publish(home)
    return fresh


def _keep_reviews(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """A copy beside the warehouse: what people did must outlive a broken database."""
    from warehouse import reviews

    lines = list(reviews.export(connection))
    if lines:
        fresh = home.reviews.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n", "utf-8")
        fresh.replace(home.reviews)
