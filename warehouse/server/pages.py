"""The pages for people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request

from crawler.errors import QueryError
from warehouse import look
from warehouse.report.charts import charts
from warehouse.report.pages import drawings, headline
from warehouse.report.panels import gather
from warehouse.report.safe import filled
from warehouse.report.write import earlier
from warehouse.server import questions
from warehouse.server.api import sliced
from warehouse.server.openapi import PATHS
from warehouse.server.questions import Slice
from warehouse.server.site import Made, NotFound, Site, whole

ROWS = 500
"""Rows of an answer to SQL on a page."""
PAGE = 100
"""Rows of a view on a page; links lead to the others."""
LISTED = 100
"""Cancellations and projects on the overview; a link leads to all."""
FOUND = 50
"""Documents of a search."""
EXAMPLES = (
    "SELECT month, contracts, amount_cny FROM cancellations_monthly WHERE category IS NULL",
    "SELECT company, amount, cancelled, reason, event_id FROM cancellations ORDER BY amount DESC NULLS LAST",
    "SELECT item, month, median, n FROM rent_index WHERE NOT stale ORDER BY item, month",
    "SELECT metric, scope, rate, as_of, event_id FROM utilisation_rates",
    "FROM payback(running_cost := 0.8)",
    "SELECT source, max(published) AS newest, count(*) AS documents FROM stage_documents GROUP BY source",
)
_DOCUMENTS = "{}/view/documents has all ids in its column doc_id"
_UNSEEN = {
    "signed_from",
    "signed_to",
    "event_from",
    "event_to",
    "as_of_from",
    "as_of_to",
    "event_id",
    "quote",
    "sha256",
    "start",
    "end",
    "event",
    "doc_id",
}


def overview(site: Site, request: Request) -> Made:
    """The report's panels, of the snapshot that counts."""
    words = site.words(request)
    panels = gather(site.home, rows=LISTED)
    last = earlier(site.home, panels.snapshot)
    before, when = (last["figures"], last["made"][:10]) if last else (None, None)
    return site.page(
        "overview.html",
        request,
        panels=panels,
        headline=headline(panels, words, before=before, when=when),
        svg=drawings(charts(panels, words, link=site.paths.event)),
    )


def event(site: Site, request: Request) -> Made:
    """One event: the sentence, its values, all sources, conflicts, history, its document."""
    try:
        found = look.evidence(site.home, request.path_params["event_id"])
    except QueryError as error:
        raise NotFound(str(error)) from error
    row = found.row
    place = questions.place_of(site.home, row["event_id"])
    sources: list[dict[str, Any]] = []
    conflicts = list(found.conflicts.records())
    if place:
        life = look.contract(site.home, place[0])
        sources = [s for s in life.sources.records() if s["n"] == place[1]]
        conflicts = list(life.conflicts.records())
    part = questions.passage(site.home, row["doc_id"], sha256=row["sha256"], at=row["start"], end=row["end"])
    return site.page(
        "event.html",
        request,
        found=found,
        values={k: v for k, v in filled(row).items() if k not in _UNSEEN},
        place=place,
        project=questions.project_of(site.home, row["event_id"]),
        sources=sources,
        conflicts=conflicts,
        versions=list(part.versions.records()),
        reviews=list(questions.reviews(site.home, row["event_id"]).records()),
        part=part,
    )


def document(site: Site, request: Request) -> Made:
    """A document around one of its places."""
    name = request.query_params.get("id", "")
    if not name:
        raise QueryError(f"say which document: {site.prefix}/document?id=…; {_DOCUMENTS.format(site.prefix)}")
    try:
        part = questions.passage(site.home, name, at=whole(request.query_params, "at", 0, most=10**9))
    except KeyError:
        raise NotFound(f"{name}: no document has this id; {_DOCUMENTS.format(site.prefix)}") from None
    return site.page("document.html", request, part=part)


def contract(site: Site, request: Request) -> Made:
    """A contract's life as a timeline."""
    number = request.path_params["number"]
    try:
        life = look.contract(site.home, number)
    except QueryError as error:
        raise NotFound(str(error)) from error
    return site.page(
        "contract.html",
        request,
        number_=number,
        contract={k: v for k, v in filled(life.contract).items() if not k.endswith(("_from", "_to", "_id"))},
        events=list(life.events.records()),
        values=list(life.values.records()),
        conflicts=list(life.conflicts.records()),
        sources=list(life.sources.records()),
    )


def project(site: Site, request: Request) -> Made:
    """A project: its measures, who tells of it, who disagrees."""
    number = request.path_params["number"]
    try:
        story = look.project(site.home, number)
    except QueryError as error:
        raise NotFound(str(error)) from error
    return site.page(
        "project.html",
        request,
        number_=number,
        project={k: v for k, v in filled(story.project).items() if not k.endswith("_id")},
        measures=list(story.measures.records()),
        conflicts=list(story.conflicts.records()),
        sources=list(story.sources.records()),
    )


def company(site: Site, request: Request) -> Made:
    """A company: what it signed, what was cancelled, what it builds."""
    who = request.path_params["who"]
    try:
        found = {name: list(answer.records()) for name, answer in questions.company(site.home, who).items()}
    except KeyError:
        raise NotFound(
            f"{who}: no company of this code or name; {site.prefix}/view/company_exposure lists them"
        ) from None
    name = found["exposure"][0]["company"] if found["exposure"] else who
    return site.page("company.html", request, who=who, name=name, found=found, most=questions.OF_A_COMPANY)


def search(site: Site, request: Request) -> Made:
    """Documents that hold a text."""
    wanted = request.query_params.get("q", "").strip()[:200]
    rows = list(look.search(site.home, wanted, limit=FOUND + 1).records()) if wanted else []
    return site.page("search.html", request, wanted=wanted, rows=rows[:FOUND], more=len(rows) > FOUND)


def sql(site: Site, request: Request) -> Made:
    """The SQL box with the data dictionary beside it."""
    query = request.query_params.get("q", "")
    bounded, error = None, ""
    if query.strip():
        try:
            bounded = questions.users(site.home, query, limit=ROWS, seconds=site.seconds)
        except QueryError as wrong:
            error = site.advice(str(wrong))
    return site.page(
        "sql.html",
        request,
        status=400 if error else 200,
        query=query,
        bounded=bounded,
        rows=list(bounded.answer.records()) if bounded else [],
        error=error,
        examples=EXAMPLES,
        dictionary=questions.dictionary(site.home),
    )


def view(site: Site, request: Request) -> Made:
    """A page of any view, filtered and sorted as asked."""
    name = request.path_params["view"]
    wanted = sliced(request, PAGE)
    try:
        bounded = questions.view(site.home, name, wanted, count=True)
    except KeyError:
        raise NotFound(f"{name}: no view of this name; {site.prefix}/dictionary lists them") from None
    return site.page(
        "view.html",
        request,
        name=name,
        rows=list(bounded.answer.records()),
        total=bounded.total,
        more=bounded.more,
        wanted_rows=wanted,
        address=partial(_address, f"{site.prefix}/view/{quote(name)}", wanted),
        rest=_query(wanted, {}),
        sorting=_sorting(wanted.sort),
    )


def _address(path: str, wanted: Slice, **changed: Any) -> str:
    """The same rows of a view but for what changed."""
    return f"{path}?{_query(wanted, changed)}"


def _query(wanted: Slice, changed: Mapping[str, Any]) -> str:
    own = {"find": wanted.find, "sort": wanted.sort, **changed}
    return urlencode({**wanted.where, **{name: value for name, value in own.items() if value}})


def _sorting(sort: str) -> tuple[str, str]:
    """The column a page is sorted by and its `aria-sort`."""
    return sort.removeprefix("-"), "descending" if sort.startswith("-") else "ascending"


def dictionary(site: Site, request: Request) -> Made:
    """Every table, view and column."""
    return site.page("dictionary.html", request, dictionary=questions.dictionary(site.home))


def feeds(site: Site, request: Request) -> Made:
    """All feeds."""
    items = questions.users(site.home, "SELECT DISTINCT item FROM price_quotes ORDER BY 1", limit=ROWS)
    companies = questions.users(
        site.home, "SELECT coalesce(company_code, company), company FROM company_exposure", limit=ROWS
    )
    return site.page(
        "feeds.html",
        request,
        items=[i for (i,) in items.answer.rows],
        companies=companies.answer.rows,
        more=items.more or companies.more,
        limit=ROWS,
    )


def api(site: Site, request: Request) -> Made:
    """What the API offers."""
    return site.page("api.html", request, routes=PATHS)
