"""Values of the database and of events as JSON has them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """A database value as JSON has it: exact numbers as int where whole, dates and times in ISO 8601."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def as_json(record: dict[str, Any]) -> str:
    """One line of JSON, Chinese as it is; lone surrogates are escaped, so it can always be printed."""
    line = json.dumps(record, ensure_ascii=False, allow_nan=False, default=plain)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(record, allow_nan=False, default=plain)
    return line
