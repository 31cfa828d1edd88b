"""What was answered once is kept until another snapshot counts."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from warehouse.home import Home
from warehouse.publish import readable

ENTRIES = 1000
BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A response's parts."""

    body: bytes
    media_type: str
    status: int
    tag: str


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

    def put(self, now: str, key: tuple[str, ...], body: bytes, media_type: str, status: int = 200) -> Kept:
        """Keep a response, unless it is large or another snapshot counts by now."""
        kept = Kept(body, media_type, status, hashlib.sha256(body).hexdigest()[:32])
        with self._lock:
            if now == self._stamp and len(body) < BYTES // 8:
                self._size += len(body) - len(self._kept[key].body if key in self._kept else b"")
                self._kept[key] = kept
                while len(self._kept) > ENTRIES or self._size > BYTES:
                    _, old = self._kept.popitem(last=False)
                    self._size -= len(old.body)
        return kept
