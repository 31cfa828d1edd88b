"""Workers of one shared crawl, each a process with a data folder of its own, and a look at what they leave."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from crawler.archive import verify
from crawler.merge import merge
from crawler.run import SourceReport, run
from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Filing
from tests.crawler.stand import forked, ledger_rows, order, stored

LEASE = 1.5
"""Seconds after which a worker that was killed for good counts as dead."""


COUNTED: Counter[str] = Counter()
"""Workers killed, and what was found in the merged folder afterwards."""


def paced(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
    """A server that takes a moment, so that a crawl has a middle and each worker its part."""
    time.sleep(0.01)
    return False


def documents_of(some: list[Filing]) -> Counter[tuple[str, bytes]]:
    return Counter((f"finalpage/{f.day}/{f.id}.PDF", f.body) for f in some)


class Workers:
    """Two workers of one crawl, each a process with a data folder of its own."""

    def __init__(
        self, folder: Path, queue: str, name: str, base: str, *, lease: float = 60.0, **job: Any
    ) -> None:
        self.homes = {worker: folder / worker for worker in ("east", "west")}
        self.into = folder / "merged"
        self._told = {
            worker: order(name, home, base, polite={"concurrency": 2}, **job)
            | {"queue": queue, "lease": lease, "rotate": 60_000}
            for worker, home in self.homes.items()
        }
        self._living: dict[str, tuple[int, int]] = {}

    def start(self, worker: str) -> None:
        told = self._told[worker]
        self._living[worker] = forked(lambda: asdict(run(told, lambda _: None)))

    def until_busy(self, server: Any) -> None:
        """Wait until a worker holds a unit: the crawl has begun and, paced, is far from its end."""
        until = time.monotonic() + 30
        while not any(server.hlen(key) for key in server.scan_iter("*:flight")):
            assert time.monotonic() < until, "no worker took a unit within half a minute"
            time.sleep(0.005)

    def kill(self, worker: str) -> bool:
        """Whether it was still alive."""
        pid, pipe = self._living.pop(worker)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(pipe)
        COUNTED["kills"] += os.WIFSIGNALED(status)
        return os.WIFSIGNALED(status)

    def died(self, worker: str) -> bool:
        """Wait until it ends by itself; whether by SIGKILL."""
        pid, pipe = self._living.pop(worker)
        with os.fdopen(pipe) as told:
            told.read()
        struck = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        COUNTED["kills"] += struck
        return struck

    def wait(self, worker: str) -> SourceReport:
        pid, pipe = self._living.pop(worker)
        with os.fdopen(pipe) as told:
            text = told.read()
        os.waitpid(pid, 0)
        given = json.loads(text)
        return SourceReport(**given | {"failures": tuple(map(tuple, given["failures"]))})

    def compare(self, undisturbed: Counter[tuple[str, bytes]]) -> None:
        """Merge what is there and look: every document, each once, every window done."""
        merged = merge([one for one in self.homes.values() if one.exists()], self.into)
        assert not merged.faults
        found = stored(self.into)
        lost, doubled = undisturbed - found, found - undisturbed
        COUNTED["lost"] += lost.total()
        COUNTED["doubled"] += doubled.total()
        assert not lost, f"{lost.total()} documents lost"
        assert not doubled, f"{doubled.total()} documents counted twice"
        assert verify(self.into).faults == ()
        assert verify(self.into).loose == 0
        states = ledger_rows(self.into, "select state, versions, count(*) from urls group by 1, 2")
        assert states == [("fetched", 1, undisturbed.total())]
        windows = ledger_rows(self.into, "select state, since, until, reason, changed from windows")
        assert {row[0] for row in windows} <= {"done", "split"}, windows
