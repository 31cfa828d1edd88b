"""A small HTTP server on loopback that publishes what it is given, endpoint by endpoint."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    """Fields of a form-urlencoded body; empty for another."""
    body: bytes
    headers: Mapping[str, str]
    number: int
    """How many requests the server had before, this one not counted."""


@dataclass(frozen=True)
class Answer:
    """One response."""

    body: bytes = b""
    content_type: str = "application/octet-stream"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    modified: float | None = None
    """Epoch seconds of the last change, for If-Modified-Since. None: no such header."""


Speaker = Callable[[Asked], Answer | None]
"""Speaks an endpoint: an answer, or None for a path that is not its own."""
Fault = Callable[[BaseHTTPRequestHandler, Asked, Answer], bool]
"""Spoils an answer: True where it wrote to the connection itself and nothing else is to be sent."""


@dataclass
class Publisher:
    """What a server publishes, and what it was asked."""

    speakers: list[Speaker]
    fault: Fault | None = None
    asked: list[Asked] = field(default_factory=list)
    remember: bool = True
    """Whether `asked` grows; off for benchmarks."""
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Answer:
        """The first speaker's answer, 404 if none knows the path."""
        for speaker in self.speakers:
            answer = speaker(asked)
            if answer is not None:
                return _conditional(asked, answer)
        return Answer(b"not found", "text/plain", 404)


def _conditional(asked: Asked, answer: Answer) -> Answer:
    """A 304 where the asker holds this very version."""
    if answer.status != 200 or asked.method != "GET":
        return answer
    etag = f'"{hashlib.md5(answer.body, usedforsecurity=False).hexdigest()}"'
    headers = {**answer.headers, "ETag": etag}
    if answer.modified is not None:
        headers["Last-Modified"] = formatdate(answer.modified, usegmt=True)
    if asked.headers.get("if-none-match") == etag:
        return Answer(b"", answer.content_type, 304, headers)
    return Answer(answer.body, answer.content_type, 200, headers)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed in mid-answer is what the tests are about."""


def _handler(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 64 * 1024

        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def _respond(self) -> None:
            asked = self._asked()
            answer = publisher.answer(asked)
            if publisher.fault is not None and publisher.fault(self, asked, answer):
                return
            send(self, answer)

        def _asked(self) -> Asked:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            form = {}
            if "form-urlencoded" in (self.headers.get("Content-Type") or ""):
                form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            with publisher.lock:
                number, publisher.count = publisher.count, publisher.count + 1
            query = dict(parse_qsl(url.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, url.path, query, form, body, headers, number)
            if publisher.remember:
                publisher.asked.append(asked)
            return asked

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


def send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Write a whole answer."""
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    handler.send_header("Content-Length", str(len(answer.body)))
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(answer.body)
    handler.wfile.flush()


@contextmanager
def listening(publisher: Publisher, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve on loopback until the block ends; gives `http://127.0.0.1:<port>`, a free port where it is 0."""
    server = _Server((host, port), _handler(publisher))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
