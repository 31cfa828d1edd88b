"""Files made to hurt: each ends as a document or as one reject with its reason."""

from __future__ import annotations

import gzip
import json
import random
import resource
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.capture import Capture
from crawler.document import Document
from crawler.reading import Rejected, read_capture_all, read_path
from tests.crawler.reading.printing import filing
from tests.hostile.command import documents, paomo, rows

SAID = "鸿博股份公告,算力租赁合同已经解除。"
MB = 1_000_000


def pdf(content: bytes, *, filters: bytes = b"/FlateDecode") -> bytes:
    """A PDF of one page with this content stream."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
        b"<</Length %d/Filter %s>>\nstream\n%s\nendstream" % (len(content), filters, content),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 3 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def zeros(size: int, *, times: int = 1) -> bytes:
    """`size` blanks packed by Deflate, so many times over."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * MB) for _ in range(size // MB)) + packer.flush()
    return packed if times == 1 else zlib.compress(packed, 9)


SHOWN = b"BT /F1 10 Tf 10 700 Td (contract) Tj ET "
FILES = {
    "one.pdf": (pdf(zeros(300 * MB)), "too-large"),
    "two.pdf": (pdf(zeros(300 * MB, times=2), filters=b"[/FlateDecode/FlateDecode]"), "too-large"),
    "short.pdf": (pdf(zeros(300 * MB, times=2), filters=b"[ /Fl /Fl ]"), "too-large"),
    "honest.pdf": (pdf(zlib.compress(SHOWN + b" " * 30 * MB)), None),
    "lines.pdf": (pdf(zlib.compress(SHOWN + b"".join(b"%d 0 m %d 800 l S " % (i % 600, i % 600) for i in range(9000)))), None),
    "torn.pdf": (pdf(zlib.compress(SHOWN))[:-60], "truncated"),
    "picture.pdf": (b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(500), "binary"),
    "blank.jsonl.gz": (gzip.compress(b" " * 150 * MB), "empty"),
    "line.jsonl.gz": (gzip.compress(b'{"id": "x", "text": "' + b"a" * 150 * MB + b'"}'), "too-large"),
    "deep.jsonl.gz": (gzip.compress(b"[" * 5 * MB), "bad-line"),
    "deep.jsonl": (b'{"a":' * 100_000, "bad-line"),
    "number.jsonl": (b'{"id": ' + b"9" * 5000 + b', "text": "x"}', "bad-line"),
    "folder.html": (b"", "empty"),
    "script.html": (b"<script type='application/ld+json'>" + b"[" * 100_000 + b"</script><p>" + SAID.encode() * 3, None),
    "divs.html": (b"<html><body>" + b"<div>" * 100_000 + SAID.encode() * 3, "no-text"),
    "links.html": (b"<html><body><p>" + SAID.encode() * 3 + b"</p>" + b"<div><a href=x>a</a>" * 20_000, None),
    "tables.html": (b"<html><body><p>" + SAID.encode() * 3 + b"</p>" + b"<table><tr><td>" * 10_000, None),
    "open.html": (b"<meta " * 200_000 + SAID.encode(), "no-text"),
    "noise.html": (b"\x00\x01" * 50_000, "no-text"),
    "line.txt": ("算力租赁合同签订1亿元".encode() * 1_600_000, None),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_hurt_is_a_document_or_one_reject(name: str, tmp_path: Path) -> None:
    body, reason = FILES[name]
    (tmp_path / name).write_bytes(body)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (result,) = read_path(tmp_path / name)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert isinstance(result, Rejected if reason else Document)
    assert getattr(result, "reason", None) == reason
    assert "\n" not in getattr(result, "message", "")
    assert grown < 700_000  # kilobytes


def lzw(count: int) -> bytes:
    """`count` spaces and some more in LZW: a run of codes, each of which is one longer than the one before."""
    packed, held, bits, width, given = bytearray(), 0, 0, 9, 0

    def put(code: int) -> None:
        nonlocal held, bits
        held, bits = (held << width) | code, bits + width
        while bits >= 8:
            bits -= 8
            packed.append(held >> bits)
            held &= (1 << bits) - 1

    while given < count:
        put(256)  # begin a new table
        width = 9
        put(32)
        for length, code in enumerate(range(258, 4094), start=2):
            put(code)
            given += length
            if code + 2 >= 1 << width and width < 12:
                width += 1
    put(257)
    put(0)
    return bytes(packed)


def test_a_bomb_that_kills_its_reader_is_one_reject(tmp_path: Path) -> None:
    """2 MB that PDFium unpacks to 3 GB: it aborts the process it runs in, which is not this one."""
    (tmp_path / "a.pdf").write_bytes(pdf(lzw(3000 * MB), filters=b"/LZWDecode"))
    (tmp_path / "b.pdf").write_bytes(filing(SAID))
    died, read = read_path(tmp_path)
    assert isinstance(died, Rejected)
    assert (died.reason, "died" in died.message) == ("broken", True)
    assert isinstance(read, Document)
    assert read.text == SAID


SEEDS = [
    f"<html><title>公告</title><body><div class=content><p>{SAID * 4}</p></div></body></html>".encode(),
    json.dumps({"data": {"roll_data": [{"id": 1, "content": SAID, "ctime": 1731400000}]}}).encode(),
    json.dumps({"data": {"notice_content": SAID, "notice_date": "2024-11-12"}}).encode(),
    json.dumps({"id": "x", "text": SAID, "published": "2024-11-12"}).encode() + b"\n",
    (b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.cn/\r\nContent-Type: application/http\r\n"
     b"WARC-Date: 2024-11-12T00:00:00Z\r\nContent-Length: 60\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>contract</p>\r\n\r\n"),
    pdf(zlib.compress(SHOWN)),
    SAID.encode("gb18030"),
]  # fmt: skip
SUFFIXES = (".txt", ".html", ".pdf", ".jsonl", ".jsonl.gz", ".warc", ".warc.gz")
STUFF = [b"\x00", b"<", b">", b"&#", b"[", b"{", b'"', b"%PDF-", b"stream\n", b"endstream", b"\r\n\r\n", b"WARC/1.0", b"\xff\xfe",
         b"\x1f\x8b", b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"ctime\": 1e30", b"1" * 400, b"null", b"\xed\xa0\x80"]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file of ours with pieces cut out, doubled and thrown in."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        piece = draw(st.one_of(st.sampled_from(STUFF), st.binary(max_size=8), st.just(data[start:end] * 2)))
        data = data[:start] + piece + data[draw(st.sampled_from([start, end])) :]
    return gzip.compress(data, mtime=0) if draw(st.integers(0, 5)) == 0 else data


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged(), st.sampled_from(SUFFIXES))
def test_no_file_raises(tmp_path: Path, data: bytes, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(data)
    results = list(read_path(file))
    assert results
    for result in results:
        assert isinstance(result, Rejected) or result.text.strip()


@settings(max_examples=300, deadline=None)
@given(
    damaged(),
    st.sampled_from([None, "text/html; charset=gb2312", "application/pdf", "application/json", "x" * 99]),
)
def test_no_reply_raises(data: bytes, content_type: str | None) -> None:
    results = read_capture_all(
        Capture(url="http://[bad/", body=data, content_type=content_type, headers=(), status=200)
    )
    assert all(isinstance(result, Rejected) or result.text.strip() for result in results)


NAMES = [
    "=HYPERLINK(1).txt",
    "'; DROP TABLE documents; --.txt",
    "-rf.txt",
    "a..%2f..%2fpasswd.txt",
    "两\n行.txt",
    "\u202egpj.txt",
    "\x1b[31m.txt",
]


def test_the_command_line_loads_what_is_good_and_names_what_is_not(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    for name in ("two.pdf", "torn.pdf", "line.jsonl.gz", "deep.jsonl", "divs.html", "picture.pdf"):
        (folder / name).write_bytes(FILES[name][0])
    for name in NAMES:
        (folder / name).write_text(SAID + name.strip("\n"), "utf-8")
        (folder / f"{name}.pdf").write_bytes(b"nothing\x00\x01\x02" * 99)
    (folder / "link.txt").symlink_to("/etc/../nowhere")
    (folder / "good.jsonl").write_text(
        documents(3) + '{"id": "=1+1", "text": "\'; DROP TABLE documents; --"}\n', "utf-8"
    )
    done = paomo("load", folder, home=home)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    bad = 6 + len(NAMES) + 1
    assert len(done.stderr.splitlines()) == bad + 1, done.stderr
    assert rows(home, "SELECT count(*) AS n FROM rejects") == [{"n": bad}]
    assert rows(home, "SELECT count(*) AS n FROM documents") == [{"n": len(NAMES) + 4}]
    assert rows(home, "SELECT count(*) AS n FROM contract_mentions WHERE status = 'effective'")[0]["n"] >= 3
    assert sorted(p.name for p in home.iterdir()) == sorted(
        ["archive", "published", "warehouse.duckdb", "warehouse.lock"]
    )
