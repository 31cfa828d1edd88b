"""Printing sample texts: filings as PDF files, articles as HTML in a charset they name or not."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

FONT = "STSong-Light"
"""One of Adobe's Chinese fonts that readers bring along: nothing needs to be embedded."""


def pdf_of(title: str, paragraphs: Sequence[str], *, head: str) -> bytes:
    """An A4 document with `head` at the top of it."""
    from reportlab.lib.enums import TA_CENTER
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    body = ParagraphStyle("body", fontName=FONT, fontSize=11, leading=19, firstLineIndent=22, wordWrap="CJK")
    headline = ParagraphStyle(
        "headline", parent=body, fontSize=15, leading=26, alignment=TA_CENTER, firstLineIndent=0
    )
    small = ParagraphStyle("small", parent=body, fontSize=9, firstLineIndent=0)
    flow = [Paragraph(html.escape(head), small), Spacer(1, 10), Paragraph(html.escape(title), headline)]
    flow += [Paragraph(html.escape(one), body) for one in paragraphs]
    out = BytesIO()
    # invariant: the same text prints the same bytes, as a publisher's file does
    SimpleDocTemplate(out, pagesize=A4, title=title, author="paomo stand-in", invariant=1).build(flow)
    return out.getvalue()


def page_of(article: Mapping[str, Any], *, head: str) -> bytes:
    """A news page, in the bytes its `charset` makes; `declared` is what its meta tag says, '' for no tag."""
    meta = f'<meta charset="{article["declared"]}">' if article["declared"] else ""
    paragraphs = "\n".join(f"<p>{html.escape(one)}</p>" for one in article["paragraphs"])
    title = html.escape(article["title"])
    page = f"""<!DOCTYPE html>
<html lang="{article["lang"]}"><head>{meta}<title>{title}</title>
<meta property="article:published_time" content="{article["day"]}T09:00:00+08:00"></head>
<body><nav><a href="/">首页</a></nav>
<article><h1>{title}</h1><p class="source">paomo stand-in　{article["day"]}</p>
{paragraphs}
</article><footer>{html.escape(head)}</footer></body></html>
"""
    return page.encode(article["charset"])
