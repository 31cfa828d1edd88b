"""Prints small filings with reportlab, for the tests to read back."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

BODY = ParagraphStyle("body", fontName=FONT, fontSize=12, leading=18, firstLineIndent=24, wordWrap="CJK")
HEAD = ParagraphStyle("head", parent=BODY, fontSize=16, leading=26, firstLineIndent=0, alignment=1)
SIGNED = ParagraphStyle("signed", parent=BODY, alignment=2)
RULED = [("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0)), ("FONTNAME", (0, 0), (-1, -1), FONT)]

SHARED_PDF = Path(__file__).parents[3].parent / "shared" / "data" / "pdf"
needs_shared_pdf = pytest.mark.skipif(not SHARED_PDF.is_dir(), reason="../shared/data/pdf is not here")


def filing(*parts: Flowable | str, header: str = "", footer: str = "", password: str | None = None) -> bytes:
    """A filing of paragraphs (strings) and other flowables, with a header and a footer on each page.

    `{page}` in them is the page's number.
    """

    def furniture(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawString(72, 800, header.format(page=document.page))
        canvas.drawCentredString(297, 30, footer.format(page=document.page))

    out = io.BytesIO()
    lock = StandardEncryption(password, ownerPassword=password) if password else None
    story = [Paragraph(part, BODY) if isinstance(part, str) else part for part in parts]
    SimpleDocTemplate(out, encrypt=lock).build(story, onFirstPage=furniture, onLaterPages=furniture)
    return out.getvalue()


def ruled(rows: list[list[str]], *style: tuple[object, ...], widths: list[int] | None = None) -> Table:
    """A table with every line drawn."""
    return Table(rows, colWidths=widths, style=[*RULED, *style])


def next_page() -> Flowable:
    return PageBreak()


def scanned(data: bytes, *, scale: float = 2.0) -> bytes:
    """The same filing as pictures of its pages, as a scanner makes them."""
    source, made = pypdfium2.PdfDocument(data), pypdfium2.PdfDocument.new()
    for page in source:
        width, height = page.get_size()
        picture = io.BytesIO()
        page.render(scale=scale).to_pil().convert("RGB").save(picture, "JPEG")
        picture.seek(0)
        image = pypdfium2.PdfImage.new(made)
        image.load_jpeg(picture)
        image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
        sheet = made.new_page(width, height)
        sheet.insert_obj(image)
        sheet.gen_content()
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def turned(data: bytes, rotation: int) -> bytes:
    """The same filing on pages that say they are turned by 90, 180 or 270 degrees; it looks the same to a reader."""
    pdf = pypdfium2.PdfDocument(data)
    for page in pdf:
        width, height = page.get_size()
        matrix, sides = {
            90: ((0, 1, -1, 0, height, 0), (height, width)),
            180: ((-1, 0, 0, -1, width, height), (width, height)),
            270: ((0, -1, 1, 0, 0, width), (height, width)),
        }[rotation]
        for drawn in page.get_objects(max_depth=1):
            drawn.transform(pypdfium2.PdfMatrix(*matrix))
        page.set_mediabox(0, 0, *sides)
        page.set_cropbox(0, 0, *sides)
        page.set_rotation(rotation)
        page.gen_content()
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()
