"""The warehouse with a million mentions: loading, resolving, asking; beside executemany and pandas.

    python -m benchmarks.warehouse [--mentions 1000000] [--home DIR]

Documents, companies and contracts are made up by a seeded generator: ten mentions a document, contracts told
by filings and papers with rounded amounts, missing names and dates of different precision. Wall-clock seconds
first, the processor's own beside them: on a busy machine these tell more.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.figure import Figure, report
from crawler.document import Document
from nlp.event import ContractEvent, Event, PriceEvent, ProjectEvent, UtilisationEvent
from warehouse.home import Home
from warehouse.load import load
from warehouse.resolve import resolve
from warehouse.store import locked, writing

WORDS = (
    "云海青石白杨紫藤赤松苇塘汀芷潮生屿山沐野栎川岱屿霁川禾砚恒垣望朔甲辰玄圃衡庐汇衍镜湖砚台江槐榕岩茶金格"
)
MODELS = ("H100", "H800", "A100", "A800", "RTX 4090", "Ascend 910B", "H20", "L40S")
PROVINCES = ("新疆", "内蒙古", "贵州", "甘肃", "宁夏", "湖北", "四川", "广东", "江苏", "浙江")
VIEWS = (
    "cancellations",
    "cancellations_monthly",
    "contract_lifecycle",
    "cancellation_rate",
    "contract_survival",
    "rent_index",
    "price_exclusions",
    "purchase_index",
    "projects",
    "capacity_pipeline",
    "utilisation_history",
    "company_exposure",
    "coverage",
)


class World:
    """Companies with contracts, and what documents say of them."""

    def __init__(self, mentions: int, seed: int = 20241011) -> None:
        self.random = random.Random(seed)
        self.mentions = mentions
        self.contracts = [self._contract(n) for n in range(max(1, mentions // 25))]

    def _name(self, length: int) -> str:
        return "".join(self.random.choice(WORDS) for _ in range(length))

    def _contract(self, n: int) -> dict[str, Any]:
        company = n % max(1, self.mentions // 300)
        signed = date(2022, 6, 1) + timedelta(days=self.random.randrange(900))
        return {
            "company": f"股份{company:05}",
            "company_code": f"{300000 + company:06}",
            "counterparty": self._name(4),
            "amount": Decimal(self.random.randrange(100, 99999)) * 100000,
            "signed": signed,
            "ended": signed + timedelta(days=self.random.randrange(60, 700)) if n % 3 == 0 else None,
            "category": self.random.choice(("compute_rental", "equipment")),
        }

    def documents(self) -> Iterator[tuple[Document, list[Event]]]:
        """Documents of ten mentions each: four of contracts, three of prices, two of projects, one of use."""
        for n in range(self.mentions // 10):
            told = self.random.sample(self.contracts, 4) if len(self.contracts) > 4 else self.contracts * 4
            day = date(2022, 6, 1) + timedelta(days=self.random.randrange(1400))
            text = f"{n:07}" + self._name(280)
            document = Document(
                doc_id=f"http://news.example/{n}",
                text=text,
                published=day,
                source=f"paper-{n % 12}",
                kind="filing" if n % 10 == 0 else "news",
                tier="official" if n % 10 == 0 else "media",
            )
            yield document, [*self._contracts(document, told[:4]), *self._others(document, n)]

    def _at(self, document: Document, n: int) -> dict[str, Any]:
        start = 7 + 25 * n
        return {
            "doc_id": document.doc_id,
            "start": start,
            "end": start + 25,
            "quote": document.text[start : start + 25],
            "confidence": 0.9,
            "rule": "made-up",
        }

    def _contracts(self, document: Document, told: Sequence[dict[str, Any]]) -> Iterator[Event]:
        for n, contract in enumerate(told):
            ended = contract["ended"] if document.published and contract["ended"] else None
            after = ended is not None and document.published is not None and document.published > ended
            exact = document.kind == "filing"
            when = ended if after and ended else contract["signed"]
            if document.published and when > document.published:
                when = document.published
            yield ContractEvent(
                **self._at(document, n),
                action="terminated" if after else "signed",
                category=contract["category"],
                company=contract["company"],
                company_code=contract["company_code"],
                counterparty=contract["counterparty"] if exact or self.random.random() < 0.8 else None,
                contract="算力租赁合同",
                signed_date=contract["signed"].isoformat()[: 10 if exact else 7],
                event_date=when.isoformat() if after else None,
                amount=contract["amount"] if exact else round(contract["amount"], -7) or contract["amount"],
                bound="exact" if exact else "about",
                currency="CNY",
                reason=self.random.choice(("supply", "demand", None)) if after else None,
            )

    def _others(self, document: Document, n: int) -> Iterator[Event]:
        month = document.published.isoformat()[:7] if document.published else None
        for k in range(3):
            amount = Decimal(self.random.randrange(300, 1200)) * 100
            yield PriceEvent(
                **self._at(document, 4 + k),
                kind="rent" if k else "purchase",
                item=self.random.choice(MODELS),
                unit="server" if k else "card",
                gpus=8 if k else 1,
                amount=amount,
                bound="exact",
                currency="CNY",
                period="month" if k else None,
                as_of=month,
                cny_per_gpu_hour=amount / 8 / 730 if k else None,
            )
        for k in range(2):
            yield ProjectEvent(
                **self._at(document, 7 + k),
                project=f"{WORDS[n % 40 : n % 40 + 3]}智算中心{n % 5000}号",
                place=PROVINCES[n % 10],
                stage=self.random.choice(("announced", "under_construction", "operating")),
                measure="compute" if k else "investment",
                amount=Decimal(self.random.randrange(1, 500) * 100),
                unit="PFLOPS" if k else "CNY",
                as_of=month,
            )
        yield UtilisationEvent(
            **self._at(document, 9), metric="utilisation", rate=Decimal(n % 100), as_of=month
        )


def timed(what: str, action: Callable[[], Any]) -> tuple[float, Any]:
    """Run, and print how long it took by the clock and by the processor."""
    begun, busy = time.perf_counter(), time.process_time()
    result = action()
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    print(f"{what:46} {seconds:8.2f} s  ({busy:.2f} s of processor)", flush=True)
    return seconds, result


def plain_way(made: Sequence[tuple[Document, list[Event]]]) -> tuple[float, float]:
    """executemany row by row, then pandas groupby: what one would write first. (rows/s, seconds grouped)"""
    import pandas as pd

    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE m (doc_id VARCHAR, company VARCHAR, counterparty VARCHAR, action VARCHAR,"
        " amount DECIMAL(28, 6))"
    )
    rows = [
        (e.doc_id, e.company, e.counterparty, e.action, e.amount)
        for _, events in made
        for e in events
        if isinstance(e, ContractEvent)
    ]
    part = rows[:20000]
    begun = time.perf_counter()
    connection.executemany("INSERT INTO m VALUES (?, ?, ?, ?, ?)", part)
    rate = len(part) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    frame = pd.DataFrame(rows, columns=["doc_id", "company", "counterparty", "action", "amount"])
    groups = frame.groupby(["company", "counterparty"], dropna=False)
    groups.agg({"doc_id": "nunique", "amount": "first", "action": lambda a: (a == "terminated").any()})
    return rate, time.perf_counter() - begun


def run(mentions: int, home: Home) -> bool:
    """Measure; whether every figure is within its bound."""
    made = timed(f"made up {mentions:,} mentions", lambda: list(World(mentions).documents()))[1]
    plain_rate, plain_group = plain_way(made)
    told = {document.doc_id: events for document, events in made}
    gc.freeze()  # ten million made-up objects that no real load holds would be looked through again and again
    with locked(home), writing(home) as connection:

        def fill() -> Any:
            return load(
                connection,
                (document for document, _ in made),
                source="benchmark",
                version="b1",
                extract=lambda document: told[document.doc_id],
                jobs=1,
                batch=2000,
            )

        seconds, done = timed("load (documents, mentions)", fill)
    rate = done.mentions / seconds
    resolved, contracts, slowest, memory = _finished(home)
    for line in (
        "",
        f"loaded    {rate:>10,.0f} mentions/s  wanted 50,000",
        f"          {plain_rate:>10,.0f} mentions/s  by executemany: {rate / plain_rate:.0f} times slower",
        f"resolved  {resolved:>10.1f} s           wanted 120; {contracts:,} contracts",
        f"          {plain_group:>10.1f} s           by pandas groupby, which joins equal names only",
        f"views     {slowest:>10.2f} s slowest   wanted 1",
        f"memory    {memory:>10,.0f} MB at most    wanted 2,000; of the process that resolves and asks",
    ):
        print(line)
    asked = f"{mentions:,} mentions"
    report(
        Figure(stage="loading", value=rate, unit="mentions/s", peer="executemany into one table",
               peer_value=plain_rate, goal=50_000, note=asked),
        Figure(stage="resolving", value=resolved, unit="s", goal=120, less_is_better=True, note=asked),
        Figure(stage="slowest view", value=slowest, unit="s", goal=1, less_is_better=True, note=asked),
        Figure(stage="memory of resolving and asking", value=memory, unit="MB", goal=2000,
               less_is_better=True, note=asked),
    )  # fmt: skip
    return rate >= 50_000 and resolved <= 120 and slowest <= 1


def _finished(home: Home) -> tuple[float, int, float, float]:
    """Resolve and ask in a process of its own, which holds none of the made-up objects.

    Seconds to resolve, contracts, seconds of the slowest view, MB at most.
    """
    command = [sys.executable, "-m", "benchmarks.warehouse", "--finish", str(home.root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    *lines, last = done.stdout.splitlines()
    print("\n".join(lines), flush=True)
    resolved, contracts, slowest, memory = json.loads(last)
    return resolved, contracts, slowest, memory


def finish(home: Home) -> None:
    """The second half: what `_finished` starts; its last line is JSON."""
    with locked(home), writing(home) as connection:
        resolved, _ = timed("resolve (copies, contracts, prices, projects)", lambda: resolve(connection))
        contracts = connection.execute("SELECT count(*) FROM contracts").fetchall()[0][0]
        slowest = max(_ask(connection, view) for view in VIEWS)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([resolved, contracts, slowest, memory]))


def _ask(connection: duckdb.DuckDBPyConnection, view: str) -> float:
    return timed(f"view {view}", lambda: connection.execute(f"FROM {view}").fetchall())[0]


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--finish", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.finish:
        finish(Home(arguments.finish))
        return
    folder = arguments.home or Path(tempfile.mkdtemp(prefix="paomo-bench-"))
    try:
        good = run(arguments.mentions, Home(folder).make())
    finally:
        if arguments.home is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
