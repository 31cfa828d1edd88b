"""The spaCy Doc of a document: tokens cover the view, mentions and events are Spans of it."""

from __future__ import annotations

from crawler.document import Document
from nlp.annotate import annotate

TEXT = (
    "松濤數據（309377）3月5日公告，子公司松濤智算與帆影科技簽訂的《算力租賃合同》終止，合同金額2.4億元。\n"
    "一台8卡H800服務器的月租金由9萬元降到5.1萬元。"
)


def test_events_are_spans_of_the_view_and_know_the_text_of_record() -> None:
    doc = annotate(Document(doc_id="a", text=TEXT, kind="news"))
    spans = {span.label_: span for span in doc.spans["events"]}
    assert set(spans) == {"CONTRACT", "PRICE"}
    assert "松涛智算与帆影科技签订的" in spans["CONTRACT"].text
    event = spans["CONTRACT"]._.event
    assert event.action == "terminated"
    assert TEXT[event.start : event.end] == event.quote
    assert "子公司松濤智算" in event.quote


def test_mentions_stand_where_they_were_seen() -> None:
    doc = annotate(Document(doc_id="a", text=TEXT, kind="news"))
    seen = {(span.label_, span.text) for span in doc.spans["mentions"]}
    assert ("QUANTITY", "2.4亿元") in seen
    assert ("PERIOD", "3月5日") in seen
    assert any(label == "HARDWARE" and "H800" in text for label, text in seen)


def test_the_tokens_are_the_view() -> None:
    doc = annotate(Document(doc_id="a", text=TEXT))
    assert "".join(token.text_with_ws for token in doc) == doc.text
    assert "算力租赁合同" in [token.text for token in doc]
