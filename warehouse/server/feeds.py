"""Atom: all cancellations, one company's, one model's prices."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request

from warehouse import ask
from warehouse.report.pages import environment
from warehouse.sandbox import Answer, run
from warehouse.server.site import Made, Site

ATOM = "application/atom+xml; charset=utf-8"
ENTRIES = 100
NEVER = "1970-01-01T00:00:00Z"
_CANCELLED = """
    SELECT event_id, concat_ws(' × ', coalesce(company, '?'), counterparty)
        || coalesce(' ' || amount::BIGINT || ' ' || currency, '') || coalesce(' ' || cancelled, '') AS title,
        strftime(first_told, '%Y-%m-%dT00:00:00Z') AS updated, quote
    FROM cancellations {where} ORDER BY first_told DESC, event_id LIMIT {limit}
"""
_PRICES = """
    SELECT event_id, concat_ws(' ', item, kind, amount::DOUBLE, currency, period) AS title,
        strftime(coalesce(published, as_of_from, DATE '1970-01-01'), '%Y-%m-%dT00:00:00Z') AS updated, quote
    FROM price_quotes WHERE item = ? ORDER BY updated DESC, event_id LIMIT {limit}
"""


def cancellations(site: Site, request: Request) -> Made:
    """The newest cancellations."""
    return _feed(site, "cancellations", _ask(site, _CANCELLED.format(where="", limit=ENTRIES)))


def company(site: Site, request: Request) -> Made:
    """One company's, by code or name."""
    who = request.path_params["who"]
    query = _CANCELLED.format(where="WHERE company_code = $1 OR company = $1", limit=ENTRIES)
    return _feed(site, f"company/{quote(who)}", _ask(site, query, who))


def prices(site: Site, request: Request) -> Made:
    """One model's prices."""
    item = request.path_params["item"]
    return _feed(site, f"prices/{quote(item)}", _ask(site, _PRICES.format(limit=ENTRIES), item))


def _ask(site: Site, query: str, *parameters: str) -> Answer:
    with ask.reader(site.home) as connection:
        return run(connection, query, parameters)


def _feed(site: Site, name: str, answer: Answer) -> Made:
    entries = list(answer.records())
    xml = (
        environment()
        .get_template("feed.xml")
        .render(
            id=name,
            title=f"paomo: {name}",
            own=f"{site.prefix}/feeds/{name}.atom",
            base=site.prefix,
            updated=max((e["updated"] for e in entries), default=NEVER),
            entries=entries,
        )
    )
    return Made(xml, ATOM)
