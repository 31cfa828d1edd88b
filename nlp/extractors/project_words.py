"""The vocabulary of projects (lexicon/project.yml) as compiled patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from nlp.lexicon import words


def alternatives(items: Iterable[str]) -> str:
    """The words as one alternation, longest first, for a regular expression."""
    return "|".join(re.escape(item) for item in sorted(items, key=len, reverse=True))


@cache
def pattern(*groups: str, template: str = "{0}") -> re.Pattern[str]:
    """`template` with groups of lexicon/project.yml put in as {0}, {1} …; compiled once.

    Braces of the expression itself are doubled: r"^{0}[^,]{{0,9}}".
    """
    lexicon = words("project")
    return re.compile(template.format(*(f"(?:{alternatives(lexicon[group])})" for group in groups)))
