"""Bytes → text, in any encoding a Chinese page or file was ever written in.

A declaration is a witness, not a judge: pages say UTF-8 and are GB18030, say GB2312 and hold characters that
only GB18030 has. So every encoding that decodes the bytes without an error is a candidate, and the one whose
text looks most like Chinese prose wins; a byte order mark ends the question, a declaration wins a tie.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from resiliparse.parse.encoding import detect_encoding

from crawler.reading.rejected import ReadingError

READER = "text/1"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: FF FE 00 00 begins with FF FE
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

# Labels that mean a larger set than they name. Real pages marked gb2312 hold 镕 and 喆, which only GBK has.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "hz": "hz",
    "big5": "cp950",
    "big5hkscs": "big5hkscs",
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
}
_GUESSES = ("utf-8", "gb18030", "cp950", "big5hkscs", "utf-16-le", "utf-16-be")
_SAMPLE = 64 * 1024  # bytes enough to judge an encoding by; the whole is decoded only once or twice

_UNLIKELY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_FOREIGN = re.compile(  # neither ASCII, Han, nor the punctuation and signs of Chinese print
    r"[^\x00-\x7f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3000-\u303f\uff01-\uffe5"
    r"\u2010-\u205e\u2160-\u217f\u2460-\u24ff\u25a0-\u25ff\xa0\xb0\xb1\xb2\xb3\xb7\xd7\xf7]+"
)
_HIGH_BYTES = bytes([0x00, 0x20, 0x30, *range(0x4E, 0xA0), 0xFF])
_UTF8_WITNESS = re.compile(r"[\u3000-\u9fff\uff01-\uffe5\u2010-\u2027\u00c0-\u017f]")
_FORBIDDEN = re.compile(r"[\x00-\x06\x0e-\x1a]")  # no text file holds these; every binary format soon does
_SOMETHING = re.compile(r"[^\s\ufeff\0]")  # Python's \s holds \x1c to \x1f, too
_MAX_DAMAGE = 0.02  # share of characters a damaged file may lose and still be read


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the Python name of the encoding it was read in."""

    text: str
    encoding: str


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode `data`, whatever it claims to be written in.

    `declared` is the label of a header or a meta tag, believed only as far as the bytes agree. Line ends and
    every character stay as they are; a byte order mark is dropped. Raises ReadingError: `empty`, `binary`,
    `encoding`.
    """
    if not data:
        raise ReadingError("empty", "the file is empty; fetch or export it again")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(_decode_marked(data[len(mark) :], encoding), encoding)
    decoded = _best(data, declared)
    if not _SOMETHING.search(decoded.text):
        raise ReadingError("empty", "the file holds nothing but white space; fetch or export it again")
    if _looks_binary(decoded.text):
        raise ReadingError(
            "binary", "binary data, not text; if it is a document, save it as .txt, .html or .pdf"
        )
    return decoded


def codec_name(label: str | None) -> str | None:
    """Python's name for the encoding a label means on the web; None for a label nobody knows."""
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name, name)


def plausibility(text: str) -> float:
    """How much `text` looks like Chinese or ASCII: 1 at best, negative for a wrong encoding's noise."""
    if not text:
        return 0.0
    han, frequent = _count(_HAN, text), _count(_frequent(), text)
    foreign, unlikely = _count(_FOREIGN, text), _count(_UNLIKELY, text)
    ascii_like = len(text) - han - foreign
    score = frequent + 0.1 * (han - frequent) + 0.9 * ascii_like - 2 * foreign - 5 * unlikely
    return score / len(text)


def _count(kind: re.Pattern[str], text: str) -> int:
    """How many characters of `text` are of a kind; the pattern matches runs of it."""
    return sum(map(len, kind.findall(text)))


def _best(data: bytes, declared: str | None) -> Decoded:
    """The candidate with the most plausible text; if none is clean, the least damaged."""
    sample = data[:_SAMPLE]
    clipped = len(sample) < len(data)
    candidates = list(dict.fromkeys(_candidates(sample, declared)))
    judged = []
    for rank, encoding in enumerate(candidates):
        text = _strict(sample, encoding, clipped=clipped)
        if text is not None:
            judged.append((plausibility(text) + _prior(encoding, text) - 0.001 * rank, encoding))
    for _, encoding in sorted(judged, reverse=True):
        whole = _strict(data, encoding, clipped=False)
        if whole is not None:
            return Decoded(whole, encoding)
    return _least_damaged(data, candidates)


def _candidates(sample: bytes, declared: str | None) -> Iterator[str]:
    if name := codec_name(declared):
        yield name
    yield "utf-8"
    if name := codec_name(detect_encoding(sample, html5_compatible=False)):
        yield name
    for encoding in _GUESSES:
        if not encoding.startswith("utf-16") or _may_be_utf16(sample):
            yield encoding


def _prior(encoding: str, text: str) -> float:
    """Other bytes are almost never valid UTF-8 by accident, so Han or accented Latin read as it is evidence.

    Not so a lone 2-byte pair: 统 in GB18030 is also the Greek numeral sign ͳ in UTF-8. A dozen pairs are: one
    Chinese character in seven is such a pair, twelve in a row are one in ten thousand million.
    """
    if encoding != "utf-8":
        return 0.0
    if sum(character > "\x7f" for character in text[:4000]) >= 12:
        return 4.0
    return 0.5 if _UTF8_WITNESS.search(text) else 0.0


def _may_be_utf16(sample: bytes) -> bool:
    """UTF-16 is even in length; one side of each pair is 00 (ASCII), 4E to 9F (Han), 20, 30 or FF."""
    if len(sample) % 2:
        return False
    for side in (sample[0:4000:2], sample[1:4000:2]):
        if len(side.translate(None, _HIGH_BYTES)) < 0.2 * len(side):
            return True
    return False


def _strict(data: bytes, encoding: str, *, clipped: bool) -> str | None:
    """The text, or None if a single byte is wrong; `clipped` forgives a character cut off at the end."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        return decoder.decode(data, final=not clipped)
    except (UnicodeError, LookupError):
        return None


def _least_damaged(data: bytes, candidates: list[str]) -> Decoded:
    readings = [Decoded(data.decode(encoding, errors="replace"), encoding) for encoding in candidates]
    best = max(readings, key=lambda decoded: plausibility(decoded.text.replace("\ufffd", "\x00")))
    if best.text.count("\ufffd") > max(2, _MAX_DAMAGE * len(best.text)):
        if _looks_binary(data.decode("latin-1")):
            raise ReadingError(
                "binary", "binary data, not text; if it is a document, save it as .txt, .html or .pdf"
            )
        raise ReadingError("encoding", "text in no encoding known here; save it as UTF-8 and try again")
    return best


def _decode_marked(data: bytes, encoding: str) -> str:
    text = data.decode(encoding, errors="replace")
    if not _SOMETHING.search(text):
        raise ReadingError("empty", "the file holds nothing but a byte order mark; fetch or export it again")
    if text.count("\ufffd") > max(2, _MAX_DAMAGE * len(text)):
        raise ReadingError("encoding", f"marked as {encoding} but is not; save it as UTF-8 and try again")
    return text


def _looks_binary(text: str) -> bool:
    """More than one forbidden control character in a thousand (one stray NUL does not spoil a filing)."""
    return len(_FORBIDDEN.findall(text)) > 1 + len(text) // 1000


@cache
def _frequent() -> re.Pattern[str]:
    """What Chinese news is mostly made of, in both scripts; `frequent.txt` says where it was counted."""
    lines = files("crawler.reading").joinpath("frequent.txt").read_text("utf-8").splitlines()
    return re.compile("[" + "".join(line for line in lines if not line.startswith("#")) + "]+")
