"""PDF bombs, found before PDFium unpacks them into memory: 4 KB that would be 3 GB."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_MOST = 256 * 1024 * 1024
"""Bytes one stream may unpack to. A page scanned in colour at 300 dots has 26 MB."""
_LEAST = _MOST // 1032
"""Bytes packed; Deflate packs 1032 to one at best, so a shorter stream is harmless unless packed twice."""
_PIECE = 64 * 1024
_BEGIN = re.compile(rb"(?<!end)stream\r?\n")
_TWICE = re.compile(rb"/(?:FlateDecode|Fl|LZWDecode|RunLengthDecode)\b[^\]]{0,200}/(?:FlateDecode|Fl)\b")


def swells(data: bytes) -> bool:
    """Whether a stream of this PDF unpacks to more than any honest one does."""
    for twice, packed in _streams(data):
        if twice or len(packed) >= _LEAST:
            unpacked = _unpack(_pieces(packed))
            if _exceeds(_unpack(unpacked) if twice else unpacked):
                return True
    return False


def _streams(data: bytes) -> Iterator[tuple[bool, memoryview]]:
    """(packed twice, its bytes) of every stream."""
    view = memoryview(data)
    for m in _BEGIN.finditer(data):
        end = data.find(b"endstream", m.end())
        about = data[max(0, m.start() - 1000) : m.start()]
        about = about[about.rfind(b" obj") + 1 :]
        if b"Fl" in about:
            yield bool(_TWICE.search(about)), view[m.end() : end if end >= 0 else len(data)]


def _pieces(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), _PIECE):
        yield bytes(packed[at : at + _PIECE])


def _unpack(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unpacked in small pieces; ends where the data is no Deflate."""
    inflate = zlib.decompressobj()
    try:
        for piece in pieces:
            while piece and not inflate.eof:  # past the end zlib names the same tail for ever
                yield inflate.decompress(piece, 16 * _PIECE)
                piece = inflate.unconsumed_tail
    except zlib.error:
        return


def _exceeds(pieces: Iterator[bytes]) -> bool:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _MOST:
            return True
    return False
