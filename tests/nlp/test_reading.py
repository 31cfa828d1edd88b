"""One document read once: its view, its sentences, what is viewed of a long one, and where evidence lies."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from crawler.document import Document
from nlp.extract import extract
from nlp.reading import Reading, read
from nlp.topic import STORY, windows

QUIET = "村里的老人说,今年雨水多,稻子长得好。孩子们放学以后在河边放风筝。\n"
EVENT = "云岫股份公告,与深湾科技签订的算力服务合同已经终止,合同金额约4.94亿元。\n"
PRICE = "中间商说,H100八卡服务器的月租已降到7.5万元。\n"


def long(*inside: str) -> str:
    """A text of which the given lines are a small part, each far from the others."""
    return "".join(QUIET * 60 + line for line in inside) + QUIET * 60


def reading_of(text: str, *, published: date | None = date(2024, 10, 25)) -> Reading:
    return read(Document(doc_id="x", text=text, published=published), parts=windows(text))


def test_sentences_cover_the_view_but_for_blanks() -> None:
    reading = reading_of(EVENT + "\n\n" + PRICE)
    assert "".join(s.text for s in reading.sentences).replace("\n", "") == reading.text.replace("\n", "")
    assert all(reading.text[s.start : s.end] == s.text for s in reading.sentences)


def test_a_short_text_is_viewed_whole() -> None:
    reading = reading_of(QUIET + EVENT + QUIET)
    assert not reading.abridged
    assert "放风筝" in reading.text


def test_a_long_text_is_viewed_where_it_can_hold_events() -> None:
    text = long(EVENT, PRICE)
    reading = reading_of(text)
    assert reading.abridged
    assert not reading.is_story
    assert EVENT.strip() in reading.text
    assert PRICE.strip() in reading.text
    assert len(reading.text) < len(text) / 2


def test_the_head_of_a_long_text_is_always_viewed() -> None:
    text = "泽瑞储能(689266)季度通讯\n" + long(EVENT)
    assert reading_of(text).text.startswith("泽瑞储能(689266)")


def test_windows_are_disjoint_sorted_and_whole_sentences() -> None:
    text = long(EVENT, PRICE, EVENT)
    found = windows(text)
    assert len(found) > 2
    assert all(a.end < b.start for a, b in pairwise(found))
    assert all(text[w.end - 1] in "。\n;" and (w.start == 0 or text[w.start - 1] in "。\n") for w in found)


@pytest.mark.parametrize("text", [QUIET * 3, QUIET * 200])
def test_no_window_where_no_event_is_possible(text: str) -> None:
    assert windows(text) == ()


def test_a_long_text_on_one_topic_is_one_window() -> None:
    text = (EVENT + PRICE) * (STORY // 40)
    assert windows(text) == ((0, len(text)),)


def test_evidence_of_an_abridged_view_lies_in_the_text_of_record() -> None:
    text = long(EVENT, PRICE)
    found = extract(Document(doc_id="x", text=text, published=date(2024, 10, 25)))
    assert {e.event for e in found} == {"contract", "price"}
    assert all(text[e.start : e.end] == e.quote for e in found)


def test_a_long_text_yields_what_its_lines_yield() -> None:
    def told(text: str) -> list[tuple[str, str]]:
        document = Document(doc_id="x", text=text, published=date(2024, 10, 25))
        return [(e.event, e.quote) for e in extract(document)]

    assert told(long(EVENT, PRICE)) == told(EVENT + PRICE)


def test_dates_far_away_anchor_where_nothing_else_does() -> None:
    dated = "本报2023年8月2日讯,各地抗旱保苗。\n"
    text = long(dated, "云岫股份10月25日公告,与深湾科技签订的算力服务合同已经终止。\n")
    reading = reading_of(text, published=None)
    assert reading.abridged
    assert [p.value for p in reading.periods if p.text == "10月25日"] == ["2023-10-25"]


def test_evidence_is_trimmed_of_what_closes_a_clause() -> None:
    text = "合同已经终止。\n"
    reading = reading_of(text)
    assert reading.evidence(0, len(reading.text)) == (0, 6, "合同已经终止")
