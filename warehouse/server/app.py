"""The application: routes, and the few answers that need no snapshot."""

from __future__ import annotations

import errno
import gc
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from crawler.errors import PaomoError
from warehouse.home import Home
from warehouse.report.pages import STATIC
from warehouse.report.words import Language
from warehouse.server import api, feeds, pages
from warehouse.server.cache import stamp
from warehouse.server.guard import Guard
from warehouse.server.site import Make, Site


class ServerError(PaomoError):
    """The server cannot listen where it should."""


LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]", "testserver")
PAGES: dict[str, Make] = {
    "/": pages.overview,
    "/event/{event_id}": pages.event,
    "/contract/{number:int}": pages.contract,
    "/project/{number:int}": pages.project,
    "/company/{who:path}": pages.company,
    "/document": pages.document,
    "/search": pages.search,
    "/sql": pages.sql,
    "/view/{view}": pages.view,
    "/dictionary": pages.dictionary,
    "/feeds": pages.feeds,
    "/api": pages.api,
    "/api/openapi.json": api.description,
    "/api/status": api.status,
    "/api/views": api.views,
    "/api/views/{view}": api.view,
    "/api/events/{event_id}": api.event,
    "/api/contracts/{number:int}": api.contract,
    "/api/projects/{number:int}": api.project,
    "/api/companies/{who:path}": api.company,
    "/api/search": api.search,
    "/api/sql": api.sql,
    "/feeds/cancellations.atom": feeds.cancellations,
    "/feeds/company/{who:path}.atom": feeds.company,
    "/feeds/prices/{item:path}.atom": feeds.prices,
}


def application(
    home: Home,
    *,
    prefix: str = "",
    hosts: Sequence[str] = (),
    language: Language | None = None,
    seconds: float = 10.0,
) -> ASGIApp:
    """The site over this folder. `hosts` may be asked for besides loopback; `*` is any."""
    site = Site(home, prefix.rstrip("/"), language, seconds)
    routes = [Route(path, _endpoint(site, make), methods=["GET"]) for path, make in PAGES.items()]
    app = Starlette(
        routes=[
            Route("/healthz", _healthz(site), methods=["GET"]),
            *routes,
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={404: _no_address(site)},
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *hosts])],
    )
    return Guard(app, site.prefix)


def _endpoint(site: Site, make: Make) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await site.answer(make, request)

    return endpoint


NUMBERED = ("contract", "project", "api/contracts", "api/projects")


def _no_address(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        path = request.url.path
        kind, _, given = path.strip("/").rpartition("/")
        if kind in NUMBERED:
            message = f"{given}: a whole number stands after {site.prefix}/{kind}/"
        elif path.startswith("/api/"):
            message = f"{path}: there is nothing at this address; {site.prefix}/api/openapi.json lists all"
        else:
            message = f"{path}: there is nothing at this address; {site.prefix}/ leads to everything"
        return site.failure(request, 404, message)

    return answer


def _healthz(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def healthz(request: Request) -> Response:
        try:
            return JSONResponse({"status": "ok", "snapshot": stamp(site.home)})
        except PaomoError as error:
            return JSONResponse({"status": "no snapshot", "error": str(error)}, status_code=503)

    return healthz


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; ServerError where another program does, or there is no such address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        place = socket.socket(family, kind, protocol)
        try:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind(address)
            place.listen(2048)
        except BaseException:
            place.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServerError(
                f"port {port} of {host} is taken by another program; try --port {port % 65535 + 1}"
            ) from error
        raise ServerError(
            f"cannot listen on {host}, port {port} ({error.strerror}); choose another --host or --port"
        ) from error
    return place


def serve(app: ASGIApp, place: socket.socket, *, trusted: str) -> None:
    """Answer on `place` until stopped. `trusted`: proxies whose word on the client's address counts."""
    import uvicorn

    threading.Thread(target=_warm, daemon=True).start()
    config = uvicorn.Config(
        app, log_level="warning", server_header=False, proxy_headers=True, forwarded_allow_ips=trusted,
        limit_concurrency=500, timeout_keep_alive=30,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[place])


def _warm() -> None:
    """Load what draws charts while nobody waits for it: one to three seconds of the first page."""
    import altair
    import vl_convert

    chart = altair.Chart({"values": [{"n": 1}]}).mark_bar().encode(x="n:Q")
    vl_convert.vegalite_to_svg(chart.to_dict())
    gc.freeze()  # what was loaded stays: the collector need not walk it while a request waits
