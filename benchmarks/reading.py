"""How fast filings and pages are read, on one core, beside the readers others use on the same bytes.

    python -m benchmarks.reading [FOLDER OF PDF]

Without a folder: ../shared/data/pdf, else filings of our own, printed here. The peers get text only
(pdfminer), text and tables (pdfplumber), the article's text (trafilatura), encoding and text
(charset-normalizer).
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import charset_normalizer
import pdfplumber
import trafilatura
from pdfminer.high_level import extract_text

from benchmarks import made
from benchmarks.figure import Figure, report
from crawler.reading.html import read_html
from crawler.reading.pdf import read_pdf
from crawler.reading.text import decode
from crawler.standin.paper import pdf_of

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "pdf"
GOAL = 150  # pages/s
ROUNDS = 5
HEAVY = "heavy news pages"
"""A quarter of a megabyte, most of it menus and script; docs/scale.md counts with it."""
PAGE = (
    "<html><head><title>t</title></head><body><div class='nav'><a>首页</a></div><div id='artibody'>"
    + "<p>某公司公告，与客户签订的算力租赁合同已经终止，合同金额约9亿元。</p>" * 40
    + "</div></body></html>"
)


def with_pdfplumber(data: bytes) -> list[tuple[str, list[object]]]:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [(page.extract_text(), page.extract_tables()) for page in pdf.pages]


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median CPU time of a call; the clock of other processes does not count."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def filings(folder: Path | None) -> tuple[str, list[bytes]]:
    """(where they are from, PDF files)."""
    found = folder or (SHARED if SHARED.is_dir() else None)
    if found:
        files = [file.read_bytes() for file in sorted(found.glob("*.pdf"))]
        if not files:
            sys.exit(f"no PDF in {found}; name a folder that has some")
        return "filings", files
    texts = [[made.document(n * 90 + k, 900, on_topic=3).text for k in range(9)] for n in range(6)]
    return "printed here", [pdf_of("公告", text, head="公告编号:1") for text in texts]


def of_pdf(folder: Path | None) -> None:
    """Pages a second, ours and two peers'."""
    where, files = filings(folder)
    pages = sum(len(read_pdf(data).pages) for data in files)
    print(f"PDF, {len(files)} files ({where}), {pages} pages, median of {ROUNDS} rounds")
    ours = pages / seconds(lambda: [read_pdf(data) for data in files])
    print(f"  paomo       {ours:7.1f} pages/s   paragraphs, tables, page of each character (goal {GOAL})")
    miner = pages / seconds(lambda: [extract_text(io.BytesIO(data)) for data in files], rounds=1)
    print(f"  pdfminer    {miner:7.1f} pages/s   text in printed lines")
    plumber = pages / seconds(lambda: [with_pdfplumber(data) for data in files], rounds=1)
    print(f"  pdfplumber  {plumber:7.1f} pages/s   text in printed lines, tables apart")
    for peer, value in (("pdfminer, text only", miner), ("pdfplumber, text and tables", plumber)):
        stage = "reading PDF, paragraphs and tables"
        report(Figure(stage=stage, value=ours, unit="pages/s", peer=peer, peer_value=value, goal=GOAL))


def of_html() -> None:
    """Pages a second, ours and trafilatura's with its defaults."""
    markup = PAGE.encode("gb18030")
    news = [made.page(n, 200) for n in range(200)]
    heavy = [made.page(n, 200, menu=1200, script=180) for n in range(50)]
    kinds = (
        ("a site we name, GB18030 without a declaration", [markup] * 200),
        ("light news pages", news),
        (HEAVY, heavy),
    )
    for what, pages in kinds:
        size = sum(map(len, pages)) / len(pages) / 1e3
        address = "https://finance.sina.com.cn/" if pages[0] is markup else None

        def read(given: list[bytes] = pages, url: str | None = address) -> object:
            return [read_html(page, url=url) for page in given]

        def beside(given: list[bytes] = pages) -> object:
            return [trafilatura.extract(page) for page in given]

        ours, theirs = len(pages) / seconds(read), len(pages) / seconds(beside, rounds=1)
        print(f"HTML, {what}, {size:.1f} kB a page\n  paomo       {ours:7.0f} pages/s")
        print(f"  trafilatura {theirs:7.0f} pages/s")
        report(
            Figure(
                stage=f"reading HTML ({what})",
                value=ours,
                unit="pages/s",
                peer="trafilatura",
                peer_value=theirs,
            )
        )


def of_text() -> None:
    """Megabytes a second of text whose encoding nobody says."""
    text = "公司与客户签订的算力租赁合同已经终止。\n".encode("gb18030") * 20_000
    ours = len(text) / 1e6 / seconds(lambda: decode(text))
    theirs = len(text) / 1e6 / seconds(lambda: str(charset_normalizer.from_bytes(text).best()), rounds=1)
    print(f"text, GB18030 without a declaration\n  paomo       {ours:7.0f} MB/s")
    print(f"  charset-normalizer {theirs:.0f} MB/s")
    stage = "text without a declared encoding"
    report(Figure(stage=stage, value=ours, unit="MB/s", peer="charset-normalizer", peer_value=theirs))


def main() -> None:
    of_pdf(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    of_html()
    of_text()


if __name__ == "__main__":
    main()
