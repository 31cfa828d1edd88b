"""One site: its folder, its prefix, what it keeps, and how an answer becomes a response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
from anyio import CapacityLimiter, Lock, to_thread
from starlette.requests import Request
from starlette.responses import Response

from crawler.errors import PaomoError, QueryError
from warehouse.hints import on_the_web
from warehouse.home import Home
from warehouse.report.pages import Paths, page
from warehouse.report.words import LANGUAGES, Language, Words
from warehouse.server.cache import Cache, Kept, keep, pack, stamp
from warehouse.server.formats import to_json
from warehouse.server.hold import Hold

HTML = "text/html; charset=utf-8"
WAIT = 20.0
"""Seconds a request waits for its turn before it is told to come again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A response in the making."""

    body: bytes | str
    media_type: str = HTML
    status: int = 200


Make = Callable[["Site", Request], Made]


class NotFound(Exception):
    """What was asked for is not in the snapshot; the message says what."""


@dataclass(slots=True)
class Site:
    """`prefix` stands before every address of the site: /paomo behind a proxy, else empty."""

    home: Home
    prefix: str = ""
    language: Language | None = None
    seconds: float = 10.0
    cache: Cache = field(default_factory=Cache)
    hold: Hold = field(init=False)
    turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))
    making: dict[tuple[str, ...], Lock] = field(default_factory=dict)
    """Addresses whose answer is being made: whoever else asks waits for it instead of making it, too."""

    def __post_init__(self) -> None:
        self.hold = Hold(self.home)

    @property
    def paths(self) -> Paths:
        """Where the links of this site lead."""
        return Paths(*(f"{self.prefix}/{kind}/" for kind in ("event", "contract", "company", "project")))

    def words(self, request: Request) -> Words:
        """The language of ?lang=, the cookie, the site, or the browser, in this order."""
        accepted = request.headers.get("accept-language", "")[:2].lower()
        for wanted in (
            request.query_params.get("lang"),
            request.cookies.get("lang"),
            self.language,
            accepted,
        ):
            if wanted in LANGUAGES:
                return Words(wanted)
        return Words("en")

    def page(self, template: str, request: Request, *, status: int = 200, **parts: Any) -> Made:
        """A page in the reader's language."""
        html = page(template, self.words(request), base=self.prefix, paths=self.paths, **parts)
        return Made(html, status=status)

    async def answer(self, make: Make, request: Request) -> Response:
        """What is kept of this address, else what `make` makes of it, in a thread and in its turn."""
        try:
            now = stamp(self.home)
            key = (request.url.path, request.url.query, self.words(request).language)
            kept = self.cache.get(now, key)
            if kept is None:
                with anyio.fail_after(WAIT):
                    kept = await self._made(make, request, now, key)
            if kept.packable and _unpacks(request):
                kept = await to_thread.run_sync(pack, kept)
                self.cache.put(now, key, kept)
            return self._response(kept, request)
        except NotFound as error:
            return self.failure(request, 404, str(error))
        except QueryError as error:
            return self.failure(request, 400, str(error))
        except TimeoutError:
            return self.failure(request, 503, "busy; try again in a moment")
        except PaomoError as error:
            return self.failure(request, 503, str(error))

    async def _made(self, make: Make, request: Request, now: str, key: tuple[str, ...]) -> Kept:
        """The answer, made once however many ask for it at the same time."""
        turn = self.making.setdefault(key, Lock())
        try:
            async with turn:
                kept = self.cache.get(now, key)
                if kept is None:
                    work = partial(_kept, make, self, request)
                    kept = await to_thread.run_sync(work, limiter=self.turns)
                    self.cache.put(now, key, kept)
                return kept
        finally:
            if not turn.statistics().tasks_waiting:
                self.making.pop(key, None)

    def _response(self, kept: Kept, request: Request) -> Response:
        packed = bool(kept.packed) and _unpacks(request)
        headers = {
            "ETag": f'"{kept.tag}{"-gz" if packed else ""}"',
            "Cache-Control": "no-cache",
            "Vary": "Accept-Language, Accept-Encoding, Cookie",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        body = kept.packed if packed else kept.body
        response = Response(body, kept.status, headers, media_type=kept.media_type)
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie("lang", request.query_params["lang"], path=self.prefix or "/", samesite="lax")
        return response

    def advice(self, message: str) -> str:
        """A message whose advice is for the shell, for who reads it in a browser or a program."""
        return on_the_web(message, self.prefix)

    def failure(self, request: Request, status: int, message: str) -> Response:
        """What went wrong, as a page, or as JSON where the API was asked."""
        if status != 503:  # that one is for who runs the server, at a shell
            message = self.advice(message)
        if request.url.path.startswith("/api/"):
            return Response(to_json({"error": message}), status, media_type="application/json")
        made = self.page("message.html", request, status=status, code=status, message=message)
        return Response(_encoded(made.body), status, media_type=HTML)


def _kept(make: Make, site: Site, request: Request) -> Kept:
    site.hold.renew()
    made = make(site, request)
    return keep(_encoded(made.body), made.media_type, made.status, packed=_unpacks(request))


def _unpacks(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _encoded(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode("utf-8", "replace")


def whole(parameters: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    """A whole number of the query string, from 0 to `most`; QueryError where it is none."""
    text = parameters.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise QueryError(f"{name}={text[:40]}: not a whole number")
    return min(int(text), most)
