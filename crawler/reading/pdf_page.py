"""One PDF page as PDFium sees it: lines of text with their places, ruled lines, pictures.

Only PDFium's C interface is used, one call for each thing needed: a page costs 4 ms, half of it in PDFium.
Coordinates are points of 1/72 inch from the lower left corner of the page.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

_THIN = 2.5  # points; a filled or stroked box no thicker than this is a ruled line
_SHORTEST = 3.0  # points; shorter ones are corners of a border or parts of a drawing
_MOST_SEGMENTS = 400  # a path with more is a drawing, not a table
_DEEPEST = 4  # levels of form objects within each other
_SCAN_COVER = 0.4  # a page is a scan if pictures cover more of it than this and it has next to no text
_SCAN_TEXT = 12  # characters; a stamped page number is not a text layer

_CLEAN = str.maketrans(
    {"\x02": "-", "\ufffe": "-", "\x00": None, "\uffff": None, "\r": None, "\n": None}
)  # two marks of a line-end hyphen
# 玄 元 私 募 基 金: a line spread to fill its cell, the spaces are PDFium's
_SPREAD = re.compile(r"(?<![\u4e00-\u9fff])(?:[\u4e00-\u9fff] ){3,}[\u4e00-\u9fff](?![\u4e00-\u9fff])")
_NEWLINE = re.compile(r"[\r\n]+")
_HALF = re.compile(r"[\ud800-\udfff]")
"""PDFium counts 𠮷 of 𠮷林 as two characters, the halves of a surrogate pair."""


def _by_address(function: Any, result: Any, *arguments: Any) -> Any:
    """A PDFium function that takes addresses as numbers: a third faster, for a thousand calls a page."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_object_at = _by_address(pdfium.FPDFPage_GetObject, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_type_of = _by_address(pdfium.FPDFPageObj_GetType, ctypes.c_int, ctypes.c_void_p)
_loose_char_box = _by_address(
    pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)

Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line, or the part of one that lies outside tables."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def em(self) -> float:
        """Width of one Han character, by the line's length; a Latin one counts half, “ and … do not."""
        units = sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in self.text)
        return 2 * (self.right - self.left) / max(units, 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line: at `at` on its own axis, from `start` to `end` on the other."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The ruled lines of a page."""

    level: list[Rule]
    upright: list[Rule]


class PrintedPage:
    """A page's characters, and what is drawn around them. Close it when its lines are taken."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._textpage = page.get_textpage()
        self._raw = self._textpage.raw
        self._address = ctypes.cast(self._raw, ctypes.c_void_p).value
        self.width, self.height = page.get_size()
        self.text = self._characters()
        self._box = pdfium.FS_RECTF()
        self._box_at = ctypes.addressof(self._box)
        turned = _turned(page)
        self._placed = turned if turned != _Placed() else None
        self._quarter_turned = page.get_rotation() in (90, 270)

    def close(self) -> None:
        """Give PDFium its memory back."""
        self._textpage.close()
        self._page.close()

    def spans(self) -> list[tuple[int, int]]:
        """Half-open character ranges of the printed lines, as they are drawn; none is blank."""
        breaks = self._steps() if self._quarter_turned else _NEWLINE.finditer(self.text)
        found, start = [], 0
        for ends in breaks:
            first, after = ends if isinstance(ends, tuple) else ends.span()
            found.append((start, first))
            start = after
        found.append((start, len(self.text)))
        return [(start, end) for start, end in found if self.text[start:end].strip()]

    def _steps(self) -> Iterator[tuple[int, int]]:
        """Where the text steps to another height: on a page turned by a quarter PDFium breaks no lines."""
        level: float | None = None
        for at, character in enumerate(self.text):
            if character.isspace():
                continue
            _, bottom, _, top = self.box(at)
            if level is not None and abs(bottom - level) > (top - bottom) / 2:
                yield at, at
            level = bottom

    def box(self, index: int) -> Box:
        """left, bottom, right, top of one character's advance box (， is as wide as any Han character)."""
        _loose_char_box(self._address, index, self._box_at)
        box = self._box
        if self._placed is None:
            return box.left, box.bottom, box.right, box.top
        return self._placed.box(box.left, box.bottom, box.right, box.top)

    def line(self, start: int, end: int) -> Line:
        """The characters from `start` to `end` as a line; spaces at its ends do not count for its place."""
        text = self.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        left, bottom, _, top = self.box(start)
        _, last_bottom, right, last_top = self.box(end - 1)
        return Line(_clean(text[start:end]), left, min(bottom, last_bottom), right, max(top, last_top))

    def drawn(self) -> tuple[Rules, float]:
        """The page's ruled lines, and the share of it that pictures cover."""
        drawing = _Drawing()
        drawing.take_page(self._page.raw, self._placed or _Placed())
        return Rules(drawing.level, drawing.upright), min(1.0, drawing.pictured / (self.width * self.height))

    def is_scan(self, covered: float) -> bool:
        """A picture of a page, without a text layer."""
        return covered > _SCAN_COVER and len(self.text.strip()) < _SCAN_TEXT

    def _characters(self) -> str:
        """One code point for each of PDFium's characters: an index of one is an index of the other."""
        count = pdfium.FPDFText_CountChars(self._raw)
        text: str = self._textpage.get_text_range() if count else ""
        if len(text) != count:  # PDFium left characters out of the text that it counts
            text = "".join(chr(pdfium.FPDFText_GetUnicode(self._raw, at) or 0x20) for at in range(count))
        return text


def _clean(text: str) -> str:
    if _HALF.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if text.count(" ") > 2:
        text = _SPREAD.sub(lambda found: found[0].replace(" ", ""), text)
    return text.translate(_CLEAN)


class _Drawing:
    """Collects ruled lines and the area of pictures from a page's objects."""

    def __init__(self) -> None:
        self.level: list[Rule] = []
        self.upright: list[Rule] = []
        self.pictured = 0.0
        self._bounds = [ctypes.c_float() for _ in range(4)]
        self._bounds_at = [ctypes.byref(value) for value in self._bounds]
        self._point = ctypes.c_float(), ctypes.c_float()

    def take_page(self, page: Any, placed: _Placed) -> None:
        address = ctypes.cast(page, ctypes.c_void_p).value
        for at in range(pdfium.FPDFPage_CountObjects(page)):
            kind = _type_of(_object_at(address, at))
            if kind != pdfium.FPDF_PAGEOBJ_TEXT:
                self._take(pdfium.FPDFPage_GetObject(page, at), kind, placed, depth=0)

    def _take(self, drawn: object, kind: int, placed: _Placed, *, depth: int) -> None:
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._take_path(drawn, placed)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = self._bounds_of(drawn, placed)
            self.pictured += (right - left) * (top - bottom)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            inner = placed.inside(drawn)
            for at in range(pdfium.FPDFFormObj_CountObjects(drawn)):
                part = pdfium.FPDFFormObj_GetObject(drawn, at)
                self._take(part, pdfium.FPDFPageObj_GetType(part), inner, depth=depth + 1)

    def _bounds_of(self, drawn: object, placed: _Placed) -> Box:
        pdfium.FPDFPageObj_GetBounds(drawn, *self._bounds_at)
        left, bottom, right, top = (value.value for value in self._bounds)
        return placed.box(left, bottom, right, top)

    def _take_path(self, drawn: object, placed: _Placed) -> None:
        left, bottom, right, top = self._bounds_of(drawn, placed)
        if top - bottom <= _THIN or right - left <= _THIN:
            self._take_edge(left, bottom, right, top)
        elif _is_stroked(drawn):
            self._take_segments(drawn, placed)

    def _take_edge(self, left: float, bottom: float, right: float, top: float) -> None:
        if right - left >= _SHORTEST and top - bottom <= _THIN:
            self.level.append(Rule((bottom + top) / 2, left, right))
        elif top - bottom >= _SHORTEST and right - left <= _THIN:
            self.upright.append(Rule((left + right) / 2, bottom, top))

    def _take_segments(self, drawn: object, placed: _Placed) -> None:
        """A whole grid or box drawn as one path: its straight level and upright strokes."""
        count = pdfium.FPDFPath_CountSegments(drawn)
        if count > _MOST_SEGMENTS * 10:
            return
        start = here = (0.0, 0.0)
        for at in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(drawn, at)
            there = self._point_of(segment, placed)
            if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_LINETO:
                self._take_stroke(here, there)
            else:
                start = there
            here = there
            if pdfium.FPDFPathSegment_GetClose(segment):
                self._take_stroke(here, start)

    def _point_of(self, segment: object, placed: _Placed) -> tuple[float, float]:
        x, y = self._point
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        return placed.point(x.value, y.value)

    def _take_stroke(self, here: tuple[float, float], there: tuple[float, float]) -> None:
        (x0, x1), (y0, y1) = sorted((here[0], there[0])), sorted((here[1], there[1]))
        self._take_edge(x0, y0, x1, y1)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An affine map as PDF writes it: where a form object puts its parts, how a page is turned."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (x0, y0), (x1, y1) = self.point(left, bottom), self.point(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def inside(self, form: object) -> _Placed:
        """The map of a form's own space, which lies in this one."""
        m = pdfium.FS_MATRIX()
        if not pdfium.FPDFPageObj_GetMatrix(form, ctypes.byref(m)):
            return self
        (a, b), (c, d) = self._vector(m.a, m.b), self._vector(m.c, m.d)
        return _Placed(a, b, c, d, *self.point(m.e, m.f))

    def _vector(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y, self.b * x + self.d * y


def _turned(page: pypdfium2.PdfPage) -> _Placed:
    """From the page's own space to the page as it is read, its lower left corner at 0, 0.

    Wide tables of annual reports stand on pages that are turned by a quarter.
    """
    left, bottom, right, top = page.get_cropbox()
    return {
        0: _Placed(e=-left, f=-bottom),
        90: _Placed(0.0, -1.0, 1.0, 0.0, -bottom, right),
        180: _Placed(-1.0, 0.0, 0.0, -1.0, right, top),
        270: _Placed(0.0, 1.0, -1.0, 0.0, top, -left),
    }[page.get_rotation()]


def _is_stroked(path: object) -> bool:
    """A box that is only filled is a background, often of one line in a cell; its sides part nothing."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(stroke.value)
