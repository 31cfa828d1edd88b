"""The stand-in publisher: a cninfo listing with PDF files behind it, and a feed of articles, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from crawler.standin.paper import page_of, pdf_of
from crawler.standin.server import Publisher, listening
from crawler.standin.speakers import Article, Cninfo, Feed, Filing, Pages

SAMPLES = Path(__file__).parent / "samples.yml"
UNHURRIED = {"delay": 0.0, "concurrency": 4, "backoff": 0.2}
"""Politeness towards a server that is our own."""


@dataclass(frozen=True)
class StandIn:
    """A running stand-in."""

    base_urls: dict[str, str]
    """For `crawler.run.crawl`: source → address."""
    since: date
    until: date
    """The days its filings and articles are of."""
    polite: dict[str, Any]
    publisher: Publisher


@contextmanager
def serve(*, port: int = 0) -> Iterator[StandIn]:
    """Publish the sample texts on loopback until the block ends.

    with serve() as standin:
        crawl(["cninfo", "feed"], home=home, since=standin.since, until=standin.until, allow_private=True,
              base_urls=standin.base_urls, polite=standin.polite)
    """
    filings, articles = samples()
    pages = Pages(articles)
    publisher = Publisher([Cninfo(filings), Feed(pages), pages])
    days = [filing.day for filing in filings] + [article.day for article in articles]
    with listening(publisher, port=port) as base:
        yield StandIn(
            base_urls={"cninfo": base, "feed": f"{base}/feed.xml"},
            since=min(days),
            until=max(days),
            polite=dict(UNHURRIED),
            publisher=publisher,
        )


def samples() -> tuple[list[Filing], list[Article]]:
    """The shipped sample texts, printed."""
    told = yaml.safe_load(SAMPLES.read_text("utf-8"))
    head = told["notice"]
    filings = [
        Filing(
            id=one["id"],
            code=one["code"],
            name=one["name"],
            org=one["org"],
            day=one["day"],
            title=one["title"],
            category=one["category"],
            body=pdf_of(one["title"], one["paragraphs"], head=head),
        )
        for one in told["filings"]
    ]
    articles = [
        Article(
            path=one["path"],
            title=one["title"],
            day=one["day"],
            body=page_of(one, head=head),
            summary=one["paragraphs"][0],
        )
        for one in told["articles"]
    ]
    return filings, articles
