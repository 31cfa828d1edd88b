"""`paomo report`: the page as one file that opens from disk, and what it remembers for the next one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from crawler.errors import WarehouseError
from warehouse.home import Home
from warehouse.plain import plain
from warehouse.report.charts import charts, save
from warehouse.report.pages import STATIC, Paths, drawings, headline, page
from warehouse.report.panels import QUOTE, Panels, gather
from warehouse.report.words import Language, Words

MEMORY = "report.json"
"""In the data folder: the figures of the last reports, one entry a snapshot, the newest last."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where the report lies, how large it is in bytes, and the chart files beside it."""

    file: Path
    size: int
    charts: list[Path]


def write(home: Home, out: Path, *, language: Language = "en", folder: Path | None = None) -> Written:
    """Write the report of the snapshot that counts; the file appears whole or not at all."""
    words = Words(language)
    panels = gather(home)
    drawn = charts(panels, words)
    html = render(panels, words, drawn, earlier(home, panels.snapshot))
    try:
        _put(out, html)
        saved = save(drawn, folder) if folder else []
    except OSError as error:
        raise WarehouseError(
            f"{error.filename or out}: cannot write there ({error.strerror}); name another"
        ) from error
    remember(home, panels)
    return Written(out, len(html.encode()), saved)


def render(panels: Panels, words: Words, drawn: dict[str, str], last: dict[str, Any] | None) -> str:
    """The whole page; `last` is what `earlier` gives."""
    script = (STATIC / "paomo.js").read_text("utf-8")
    before, when = (last["figures"], last["made"][:10]) if last else (None, None)
    return page(
        "report.html",
        words,
        panels=panels,
        headline=headline(panels, words, before=before, when=when),
        svg=drawings(drawn),
        paths=Paths("#e-"),
        quote=QUOTE,
        style=Markup((STATIC / "paomo.css").read_text("utf-8")),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def earlier(home: Home, snapshot: str) -> dict[str, Any] | None:
    """The last report of another snapshot: `snapshot`, `made` (UTC), `figures`; None: there was none."""
    return next((one for one in reversed(_remembered(home)) if one["snapshot"] != snapshot), None)


def remember(home: Home, panels: Panels) -> None:
    """Keep this report's figures; the last two snapshots are enough to compare."""
    entry = {
        "snapshot": panels.snapshot,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "figures": {k: plain(v) for k, v in panels.figures.items()},
    }
    kept = [one for one in _remembered(home) if one["snapshot"] != panels.snapshot][-1:]
    try:
        _put(home.root / MEMORY, json.dumps([*kept, entry], ensure_ascii=False) + "\n")
    except OSError as error:
        raise WarehouseError(f"{home.root / MEMORY}: cannot be written ({error.strerror})") from error


def _remembered(home: Home) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads((home.root / MEMORY).read_text("utf-8"))
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise WarehouseError(f"{home.root / MEMORY}: broken ({error}); delete it") from error
    return found


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
