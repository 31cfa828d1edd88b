"""The records of a WARC 1.1 file: bytes out, bytes in, a gzip member each.

FastWARC makes our records and reads them back; warcio, which is slower and forgives more, reads anybody's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from deflate import gzip_compress
from fastwarc import WarcRecord, WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from crawler.capture import Capture
from crawler.errors import ArchiveError

CHUNK = 256 * 1024
LEVEL = 2
"""Of libdeflate: pages become smaller than by zlib at 6, in a third of its time."""

HTTP_RESPONSE = "application/http; msgtype=response"
"""What a `response` record holds, as ISO 28500 names it."""

DROPPED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Headers about codings that the stored body no longer has; Content-Length is written anew."""


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member of a file: one record."""

    offset: int
    length: int
    """Bytes in the file."""
    data: bytes
    """The record, decompressed."""


def members(path: Path, *, start: int = 0) -> Iterator[Member]:
    """The file's gzip members in order.

    Raises ArchiveError at a torn or foreign member, saying at which offset: warcio and FastWARC read a
    truncated file without a word.
    """
    with path.open("rb") as file:
        file.seek(start)
        offset, rest = start, b""
        while True:
            data, length, rest = _one_member(file, rest, path, offset)
            if length == 0:
                return
            yield Member(offset, length, data)
            offset += length


def _one_member(file: BinaryIO, rest: bytes, path: Path, offset: int) -> tuple[bytes, int, bytes]:
    """(decompressed, bytes used, bytes read beyond); all empty at the end of the file."""
    inflate = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    used = 0
    while chunk := rest or file.read(CHUNK):
        try:
            parts.append(inflate.decompress(chunk))
        except zlib.error as error:
            raise ArchiveError(f"{path}: no WARC record at offset {offset}: {error}") from error
        used += len(chunk) - len(inflate.unused_data)
        if inflate.eof:
            return b"".join(parts), used, inflate.unused_data
        rest = b""
    if used:
        raise ArchiveError(f"{path}: the record at offset {offset} is torn after {used} bytes")
    return b"", 0, b""


def warc_date(moment: datetime) -> str:
    """A moment (with its zone) as `WARC-Date` has it: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Record:
    """The bytes of the records that belong to one response."""

    def __init__(self, url: str, moment: str) -> None:
        self._url = _one_line(url)
        self._moment = moment
        self._id = ""

    def response(self, body: bytes, status: int, headers: Iterable[tuple[str, str]]) -> bytes:
        """A `response` record."""
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {status} {phrase}"]
        lines += [f"{name}: {_one_line(value)}" for name, value in headers if name.lower() not in DROPPED]
        head = b"\r\n".join(map(_as_sent, [*lines, f"Content-Length: {len(body)}", "", ""]))
        return self._member(WarcRecordType.response, head + body, HTTP_RESPONSE, payload=body)

    def resource(self, body: bytes, content_type: str) -> bytes:
        """A `resource` record: a text made of a listing's row or of several pages."""
        return self._member(WarcRecordType.resource, body, content_type, payload=body)

    def metadata(self, facts: Mapping[str, Any]) -> bytes:
        """The `metadata` record of the record made before."""
        block = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        return self._member(WarcRecordType.metadata, block, "application/json", refers_to=self._id)

    def info(self, name: str) -> bytes:
        """The `warcinfo` record that begins a file."""
        block = b"software: paomo\r\nformat: WARC file version 1.1\r\n"
        return self._member(WarcRecordType.warcinfo, block, "application/warc-fields", filename=name)

    def _member(
        self,
        kind: WarcRecordType,
        block: bytes,
        content_type: str,
        *,
        payload: bytes | None = None,
        refers_to: str | None = None,
        filename: str | None = None,
    ) -> bytes:
        record = WarcRecord()
        record.init_headers(kind)
        fields = (
            ("WARC-Date", self._moment),
            ("WARC-Target-URI", self._url),
            ("WARC-Refers-To", refers_to),
            ("WARC-Filename", filename),
            ("Content-Type", content_type),
        )
        for name, value in fields:
            if value:
                record.headers[name] = value
        self._id = record.record_id or ""
        record.set_bytes_content(block)
        plain = BytesIO()
        digest = None if payload is None else hashlib.sha1(payload, usedforsecurity=False).digest()
        record.write(plain, checksum_data=True, payload_digest=digest)
        return bytes(gzip_compress(plain.getbuffer(), LEVEL))


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _as_sent(line: str) -> bytes:
    """Scrapy gives a header as Latin-1, whatever its bytes are; another archive's may be any text."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8", "replace")


def _as_text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def digest_fault(data: bytes) -> str | None:
    """What is wrong with a record's length or digest; None if nothing is."""
    head, _, block = data.partition(b"\r\n\r\n")
    fields = header_fields(head)
    if not block.endswith(b"\r\n\r\n") or len(block) - 4 != int(fields.get("content-length", -1)):
        return f"the block has {len(block) - 4} bytes, not {fields.get('content-length')}"
    stated = fields.get("warc-block-digest", "")
    if stated.startswith("sha1:") and stated[5:] != _sha1(block[:-4]):
        return "the block does not have its digest"
    return None


def _sha1(block: bytes) -> str:
    return base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()


def header_fields(head: bytes) -> dict[str, str]:
    """The named fields of a WARC header block, names in lower case."""
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def captures_in(path: Path) -> Iterator[Capture]:
    """Every HTTP response of any WARC file, gzipped or not; paomo's own metadata is used where it is.

    Raises ArchiveError where the file is not a WARC file; a torn tail ends the reading with that error, too.
    """
    if path.suffix == ".gz":
        yield from _from_members(path)
        return
    with path.open("rb") as file:
        try:
            for record in _records_in(file):
                yield record.placed_at(path.name)
        except Exception as error:
            raise ArchiveError(f"{path}: not a readable WARC file: {error}") from error


def _from_members(path: Path) -> Iterator[Capture]:
    held: list[Member] = []
    for member in members(path):
        kind = header_fields(member.data.partition(b"\r\n\r\n")[0]).get("warc-type")
        if kind != "metadata" and held:
            yield from _captures_of(held, path)
            held = []
        if kind in ("response", "resource") or (kind == "metadata" and held):
            held.append(member)
    yield from _captures_of(held, path)


def _captures_of(held: list[Member], path: Path) -> Iterator[Capture]:
    if held:
        try:
            for record in _records_in(BytesIO(b"".join(one.data for one in held))):
                yield record.placed_at(f"{path.name}:{held[0].offset}")
        except Exception as error:
            raise ArchiveError(f"{path}: no readable record at offset {held[0].offset}: {error}") from error


def own_capture(packed: bytes, length: int, position: str) -> Capture:
    """One capture out of the two records `Record` wrote, the first of `length` bytes.

    Raises ValueError where they are not such records, whole and undamaged.
    """
    try:
        main, meta = (
            WarcRecord.from_bytes(zlib.decompress(part, zlib.MAX_WBITS | 16))
            for part in (packed[:length], packed[length:])
        )
        block, facts = main.reader.read(), json.loads(meta.reader.read())
        moment = datetime.fromisoformat(main.headers["WARC-Date"])
    except (OSError, LookupError, zlib.error) as error:
        raise ValueError(str(error)) from error
    http = main.headers.get("Content-Type") == HTTP_RESPONSE
    status, headers, body = _http_parts(block) if http else (200, (), block)
    raw = _Raw(
        url=main.headers.get("WARC-Target-URI") or "",
        body=body,
        content_type=_named(headers, "content-type") if http else main.headers.get("Content-Type"),
        status=status,
        headers=headers,
        fetched_at=moment,
        facts=facts,
    )
    return raw.placed_at(position)


def _http_parts(block: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """(status, headers, body) of an HTTP response."""
    head, _, body = block.partition(b"\r\n\r\n")
    first, *lines = map(_as_text, head.split(b"\r\n"))
    pairs = (line.partition(": ") for line in lines)
    return int(first.split(" ", 2)[1]), tuple((name, value) for name, _, value in pairs), body


def _named(headers: tuple[tuple[str, str], ...], wanted: str) -> str | None:
    return next((value for name, value in headers if name.lower() == wanted), None)


@dataclass
class _Raw:
    """A response record and its metadata, if that follows."""

    url: str
    body: bytes
    content_type: str | None
    status: int
    headers: tuple[tuple[str, str], ...]
    fetched_at: datetime | None
    facts: dict[str, Any] = field(default_factory=dict)

    def placed_at(self, position: str) -> Capture:
        facts = self.facts
        return Capture(
            url=facts.get("url") or self.url,
            body=self.body,
            content_type=self.content_type,
            headers=self.headers,
            status=self.status,
            fetched_at=self.fetched_at,
            source=facts.get("source"),
            kind=facts.get("kind"),
            tier=facts.get("tier"),
            title=facts.get("title"),
            published=date.fromisoformat(facts["published"]) if facts.get("published") else None,
            listing=facts.get("row") or {},
            position=position,
        )


def _records_in(stream: BinaryIO) -> Iterator[_Raw]:
    """Responses and resources, each once its metadata has been seen or the next record begins."""
    held: _Raw | None = None
    for record in ArchiveIterator(stream):
        if record.rec_type == "metadata" and held is not None:
            if record.content_type == "application/json":
                held.facts = json.loads(record.content_stream().read())
            continue
        if held is not None:
            yield held
        held = _raw(record) if record.rec_type in ("response", "resource") else None
    if held is not None:
        yield held


def _raw(record: Any) -> _Raw:
    http = record.http_headers
    stated = record.rec_headers.get_header("WARC-Date")
    return _Raw(
        url=record.rec_headers.get_header("WARC-Target-URI") or "",
        body=record.content_stream().read(),
        content_type=http.get_header("Content-Type") if http else record.content_type,
        status=int(http.get_statuscode()) if http else 200,
        headers=tuple(http.headers) if http else (),
        fetched_at=datetime.fromisoformat(stated) if stated else None,
    )
