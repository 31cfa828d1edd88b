"""Words and sentences: jieba's dictionary and our terms through rjieba, else jieba itself, as spaCy Docs.

Nothing is loaded at import. Offsets are code points of the text that goes in: the tokens of a view's Doc have
the view's offsets as their `idx`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from nlp.lexicon import words
from nlp.span import Span
from nlp.words_of_jieba import Jieba

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_SENTENCE = re.compile(r"[^。!?;…\n]*[。!?;…\n]*[”’\"]?")
"""A sentence ends after 。!?;… and a closing quote; a line is a sentence of its own."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CORPORATE = ("股份", "集团", "有限", "公司", "控股")


class Segmenter(Protocol):
    """What jieba and rjieba both do; `hmm`: guess at words that are in no dictionary."""

    def cut(self, text: str, hmm: bool) -> list[str]:
        """The words of a text."""

    def tag(self, text: str, hmm: bool) -> list[tuple[str, str]]:
        """The words with their parts of speech."""

    def suggest_freq(self, word: str) -> int:
        """How frequent a word must be to stay whole."""

    def add_word(self, word: str, freq: int, tag: str) -> Any:
        """Add a word to the dictionary."""


def _segmenter() -> Segmenter:
    try:
        import rjieba  # reads its dictionary, a fifth of a second, on import
    except ImportError:  # no wheel for this machine, and no compiler
        return Jieba()
    return rjieba.Jieba()


@cache
def plain() -> Segmenter:
    """jieba's own dictionary, nothing added."""
    return _segmenter()


@cache
def trained() -> Segmenter:
    """jieba's dictionary and the terms of lexicon/terms.yml, each as frequent as it must be to stay whole."""
    segmenter = _segmenter()
    for terms in words("terms").values():
        for term in terms:
            segmenter.add_word(term, segmenter.suggest_freq(term), "n")
    return segmenter


def boundaries(text: str) -> set[int]:
    """Offsets at which a dictionary word begins or ends; no guesses at unknown words."""
    found, at = {0}, 0
    for word in plain().cut(text, hmm=False):
        at += len(word)
        found.add(at)
    return found


def is_common(word: str) -> bool:
    """Whether the dictionary knows a word of at most four characters as one that names nobody: 生产, 总部."""
    tagged = plain().tag(word, False) if len(word) <= 4 else []
    return len(tagged) == 1 and not tagged[0][1].startswith(("nr", "ns", "nt", "nz", "x", "eng"))


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether a dictionary word reaches over either end of `text[start:end]`."""
    left, right = text[max(0, start - 4) : start], text[end : end + 4]
    found = boundaries(left + text[start:end] + right)
    if len(left) not in found:
        return True
    return len(left) + end - start not in found and not right.startswith(_CORPORATE)


def cut(text: str) -> list[str]:
    """The words of any text; joined they are the text again. No name of a listed company is cut.

    No guesses at unknown words: they glue what follows to a name (碧落|云拟), which falls into characters
    otherwise.
    """
    from nlp.company import registry  # it segments, too: the two meet only when they run

    text = _SURROGATE.sub("\ufffd", text)
    out, done = [], 0
    for mention in registry().find(text):
        start, end = mention.span
        if mention.how == "code":
            continue
        out += trained().cut(text[done:start], hmm=False) if done < start else []
        out.append(text[start:end])
        done = end
    return out + (trained().cut(text[done:], hmm=False) if done < len(text) else [])


def sentences(text: str) -> Iterator[Span]:
    """The sentences of a normalised text; together they cover all of it but blank stretches."""
    for m in _SENTENCE.finditer(text):
        if m.group().strip():
            yield Span(*m.span())


@cache
def language() -> Language:
    """spaCy's blank Chinese with our words and sentences: `language()(view.text)` is a Doc.

    Loads spaCy, once. A lone surrogate, which spaCy cannot hold, becomes U+FFFD.
    """
    import spacy
    from spacy.language import Language as SpacyLanguage
    from spacy.tokens import Doc as SpacyDoc
    from spacy.util import DummyTokenizer

    class Tokenizer(DummyTokenizer):
        """Text to Doc. Words are `cut`; a single space belongs to the token before it."""

        def __init__(self, vocab: Any) -> None:
            self.vocab = vocab

        def __call__(self, text: str) -> Doc:
            tokens, spaces = _spaced(cut(text))
            return SpacyDoc(self.vocab, words=tokens, spaces=spaces)

    if not SpacyLanguage.has_factory("paomo_sentences"):
        SpacyLanguage.component("paomo_sentences", func=_begin_sentences)
    blank = spacy.blank("zh")
    blank.tokenizer = Tokenizer(blank.vocab)
    blank.add_pipe("paomo_sentences")
    return blank


def _spaced(pieces: list[str]) -> tuple[list[str], list[bool]]:
    """spaCy's form of words: a space behind a token is a flag of it."""
    tokens: list[str] = []
    spaces: list[bool] = []
    for piece in pieces:
        if piece == " " and tokens and not spaces[-1] and not tokens[-1].isspace():
            spaces[-1] = True
        else:
            tokens.append(piece)
            spaces.append(False)
    return tokens, spaces


def _begin_sentences(doc: Doc) -> Doc:
    starts = [span.start for span in sentences(doc.text)]
    before = -1
    for token in doc:
        sentence = bisect_right(starts, token.idx)
        token.is_sent_start = sentence != before
        before = sentence
    return doc
