"""Labels in Chinese and English; the words are data in templates/words.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
ROOM = Path(__file__).parent.parent / "templates"


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = yaml.safe_load((ROOM / "words.yml").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of one language."""

    language: Language

    def __call__(self, key: str, /, **parts: Any) -> str:
        """A heading or a sentence; KeyError where words.yml has none of this name."""
        text = _table()["words"][key][self.language]
        return text.format(**parts) if parts else text

    def column(self, name: str) -> str:
        """What a column is called; its own name with spaces where the list has none."""
        known = _table()["columns"].get(name)
        return known[self.language] if known else name.replace("_", " ")

    def value(self, value: Any) -> str:
        """A value of a closed list in this language; anything else as it is."""
        known = _table()["values"].get(str(value))
        return known[self.language] if known else str(value)
