"""What the commands do, without the command line: load, publish, rebuild, each under the writer's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
            items: Iterable[Item] = documents_of(paths) if captures is None else captures
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
