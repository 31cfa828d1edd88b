"""The view on which all matching is done: folded, cleaned, simplified, repaired, and aligned throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp import noise
from nlp.aligned import Aligned, Edit
from nlp.lines import breaks
from nlp.script import simplified
from nlp.span import Span
from nlp.spun import is_spun, repair


@dataclass(frozen=True)
class Normalised:
    """A text of record in its normalised view."""

    view: Aligned
    """`view.text`: simplified characters; ASCII letters, digits and , : ; ( ) ! ? % ~ beside 。、《》“”‘’…—·;
    no space inside Chinese, no invisible character, no pinyin, no portal tag; one paragraph a line."""
    spun: bool
    """Whether a program had replaced words by synonyms. Only then were words repaired."""


def normalise(text: str, *, spun: bool | None = None, parts: Sequence[Span] = ()) -> Normalised:
    """The normalised view of any text; clean simplified text comes back as it is, but for its width.

    `parts`: sorted, disjoint ranges to view; the rest is left out, each gap a line feed. (): all of it.
    `spun`: what is known of a text too short to tell, such as the headline of a spun page; None: decide here.
    Taiwan and Hong Kong words keep their words: 伺服器, 资料中心, 合约 are aliases in the lexicon.
    """
    view = Aligned.of(text).edit(_gaps(text, parts)) if parts else Aligned.of(text)
    view = view.with_text(noise.fold(view.text))
    for step in (noise.invisible, noise.pinyin, noise.tags, noise.spaces, breaks):
        view = view.edit(step(view.text))
    given = view.text
    view = view.with_text(simplified(given))
    if spun is None:
        spun = is_spun(view.text)
    if spun:
        view = repair(view, honest=_traditional(given, view.text))
    return Normalised(view=view, spun=spun)


def _gaps(text: str, parts: Sequence[Span]) -> Iterator[Edit]:
    """Edits that leave the parts only."""
    at = 0
    for part in parts:
        if at < part.start:
            yield at, part.start, "\n" if at else ""
        at = part.end
    if at < len(text):
        yield at, len(text), ""


def _traditional(given: str, simple: str) -> list[range]:
    """The honest paragraphs of a spun page: those OpenCC changed, if without marks."""
    if given == simple:
        return []
    out, start = [], 0
    for before, after in zip(given.split("\n"), simple.split("\n"), strict=True):
        changed = sum(a != b for a, b in zip(before, after, strict=True))
        if changed * 20 > len(before) and not is_spun(after):
            out.append(range(start, start + len(before)))
        start += len(before) + 1
    return out
