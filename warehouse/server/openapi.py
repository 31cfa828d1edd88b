"""The API's description in OpenAPI 3.1; tests hold that every path in it answers."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_WHOLE = {"type": "integer", "minimum": 0}
_FORMAT = {
    "name": "format",
    "in": "query",
    "schema": {"type": "string", "enum": ["json", "csv", "parquet"], "default": "json"},
}
_LIMIT = {"name": "limit", "in": "query", "schema": {**_WHOLE, "default": 1000, "maximum": 100_000}}


def _path(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema or _TEXT}


def _get(
    summary: str, *parameters: dict[str, Any], media: tuple[str, ...] = ("application/json",)
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": "The answer", "content": {m: {} for m in media}}}
    for status, meaning in (
        ("400", "What was asked is wrong"),
        ("404", "Not in the snapshot"),
        ("503", "No snapshot, or busy"),
    ):
        responses[status] = {
            "description": meaning,
            "content": {"application/json": {"schema": {"type": "object", "properties": {"error": _TEXT}}}},
        }
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": responses}}


_ROWS = ("application/json", "text/csv", "application/vnd.apache.parquet")
PATHS: dict[str, Any] = {
    "/api/status": _get("Row counts, the newest document and the last load."),
    "/api/views": _get("Every view and table, its columns and what they mean."),
    "/api/views/{view}": _get(
        "Rows of a view; any column's name as a parameter keeps the rows whose value prints so.",
        _path("view"), _LIMIT, {"name": "offset", "in": "query", "schema": _WHOLE}, _FORMAT,
        {"name": "find", "in": "query", "schema": _TEXT, "description": "Words a row must hold."},
        {"name": "sort", "in": "query", "schema": _TEXT, "description": "A column; -column: from the last."},
        media=_ROWS,
    ),
    "/api/events/{event_id}": _get("One event with its sentence and its source.", _path("event_id")),
    "/api/contracts/{number}": _get(
        "A contract's life: events, values, conflicts, sources.", _path("number", _WHOLE)
    ),
    "/api/projects/{number}": _get(
        "A project: its measures, conflicts and sources.", _path("number", _WHOLE)
    ),
    "/api/companies/{who}": _get("A listed company by its code or name.", _path("who")),
    "/api/search": _get(
        "Documents that hold a text, traditional or simplified alike.",
        {"name": "q", "in": "query", "required": True, "schema": _TEXT}, _LIMIT, _FORMAT, media=_ROWS,
    ),
    "/api/sql": _get(
        "The answer to one query, read only.",
        {"name": "q", "in": "query", "required": True, "schema": _TEXT}, _LIMIT, _FORMAT, media=_ROWS,
    ),
}  # fmt: skip


def openapi(prefix: str, version: str) -> dict[str, Any]:
    """The whole description, for a site under `prefix`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "paomo",
            "version": version,
            "description": "A ledger of China's AI-compute bubble.",
        },
        "servers": [{"url": prefix or "/"}],
        "paths": PATHS,
    }
