"""A time limit on what runs: hostile input must end as a reject, not as a hang. Ground floor."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Overtime(BaseException):
    """The time is up. Not an Exception, so that no `except Exception` on the way takes it for a fault."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise Overtime in what runs inside when the time is up; None: no limit. One does not hold in another.

    By a signal, which also stops a regular expression at work. In threads other than the main one and on
    Windows there is none, and no limit.
    """
    if seconds is None or not _has_alarm():
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(
        signal.ITIMER_REAL, seconds, 1.0
    )  # again each second, should one be swallowed on the way
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _has_alarm() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    raise Overtime
