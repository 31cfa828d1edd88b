"""Price tables in the text of record: rows of models under dates or prices, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nlp.cue import cues
from nlp.hardware import Hardware, find_hardware
from nlp.normalise import normalise
from nlp.offer import Offer
from nlp.period import find_periods
from nlp.price_pattern import THINGS, TIMES
from nlp.quantity import Quantity, find_quantities
from nlp.reading import Reading
from nlp.scene import Scene
from nlp.span import Span

_CELL = re.compile(r"[^\t|｜│　]+?(?=[\t|｜│　]| {2,}|$)")
_SPACED = re.compile(r"\S+")
_COMMA = re.compile(r"[^,，]+")
_COMMA_APART = re.compile(r"(?<!\d)[,，]|[,，](?!\d{3})")
"""A comma that groups no digits."""
_COLON = re.compile(r"[^:：]+")
_COLON_LINE = re.compile(r"[^:：]{2,30}[:：]\s?\d[\d,]*(?:\.\d+)?")
"""H200：61,000 on a line of its own."""
_FIGURE_LAST = re.compile(r"(?P<label>.*[】\u4e00-\u9fff])[ 　]+(?P<figure>\d[\d,]*(?:\.\d+)?)")
_FEW = 3
_YEAR = re.compile(r"20[0-4]\d")
_LINE = re.compile(r"[^\n]+")
_PROSE_ENDS = ("。", "！", "？", "；", ";", "!", "?", "，", "”")
_NUMBER = re.compile(r"[\d,]*\d(?:\.\d+)?(?:\s?[-~–—至到]\s?\d[\d,]*(?:\.\d+)?)?")
# 单位:万元/台/月, 单价(万元), 美元/小时, 元/卡/小时
_UNIT = re.compile(
    r"(?P<money>[十百千万亿]?(?:美元|港元|港币|新台币|台币|欧元|日元|人民币元?|元))(?:人民币)?(?P<per>(?:/[^/\s,;:()|]{1,8})*)"
)
ROW = 240
"""Characters of a row at most."""
_UNNAMED = {
    **dict.fromkeys(("架", "柜", "机柜", "机架", "標準機櫃", "機櫃", "櫃"), "rack"),
    **dict.fromkeys(("P", "匹", "PFLOPS"), "compute"),
    **dict.fromkeys(("度", "千瓦时", "kWh"), "electricity"),
}
LEAD = 3
"""Lines above a table in which its unit, its kind of machine and its date may be told."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell: where it stands in the text of record, and its normalised text."""

    span: Span
    text: str

    @property
    def is_number(self) -> bool:
        """A figure, with or without its unit; a year is a head."""
        if _YEAR.fullmatch(self.text):
            return False
        return _NUMBER.fullmatch(self.text) is not None or any(
            q.kind == "money" and q.core == Span(0, len(self.text)) for q in find_quantities(self.text)
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive lines of cells; `lead` is what stands right above them."""

    rows: tuple[tuple[_Cell, ...], ...]
    lead: str

    @property
    def span(self) -> Span:
        """From its first cell to its last, in the text of record."""
        return Span(self.rows[0][0].span.start, self.rows[-1][-1].span.end)


def find_tables(reading: Reading) -> Iterator[Table]:
    """Every table that names a model and holds numbers."""
    for table in all_tables(reading):
        if _is_tariff(table.rows, table.lead):
            yield table


def all_tables(reading: Reading) -> Iterator[Table]:
    """Every run of two or more lines with cells, the cells normalised one by one."""
    lines = [(m.start(), m.group()) for m in _LINE.finditer(reading.document.text)]
    block: list[tuple[_Cell, ...]] = []
    first = 0
    for position, (start, line) in enumerate([*lines, (0, "")]):
        cells = _cells(line, start)
        if cells:
            first = first if block else position
            block.append(cells)
            continue
        above = "\n".join(text for _, text in lines[max(0, first - LEAD) : first])
        if len(block) >= 2:
            rows = tuple(
                tuple(replace(c, text=normalise(c.text).view.text.strip()) for c in row) for row in block
            )
            yield Table(rows, f"{reading.title}\n{normalise(above).view.text}")
        block = []


def _cells(line: str, at: int) -> tuple[_Cell, ...]:
    """The cells of a line as printed, by the first separator that makes two; () for a line of prose."""
    if len(line) > ROW or line.endswith(_PROSE_ENDS):
        return ()
    bare = line.strip(" |｜│\t　")
    shift = at + line.index(bare) if bare else at
    grouped = len(bare.split()) > _FEW and not _COMMA_APART.search(bare)  # 甲 乙 38,600 算力1,200P
    for pattern in _separators(bare, grouped=grouped):
        spans = [_trimmed(bare, m.start(), m.end()) for m in pattern.finditer(bare)]
        parts = [part for s, e in spans if e > s for part in _figure_apart(bare, s, e)]
        cells = [_Cell(Span(s + shift, e + shift), bare[s:e]) for s, e in parts]
        if len(cells) >= 2 and all(len(c.text) <= 40 for c in cells):
            return tuple(cells)
    return ()


def _separators(bare: str, *, grouped: bool) -> tuple[re.Pattern[str], ...]:
    """What may part a line's cells, best first. H100 8卡 47,500 has no comma between cells."""
    if grouped or ("," in bare and not _COMMA_APART.search(bare)):
        return (_CELL, _COLON, _SPACED) if _COLON_LINE.fullmatch(bare) else (_CELL, _SPACED)
    return (_CELL, _COLON) if _COLON_LINE.fullmatch(bare) else (_CELL, _COMMA, _SPACED)


def _figure_apart(bare: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A cell, or two where a figure ends it: 【H100 8卡】华东 47,500 under 元/台/月."""
    found = _FIGURE_LAST.fullmatch(bare, start, end)
    if found is None:
        yield start, end
        return
    yield found.span("label")
    yield found.span("figure")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip(" ,，")), start + len(part.rstrip(" ,，"))


def _is_tariff(rows: Sequence[Sequence[_Cell]], lead: str) -> bool:
    cells = [cell for row in rows for cell in row]
    numbers = sum(_NUMBER.fullmatch(c.text) is not None or c.text[:1].isdigit() for c in cells)
    heads = lead + "".join(c.text for c in rows[0])
    return numbers >= 2 and (any(_model(c.text) for c in cells) or _unnamed(heads) is not None)


class TariffReader:
    """Reads one table's offers; a number whose currency is told nowhere is none."""

    def __init__(self, table: Table, *, anchor: date | None) -> None:
        self.table = table
        self.anchor = anchor
        self.lexicon = cues("price")
        numbers = [index for index, row in enumerate(table.rows) if any(c.is_number for c in row[1:])]
        self.first = numbers[0] if numbers else len(table.rows)
        self.heads = table.rows[self.first - 1] if self.first else ()
        self.lead = table.lead + "\n" + "\n".join(c.text for row in table.rows[: self.first] for c in row)

    def offers(self) -> Iterator[Offer]:
        """The prices, row by row."""
        for row in self.table.rows[self.first :]:
            head = dict(zip(range(len(row)), self._aligned(row), strict=True))
            subject = next((m for c in row if (m := _model(c.text))), None)
            for index, cell in enumerate(row):
                model = subject or _model(head[index]) or _unnamed(head[index] + self.lead)
                if cell.is_number and model and self._is_price(cell, head[index], index):
                    start = next((c.span.start for c in row if _model(c.text)), row[0].span.start)
                    offer = self._offer(cell, row, model, head=head[index], start=start)
                    if offer is not None:
                        yield offer

    def _aligned(self, row: Sequence[_Cell]) -> list[str]:
        """The head of each cell; of a shorter row of heads the ends are laid together."""
        heads = [c.text for c in self.heads]
        if len(heads) < len(row):
            heads = [""] * (len(row) - len(heads)) + heads
        return heads[: len(row)]

    def _is_price(self, cell: _Cell, head: str, index: int) -> bool:
        if index == 0:
            return False
        column = self.lexicon.roles["column"]
        if column["price"].search(head):
            return True
        if column["other"].search(head):
            return False
        if not _NUMBER.fullmatch(cell.text):
            return True  # 17500元 says itself what it is
        named = any(column["price"].search(c.text) for c in self.heads)
        dated = bool(find_periods(head, anchor=self.anchor))
        return dated or bool(_model(head)) or (not named and bool(_UNIT.search(self.lead)))

    def _offer(
        self, cell: _Cell, row: Sequence[_Cell], model: Hardware, *, head: str, start: int
    ) -> Offer | None:
        around = " ".join(c.text for c in row if not c.is_number)
        amount = self._amount(cell, head)
        if amount is None:
            return None
        scene = self._scene(model, f"{head} {around}", amount)
        return Offer(
            start=start,
            end=cell.span.end,
            amount=amount,
            items=(model.item,),
            kind=scene.kind or "purchase",
            form=scene.form,
            gpus=1 if scene.form == "card" else scene.gpus,
            period=scene.period if scene.kind == "rent" else None,
            earlier=None,
            quantity=None,
            as_of=self._as_of(head, around),
            qualifier=scene.market,
            bound="under" if self.lexicon.pattern("ceiling").search(head + self.lead) else amount.bound,
            doubts=("table",),
            printed=True,
        )

    def _amount(self, cell: _Cell, head: str) -> Quantity | None:
        """The cell's number in the unit of its head, or of the lines above the table."""
        own = find_quantities(cell.text)
        if own and own[0].kind == "money":
            return own[0]
        for told in (head, self.lead):
            units = list(_UNIT.finditer(told))
            if units:
                read = find_quantities(cell.text.replace(" ", "") + units[-1].group())
                return read[0] if read and read[0].kind == "money" else None
        return None

    def _scene(self, model: Hardware, around: str, amount: Quantity) -> Scene:
        """Form, kind and period: what stands in row and head goes before what stands above the table."""
        scene = Scene(items=(model.item,))
        for told in (self.lead, around):
            found = self.lexicon.find(
                told, 0, len(told), ("kind", "qualifier", "form", "noun", "gpus", "per")
            )
            for cue in sorted(found, key=lambda c: c.start):
                _tell(scene, cue.role, cue.value, cue.number)
        scene.form, scene.gpus = model.form or scene.form, model.gpus or scene.gpus
        for per in amount.per:
            if per in THINGS:
                scene.counted(per)
                scene.items = (model.item,)
            elif per in TIMES:
                scene.paid(per, 0)
        return scene

    def _as_of(self, head: str, around: str) -> str | None:
        for told in (head, around, self.lead):
            dated = [p.value for p in find_periods(told, anchor=self.anchor) if p.value]
            if dated:
                return dated[-1]
        return None


def _tell(scene: Scene, role: str, value: str, number: str) -> None:
    if role == "kind":
        scene.dealt(value)
    elif role == "qualifier":
        scene.market = value if value == "black_market" else scene.market
    elif role == "gpus":
        scene.equipped(number)
    elif role == "per":
        scene.paid(value, 0)
    elif value in ("card", "server", "rack"):
        scene.counted(value)


def _unnamed(told: str) -> Hardware | None:
    """What a table of no models is of, by its unit: 元/架/月 are racks, 元/P/年 is compute, 元/度 power."""
    for unit in _UNIT.finditer(told):
        for word, item in _UNNAMED.items():
            if word in unit["per"].split("/"):
                return Hardware(Span(0, 0), item)
    return None


def _model(text: str) -> Hardware | None:
    found = find_hardware(text) or find_hardware(f"GPU {text}")
    return found[0] if found else None
