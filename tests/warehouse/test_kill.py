"""kill -9 at any moment of a load, a resolve or a publish: nothing lost, nothing torn, readers read on."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.warehouse.writer import A_ROUND, write
from warehouse import ask, publish
from warehouse.home import Home
from warehouse.sandbox import opened
from warehouse.store import writing

ROOT = Path(__file__).parents[2]
KILLS = 54
PHASES = ("load", "resolve", "publish")
UNDISTURBED = 6
"""Every so many rounds one is left to its end, so that readers have something new to see."""


class Reader(threading.Thread):
    """Reads the published ledger without pause; remembers what it saw and what went wrong."""

    def __init__(self, home: Home) -> None:
        super().__init__(daemon=True)
        self.home, self.stopped = home, threading.Event()
        self.seen: list[int] = []
        self.torn: list[str] = []

    def run(self) -> None:
        query = "SELECT count(*), count(DISTINCT doc_id), (SELECT count(*) FROM price_observations) FROM documents"
        while not self.stopped.is_set():
            try:
                ((documents, distinct, prices),) = ask.sql(self.home, query).rows
            except Exception as error:
                self.torn.append(repr(error))
                continue
            self.seen.append(documents)
            time.sleep(0.05)  # the writers need a core, too
            if not documents == distinct == prices:
                self.torn.append(f"{documents} documents, {distinct} distinct, {prices} prices")


@contextmanager
def killers(home: Home) -> Iterator[Callable[[int, str, float], bool]]:
    """Start a writer of so many rounds and kill it that long into a phase; whether it was still at work."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.warehouse.writer", str(home.root)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def kill(rounds: int, phase: str, delay: float) -> bool:
        assert server.stdin is not None
        assert server.stdout is not None
        print(rounds, phase, delay, file=server.stdin, flush=True)
        return server.stdout.readline().strip() == "True"

    yield kill
    server.communicate()
    assert server.returncode == 0


@pytest.mark.slow
def test_kill_minus_nine_at_any_moment(home: Home) -> None:
    write(home, 1)
    chance = random.Random(9)
    reader = Reader(home)
    reader.start()
    try:
        with killers(home) as kill:
            at_work = 0
            for n in range(KILLS):
                at_work += kill(n + 2, PHASES[n % 3], chance.uniform(0, 0.25 if n % 3 < 2 else 0.06))
                if n % UNDISTURBED == 0:
                    kill(n + 2, "done", 0)
    finally:
        reader.stopped.set()
        reader.join()
    assert reader.torn == []
    assert reader.seen == sorted(reader.seen)
    assert len(reader.seen) > KILLS
    assert len(set(reader.seen)) >= KILLS // UNDISTURBED
    assert at_work >= KILLS // 2
    snapshot = publish.current(home)
    assert snapshot is not None
    with opened(snapshot) as connection:
        assert publish.run_checks(connection) == []
    write(home, KILLS + 1)
    with writing(home) as connection:
        stored = connection.execute("SELECT count(*), count(DISTINCT doc_id) FROM documents").fetchall()
        prices = connection.execute("SELECT count(*) FROM price_mentions").fetchall()
        assert publish.run_checks(connection) == []
    everything = (KILLS + 1) * A_ROUND
    assert stored == [(everything, everything)]
    assert prices == [(everything,)]
    assert not list(home.published.glob("building-*"))
