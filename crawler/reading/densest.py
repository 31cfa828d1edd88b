"""The part of a page where its prose stands: for pages whose containers nobody named.

Menus, lists of headlines and footers hold many words and few sentences. Each line that is prose counts for
the block around it and half for the block around that; the block with the most is the article's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import lxml.html
from lxml import etree

from crawler.reading.sites import sites

_SENTENCE = re.compile(r"[。！？；，、：]|[a-z][.!?;,][A-Z]?")  # blanks are gone
_SHORTEST = 20
"""Characters of a line of prose; shorter ones are captions, names and headlines."""
_MOST_LINKED = 0.3
"""Share of a line that may be links: a sentence with a stock's name in it is prose, a teaser is not."""
_PART = 0.1
"""Of the densest block's prose: what another block of its kind must hold to be the article's, too."""
_LONGEST_IMPRINT = 200
"""Characters; a longer paragraph with 版权所有 in it is about a lawsuit."""
_INLINE = frozenset(
    """a abbr b bdi bdo big br cite code del dfn em font i img ins kbd mark q s samp small span strike strong
    sub sup time tt u var wbr""".split()  # noqa: SIM905
)
_SILENT = frozenset(("", "script", "style", "noscript", "textarea", "select", "template"))
_PARAGRAPHS = frozenset(("p", "li", "h2", "h3", "h4", "dd", "blockquote", "pre", "td"))


def densest(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The block that holds the most prose; None where the page has none.

    What is furniture by its name (a menu, comments) is left out, unless all the prose is in it: ASP.NET puts
    a whole page into one form.
    """
    found = _densest(tree, sites().furniture)
    return found if found is not None else _densest(tree, frozenset())


def _densest(tree: lxml.html.HtmlElement, without: frozenset[str]) -> lxml.html.HtmlElement | None:
    scores: dict[lxml.html.HtmlElement, float] = defaultdict(float)
    for block, prose in _prose(tree, without):
        around = block.getparent() if block.tag in _PARAGRAPHS else block
        for share in (1.0, 0.5):
            if around is not None:
                scores[around] += share * prose
                around = around.getparent()
    best = max(scores, key=lambda element: scores[element], default=None)
    return None if best is None else _with_its_like(best, scores)


def _with_its_like(
    best: lxml.html.HtmlElement, scores: dict[lxml.html.HtmlElement, float]
) -> lxml.html.HtmlElement:
    """The block around an article in parts: two sections, two blocks of one class."""
    around = best.getparent()
    if around is None or not (best.get("class") or best.tag == "section"):
        return best
    alike = (
        block
        for block in around
        if block is not best and block.tag == best.tag and block.get("class") == best.get("class")
    )
    return around if any(scores.get(block, 0) >= _PART * scores[best] for block in alike) else best


def _prose(
    tree: lxml.html.HtmlElement, without: frozenset[str]
) -> Iterator[tuple[lxml.html.HtmlElement, int]]:
    """(block, characters) of every run of text that is prose, without the blocks inside the block."""
    blocks = [_Block(tree)]
    linked = 0
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            linked += tag == "a"
            if tag in _SILENT or (element is not tree and _is_named(element, tag, without)):
                walk.skip_subtree()
                continue
            if tag not in _INLINE:
                blocks.append(_Block(element))
            blocks[-1].take(element.text, linked=linked > 0)
        else:
            linked -= tag == "a"
            if blocks[-1].element is element:
                block = blocks.pop()
                if prose := block.prose():
                    yield element, prose
            if blocks:
                blocks[-1].take(element.tail, linked=linked > 0)


def _is_named(element: lxml.html.HtmlElement, tag: str, names: frozenset[str]) -> bool:
    if tag in names or f"#{element.get('id')}" in names:
        return True
    classes = element.get("class")
    return classes is not None and any(f".{name}" in names for name in classes.split())


class _Block:
    """A block's own text and the part of it that is links."""

    __slots__ = ("element", "linked", "text")

    def __init__(self, element: lxml.html.HtmlElement) -> None:
        self.element = element
        self.text: list[str] = []
        self.linked = 0

    def take(self, text: str | None, *, linked: bool) -> None:
        """Add a piece."""
        if text and (bare := "".join(text.split())):
            self.text.append(bare)
            self.linked += len(bare) if linked else 0

    def prose(self) -> int:
        """Characters, if it is prose; else 0."""
        length = sum(map(len, self.text))
        if length < _SHORTEST or self.linked > _MOST_LINKED * length:
            return 0
        text = "".join(self.text)
        return length if _SENTENCE.search(text) and not is_imprint(text) else 0


def is_imprint(line: str) -> bool:
    """Whether a line is the publisher's about itself: 版权所有, 举报电话. A whole sentence is not."""
    if len(line) >= _LONGEST_IMPRINT or line.endswith(("。", "！", "？", "”")):
        return False
    return any(word in line for word in sites().imprint)
