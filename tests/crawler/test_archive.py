"""The archive: read by others' tools, cut where it is torn, verified by length and digest."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastwarc import ArchiveIterator, WarcRecordType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive, documents, verify
from crawler.errors import ArchiveError
from crawler.ledger import Ledger
from crawler.warc import Record, captures_in, members, own_capture

MOMENT = datetime(2024, 11, 12, 1, 2, 3, 456789, tzinfo=UTC)


def facts(url: str, **more: Any) -> dict[str, Any]:
    return {
        "url": url, "role": "document", "status": 200, "verdict": None, "fetched": MOMENT.isoformat(), "crawl": 1,
        "etag": '"x"', "modified": None, "row_digest": "d", "source": "feed", "kind": "news", "tier": "media",
        "title": "智算中心动工", "published": "2024-11-12", "row": {"题": "智算"}, **more,
    }  # fmt: skip


def keep(archive: Archive, ledger: Ledger, url: str, body: bytes, **more: Any) -> None:
    placed = archive.keep(
        url,
        body=body,
        metadata=facts(url),
        headers=[("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("X-Odd", "a\r\nb")],
        fetched_at=MOMENT,
        **more,
    )
    ledger.capture("feed", url, "document", 200, placed, None, MOMENT.isoformat(), 1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Five captures in rotated files."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    archive = Archive(tmp_path, ledger, "feed", rotate=5000)
    for n in range(5):
        keep(archive, ledger, f"http://example.com/{n}", f"<p>第{n}篇</p>".encode() + os.urandom(2000))
    archive.close()
    ledger.close()
    return tmp_path


def test_files_are_rotated_and_read_by_warcio_and_fastwarc(home: Path) -> None:
    files = sorted((home / "archive").iterdir())
    assert len(files) > 1
    program = Path(sys.executable).with_name("warcio")
    done = subprocess.run([program, "check", *files], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    kinds = []
    for file in files:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                assert record.verify_block_digest()
                kinds.append(record.record_type)
                assert record.headers["WARC-Type"] == "warcinfo" or record.headers["WARC-Date"].startswith(
                    "2024-11-12"
                )
        assert gzip.decompress(file.read_bytes()).startswith(b"WARC/1.1\r\n")
    pairs = [kind for kind in kinds if kind != WarcRecordType.warcinfo]
    assert pairs == [WarcRecordType.response, WarcRecordType.metadata] * 5


def test_a_record_is_a_gzip_member_with_its_metadata_beside_it(home: Path) -> None:
    file = sorted((home / "archive").iterdir())[0]
    data = [one.data for one in members(file)]
    kinds = (b"warcinfo", b"response", b"metadata")
    assert all(b"WARC-Type: " + kind in one for kind, one in zip(kinds, data[:3], strict=True))
    told = json.loads(data[2].partition(b"\r\n\r\n")[2])
    assert told["title"] == "智算中心动工"
    assert b"Content-Encoding" not in data[1], "the body is kept decoded"
    assert b"X-Odd: a  b\r\n" in data[1], "a header can't break the record"


def test_a_capture_comes_back_as_it_was(home: Path) -> None:
    first, *_ = documents(home)
    assert first.body.startswith("<p>第0篇</p>".encode())
    assert (first.url, first.status, first.content_type) == ("http://example.com/0", 200, "text/html")
    assert (first.fetched_at, first.title, dict(first.listing)) == (MOMENT, "智算中心动工", {"题": "智算"})
    files = sorted((home / "archive").iterdir())
    assert [one.body for file in files for one in captures_in(file)] == [one.body for one in documents(home)]


AWKWARD = [
    ("Server", "nginx"),
    ("X-Bytes", "泡沫".encode().decode("latin-1")),
    ("X-Text", "泡沫"),
    ("X-Empty", ""),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
    ("X-Flood", "a" * 200_000),
]


def test_awkward_headers_and_bodies_come_back() -> None:
    record = Record("http://例.example/" + "長" * 30_000, "2024-11-12T01:02:03.000000Z")
    body = b"\r\n\r\nWARC/1.1\r\n\r\n" + bytes(range(256))
    main, meta = record.response(body, 299, AWKWARD), record.metadata({"role": "document"})
    found = own_capture(main + meta, len(main), "a:0")
    assert (found.status, found.body, found.url) == (299, body, "http://例.example/" + "長" * 30_000)
    assert found.headers[:-1] == (AWKWARD[0], ("X-Bytes", "泡沫"), *AWKWARD[2:])
    assert found.headers[-1] == ("Content-Length", str(len(body)))


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # warcio's own, of its spool
def test_records_that_warcio_wrote_are_read_too() -> None:
    """As paomo's own archives have them up to October 2026."""
    packed = []
    http = StatusAndHeaders("404 Not Found", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    for kind, block, head in (("response", b"<p>x", http), ("metadata", b'{"title":"\xe6\xb3\xa1"}', None)):
        writer = WARCWriter(stream := BytesIO(), gzip=True, warc_version="1.1")
        record = writer.create_warc_record(
            "http://a.example/", kind, payload=BytesIO(block), http_headers=head
        )
        writer.write_record(record)
        packed.append(stream.getvalue())
    found = own_capture(b"".join(packed), len(packed[0]), "a:0")
    assert (found.url, found.status, found.body, found.title) == ("http://a.example/", 404, b"<p>x", "泡")
    assert found.content_type == "text/html"


@pytest.mark.parametrize("damage", [lambda d: d[:-3], lambda d: d[3:], lambda d: d[:20] + b"!" + d[21:]])
def test_a_damaged_capture_is_no_capture(damage: Callable[[bytes], bytes]) -> None:
    record = Record("http://a.example/", "2024-11-12T01:02:03.000000Z")
    main, meta = record.response(b"x", 200, []), record.metadata({})
    for packed, length in (((m := damage(main)) + meta, len(m)), (main + damage(meta), len(main))):
        with pytest.raises(ValueError, match="Error -"):
            own_capture(packed, length, "a:0")


def test_verify_finds_a_flipped_bit(home: Path) -> None:
    assert not verify(home).faults
    ledger = Ledger(home / "ledger.sqlite", readonly=True)
    ((name, offset),) = ledger.rows(
        "select file, \"offset\" from captures where role = 'document' order by id limit 1"
    )
    ledger.close()
    file = home / "archive" / name
    data = bytearray(file.read_bytes())
    data[offset + 40] ^= 1  # beyond the ten bytes of a gzip header, where a wrong time changes nothing
    file.write_bytes(data)
    faults = verify(home).faults
    assert {position.split(":")[0] for position, _ in faults} == {file.name}
    with pytest.raises(ArchiveError, match=file.name):
        list(documents(home))
    told: list[str] = []
    rest = list(documents(home, rejected=lambda position, why: told.append(position)))
    assert len(rest) + len(told) == 5
    assert told


def test_verify_finds_a_missing_file(home: Path) -> None:
    file = sorted((home / "archive").iterdir())[0]
    file.unlink()
    assert any(position == file.name for position, _ in verify(home).faults)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 9000), junk=st.binary(max_size=40))
def test_whatever_is_torn_off_or_glued_on_what_is_left_is_whole(
    cut: int, junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("torn")
    ledger = Ledger(home / "ledger.sqlite")
    archive = Archive(home, ledger, "feed")
    for n in range(4):
        keep(archive, ledger, f"http://example.com/{n}", bytes([n]) * 10 + os.urandom(1500))
    archive.close()
    whole = [one.body for one in documents(home)]
    (file,) = (home / "archive").iterdir()
    size = file.stat().st_size
    os.truncate(file, max(0, size - cut))
    with file.open("ab") as end:
        end.write(junk)
    again = Archive(home, ledger, "feed")
    left = [one.body for one in documents(home)]
    assert left == whole[: len(left)]
    assert len(left) == 4 or cut
    assert bool(again.recovered) == bool(cut or junk)
    assert not verify(home).faults
    assert verify(home).loose == 0
    keep(again, ledger, "http://example.com/new", b"new")
    again.close()
    assert [one.body for one in documents(home)] == [*left, b"new"]
    ledger.close()


def test_a_torn_warc_of_somebody_is_an_error_not_a_shorter_archive(home: Path, tmp_path: Path) -> None:
    file = sorted((home / "archive").iterdir())[0]
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ArchiveError, match="is torn"):
        list(captures_in(torn))


def test_a_file_that_is_no_warc(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"hello, this is not gzip")
    with pytest.raises(ArchiveError, match="no WARC record at offset 0"):
        list(captures_in(tmp_path / "a.warc.gz"))


def test_a_position_nobody_knows(home: Path) -> None:
    with pytest.raises(ArchiveError, match="no such capture"):
        list(documents(home, since_position="feed-1.warc.gz:77"))


def test_no_archive_has_no_documents(tmp_path: Path) -> None:
    assert list(documents(tmp_path)) == []
