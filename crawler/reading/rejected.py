"""What could not be read: the row that stands where a document should have been. Ground floor of reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from crawler.errors import UnreadableError
from crawler.overtime import Overtime, limited

P = ParamSpec("P")
R = TypeVar("R")

SECONDS = 120.0
"""Ten times what a prospectus of a thousand pages takes."""

Reason = Literal[
    "unreadable",  # the operating system will not give us the bytes
    "empty",  # no bytes, or no text in them
    "binary",  # neither text nor a format we read
    "encoding",  # text, but in no encoding we know
    "truncated",  # ends before its own format says it should
    "encrypted",  # a PDF that asks for a password
    "broken",  # claims a format and does not keep its rules
    "scanned",  # pictures of pages, no text; needs the extra `ocr`
    "blocked",  # a challenge page or an error page, whatever its status says
    "no-text",  # a page whose text is all menus
    "no-documents",  # a folder, archive or listing with nothing we read
    "bad-line",  # a line of JSON Lines that is not a document
    "too-large",  # unpacks to more than memory should hold
    "too-slow",  # takes longer to read than any honest document
    "unsupported",  # a format we know and do not read
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One thing that could not become a Document, and why. A row of `rejects`."""

    where: str
    """A file, `file:line`, `file#record` or URL, as it was given."""
    reason: Reason
    message: str
    """One line: what is wrong and what to do. Does not repeat `where`."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class ReadingError(UnreadableError):
    """Bytes that can't become a Document; carries the reason code the reject row will have."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason

    def at(self, where: str) -> Rejected:
        """The same complaint as a row, with the place it was met."""
        return Rejected(where=where, reason=self.reason, message=str(self))


def in_time(read: Callable[P, R]) -> Callable[P, R]:
    """A reader that gives up on what takes longer than SECONDS with a ReadingError, `too-slow`."""

    @wraps(read)
    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with limited(SECONDS):
                return read(*args, **kwargs)
        except Overtime:
            message = f"not read after {SECONDS:.0f} seconds, no honest document takes so long; leave it out"
            raise ReadingError("too-slow", message) from None

    return timed
