"""Reading a listing's reply strictly: JSON out of bytes, and fields that must be there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crawler.errors import SourceError
from crawler.source import SHANGHAI

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

CALL = re.compile(r"\s*(?:/\*\*/)?\s*([\w$.]+)\s*\((.*)\)\s*;?\s*", re.DOTALL)
MARKS = re.compile(r"</?em>", re.IGNORECASE)


class ReplyError(SourceError):
    """A reply does not look as the source's replies looked when its spider was written."""


def json_of(body: bytes) -> Any:
    """The value of a JSON body: a BOM is taken off, UTF-8 first and GB18030 after, whatever the header says.

    Raises ReplyError where it is not JSON.
    """
    try:
        return json.loads(_text(body))
    except ValueError as error:
        raise ReplyError(f"the reply is not JSON: {error}: {body[:80]!r}") from error


def jsonp_of(body: bytes, callback: str) -> Any:
    """The value inside `callback(...)`. Raises ReplyError where another function is called."""
    found = CALL.fullmatch(_text(body))
    if found is None:
        raise ReplyError(f"the reply is not a call of {callback}: {body[:80]!r}")
    if found.group(1) != callback:
        raise ReplyError(f"the reply calls {found.group(1)!r}, not {callback!r}: it answers another question")
    return json_of(found.group(2).encode())


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")


class Fields:
    """One record of a reply: take what is used, then see what is left.

    A field that is missing raises ReplyError naming it, which is how a renamed field is found on the day.
    """

    def __init__(self, record: Any, what: str) -> None:
        if not isinstance(record, dict):
            raise ReplyError(f"{what} is {type(record).__name__}, not an object")
        self._what = what
        self._left = dict(record)

    def take(self, name: str, *kinds: type) -> Any:
        """A field that must be there, of one of these types."""
        if name not in self._left:
            raise ReplyError(f"{self._what} has no field {name!r}; it has {', '.join(sorted(self._left))}")
        return self._typed(name, self._left.pop(name), kinds)

    def maybe(self, name: str, *kinds: type) -> Any:
        """A field that may be missing or null: None then."""
        value = self._left.pop(name, None)
        return None if value is None else self._typed(name, value, kinds)

    def ignore(self, names: Iterable[str]) -> None:
        """Fields that are known and not used."""
        for name in names:
            self._left.pop(name, None)

    def left(self) -> list[str]:
        """Fields nobody knows."""
        return sorted(self._left)

    def _typed(self, name: str, value: Any, kinds: tuple[type, ...]) -> Any:
        if kinds and not isinstance(value, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise ReplyError(f"field {name!r} of {self._what} is {value!r}, not {wanted}")
        return value


def unmarked(title: str) -> str:
    """A title without the marks of a search hit, its runs of blanks made one."""
    return " ".join(MARKS.sub("", title).split())


def day_of_ms(milliseconds: float) -> date:
    """Day in Shanghai of epoch milliseconds. Raises ReplyError for a number that is no moment."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, SHANGHAI).date()
    except (ValueError, OverflowError, OSError) as error:
        raise ReplyError(f"{milliseconds!r} is no moment in milliseconds") from error


def day_of_text(value: str) -> date:
    """Day at the head of `YYYY-MM-DD…` or `YYYYMMDD…`. Raises ReplyError where there is none."""
    try:
        return date.fromisoformat(value[:10] if value[4:5] == "-" else value[:8])
    except ValueError as error:
        raise ReplyError(f"{value!r} does not begin with a date") from error


def validators_of(response: Response) -> tuple[str | None, str | None]:
    """(ETag, Last-Modified) as they were sent."""
    etag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    return (
        etag.decode("latin-1") if etag else None,
        modified.decode("latin-1") if modified else None,
    )


def conditional(request: Request, etag: str | None, modified: str | None) -> None:
    """Ask only for what changed since an answer with these validators."""
    if etag:
        request.headers["If-None-Match"] = etag
    if modified:
        request.headers["If-Modified-Since"] = modified
