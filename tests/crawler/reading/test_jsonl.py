"""JSON Lines as EVENTS.md defines it, and every way a line can be wrong."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.document import Document
from crawler.reading.files import read_path
from crawler.reading.rejected import Rejected


def lines_of(tmp_path: Path, *lines: str | bytes, name: str = "in.jsonl") -> list[Document | Rejected]:
    file = tmp_path / name
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return list(read_path(file))


@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz", "wrongly.txt"])
def test_every_field(tmp_path: Path, name: str) -> None:
    row = {
        "id": "a-1", "url": "https://example.com/1", "title": "标题", "published": "2024-11-12",
        "source": "某报", "kind": "filing", "text": "合同\r\n已解除。\u200b", "events": [{"ignored": True}],
    }  # fmt: skip
    (document,) = lines_of(tmp_path, json.dumps(row), name=name)
    assert isinstance(document, Document)
    assert (document.doc_id, document.url, document.title) == ("a-1", "https://example.com/1", "标题")
    assert (document.published, document.published_text) == (date(2024, 11, 12), "2024-11-12")
    assert (document.source, document.kind) == ("某报", "filing")
    assert document.text == "合同\r\n已解除。\u200b"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1).filter(str.strip), escaped=st.booleans())
def test_text_is_kept_exactly(tmp_path: Path, text: str, *, escaped: bool) -> None:
    escaped = escaped or any(0xD800 <= ord(character) <= 0xDFFF for character in text)
    line = json.dumps({"id": "x", "text": text}, ensure_ascii=escaped)
    (document,) = lines_of(tmp_path, line)
    assert isinstance(document, Document)
    assert document.text == text


def test_a_lone_surrogate_is_kept(tmp_path: Path) -> None:
    (document,) = lines_of(tmp_path, r'{"id": "x", "text": "合同\ud83d已解除"}')
    assert isinstance(document, Document)
    assert document.text == "合同\ud83d已解除"
    assert len(document.sha256) == 64


GOOD = '{"id": "good", "text": "合同已解除。"}'
BAD = [
    ("nonsense", "not JSON"),
    ('{"id": "x", "text": "a"', "not JSON"),
    ("[1, 2]", "list"),
    ("null", "NoneType"),
    ('{"id": "x"}', "no `text`"),
    ('{"id": "x", "text": 7}', "`text` is 7"),
    ('{"id": "x", "text": null}', "`text` is null"),
    ('{"id": "x", "text": ["a"]}', '`text` is ["a"]'),
    ('{"id": "x", "text": " \\n"}', "`text` is empty"),
    ('{"id": ["x"], "text": "a"}', "`id` is"),
    ('{"id": "x", "text": "a", "published": "soon"}', '`published` is "soon"'),
    ('{"id": "x", "text": "a", "published": "2024-02-30"}', "`published`"),
    ('{"id": "x", "text": "a", "published": 20241112}', "`published` is 20241112"),
    ('{"id": "x", "text": "a", "kind": "rumour"}', "filing or news"),
    ('{"id": "x", "text": "a", "title": 5}', "`title` is 5"),
    ('{"id": "x", "text": "\u5408\u540c"}'.encode("gb18030"), "not UTF-8"),
    ("[" * 100_000, "not"),
]


@pytest.mark.parametrize(("line", "said"), BAD)
def test_a_bad_line_loses_only_itself(tmp_path: Path, line: str | bytes, said: str) -> None:
    before, bad, after = lines_of(tmp_path, GOOD, line, GOOD)
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert isinstance(bad, Rejected)
    assert bad.where == f"{tmp_path / 'in.jsonl'}:2"
    assert said in bad.message or (said == "not" and "nested" in bad.message)
    assert "\n" not in str(bad)


def test_blank_lines_and_a_byte_order_mark_are_nothing(tmp_path: Path) -> None:
    (document,) = lines_of(tmp_path, b"\xef\xbb\xbf" + GOOD.encode(), "", "  ", "")
    assert isinstance(document, Document)


def test_without_an_id_the_line_names_the_document(tmp_path: Path) -> None:
    (document,) = lines_of(tmp_path, '{"text": "合同已解除。"}')
    assert isinstance(document, Document)
    assert document.doc_id == f"{tmp_path / 'in.jsonl'}:1"


def test_a_torn_gzip_gives_its_whole_lines(tmp_path: Path) -> None:
    rows = [
        json.dumps({"id": str(at), "text": f"第{at}份合同，金额{at * 7919 % 10007}万元。"})
        for at in range(2000)
    ]
    packed = gzip.compress("\n".join(rows).encode())
    file = tmp_path / "torn.jsonl.gz"
    file.write_bytes(packed[: len(packed) // 2])
    *documents, last = read_path(file)
    assert len(documents) > 500
    assert all(isinstance(document, Document) for document in documents)
    assert isinstance(last, Rejected)
    assert last.reason == "truncated"


def test_a_gzip_of_many_members_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "two.jsonl.gz"
    file.write_bytes(gzip.compress(GOOD.encode() + b"\n") + gzip.compress(GOOD.encode()))
    assert [isinstance(document, Document) for document in read_path(file)] == [True, True]
