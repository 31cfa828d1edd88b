"""Atom: all cancellations, one company's, one model's prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request

from warehouse import ask
from warehouse.report.pages import environment
from warehouse.report.safe import number
from warehouse.sandbox import Answer, run
from warehouse.server import questions
from warehouse.server.site import Made, NotFound, Site

ATOM = "application/atom+xml; charset=utf-8"
ENTRIES = 100
NEVER = "1970-01-01T00:00:00Z"
_CANCELLED = """
    SELECT event_id, coalesce(company, '?') AS company, counterparty, amount, currency, cancelled,
        strftime(first_told, '%Y-%m-%dT00:00:00Z') AS updated, quote
    FROM cancellations {where} ORDER BY first_told DESC, event_id LIMIT {limit}
"""
_PRICES = """
    SELECT event_id, item, kind, amount, currency, period,
        strftime(coalesce(published, as_of_from, DATE '1970-01-01'), '%Y-%m-%dT00:00:00Z') AS updated, quote
    FROM price_quotes WHERE item = ? ORDER BY updated DESC, event_id LIMIT {limit}
"""


def cancellations(site: Site, request: Request) -> Made:
    """The newest cancellations."""
    return _cancelled(site, "cancellations", _ask(site, _CANCELLED.format(where="", limit=ENTRIES)))


def company(site: Site, request: Request) -> Made:
    """One company's, by code or name; without an entry where none of its contracts was cancelled."""
    who = request.path_params["who"]
    query = _CANCELLED.format(where="WHERE company_code = $1 OR company = $1", limit=ENTRIES)
    answer = _ask(site, query, who)
    if not answer.rows:
        try:
            questions.company(site.home, who)
        except KeyError:
            raise NotFound(
                f"{who}: no company of this code or name is known; {site.prefix}/feeds lists the feeds"
            ) from None
    return _cancelled(site, f"company/{quote(who)}", answer)


def prices(site: Site, request: Request) -> Made:
    """One model's prices."""
    item = request.path_params["item"]
    entries = list(_ask(site, _PRICES.format(limit=ENTRIES), item).records())
    if not entries:
        raise NotFound(f"{item}: no price of it is known; {site.prefix}/feeds lists the feeds")
    for entry in entries:
        per = f"/{entry['period']}" if entry["period"] else ""
        entry["title"] = f"{entry['item']} {entry['kind']} {_money(entry)}{per}"
    return _feed(site, f"prices/{quote(item)}", entries)


def _cancelled(site: Site, name: str, answer: Answer) -> Made:
    entries = list(answer.records())
    for entry in entries:
        parties = " × ".join(entry[n] for n in ("company", "counterparty") if entry[n])
        entry["title"] = " ".join(filter(None, (parties, _money(entry), entry["cancelled"])))
    return _feed(site, name, entries)


def _money(entry: Mapping[str, Any]) -> str:
    """An amount as it is read, 120,000,000 CNY; empty where it is not told."""
    return "" if entry["amount"] is None else f"{number(entry['amount'])} {entry['currency'] or ''}".strip()


def _ask(site: Site, query: str, *parameters: str) -> Answer:
    with ask.reader(site.home) as connection:
        return run(connection, query, parameters)


def _feed(site: Site, name: str, entries: Sequence[Mapping[str, Any]]) -> Made:
    newest = "SELECT strftime(max(published), '%Y-%m-%dT00:00:00Z') FROM documents"
    empty = NEVER if entries else _ask(site, newest).rows[0][0] or NEVER
    xml = (
        environment()
        .get_template("feed.xml")
        .render(
            id=name,
            title=f"paomo: {name}",
            own=f"{site.prefix}/feeds/{name}.atom",
            base=site.prefix,
            updated=max((e["updated"] for e in entries), default=empty),
            entries=entries,
        )
    )
    return Made(xml, ATOM)
