"""WARC archives, ours or anybody's (Common Crawl's CC-NEWS) → Documents."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.capture import Capture
from crawler.document import Document
from crawler.reading.captured import read_capture_all
from crawler.reading.rejected import ReadingError, Rejected

# What a page is made of besides its text. Not documents, so not rejects either.
_FURNITURE = (
    "image/",
    "video/",
    "audio/",
    "font/",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
)


def read_warc(file: Path) -> Iterator[Document | Rejected]:
    """The documents among the responses of a WARC file, in order. A torn record is one row."""
    found = torn = False
    with file.open("rb") as stream:
        for record in _records(stream):
            where = f"{file}#{record.headers.get('WARC-Target-URI') or record.stream_pos}"
            try:
                capture = _capture(record)
            except ReadingError as error:
                torn = torn or error.reason == "truncated"
                yield error.at(where)
                continue
            if not _is_furniture(capture):
                found = True
                yield from read_capture_all(capture)
    if not found and not torn:
        yield Rejected(
            where=str(file), reason="no-documents", message="a WARC file without a page or filing in it"
        )


def _records(stream: Any) -> Iterator[Any]:
    yield from ArchiveIterator(
        stream, record_types=WarcRecordType.response | WarcRecordType.resource, parse_http=True
    )


def _capture(record: Any) -> Capture:
    promised = record.content_length
    body = record.reader.read()
    http = record.http_headers
    if len(body) < promised or (record.is_http and http is None):
        raise ReadingError(
            "truncated", f"the record holds {len(body)} bytes of {promised}; copy the archive again"
        )
    headers = tuple(http.astuples()) if http is not None else ()
    date = record.record_date
    return Capture(
        url=(record.headers.get("WARC-Target-URI") or "").strip("<>"),
        body=decode_body(body, headers),
        content_type=_header(headers, "Content-Type") or record.headers.get("Content-Type"),
        headers=headers,
        status=int(http.status_code or 200) if http is not None else 200,
        fetched_at=date.astimezone(UTC) if date else None,
        position=str(record.stream_pos),
    )


def decode_body(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """`body` without transfer and content codings, as it is where the archive has removed them."""
    if (_header(headers, "Transfer-Encoding") or "").lower() == "chunked":
        body = _unchunked(body)
    coding = (_header(headers, "Content-Encoding") or "").lower()
    try:
        if coding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b":
            return gzip.decompress(body)
        if coding == "deflate":
            return zlib.decompressobj(-zlib.MAX_WBITS if body[:1] != b"\x78" else zlib.MAX_WBITS).decompress(
                body
            )
    except (EOFError, OSError, zlib.error) as error:
        raise ReadingError("truncated", f"a {coding} body ends early ({error}); fetch it again") from error
    return body


def _unchunked(body: bytes) -> bytes:
    """Chunks joined; a body whose first line is no chunk size was unchunked by the archive already."""
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        line, mark, _ = body[at:].partition(b"\r\n")
        try:
            size = int(line.split(b";")[0], 16) if mark else -1
        except ValueError:
            size = -1
        if size < 0:
            return b"".join(parts) if parts else body
        if size == 0:
            break
        at += len(line) + 2
        parts.append(body[at : at + size])
        at += size + 2
    return b"".join(parts)


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def _is_furniture(capture: Capture) -> bool:
    return (capture.content_type or "").lower().startswith(_FURNITURE) or 300 <= capture.status < 400
