"""How fast filings are read, on one core: ours beside pdfminer.six and pdfplumber on the same pages.

    python benchmarks/reading.py [FOLDER OF PDF]

Without a folder: ../shared/data/pdf. The peers get text only (pdfminer) or text and tables (pdfplumber).
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber
from pdfminer.high_level import extract_text

from crawler.reading.html import read_html
from crawler.reading.pdf import read_pdf
from crawler.reading.text import decode

GOAL = 150  # pages/s
ROUNDS = 5
PAGE = (
    "<html><head><title>t</title></head><body><div class='nav'><a>首页</a></div><div id='artibody'>"
    + "<p>某公司公告，与客户签订的算力租赁合同已经终止，合同金额约9亿元。</p>" * 40
    + "</div></body></html>"
)


def with_pdfplumber(data: bytes) -> None:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page.extract_text()
            page.extract_tables()


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median CPU time of a call; the clock of other processes does not count."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/pdf")
    files = [file.read_bytes() for file in sorted(folder.glob("*.pdf"))]
    if not files:
        sys.exit(f"no PDF in {folder}; name a folder that has some")
    pages = sum(len(read_pdf(data).pages) for data in files)
    print(f"PDF, {len(files)} files, {pages} pages, median of {ROUNDS} rounds")
    ours = pages / seconds(lambda: [read_pdf(data) for data in files])
    print(f"  paomo       {ours:7.1f} pages/s   paragraphs, tables, page of each character (goal {GOAL})")
    theirs = pages / seconds(lambda: [extract_text(io.BytesIO(data)) for data in files], rounds=1)
    print(f"  pdfminer    {theirs:7.1f} pages/s   text in printed lines")
    theirs = pages / seconds(lambda: [with_pdfplumber(data) for data in files], rounds=1)
    print(f"  pdfplumber  {theirs:7.1f} pages/s   text in printed lines, tables apart")
    markup, text = (
        PAGE.encode("gb18030"),
        "公司与客户签订的算力租赁合同已经终止。\n".encode("gb18030") * 20_000,
    )
    rate = 200 / seconds(lambda: [read_html(markup, url="https://finance.sina.com.cn/") for _ in range(200)])
    print(f"HTML, a page of {len(markup) / 1e3:.1f} kB in GB18030 without a declaration: {rate:.0f} pages/s")
    print(f"text, GB18030 without a declaration: {len(text) / 1e6 / seconds(lambda: decode(text)):.0f} MB/s")


if __name__ == "__main__":
    main()
