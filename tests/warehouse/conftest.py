"""A data folder of its own for every test, and a way to fill it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crawler.document import Document
from crawler.reading import Rejected
from nlp.event import Event
from tests.warehouse.told import Told
from warehouse import publish
from warehouse.home import Home
from warehouse.load import Loaded, load
from warehouse.resolve import resolve
from warehouse.server.app import application
from warehouse.store import locked, writing

Fill = Callable[..., Loaded]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data").make()


@pytest.fixture
def fill(home: Home) -> Fill:
    """Load documents whose events are told, resolve and publish."""

    def run(
        items: Iterable[Document | Rejected],
        events: Iterable[Event] = (),
        *,
        version: str = "t1",
        **options: object,
    ) -> Loaded:
        with locked(home):
            with writing(home) as connection:
                done = load(
                    connection,
                    items,
                    source="test",
                    version=version,
                    extract=Told(events),
                    **options,  # type: ignore[arg-type]
                )
                resolve(connection)
            publish.publish(home)
        return done

    return run


@pytest.fixture
def listener() -> Iterator[tuple[str, list[Any]]]:
    """A web hook on loopback."""
    got: list[Any] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *parts: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: Any) -> Home:
    """One cancellation, published; for the tests that only read."""
    from tests.warehouse.test_report import one_cancellation  # which needs Fill

    home = Home(tmp_path_factory.mktemp("standing")).make()

    def fill(documents: list[Any], events: list[Any]) -> None:
        with locked(home):
            with writing(home) as connection:
                load(connection, documents, source="test", version="t1", extract=Told(events))
                resolve(connection)
            publish.publish(home)

    one_cancellation(fill)  # type: ignore[arg-type]
    return home


@pytest.fixture(scope="module")
def site(standing: Home) -> Any:
    return application(standing)


@pytest.fixture
def client(site: Any) -> TestClient:
    """A browser without cookies."""
    return TestClient(site)
