"""Documents that look like documents, and crawls in forked processes: real ones, started in milliseconds."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from crawler.archive import documents
from crawler.ledger import Ledger
from crawler.run import SourceReport, run
from crawler.settings import EXTENSIONS, MIDDLEWARES
from crawler.source import load_sources
from crawler.standin.server import Asked, Fault, Publisher, Speaker, listening
from crawler.standin.speakers import Article, Filing

DAY = date(2024, 11, 1)
HURRY: dict[str, Any] = {
    "delay": 0.0,
    "concurrency": 8,
    "backoff": 0.01,
    "backoff_ceiling": 0.2,
    "private": True,
}
SOURCES = load_sources()
for name in (
    "scrapy.crawler", "scrapy.core.downloader", "scrapy.core.scheduler", "scrapy.core.scraper", "scrapy.squeues",
    "scrapy.spidermiddlewares.urllength", "scrapy.spidermiddlewares.referer", "scrapy.spidermiddlewares.httperror",
    "scrapy.robotstxt", "scrapy.logformatter", "scrapy.statscollectors", "crawler.spider", "crawler.settings",
    *(f"crawler.spiders.{one}" for one in SOURCES),
    *(path.rpartition(".")[0] for path in (*MIDDLEWARES, *EXTENSIONS)),
):  # fmt: skip
    importlib.import_module(name)  # all that a crawl imports but the reactor: a forked child begins at once
assert "twisted.internet.reactor" not in sys.modules, "a reactor in the parent would be every child's"


def pdf(text: str, *, size: int = 400) -> bytes:
    """Bytes that a crawler takes for a PDF: header, something, end."""
    return b"%PDF-1.4\n%" + text.encode() + b"\n" + b"0" * size + b"\nstartxref\n9\n%%EOF\n"


def filings(
    count: int, *, day: date = DAY, a_day: int = 5, code: str = "300798", start: int = 1
) -> list[Filing]:
    """Filings about computing power, `a_day` of them each day."""
    return [
        Filing(
            id=str(9200000000 + n),
            code=code,
            name="演示公司",
            org=f"99{code}",
            day=day + timedelta(days=(n - start) // a_day),
            title=f"关于算力租赁合同的公告（演示{n}）",
            body=pdf(f"filing {n}"),
        )
        for n in range(start, start + count)
    ]


def page(title: str, *paragraphs: str, charset: str = "utf-8", meta: str = '<meta charset="utf-8">') -> bytes:
    """A news page."""
    body = "".join(f"<p>{one}</p>" for one in paragraphs or ("服务器已经到货。",) * 3)
    return (
        f"<!DOCTYPE html><html><head>{meta}<title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode(charset)


def articles(count: int, *, day: date = DAY, a_day: int = 3) -> list[Article]:
    """Articles about computing power, `a_day` of them each day."""
    return [
        Article(
            path=f"/a/{n}.html",
            title=f"智算中心第{n}期动工",
            day=day + timedelta(days=n // a_day),
            body=page(f"智算中心第{n}期动工", f"智算中心第{n}期今天动工，规模为{n}P。" * 3),
            summary=f"智算中心第{n}期今天动工",
        )
        for n in range(count)
    ]


@contextmanager
def publishing(*speakers: Speaker, fault: Fault | None = None) -> Iterator[tuple[str, Publisher]]:
    """(base address, publisher)."""
    publisher = Publisher(list(speakers), fault=fault)
    with listening(publisher) as base:
        yield base, publisher


def order(
    name: str, home: Path, base: str, *, polite: dict[str, Any] | None = None, **job: Any
) -> dict[str, Any]:
    """What the crawl's process is told."""
    told = {
        "since": str(DAY),
        "until": str(DAY + timedelta(days=13)),
        "keywords": [],
        "stocks": [],
        "limit": None,
        "dry_run": False,
        "recheck": False,
    } | {key: str(value) if isinstance(value, date) else value for key, value in job.items()}
    return {
        "source": str(SOURCES[name].path),
        "home": str(home),
        "job": told,
        "base": base,
        "polite": HURRY | (polite or {}),
    }


def forked(act: Callable[[], Any]) -> tuple[int, int]:
    """(process id, a pipe with what `act` returns as JSON)."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    code = 1
    gc.freeze()  # garbage of other tests (a DuckDB with its threads) is not this child's to close
    try:
        os.close(read)
        with os.fdopen(write, "w") as pipe:
            json.dump(act(), pipe, default=str)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def crawled(told: dict[str, Any]) -> SourceReport:
    """Make a crawl in a child process and wait for its report."""
    pid, pipe = forked(lambda: asdict(run(told, lambda _: None)))
    with os.fdopen(pipe) as told_back:
        text = told_back.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the crawl's process ended with {status}"
    given = json.loads(text)
    given["failures"] = tuple((where, why) for where, why in given["failures"])
    return SourceReport(**given)


def killed(told: dict[str, Any], moment: Callable[[int], None]) -> bool:
    """Start a crawl, kill it with SIGKILL when `moment(pid)` returns; whether it was still alive."""
    pid, pipe = forked(lambda: asdict(run(told, lambda _: None)))
    moment(pid)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(pipe)
    return os.WIFSIGNALED(status)


def stored(home: Path) -> Counter[tuple[str, bytes]]:
    """(path of the address, body) of every document in the archive, and how often it is there."""
    return Counter((one.url.split("/", 3)[3], one.body) for one in documents(home))


def ledger_rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the ledger."""
    ledger = Ledger(home / "ledger.sqlite", readonly=True)
    try:
        return ledger.rows(sql)
    finally:
        ledger.close()


def asked_for(publisher: Publisher, end: str = "") -> list[Asked]:
    """Requests whose path ends so."""
    return [one for one in publisher.asked if one.path.endswith(end)]
