"""PDF → text."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.reading.rejected import ReadingError

READER = "pdf/1"


@dataclass(frozen=True, slots=True)
class Pages:
    """The text of a PDF and where each page begins in it."""

    text: str
    pages: tuple[int, ...]
    scanned: tuple[int, ...]
    """Numbers, from 1, of pages that are pictures and gave no text."""


def read_pdf(data: bytes) -> Pages:
    """Read a PDF. Raises ReadingError: `encrypted`, `truncated`, `broken`, `empty`, `scanned`."""
    pdf = _open(data)
    try:
        parts = [page.get_textpage().get_text_range().replace("\r\n", "\n").strip() for page in pdf]
    finally:
        pdf.close()
    if not "".join(parts).strip():
        raise ReadingError("scanned", "pages without text")
    offsets, at = [], 0
    for part in parts:
        offsets.append(at)
        at += len(part) + 1
    return Pages("\n".join(parts), tuple(offsets), ())


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _why(data) from error
    if len(pdf) == 0:
        raise ReadingError("empty", "a PDF without pages; fetch it again")
    return pdf


def _why(data: bytes) -> ReadingError:
    """PDFium's last error in words; a file that lost its end says so rather than just `broken`."""
    if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        return ReadingError(
            "encrypted", "a PDF that asks for a password; save it without one and load it again"
        )
    if b"%%EOF" not in data[-2048:]:
        return ReadingError("truncated", "a PDF that ends before its end mark; fetch it again")
    return ReadingError("broken", "says it is a PDF but can't be opened as one; fetch it again")
