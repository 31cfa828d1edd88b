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

_SENTENCE = re.compile(r"[。！？；，、：]|[.!?;,]\s")
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
_PARAGRAPHS = frozenset(("p", "li", "h2", "h3", "h4", "dd", "blockquote", "pre", "td"))


def densest(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The block that holds the most prose; None where the page has none."""
    scores: dict[lxml.html.HtmlElement, float] = defaultdict(float)
    for block, prose in _prose(tree):
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


def _prose(tree: lxml.html.HtmlElement) -> Iterator[tuple[lxml.html.HtmlElement, int]]:
    """(block, characters) of every run of text that is prose, without the blocks inside the block."""
    open_blocks: list[tuple[lxml.html.HtmlElement, list[str], list[str]]] = []
    linked = 0
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in ("", "script", "style", "noscript", "textarea"):
                walk.skip_subtree()
            elif tag not in _INLINE:
                open_blocks.append((element, [], []))
            linked += tag == "a"
            if open_blocks and tag not in ("", "script", "style", "noscript", "textarea"):
                _take(open_blocks[-1], element.text, linked=linked > 0)
        else:
            linked -= tag == "a"
            if open_blocks and open_blocks[-1][0] is element:
                _, text, links = open_blocks.pop()
                if prose := _weight("".join(text), "".join(links)):
                    yield element, prose
            if open_blocks:
                _take(open_blocks[-1], element.tail, linked=linked > 0)


def _take(
    block: tuple[lxml.html.HtmlElement, list[str], list[str]], text: str | None, *, linked: bool
) -> None:
    if text:
        block[1].append(text)
        if linked:
            block[2].append(text)


def _weight(text: str, links: str) -> int:
    bare = "".join(text.split())
    if len(bare) < _SHORTEST or not _SENTENCE.search(text) or is_imprint(bare):
        return 0
    return 0 if len("".join(links.split())) > _MOST_LINKED * len(bare) else len(bare)


def is_imprint(line: str) -> bool:
    """Whether a line is the publisher's about itself: 版权所有, 举报电话."""
    return len(line) < _LONGEST_IMPRINT and any(word in line for word in sites().imprint)
