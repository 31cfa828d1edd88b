"""Laws of the alignment: views point back at exactly the characters they came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.aligned import Aligned
from nlp.span import Span

texts = st.text(alphabet=st.sampled_from("算力协议A1 \n，\u200b😀\ud800é") | st.characters(), max_size=30)


@st.composite
def edits_of(draw: st.DrawFn, length: int) -> list[tuple[int, int, str]]:
    cuts = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
    ranges = zip(cuts[::2], cuts[1::2], strict=False)
    return [(start, end, draw(st.text(max_size=3))) for start, end in ranges]


@st.composite
def views(draw: st.DrawFn) -> Aligned:
    view = Aligned.of(draw(texts))
    for _ in range(draw(st.integers(0, 3))):
        view = view.edit(draw(edits_of(len(view.text))))
    return view


def test_a_view_that_changes_nothing_is_the_identity() -> None:
    view = Aligned.of("算力😀")
    assert view.origin(1, 3) == Span(1, 3)
    assert view.edit([]) is view


def test_deleted_noise_lies_outside_of_a_tight_range_and_inside_of_a_wide_one() -> None:
    view = Aligned.of("服務(wù)器").edit([(2, 6, "")])
    assert view.text == "服務器"
    assert view.origin(0, 2).of(view.source) == "服務"
    assert view.origin(1, 3).of(view.source) == "務(wù)器"


def test_a_replaced_word_comes_as_a_whole() -> None:
    view = Aligned.of("有东谈主士说").edit([(1, 4, "人")])
    assert view.text == "有人士说"
    assert view.origin(1, 3).of(view.source) == "东谈主士"


def test_a_second_edit_reaches_through_the_first() -> None:
    view = Aligned.of("a--b--c").edit([(1, 3, ""), (4, 6, "")]).edit([(1, 2, "XY")])
    assert view.text == "aXYc"
    assert view.origin(1, 2).of(view.source) == "b"
    assert view.origin(0, 4) == Span(0, 7)


@pytest.mark.parametrize("edits", [[(1, 1, "x")], [(2, 3, ""), (0, 1, "")], [(0, 9, "")], [(-1, 1, "")]])
def test_a_wrong_edit_is_refused(edits: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match="edit"):
        Aligned.of("算力服务").edit(edits)


def test_a_text_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one for one"):
        Aligned.of("算力").with_text("算力服务")


def test_a_range_outside_of_the_view_is_refused() -> None:
    with pytest.raises(IndexError):
        Aligned.of("算力").origin(1, 3)


@given(texts, st.data())
def test_what_no_edit_touched_maps_to_itself(source: str, data: st.DataObject) -> None:
    edits = data.draw(edits_of(len(source)))
    view = Aligned.of(source).edit(edits)
    shift, untouched = 0, [True] * len(source)
    for start, end, replacement in edits:
        untouched[start:end] = [False] * (end - start)
        if replacement:
            at = start + shift
            assert view.origin(at, at + len(replacement)) == Span(start, end)
        shift += len(replacement) - (end - start)
    kept = [at for at in range(len(view.text)) if view.origin(at, at + 1).of(source) == view.text[at]]
    assert len(kept) >= sum(untouched)


@given(views(), st.data())
def test_origins_are_monotone_and_tight(view: Aligned, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(view.text)), min_size=3, max_size=3)))
    a, b, c = cuts
    whole, left, right = view.origin(a, c), view.origin(a, b), view.origin(b, c)
    if a < b < c:
        assert (whole.start, whole.end) == (left.start, right.end)
    assert left.start <= right.start
    assert 0 <= whole.start <= whole.end <= len(view.source)


@given(views())
def test_covers_cover_the_source(view: Aligned) -> None:
    covers = [view.cover(at, at + 1) for at in range(len(view.text))]
    if covers:
        assert "".join(cover.of(view.source) for cover in covers) == view.source
    for at, cover in enumerate(covers):
        assert cover.start <= view.origin(at, at + 1).start or cover.start == cover.end


@given(views(), st.data())
def test_views_compose_in_any_order(first: Aligned, data: st.DataObject) -> None:
    second = Aligned.of(first.text).edit(data.draw(edits_of(len(first.text))))
    third = Aligned.of(second.text).edit(data.draw(edits_of(len(second.text))))
    one, other = first.then(second).then(third), first.then(second.then(third))
    assert one.text == other.text == third.text
    ranges = [(a, b) for a in range(len(one.text)) for b in range(a + 1, len(one.text) + 1)]
    assert [one.origin(*r) for r in ranges] == [other.origin(*r) for r in ranges]


@given(views(), st.data())
def test_an_edit_is_a_composition(view: Aligned, data: st.DataObject) -> None:
    edits = data.draw(edits_of(len(view.text)))
    edited, composed = view.edit(edits), view.then(Aligned.of(view.text).edit(edits))
    assert edited.text == composed.text
    for at in range(len(edited.text)):
        assert edited.origin(at, at + 1) == composed.origin(at, at + 1)
