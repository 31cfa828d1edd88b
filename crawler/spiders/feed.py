"""Any RSS or Atom feed, and the pages its entries lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

from lxml import etree
from scrapy import Request
from scrapy.http import Response

from crawler.deception import Expect
from crawler.errand import Page, Question, Row
from crawler.reply import ReplyError
from crawler.source import SHANGHAI
from crawler.spider import SourceSpider
from crawler.windows import span

TAGS = re.compile(r"<[^>]*>")


class Spider(SourceSpider):
    """A feed shows what is newest and can't be asked for dates."""

    listing: ClassVar[Expect] = "xml"

    def questions(self) -> Iterator[Question]:
        """One for each feed."""
        since, until = span(self.source, self.job, None, "")
        for entry in self.source.entries:
            yield Question(since=since, until=until, entry=entry)

    def ask(self, question: Question, cursor: Any) -> Request:
        """The feed itself."""
        return Request(question.entry)

    def read(self, response: Response, question: Question, cursor: Any) -> Page:
        """Entries of RSS 2.0, RSS 1.0 and Atom, told apart by their elements' local names."""
        root = parsed(response.body)
        entries = [one for one in root.iter() if local_name(one) in ("item", "entry")]
        if not entries and local_name(root) not in ("rss", "feed", "RDF"):
            raise ReplyError(f"{response.url}: neither RSS nor Atom but <{local_name(root)}>")
        return Page(rows=[row for one in entries if (row := _row(one, response.url))])


def parsed(body: bytes) -> Any:
    """The root element, entities unresolved and no file or network touched.

    Feeds are often not quite XML and are read all the same; one whose end is missing raises ReplyError.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body.strip(), parser=parser)
    except etree.XMLSyntaxError as error:
        raise ReplyError(f"not readable XML: {error}") from error
    if root is None:
        raise ReplyError("not readable XML: there is no element in it")
    closing = rf"</(?:[\w.-]+:)?{re.escape(local_name(root))}\s*>|/>\s*$".encode()
    if not re.search(closing, body[-400:]):
        raise ReplyError(f"not readable XML: the end of <{local_name(root)}> is missing")
    return root


def local_name(element: Any) -> str:
    """An element's name without its namespace; '' for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _row(entry: Any, base: str) -> Row | None:
    parts: dict[str, str] = {}
    for child in entry:
        name = local_name(child)
        if name == "link" and child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                parts["link"] = child.get("href")
        elif name and name not in parts:
            parts[name] = "".join(child.itertext()).strip()
    link = parts.get("link") or (parts.get("guid", "") if parts.get("guid", "").startswith("http") else "")
    if not link:
        return None
    printed = next((parts[name] for name in ("pubDate", "published", "date", "updated") if name in parts), "")
    summary = TAGS.sub(" ", parts.get("description") or parts.get("summary") or "")[:2000]
    return Row(
        url=urljoin(base, link),
        title=TAGS.sub("", parts.get("title", "")),
        published=day_of(printed),
        listing={"link": link, "title": parts.get("title", ""), "published": printed, "summary": summary},
        expect="html",
        stamp=parts.get("updated", ""),
    )


def day_of(printed: str) -> date | None:
    """Day in Shanghai of an RFC 822 or ISO 8601 date; without a zone it is Shanghai's. None: unreadable."""
    if not printed:
        return None
    try:
        moment = datetime.fromisoformat(printed)
    except ValueError:
        try:
            moment = parsedate_to_datetime(printed)
        except ValueError:
            return None
    return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).date()
