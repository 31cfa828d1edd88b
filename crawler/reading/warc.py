"""WARC archives, ours or anybody's (Common Crawl's CC-NEWS) → Documents."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date
from io import SEEK_END
from typing import Any, BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.capture import Capture
from crawler.document import Document
from crawler.reading.captured import read_capture_all
from crawler.reading.rejected import ReadingError, Rejected

# What a page is made of besides its text. Not documents, so not rejects either.
_FURNITURE = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript")
Headers = tuple[tuple[str, str], ...]
_PIECE = 64 * 1024  # bytes read at a time


def items_in(
    stream: BinaryIO, name: str, *, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, Document | Rejected]]:
    """(offset of its record, document) for the responses that begin in [start, end) of the file, in order.

    A torn record is one row. Archives that paomo wrote say in a metadata record what the listing knew
    (source, kind, title, published).
    `start` and `end` are those of one of its `pieces`; the last piece, `end` None, looks for a tear.
    """
    found = start > 0 or end is not None
    for offset, capture in _captures(stream, name, start, end):
        found = found or not isinstance(capture, Capture) or not _is_furniture(capture)
        if isinstance(capture, Rejected):
            yield offset, capture
        elif capture and not _is_furniture(capture):
            for item in read_capture_all(capture):
                yield offset, item
    if not found:
        yield 0, Rejected(where=name, reason="no-documents", message=_NOTHING)


_NOTHING = "a WARC file without a page or filing in it; check what was captured"


def pieces(stream: BinaryIO, name: str, *, size: int) -> tuple[list[tuple[int, int | None]], Rejected | None]:
    """Ranges of at least `size` bytes that cut a WARC file before responses; what is wrong with all of it.

    `items_in` on each range gives together what it gives on the whole file. The file is walked record by
    record: a cut guessed from the bytes could be the work of a server that sent a WARC file as its page. A
    file of one gzip member has no place to cut.
    """
    starts, last, sound, found = [0], -1, True, False
    for record in _records(stream):
        sound = sound and record.stream_pos > last
        last = record.stream_pos
        block = _whole_block(record)
        if block is None:
            break
        if record.record_type in (WarcRecordType.response, WarcRecordType.resource):
            if last - starts[-1] >= size:
                starts.append(last)
            if not found:
                capture = _capture_or_not(record, block)
                found = isinstance(capture, Rejected) or not _is_furniture(capture)
    if len(starts) == 1 or not sound or not all(_begins_record(stream, start) for start in starts):
        return [(0, None)], None
    empty = not found and not _is_torn(stream, last)
    wrong = Rejected(where=name, reason="no-documents", message=_NOTHING) if empty else None
    return list(zip(starts, [*starts[1:], None], strict=True)), wrong


def _begins_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    head = stream.read(1024)
    try:
        plain = (
            zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 5) if head[:2] == b"\x1f\x8b" else head
        )
    except zlib.error:
        return False
    return plain.startswith(b"WARC/")


def _captures(
    stream: BinaryIO, name: str, start: int, end: int | None
) -> Iterator[tuple[int, Capture | Rejected | None]]:
    """Responses and resources at their offsets, each with the metadata record behind it, if there is one.

    None: paomo's crawler asked it on the way, a listing or robots.txt.
    """
    held: tuple[int, Capture | Rejected | None] | None = None
    held_id, last = "", start
    stream.seek(start)
    for record in _records(stream):
        if end is not None and record.stream_pos >= end:
            break
        last = record.stream_pos
        block = _whole_block(record)
        if block is None:
            break
        if record.record_type == WarcRecordType.metadata and held:
            if record.headers.get("WARC-Refers-To") == held_id:
                held = held[0], _known(held[1], block)
        elif record.record_type in (WarcRecordType.response, WarcRecordType.resource):
            if held is not None:
                yield held
            held, held_id = (last, _capture_or_not(record, block)), record.record_id or ""
    if held is not None:
        yield held
    if end is None and _is_torn(stream, last):
        message = "ends inside a record, which is lost; copy the archive again"
        yield last, Rejected(where=f"{name}#{last}", reason="truncated", message=message)


def _records(stream: BinaryIO) -> Iterator[Any]:
    """The records up to the first that can't be unpacked; `_is_torn` finds the place."""
    try:
        yield from ArchiveIterator(stream, parse_http=False)
    except (OSError, ValueError):
        return


def _whole_block(record: Any) -> bytes | None:
    """The record's block; None if it ends before its own length says, as the last of a torn file does."""
    try:
        block: bytes = record.reader.read()
        return block if len(block) >= int(record.headers.get("Content-Length") or "x") else None
    except (OSError, ValueError):
        return None


def _is_torn(stream: BinaryIO, last: int) -> bool:
    """Whether more than a whole record stands from the last one on: FastWARC stops there in silence."""
    stream.seek(last)
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(last)
    return _is_torn_gzip(stream) if packed else _is_torn_plain(stream)


def _is_torn_gzip(stream: BinaryIO) -> bool:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        while packed := stream.read(_PIECE):
            while packed:
                if inflate.eof:
                    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
                inflate.decompress(packed, 64 * _PIECE)
                packed = inflate.unconsumed_tail or inflate.unused_data
    except zlib.error:
        return True
    return not inflate.eof


def _is_torn_plain(stream: BinaryIO) -> bool:
    """The last record must end, by its own length, where the file does."""
    head, mark, block = stream.read(_PIECE).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length:\s*0*(\d{1,18})(?!\d)", head, re.M)
    if not mark or not length:
        return head.startswith(b"WARC/")
    # the length is anybody's word: to read so many bytes would ask for so much memory
    behind = int(length[1]) - len(block)
    if behind < 0:
        return bool(block[behind:].strip())
    here = stream.tell()
    if stream.seek(0, SEEK_END) - here < behind:
        return True
    stream.seek(here + behind)
    return bool(stream.read(_PIECE).strip())


def _capture_or_not(record: Any, block: bytes) -> Capture | Rejected:
    try:
        return _capture(record, block)
    except ReadingError as error:
        return error.at(record.headers.get("WARC-Target-URI") or f"record {record.stream_pos}")


def _capture(record: Any, block: bytes) -> Capture:
    status, headers, body = 200, Headers(), block
    if (record.headers.get("Content-Type") or "").startswith("application/http"):
        status, headers, body = _http(block)
    moment = record.record_date
    return Capture(
        url=(record.headers.get("WARC-Target-URI") or "").strip("<>"),
        body=decode_body(body, headers),
        content_type=_header(headers, "Content-Type") or record.headers.get("Content-Type"),
        headers=headers,
        status=status,
        fetched_at=moment.astimezone(UTC) if moment else None,
        position=str(record.stream_pos),
    )


def _http(block: bytes) -> tuple[int, Headers, bytes]:
    """Status, headers and body of a captured HTTP response."""
    head, _, body = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    status = re.match(r"HTTP/[\d.]+ (\d{3})", first)
    if status is None:
        raise ReadingError("broken", "the record says it is HTTP and is not; capture the page again")
    return int(status[1]), tuple((name.strip(), value.strip()) for name, _, value in pairs), body


def _known(capture: Capture | Rejected | None, block: bytes) -> Capture | Rejected | None:
    """The capture with what paomo's crawler knew of it; untouched by other programs' metadata."""
    try:
        facts = json.loads(block)
        if facts.get("role") not in (None, "document"):
            return None
        if not isinstance(capture, Capture):
            return capture
        published = date.fromisoformat(facts["published"]) if facts.get("published") else None
        return replace(
            capture,
            url=facts.get("url") or capture.url,
            source=facts.get("source"),
            kind=facts.get("kind"),
            tier=facts.get("tier"),
            title=facts.get("title"),
            published=published,
            listing=facts.get("row") or {},
        )
    except (ValueError, TypeError, AttributeError):
        return capture


def decode_body(body: bytes, headers: Headers) -> bytes:
    """`body` without transfer and content codings, as it is where the archive has removed them."""
    if (_header(headers, "Transfer-Encoding") or "").lower() == "chunked":
        body = _unchunked(body)
    coding = (_header(headers, "Content-Encoding") or "").lower()
    try:
        if coding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b":
            return gzip.decompress(body)
        if coding == "deflate":
            return zlib.decompress(body, zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS)
    except (EOFError, OSError, zlib.error) as error:
        raise ReadingError("truncated", f"a {coding} body ends early ({error}); fetch it again") from error
    return body


def _unchunked(body: bytes) -> bytes:
    """Chunks joined; a body whose first line is no chunk size was unchunked by the archive already."""
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.find(b"\r\n", at)
        size = _chunk_size(body[at:end]) if end >= 0 else None
        if size is None:
            return b"".join(parts) if parts else body
        if size == 0:
            break
        at = end + 2 + size + 2
        parts.append(body[end + 2 : at - 2])
    return b"".join(parts)


def _chunk_size(line: bytes) -> int | None:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        return None


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def _is_furniture(capture: Capture) -> bool:
    return (capture.content_type or "").lower().startswith(_FURNITURE) or 300 <= capture.status < 400
