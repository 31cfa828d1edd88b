"""Cue words as data: the roles of a lexicon file, found in a stretch of the view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from crawler.errors import LexiconError
from nlp.lexicon import words

_PLAIN = re.compile(r"[^\\\[\](){}?*+.|^$](?![?*+{])")
_GROUP = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Cue:
    """One word that plays a role: 月租 is (per, month) and (kind, rent). Offsets are of the view."""

    start: int
    end: int
    role: str
    value: str
    """What it says in that role; '' for a role with no values."""
    number: str = ""
    """What the pattern captured: the 8 of 8卡."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """One value's words, or a part of them."""

    value: str
    pattern: re.Pattern[str]
    firsts: frozenset[str]
    """The characters its words begin with; empty: any."""


@dataclass(frozen=True)
class Cues:
    """The roles of one lexicon file: role -> value -> pattern."""

    roles: dict[str, dict[str, re.Pattern[str]]]
    scans: dict[str, tuple[_Scan, ...]]
    """Role -> what `find` runs: the same patterns, parted so that most are skipped at a glance."""
    facts: dict[str, Any]
    """What stands under `facts` in the file: figures and plain words that play no role."""

    def pattern(self, role: str, value: str = "") -> re.Pattern[str]:
        """One role's regular expression; KeyError if the file has no such role."""
        return self.roles[role][value]

    def find(self, text: str, start: int, end: int, roles: tuple[str, ...]) -> Iterator[Cue]:
        """Every cue of these roles in `text[start:end]`; of two that overlap in one role the longer stays."""
        characters = frozenset(text[start:end])
        for role in roles:
            found = [
                Cue(m.start(), m.end(), role, scan.value, next((g for g in m.groups() if g), ""))
                for scan in self.scans[role]
                if not scan.firsts or not scan.firsts.isdisjoint(characters)
                for m in scan.pattern.finditer(text, start, end)
            ]
            if found:
                yield from _longest(found)


def _longest(found: list[Cue]) -> Iterator[Cue]:
    taken: list[Cue] = []
    for cue in sorted(found, key=lambda c: (c.start - c.end, c.start)):
        if all(cue.end <= other.start or other.end <= cue.start for other in taken):
            taken.append(cue)
            yield cue


@cache
def cues(name: str) -> Cues:
    """The cues of lexicon/NAME.yml; LexiconError if an entry is no regular expression."""
    data = dict(words(name))
    facts = data.pop("facts", {})
    roles: dict[str, dict[str, re.Pattern[str]]] = {}
    scans: dict[str, tuple[_Scan, ...]] = {}
    for role, entries in data.items():
        values = entries if isinstance(entries, dict) else {"": entries}
        roles[role] = {value: _compiled(name, role, patterns) for value, patterns in values.items()}
        scans[role] = tuple(
            _Scan(value, _compiled(name, role, part), firsts)
            for value, patterns in values.items()
            for part, firsts in _parted(patterns)
        )
    return Cues(roles, scans, facts)


def _parted(patterns: list[str]) -> Iterator[tuple[list[str], frozenset[str]]]:
    """Those that begin with a plain character apart, with these characters; then the others."""
    plain = [p for p in patterns if _PLAIN.match(p) and "|" not in _GROUP.sub("", p)]
    other = [p for p in patterns if p not in plain]
    if plain:
        yield plain, frozenset(p[0] for p in plain)
    if other:
        yield other, frozenset()


def _compiled(name: str, role: str, patterns: list[Any]) -> re.Pattern[str]:
    try:
        # Longest first, so that 机柜系统 is not read as 机柜.
        return re.compile("|".join(str(w) for w in sorted(patterns, key=lambda w: -len(str(w)))))
    except re.error as broken:
        raise LexiconError(f"{name}.yml: {role}: {broken}; mend the pattern") from broken
