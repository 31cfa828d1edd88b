"""Templates with everything escaped; what the report and the server share of making a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from warehouse.report.charts import inline
from warehouse.report.panels import MODELS, PROOFS, Panels
from warehouse.report.safe import clock, number, shortened, shown, sort_key, web_address
from warehouse.report.words import ROOM, Words

STATIC = ROOM.parent / "static"
CELL = 200
"""Characters of a table's cell."""
_SWAP = 'hx-target="#answer" hx-select="#answer"'
SWAP, SWAP_TYPED = Markup(f'{_SWAP} hx-push-url="true"'), Markup(f'{_SWAP} hx-replace-url="true"')
"""On a form or link of a page: only #answer of where it leads is put in; without script it goes there."""
HTMX = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "selfRequestsOnly": True,
    "defaultSwapStyle": "outerHTML",
    "defaultSettleDelay": 0,
    "responseHandling": [{"code": "204", "swap": False}, {"code": "...", "swap": True}],
}
"""htmx with nothing that a strict policy forbids; nothing of a page is kept in the browser's storage."""
HEADLINE = (
    ("documents", "sources"),
    ("cancelled", "cancellations"),
    ("amount", "cumulative"),
    ("contracts", "cancellations"),
    ("quotes", "rents"),
    ("projects", "projects"),
    ("conflicts", "conflicts"),
    ("newest", "sources"),
)
"""Figures at the top, each with the section that holds what it was counted from."""


@dataclass(frozen=True, slots=True)
class Paths:
    """What stands before an event id, a number or a company's code in a link; empty: no link."""

    event: str
    contract: str = ""
    company: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure with what became of it since the last report."""

    label: str
    value: Any
    section: str
    change: str


@cache
def environment() -> Environment:
    """Jinja2 that escapes every file's output and stumbles over a name it does not know."""
    room = Environment(
        loader=FileSystemLoader(ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    room.filters |= {
        "clock": clock,
        "shown": shown,
        "shorten": shortened,
        "number": number,
        "sort_key": sort_key,
        "web_address": web_address,
    }
    room.globals |= {
        "cells": CELL,
        "models": MODELS,
        "proofs": PROOFS,
        "swap": SWAP,
        "swap_typed": SWAP_TYPED,
        "htmx": json.dumps(HTMX),
    }
    return room


def page(template: str, words: Words, /, **parts: Any) -> str:
    """A template filled in; lone surrogates of a document's text never reach the file."""
    html = environment().get_template(template).render(words=words, **parts)
    return html.encode("utf-8", "replace").decode("utf-8")


def drawings(drawn: dict[str, str]) -> Any:
    """Charts as markup in the page's colours. They are ours, made of escaped text by vl-convert."""
    return _Drawings({name: Markup(inline(svg)) for name, svg in drawn.items()})


class _Drawings(dict[str, Markup]):
    """A chart that was not drawn is nothing, not an error."""

    def __missing__(self, name: str) -> Markup:
        return Markup("")


def headline(
    panels: Panels, words: Words, *, before: dict[str, Any] | None, when: str | None
) -> list[Figure]:
    """The figures at the top; `before` has those of the report made at `when`. None: there was none."""
    found = []
    for name, section in HEADLINE:
        value = panels.figures[name]
        change = _change(value, (before or {}).get(name), words, when)
        found.append(Figure(words(f"figure_{name}"), value, section, change))
    return found


def _change(value: Any, old: Any, words: Words, when: str | None) -> str:
    if when is None or old is None or not hasattr(value, "__sub__") or isinstance(old, str):
        return ""
    difference = value - type(value)(old)
    if not difference:
        return words("same", when=when)
    return words("since", change=("+" if difference > 0 else "−") + number(abs(difference)), when=when)
