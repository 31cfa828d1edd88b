"""Cues: roles of a lexicon file, found in a stretch of text."""

from __future__ import annotations

import pytest

from crawler.errors import LexiconError
from nlp.cue import _compiled, cues


def test_the_longer_of_two_words_of_one_role_stays() -> None:
    found = list(cues("price").find("黄牛转手要价", 0, 6, ("kind",)))
    assert [(c.start, c.end, c.value) for c in found] == [(0, 4, "purchase")]


def test_one_word_may_play_two_roles() -> None:
    found = {(c.role, c.value) for c in cues("price").find("月租", 0, 2, ("per", "kind"))}
    assert found == {("per", "month"), ("kind", "rent")}


def test_only_the_stretch_is_searched() -> None:
    assert not list(cues("price").find("月租两万", 2, 4, ("per",)))


@pytest.mark.parametrize("text", ["8卡整机", "H20,8卡一体机", "H100八卡机", "每台含8张GPU"])
def test_the_number_of_gpus_is_captured(text: str) -> None:
    (cue,) = cues("price").find(text, 0, len(text), ("gpus",))
    assert cue.number in ("8", "八")


@pytest.mark.parametrize("text", ["1,028卡集群", "三万卡集群", "8192张卡"])
def test_a_cluster_is_no_server(text: str) -> None:
    assert not list(cues("price").find(text, 0, len(text), ("gpus",)))


def test_a_broken_pattern_is_named() -> None:
    with pytest.raises(LexiconError, match=r"price\.yml: kind"):
        _compiled("price", "kind", ["(租"])
