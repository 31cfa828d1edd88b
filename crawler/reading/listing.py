"""JSON replies that carry the text itself: eastmoney's notices, the flash news of cls and eastmoney."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.reading.printed_date import SHANGHAI, parse_printed
from crawler.reading.rejected import ReadingError
from crawler.reading.text import decode

READER = "listing/1"

_JSONP = re.compile(r"^\s*[\w$.]+\s*\(\s*(.*?)\s*\)\s*;?\s*$", re.S)
_TAG = re.compile(r"<br\s*/?>|</p>", re.I), re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True, slots=True)
class Item:
    """One text found in a JSON reply. `key` is the publisher's own id of it."""

    key: str
    text: str
    title: str | None
    published: date | None
    published_text: str | None
    url: str | None


def read_listing(data: bytes, *, content_type: str | None = None) -> list[Item]:
    """The texts of one reply, in its order; empty for a listing that only points at documents.

    Raises ReadingError: `empty`, `broken`, `blocked` (the publisher's own error reply).
    """
    reply = _parse(data)
    if isinstance(reply, dict) and (error := _complaint(reply)):
        raise ReadingError(
            "blocked", f"the publisher answered with an error, not a text: {error}; ask again later"
        )
    return [item for item in _items(reply) if item.text]


def _parse(data: bytes) -> Any:
    text = decode(data).text
    if wrapped := _JSONP.match(text):
        text = wrapped[1]
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise ReadingError("broken", "JSON nested too deeply to be a reply; fetch it again") from error
    except ValueError as error:
        raise ReadingError("broken", f"says it is JSON but is not ({error}); fetch it again") from error


def _complaint(reply: Mapping[str, Any]) -> str | None:
    """cls answers errors with HTTP 200 and {errno: 10012, msg: …}; eastmoney with {success: 0, error: …}."""
    if reply.get("errno") not in (None, 0, "0"):
        return f"errno {reply['errno']} {reply.get('msg', '')}".strip()
    if reply.get("success") in (0, False) and reply.get("error"):
        return str(reply["error"])
    return None


def _items(reply: Any) -> Iterator[Item]:
    data = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(data, dict):
        return
    if isinstance(data.get("notice_content"), str):
        yield _notice(data)
    for row in _rows(data, "roll_data"):
        yield _cls(row)
    for row in _rows(data, "fastNewsList"):
        yield _eastmoney(row)


def _rows(data: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    rows = data.get(key)
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def _notice(row: Mapping[str, Any]) -> Item:
    """One page of an eastmoney notice; its pages are joined by who fetched them."""
    printed = _string(row.get("notice_date")) or _string(row.get("eitime"))
    return Item(
        key=_string(row.get("art_code")) or "",
        text=_lines(row["notice_content"]),
        title=_string(row.get("notice_title")),
        published=parse_printed(printed),
        published_text=printed,
        url=_string(row.get("attach_url")),
    )


def _cls(row: Mapping[str, Any]) -> Item:
    return Item(
        key=str(row.get("id", "")),
        text=_lines(_string(row.get("content")) or _string(row.get("brief")) or ""),
        title=_string(row.get("title")),
        published=_day(row.get("ctime")),
        published_text=None,  # a number of seconds, nothing was printed
        url=_string(row.get("shareurl")),
    )


def _day(seconds: Any) -> date | None:
    """The day in Shanghai of a moment in seconds; None where it is none (cls may change to milliseconds)."""
    try:
        return datetime.fromtimestamp(seconds, SHANGHAI).date() if type(seconds) is int else None
    except (ValueError, OverflowError, OSError):
        return None


def _eastmoney(row: Mapping[str, Any]) -> Item:
    printed = _string(row.get("showTime"))
    code = str(row.get("code", ""))
    return Item(
        key=code,
        text=_lines(_string(row.get("summary")) or ""),
        title=_string(row.get("title")),
        published=parse_printed(printed),
        published_text=printed,
        url=f"https://finance.eastmoney.com/a/{code}.html" if code else None,
    )


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _lines(text: str) -> str:
    """Tags out, a line per paragraph; everything else as it was sent."""
    breaks, tags = _TAG
    lines = tags.sub("", breaks.sub("\n", text)).replace("\r\n", "\n").split("\n")
    return "\n".join(stripped for line in lines if (stripped := line.strip()))
