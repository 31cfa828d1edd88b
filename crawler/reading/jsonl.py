"""JSON Lines → Documents, a line at a time (EVENTS.md, "Documents in")."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from crawler.document import Document, Kind
from crawler.reading.printed_date import parse_printed
from crawler.reading.rejected import ReadingError, Rejected

READER = "jsonl/1"

_KINDS = get_args(Kind)
_MARK = b"\xef\xbb\xbf"
_PIECE = 64 * 1024  # bytes read at a time
_LONGEST = 64 * 1024 * 1024  # bytes; all of the Dream of the Red Chamber is 3 MB


def read_jsonl(file: Path) -> Iterator[Document | Rejected]:
    """Every line of a `.jsonl` or `.jsonl.gz`, good or bad, in order; blank lines are passed over.

    `text` is kept exactly as given, lone surrogates and all. The file is UTF-8, as JSON Lines is. A
    compressed file that ends early gives all its whole lines and one `truncated` row.
    """
    line, found = 0, False
    try:
        for line, raw in enumerate(_lines(file), start=1):
            if bare := raw.removeprefix(_MARK if line == 1 else b"").strip():
                found = True
                yield _read_line(bare, f"{file}:{line}")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"compressed data ends early ({error}) after {line} whole lines; copy the file again"
        yield Rejected(where=f"{file}:{line + 1}", reason="truncated", message=message)
    else:
        if not found:
            yield Rejected(where=str(file), reason="empty", message="no line in this file; export it again")


def _lines(file: Path) -> Iterator[bytes]:
    """The file's lines; of a torn gzip file every whole line before the tear, then EOFError."""
    with file.open("rb") as stream:
        if stream.peek(2)[:2] != b"\x1f\x8b":
            yield from _split(iter(lambda: stream.read(_PIECE), b""))
            return
        yield from _split(_unzipped(stream))


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that the pieces make; of one that is too long only its beginning."""
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        first, *more = piece.split(b"\n")
        if size <= _LONGEST:  # pieces are small, so little more is kept
            begun.append(first)
        size += len(first)
        for line in more:
            yield b"".join(begun)
            begun, size = [line], len(line)
    if size:
        yield b"".join(begun)


def _unzipped(stream: io.BufferedReader) -> Iterator[bytes]:
    """Pieces of a gzip file as they come. gzip.open would lose the last ones before a tear."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    while packed := stream.read(_PIECE):
        while packed:
            yield inflate.decompress(packed, _PIECE * 8)
            packed = inflate.unconsumed_tail or inflate.unused_data
            if inflate.eof and packed:
                inflate = zlib.decompressobj(
                    zlib.MAX_WBITS | 16
                )  # the next member: files made with cat or bgzip
    if not inflate.eof:
        raise EOFError("no end mark")


def _read_line(raw: bytes, where: str) -> Document | Rejected:
    try:
        return _document(_parse(raw), where)
    except ReadingError as error:
        return error.at(where)


def _parse(raw: bytes) -> dict[str, Any]:
    if len(raw) > _LONGEST:
        raise ReadingError("too-large", "a line of more than 64 MB, no document is so long; leave it out")
    try:
        row = json.loads(raw)
    except UnicodeDecodeError as error:
        raise ReadingError("bad-line", "not UTF-8, which JSON Lines must be; convert the file") from error
    except RecursionError as error:
        raise ReadingError("bad-line", "JSON nested too deeply to be a document; leave it out") from error
    except ValueError as error:
        raise ReadingError("bad-line", f"not JSON ({error}); correct or remove the line") from error
    if not isinstance(row, dict):
        raise ReadingError(
            "bad-line", f"JSON, but a {type(row).__name__} and not an object; one document a line"
        )
    return row


def _document(row: dict[str, Any], where: str) -> Document:
    text = row.get("text")
    if "text" not in row:
        raise ReadingError("bad-line", "has no `text`; a document needs at least `id` and `text`")
    if not isinstance(text, str):
        raise ReadingError("bad-line", f"`text` is {_shown(text)}, not a string; put the text there")
    if not text.strip():
        raise ReadingError("empty", "`text` is empty; leave the line out or give it its text")
    return Document(
        doc_id=_doc_id(row, where),
        text=text,
        url=_string(row, "url"),
        title=_string(row, "title"),
        published=_published(row),
        published_text=_string(row, "published"),
        source=_string(row, "source"),
        kind=_kind(row),
        author=_string(row, "author"),
        media_type="application/jsonl",
        reader=READER,
    )


def _doc_id(row: dict[str, Any], where: str) -> str:
    """The `id`; without one the document is named by its file and line. A number is taken as its digits."""
    given = row.get("id")
    if given is None:
        return where
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise ReadingError("bad-line", f"`id` is {_shown(given)}, not a string; give the document a name")
    return str(given)


def _string(row: dict[str, Any], field: str) -> str | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ReadingError("bad-line", f"`{field}` is {_shown(value)}, not a string; correct or remove it")
    return value


def _published(row: dict[str, Any]) -> Any:
    printed = _string(row, "published")
    if printed is None:
        return None
    day = parse_printed(printed)
    if day is None:
        raise ReadingError(
            "bad-line", f"`published` is {_shown(printed)}, not a date like 2024-11-12; correct or remove it"
        )
    return day


def _kind(row: dict[str, Any]) -> Kind | None:
    given = _string(row, "kind")
    if given is None:
        return None
    for kind in _KINDS:
        if given == kind:
            return kind  # type: ignore[no-any-return]
    raise ReadingError("bad-line", f"`kind` is {_shown(given)}; use {' or '.join(_KINDS)}, or leave it out")


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else shown[:37] + "…"
