"""PDF filings: printed by these tests, and eight real ones of the exchanges."""

from __future__ import annotations

import importlib.util
import random
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from reportlab.platypus import Paragraph

from crawler.reading.pdf import READER, read_pdf
from crawler.reading.pdf_stream import swells
from crawler.reading.rejected import ReadingError
from tests.crawler.reading.printing import (
    HEAD,
    SHARED_PDF,
    SIGNED,
    filing,
    needs_shared_pdf,
    next_page,
    ruled,
    scanned,
    turned,
)

CODES = "证券代码：300798 证券简称：某某科技 公告编号：2024-099"
LONG = (
    "本公司全资子公司与云服务商签订的算力租赁合同已经解除，合同金额约9.5亿元，租期36个月，双方协商一致，" * 4
    + "特此说明。"
)
SECOND = (
    "公司将继续推进智算中心项目建设，规划算力10,000P，首期2,000P已于2024年9月投入运营，上架率约八成，" * 3
    + "请投资者注意风险。"
)


def test_a_character_outside_the_basic_plane_is_one_character() -> None:
    """PDFium gives it as the two halves of a surrogate pair, which no database takes."""
    read = read_pdf(filing("𠮷林𰻝股份有限公司", LONG, next_page(), SECOND))
    assert read.text == f"𠮷林𰻝股份有限公司\n{LONG}\n{SECOND}"
    assert read.pages == (0, read.text.index(SECOND))


def test_lines_become_paragraphs() -> None:
    assert read_pdf(filing(LONG, SECOND)).text == f"{LONG}\n{SECOND}"


@pytest.mark.parametrize("opening", ["", "某某科技股份有限公司（以下简称“公司”）公告如下。"])
def test_a_heading_is_not_joined_to_its_text(opening: str) -> None:
    heading = Paragraph("关于算力租赁合同解除的公告", HEAD)
    text = read_pdf(filing(CODES, heading, opening + LONG)).text
    assert text == f"{CODES}\n关于算力租赁合同解除的公告\n{opening}{LONG}"


def test_a_heading_as_wide_as_the_page_is_not_joined_to_its_text() -> None:
    heading = Paragraph("关于子公司签订算力服务框架协议暨关联交易的进展公告", HEAD)
    opening = "某某科技股份有限公司（以下简称“公司”）现将有关情况公告如下。"
    assert read_pdf(filing(heading, opening)).text.splitlines()[-1] == opening


@pytest.mark.parametrize(
    "footer", ["{page}", "- {page} -", "第 {page} 页 共 9 页", "{page} / 9", "Page {page} of 9"]
)
def test_headers_footers_and_page_numbers_are_dropped(footer: str) -> None:
    printed = filing(
        LONG, next_page(), SECOND, next_page(), LONG, header="某某科技股份有限公司公告", footer=footer
    )
    assert read_pdf(printed).text == f"{LONG}\n{SECOND}\n{LONG}"


def test_the_code_line_is_kept_once_where_every_page_repeats_it() -> None:
    printed = filing(LONG, next_page(), SECOND, next_page(), LONG, header=CODES)
    assert read_pdf(printed).text == f"{CODES}\n{LONG}\n{SECOND}\n{LONG}"


def test_a_header_printed_once_is_text() -> None:
    assert read_pdf(filing(LONG, header=CODES)).text.startswith(CODES)


def test_every_offset_knows_its_page() -> None:
    read = read_pdf(filing(LONG, next_page(), SECOND, next_page(), "完。", footer="{page}"))
    assert read.pages == (0, len(LONG) + 1, len(LONG) + len(SECOND) + 2)


def test_a_paragraph_over_the_page_end_is_one() -> None:
    filler = [LONG] * 9
    read = read_pdf(filing(*filler, footer="{page}"))
    assert read.text == "\n".join(filler)
    assert len(read.pages) == 2
    assert read.text[read.pages[1] - 1] != "\n"  # the second page begins inside a paragraph


def test_signature_and_date_stay_apart() -> None:
    signed = Paragraph("某某科技股份有限公司董事会", SIGNED), Paragraph("2024年11月12日", SIGNED)
    assert read_pdf(filing(LONG, *signed)).text.splitlines()[1:] == [
        "某某科技股份有限公司董事会",
        "2024年11月12日",
    ]


def test_a_ruled_table_is_read_row_by_row() -> None:
    table = ruled([["标的", "金额", "期限"], ["服务器", "9亿元", ""], ["", "1,000万元", "3年"]])
    assert read_pdf(filing(LONG, table, SECOND)).text.splitlines() == [
        LONG, "标的 | 金额 | 期限", "服务器 | 9亿元", "| 1,000万元 | 3年", SECOND
    ]  # fmt: skip


def test_a_cell_of_many_lines_is_one_cell() -> None:
    cell = "高性能算力服务器\n（含安装及调试）"
    table = ruled([["标的", "金额"], [cell, "94,000.00\n万元"]], widths=[110, 80])
    assert read_pdf(filing(table)).text == "标的 | 金额\n高性能算力服务器（含安装及调试） | 94,000.00万元"


def test_merged_cells_stand_where_they_begin() -> None:
    rows = [["合同情况", ""], ["甲方", "某某科技"], ["", "某某智算"]]
    table = ruled(rows, ("SPAN", (0, 0), (1, 0)), ("SPAN", (0, 1), (0, 2)))
    assert read_pdf(filing(table)).text == "合同情况\n甲方 | 某某科技\n某某智算"


def test_a_row_cut_by_the_page_end_is_one_row() -> None:
    upper = ruled([["标的", "金额"], ["高性能算力服务器及", "9亿元"]], widths=[102, 80])
    lower = ruled([["配套网络设备", ""], ["安装调试服务", "1亿元"]], widths=[102, 80])
    read = read_pdf(filing(upper, next_page(), lower, footer="{page}"))
    assert read.text == "标的 | 金额\n高性能算力服务器及配套网络设备 | 9亿元\n安装调试服务 | 1亿元"


def test_a_row_that_only_begins_overleaf_is_its_own() -> None:
    upper = ruled([["标的", "金额"], ["服务器", "9亿元"]], widths=[102, 80])
    lower = ruled([["网络设备", ""], ["安装", "1亿元"]], widths=[102, 80])
    assert (
        read_pdf(filing(upper, next_page(), lower)).text
        == "标的 | 金额\n服务器 | 9亿元\n网络设备\n安装 | 1亿元"
    )


def test_a_framed_paragraph_is_no_table() -> None:
    assert (
        read_pdf(filing(ruled([["重大风险提示：合同存在解除的风险。"]]))).text
        == "重大风险提示：合同存在解除的风险。"
    )


def test_latin_words_keep_their_space() -> None:
    english = (
        "The lease of NVIDIA H100 servers was terminated by mutual consent of both parties on that day " * 2
    )
    read = read_pdf(filing(english))
    assert read.text == english.strip()
    assert read.reader == READER


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (filing(LONG, password="secret"), "encrypted"),
        (filing(LONG, SECOND)[:-700], "truncated"),
        (filing(LONG)[:900], "truncated"),
        (b"%PDF-1.7\n" + b"nothing here " * 40 + b"\n%%EOF\n", "broken"),
        (filing(Paragraph(" ", HEAD)), "empty"),
    ],
)
def test_what_can_not_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ReadingError) as caught:
        read_pdf(data)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


OCR = importlib.util.find_spec("rapidocr_onnxruntime") is not None


@pytest.mark.skipif(OCR, reason="the extra `ocr` is installed")
def test_a_scan_is_recognised_as_one() -> None:
    with pytest.raises(ReadingError, match=r"paomo\[ocr\]") as caught:
        read_pdf(scanned(filing(LONG)))
    assert caught.value.reason == "scanned"


@needs_shared_pdf
@pytest.mark.skipif(not OCR, reason="the extra `ocr` is not installed")
def test_a_scan_is_read_with_the_extra() -> None:
    """A real page, for the fonts of the printed ones are named in them and not embedded: a picture has no Han."""
    original = (SHARED_PDF / "sse_688276_20250830_N2S2.pdf").read_bytes()
    read = read_pdf(scanned(original, scale=2.5))
    assert "保证半年度报告内容的真实性、准确性、完整性" in read.text
    assert read.reader == "pdf+ocr/1"
    assert read.unread == ()
    assert len(read.pages) == 4


REAL = sorted(SHARED_PDF.glob("*.pdf")) if SHARED_PDF.is_dir() else []


@needs_shared_pdf
@pytest.mark.parametrize("file", REAL, ids=lambda file: file.stem)
def test_a_real_filing(file: Path) -> None:
    read = read_pdf(file.read_bytes())
    lines = read.text.splitlines()
    assert re.match(r"(证券|公司)代码：\d{6} ", lines[0])
    assert not [line for line in lines if re.fullmatch(r"\d+( / \d+)?", line)]  # page numbers
    assert (
        sum(bool(re.search(r"(摘要|季度报告)$", line)) for line in lines) <= 2
    )  # the title, not the headers
    assert sum(" | " in line for line in lines) > 20
    assert list(read.pages) == sorted(read.pages)
    assert read.pages[0] == 0
    assert not re.search(r"[\x00-\x08\ufffe\uffff]", read.text)


@needs_shared_pdf
def test_a_sentence_of_a_real_filing_is_whole() -> None:
    text = read_pdf((SHARED_PDF / "sse_603127_20250429_74OZ.pdf").read_bytes()).text
    assert "不存在虚假记载、误导性陈述或重大遗漏，并承担个别和连带的法律责任。" in text
    assert "归属于上市公司股东的扣除非经常性损益的净利润 | 25,662,551.81 | -280,666,741.34 | 109.14" in text


@needs_shared_pdf
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_that_is_turned_reads_the_same(rotation: int) -> None:
    data = (SHARED_PDF / "szse_301096_20250830_summary.pdf").read_bytes()
    straight, other = read_pdf(data).text, read_pdf(turned(data, rotation)).text
    assert re.sub(r" +", "", other) == re.sub(r" +", "", straight)


@needs_shared_pdf
def test_tables_agree_with_pdfplumber() -> None:
    """Every cell pdfplumber finds is a cell of ours, but where we mend a row over a page's end or keep paragraphs."""
    pdfplumber = pytest.importorskip("pdfplumber")
    file = SHARED_PDF / "sse_603127_20250429_74OZ.pdf"
    ours = cells(row.split(" | ") for row in read_pdf(file.read_bytes()).text.splitlines())
    with pdfplumber.open(file) as pdf:
        theirs = cells(row for page in pdf.pages[:6] for table in page.extract_tables() for row in table)
    assert len(theirs) > 200
    assert len(theirs - ours) <= 0.02 * len(theirs)


def cells(rows: Iterable[Iterable[str | None]]) -> set[str]:
    return {re.sub(r"\s", "", cell).strip("|") for row in rows for cell in row if cell}


@pytest.mark.parametrize("blank", [0, 1_000_000, 1_048_576, 3_000_000])
@pytest.mark.parametrize("after", [b"", b"\r\n"])
def test_a_large_picture_is_no_bomb(blank: int, after: bytes) -> None:
    """300 kB of noise and a blank half: a scan's stream, long enough to be looked into, whole to its end."""
    packed = zlib.compress(random.Random(7).randbytes(300_000) + bytes(blank)) + after
    assert not swells(b"1 0 obj <</Filter/FlateDecode>> stream\n" + packed + b"endstream endobj")
