"""One set of output formats for every command: table, json, jsonl, csv."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TextIO

from warehouse.plain import as_json, plain
from warehouse.sandbox import Answer

PIPED_WIDTH = 180
"""Columns of a table that no terminal bounds: a log or a page of the README."""
LONG = {"quote", "text", "message", "title", "url", "doc_id", "comment", "input", "fields", "sql", "note"}
"""Columns that may be folded over lines; all others stay whole as long as they can."""


UNBROKEN = {"doc_id", "url"}
"""Of these, what stays whole in a pipe, whatever the width: it is there to be copied."""


class Format(StrEnum):
    """How to print an answer."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def render(answer: Answer, form: Format, *, title: str | None = None, stream: TextIO | None = None) -> None:
    """Print an answer; only `table` shortens nothing but rounds nothing either, it folds."""
    out = stream or sys.stdout
    if form is Format.TABLE:
        _table(answer, out, title)
    elif form is Format.JSON:
        records = [{k: plain(v) for k, v in record.items()} for record in answer.records()]
        out.write(json.dumps(records, ensure_ascii=False, indent=1) + "\n")
    elif form is Format.JSONL:
        for record in answer.records():
            out.write(as_json(record) + "\n")
    else:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([_csv(v) for v in row] for row in answer.rows)


def _csv(value: Any) -> Any:
    value = plain(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _table(answer: Answer, out: TextIO, title: str | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=out, soft_wrap=False)
    width = console.width if console.is_terminal else PIPED_WIDTH
    cells = [[_cell(value) for value in row] for row in answer.rows]
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for i, name in enumerate(answer.columns):
        number = any(_is_number(row[i]) for row in answer.rows)
        natural = max([_wide(name), *(_wide(row[i]) for row in cells)])
        whole = name in UNBROKEN and not console.is_terminal
        long = not whole and (name in LONG or natural > 36)
        table.add_column(
            name,
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=not long,
            min_width=min(natural, 28 if long else natural),
        )
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    if not answer.columns:
        return
    least = sum(column.min_width or 0 for column in table.columns) + 3 * len(table.columns)
    if least > width and console.is_terminal:
        _cards(answer, console)
    else:
        Console(file=out, width=max(width, least)).print(table)
    if not answer.rows:
        out.write("(no rows)\n")


def _cards(answer: Answer, console: Any) -> None:
    """One block a row, where the columns do not fit side by side."""
    from rich.text import Text

    name_width = max(map(len, answer.columns))
    for n, record in enumerate(answer.records(), 1):
        console.rule(f"{n} of {len(answer.rows)}", align="left", style="dim")
        for name, value in record.items():
            if value is not None:
                console.print(Text.assemble((f"{name:<{name_width}}  ", "bold"), _cell(value)))


def _wide(text: str) -> int:
    from rich.cells import cell_len

    return max((cell_len(line) for line in text.splitlines()), default=0)


def _is_number(value: Any) -> bool:
    return isinstance(plain(value), int | float) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return grouped(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).replace("\n", " ").strip()


def grouped(value: int | float) -> str:
    """A number with thousands apart, at most four decimals: 1,100,000,000; 2.3288."""
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text if text not in ("0", "-0") or value == 0 else f"{value:.3g}"


def as_text(rows: Sequence[tuple[str, Any]]) -> str:
    """Name and value, one a line, names aligned."""
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:<{width}}  {_cell(value)}" for name, value in rows if value is not None)
