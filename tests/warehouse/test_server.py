"""The server over a real snapshot: every page answers, nothing can be changed, text is never trusted."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from tests.warehouse.conftest import Fill
from tests.warehouse.large import grow
from tests.warehouse.test_report import Page
from tests.warehouse.told import document, event
from warehouse import ask
from warehouse.home import Home
from warehouse.server.app import PAGES, application
from warehouse.server.openapi import PATHS
from warehouse.server.pages import EXAMPLES


def first_event(home: Home) -> str:
    return str(ask.sql(home, "SELECT event_id FROM cancellations").rows[0][0])


ADDRESSES = (
    "/", "/?lang=zh", "/contract/1", "/company/澜石股份", "/search", "/search?q=算力", "/sql", "/dictionary", "/feeds", "/api",
    "/sql?q=FROM cancellations", "/view/cancellations", "/view/documents", "/document?id=n1", "/feeds/cancellations.atom",
    "/feeds/company/澜石股份.atom", "/api/openapi.json", "/api/status", "/api/views",
    "/api/views/cancellations", "/api/contracts/1", "/api/companies/澜石股份", "/api/search?q=算力", "/api/sql?q=SELECT 1", "/healthz",
    "/static/paomo.css", "/static/paomo.js", "/static/htmx.min.js",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_answers_and_trusts_nothing(client: TestClient, address: str) -> None:
    got = client.get(address)
    assert got.status_code == 200, got.text
    policy = got.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert got.headers["x-content-type-options"] == "nosniff"


def test_every_route_is_tried() -> None:
    tried = {a.split("?")[0] for a in ADDRESSES} | {
        "/event/x",
        "/api/events/x",
        "/project/1",
        "/api/projects/1",
        "/feeds/prices/H100.atom",
    }
    for route in PAGES:
        head = route.split("{")[0]
        assert any(a == route or ("{" in route and a.startswith(head)) for a in tried), route


def test_an_event_shows_its_sentence_its_sources_and_its_document(client: TestClient, standing: Home) -> None:
    html = client.get(f"/event/{first_event(standing)}").text
    assert "<mark>与云栈科技的算力服务合同已于2025年3月1日终止</mark>" in html
    assert "first telling" in html
    assert "official" in html
    assert 'href="/contract/1"' in html


def test_a_contract_is_a_timeline(fill: Fill, home: Home) -> None:
    signed = document(
        "t1",
        "澜石股份与云栈科技于2024年2月1日签订算力服务合同，金额1.2亿元。",
        published="2024-02-01",
        tier="official",
    )
    ended = document(
        "t2",
        "澜石股份与云栈科技的算力服务合同已于2025年3月1日终止。",
        published="2025-03-04",
        tier="official",
    )
    same = {
        "category": "compute_rental",
        "company": "澜石股份",
        "counterparty": "云栈科技",
        "status": "effective",
        "currency": "CNY",
    }
    fill(
        [signed, ended],
        [
            event(signed, "contract", action="signed", signed_date="2024-02-01", event_date="2024-02-01", amount=120000000, bound="exact", **same),
            event(ended, "contract", action="terminated", signed_date="2024-02-01", event_date="2025-03-01", reason="demand", **same),
        ],
    )  # fmt: skip
    html = TestClient(application(home)).get("/contract/1").text
    assert html.index("<strong>signed") < html.index("<strong>terminated")
    assert html.count("<blockquote") == 2


def test_languages(client: TestClient) -> None:
    assert '<html lang="zh">' in client.get("/dictionary", headers={"accept-language": "zh-CN,zh"}).text
    assert '<html lang="en">' in client.get("/dictionary?lang=en", headers={"accept-language": "zh"}).text
    assert client.get("/dictionary", headers={"cookie": "lang=zh"}).text.count('lang="zh"') >= 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/event/ffffffffffff", 404), ("/event/x", 404), ("/contract/999", 404), ("/company/无此公司", 404),
        ("/document?id=none", 404), ("/view/none", 404), ("/view/cancellations?offset=-1", 400),
        ("/view/cancellations?nothing=1", 400), ("/view/cancellations?sort=nothing", 400), ("/api/views/cancellations?sort=-x;", 400), ("/api/events/ffffff", 404), ("/api/contracts/99", 404),
        ("/api/companies/none", 404), ("/api/views/none", 404), ("/api/views/cancellations?limit=x", 400),
        ("/api/views/cancellations?format=exe", 400), ("/api/search?q=", 400), ("/api/sql?q=", 400), ("/nothing", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(client: TestClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM documents", "DROP TABLE contracts", "SELECT 1; SELECT 2", "COPY documents TO '/tmp/x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')", "FROM '/etc/passwd'", "ATTACH '/tmp/x.db'", "INSTALL httpfs",
        "SET memory_limit='9GB'", "SELECT * FROM glob('/*')", "SELEC 1", "SELECT getenv('HOME')", "PRAGMA database_list",
        "SELECT 1) UNION SELECT (2", "CALL pragma_version()", "",
    ],
)  # fmt: skip
def test_the_sql_box_only_answers_questions(client: TestClient, query: str) -> None:
    got = client.get("/api/sql", params={"q": query})
    assert got.status_code == 400, got.text
    assert got.json()["error"]
    assert client.get("/sql", params={"q": query}).status_code in (400, 200 if not query else 400)


@pytest.mark.parametrize(
    "query",
    [
        "DESCRIBE cancellations",
        "SHOW TABLES",
        "SUMMARIZE contracts",
        "EXPLAIN SELECT 1",
        "VALUES (1);",
        "SELECT 1 -- so",
        *EXAMPLES,
    ],
)
def test_questions_of_every_kind(client: TestClient, query: str) -> None:
    assert client.get("/sql", params={"q": query}).status_code == 200
    assert client.get("/api/sql", params={"q": query}).json()["columns"]


def test_limits_of_rows_time_and_length(fill: Fill, home: Home) -> None:
    fill([])
    client = TestClient(application(home, seconds=5))
    found = client.get("/api/sql", params={"q": "FROM range(5000)", "limit": 10}).json()
    assert len(found["rows"]) == 10
    assert found["more"] is True
    slow = client.get(
        "/api/sql", params={"q": "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"}
    )
    assert slow.status_code == 400
    assert "stopped after" in slow.json()["error"]
    assert client.get("/api/sql", params={"q": "SELECT " + "1," * 6000 + "1"}).status_code == 400
    heavy = client.get("/api/sql", params={"q": "SELECT repeat('x', 1000000) FROM range(40)"})
    assert heavy.status_code == 400
    assert "fewer rows" in heavy.json()["error"]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/nope", 404, "there is nothing at this address"),
        ("/api/nope", 404, "/api/openapi.json lists all"),
        ("/contract/abc", 404, "a whole number stands after /contract/"),
        ("/api/projects/abc", 404, "a whole number stands after /api/projects/"),
        ("/document", 400, "/view/documents has all ids"),
        ("/document?id=none", 404, "/view/documents has all ids"),
        ("/event/x", 404, "/view/cancellations has them in its column event_id"),
        ("/api/events/ffffff", 404, "/view/cancellations has them"),
        ("/contract/999", 404, "see /view/contract_lifecycle"),
        ("/sql?q=FROM prices", 400, "/dictionary lists the views"),
        ("/api/sql?q=SELEC 1", 400, "/dictionary lists the views"),
        ("/sql?q=DELETE FROM documents", 400, "only questions can be asked"),
        ("/feeds/prices/H1000.atom", 404, "/feeds lists the feeds"),
        ("/feeds/company/nobody.atom", 404, "/feeds lists the feeds"),
    ],
)
def test_what_went_wrong_is_said_for_who_has_no_shell(
    client: TestClient, standing: Home, address: str, status: int, said: str
) -> None:
    got = client.get(address)
    assert (got.status_code, said in got.text) == (status, True), got.text
    assert "paomo show" not in got.text
    assert "docs/dictionary.md" not in got.text
    behind = TestClient(application(standing, prefix="/paomo")).get(f"/paomo{address}")
    if said.startswith(("/view", "/dictionary", "/feeds")):
        assert f"/paomo{said}" in behind.text


def test_counts_are_numbers(client: TestClient) -> None:
    told = client.get("/api/status").json()
    assert isinstance(told["documents"], int)
    assert isinstance(told["newest document"], str)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_reading(client: TestClient, method: str) -> None:
    assert client.request(method, "/sql").status_code == 405


def test_csv_is_no_spreadsheet_program(client: TestClient) -> None:
    got = client.get(
        "/api/sql", params={"q": "SELECT '=1+1' AS \"@x\", -1 AS n, '算力' AS z", "format": "csv"}
    )
    assert got.content.decode("utf-8-sig") == "'@x,n,z\r\n'=1+1,-1,算力\r\n"


def test_parquet_and_json_hold_the_same(client: TestClient) -> None:
    query = "SELECT company, amount, cancelled_from, 1e999 AS big, [1, 2] AS l FROM cancellations"
    table = pq.read_table(
        io.BytesIO(client.get("/api/sql", params={"q": query, "format": "parquet"}).content)
    )
    (row,) = client.get("/api/sql", params={"q": query}).json()["rows"]
    assert row == {
        "company": "澜石股份",
        "amount": 120000000,
        "cancelled_from": "2025-03-01",
        "big": None,
        "l": [1, 2],
    }
    (same,) = table.to_pylist()
    assert same["company"] == row["company"]
    assert int(same["amount"]) == row["amount"]
    assert same["cancelled_from"].isoformat() == row["cancelled_from"]


def test_views_by_column(client: TestClient) -> None:
    assert len(client.get("/api/views/cancellations?company=澜石股份").json()["rows"]) == 1
    assert client.get("/api/views/cancellations?company=' OR 1=1 --").json()["rows"] == []


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("sort=contract_no", [1, 2, 3]), ("sort=-contract_no", [1200, 1199, 1198]), ("find=公司299 MUTUAL&sort=contract_no", [300, 600, 900]),
        ("find=公司299&sort=-contract_no", [1200, 900, 600]), ("find=公司299&reason=demand", []),
        ("find=' OR 1=1", []),
    ],
)  # fmt: skip
def test_views_are_filtered_and_sorted_whole(large: TestClient, asked: str, numbers: list[int]) -> None:
    rows = large.get(f"/api/views/cancellations?{asked}&limit=3").json()["rows"]
    assert [row["contract_no"] for row in rows] == numbers


def test_a_projects_page_says_how_large_it_is_and_who_says_so(fill: Fill, home: Home) -> None:
    texts = {"b1": "榆川智算中心规划算力3000P。", "b2": "榆川智算中心规划算力5000P。"}
    told = [document(n, text, published=f"2025-01-0{i}") for i, (n, text) in enumerate(texts.items(), 1)]
    fill(
        told,
        [
            event(
                d, "project", d.text[:-1], project="榆川智算中心", place="甘肃", stage="announced", measure="compute",
                amount=amount, bound="exact", unit="PFLOPS",
            )
            for d, amount in zip(told, (3000, 5000), strict=True)
        ],
    )  # fmt: skip
    client = TestClient(application(home))
    (row,) = client.get("/api/views/projects").json()["rows"]
    page = client.get(f"/project/{row['project_no']}").text
    assert "榆川智算中心" in page
    found = client.get(f"/api/projects/{row['project_no']}").json()
    assert {source["event_id"] for source in found["sources"]} <= {
        link.split("/")[-1] for link in Page(page).links
    }
    assert len(found["sources"]) == 2
    told_page = client.get(f"/event/{found['sources'][0]['event_id']}").text
    assert f'href="/project/{row["project_no"]}"' in told_page
    assert client.get("/project/99").status_code == 404
    assert client.get("/api/projects/99").status_code == 404


def test_a_project_that_nobody_names_has_a_page(fill: Fill, home: Home) -> None:
    told = document("b3", "全国智算中心算力规模为3000P。", published="2025-01-01")
    fill(
        [told],
        [
            event(
                told, "project", told.text[:-1], place="全国", measure="compute", amount=3000, bound="exact",
                unit="PFLOPS",
            )
        ],
    )  # fmt: skip
    client = TestClient(application(home))
    (row,) = client.get("/api/views/project_entities").json()["rows"]
    assert row["name"] is None
    got = client.get(f"/project/{row['project_no']}")
    assert got.status_code == 200
    assert "<h1>project" in got.text.lower()


def test_pages_of_a_view_are_all_its_rows_once(large: TestClient) -> None:
    """Sorted by what many rows share, no row is on two pages."""
    pages = [
        large.get(f"/api/views/contracts?sort=state&limit=500&offset={n}").json()["rows"]
        for n in (0, 500, 1000)
    ]
    assert sorted(row["contract_no"] for rows in pages for row in rows) == list(range(1, 1201))


def test_data_keeps_its_own_names_where_it_is_asked_for_by_them(large: TestClient) -> None:
    """What a filter, a query or the API must say, the page shows; pages for readers translate it."""
    for address in ("/view/contracts?lang=zh", "/sql?lang=zh&q=FROM contracts"):
        html = large.get(address).text
        assert ">counterparty<" in html
        assert "compute_rental" in html
    html = large.get("/contract/1?lang=zh").text
    assert "算力租赁" in html
    assert "<dt>对方</dt>" in html


def test_lists_and_moments_are_for_reading(large: TestClient) -> None:
    html = large.get("/sql?lang=en&q=SELECT ['a', 'b'] AS l, TIMESTAMP '2025-01-02 03:04:05.678' AS t").text
    assert "<bdi>a, b</bdi>" in html
    assert "<bdi>2025-01-02 03:04:05</bdi>" in html


def test_what_a_page_leaves_out_is_said(large: TestClient) -> None:
    assert "rows 501 to 600 of 1,200" in large.get("/view/contracts?offset=500").text
    assert "The newest 50 documents" in large.get("/search?q=合同").text
    assert "300 of 1,200 rows are shown" in large.get("/").text
    assert "The first 500 rows" in large.get("/sql?q=FROM contracts").text


@pytest.fixture(scope="module")
def large(tmp_path_factory: Any) -> TestClient:
    home = Home(tmp_path_factory.mktemp("large")).make()
    grow(home, contracts=1200, quotes=1200)
    return TestClient(application(home))


def test_every_path_of_the_description_is_a_route(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    routes = {
        route.replace(":int", "").replace(":path", "")
        for route in PAGES
        if route.startswith("/api/") and "openapi" not in route
    }
    assert set(PATHS) == routes


def test_the_page_about_the_server_names_every_address() -> None:
    page = (Path(__file__).parents[2] / "docs" / "looking.md").read_text("utf-8")
    told = set(re.findall(r"`(/[^`?]*)`", page))
    routes = {re.sub(r":\w+", "", route) for route in PAGES if not route.startswith("/api/")}
    assert routes <= told
    assert told - routes == {"/healthz", "/api/openapi.json"}


def test_feeds_are_atom(client: TestClient, standing: Home) -> None:
    name = "{http://www.w3.org/2005/Atom}"
    for address in ("/feeds/cancellations.atom", "/feeds/company/澜石股份.atom"):
        feed = ET.fromstring(client.get(address).content)
        (entry,) = feed.findall(f"{name}entry")
        assert entry.find(f"{name}title").text == "澜石股份 × 云栈科技 120,000,000 CNY 2025-03-01"  # type: ignore[union-attr]
        assert entry.find(f"{name}id").text == f"urn:paomo:event:{first_event(standing)}"  # type: ignore[union-attr]
        assert feed.find(f"{name}updated").text == "2025-03-04T00:00:00Z"  # type: ignore[union-attr]


def test_a_feed_of_prices_says_them_as_they_are_read(large: TestClient) -> None:
    (row, *_) = large.get("/api/views/price_quotes?limit=1").json()["rows"]
    feed = ET.fromstring(large.get(f"/feeds/prices/{row['item']}.atom").content)
    titles = [title.text or "" for title in feed.iter("{http://www.w3.org/2005/Atom}title")][1:]
    assert titles
    assert all(re.fullmatch(rf"{row['item']} \w+ [\d,.]+( CNY)?(/\w+)?", title) for title in titles), titles[
        0
    ]
    assert not [title for title in titles if ".0 " in title]
