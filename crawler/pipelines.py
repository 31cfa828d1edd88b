"""What every answer passes on its way to the spider: it is looked at, then archived whole."""

from __future__ import annotations

import hashlib
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.deception import Look, look
from crawler.errand import Errand
from crawler.journal import Journal

ROBOTS = Errand(role="robots", expect="any", why="robots")
UNCHANGED = "unchanged"
"""Set in a request's meta where the answer's bytes are those already stored."""


class Keeper:
    """Downloader middleware between decompression and the retries: no answer is parsed before it is kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Keeper:
        """Called by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Archive an answer unless it is a 304 or the very bytes that are stored."""
        spider: Any = self._crawler.spider
        journal: Journal = spider.journal
        errand: Errand = request.meta.get("errand", ROBOTS)
        if not errand.kept:
            return response
        seen = self._look(journal, errand, request, response)
        request.meta["verdict"] = seen.verdict
        if seen.verdict:
            journal.incident(request.url, f"deceived {seen.verdict}", f"{len(response.body)} bytes")
        for note in seen.notes:
            journal.incident(request.url, f"noted {note}", "")
        sha256 = hashlib.sha256(response.body).hexdigest()
        request.meta[UNCHANGED] = response.status == 304 or sha256 == errand.known_sha256
        request.meta["sha256"] = sha256
        if not request.meta[UNCHANGED]:
            journal.keep(
                errand,
                errand.row.url if errand.row and errand.role == "document" else request.url,
                body=response.body,
                status=response.status,
                headers=_headers(response),
                verdict=seen.verdict,
                notes=seen.notes,
                sha256=sha256,
                via=[*request.meta.get("redirect_urls", []), request.url],
            )
        return response

    @staticmethod
    def _look(journal: Journal, errand: Errand, request: Request, response: Response) -> Look:
        if response.status != 200 or errand.expect == "any":
            return Look()
        asked = request.meta.get("redirect_urls", [request.url])[0]
        return look(
            response.body,
            expect=errand.expect,
            content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
            markers=journal.source.block_markers,
            asked=asked,
            answered=request.url,
        )


def _headers(response: Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
