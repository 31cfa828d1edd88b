"""Processes that load and publish until they are killed: python -m tests.warehouse.writer HOME.

Each line on stdin, `rounds phase delay`, is one writer, forked after everything is imported and before any database
is opened, and killed `delay` seconds into the phase; the answer is whether it was still at work.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas  # noqa: F401 - duckdb imports it at the first register, which would cost every child a second

from tests.warehouse.pooled import one_price
from tests.warehouse.told import document
from warehouse import publish
from warehouse.home import Home
from warehouse.load import load
from warehouse.resolve import resolve
from warehouse.store import locked, writing

A_ROUND = 6
"""Documents each round adds."""


def _words(chance: random.Random) -> str:
    """Forty characters that stand in no other document: copies of one text would be one price, or a conflict."""
    return "".join(chr(chance.randrange(0x4E00, 0x9FA0)) for _ in range(40))


def write(
    home: Home, rounds: int, told: Callable[[str], None] = lambda phase: None, *, first: int = 0
) -> None:
    documents = [
        document(
            f"r{n:03}d{i:02}",
            f"第{n}轮：一张A100卡{n * 100 + i + 1000}元。{_words(random.Random(n * 100 + i))}。",
            published="2024-06-01",
        )
        for n in range(first, rounds)
        for i in range(A_ROUND)
    ]
    with locked(home):
        with writing(home) as connection:
            told("load")
            load(connection, documents, source="rounds", version="1", extract=one_price, batch=3)
            told("resolve")
            resolve(connection)
        told("publish")
        publish.publish(home)
    told("done")


def killed(home: Home, rounds: int, phase: str, delay: float) -> bool:
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        write(
            home,
            rounds,
            lambda word: os.write(telling, f"{word} ".encode()) and None,
            first=max(0, rounds - 3),
        )
        os._exit(0)
    os.close(telling)
    told = b""
    while phase.encode() not in told and (part := os.read(reading, 100)):
        told += part
    time.sleep(delay)
    alive = os.waitpid(child, os.WNOHANG) == (0, 0)
    if alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.close(reading)
    return alive


if __name__ == "__main__":
    for order in sys.stdin:
        rounds, phase, delay = order.split()
        print(killed(Home(Path(sys.argv[1])), int(rounds), phase, float(delay)), flush=True)
