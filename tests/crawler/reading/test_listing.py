"""JSON replies with texts in them; after the recorded examples in ENDPOINTS.md, with sentences of our own."""

from __future__ import annotations

import json
from datetime import date

import pytest

from crawler.capture import Capture
from crawler.document import Document
from crawler.reading.captured import read_capture, read_capture_all
from crawler.reading.listing import read_listing
from crawler.reading.rejected import ReadingError, Rejected

CLS = {
    "errno": 0,
    "data": {"roll_data": [
        {"id": 11, "ctime": 1731340800, "title": "算力协议解除", "content": "<em>财联社</em>11月12日电，某某科技公告算力协议解除。",
         "brief": "短", "shareurl": "https://api3.cls.cn/share/article/11"},
        {"id": 12, "ctime": 1731340900, "title": "", "content": "", "brief": "H100租金跌至每卡时12元。", "shareurl": ""},
    ]},
}  # fmt: skip
FLASH = {
    "code": "1",
    "data": {"sortEnd": "1", "fastNewsList": [
        {"code": "202411120001", "title": "某某科技", "summary": "【某某科技：合同终止】合同终止。", "showTime": "2024-11-12 00:00:26"},
    ]},
}  # fmt: skip
NOTICE = {
    "data": {
        "art_code": "AN202411121640000001",
        "notice_title": "某某科技:关于合同终止的公告",
        "notice_date": "2024-11-12 00:00:00",
        "notice_content": "证券代码：300798\r\n  关于合同终止的公告\r\n　　本公司与客户签订的算力合同已终止。\r\n",
        "page_size": 1,
    },
    "success": 1,
}


def packed(reply: object) -> bytes:
    return json.dumps(reply, ensure_ascii=False).encode()


@pytest.mark.parametrize("moment", [1731340800000000, 10**30, -(10**17), "1731340800", None, True])
def test_a_moment_that_is_none_leaves_the_day_open_and_the_text_readable(moment: object) -> None:
    row = {"id": 1, "ctime": moment, "content": "某某科技公告算力协议解除。"}
    (item,) = read_listing(json.dumps({"errno": 0, "data": {"roll_data": [row]}}).encode())
    assert item.text == "某某科技公告算力协议解除。"
    assert item.published is None


def test_cls() -> None:
    first, second = read_listing(packed(CLS))
    assert first.text == "财联社11月12日电，某某科技公告算力协议解除。"
    assert (first.title, first.published, first.url) == (
        "算力协议解除",
        date(2024, 11, 12),
        "https://api3.cls.cn/share/article/11",
    )
    assert (second.text, second.title) == ("H100租金跌至每卡时12元。", None)


def test_eastmoney_flash() -> None:
    (item,) = read_listing(packed(FLASH))
    assert (item.key, item.published, item.published_text) == (
        "202411120001",
        date(2024, 11, 12),
        "2024-11-12 00:00:26",
    )


def test_eastmoney_notice() -> None:
    (item,) = read_listing(packed(NOTICE))
    assert item.text == "证券代码：300798\n关于合同终止的公告\n本公司与客户签订的算力合同已终止。"
    assert item.title == "某某科技:关于合同终止的公告"


def test_jsonp_and_a_byte_order_mark() -> None:
    reply = b"\xef\xbb\xbfjsonpCallback12345(" + packed(NOTICE) + b");"
    assert len(read_listing(reply)) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b'{"errno": 1, "msg": "sign error"}', "blocked"),
        (b'{"errno": 10012}', "blocked"),
        (b'{"data": {"list": [', "broken"),
        (b"", "empty"),
    ],
)
def test_replies_that_are_errors(reply: bytes, reason: str) -> None:
    with pytest.raises(ReadingError) as caught:
        read_listing(reply)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "reply", [{"data": {"list": [{"title": "x"}]}}, {"data": None}, [], {"announcements": None}]
)
def test_a_listing_that_only_points_has_no_text(reply: object) -> None:
    assert read_listing(packed(reply)) == []


def test_each_flash_is_a_document() -> None:
    documents = read_capture_all(
        Capture(url="https://www.cls.cn/v1/roll", body=packed(CLS), source="cls", kind="news")
    )
    assert [one.doc_id for one in documents if isinstance(one, Document)] == [
        "https://api3.cls.cn/share/article/11", "https://www.cls.cn/v1/roll#12"
    ]  # fmt: skip
    assert all(isinstance(one, Document) and one.source == "cls" for one in documents)


def test_the_row_of_the_listing_says_which_flash_is_meant() -> None:
    one = read_capture(Capture(url="https://www.cls.cn/detail/12", body=packed(CLS), listing={"id": 12}))
    assert isinstance(one, Document)
    assert one.text == "H100租金跌至每卡时12元。"
    many = read_capture(Capture(url="https://www.cls.cn/v1/roll", body=packed(CLS)))
    assert isinstance(many, Rejected)
    assert many.reason == "unsupported"
