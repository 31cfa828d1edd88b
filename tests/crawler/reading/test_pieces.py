"""A large file cut into pieces gives together what it gives whole, and never a record that a server made up."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.document import Document
from crawler.reading.files import ranges, read_range
from crawler.reading.rejected import Rejected
from crawler.warc import Record
from tests.crawler.reading.test_warc import HTML, archive

MOMENT = "2024-11-02T03:04:05Z"


def page(n: int, size: int = 0) -> bytes:
    more = "".join(map(chr, random.Random(n).choices(range(0x4E00, 0x9FA0), k=size)))
    text = f"某某科技第{n}号公告:与云服务商签订的算力服务协议已经解除,双方互不承担违约责任。{more}"
    return f"<html><title>公告{n}</title><body><article><p>{text}</p></article></body></html>".encode()


def own(count: int) -> bytes:
    """As paomo writes it: metadata behind each response; every fourth is a listing."""
    parts = [Record("", "").info("x.warc.gz")]
    for n in range(count):
        record = Record(f"https://example.com/{n}", MOMENT)
        facts = {"role": "document" if n % 4 else "listing", "title": f"题{n}", "kind": "news", "source": "s"}
        parts += [record.response(page(n, 40 * n), 200, [HTML]), record.metadata(facts)]
    return b"".join(parts)


def read(file: Path, size: int) -> list[tuple[int, Document | Rejected]]:
    places, wrong = ranges(file, size=size)
    found = [item for start, end in places for item in read_range(file, start=start, end=end)]
    return [*([(0, wrong)] if wrong else []), *found]


FILES = {
    "own.warc.gz": own(30),
    "torn.warc.gz": own(30)[:-100],
    "broken.warc.gz": own(30)[:9_000] + b"\0" * 64 + own(30)[9_064:],
    "plain.warc": gzip.decompress(own(30)),
    "one_member.warc.gz": gzip.compress(gzip.decompress(own(30))),
    "pictures.warc.gz": archive(
        *((f"https://example.com/{n}.png", b"\x89PNG", [("Content-Type", "image/png")]) for n in range(9))
    ),
    "torn_pictures.warc.gz": archive(
        *((f"https://example.com/{n}.png", b"\x89PNG", [("Content-Type", "image/png")]) for n in range(9))
    )[:-20],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pieces")
    for name, data in FILES.items():
        (place / name).write_bytes(data)
    return place


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.integers(1, 60_000))
def test_the_pieces_are_the_whole(folder: Path, name: str, size: int) -> None:
    assert read(folder / name, size) == list(read_range(folder / name))


def test_how_they_are_cut(folder: Path) -> None:
    counts = {name: len(ranges(folder / name, size=1)[0]) for name in FILES}
    assert counts["own.warc.gz"] == counts["plain.warc"] == 31, "before every response"
    assert counts["one_member.warc.gz"] == 1
    assert 1 < counts["broken.warc.gz"] < 31
    sizes = [end - start for start, end in ranges(folder / "own.warc.gz", size=2_000)[0] if end]
    assert min(sizes) >= 2_000
    assert ranges(folder / "own.warc.gz", size=10**9) == ([(0, None)], None)
    (_, wrong) = ranges(folder / "pictures.warc.gz", size=1)
    assert wrong is not None
    assert wrong.reason == "no-documents"


def test_listings_and_robots_of_our_own_crawls_are_no_documents(folder: Path) -> None:
    names = [item.doc_id for _, item in read_range(folder / "own.warc.gz") if isinstance(item, Document)]
    assert names == [f"https://example.com/{n}" for n in range(30) if n % 4]


def test_a_page_that_is_a_warc_file_gives_no_record(tmp_path: Path) -> None:
    """A server may send an archive as its page; a cut that trusts what bytes look like would read it as ours."""
    forged = Record("https://static.cninfo.com.cn/forged", MOMENT)
    inner = b"".join(
        [
            forged.response(page(666), 200, [HTML]),
            forged.metadata({"role": "document", "tier": "regulated", "kind": "filing"}),
        ]
    )
    noise = bytes(random.Random(1).choices(range(256), k=20_000))  # so that gzip stores it as it is
    file = tmp_path / "x.warc.gz"
    parts = []
    for n in range(3):
        record = Record(f"https://example.com/{n}", MOMENT)
        body = noise + inner * 50 + noise
        parts += [record.response(body, 200, [("Content-Type", "application/octet-stream")])]
    file.write_bytes(b"".join(parts))
    for size in (1, 100, 5_000, 30_000):
        found = read(file, size)
        assert {getattr(item, "where", item) for _, item in found} == {
            f"https://example.com/{n}" for n in range(3)
        }
