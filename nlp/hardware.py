"""GPU and accelerator models, by canonical name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from crawler.errors import LexiconError
from nlp.lexicon import words
from nlp.span import Span

Form = Literal["card", "server", "rack"]
_How = Literal["plain", "strict", "digits"]

NEAR = 24
"""Characters either side in which a word of the trade makes A10 a card and not a motorway."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """One model named in the text; `span` covers maker, name and suffix (英伟达H100 SXM5)."""

    span: Span
    item: str
    """Canonical name of the event contract: H100, RTX 4090, Ascend 910B."""
    gpus: int | None = None
    """GPUs the name itself tells (NVL72: 72); None for a bare model."""
    form: Form | None = None
    """card, server or rack where the name itself tells."""


@dataclass(frozen=True, slots=True)
class _Entry:
    item: str
    how: _How
    gpus: int | None
    form: Form | None


@dataclass(frozen=True)
class _Catalogue:
    entries: dict[str, _Entry]
    """Printed name without blanks and hyphens -> entry."""
    pattern: re.Pattern[str]
    maker: re.Pattern[str]
    suffix: re.Pattern[str]
    suffixes: dict[str, dict[str, Any]]
    trade: re.Pattern[str]


_JOINT = re.compile(r"[ \-]")
_LATIN = re.compile(r"[A-Za-z0-9]")
# 4090元, 4090点, 4090.5, 4,090 and 4090-4100 are numbers; 4090的租金, 4090降到 and 4090D are cards.
# L4级自动驾驶 is a car, T4航站楼 a terminal, A10高速 a road.
_LEVEL = re.compile(r"\s*(?:级|自动|智驾|无人|辅助|航站|高速|公路|国道|口岸|出口|号|纸|线)")
_NUMBER_BEFORE = re.compile(r"(?:\d[.,:~\-]|[¥$￥约近超逾达])$")
_NUMBER_AFTER = re.compile(
    r"\s*(?:[\d%]|[.:~/\-]\d|,\d{3}(?!\d)|[元万亿千百点米吨家人名户股美港度年月日座辆亩册间场次种件])"
)


def find_hardware(text: str) -> list[Hardware]:
    """Every model in the normalised view `text`, sorted, non-overlapping."""
    catalogue = _catalogue()
    named = [
        (match, catalogue.entries[_JOINT.sub("", match.group())])
        for match in catalogue.pattern.finditer(text)
        if _stands_alone(text, match.start(), match.end())
    ]
    sure = [match.start() for match, entry in named if entry.how == "plain"]
    return [
        _mention(text, match, entry, catalogue)
        for match, entry in named
        if _is_trade(text, match, entry, catalogue, sure)
    ]


def _mention(text: str, match: re.Match[str], entry: _Entry, catalogue: _Catalogue) -> Hardware:
    start, end = match.span()
    gpus, form = entry.gpus, entry.form
    while maker := catalogue.maker.search(text, max(0, start - 12), start):
        start = maker.start()
    if suffix := catalogue.suffix.match(text, end):
        facts = catalogue.suffixes[suffix.group(1)]
        gpus, form, end = facts.get("gpus", gpus), facts.get("form", form), suffix.end()
    return Hardware(Span(start, end), entry.item, gpus, form)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """No letter or digit goes on before or after: H100, not H1000 nor RH100; a suffix (H100SXM) may."""
    if start and _LATIN.match(text[start - 1]) and _LATIN.match(text[start]):
        return _catalogue().maker.search(text, max(0, start - 12), start) is not None
    if end < len(text) and _LATIN.match(text[end]) and _LATIN.match(text[end - 1]):
        return _catalogue().suffix.match(text, end) is not None
    return True


def _is_trade(text: str, match: re.Match[str], entry: _Entry, catalogue: _Catalogue, sure: list[int]) -> bool:
    """Whether the code means a GPU; `sure`: where models stand that leave no doubt."""
    if entry.how == "plain":
        return True
    start, end = match.span()
    if entry.how == "strict" and _LEVEL.match(text, end):
        return False
    if entry.how == "strict":
        # A list of models: H20、L20, where H20 leaves no doubt.
        beside = any(abs(other - start) <= 2 * NEAR for other in sure)
        beside = beside or text[start - 1 : start] in tuple("张块颗")  # 几十张P40
        return beside or catalogue.trade.search(text, max(0, start - NEAR), end + NEAR) is not None
    if _NUMBER_AFTER.match(text, end) or _NUMBER_BEFORE.search(text, max(0, start - 2), start):
        return False
    return (
        bool(sure) or text[start - 1 : start] in tuple("张块颗卡") or catalogue.trade.search(text) is not None
    )


@cache
def _catalogue() -> _Catalogue:
    data = words("hardware")
    entries: dict[str, _Entry] = {}
    printed: list[str] = []
    for item, facts in data["models"].items():
        for how, aliases in _aliases(item, facts):
            for alias in aliases:
                entries[alias.replace(" ", "")] = _Entry(item, how, facts.get("gpus"), facts.get("form"))
                printed.append(alias)
    # No look-behind at its head: then sre skips to the first characters of the names, ten times as fast.
    names = sorted(printed, key=len, reverse=True)
    return _Catalogue(
        entries=entries,
        pattern=re.compile("|".join(re.escape(n).replace(r"\ ", "[ -]?") for n in names)),
        maker=re.compile(f"(?:{_any(data['makers'])})[ -]?$"),
        suffix=re.compile(f"[ -]?({_any(data['suffixes'])})(?![A-Za-z0-9])"),
        suffixes=data["suffixes"],
        trade=re.compile(_any(data["trade"])),
    )


def _aliases(item: str, facts: dict[str, Any]) -> list[tuple[_How, list[str]]]:
    unknown = facts.keys() - {"aliases", "bare", "digits", "strict", "gpus", "form"}
    if unknown or not facts.get("aliases"):
        raise LexiconError(f"hardware.yml: {item}: unknown {sorted(unknown)} or no aliases")
    return [
        ("strict" if facts.get("strict") else "plain", facts["aliases"]),
        ("strict", facts.get("bare", [])),
        ("digits", facts.get("digits", [])),
    ]


def _any(printed: Any) -> str:
    return "|".join(re.escape(w) for w in sorted(printed, key=len, reverse=True))
