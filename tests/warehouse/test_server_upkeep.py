"""The server as time goes on: newer snapshots, many readers at once, what is kept, proxies and hostile text."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from crawler.errors import QueryError
from tests.warehouse.conftest import Fill
from tests.warehouse.hostile import told as hostile
from tests.warehouse.large import grow
from tests.warehouse.test_report import Page, one_cancellation
from tests.warehouse.told import document
from warehouse import ask, sandbox
from warehouse.home import Home
from warehouse.publish import readable
from warehouse.server.app import application
from warehouse.server.questions import pieces
from warehouse.server.site import Made, Site
from warehouse.store import locked, writing


def test_a_newer_snapshot_is_seen_without_a_restart(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    client = TestClient(application(home))
    before = client.get("/api/status")
    assert client.get("/api/status", headers={"if-none-match": before.headers["etag"]}).status_code == 304
    fill([document("n2", "又一份文件。", published="2025-06-01")])
    after = client.get("/api/status", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert int(after.json()["documents"]) == int(before.json()["documents"]) + 1


def test_the_snapshot_stays_open_until_a_newer_counts(fill: Fill, home: Home) -> None:
    def held() -> list[str]:
        return [name for name in sandbox._HELD if name.startswith(str(home.root))]

    one_cancellation(fill)
    client = TestClient(application(home))
    client.get("/api/status")
    assert held() == [str(readable(home))]
    fill([document("n2", "又一份文件。", published="2025-06-01")])
    client.get("/api/status")
    assert held() == [str(readable(home))]
    del client
    for _ in range(100):  # a thread that worked for the client may end a moment later and let go then
        gc.collect()
        if not held():
            break
        time.sleep(0.1)
    assert held() == []


def test_the_warehouse_itself_is_left_to_its_writer(home: Home) -> None:
    grow(home, contracts=1, quotes=1)
    client = TestClient(application(home))
    assert client.get("/api/contracts/1").status_code == 200
    with locked(home), writing(home) as connection:
        assert connection.execute("SELECT count(*) FROM contracts").fetchall() == [(1,)]


def test_a_browser_that_can_unpack_gets_it_packed(client: TestClient) -> None:
    packed = client.get("/", headers={"accept-encoding": "gzip"})
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert "Accept-Encoding" in packed.headers["vary"]
    for got, encoding in ((packed, "gzip"), (plain, "identity")):
        again = client.get("/", headers={"accept-encoding": encoding, "if-none-match": got.headers["etag"]})
        assert again.status_code == 304
    parquet = client.get("/api/views/cancellations?format=parquet", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in parquet.headers


def test_an_answer_many_wait_for_is_made_once(standing: Home) -> None:
    site, made = Site(standing), []

    def make(_: Site, request: Request) -> Made:
        made.append(request.url.path)
        time.sleep(0.05)
        if request.url.path == "/wrong":
            raise QueryError("no such thing")
        return Made("answer")

    async def ask_at_once(path: str) -> list[int]:
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [],
            "server": ("localhost", 80),
            "scheme": "http",
        }
        answers = await asyncio.gather(*(site.answer(make, Request(scope)) for _ in range(20)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask_at_once("/right")) == [200] * 20
    assert made == ["/right"]
    assert asyncio.run(ask_at_once("/wrong")) == [400] * 20
    assert site.making == {}


def test_no_warehouse_yet(tmp_path: Path) -> None:
    client = TestClient(application(Home(tmp_path / "none")))
    assert client.get("/healthz").status_code == 503
    assert client.get("/").status_code == 503
    assert "paomo load" in client.get("/api/status").json()["error"]


@pytest.mark.parametrize("asked", ["/paomo/", "/"])
def test_behind_a_prefix_every_link_has_it(client: TestClient, standing: Home, asked: str) -> None:
    behind = TestClient(application(standing, prefix="/paomo"))
    page = Page(behind.get(asked).text)
    own = [link for link in [*page.links, *page.loaded] if link.startswith("/")]
    assert own
    assert all(link.startswith("/paomo/") for link in own)
    assert behind.get("/paomo/healthz").status_code == 200


def test_strange_hosts_are_refused(client: TestClient, standing: Home) -> None:
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400
    assert (
        TestClient(application(standing, hosts=["ledger.example"]))
        .get("/healthz", headers={"host": "ledger.example"})
        .status_code
        == 200
    )


def test_many_readers_at_once(standing: Home, client: TestClient) -> None:
    wrong: list[Any] = []

    def ask_often() -> None:
        for n in range(10):
            try:
                ask.sql(standing, f"SELECT {n} FROM cancellations")
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_harmful_text_through_every_page(fill: Fill, home: Home) -> None:
    fill(*hostile())
    client = TestClient(application(home))
    ids = [
        row[0]
        for row in ask.sql(
            home,
            "SELECT event_id FROM contract_mentions UNION SELECT event_id FROM price_mentions UNION SELECT event_id FROM utilisation_mentions",
        ).rows
    ]
    (company,) = ask.sql(home, "SELECT company FROM contracts").rows[0]
    addresses = [
        "/",
        "/contract/1",
        "/search?q=script",
        "/view/documents",
        "/view/documents?find=script&sort=-title",
        "/view/cancellations",
        "/feeds",
        "/document?id=h1",
    ]
    addresses += [
        '/sql?q=SELECT doc_id, left(text, 5000) AS t, title AS "<script>window.harmed=1</script>" FROM documents'
    ]
    for address in [*addresses, *(f"/event/{i}" for i in ids), "/document?id=h2&at=3000000"]:
        got = client.get(address)
        assert got.status_code == 200, address
        page = Page(got.text)
        assert "<script>window" not in got.text, address
        assert page.handlers == [], address
        assert not [link for link in page.links if link.lower().startswith("javascript")], address
        assert "\u202e" not in got.text, address
        assert len(got.content) < 2_000_000, address
    feed = client.get("/feeds/cancellations.atom")
    ET.fromstring(feed.content)
    assert (
        "window.harmed"
        in client.get("/api/sql", params={"q": "SELECT company FROM contracts"}).json()["rows"][0]["company"]
    )
    for address in (f"/company/{quote(company)}", f"/feeds/company/{quote(company)}.atom"):
        assert client.get(address).status_code == 200, address


def test_pieces_are_the_text() -> None:
    text = "一二三四五六"
    found = list(pieces(text, [(1, 3, "a"), (2, 4, "b"), (4, 5, "c"), (5, 9, "d")]))
    assert found == [("一", None), ("二三", "a"), ("四", None), ("五", "c"), ("六", None)]
