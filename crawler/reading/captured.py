"""A captured response → Document, by what its bytes are rather than by what the server called them."""

from __future__ import annotations

import html as entities
import logging
from datetime import date

from crawler.capture import Capture
from crawler.document import Document
from crawler.reading import filing, html, listing, text
from crawler.reading.apart import read_pdf_apart
from crawler.reading.rejected import ReadingError, Rejected
from crawler.reading.sniff import sniff

logger = logging.getLogger(__name__)


def read_capture(capture: Capture) -> Document | Rejected:
    """The document in one response, or why there is none. Never raises for what a server can send.

    What the listing said of title and date stands; the text's own word fills what the listing left out.
    """
    try:
        if capture.status >= 400:
            raise ReadingError("blocked", f"the server answered {capture.status}; fetch it again later")
        return _read(capture)
    except ReadingError as error:
        return error.at(capture.url)


def read_capture_all(capture: Capture) -> list[Document | Rejected]:
    """Like `read_capture`, for a response that may hold many texts (flash news): one document each."""
    if sniff(capture.body[:1024]) not in ("json", "jsonl"):
        return [read_capture(capture)]
    try:
        items = listing.read_listing(capture.body)
    except ReadingError as error:
        return [error.at(capture.url)]
    return [_of_item(capture, item, doc_id=item.url or f"{capture.url}#{item.key}") for item in items]


def _read(capture: Capture) -> Document:
    body = capture.body
    if not body.strip():
        raise ReadingError("empty", "the response has no body; fetch it again")
    form = sniff(body[:1024])
    if form == "pdf":
        return _of_pdf(capture)
    if form == "html":
        return _of_html(capture)
    if form in ("json", "jsonl"):
        return _of_json(capture)
    if form in ("binary", "gzip", "warc", "parquet"):
        raise ReadingError("binary", "binary data, neither HTML, PDF nor text; not a document's address")
    return _of_html(capture) if "html" in (capture.content_type or "") else _of_text(capture)


def _of_pdf(capture: Capture) -> Document:
    read = read_pdf_apart(capture.body)
    for page, reason in read.unread:
        logger.warning("%s: page %d was not read: %s", capture.url, page, reason)
    headed = filing.read_heading(read.text, printed=True)
    return _document(
        capture,
        text=read.text,
        title=headed.title,
        published=headed.published,
        published_text=headed.published_text,
        media_type="application/pdf",
        reader=read.reader,
        pages=read.pages,
    )


def _of_html(capture: Capture) -> Document:
    page = html.read_html(capture.body, url=capture.url, content_type=capture.content_type)
    return _document(
        capture,
        text=page.text,
        title=page.title,
        published=page.published,
        published_text=page.published_text,
        author=page.author,
        media_type="text/html",
        reader=html.READER,
    )


def _of_text(capture: Capture) -> Document:
    decoded = text.decode(capture.body)
    headed = filing.read_heading(decoded.text)
    return _document(
        capture,
        text=decoded.text,
        title=headed.title,
        published=headed.published,
        published_text=headed.published_text,
        media_type="text/plain",
        reader=text.READER,
    )


def _of_json(capture: Capture) -> Document:
    items = listing.read_listing(capture.body)
    if not items:
        raise ReadingError("no-documents", "a JSON reply without a text in it; it only lists documents")
    wanted = {
        str(capture.listing.get(name)) for name in ("id", "code", "art_code") if capture.listing.get(name)
    }
    chosen = [item for item in items if item.key in wanted or item.url == capture.url]
    if len(items) > 1 and not chosen:
        raise ReadingError("unsupported", f"{len(items)} texts in one reply; read it with read_capture_all")
    return _of_item(capture, (chosen or items)[0], doc_id=capture.url)


def _of_item(capture: Capture, item: listing.Item, *, doc_id: str) -> Document:
    return _document(
        capture,
        doc_id=doc_id,
        text=item.text,
        title=item.title,
        published=item.published,
        published_text=item.published_text,
        media_type="application/json",
        reader=listing.READER,
    )


def _document(
    capture: Capture,
    *,
    text: str,
    media_type: str,
    reader: str,
    doc_id: str | None = None,
    title: str | None = None,
    published: date | None = None,
    published_text: str | None = None,
    author: str | None = None,
    pages: tuple[int, ...] = (),
) -> Document:
    return Document(
        doc_id=doc_id or capture.url,
        text=text,
        url=doc_id or capture.url,
        title=entities.unescape(capture.title) if capture.title else title,
        published=capture.published or published,
        published_text=published_text,
        source=capture.source,
        kind=capture.kind,
        tier=capture.tier,
        author=author,
        fetched_at=capture.fetched_at,
        media_type=media_type,
        reader=reader,
        pages=pages,
    )
