"""Numerals spread out by spaces, as PDFs and typed forms print them: 一 百 五 十 个 百 分 点, 四点 五."""

from __future__ import annotations

import re

from nlp.numeral import DIGIT

_SCALES = "十拾百佰千仟万亿兆点"
_ONE = DIGIT + _SCALES
_GAP = re.compile(r" +(?=[^ ])")
_POINTS = re.compile(r"个? *百 *分 *点")
_SHARE = re.compile(r"分 *[之点]")
_SOME = re.compile(r"[几余多] *[百千万亿]")
_DISCOUNT = re.compile(rf"[{DIGIT}] *折")


def closed(text: str) -> tuple[str, list[int]] | None:
    """`text` without the spaces inside its numerals, and where each of its offsets was; None: has none."""
    gaps = [m.span() for m in _GAP.finditer(text) if m.start() and _is_inside(text, *m.span())]
    if not gaps:
        return None
    kept: list[int] = []
    at = 0
    for start, end in gaps:
        kept += range(at, start)
        at = end
    kept += range(at, len(text) + 1)
    return "".join(text[i] for i in kept[:-1]), kept


def _is_inside(text: str, start: int, end: int) -> bool:
    """Whether the space splits one numeral, 百分之 or 百分点: not 三 五, which may be two columns."""
    before, after = text[start - 1], text[end]
    if before in _ONE and after in _ONE:
        return before in _SCALES or after in _SCALES or _DISCOUNT.match(text, end) is not None
    if before in _ONE and after in "几余多":
        return _SOME.match(text, end) is not None
    if before in "几余多":
        return after in _SCALES
    if before in "百佰" and after == "分":
        return _SHARE.match(text, end) is not None
    if before == "分":
        return after in "之点"
    if before == "之":
        return text[start - 2 : start - 1] == "分" and (after in _ONE or after.isdigit())
    return (before in _ONE or before.isdigit() or before == "个") and _POINTS.match(text, end) is not None
