"""The snapshot that counts stays open between requests: opening it costs more than most questions."""

from __future__ import annotations

import threading
import weakref
from contextlib import ExitStack

from warehouse.home import Home
from warehouse.publish import current
from warehouse.sandbox import MEMORY, opened


class Hold:
    """One reader that asks nothing. Only a snapshot is held: the warehouse itself is the writer's to lock."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._name = ""
        self._release: weakref.finalize[..., Hold] | None = None
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Hold the snapshot that counts now, let go of the one before; blocks while it opens."""
        with self._lock:
            path = current(self._home)
            if path is None or path.name == self._name or not path.exists():
                return
            stack = ExitStack()
            stack.enter_context(opened(path, memory=MEMORY))
            if self._release:
                self._release()
            self._release, self._name = weakref.finalize(self, stack.close), path.name
