"""The JSON API: the same questions for programs."""

from __future__ import annotations

from starlette.requests import Request

from crawler.errors import QueryError
from warehouse import ask, look
from warehouse.report.safe import web_address
from warehouse.server import questions
from warehouse.server.formats import KINDS, as_bytes, to_json
from warehouse.server.openapi import openapi
from warehouse.server.questions import Bounded, Slice
from warehouse.server.site import Made, NotFound, Site, whole

ROWS = 1000
MOST = 100_000
"""Rows of one answer; `offset` leads to the next."""
_OWN = {"limit", "offset", "format", "lang", "find", "sort"}


def _json(value: object) -> Made:
    return Made(to_json(value), KINDS["json"])


def _table(bounded: Bounded, request: Request) -> Made:
    form = request.query_params.get("format", "json")
    if form not in KINDS:
        raise QueryError(f"format={form[:20]}: choose json, csv or parquet")
    return Made(as_bytes(bounded, form), KINDS[form])


def sliced(request: Request, limit: int) -> Slice:
    """Which rows of a view the query string asks for."""
    given = request.query_params
    return Slice(
        limit,
        whole(given, "offset", 0, most=10**12),
        {k: v for k, v in given.items() if k not in _OWN},
        given.get("find", "")[:200],
        given.get("sort", ""),
    )


def _limit(request: Request) -> int:
    downloads = request.query_params.get("format") in ("csv", "parquet")
    return whole(request.query_params, "limit", MOST if downloads else ROWS, most=MOST)


def status(site: Site, request: Request) -> Made:
    """Row counts and freshness."""
    rows = ask.status(site.home).rows
    return _json({what: int(value) if value and value.isdigit() else value for what, value in rows})


def views(site: Site, request: Request) -> Made:
    """The data dictionary."""
    return _json(questions.dictionary(site.home))


def view(site: Site, request: Request) -> Made:
    """Rows of a view."""
    name = request.path_params["view"]
    try:
        bounded = questions.view(site.home, name, sliced(request, _limit(request)))
    except KeyError:
        raise NotFound(f"{name}: no view of this name; /api/views lists them") from None
    return _table(bounded, request)


def event(site: Site, request: Request) -> Made:
    """One event with its evidence."""
    try:
        found = look.evidence(site.home, request.path_params["event_id"])
    except QueryError as error:
        raise NotFound(str(error)) from error
    source = {**found.source, "link": web_address(found.source["url"])}
    return _json(
        {**found.row, "source": source, "sentence_before": found.before, "sentence_after": found.after}
    )


def contract(site: Site, request: Request) -> Made:
    """A contract's life."""
    try:
        life = look.contract(site.home, request.path_params["number"])
    except QueryError as error:
        raise NotFound(str(error)) from error
    parts = ("events", "values", "conflicts", "sources")
    return _json({**life.contract, **{name: list(getattr(life, name).records()) for name in parts}})


def project(site: Site, request: Request) -> Made:
    """A project, its measures and who tells of it."""
    try:
        story = look.project(site.home, request.path_params["number"])
    except QueryError as error:
        raise NotFound(str(error)) from error
    parts = ("measures", "conflicts", "sources")
    return _json({**story.project, **{name: list(getattr(story, name).records()) for name in parts}})


def company(site: Site, request: Request) -> Made:
    """A company."""
    who = request.path_params["who"]
    try:
        found = questions.company(site.home, who)
    except KeyError:
        raise NotFound(
            f"{who}: no company of this code or name; /api/views/company_exposure lists them"
        ) from None
    return _json({name: list(answer.records()) for name, answer in found.items()})


def search(site: Site, request: Request) -> Made:
    """Documents that hold a text."""
    limit = min(_limit(request), 1000)
    answer = look.search(site.home, request.query_params.get("q", "")[:200], limit=limit)
    return _table(Bounded(answer, len(answer.rows) == limit), request)


def sql(site: Site, request: Request) -> Made:
    """One query of the user's."""
    query = request.query_params.get("q", "")
    return _table(questions.users(site.home, query, limit=_limit(request), seconds=site.seconds), request)


def description(site: Site, request: Request) -> Made:
    """OpenAPI."""
    from importlib.metadata import version

    return _json(openapi(site.prefix, version("paomo")))
