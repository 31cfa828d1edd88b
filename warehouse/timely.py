"""A time limit per document: what takes longer is a reject, not a hang."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from crawler.document import Document
from nlp.event import Event

SECONDS = 20.0
"""A hundred times what the longest annual report takes."""


class Overtime(BaseException):
    """The time is up. Not an Exception, so that no `except Exception` on the way takes it for a fault."""


@dataclass(frozen=True, slots=True)
class Timely:
    """The real extractor under a time limit; raises Overtime. `seconds` None: no limit."""

    seconds: float | None = SECONDS

    def __call__(self, document: Document) -> Sequence[Event]:
        """The events of one document; the extractor is imported when the first one comes."""
        from nlp.extract import extract

        with limited(self.seconds):
            return extract(document)


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise Overtime in what runs inside when the time is up.

    By a signal, which also stops a regular expression at work; there is none in threads and on Windows, where
    the limit does not hold.
    """
    if seconds is None or not _has_alarm():
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # once more each second, should the first be swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _has_alarm() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    raise Overtime
