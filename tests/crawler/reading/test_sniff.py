"""First bytes of files, and what they are."""

from __future__ import annotations

import gzip

import pytest

from crawler.reading.sniff import sniff

EXAMPLES = [
    (b"%PDF-1.7\n", "pdf"),
    (b"\r\n\r\nX-Gateway: 1\r\n%PDF-1.4", "pdf"),
    (b"<!DOCTYPE html>", "html"),
    (b"\xef\xbb\xbf\r\n  <HTML lang=zh>", "html"),
    (b"<?xml version='1.0'?><!-- saved --><html>", "html"),
    ("<html>".encode("utf-16"), "html"),
    (b"<p>", "text"),  # too little to say
    (b'{"id": "1", "text": "a"}', "jsonl"),
    (b'{"announcements": null}', "json"),
    (b"null([{}])", "json"),
    (b"jsonpCallback1({})", "json"),
    (b"WARC/1.0\r\n", "warc"),
    (gzip.compress(b"x", mtime=0), "gzip"),
    (b"PK\x03\x04", "binary"),
    ("公告(一)".encode(), "text"),
    ("公告".encode("gb18030"), "text"),
    (b"", "text"),
]


@pytest.mark.parametrize(("head", "form"), EXAMPLES)
def test_sniff(head: bytes, form: str) -> None:
    assert sniff(head) == form
