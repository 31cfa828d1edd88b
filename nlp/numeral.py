"""Chinese, capital, Arabic and mixed numerals, exact: 壹亿伍仟陆佰万, 3亿5千万, 1.2个亿, 七八千."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_WIDE = {chr(ord(c) + 0xFEE0): c for c in map(chr, range(0x21, 0x7F)) if c not in ",:;?!()"}
_FORMS = dict(
    zip(
        "萬億兩両倆圓臺個張塊顆畝約餘幾數點貳參陸叄弍○◯錢幣處戶號時間週歲內過達負國後來禮於將預計擬劃歐鎊韓噸頃棟機櫃組條項筆輛對層種門碼銖盧紐紙−–﹣",
        "万亿两两俩元台个张块颗亩约余几数点贰叁陆叁贰〇〇钱币处户号时间周岁内过达负国后来礼于将预计拟划欧镑韩吨顷栋机柜组条项笔辆对层种门码铢卢纽纸---",
        strict=True,
    )
)
_FORMS |= dict(zip("這頭從國慶節聖誕當該舊屆", "这头从国庆节圣诞当该旧届", strict=True))  # of dates
_FOLD = {**_WIDE, **_FORMS, "\u3000": " ", "\u00a0": " ", "．": ".", "﹪": "%", "￥": "¥", "，": ","}
# Full-width commas are everywhere in raw text and only matter in 92，160万元.
_FOLDABLE = re.compile("[" + re.escape("".join(c for c in _FOLD if c != "，")) + r"]|(?<=\d)，(?=\d)")


def fold(text: str) -> str:
    """The same length, with the full-width and traditional characters of numbers made simple.

    A normalised view comes through almost untouched; this is what makes the plain entry points take raw text.
    """
    return _FOLDABLE.sub(lambda m: _FOLD[m.group()], text) if _FOLDABLE.search(text) else text


_DIGITS = {c: i for i, group in enumerate(
    ("〇零", "一壹幺", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for c in group}  # fmt: skip
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10**4, "亿": 10**8, "兆": 10**12}

DIGIT = "".join(_DIGITS)
"""Characters that stand for one decimal digit."""
_MULTIPLIER = "十拾百佰千仟万亿兆"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
# 40万千瓦, 千米, 百分之三, 400兆瓦, 余额: the character belongs to the next word, not to the number.
# 五百分之三 is 3/500.
_SCALE = (
    rf"(?:[亿万]|(?<!\d{{3}})(?:[十拾佰仟]|百(?!分)|(?<=[{DIGIT}])百(?=分之)|千(?![瓦米克伏赫兆]))"
    r"|兆(?![瓦赫字比帕欧伏丰])"
    r"|(?<=[十百千万亿\d])[多余](?!额)|(?<=[十百千])来(?=[万亿个台张块颗家天年套座])"
    r"|(?<=[\d" + DIGIT + r"几数十百千])个[多余]?(?=[万亿]))"
)
_HEAD = rf"(?:{_ARABIC}|[{DIGIT}廿卅卌十拾佰仟万亿]|百(?!分|度)|千(?![瓦米克伏赫兆])|[几数](?=[十百千万亿]))"
_NEXT = (
    rf"(?:{_SCALE}|(?<!\d)[{DIGIT}]|(?<=[{_MULTIPLIER}])[{DIGIT}]|(?<=[{_MULTIPLIER}零])(?<!\d零){_ARABIC}"
    rf"|(?<=[十拾廿卅百千0])几|(?<=零)几(?=个?[万亿])|[几数](?=[百千万])(?<=[十万亿].)"
    rf"|(?<=[{DIGIT}{_MULTIPLIER}])点(?=[{DIGIT}])|(?<=[{DIGIT}])、(?=[{DIGIT}][十百千万亿])|(?<=[{DIGIT}{_MULTIPLIER}])[廿卅])"
)
NUMBER = rf"{_HEAD}{_NEXT}*"
"""Regex source of one printed number, units and signs not included."""

_TOKEN = re.compile(
    rf"(?P<arabic>[\d,]+(?:\.\d+)?)|(?P<digits>[{DIGIT}、]+)|点(?P<fraction>[{DIGIT}]+)|(?P<sign>.)"
)
_PLAIN = re.compile(r"[\d,]+(?:\.\d+)?\Z")
_TRAILING_SCALE = re.compile(r"[百佰千仟]?[万亿兆]+\Z|[百佰千仟]\Z")
_TRAILING_BIG = re.compile(r"[万亿兆]+\Z")
_SCALES = {**_SMALL, **_BIG}
LATIN_SCALES = {
    "k": 10**3,
    "w": 10**4,
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "g": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
    "t": 10**12,
}
"""What Latin letters and words multiply by, in small letters: 40k, 30w, US$ 3.5 million."""


class Numeral(NamedTuple):
    """What one printed number says."""

    low: Decimal
    high: Decimal | None
    """Upper end where the number itself is a range (七八千, 几千, 十几), else None."""
    bound: str
    """exact, about (十来), over (一百多, 百余) or range."""
    scales: tuple[Decimal, ...]
    """Multipliers at its end that a partner in a range may lack: 1.3-1.4万, 十几到二十万."""

    def times(self, factor: Decimal) -> Numeral:
        """The same number in another unit."""
        if factor == 1:
            return self
        high = None if self.high is None else tidy(self.high * factor)
        return Numeral(tidy(self.low * factor), high, self.bound, ())

    def plus(self, more: Decimal) -> Numeral:
        """So much more: 两年半, 三块五."""
        high = None if self.high is None else tidy(self.high + more)
        return Numeral(tidy(self.low + more), high, self.bound, self.scales)


def tidy(value: Decimal) -> Decimal:
    """The same value, whole numbers without a fraction and others without trailing zeros."""
    if value == (whole := value.to_integral_value()):
        return whole.quantize(Decimal(1)) if abs(whole) < 10**27 else whole
    return value.normalize()


@lru_cache(maxsize=8192)
def read(run: str) -> Numeral | None:
    """What `run` says; None if it is no well-formed number. `run` is folded and matches NUMBER."""
    if _PLAIN.match(run):
        return Numeral(tidy(Decimal(run.replace(",", ""))), None, "exact", ())
    try:
        low, high = _Accumulator(run).total()
    except ValueError:
        return None
    bound = "over" if "多" in run or "余" in run else "about" if "来" in run else "exact"
    if low != high and bound == "exact":
        return Numeral(tidy(low), tidy(high), "range", _scales(run))
    return Numeral(tidy(low), None, bound, _scales(run))


def _scales(run: str) -> tuple[Decimal, ...]:
    found = []
    for pattern in (_TRAILING_SCALE, _TRAILING_BIG):
        if (m := pattern.search(run)) and m.start() > 0:
            scale = Decimal(1)
            for c in m.group():
                scale *= _SCALES[c]
            found.append(scale)
    return tuple(dict.fromkeys(found))


class _Accumulator:
    """Adds up one number from left to right; every quantity is an interval (low, high)."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.sum = self.section = (Decimal(0), Decimal(0))
        self.pending: tuple[Decimal, Decimal] | None = None
        self.short = False  # pending is one digit right after a multiplier: 一万八
        self.last = 1  # the last multiplier
        self.biggest = 0  # the last of 万, 亿, 兆
        self.smallest = 10**4  # the last of 十, 百, 千 since: 十一十二 is two numbers
        self.after_big = False

    def total(self) -> tuple[Decimal, Decimal]:
        for m in _TOKEN.finditer(self.run):
            if m["arabic"]:
                self._number(*[Decimal(m["arabic"].replace(",", ""))] * 2, short=len(m["arabic"]) == 1)
            elif m["digits"]:
                self._digits(m["digits"], spelt=self.run.startswith("点", m.end()))
            elif m["fraction"]:
                self._fraction(m["fraction"])
            else:
                self._sign(m["sign"])
        return self._finish()

    def _number(self, low: Decimal, high: Decimal, *, short: bool) -> None:
        if self.pending is not None:
            raise ValueError(self.run)
        self.pending, self.short, self.after_big = (low, high), short and self.last >= 100, False

    def _digits(self, printed: str, *, spelt: bool) -> None:
        digits = printed.replace("、", "")
        bare = (
            digits.lstrip("〇零")
            if not (self.last == 1 and len(digits) > 1 and self.pending is None)
            else digits
        )
        if not bare:  # 一亿零, 一百〇五
            if self.last == 1 and self.pending is None:
                self._number(Decimal(0), Decimal(0), short=False)
            return
        if self.last > 100 and len(bare) == 3 and bare[1] in "〇零":  # 两万二零三 is 22003
            self._number(*[Decimal(_DIGITS[bare[0]] * self.last // 10)] * 2, short=False)
            self.section, self.pending = _plus(self.section, self.pending or self.section), None
            bare = bare[2]
        values = [_DIGITS[c] for c in bare]
        if not spelt and len(values) == 2 and _neighbours(values, bare) and "零" not in bare:
            self._number(Decimal(values[0]), Decimal(values[1]), short=bare == digits)
        elif len(values) == 1 or self.last == 1:
            value = Decimal("".join(map(str, values)))
            self._number(value, value, short=len(values) == 1 and bare == digits)
        else:
            raise ValueError(self.run)

    def _fraction(self, digits: str) -> None:
        part = Decimal("0." + "".join(str(_DIGITS[c]) for c in digits))
        low, high = self.pending or (Decimal(0), Decimal(0))
        if self.short:  # 两千三点五 is 2300.5
            low, high = _by((low, high), self.last // 10)
        self.pending, self.short = (low + part, high + part), False

    def _sign(self, c: str) -> None:
        if c in _TENS:
            self._number(Decimal(_TENS[c]), Decimal(_TENS[c]), short=False)
            self.section, self.pending, self.last = (
                _plus(self.section, self.pending or self.section),
                None,
                10,
            )
        elif c == "几" and self.pending is not None:  # 30几
            self.pending = self.pending[0] + 1, self.pending[1] + 10
        elif c in "几数":
            self._number(Decimal(1), Decimal(10), short="零几" not in self.run)
        elif c in _SMALL:
            if _SMALL[c] >= self.smallest:
                raise ValueError(self.run)
            self.smallest = _SMALL[c]
            self.section = _plus(self.section, _by(self.pending or (Decimal(1), Decimal(1)), _SMALL[c]))
            self.pending, self.last, self.after_big = None, _SMALL[c], False
        elif c in _BIG:
            self._big(_BIG[c])
        elif c not in "多余来个":
            raise ValueError(self.run)

    def _big(self, scale: int) -> None:
        if scale == self.biggest and not self.after_big:
            raise ValueError(self.run)  # 四万五万
        section = _plus(self.section, self.pending) if self.pending else self.section
        if self.pending is None and not section[1] and not self.after_big:
            section = (Decimal(1), Decimal(1))
        if scale > self.biggest or self.after_big:
            self.sum = _by(_plus(self.sum, section), scale)
        else:
            self.sum = _plus(self.sum, _by(section, scale))
        self.section, self.pending, self.last = (Decimal(0), Decimal(0)), None, scale
        self.biggest, self.smallest, self.after_big = scale, 10**4, True

    def _finish(self) -> tuple[Decimal, Decimal]:
        if self.pending is None:
            return _plus(self.sum, self.section)
        factor = self.last // 10 if self.short else 1
        return _plus(_plus(self.sum, self.section), _by(self.pending, factor))


def _neighbours(values: list[int], printed: str) -> bool:
    """七八, 两三, 三五: two digits that name a range, not a number; capitals (柒捌) name none."""
    return printed == "三五" or (0 < values[0] == values[1] - 1 and printed[0] in "一二两三四五六七八")


def _plus(a: tuple[Decimal, Decimal], b: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    return a[0] + b[0], a[1] + b[1]


def _by(a: tuple[Decimal, Decimal], factor: int) -> tuple[Decimal, Decimal]:
    return a[0] * factor, a[1] * factor


_WHOLE = re.compile(
    rf"(?P<sign>负的?|[-+正]?)(?:(?P<of>百分之?|[千万]分之)(?P<part>-?(?:{NUMBER}|点[{DIGIT}]+))"
    rf"|(?:(?P<whole>{NUMBER})又)?(?P<below>{NUMBER})分之(?P<above>-?{NUMBER})"
    r"|(?:(?P<units>\d+)又)?(?P<over>\d+)/(?P<under>\d+)|(?P<scientific>\d+(?:\.\d+)?[eE][-+]?\d+)"
    rf"|(?P<half>一半|半[百千万亿]?)|零?点(?P<cnpoint>[{DIGIT}]+)"
    rf"|(?P<number>{NUMBER}|\.\d+)(?P<scale>%|[kKwWMGB])?)\Z"
)
_PARTS = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10000)}
_MIXED = re.compile(r"(?<=\d) +(?=\d+/\d)")
_POINT = re.compile(r"点(\d+)\Z")


def parse_number(text: str) -> Decimal:
    """The exact value of a whole printed number: 一百二十三万四千点八九, 负三点五, 百分之三, 1.2亿, 40k.

    A range gives its lower end (七八千: 7000). Raises ValueError with the text if it is no number.
    """
    m = _WHOLE.match(_plain(text))
    value = _whole_value(m) if m else None
    if m is None or value is None:
        raise ValueError(
            f"{text!r} is no number; expected Arabic or Chinese numerals such as 3.5亿 or 三亿五千万"
        )
    return tidy(-value if m["sign"][:1] in ("-", "负") else value)


def _plain(text: str) -> str:
    """Folded, without spaces: 一百 五 十 is one number; 4 1/3 is 4又1/3, 一百点25 is 一百点二五."""
    plain = _MIXED.sub("又", fold(text).strip()).replace(" ", "").replace("分之负", "分之-")
    return _POINT.sub(lambda m: "点" + "".join("零一二三四五六七八九"[int(c)] for c in m[1]), plain)


def _whole_value(m: re.Match[str]) -> Decimal | None:
    if m["cnpoint"]:
        return Decimal("0." + "".join(str(_DIGITS[c]) for c in m["cnpoint"]))
    if m["below"]:
        below, above, whole = _value(m["below"]), _value(m["above"]), _value(m["whole"] or "0")
        if not below or above is None or whole is None:
            return None
        # 负三分之负五: the sign before the denominator is that of the whole
        return whole + above / below
    if m["under"]:
        return int(m["units"] or 0) + Decimal(m["over"]) / int(m["under"]) if int(m["under"]) else None
    if m["scientific"]:
        return Decimal(m["scientific"])
    if m["half"]:
        return Decimal(_SCALES.get(m["half"][1:], 1)) / 2
    value = _value(m["part"] or m["number"])
    if value is None or m["scale"] is None:
        return value / _PARTS[m["of"][0]] if m["of"] and value is not None else value
    return value / 100 if m["scale"] == "%" else value * LATIN_SCALES[m["scale"].lower()]


def _value(printed: str) -> Decimal | None:
    """One number of a whole printed one; the lower end of a range."""
    if printed[0] == ".":
        return Decimal("0" + printed)
    bare = printed.removeprefix("-")
    numeral = read("零" + bare if bare[0] == "点" else bare)
    if numeral is None:
        return None
    return -numeral.low if printed[0] == "-" else numeral.low
