"""Whose deed a sentence tells, where it is a well-known firm that is not the one the document is about.

News set beside the reporting company what others do: 微软已取消…租约. 云岫股份公告,… The firm's deed must not
be filed under the listed company, nor the company's under the firm: 华为云与公司签署… is the company's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from nlp.deed import either
from nlp.lexicon import words
from nlp.organisation import OrganisationMention
from nlp.reading import Sentence

_BEFORE = (
    r"\s*(?:[(]?[0-9一二三四五六七八九十]{1,2}[)、.]|[●•·])?\s*(?:【[^】\n]{0,20}】|[^,。\n]{0,4}讯[,:]?)?"
    r"(?:(?:据|另据|按)[^,。\n]{0,14},|[^,。\n]{0,6}[年月日](?:[晚早]间?)?,?|(?:另外|此外|同时|而|海外|美国|国外|其中),?){0,4}"
    r"[^,。\n与同和跟向对被由给]{0,6}?"
)
"""What stands before the subject of a sentence: a list mark, a source, a date, 美国云服务商.

Four of them at most: 2024年1月1日 printed ten times over can be parted in more ways than there is time for.
"""
_OURS = re.compile(r"(?:公司|本公司|我司|我方|上市公司)(?!$)")


@cache
def _head() -> re.Pattern[str]:
    return re.compile(
        rf"{_BEFORE}(?P<firm>{either(words('project')['operator'])})(?![\u4e00-\u9fff]{{0,8}}公司)"
    )


def outsider(sentence: Sentence, mentions: Sequence[OrganisationMention], *, introduced: bool) -> str | None:
    """The well-known firm that acts in a sentence in which no side of the reporting company stands.

    `introduced`: whether the document has named its company before this sentence. From then on a firm that
    deals with nobody named deals with that company: 华为云已取消订单.
    """
    m = _head().match(sentence.text)
    if m is None or _OURS.search(sentence.text, m.end()):
        return None
    at = sentence.start + m.start("firm")
    sides = {o.organisation.side for o in mentions}
    if sides & {"listed", "subsidiary"}:
        return None
    with_another = any(o.span.start > at and o.organisation.name != m["firm"] for o in mentions)
    return m["firm"] if with_another or not introduced else None
