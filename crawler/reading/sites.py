"""`sites.yml`: where the sites we name keep title, date, source and body of an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from lxml.cssselect import CSSSelector

from crawler.errors import SourceError

_SIMPLE = re.compile(r"[.#]?[\w-]+")
FIELDS = ("body", "title", "published", "source", "author", "drop")


@dataclass(frozen=True, slots=True)
class Layout:
    """Compiled selectors of one site, each list in the order to try them."""

    name: str
    hosts: tuple[str, ...]
    body: tuple[CSSSelector, ...]
    title: tuple[CSSSelector, ...]
    published: tuple[CSSSelector, ...]
    source: tuple[CSSSelector, ...]
    author: tuple[CSSSelector, ...]
    drop: tuple[CSSSelector, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    """Every layout we know, and the words that begin what is not the article."""

    named: tuple[Layout, ...]
    anywhere: Layout
    lists: tuple[str, ...]
    boilerplate: tuple[str, ...]
    imprint: tuple[str, ...]
    """Words of a publisher's lines about itself, wherever in them."""
    furniture: frozenset[str]
    """What `anywhere` drops by a tag, a .class or an #id alone: the same, to be asked of one element."""

    def of(self, host: str) -> Layout | None:
        """The layout of a host we name, by its suffix; None for any other."""
        for layout in self.named:
            if any(host == suffix or host.endswith("." + suffix) for suffix in layout.hosts):
                return layout
        return None


@cache
def sites() -> Sites:
    """The packaged layouts. Raises SourceError naming the site and field that is wrong."""
    facts = yaml.safe_load(files("crawler.reading").joinpath("sites.yml").read_text("utf-8"))
    return Sites(
        named=tuple(_layout(site) for site in facts["sites"]),
        anywhere=_layout({"name": "anywhere", "hosts": [], **facts["anywhere"]}),
        lists=tuple(facts["lists"]),
        boilerplate=tuple(facts["boilerplate"]),
        imprint=tuple(facts["imprint"]),
        furniture=frozenset(css for css in facts["anywhere"]["drop"] if _SIMPLE.fullmatch(css)),
    )


def _layout(facts: dict[str, Any]) -> Layout:
    name = facts["name"]
    if unknown := set(facts) - {"name", "hosts", *FIELDS}:
        raise SourceError(
            f"sites.yml: {name}: unknown field {sorted(unknown)[0]}; known are {', '.join(FIELDS)}"
        )
    compiled = {
        field: tuple(_compile(css, f"{name}.{field}") for css in facts.get(field, ())) for field in FIELDS
    }
    return Layout(name=name, hosts=tuple(str(host) for host in facts["hosts"]), **compiled)


def _compile(css: str, where: str) -> CSSSelector:
    try:
        return CSSSelector(css, translator="html")
    except Exception as error:
        raise SourceError(f"sites.yml: {where}: {css!r} is no CSS selector: {error}") from error
