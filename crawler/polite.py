"""Not being a nuisance: waits per host, Retry-After, back-off with a ceiling, a circuit breaker per host."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import load_object

from crawler.deception import PASSING
from crawler.errors import QueueError
from crawler.source import Politeness

PATIENT = frozenset({429, 503})
"""Statuses by which a server asks for patience."""
TRIED_AGAIN = frozenset({408, 425, 500, 502, 504, 520, 521, 522, 523, 524}) | PATIENT


class Deceived(IgnoreRequest):
    """An answer that is not what was asked for, again and again."""

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class CircuitOpen(IgnoreRequest):
    """The host failed too often and is left alone for the rest of the crawl."""


@dataclass
class Host:
    """How one host has behaved."""

    not_before: float = 0.0
    """Monotonic second before which it is not asked."""
    delay: float = 0.0
    """Seconds between two requests that its robots.txt asks for."""
    failures: int = 0
    """In a row."""
    open: bool = False
    turn: asyncio.Semaphore | None = None
    """Requests under way."""


def retry_after(value: str | None, *, ceiling: float) -> float | None:
    """Seconds a Retry-After header asks for, not more than `ceiling`; None where it says nothing readable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), ceiling)


def crawl_delay(robots: str, *, ceiling: float) -> float:
    """Seconds between two requests robots.txt asks of paomo, not more than `ceiling`; 0: it does not say."""
    asked: float | None = Protego.parse(robots).crawl_delay("paomo")
    return min(asked or 0.0, ceiling)


def backoff(polite: Politeness, tried: int, *, jitter: float) -> float:
    """Seconds before try number `tried` + 1: doubled, spread by `jitter` in 0..1, under the ceiling."""
    doubled = polite.backoff * 2.0 ** min(tried, 30)
    return min(doubled * (0.75 + 0.5 * jitter), polite.backoff_ceiling)


def host_of(crawler: Crawler, request: Request) -> Host:
    """The host a request goes to, as this crawl knows it."""
    spider: Any = crawler.spider
    hosts: dict[str, Host] = spider.journal.hosts
    return hosts.setdefault(urlsplit(request.url).netloc, Host())


class PatientHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler, held back where a host asked for patience.

    It stands behind the queue of a host, so that what was queued before the host complained waits, too.
    """

    async def download_request(self, request: Request) -> Response:
        """Wait until the host may be asked again, then ask. Raises CircuitOpen where it is left alone."""
        host = host_of(self.crawler, request)
        if host.turn is None:
            host.turn = asyncio.Semaphore(self.crawler.settings["PAOMO_POLITENESS"].concurrency)
        # Scrapy 2.19 lets a burst without delay pass its own limit: transfers are counted a tick too late
        async with host.turn:
            while not host.open and (wait := host.not_before - time.monotonic()) > 0:
                await asyncio.sleep(min(wait, 1.0))
            if host.open:
                name = urlsplit(request.url).hostname
                raise CircuitOpen(f"{name}: failed {host.failures} times in a row; left alone")
            host.not_before = max(host.not_before, time.monotonic() + host.delay)
            if turn := self._turn(request, host.delay):
                await asyncio.sleep(turn)
            return await super().download_request(request)

    def _turn(self, request: Request, delay: float) -> float:
        """Seconds until it is this worker's turn, where several machines ask one host."""
        spider: Any = self.crawler.spider
        delay = max(delay, self.crawler.settings["PAOMO_POLITENESS"].delay)
        if spider.journal.share is None or not delay:
            return 0.0
        with suppress(QueueError):  # its scheduler ends a crawl whose queue is gone
            return float(spider.journal.share.turn(urlsplit(request.url).netloc, delay))
        return 0.0


class Patience:
    """Downloader middleware in place of Scrapy's retries: whole hosts wait, and are given up in the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._polite: Politeness = crawler.settings["PAOMO_POLITENESS"]
        self._random = random.Random()
        named = crawler.settings.getlist("RETRY_EXCEPTIONS")
        self._broken = tuple(load_object(one) for one in named)
        """Scrapy's own list of broken connections: not what was refused, nor what was too large."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Patience:
        """Called by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Let a good answer pass, try a bad one again, give up on a host that gives nothing else."""
        verdict = request.meta.get("verdict")
        if verdict is not None and verdict not in PASSING:
            raise Deceived(verdict)
        if response.status not in TRIED_AGAIN and verdict is None:
            self._settle(request, response)
            return response
        asked = response.headers.get("Retry-After")
        wait = retry_after(asked.decode("latin-1") if asked else None, ceiling=self._polite.backoff_ceiling)
        again = self._again(request, verdict or f"HTTP {response.status}", wait)
        if again is not None:
            return again
        if verdict is not None:
            raise Deceived(verdict)
        return response

    def _settle(self, request: Request, response: Response) -> None:
        host = self._host(request)
        host.failures = 0
        # Scrapy heeds who may come, not how often
        if response.status == 200 and urlsplit(request.url).path == "/robots.txt":
            text = response.body.decode("utf-8", "replace")
            host.delay = crawl_delay(text, ceiling=self._polite.max_delay)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Try a broken connection again."""
        if isinstance(exception, self._broken):
            return self._again(request, type(exception).__name__, None)
        return None

    def _again(self, request: Request, reason: str, wait: float | None) -> Request | None:
        host = self._host(request)
        host.failures += 1
        tried = request.meta.get("tried", 0)
        self._note(request, f"{reason}, try {tried + 1} of {self._polite.retries + 1}")
        if host.failures >= self._polite.breaker and not host.open:
            host.open = True
            self._note(request, f"circuit open after {host.failures} failures in a row")
        if host.open or tried >= self._polite.retries:
            return None
        wait = backoff(self._polite, tried, jitter=self._random.random()) if wait is None else wait
        host.not_before = max(host.not_before, time.monotonic() + wait)
        self._tell_the_others(request, wait)
        again: Request = request.copy()
        again.meta.pop("verdict", None)
        again.meta["tried"] = tried + 1
        again.dont_filter = True
        return again

    def _tell_the_others(self, request: Request, wait: float) -> None:
        spider: Any = self._crawler.spider
        if spider.journal.share is not None:
            with suppress(QueueError):
                spider.journal.share.hold(urlsplit(request.url).netloc, wait)

    def _host(self, request: Request) -> Host:
        return host_of(self._crawler, request)

    def _note(self, request: Request, detail: str) -> None:
        spider: Any = self._crawler.spider
        spider.journal.incident(request.url, "retried", detail)
