"""Parts of a round number as shares: 十台里六台 is 60 per cent, 每十个机柜有三个 30."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nlp.numeral import parse_number
from nlp.quantity import Quantity
from nlp.span import Span

_NUMBER = r"\d{1,3}|[一二两三四五六七八九]?十|[一二两三四五六七八九]|一?百"
_NOUN = (
    r"(?:标准|国产|新|旧|老)?"
    r"(?:机柜|柜子|机架|架子|服务器|伺服器|显卡|GPU卡?|算力卡|加速卡|卡|机器|设备|整机|节点)"
)
_PART = re.compile(
    rf"(?<![\d一二两三四五六七八九十百千万亿第.,])(?P<whole>{_NUMBER})(?P<unit>[台张个柜架块栋])"
    rf"(?:{_NOUN})?(?:里头|里面|里|当中|之中|中)"
    rf"[^,。;\d]{{0,4}}?(?:有|是)?(?P<part>{_NUMBER})(?P=unit)"
    rf"|(?:每|平均)(?P<each>{_NUMBER})(?P<of>[台张个柜架块栋])(?:{_NOUN})?(?:里|中)?,?就?有(?P<some>{_NUMBER})(?P=of)"
)
_MOST = 100
"""Of more, the two numbers are a count and no way to tell a share."""
MACHINES = frozenset("台张柜架块")
"""Counters that by themselves say what is shared: machines, cards, racks."""


def parts_of(text: str, start: int, end: int) -> Iterator[Quantity]:
    """The shares told so in `text[start:end]`, in order; `core` is the part, `span` all of it."""
    for m in _PART.finditer(text, start, end):
        whole, part = (parse_number(m[a] or m[b]) for a, b in (("whole", "each"), ("part", "some")))
        if 0 < part < whole <= _MOST:
            core = Span(*(m.span("part") if m["part"] else m.span("some")))
            share = (100 * part / whole).quantize(Decimal("0.1"))
            yield Quantity(Span(*m.span()), core, "percent", share, None, "%", "exact", (), m.group())
