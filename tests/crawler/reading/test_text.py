"""Encodings: what was written is what is read, declared or not."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.rejected import ReadingError
from crawler.reading.text import codec_name, decode

SIMPLIFIED = (
    "公司全资子公司与云服务商签订的算力租赁合同已于2024年10月解除，合同金额约4.94亿元。\r\n特此公告。"
)
TRADITIONAL = "公司與客戶簽訂的算力租賃合約已經終止，金額約新台幣3億元，伺服器尚未交付。\n市場需求不如預期。"
ENCODINGS = [
    ("utf-8", SIMPLIFIED),
    ("gb18030", SIMPLIFIED),
    ("gbk", SIMPLIFIED),
    ("gb2312", SIMPLIFIED),
    ("gb18030", TRADITIONAL),
    ("utf-8", TRADITIONAL),
    ("big5", TRADITIONAL),
    ("big5hkscs", TRADITIONAL),
    ("utf-16-le", SIMPLIFIED),
    ("utf-16-be", SIMPLIFIED),
    ("utf-16-le", TRADITIONAL),
    ("utf-16-be", TRADITIONAL),
]


@pytest.mark.parametrize(("encoding", "text"), ENCODINGS)
def test_nothing_declared(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(("encoding", "text"), ENCODINGS)
@pytest.mark.parametrize("label", ["utf-8", "gb2312", "big5", "iso-8859-1", "utf-16", "no-such-encoding"])
def test_declared_wrongly(encoding: str, text: str, label: str) -> None:
    assert decode(text.encode(encoding), declared=label).text == text


MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
]
anything = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1).filter(
    str.strip
)


@pytest.mark.parametrize(("mark", "encoding"), MARKS)
@given(text=anything)
def test_a_byte_order_mark_settles_it(mark: bytes, encoding: str, text: str) -> None:
    decoded = decode(mark + text.encode(encoding))
    assert decoded.text == text
    assert decoded.encoding == encoding


# Prose of either script: sentences put together from words in any order.
WORDS = [
    "公司",
    "合同",
    "算力",
    "服务器",
    "租赁",
    "终止",
    "金额",
    "约",
    "9亿元",
    "2024年",
    "数据中心",
    "的",
    "与",
    "已经",
    "，",
    "。",
    "项目",
    "建设",
    "市场",
    "客户",
    "GPU",
    "H100",
]
HAN_WORDS = [
    "公司",
    "合約",
    "算力",
    "伺服器",
    "租賃",
    "終止",
    "金額",
    "約",
    "9億元",
    "2024年",
    "資料中心",
    "的",
    "與",
    "已經",
    "，",
    "。",
    "專案",
    "建設",
    "市場",
    "客戶",
    "GPU",
]


def prose(words: list[str]) -> st.SearchStrategy[str]:
    han = [word for word in words if not word.isascii()]
    return st.lists(st.sampled_from(words), min_size=8).map(lambda picked: "".join([*picked, *han[:6]]))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@given(text=prose(WORDS))
def test_simplified_prose_round_trips(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"])
@given(text=prose(HAN_WORDS))
def test_traditional_prose_round_trips(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_characters_beyond_the_declared_set() -> None:
    text = "董事长朱镕基之名与“喆”字，页面自称GB2312而用了GBK的字。"
    assert decode(text.encode("gb18030"), declared="gb2312").text == text


def test_line_ends_and_odd_characters_stay() -> None:
    text = "合同\r\n\u200b已\ue000解除\t\u3000。\r\n"
    assert decode(text.encode()).text == text


def test_a_few_damaged_bytes_do_not_lose_the_text() -> None:
    data = bytearray((SIMPLIFIED * 20).encode("gb18030"))
    data[301:302] = b"\xff"
    text = decode(bytes(data)).text
    assert "算力租赁合同" in text
    assert text.count("\ufffd") <= 2


def test_a_page_of_question_marks_is_text() -> None:
    assert decode(b"?" * 300 + b"\n").text == "?" * 300 + "\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\x1e", "empty"),
        ("\ufeff\ufeff\u2028".encode(), "empty"),
        (codecs.BOM_UTF8, "empty"),
        (codecs.BOM_UTF16_LE + " \n".encode("utf-16-le"), "empty"),
        (bytes(range(256)) * 8, "binary"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
    ],
)
def test_what_is_no_text_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ReadingError) as caught:
        decode(data)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("GB2312", "gb18030"),
        (" 'gbk' ", "gb18030"),
        ("Big5", "cp950"),
        ("UTF8", "utf-8"),
        ("x-nonsense", None),
        (None, None),
    ],
)
def test_labels(label: str | None, name: str | None) -> None:
    assert codec_name(label) == name


@pytest.mark.parametrize(
    "text", ["Договор аренды вычислений расторгнут.", "Η σύμβαση μίσθωσης έληξε.", "החוזה בוטל אתמול בערב."]
)
def test_utf8_of_any_script_is_not_taken_for_gb18030(text: str) -> None:
    """Their letters are two bytes each, and two such bytes are a rare character in GB18030."""
    assert decode(text.encode()).text == text
