"""What was answered once is kept until another snapshot counts."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from warehouse.home import Home
from warehouse.publish import readable

ENTRIES = 1000
BYTES = 64_000_000
LEAST = 1000
"""Bytes from which packing a body pays."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A response's parts; `packed` is the body in gzip, empty where nobody wanted it or it would not pay."""

    body: bytes
    packed: bytes
    media_type: str
    status: int
    tag: str

    @property
    def packable(self) -> bool:
        """Whether packing would pay and is not done yet."""
        text = not self.media_type.startswith("application/vnd")
        return text and not self.packed and len(self.body) >= LEAST

    @property
    def size(self) -> int:
        """Bytes it takes up."""
        return len(self.body) + len(self.packed)


def keep(body: bytes, media_type: str, status: int, *, packed: bool) -> Kept:
    """A response ready to be kept and sent; packing is work for a thread."""
    kept = Kept(body, b"", media_type, status, hashlib.sha256(body).hexdigest()[:32])
    return pack(kept) if packed else kept


def pack(kept: Kept) -> Kept:
    """The same response with its body packed as well, where that pays."""
    return replace(kept, packed=gzip.compress(kept.body, 6, mtime=0)) if kept.packable else kept


def stamp(home: Home) -> str:
    """Names the state that is read now; changes with every snapshot. WarehouseError where there is none."""
    path = readable(home)
    try:
        return f"{path.name}:{path.stat().st_mtime_ns}"
    except FileNotFoundError:  # retired between the pointer and the file
        return f"{path.name}:0"


class Cache:
    """Responses by their address; the oldest go first, all go when the stamp changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._size = 0
        self._stamp = ""
        self._lock = threading.Lock()

    def get(self, now: str, key: tuple[str, ...]) -> Kept | None:
        """What is kept of this address under this stamp."""
        with self._lock:
            if now != self._stamp:
                self._kept.clear()
                self._size, self._stamp = 0, now
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
            return found

    def put(self, now: str, key: tuple[str, ...], kept: Kept) -> None:
        """Keep a response, unless it is large or another snapshot counts by now."""
        with self._lock:
            if now == self._stamp and kept.size < BYTES // 8:
                self._size += kept.size - (self._kept[key].size if key in self._kept else 0)
                self._kept[key] = kept
                while len(self._kept) > ENTRIES or self._size > BYTES:
                    _, old = self._kept.popitem(last=False)
                    self._size -= old.size
