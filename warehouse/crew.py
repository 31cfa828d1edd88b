"""The processes that read documents; one that dies takes one document with it, not the run."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from types import TracebackType

from crawler.document import Document
from crawler.reading.rejected import Rejected
from warehouse.extraction import Extract, Extracted, Refused, attempt, extract_one, refusal, unstorable

INLINE = 16
"""Documents read before it pays to start other processes (each loads the lexicons anew)."""


class Crew:
    """So many processes, spawned: DuckDB's threads and its lock must not be copied into a child."""

    def __init__(self, jobs: int | None, extract: Extract = extract_one) -> None:
        self.jobs, self.extract = jobs or os.cpu_count() or 1, extract
        self._pool = self._start()

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, documents: Sequence[Document]) -> list[Extracted | Refused]:
        """Every document read, in order.

        Where a process dies (the system killed it for its memory) they are read again one by one, and the one
        that does it again is a Refused.
        """
        try:
            return list(self._pool.map(attempt, documents, [self.extract] * len(documents), chunksize=4))
        except BrokenProcessPool:
            self._restart()
            return [self._alone(document) for document in documents]

    def _alone(self, document: Document) -> Extracted | Refused:
        try:
            return self._pool.submit(attempt, document, self.extract).result()
        except BrokenProcessPool:
            self._restart()
            message = "the process that read it died, likely for want of memory; leave it out or split it"
            return Refused(document.doc_id, "extractor-died", message)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("spawn"))

    def _restart(self) -> None:
        self._pool.shutdown()
        self._pool = self._start()


def attempt_all(
    items: Iterable[Document | Rejected], *, jobs: int | None = None, extract: Extract = extract_one
) -> Iterator[Extracted | Refused]:
    """Every document read, in the order they came; past the first few by several processes."""
    stream = iter(items)
    yield from (_here(item, extract) for item in islice(stream, INLINE))
    head = list(islice(stream, INLINE))
    count = jobs or os.cpu_count() or 1
    if len(head) < INLINE or count < 2:
        yield from (_here(item, extract) for item in chain(head, stream))
        return
    with Crew(jobs, extract) as crew:
        rest = chain(head, stream)
        while chunk := list(islice(rest, 64 * count)):
            bad = [_refused(item) for item in chunk]
            good = [item for item, refused in zip(chunk, bad, strict=True) if refused is None]
            done = iter(crew.read([item for item in good if isinstance(item, Document)]))
            yield from (refused or next(done) for refused in bad)


def _refused(item: Document | Rejected) -> Refused | None:
    return unstorable(item) if isinstance(item, Document) else refusal(item)


def _here(item: Document | Rejected, extract: Extract) -> Extracted | Refused:
    if isinstance(item, Document):
        return unstorable(item) or attempt(item, extract)
    return refusal(item)
