"""What real pages insert into a text: invisible characters, pinyin, portal tags, spaces, broken lines.

`fold` exchanges characters one for one. Every other function reads a folded text and returns the edits that
take its noise out, sorted and disjoint, for `Aligned.edit`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from nlp.aligned import Edit
from nlp.lexicon import words

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
# -- width -----------------------------------------------------------------------------------------

_COMMON = tuple(zip("，：；（）？！\u3000", ",:;()?! ", strict=True))
_RARE = re.compile(
    r"[\uff01-\uffef\ufe30-\ufe6f\u2f00-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f"
    r"\u300c-\u300f\u301c\u223c\u2010-\u2013\u2212\u00a0\u2000-\u200a\u202f\u205f\r\x0b\x0c\x85\u2028\u2029\ud800-\udfff]"
)
_OWN = dict(zip("「」『』〜∼\u2212\u2010\u2011\u2012\u2013", "“”‘’~~-----", strict=True))
_LINE_FEEDS = "\r\x0b\x0c\x85\u2028\u2029"
_COMPATIBLE = ((0xFF01, 0xFFF0), (0xFE30, 0xFE70), (0x2F00, 0x2FE0), (0xF900, 0xFB00), (0x2F800, 0x2FA20))


@cache
def _narrow() -> dict[str, str]:
    """The one-character forms of NFKC, and our own choices."""
    table = dict.fromkeys(map(chr, (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F)), " ")
    table |= dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd")
    table |= dict.fromkeys(_LINE_FEEDS, "\n")
    for low, high in _COMPATIBLE:
        for character in map(chr, range(low, high)):
            form = unicodedata.normalize("NFKC", character)
            if len(form) == 1:
                table[character] = form
    return table | _OWN


def fold(text: str) -> str:
    """ASCII width, one character for one; 。、《》“”‘’…—· stay; a lone surrogate becomes U+FFFD.

    Kangxi radicals and compatibility ideographs, which PDF files print for 金 or 力, become the ideograph.
    """
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    if _RARE.search(text):
        table = _narrow()
        text = _RARE.sub(lambda m: table.get(m[0], m[0]), text.replace("\r\n", " \n"))
    return text


# -- characters nobody sees ------------------------------------------------------------------------

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ue000-\uf8ff]"
)
_INVISIBLE_BEYOND = re.compile(r"[\U000e0000-\U000e0fff\U000f0000-\U0010ffff]")
_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|thinsp|#160|#12288|zwnj|zwj);")


def beyond_basic(text: str) -> bool:
    """Whether a character lies beyond the basic plane; asked first: sets that reach there are slow."""
    return len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text)


def invisible(text: str) -> Iterator[Edit]:
    """Zero-width, control, bidirectional and private-use characters go; an entity is the space it means."""
    found = [(m.start(), m.end(), "") for m in _INVISIBLE.finditer(text)]
    if beyond_basic(text):
        found += [(m.start(), m.end(), "") for m in _INVISIBLE_BEYOND.finditer(text)]
    if "&" in text:
        found += [(m.start(), m.end(), " ") for m in _ENTITY.finditer(text)]
    yield from sorted(found)


# -- pinyin ----------------------------------------------------------------------------------------

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ\u0300\u0301\u0304\u030c"
_PINYIN = re.compile(rf"\(([A-Za-züêɡɑ' \u0308{_TONED}]{{1,28}})\)")
_IS_HAN = re.compile(f"[{HAN}]")


@cache
def _syllables() -> re.Pattern[str]:
    longest_first = sorted(words("noise")["syllables"], key=len, reverse=True)
    syllable = f"(?:{'|'.join(longest_first)})"
    return re.compile(rf"{syllable}(?:[ ']*{syllable}){{0,5}}")


def _plain(pinyin: str) -> str:
    """Pinyin without its tones; ü is v."""
    letters = unicodedata.normalize("NFD", pinyin.lower().replace("ɡ", "g").replace("ɑ", "a"))
    letters = letters.replace("u\u0308", "v").replace("e\u0302", "e")
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


def pinyin(text: str) -> Iterator[Edit]:
    """服務(wù)器, 算力(suàn lì), 科(kē)学的(de): the reading goes; (GPU) and (café) stay."""
    for m in _PINYIN.finditer(text):
        if not m.start() or not _IS_HAN.match(text[m.start() - 1]):
            continue
        reading = m.group(1)
        plain = _plain(reading)
        toned = any(letter in _TONED for letter in reading)
        neutral = text[m.start() - 1] in words("noise")["neutral"].get(plain, "")
        if neutral or (toned and _syllables().fullmatch(plain)):
            yield m.start(), m.end(), ""


# -- portal tags -----------------------------------------------------------------------------------

_BRACKETS = re.compile(
    r"[(\[?](?:(?<=\()([^()\n]{2,40})\)|(?<=\[)\d{1,3}(?:[,-]\d{1,3})*\]|(?<=[。!?…]\?)!惯)"
)
_CODE = re.compile(r"(?:行情)?((?:SH|SZ|BJ)?\d{6}(?:\.(?:SH|SZ|BJ|SS))?)", re.IGNORECASE)
_PRICE = re.compile(r"[+-]?\d+(?:\.\d+)?%?")


def tags(text: str) -> Iterator[Edit]:
    """(维权), (行情300399,诊股) → (300399), (5.960,-0.31,-4.94%); footnotes [17]; a torn quote ?!惯 → ”."""
    for m in _BRACKETS.finditer(text):
        if m.group(1) is not None:
            replacement = _tag(m.group(1))
            if replacement is not None and m.start() and text[m.start() - 1] != "\n":
                yield m.start(), m.end(), replacement
        elif text[m.start()] == "?":
            yield m.start(), m.end(), "”"
        elif m.start() and (text[m.start() - 1].isalnum() or text[m.start() - 1] in "。,;!?%)”》"):
            yield m.start(), m.end(), ""


@cache
def _tag_heads() -> frozenset[str]:
    return frozenset(tag[:2] for tag in words("noise")["tags"])


def _tag(inside: str) -> str | None:
    """What is left of a bracket that a portal put in: '' or the stock code; None for an author's own."""
    if inside[0] not in "+-0123456789SB" and inside[:2] not in _tag_heads():
        return None
    parts = [part for part in re.split(r"[,;|/ ]+", inside) if part]
    known = words("noise")["tags"]
    codes = [found.group(1) for part in parts if (found := _CODE.fullmatch(part))]
    tagged = any(part in known or (part.startswith("行情") and _CODE.fullmatch(part)) for part in parts)
    quoted = [part for part in parts if _PRICE.fullmatch(part) and not _CODE.fullmatch(part)]
    priced = len(quoted) >= 2 and quoted[-1].endswith("%") and any("." in part for part in quoted)
    if not (tagged or priced) or not all(
        part in known or _CODE.fullmatch(part) or _PRICE.fullmatch(part) for part in parts
    ):
        return None
    return f"({codes[0]})" if codes else ""


# -- spaces ----------------------------------------------------------------------------------------

_SPACE = re.compile(
    r"[ \t\n?](?:(?<=[ \t])[ \t]*|(?<=\n)[ \t\n]*\n|(?<=\?)(?<![^\n]\?)(?=[^\n?]))"
)  # one set in front, so that the engine can skip to it
_FIRST_WIDE = "\u2e80"
"""Here begin the ideographs and the punctuation that stands with them: no space beside one means anything."""
_UNPUNCTUATED = re.compile(r"[^。,;!?:\n]+")
_HEADLINE_LENGTH = 60


def spaces(text: str) -> Iterator[Edit]:
    """Spaces beside an ideograph, around brackets and at line ends go; blank lines become one line feed.

    In a headline, where a space is the only punctuation (跨界重组失败 复牌跌停), it becomes a comma.
    """
    size = len(text)
    for m in _SPACE.finditer(text):
        start, end = m.span()
        first = text[start]
        if first == "\n":
            yield start + 1, end, ""
        elif first == "?":
            yield start, end, ""  # a bullet the page could not encode
        else:
            before = text[start - 1] if start else "\n"
            after = text[end] if end < size else "\n"
            if before == "\n" and after == "?" and text[end + 1 : end + 2] not in ("", "\n", "?"):
                yield start, end + 1, ""
            elif before in "\n(:“”‘’—…" or after in "\n):,;!?%“”‘’—…":
                yield start, end, ""
            elif before >= _FIRST_WIDE or after >= _FIRST_WIDE:
                yield start, end, "," if _parts_headline(text, start, end) else ""


def _parts_headline(text: str, start: int, end: int) -> bool:
    """Whether the space stands between two phrases of a line that has no punctuation of its own."""
    if not (text[start - 1].isalnum() and text[end].isalnum()):
        return False
    low = text.rfind("\n", max(0, start - _HEADLINE_LENGTH), start) + 1
    if not low and start > _HEADLINE_LENGTH:
        return False
    high = text.find("\n", end, low + _HEADLINE_LENGTH)
    high = high if high >= 0 else len(text)
    if high - low > _HEADLINE_LENGTH or not _UNPUNCTUATED.fullmatch(text, low, high):
        return False
    chunks = text[low:high].split()
    return len(chunks) <= 4 and all(len(chunk) >= 4 for chunk in chunks)
