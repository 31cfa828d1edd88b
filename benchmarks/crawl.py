"""Pages a second of a crawl with archive and ledger on, beside a bare Scrapy spider that saves nothing.

    python -m benchmarks.crawl                # 3,000 pages each, five rounds in turn, and the ratios
    python -m benchmarks.crawl --memory       # 20,000 pages in one crawl: its memory, every 2,000 pages

All ask a server in a process of its own for the same pages, as fast as it gives them. Wall time of the whole
crawl between the first request and the last answer; the interpreter's start is in none. Paomo sets Scrapy's
CONCURRENT_ITEMS to 1, which saves a hundred tasks an answer: a bare spider with that setting is shown, too.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figure import Figure, report
from crawler.errand import Job
from crawler.source import SHANGHAI, load_sources

PAGE_SIZE = 50
CONCURRENCY = 16
BEGIN = datetime(2024, 11, 1, tzinfo=SHANGHAI)
WORDS = (
    "算力租赁合同服务器智算中心数据中心机柜上架率利用率公司公告投资建设项目人民币亿元万元每月价格下降供应链"
)


# the server: answers prepared, nothing computed but the article's number ---------------------------------


def article(number: int) -> bytes:
    """A page of some 20 KB that no other page equals."""
    chance = random.Random(number)
    text = "".join(chance.choices(WORDS, k=3000))
    paragraphs = "".join(f"<p>{text[n : n + 150]}。</p>\n" for n in range(0, 3000, 150))
    menu = "".join(f'<li><a href="/c/{n}.html">频道{n}</a></li>\n' for n in range(200))
    title = f"智算中心第{number}期动工"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body><ul>{menu}</ul>'
        f"<article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def roll(page: int, total: int, host: str) -> bytes:
    """A page of sina's roll, newest first."""
    first = (page - 1) * PAGE_SIZE
    rows = [
        {
            "title": f"智算中心第{n}期动工",
            "intro": "",
            "url": f"http://{host}/a/{n}.html",
            "media_name": "",
            "ctime": str(int((BEGIN - timedelta(seconds=n)).timestamp())),
        }
        for n in range(first, min(first + PAGE_SIZE, total))
    ]
    return json.dumps({"result": {"status": {"code": 0}, "data": rows}}, ensure_ascii=False).encode()


class Server(asyncio.Protocol):
    """HTTP/1.1 with keep-alive for GET, and no more than that."""

    pages: list[bytes] = []  # noqa: RUF012 (filled once before serving)
    total = 0

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            self.transport.write(self.answer(head))

    def answer(self, head: bytes) -> bytes:
        """The answer to a request's head."""
        path = head.split(b" ", 2)[1].decode()
        if path.startswith("/a/"):
            number = int(path[3:-5])
            # few pages are kept and the number is put in, so that the server costs next to nothing
            body = self.pages[number % len(self.pages)].replace(
                b"</article>", b"<p>%d</p></article>" % number
            )
            return reply(body, "text/html; charset=utf-8")
        if "page=" in path:
            host = next(h for h in head.decode().split("\r\n") if h.lower().startswith("host:")).split(
                ":", 1
            )[1]
            return reply(roll(int(path.rsplit("page=", 1)[1]), self.total, host.strip()), "application/json")
        return reply(b"User-agent: *\nAllow: /\n", "text/plain")


def reply(body: bytes, kind: str) -> bytes:
    """A whole answer."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def serve(total: int, told: Connection) -> None:
    """The server's process."""
    Server.pages, Server.total = [article(n) for n in range(200)], total

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


# the two crawls, each in a process of its own ------------------------------------------------------------


SCRAPYS = ("scrapy.crawler", "scrapy.core.engine", "scrapy.core.downloader.handlers.http11")
OURS = (
    "crawler.spiders.sina_roll",
    "crawler.journal",
    "crawler.settings",
    "crawler.pipelines",
    "crawler.guard",
)


def imported(modules: Iterable[str]) -> None:
    """Import what a crawl imports on its way: the clock begins with the crawl, not with the interpreter."""
    for module in modules:
        importlib.import_module(module)


def bare(port: int, total: int, home: str, told: Connection, items: int = 100) -> None:
    """A Scrapy spider that asks for every page and saves nothing (Scrapy's default is 100 items)."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    imported(SCRAPYS)

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            for page in range(1, -(-total // PAGE_SIZE) + 1):
                yield scrapy.Request(f"http://127.0.0.1:{port}/roll?page={page}", callback=self.listed)

        def listed(self, response: Any) -> Any:
            for row in response.json()["result"]["data"]:
                yield scrapy.Request(row["url"], callback=self.came, priority=10)

        def came(self, response: Any) -> None:
            pass

    settings = {
        "CONCURRENT_REQUESTS": CONCURRENCY,
        "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
        "CONCURRENT_ITEMS": items,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Bare)
    process.crawl(crawler)
    began = time.perf_counter()
    process.start()
    seconds = time.perf_counter() - began
    told.send({"pages": crawler.stats.get_value("response_received_count"), "seconds": seconds})  # type: ignore[union-attr]


def bare_lean(port: int, total: int, home: str, told: Connection) -> None:
    """The same with paomo's one setting that matters here."""
    bare(port, total, home, told, items=1)


def ours(port: int, total: int, home: str, told: Connection) -> None:
    """The `sina_roll` source, whole: archive, ledger, robots.txt, a look at every page."""
    from dataclasses import asdict

    from crawler.run import run

    source = load_sources()["sina_roll"]
    polite = {
        "private": True,
        "delay": 0.0,
        "concurrency": CONCURRENCY,
        "max_pages": total,
    }
    order = {
        "source": str(source.path),
        "home": home,
        "job": asdict(Job()) | {"since": "2024-01-01", "until": "2024-12-31", "keywords": ["智算"]},
        "base": f"http://127.0.0.1:{port}",
        "polite": polite,
    }
    memory: list[tuple[int, float]] = []
    imported(SCRAPYS)
    imported(OURS)

    def tell(what: dict[str, Any]) -> None:
        count = what.get("progress", {}).get("new", 0)
        if not memory or count // 2000 > memory[-1][0] // 2000:
            memory.append((count, resident()))

    began = time.perf_counter()
    report = run(order, tell)
    seconds = time.perf_counter() - began
    assert (report.outcome, report.new) == ("ok", total), report
    pages = sum(n for name, n in report.counts.items() if name.startswith("archived "))
    told.send({"pages": pages, "seconds": seconds, "memory": [*memory, (report.new, resident())]})


def resident() -> float:
    """MB of memory this process holds now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/status has no VmRSS")


def measured(what: Callable[..., None], port: int, total: int) -> dict[str, Any]:
    """One crawl in a fresh process and a fresh folder."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory() as home:
        child = context.Process(target=what, args=(port, total, home, there))
        child.start()
        there.close()
        found: dict[str, Any] = here.recv()
        child.join()
    return found


def main() -> int:
    """Print the figures; 1 where they are not what they should be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=3000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--memory", action="store_true")
    given = options.parse_args()
    total = 20_000 if given.memory else given.pages
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(total, there), daemon=True)
    server.start()
    port = here.recv()
    try:
        return memory(port, total) if given.memory else pace(port, total, given.rounds)
    finally:
        server.terminate()


def pace(port: int, total: int, rounds: int) -> int:
    """Both in turn, and the ratio of their medians."""
    contenders = {
        "bare Scrapy, saves nothing": bare,
        "bare Scrapy, CONCURRENT_ITEMS=1": bare_lean,
        "paomo, archive and ledger on": ours,
    }
    rates: dict[str, list[float]] = {label: [] for label in contenders}
    for _ in range(rounds):
        for label, what in contenders.items():
            found = measured(what, port, total)
            rates[label].append(found["pages"] / found["seconds"])
    middle = {label: median(found) for label, found in rates.items()}
    *others, mine = middle
    for label, found in rates.items():
        spread = f"{min(found):.0f} to {max(found):.0f}, n={rounds} of {total} pages"
        print(f"{label:<32} {middle[label]:>6.0f} pages/s  ({spread})")
    # of each round, so that whatever else the machine did meanwhile weighs on both
    ratios = [median(a / b for a, b in zip(rates[mine], rates[other], strict=True)) for other in others]
    print(f"ratio {ratios[0]:.2f} (at least 0.60 is asked); {ratios[1]:.2f} beside the second")
    for other in others:  # a peer that keeps nothing: less than its pace is what keeping costs
        report(
            Figure(
                stage="crawling with archive and ledger",
                value=middle[mine],
                unit="pages/s",
                peer=other,
                peer_value=middle[other],
                ratio_goal=0.6,
            )
        )
    return 0 if ratios[0] >= 0.6 else 1


def memory(port: int, total: int) -> int:
    """Memory over one long crawl."""
    found = measured(ours, port, total)
    for count, megabytes in found["memory"]:
        print(f"{count:>7} pages  {megabytes:>6.1f} MB")
    top = max(megabytes for _, megabytes in found["memory"])
    rate = found["pages"] / found["seconds"]
    print(f"at most {top:.1f} MB over {total} pages (less than 300 is asked), {rate:.0f} pages/s")
    report(
        Figure(stage="memory of a crawl of 20,000 pages", value=top, unit="MB", goal=300, less_is_better=True)
    )
    return 0 if top < 300 else 1


if __name__ == "__main__":
    sys.exit(main())
