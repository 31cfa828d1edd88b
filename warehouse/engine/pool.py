"""The processes of one machine as an engine."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from crawler.reading.rejected import Rejected
from nlp.batches import settle
from warehouse.crew import Crew
from warehouse.engine.table import Tally
from warehouse.engine.work import (
    PIECE,
    Here,
    Piece,
    Read,
    cut,
    extract_rows,
    read_piece,
    reject_batches,
    shards,
)
from warehouse.extraction import Extract, Refused, extract_one

Task: TypeAlias = Piece | pa.RecordBatch
"""A range of a file, or a batch of READ that stands for one."""
AHEAD = 2
"""Pieces handed out for each process, so that none waits for the slowest."""


def tasks(paths: Iterable[str], *, size: int = PIECE) -> Iterator[Task]:
    """What there is to do at these paths, in order."""
    for shard, file in shards(paths):
        if isinstance(file, Rejected):
            yield from reject_batches(shard, file)
        else:
            pieces, wrong = cut(shard, file, size=size)
            yield from reject_batches(shard, wrong) if wrong else ()
            yield from pieces


def extract(
    paths: Iterable[str],
    out: Path,
    *,
    jobs: int | None = None,
    extract: Extract = extract_one,
    size: int = PIECE,
    refuse: Callable[[Refused], None] = lambda refused: None,
    watch: Callable[[], None] = lambda: None,
) -> Tally:
    """Extract what lies at these paths into a new Parquet file or folder; `refuse` hears of each reject."""
    # DuckDB is not for the processes that import this file
    from warehouse.engine.stored import refuse_existing, write

    paths = list(paths)
    refuse_existing(out, paths)
    done = Tally()

    def counted() -> Iterator[pa.RecordBatch]:
        for batch in extracted(paths, jobs=jobs, extract=extract, size=size):
            for refused in done.take(batch):
                refuse(refused)
            for _ in range(batch.num_rows):
                watch()
            yield batch

    write(out, counted())
    return done


def extracted(
    paths: Iterable[str], *, jobs: int | None = None, extract: Extract = extract_one, size: int = PIECE
) -> Iterator[pa.RecordBatch]:
    """Batches of TABLE for all that lies at these paths, in the order of the archive."""
    processes = jobs or os.cpu_count() or 1
    stream = tasks(paths, size=size)
    head = list(islice(stream, 2))
    if processes == 1 or len(head) < 2:
        for task in (*head, *stream):
            yield from do(task, Here(extract))
        return
    yield from _Pool(processes, extract).run(chain(head, stream))


def do(task: Task, read: Read) -> Iterator[pa.RecordBatch]:
    """One task's rows."""
    for batch in read_piece(task) if isinstance(task, Piece) else [task]:
        yield extract_rows(batch, read)


def _do_all(task: Task, extract: Extract) -> list[pa.RecordBatch]:
    return list(do(task, Here(extract)))


class _Pool:
    """So many processes, spawned; one that dies takes one document with it, not the run."""

    def __init__(self, processes: int, extract: Extract) -> None:
        self.processes, self.extract = processes, extract
        self.workers = self._start()

    def run(self, stream: Iterator[Task]) -> Iterator[pa.RecordBatch]:
        ahead: deque[tuple[Task, Future[list[pa.RecordBatch]]]] = deque()
        try:
            while True:
                while len(ahead) < AHEAD * self.processes and (task := next(stream, None)) is not None:
                    ahead.append((task, self._submit(task)))
                if not ahead:
                    return
                task, done = ahead.popleft()
                try:
                    yield from done.result()
                except BrokenProcessPool:
                    yield from self._carefully(task)
                    ahead = deque((t, self._again(t, future)) for t, future in ahead)
        finally:
            self.workers.shutdown(cancel_futures=True)

    def _carefully(self, task: Task) -> Iterator[pa.RecordBatch]:
        """The task again, its documents extracted by a process that may die of one of them."""
        self.workers.shutdown(cancel_futures=True)
        with Crew(1, self.extract) as crew:
            yield from do(task, crew.read)
        self.workers = self._start()

    def _again(self, task: Task, future: Future[list[pa.RecordBatch]]) -> Future[list[pa.RecordBatch]]:
        whole = future.done() and not future.cancelled() and future.exception() is None
        return future if whole else self._submit(task)

    def _submit(self, task: Task) -> Future[list[pa.RecordBatch]]:
        try:
            return self.workers.submit(_do_all, task, self.extract)
        except BrokenProcessPool:  # one has died since: what it had in hand is met when its turn comes
            self.workers = self._start()
            return self.workers.submit(_do_all, task, self.extract)

    def _start(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.processes, mp_context=spawn, initializer=settle)
