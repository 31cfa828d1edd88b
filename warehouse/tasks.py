"""What the commands do, without the command line: load, publish, rebuild, each under the writer's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from crawler.document import Document
from crawler.reading.rejected import Rejected
from warehouse.extraction import Extract, Refused, extract_one
from warehouse.home import Home

if TYPE_CHECKING:
    from warehouse.load import Loaded

Item: TypeAlias = Document | Rejected
Watch: TypeAlias = Callable[[Item], None]


def documents_of(paths: Iterable[Path]) -> Iterator[Item]:
    """Every document of these files and folders, rejects in their place."""
    from crawler.reading import read_path

    for path in paths:
        yield from read_path(path)


def captured(home: Home) -> Iterator[Item]:
    """Every document of the archive, in the order it was captured."""
    from crawler.archive import documents
    from crawler.reading import read_capture_all

    torn: list[Rejected] = []

    def note(position: str, message: str) -> None:
        torn.append(Rejected(where=position, reason="broken", message=message))

    for capture in documents(home.root, rejected=note):
        yield from read_capture_all(capture)
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
    """Load these paths, or the archive where there are none; publish when something changed."""
    from warehouse import publish
    from warehouse.load import load
    from warehouse.store import locked, writing

    paths = list(paths)
    items = documents_of(paths) if paths else captured(home)
    source = " ".join(map(str, paths)) or "archive"
    with locked(home):
        with writing(home) as connection:
            done = load(
                connection,
                items,
                source=source,
                again=again,
                jobs=jobs,
                watch=watch,
                refuse=refuse,
                extract=extract,
            )
        if publishing and (done.changed or publish.current(home) is None):
            publish.publish(home)
    return done
