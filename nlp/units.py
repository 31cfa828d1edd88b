"""The vocabulary of quantities, compiled once from nlp/lexicon/units.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from crawler.errors import LexiconError

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Unit:
    """One printed unit."""

    kind: str
    unit: str
    """Base unit of the kind; of money the ISO 4217 code, of a count the printed counter."""
    factor: Decimal
    """Base units in one of these."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything nlp/quantity.py looks words up in."""

    units: Mapping[str, Unit]
    unit_word: re.Pattern[str]
    """Longest unit at a position."""
    followers: frozenset[str]
    """What may follow a small number that is a quantity: first characters of units, dashes, spaces."""
    preceders: frozenset[str]
    """Last characters of what makes a bare number a quantity: currencies, bounds, denominators."""
    after_one: frozenset[str]
    """First characters of units that 一 counts: not 一步, 一次."""
    day_units: frozenset[str]
    """Units that begin with 日 or 月, their first two characters."""
    codes: frozenset[str]
    """Three letters that may stand right before a number: RMB, USD, GPU."""
    single_each: frozenset[str]
    """What follows 个 where 一个 is worth a look: 一个月, 一个百分点."""
    before: Mapping[str, tuple[tuple[str, str, str], ...]]
    """Last character → (word, role, value) of what may stand before a number, longest first.

    role is bound, currency or none; value the bound, the ISO code or ''.
    """
    fillers: frozenset[str]
    after: Mapping[str, str]
    """Word after the number → bound."""
    after_word: re.Pattern[str]
    after_heads: frozenset[str]
    """First characters of bounds and denominators behind a unit."""
    per: Mapping[str, str]
    """Printed denominator → canonical word."""
    per_word: re.Pattern[str]
    """One denominator with what introduces it; its group is the word."""
    per_order: Mapping[str, int]
    per_after: re.Pattern[str]
    """Denominators after an amount: /卡/小时, 每月, 一个月."""
    per_before: re.Pattern[str]
    """Denominators that end where an amount begins: 每P每年, 一张卡一天."""
    per_near: re.Pattern[str]
    """Denominators some words before an amount: 每月回租, 一天卖到过."""
    per_tails: frozenset[str]
    """Last characters of denominators."""
    not_followed_by: Mapping[str, re.Pattern[str]]
    """Unit → what makes it another word: 一元化."""
    model_numbers: frozenset[str]
    single: frozenset[str]
    never_single: frozenset[str]
    scaled_alone: frozenset[str]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The packaged vocabulary. Raises LexiconError where units.yml is malformed."""
    try:
        facts = yaml.safe_load((files("nlp") / "lexicon" / "units.yml").read_text(encoding="utf-8"))
        return _compile(facts)
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
        raise LexiconError(f"nlp/lexicon/units.yml: {error!r}; put back the packaged file") from error


def _compile(facts: Mapping[str, Any]) -> Vocabulary:
    units = _units(facts)
    per = {word: name for name, words in facts["per"].items() for word in words}
    after = {word: bound for bound, words in facts["after"].items() for word in words}
    before = _before(facts)
    # A denominator ends at a word's end: /kW, but not the k of /km.
    denominator = rf"(?:{alternation(per)})(?![A-Za-z])"
    each = rf"(?:/|每|单|(?<=\w)·)个?{denominator}(?:·?小?时)?(?!均)"
    one = rf"(?:一个?){denominator}(?![前后内期多来之以化致定体次])"
    one_head = "(?<![第头近这那某同上下过去前后有统之十百千万])一个?"
    return Vocabulary(
        units=units,
        unit_word=re.compile(rf"{alternation(units)}(?:(?<![A-Za-z])|(?![A-Za-z0-9]))"),
        followers=frozenset(word[0] for word in units) | frozenset("分至到-~—–+ 每一kKwW"),
        preceders=frozenset(before).union(facts["fillers"], (word[-1] for word in per), "- 的仅价"),
        single_each=frozenset(word[1] for word in units if word[0] == "个" and len(word) > 1),
        after_one=frozenset(
            word[0] for word, unit in units.items() if unit.kind != "count" or word in facts["single"]
        ).union("分至到-~—–个"),
        day_units=frozenset(word[:2] for word in units if word[0] in "日月" and word[1:]).union(
            ("日内", "日以", "日之")
        ),
        codes=frozenset(w[-3:] for entries in before.values() for w, _, _ in entries if w.isascii())
        | frozenset(["GPU", "CPU", "NPU", "IDC"]),
        before=before,
        fillers=frozenset(facts["fillers"]),
        after=after,
        after_word=re.compile(alternation(after)),
        after_heads=frozenset(word[0] for word in after) | frozenset("/每单·一p "),
        per=per,
        per_word=re.compile(rf"(?:[-/每单一·])?\s?个?({alternation(per)})(?![A-Za-z])"),
        per_order={name: i for i, name in enumerate(facts["per"])},
        per_after=re.compile(rf"(?:\s?(?:/|per)\s?{denominator}(?:·?小?时|[-·\s]?h(?:ou)?rs?(?![A-Za-z]))?|{each}|{one})+"),
        per_before=re.compile(
            rf"(?:(?:[每单]个?|{one_head}){denominator}(?!均))(?:[,:/·]?\s?(?:[每单]|一个?)?个?{denominator})*\s?(?:[的为仅要]|只要|均价)?\Z"
        ),
        per_near=re.compile(rf"(?:每个?{denominator}|(?<![第头近这那某同上下过去前后有统])一(?:天|个月|小时|年)"
                            r"(?![前后内期多来之以半间])|按(?:年|月|天|小时))"),
        per_tails=frozenset(word[-1] for word in per),
        not_followed_by={word: re.compile(source) for word, source in facts["not_followed_by"].items()},
        model_numbers=frozenset(facts["model_numbers"]),
        single=frozenset(facts["single"]),
        never_single=frozenset(facts["never_single"]),
        scaled_alone=frozenset(facts["scaled_alone"]),
    )  # fmt: skip


def _units(facts: Mapping[str, Any]) -> dict[str, Unit]:
    units = {word: Unit("count", word, ONE) for word in facts["counters"]}
    for measure in facts["measures"]:
        for factor, words in measure["words"].items():
            units |= {word: Unit(measure["kind"], measure["unit"], Decimal(factor)) for word in words}
    for code, words in facts["currencies"].items():
        units |= {word: Unit("money", code, ONE) for word in words["after"]}
    for code, words in facts["small_money"].items():
        units |= {word: Unit("money", code, Decimal(factor)) for word, factor in words.items()}
    return units


def _before(facts: Mapping[str, Any]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    entries = [(word, "bound", bound) for bound, words in facts["before"].items() for word in words]
    entries = [(w, "none", "") if value == "none" else (w, role, value) for w, role, value in entries]
    for code, words in facts["currencies"].items():
        entries += [(word, "currency", code) for word in words["before"]]
    table: dict[str, list[tuple[str, str, str]]] = {}
    for entry in sorted(entries, key=lambda e: -len(e[0])):
        table.setdefault(entry[0][-1], []).append(entry)
    return {last: tuple(found) for last, found in table.items()}


def alternation(words: Iterable[str]) -> str:
    """Regex source that matches the longest of `words`, as a tree of their common beginnings."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for c in word:
            node = node.setdefault(c, {})
        node[""] = {}
    return _branches(tree)


def _branches(tree: Mapping[str, Any]) -> str:
    found = [re.escape(c) + _branches(rest) for c, rest in tree.items() if c]
    if not found:
        return ""
    if len(found) == 1 and "" not in tree:
        return found[0]
    return f"(?:{'|'.join(found)}){'?' if '' in tree else ''}"
