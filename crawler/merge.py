"""Several workers' data folders made one: each capture once, ledgers as if one machine had crawled.

Records are copied byte for byte, in the order they were fetched, and only those the workers' ledgers count.
So a merge that was killed goes on where it was, and merging the same folders again changes nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.archive import ROTATE, Archive, capture_at, folder
from crawler.errors import ArchiveError, LedgerError
from crawler.journal import ledger_file
from crawler.ledger import Ledger, Placed
from crawler.run import only_one

CAPTURES = (
    'select source, url, role, status, file, "offset", length, meta_length, sha256, verdict, fetched, crawl'
    " from captures where source=? order by fetched, id"
)
HELD_OF = "select fetched, role, sha256 from captures where url=? and source=? order by fetched"
ADDRESS = (
    "source, url, state, attempts, status, etag, modified, sha256, versions, row_digest, reason, first_seen,"
    " checked"
)
NEWER = (
    "((excluded.sha256 is not null) > (urls.sha256 is not null) or ((excluded.sha256 is not null) ="
    " (urls.sha256 is not null) and coalesce(excluded.checked, '') > coalesce(urls.checked, '')))"
)
"""Which of two ledgers to believe of an address: one that has the document, then the one that asked last."""
TAKEN = ("state", "status", "etag", "modified", "sha256", "row_digest", "reason")
URLS = (
    f"insert into urls ({ADDRESS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " on conflict (source, url) do update set "
    + ", ".join(f"{name}=iif({NEWER}, excluded.{name}, urls.{name})" for name in TAKEN)
    + ", attempts=max(urls.attempts, excluded.attempts)"
    ", first_seen=min(urls.first_seen, excluded.first_seen)"
    ", checked=nullif(max(coalesce(urls.checked, ''), coalesce(excluded.checked, '')), '')"
)
HELD = "from captures c where c.url=urls.url and c.source=urls.source and c.role='document'"
WINDOW = (
    "source, question, since, until, keyword, state, promised, received, rejected, reason, crawl, changed"
)
WINDOWS = (
    f"insert into windows ({WINDOW}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " on conflict (source, question) do update set"
    " state=excluded.state, promised=excluded.promised, received=excluded.received,"
    " rejected=excluded.rejected, reason=excluded.reason, crawl=excluded.crawl, changed=excluded.changed"
    # what one worker finished stays finished, though another one opened it later and was killed
    " where case when windows.state in ('done', 'split') and excluded.state='open' then 0"
    " when windows.state='open' and excluded.state in ('done', 'split') then 1"
    " else excluded.changed > windows.changed end"
)
INCIDENTS = (
    "insert into incidents (crawl, source, url, what, detail, at) select ?1, ?2, ?3, ?4, ?5, ?6 where not"
    " exists (select 1 from incidents where crawl=?1 and at=?6 and what=?4 and url=?3 and detail=?5)"
)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What a merge did."""

    copied: int = 0
    """Responses new to the folder."""
    documents: int = 0
    """Those of them that are documents, new versions included."""
    had: int = 0
    """Responses it had from an earlier merge."""
    repeated: int = 0
    """Documents that two workers fetched alike: one stays."""
    faults: tuple[tuple[str, str], ...] = ()
    """(file and offset, what is wrong with it) of responses that were left out."""


@dataclass
class _Count:
    copied: int = 0
    documents: int = 0
    had: int = 0
    repeated: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Worker:
    home: Path
    ledger: Ledger


Step = Callable[[int], None]
"""Called with the number of responses looked at so far."""


def merge(homes: Sequence[Path], into: Path, *, rotate: int = ROTATE, on_step: Step | None = None) -> Merged:
    """Take what workers crawled into the data folder `into`, which may hold something already.

    The workers may go on crawling meanwhile: what they have committed is taken. Raises LedgerError for a
    folder without a ledger, for `into` among `homes`, and where a crawl of the same source runs in `into`.
    """
    count = _Count()
    with ExitStack() as stack:
        workers = [_opened(home, into, stack) for home in homes]
        target = stack.enter_context(closing(Ledger(ledger_file(into))))
        sources = sorted(
            {row[0] for w in workers for row in w.ledger.rows("select distinct source from crawls")}
        )
        for source in sources:
            with only_one(into, source) as free:
                if not free:
                    raise LedgerError(f"{into}: a crawl of {source} runs there; merge when it is over")
                _merge_source(workers, source, into, target, count, rotate, on_step or (lambda _: None))
    return Merged(
        copied=count.copied,
        documents=count.documents,
        had=count.had,
        repeated=count.repeated,
        faults=tuple(count.faults),
    )


def _opened(home: Path, into: Path, stack: ExitStack) -> _Worker:
    file = ledger_file(home)
    if home.resolve() == into.resolve():
        raise LedgerError(f"{home}: would be merged into itself; name another folder with --into")
    if not file.exists():
        raise LedgerError(f"{home}: no ledger there; name the data folder a worker crawled into")
    ledger = stack.enter_context(closing(Ledger(file, readonly=True)))
    ledger.rows("begin")  # what a worker commits from here on is for the next merge: all of it, or nothing
    return _Worker(home, ledger)


def _merge_source(
    workers: Sequence[_Worker],
    source: str,
    into: Path,
    target: Ledger,
    count: _Count,
    rotate: int,
    on_step: Step,
) -> None:
    crawls = [_merge_crawls(worker.ledger, source, target) for worker in workers]
    archive = Archive(into, target, source, rotate=rotate)
    try:
        _merge_captures(workers, source, crawls, archive, target, count, on_step)
    finally:
        archive.close()
    for worker, ids in zip(workers, crawls, strict=True):
        _merge_ledger(worker.ledger, source, ids, target)
    with target.transaction() as db:
        db.execute(f"update urls set versions=(select count(*) {HELD}) where source=?", (source,))
        # a worker knew of it from another whose folder is not here: without its bytes it must be asked again
        db.execute(
            "update urls set state='wanted', etag=null, modified=null, sha256=null"
            f" where source=? and sha256 is not null and not exists (select 1 {HELD})",
            (source,),
        )
        # a worker saw the version before come back and kept no copy: what is here is not what it saw
        last = f"(select c.sha256 {HELD} order by fetched desc, id desc limit 1)"
        db.execute(
            f"update urls set sha256={last}, etag=null, modified=null, row_digest=''"
            f" where source=? and sha256 is not null and sha256 != {last}",
            (source,),
        )
        db.execute("delete from validators where source=?", (source,))


# captures -----------------------------------------------------------------------------------------------


def _merge_captures(
    workers: Sequence[_Worker],
    source: str,
    crawls: Sequence[Mapping[int, int]],
    archive: Archive,
    target: Ledger,
    count: _Count,
    on_step: Step,
) -> None:
    held: dict[str, list[tuple[str, str, str]]] = {}
    for number, (_, which, row) in enumerate(_by_moment(workers, source), 1):
        url, role, status = row[1:4]
        sha256, verdict, fetched, crawl = row[8:]
        if url not in held:
            held[url] = target.rows(
                "select fetched, role, sha256 from captures where url=? and source=? order by fetched",
                url,
                source,
            )
        new = _place(held[url], (fetched, role, sha256))
        if new == "new":
            placed = Placed(*row[4:9])
            if (data := _bytes_of(workers[which].home, placed, count)) is not None:
                there = archive.take_over(data, placed)
                target.capture(source, url, role, status, there, verdict, fetched, crawls[which][crawl])
                held[url] = sorted([*held[url], (fetched, role, sha256)])
                count.copied += 1
                count.documents += role == "document"
        elif new == "had":
            count.had += 1
        else:
            count.repeated += 1
        if target.full:
            archive.flush()
            held.clear()
            on_step(number)


def _by_moment(workers: Sequence[_Worker], source: str) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
    """(moment, number of the worker, row) of all workers' captures, the oldest first."""

    def of(which: int) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
        for row in workers[which].ledger.stream(CAPTURES, source):
            yield row[-2], which, row

    return heapq.merge(*map(of, range(len(workers))), key=lambda one: one[:2])


def _place(held: list[tuple[str, str, str]], one: tuple[str, str, str]) -> str:
    """new, had (it was merged before), or repeated (a document like the version before or after it)."""
    if one in held:
        return "had"
    fetched, role, sha256 = one
    if role != "document":
        return "new"
    before = [sha for moment, what, sha in held if what == "document" and moment <= fetched]
    after = [sha for moment, what, sha in held if what == "document" and moment > fetched]
    return "repeated" if sha256 in (*before[-1:], *after[:1]) else "new"


def _bytes_of(home: Path, placed: Placed, count: _Count) -> bytes | None:
    """Both records as they lie there; None for what does not have its digest, which is told."""
    try:
        capture_at(home, placed)
    except ArchiveError as error:
        count.faults.append((f"{home / placed.file}:{placed.offset}", str(error)))
        return None
    with (folder(home) / placed.file).open("rb") as file:
        file.seek(placed.offset)
        return file.read(placed.length + placed.meta_length)


# the ledgers --------------------------------------------------------------------------------------------


def _merge_crawls(ledger: Ledger, source: str, target: Ledger) -> dict[int, int]:
    """The worker's crawls by their numbers there -> here."""
    numbers: dict[int, int] = {}
    with target.transaction() as db:
        for number, *facts in ledger.stream(
            "select id, source, pid, job, started, finished, outcome, reason, report from crawls"
            " where source=? order by id",
            source,
        ):
            key, end = (facts[0], facts[1], facts[3]), facts[4:]
            found = db.execute("select id from crawls where source=? and pid=? and started=?", key).fetchone()
            if found is None:
                (numbers[number],) = db.execute(
                    "insert into crawls (source, pid, job, started, finished, outcome, reason, report)"
                    " values (?, ?, ?, ?, ?, ?, ?, ?) returning id",
                    facts,
                ).fetchone()
            else:
                numbers[number] = found[0]
                db.execute(
                    "update crawls set finished=?, outcome=?, reason=?, report=? where id=?", (*end, found[0])
                )
    return numbers


def _merge_ledger(ledger: Ledger, source: str, crawls: Mapping[int, int], target: Ledger) -> None:
    """Addresses, windows, incidents. Not the listings' validators: they would hide what one worker lacks."""
    addresses = ledger.stream(f"select {ADDRESS} from urls where source=?", source)
    windows = ledger.stream(f"select {WINDOW} from windows where source=?", source)
    incidents = ledger.stream(
        "select crawl, source, url, what, detail, at from incidents where source=?", source
    )
    with target.transaction() as db:
        db.executemany(URLS, addresses)
        db.executemany(WINDOWS, ((*row[:10], crawls[row[10]], row[11]) for row in windows))
        db.executemany(INCIDENTS, ((crawls[row[0]], *row[1:]) for row in incidents))
