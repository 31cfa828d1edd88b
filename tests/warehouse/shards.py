"""A small archive with everything in it that can go right or wrong, and an extractor that can do neither well."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.document import Document
from crawler.overtime import limited
from crawler.warc import Record
from nlp.event import Event
from nlp.extract import extract
from tests.crawler.reading.printing import filing

HTML = ("Content-Type", "text/html; charset=utf-8")
SLOW, MORTAL = "没完没了", "一命呜呼"


@dataclass(frozen=True)
class Clumsy:
    """The real extractor; one text takes for ever, one kills the process where `mortal`."""

    mortal: bool = False

    def __call__(self, document: Document) -> Sequence[Event]:
        if self.mortal and MORTAL in document.text:
            os.kill(os.getpid(), signal.SIGKILL)
        with limited(0.3):
            while SLOW in document.text:
                pass
        return extract(document)


def sentence(n: int) -> str:
    return f"云岫股份(300000)公告,与客户{n}签订的算力租赁合同于2024年10月{n % 9 + 1}日解除,金额{n + 1}.{n % 7}亿元。"


def page(n: int, text: str = "") -> bytes:
    more = "".join(f"<p>第{m}段,H100八卡服务器的月租为{m + 5}.3万元。</p>" for m in range(n % 4))
    body = f"<article><h1>公告{n}</h1><p>{text or sentence(n)}</p>{more}</article>"
    return f"<html><head><title>公告{n}</title></head><body>{body}</body></html>".encode()


def crawled(first: int, count: int, *, text: str = "") -> bytes:
    """A shard as paomo's crawler writes it: responses with metadata, a listing and an error among them."""
    moment = "2024-11-02T03:04:05.678901Z"
    parts = [Record("", "").info("x.warc.gz")]
    for n in range(first, first + count):
        facts = {
            "role": "document",
            "source": "feed",
            "kind": "news",
            "tier": "media",
            "published": "2024-11-01",
        }
        body, headers = page(n, text), [HTML]
        if n % 10 == 3:
            body, headers = filing(sentence(n)), [("Content-Type", "application/pdf")]
        if n % 10 == 5:
            facts, body = {"role": "listing"}, b'{"rows": [{"id": 1, "url": "https://example.com/1"}]}'
        if n % 10 == 7:
            body = b""
        record = Record(f"https://example.com/{n}", moment)
        parts += [record.response(body, 200, headers), record.metadata(facts)]
    return b"".join(parts)


def foreign(first: int, count: int, *, packed: bool = True) -> bytes:
    """A shard of another program's, with a request before each response and a picture."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    for n in range(first, first + count):
        url = f"https://example.org/{n}"
        kind, body = ("image/png", b"\x89PNG\r\n") if n % 8 == 1 else ("text/html; charset=utf-8", page(n))
        answer = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "example.org")], is_http_request=True)
        writer.write_record(writer.create_warc_record(url, "request", http_headers=asked))
        payload = io.BytesIO(body)
        writer.write_record(
            writer.create_warc_record(url, "response", payload=payload, length=len(body), http_headers=answer)
        )
    return out.getvalue()


def build(folder: Path) -> Path:
    """The archive: WARC files good, torn and empty of pages, JSON Lines, Parquet, a text, a broken PDF."""
    folder.mkdir(parents=True)
    (folder / "a.warc.gz").write_bytes(crawled(0, 40))
    (folder / "b.warc.gz").write_bytes(foreign(100, 30))
    (folder / "c.warc").write_bytes(foreign(200, 12, packed=False))
    (folder / "torn.warc.gz").write_bytes(crawled(300, 20)[:-70])
    (folder / "pictures.warc.gz").write_bytes(foreign(401, 1))
    lines = [
        {"id": "twice", "text": sentence(500), "published": "2024-11-01"},
        {"id": "twice", "text": sentence(501), "published": "2024-11-02"},
        {"id": "slow", "text": SLOW},
        {"id": "mortal", "text": MORTAL + sentence(502)},
        {"id": "half", "text": "坏\ud83d字"},
        {"id": "half\ud83d", "text": "字"},
        {"id": "dateless", "text": f"{sentence(503)}预计2031年到期。"},
        {"title": "no text"},
    ]
    (folder / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    (folder / "e.txt").write_text(sentence(600), "utf-8")
    (folder / "f.pdf").write_bytes(filing(sentence(601))[:300])
    documents(folder / "g.parquet", 25)
    return folder


def documents(file: Path, count: int) -> None:
    """Documents as another program may have written them, in several row groups."""
    rows = [
        {
            "doc_id": f"p{n}" if n != 4 else None,
            "text": sentence(n) if n != 5 else " ",
            "published": date(2024, 11, 1 + n % 9),
            "kind": "news" if n != 6 else "rumour",
            "fetched_at": datetime(2024, 11, 3, n % 24, tzinfo=UTC).replace(tzinfo=None) if n % 3 else None,
            "language": "zh",
        }
        for n in range(count)
    ]
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=7)
