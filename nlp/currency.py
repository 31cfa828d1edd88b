"""Whose money a bare 元 is: CNY on the mainland, TWD in Taiwan, HKD in Hong Kong, whatever the script."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from nlp.lexicon import words
from nlp.script import traditional

EXPLICIT_CNY = re.compile(r"人民币|RMB|CNY|¥|￥|软妹币", re.IGNORECASE)
_EXPLICIT = {
    "CNY": EXPLICIT_CNY,
    "HKD": re.compile(r"港元|港币|港纸|HK\$|HKD"),
    "TWD": re.compile(r"台币|NT\$|TWD|NTD"),
}
SAMPLE = 2000
"""Characters that are enough to tell the script."""
TRADITIONAL_SHARE = 0.08
"""Share of only traditional characters above which a text is in traditional ones."""


@lru_cache(maxsize=2)  # three extractors ask it of each document
def home_currency(text: str, source: str) -> str:
    """CNY, TWD or HKD for a bare 元 in the view `text` of the text of record `source`.

    The words of the place decide (新台币, 伺服器, 数码港). A text in simplified characters has to say more of
    them than one in traditional characters, for which the mainland is no default.
    """
    weight = {
        code: sum(w * len(set(pattern.findall(text))) for w, pattern in listed)
        for code, listed in _words().items()
    }
    abroad = max(("TWD", "HKD"), key=lambda code: weight[code])
    needed = 2 if _traditional(source) else 4
    return abroad if weight[abroad] >= needed and weight[abroad] > weight["CNY"] else "CNY"


def currency_of(unit: str, printed: str, home: str, *, sentence: str = "") -> str:
    """The currency of an amount read as `unit` from the words `printed`.

    A bare 元 is at home, but abroad it is what `sentence` says beside another amount:
    7.5萬元人民幣, 去年18萬元.
    """
    if unit != "CNY" or EXPLICIT_CNY.search(printed):
        return unit
    beside = [code for code, words in _EXPLICIT.items() if words.search(sentence)]
    return beside[0] if home != "CNY" and len(beside) == 1 else home


def sentence_of(text: str, at: int) -> str:
    """The sentence of the view `text` that holds offset `at`."""
    start = max(text.rfind(stop, 0, at) for stop in "。\n!?") + 1
    ends = [end for stop in "。\n!?" if (end := text.find(stop, at)) >= 0]
    return text[start : min(ends, default=len(text))]


def _traditional(source: str) -> bool:
    printed = set(source[:SAMPLE])
    return len(printed & traditional()) > TRADITIONAL_SHARE * max(1, len(printed))


@cache
def _words() -> dict[str, list[tuple[int, re.Pattern[str]]]]:
    return {
        code: [(weight, re.compile("|".join(listed))) for weight, listed in weights.items()]
        for code, weights in words("currency").items()
    }
