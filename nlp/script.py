"""Traditional to simplified, character for character, and only where a paragraph is traditional."""

from __future__ import annotations

import re
from functools import cache

import opencc

from nlp.lexicon import rows
from nlp.noise import beyond_basic

_IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0))

# Characters that t2s would change and that simplified text uses, too: 乾隆, 昇腾, 慰藉, 瞭望, and the name
# characters that the PRC list of 2013 took back. None of them makes a paragraph traditional.
_BOTH = frozenset("乾吒夥徵拚捱摺榘菸薹袷醣麴昇瞭藉喆甦濬叡祕崑溧勠噘蹚皙瞋仝甯凃晳淼堃炁硃菴迺麽蘋")

_HONG_KONG = re.compile("[衞枱敍粧糭衹]")
"""Variants that hk2s knows and t2s does not."""

_TRADITIONAL_SHARE = 0.12
"""Of a paragraph's characters; below it, it is a simplified one with stray characters (與(yǔ), 額(é))."""


@cache
def _converter(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


@cache
def traditional() -> frozenset[str]:
    """The characters that only traditional text has, by OpenCC's own dictionary."""
    characters = [chr(code) for low, high in _IDEOGRAPHS for code in range(low, high)]
    converted = _converter("t2s").convert("\n".join(characters)).split("\n")
    return frozenset(a for a, b in zip(characters, converted, strict=True) if a != b) - _BOTH


@cache
def _restored() -> tuple[tuple[str, str], ...]:
    return tuple((converted, own) for converted, own in rows("script", "converted", "own"))


@cache
def _common() -> re.Pattern[str]:
    """The traditional characters of the basic plane, eight times as fast to look for as the whole set."""
    return re.compile(f"[{''.join(sorted(c for c in traditional() if c <= _BASIC))}]")


_BASIC = "\uffff"


def _is_traditional(text: str) -> bool:
    if _common().search(text):
        return True
    return beyond_basic(text) and not traditional().isdisjoint(text)


def simplified(text: str) -> str:
    """`text` in simplified characters, of the same length; paragraphs end at line feeds.

    Words stay what they are (伺服器, 資料中心 → 资料中心): other words have other lengths, and their aliases
    are the lexicon's business. Text without a character that only traditional text has is not touched.
    """
    if not _is_traditional(text):
        return text
    return "\n".join(_convert(paragraph) for paragraph in text.split("\n"))


def as_converted(name: str) -> str:
    """What a simplified name looks like when it went through traditional text: 昇辉科技 is 升辉科技 then."""
    converted: str = _converter("t2s").convert(name)
    return converted


def _convert(paragraph: str) -> str:
    if not _is_traditional(paragraph):
        return paragraph
    out: str = _converter(_config(paragraph)).convert(paragraph)
    for converted, own in _restored():
        out = out.replace(converted, own)
    return out


def _config(paragraph: str) -> str:
    """Which of OpenCC's length-preserving configurations; tw2s would read 显著 and 什么 wrongly elsewhere."""
    if _HONG_KONG.search(paragraph):
        return "hk2s"
    if "著" in paragraph and "么" not in paragraph:
        hits = sum(character in traditional() for character in paragraph)
        if hits >= _TRADITIONAL_SHARE * len(paragraph):
            return "tw2s"
    return "t2s"
