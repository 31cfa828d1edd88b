"""A process that loads and publishes until it is killed: python -m tests.warehouse.writer HOME ROUND."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.warehouse.pooled import one_price
from tests.warehouse.told import document
from warehouse import publish
from warehouse.home import Home
from warehouse.load import load
from warehouse.resolve import resolve
from warehouse.store import locked, writing

A_ROUND = 12
"""Documents each round adds."""


def write(home: Home, rounds: int) -> None:
    documents = [
        document(f"r{n:03}d{i:02}", f"第{n}轮：一张A100卡{n * 100 + i + 1000}元。", published="2024-06-01")
        for n in range(rounds)
        for i in range(A_ROUND)
    ]
    with locked(home):
        with writing(home) as connection:
            print("load", flush=True)
            load(connection, documents, source="rounds", version="1", extract=one_price, batch=3)
            print("resolve", flush=True)
            resolve(connection)
        print("publish", flush=True)
        publish.publish(home)
    print("done", flush=True)


if __name__ == "__main__":
    write(Home(Path(sys.argv[1])), int(sys.argv[2]))
