"""Files and folders: whatever is in them, the rest of the run goes on."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.document import Document
from crawler.reading import read_path
from crawler.reading.rejected import Rejected
from tests.crawler.reading.printing import filing

TEXT = "某某科技公告，全资子公司与云服务商签订的算力服务协议已经解除，涉及金额约9亿元。\n特此公告。\n"
PAGE = f"<!DOCTYPE html><html><head><title>算力协议解除</title></head><body><article><p>{TEXT}</p></article></body></html>"
JSON_LINE = (
    b'{"id": "a", "text": "\xe5\x90\x88\xe5\x90\x8c\xe5\xb7\xb2\xe8\xa7\xa3\xe9\x99\xa4\xe3\x80\x82"}\n'
)
PRINTED = filing("关于算力租赁合同的公告", TEXT.splitlines()[0], "2024年11月12日")


def read_one(tmp_path: Path, name: str, data: bytes) -> Document | Rejected:
    file = tmp_path / name
    file.write_bytes(data)
    (only,) = read_path(file)
    return only


NAMED = [
    ("a.txt", TEXT.encode("gb18030"), "text/plain"),
    ("a.html", PAGE.encode(), "text/html"),
    ("A.HTM", PAGE.encode("gb18030"), "text/html"),
    ("a.pdf", PRINTED, "application/pdf"),
    ("a.jsonl", JSON_LINE, "application/jsonl"),
    ("a.jsonl.gz", gzip.compress(JSON_LINE, mtime=0), "application/jsonl"),
    # and under the wrong name
    ("a.txt", PRINTED, "application/pdf"),
    ("a.html", PRINTED, "application/pdf"),
    ("a.txt", b"\r\n\r\nmail gateway\r\n" + PRINTED, "application/pdf"),
    ("a.pdf", PAGE.encode(), "text/html"),
    ("a.pdf", TEXT.encode(), "text/plain"),
    ("a.txt", PAGE.encode("utf-16"), "text/html"),
    ("a.txt", JSON_LINE, "application/jsonl"),
    ("a.json", JSON_LINE, "application/jsonl"),
    ("a.html", TEXT.encode(), "text/html"),
    ("no-suffix", TEXT.encode("utf-16"), "text/plain"),
    ("a.md", TEXT.encode(), "text/plain"),
    ("a.jsonl.gz", JSON_LINE, "application/jsonl"),
    ("a.jsonl", gzip.compress(JSON_LINE, mtime=0), "application/jsonl"),
]


@pytest.mark.parametrize(("name", "data", "media_type"), NAMED)
def test_content_decides_not_the_name(tmp_path: Path, name: str, data: bytes, media_type: str) -> None:
    document = read_one(tmp_path, name, data)
    assert isinstance(document, Document)
    assert document.media_type == media_type
    assert document.doc_id == ("a" if media_type.endswith("jsonl") else str(tmp_path / name))
    assert "已解除" in document.text or "已经解除" in document.text


def test_a_text_is_exactly_what_is_in_the_file(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.txt", ("\n\n " + TEXT + " \r\n").encode())
    assert isinstance(document, Document)
    assert document.text == "\n\n " + TEXT + " \r\n"


def test_a_filing_names_itself_and_its_day(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.pdf", PRINTED)
    assert isinstance(document, Document)
    assert document.title == "关于算力租赁合同的公告"
    assert str(document.published) == "2024-11-12"
    assert document.pages == (0,)
    assert document.page_of(len(document.text) - 1) == 1


BAD = [
    ("a.txt", b"", "empty"),
    ("a.html", b"  \n", "empty"),
    ("a.pdf", b"", "empty"),
    ("a.jsonl", b"", "empty"),
    ("a.jsonl.gz", b"", "empty"),
    ("a.warc.gz", b"", "empty"),
    ("a.txt", b"PK\x03\x04" + bytes(200), "binary"),
    ("a.pdf", b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
    ("a.html", bytes(range(256)) * 9, "binary"),
    ("a.pdf", PRINTED[: len(PRINTED) // 2], "truncated"),
    ("a.pdf", filing(TEXT, password="secret"), "encrypted"),
    ("a.txt.gz", gzip.compress(TEXT.encode(), mtime=0), "unsupported"),
    ("a.jsonl.gz", gzip.compress(JSON_LINE, mtime=0)[:12], "truncated"),
    ("a.jsonl.gz", b"\x1f\x8b\x08\x00garbage that is no gzip at all", "truncated"),
    ("a.html", b"<html><body></body></html>", "no-text"),
    ("a.json", b"[" + JSON_LINE.strip() + b"]", "unsupported"),
    ("A.JSON", b'{"documents": [' + JSON_LINE.strip() + b"]}", "unsupported"),
    ("a.warc", b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 900\r\n\r\nHTTP/1.1 200 OK", "truncated"),
]


@pytest.mark.parametrize(("name", "data", "reason"), BAD)
def test_what_can_not_be_read_is_one_clear_line(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    rejected = read_one(tmp_path, name, data)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason
    assert rejected.where.startswith(str(tmp_path / name))
    assert "\n" not in str(rejected)
    assert ";" in rejected.message  # what is wrong; what to do


def test_a_folder_is_read_in_order_and_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "b" / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "b" / "deep" / "c.html").write_text(PAGE, "utf-8")
    (tmp_path / "b" / "two.jsonl").write_bytes(JSON_LINE + b"nonsense\n" + JSON_LINE)
    (tmp_path / "b" / "notes.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / ".hidden.txt").write_text("x")
    found = [(type(one).__name__, getattr(one, "doc_id", None) or one.where) for one in read_path(tmp_path)]  # type: ignore[union-attr]
    assert found == [
        ("Document", str(tmp_path / "a.txt")),
        ("Rejected", str(tmp_path / "b" / "bad.pdf")),
        ("Document", str(tmp_path / "b" / "deep" / "c.html")),
        ("Document", "a"),
        ("Rejected", str(tmp_path / "b" / "two.jsonl") + ":2"),
        ("Document", "a"),
    ]


def test_a_folder_without_documents_says_what_would_be_one(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (only,) = read_path(tmp_path)
    assert isinstance(only, Rejected)
    assert only.reason == "no-documents"
    assert ".jsonl.gz" in only.message


def test_a_missing_file(tmp_path: Path) -> None:
    (only,) = read_path(tmp_path / "missing.txt")
    assert isinstance(only, Rejected)
    assert only.reason == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_nobody_may_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "a.txt").chmod(0)
    (only,) = read_path(tmp_path / "a.txt")
    assert isinstance(only, Rejected)
    assert only.reason == "unreadable"


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    (only,) = read_path(tmp_path)
    assert isinstance(only, Rejected)
    assert only.reason == "unreadable"


SEEDS = [PRINTED, PAGE.encode(), TEXT.encode("gb18030"), gzip.compress(JSON_LINE, mtime=0), JSON_LINE]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(SEEDS),
    name=st.sampled_from([name for name, *_ in NAMED]),
    at=st.floats(0, 1),
    junk=st.binary(max_size=40),
    cut=st.booleans(),
)
def test_no_damage_ever_raises(
    tmp_path: Path, seed: bytes, name: str, at: float, junk: bytes, *, cut: bool
) -> None:
    middle = int(at * len(seed))
    file = tmp_path / name
    file.write_bytes(seed[:middle] + junk + (b"" if cut else seed[middle + len(junk) :]))
    found = list(read_path(file))
    assert found
    assert all(one.text.strip() if isinstance(one, Document) else one.message for one in found)
