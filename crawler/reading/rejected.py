"""What could not be read: the row that stands where a document should have been. Ground floor of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crawler.errors import UnreadableError

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
