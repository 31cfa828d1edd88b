"""The packaged data says what is wrong with itself."""

from __future__ import annotations

import pytest

from crawler.errors import LexiconError
from nlp import lexicon


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one\ttwo\tthree\n", "line 1"),
        (b"# a comment\n\n\ttwo\n", "line 3"),
    ],
)
def test_a_row_of_another_shape_is_named(
    content: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "_read", lambda name: content)
    with pytest.raises(LexiconError, match=message):
        lexicon.rows.__wrapped__("bad", "first", "second")


@pytest.mark.parametrize("content", [b"a: [1, 2", b"- a\n- b\n"])
def test_a_file_that_is_no_mapping_is_named(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_read", lambda name: content)
    with pytest.raises(LexiconError, match=r"bad\.yml"):
        lexicon.words.__wrapped__("bad")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(LexiconError, match="missing"):
        lexicon.words("no such lexicon")


def test_empty_cells_are_filled() -> None:
    rows = lexicon.rows("script", "converted", "own", "note")
    assert ("升腾", "昇腾", "") in rows
