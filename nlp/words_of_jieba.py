"""jieba behind rjieba's interface, for machines that rjieba has no wheel for: the same words, only slower."""

from __future__ import annotations

import logging


class Jieba:
    """A segmenter with jieba's own dictionary; words may be added to it."""

    def __init__(self) -> None:
        """Read the dictionary: a second, once a process."""
        import jieba
        from jieba import posseg

        jieba.setLogLevel(logging.ERROR)  # it tells of its cache on stderr
        self._words = jieba.Tokenizer()
        self._tagger = posseg.POSTokenizer(self._words)

    def cut(self, text: str, hmm: bool) -> list[str]:
        """The words of a text; `hmm`: guess at words that are in no dictionary."""
        return list(self._words.cut(text, HMM=hmm))

    def tag(self, text: str, hmm: bool) -> list[tuple[str, str]]:
        """The words with their parts of speech."""
        return [(pair.word, pair.flag) for pair in self._tagger.cut(text, HMM=hmm)]

    def suggest_freq(self, word: str) -> int:
        """How frequent a word must be to stay whole."""
        return int(self._words.suggest_freq(word))

    def add_word(self, word: str, freq: int, tag: str) -> None:
        """Add a word to the dictionary."""
        self._words.add_word(word, freq, tag)
