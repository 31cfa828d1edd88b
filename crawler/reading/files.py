"""Files and folders of the user's → Documents; what can't be read is a Rejected and the rest goes on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from crawler.document import Document
from crawler.reading import filing, html, ocr, parquet, text, warc
from crawler.reading.apart import read_pdf_apart
from crawler.reading.jsonl import read_jsonl
from crawler.reading.rejected import ReadingError, Rejected
from crawler.reading.sniff import Format, sniff

SUFFIXES = (".txt", ".html", ".htm", ".pdf", ".jsonl", ".jsonl.gz", ".warc", ".warc.gz", ".parquet")
_KNOWN = "paomo reads " + " ".join(SUFFIXES)


def read_path(path: Path) -> Iterator[Document | Rejected]:
    """Every document in a file, or in a folder and all below it, in the order of their names.

    A file in a folder is read if its suffix is one we know; a file named outright is read by its content
    whatever its suffix. `doc_id` is the `id` of a JSON Lines document, the address of a WARC record, else
    the path as given.
    Reads one document at a time. Never raises for what a file can hold.
    """
    for file in files_at(path):
        if isinstance(file, Rejected):
            yield file
        else:
            for _, item in read_range(file):
                yield item


def files_at(path: Path) -> Iterator[Path | Rejected]:
    """The path itself, or the files below a folder that we read, in the order of their names."""
    if not path.is_dir():
        yield path
        return
    found = False
    for file in sorted(path.rglob("*")):
        if file.name.lower().endswith(SUFFIXES) and not file.name.startswith(".") and not file.is_dir():
            found = True
            yield file
    if not found:
        yield Rejected(
            where=str(path), reason="no-documents", message=f"no document in this folder; {_KNOWN}"
        )


def read_range(
    file: Path, *, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, Document | Rejected]]:
    """(position in the file, document) for what lies in one of its `ranges`; all of it where none is said.

    The position is the offset of a WARC record, the number of a Parquet row, else a number in order.
    """
    where = str(file) if start == 0 else f"{file}#{start}"
    try:
        yield from _by_content(file, _format(file), start, end)
    except ReadingError as error:
        yield start, error.at(where)
    except FileNotFoundError:
        yield start, Rejected(where=where, reason="unreadable", message="no such file; check the name")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        message = f"compressed data ends early ({error}); copy the file again"
        yield start, Rejected(where=where, reason="truncated", message=message)
    except OSError as error:
        message = f"can't be read: {error.strerror or error}; check its permissions"
        yield start, Rejected(where=where, reason="unreadable", message=message)


def ranges(file: Path, *, size: int) -> tuple[list[tuple[int, int | None]], Rejected | None]:
    """Where a large WARC or Parquet file can be cut for several readers; what is wrong with the whole file.

    Ranges are of at least `size` bytes, (start, end) as `read_range` takes them, the last without an end.
    """
    try:
        if file.stat().st_size > size:
            form = _format(file)
            if form == "warc":
                with file.open("rb") as stream:
                    return warc.pieces(stream, str(file), size=size)
            if form == "parquet":
                return parquet.pieces(file, size=size), None
    except (ReadingError, OSError, EOFError, zlib.error):
        pass  # who reads it will say so
    return [(0, None)], None


def _format(file: Path) -> Format:
    """What the file is by its content; JSON Lines by its name as well, for its first line may be bad."""
    with file.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise ReadingError("empty", "the file is empty; fetch or export it again")
    form = sniff(head)
    name = file.name.lower()
    if form == "gzip":
        return _inside_gzip(file)
    if name.endswith((".jsonl", ".jsonl.gz")) and form in ("text", "json"):
        return "jsonl"
    if name.endswith(".json") and form in ("text", "json"):
        raise ReadingError(
            "unsupported",
            "one JSON value, and paomo reads JSON Lines, an object a line; of a list"
            " `jq -c '.[]' NAME.json > NAME.jsonl` makes them",
        )
    if form == "text" and name.endswith((".html", ".htm")):
        return "html"
    return form


def _inside_gzip(file: Path) -> Format:
    with gzip.open(file) as stream:
        form = sniff(stream.read(1024))
    if form in ("text", "json") and file.name.lower().endswith(".jsonl.gz"):
        return "jsonl"
    if form in ("jsonl", "warc"):
        return form
    raise ReadingError(
        "unsupported", "compressed, but neither .jsonl.gz nor .warc.gz; unpack it and load what is in it"
    )


def _by_content(
    file: Path, form: Format, start: int, end: int | None
) -> Iterator[tuple[int, Document | Rejected]]:
    if form == "warc":
        with file.open("rb") as stream:
            yield from warc.items_in(stream, str(file), start=start, end=end)
    elif form == "parquet":
        yield from parquet.rows_in(file, start=start, end=end)
    else:
        yield from enumerate(_whole(file, form))


def _whole(file: Path, form: Format) -> Iterator[Document | Rejected]:
    if form == "jsonl":
        yield from read_jsonl(file)
    elif form == "pdf":
        yield from _pdf(file)
    elif form == "html":
        yield _html(file)
    elif form == "binary":
        raise ReadingError("binary", f"binary data, not a document; {_KNOWN}")
    else:
        yield _text(file)


def _text(file: Path) -> Document:
    decoded = text.decode(file.read_bytes())
    headed = filing.read_heading(decoded.text)
    return Document(
        doc_id=str(file),
        text=decoded.text,
        title=headed.title,
        published=headed.published,
        published_text=headed.published_text,
        kind=headed.kind,
        media_type="text/plain",
        reader=text.READER,
    )


def _html(file: Path) -> Document:
    page = html.read_html(file.read_bytes())
    return Document(
        doc_id=str(file),
        text=page.text,
        title=page.title,
        published=page.published,
        published_text=page.published_text,
        source=page.source,
        author=page.author,
        media_type="text/html",
        reader=html.READER,
    )


def _pdf(file: Path) -> Iterator[Document | Rejected]:
    read = read_pdf_apart(file.read_bytes())
    headed = filing.read_heading(read.text, printed=True)
    yield Document(
        doc_id=str(file),
        text=read.text,
        title=headed.title,
        published=headed.published,
        published_text=headed.published_text,
        kind=headed.kind,
        media_type="application/pdf",
        reader=read.reader,
        pages=read.pages,
    )
    for page, reason in read.unread:
        why = f"a picture of a page; {ocr.HINT}" if reason == "scanned" else "can't be opened; fetch it again"
        yield Rejected(
            where=f"{file}#page={page}", reason=reason, message=f"{why}; the other pages were read"
        )
