"""The records of a WARC 1.1 file: bytes out, bytes in. warcio makes and parses them, a gzip member each."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.capture import Capture
from crawler.errors import ArchiveError

CHUNK = 256 * 1024
LEVEL = 4
"""Of gzip: pages become 2 per cent larger than at 6, in half the time."""

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


class Record:
    """The bytes of the records that belong to one response."""

    def __init__(self, url: str, moment: str) -> None:
        self._url = url
        self._moment = moment
        self._buffer = BytesIO()
        self._writer = WARCWriter(self._buffer, gzip=False, warc_version="1.1")
        self._id = ""

    def response(self, body: bytes, status: int, headers: Iterable[tuple[str, str]]) -> bytes:
        """A `response` record."""
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Unknown"
        kept = [(name, _one_line(value)) for name, value in headers if name.lower() not in DROPPED]
        http = StatusAndHeaders(
            f"{status} {phrase}", [*kept, ("Content-Length", str(len(body)))], protocol="HTTP/1.1"
        )
        return self._member("response", body, {}, http_headers=http)

    def resource(self, body: bytes, content_type: str) -> bytes:
        """A `resource` record: a text made of a listing's row or of several pages."""
        return self._member("resource", body, {}, content_type=content_type)

    def metadata(self, facts: Mapping[str, Any]) -> bytes:
        """The `metadata` record of the record made before."""
        block = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        return self._member("metadata", block, {"WARC-Refers-To": self._id}, content_type="application/json")

    def info(self, name: str) -> bytes:
        """The `warcinfo` record that begins a file."""
        record = self._writer.create_warcinfo_record(
            name, {"software": "paomo", "format": "WARC file version 1.1"}
        )
        return self._packed(record)

    def _member(self, kind: str, body: bytes, more: dict[str, str], **how: Any) -> bytes:
        record = self._writer.create_warc_record(
            self._url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            warc_headers_dict={"WARC-Date": self._moment, **more},
            warc_content_type=how.pop("content_type", ""),
            **how,
        )
        self._id = record.rec_headers.get_header("WARC-Record-ID")
        return self._packed(record)

    def _packed(self, record: Any) -> bytes:
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.write_record(record)
        deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
        return deflate.compress(self._buffer.getvalue()) + deflate.flush()


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


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
            for record in records_in(file):
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
            for record in records_in(BytesIO(b"".join(one.data for one in held))):
                yield record.placed_at(f"{path.name}:{held[0].offset}")
        except Exception as error:
            raise ArchiveError(f"{path}: no readable record at offset {held[0].offset}: {error}") from error


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


def records_in(stream: BinaryIO) -> Iterator[_Raw]:
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
