"""Text of documents on its way into a page: it is never trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from warehouse.plain import plain

_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def shown(value: Any) -> str:
    """Text with what would change the page's order or break its encoding made visible: [U+202E]."""
    return _UNSHOWN.sub(lambda m: f"[U+{ord(m[0]):04X}]" if m[0] not in "\r" else "", str(value))


def web_address(value: Any) -> str | None:
    """The address if it is one of the web (http, https with a host), else None: no `javascript:`."""
    text = str(value or "").strip()
    if _UNSHOWN.search(text) or re.search(r"[\s<>\"'`\\]", text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def guarded(value: Any) -> Any:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers."""
    flat = plain(value)
    if isinstance(flat, list | dict):
        flat = str(flat)
    return f"'{flat}" if isinstance(flat, str) and flat.lstrip(" ")[:1] in FORMULA and flat.strip() else flat


def number(value: Any) -> str:
    """A number for reading: thousands apart, no more than four decimals; the empty text for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if not isinstance(value, int | float | Decimal):
        return shown(value)
    exact = Decimal(str(value))
    if exact == exact.to_integral_value():
        return f"{int(exact):,}"
    return f"{round(exact, 4):,f}".rstrip("0").rstrip(".")


def clock(value: Any) -> Any:
    """A timestamp to the second; anything else as it is."""
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value


def sort_key(value: Any) -> str:
    """What a table sorts by: numbers in full, dates as they are."""
    flat = plain(value)
    return "" if flat is None else shown(flat)


def shortened(value: Any, limit: int) -> str:
    """Text of at most `limit` characters; what is left out is an ellipsis."""
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def filled(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say anything."""
    return {name: value for name, value in record.items() if value is not None}
