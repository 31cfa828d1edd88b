"""What a file really is, from its first bytes: names and Content-Type headers are often wrong."""

from __future__ import annotations

import re
from typing import Literal

Format = Literal["text", "html", "pdf", "jsonl", "json", "warc", "parquet", "gzip", "binary"]

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|script|div)\b",
    re.I | re.S,
)
_JSON_DOCUMENT = re.compile(rb'\s*\{\s*"(?:id|doc_id|url|title|published|source|kind|text)"\s*:')
_JSON_REPLY = re.compile(rb"\s*(?:[\w$.]{1,64}\s*\(\s*)?[\[{]")
_SIGNATURES = (
    b"PK\x03\x04",  # zip, and with it docx, xlsx, ofd, epub
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",  # doc, xls, ppt
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"II*\x00",  # TIFF
    b"MM\x00*",
    b"SQLite format 3",
    b"\x7fELF",
    b"MZ\x90",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",  # Zstandard
)


def sniff(head: bytes) -> Format:
    """The format of a file that begins with `head` (1 KiB is enough)."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    if b"%PDF-" in head[:1024]:  # the standard allows rubbish before it, and mail gateways put some there
        return "pdf"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if re.match(rb"WARC/[01]\.\d\r?\n", head):
        return "warc"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_SIGNATURES):
        return "binary"
    return _sniff_text(start)


def _sniff_text(start: bytes) -> Format:
    start = start.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")  # UTF-16's ASCII
    if _HTML.match(start):
        return "html"
    if _JSON_DOCUMENT.match(start):
        return "jsonl"
    if _JSON_REPLY.match(start):
        return "json"
    return "text"
