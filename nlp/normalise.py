"""The view on which all matching is done: folded, cleaned, simplified, repaired, and aligned throughout."""

from __future__ import annotations

from dataclasses import dataclass

from nlp import noise
from nlp.aligned import Aligned
from nlp.script import simplified


@dataclass(frozen=True)
class Normalised:
    """A text of record in its normalised view."""

    view: Aligned
    """`view.text`: simplified characters; ASCII letters, digits and , : ; ( ) ! ? % ~ beside 。、《》“”‘’…—·;
    no space inside Chinese, no invisible character, no pinyin, no portal tag; one paragraph a line."""
    spun: bool
    """Whether a program had replaced words by synonyms. Only then were words repaired."""


def normalise(text: str) -> Normalised:
    """The normalised view of any text; clean simplified text comes back as it is, but for its width.

    Taiwan and Hong Kong words keep their words: 伺服器, 资料中心, 合约 are aliases in the lexicon.
    """
    view = Aligned.of(text)
    view = view.with_text(noise.fold(text))
    for step in (noise.invisible, noise.pinyin, noise.tags, noise.spaces):
        view = view.edit(step(view.text))
    view = view.with_text(simplified(view.text))
    return Normalised(view=view, spun=False)
