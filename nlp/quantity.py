"""Amounts in a normalised view: money, rates, compute, power, area, counts, percent, durations.

One pass: a scan for numerals, then what stands right and left of each. `1.3-1.4万元/月` is one quantity of
13000 to 14000 CNY per month. Model names (RTX 4090, H100, GPT-4, 910B) and dates are no quantities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from nlp import numeral, plausible
from nlp.amount import SCAN, Amounts
from nlp.plausible import Amount
from nlp.spaced import closed
from nlp.span import Span
from nlp.units import ONE, Unit, Vocabulary, vocabulary


@dataclass(frozen=True, slots=True)
class Quantity:
    """One amount as it stands in the text, in base units."""

    span: Span
    """The number with its unit, bound words and adjacent rate: 超过500亿美元, 每月75,000人民币."""
    core: Span
    """The number with its unit only."""
    kind: str
    """money, percent, compute, power, energy, area, count, duration, gpu_hours, memory, number (no unit)."""
    low: Decimal
    """PFLOPS, MW, kWh, m2, GB, per cent, units of currency; a count or duration as printed."""
    high: Decimal | None
    """Upper end of a range, else None."""
    unit: str
    """ISO 4217 code, PFLOPS, MW, kWh, m2, GB, GPUh, %, pp (percentage points), year, quarter, month, week,
    day, workday, hour, minute, second; of a count the printed counter; '' of a bare number."""
    bound: str
    """exact, about, over, under, range. 200多个 is `over` 200."""
    per: tuple[str, ...]
    """What a rate is reckoned by, things before times: ('card', 'hour'). Empty: no rate."""
    text: str
    """What `span` covers."""
    precision: str | None = None
    """FP16, INT8 … of compute, where it is said beside it."""


@dataclass(slots=True)
class _Context:
    """What stands around one amount."""

    start: int
    end: int
    before: str = ""
    """Bound word before: about, over, under or most."""
    after: str = ""
    currency: str = ""
    per: tuple[str, ...] = ()
    negative: bool = False


_BARE = Unit("number", "", ONE)
_RATED = ("money", "number")
_RATED_BY_THING = ("power", "energy", "compute")
_PRECISION = r"(FP64|FP32|TF32|FP16|BF16|FP8|FP4|INT8|INT4)"
_PRECISION_AFTER = re.compile(rf"\s?(?:算力)?[(（@,\s]\s?{_PRECISION}(?![\dA-Z]|精?度?算力)")
_PRECISION_BEFORE = re.compile(rf"{_PRECISION}[^\d,，。;；:：()（）\nA-Z]{{0,10}}\Z")
_COINS = {"角": 10, "分": 100}
"""Coins of a yuan where money is asked for; elsewhere 五角 is a shape and 二十分 are points."""
_SHARE = re.compile(r"分之|[/%％]")
_INCLUSIVE = re.compile(r"[(（]不?含(?:本数|税)?[)）]")  # 50万元(含)以上
_CLAUSE_END = re.compile(r"[,，。;；:：!！?？、\n()（）\d]")


def find_quantities(text: str) -> list[Quantity]:
    """All amounts of `text`, sorted; their cores don't overlap. Offsets are those of `text`."""
    folded = numeral.fold(text)
    if apart := closed(folded):
        together, at = apart
        return [_moved(q, at, text) for q in find_quantities(together)]
    words = vocabulary()
    amounts, reader = Amounts(folded, words), _Surroundings(folded, text, words)
    found: list[Quantity] = []
    floor = solid = 0
    for m in SCAN.finditer(folded):
        if m.start() < floor or amounts.idle(m) or (amount := amounts.read(m)) is None:
            continue
        quantity = reader.quantity(amount, solid)
        if quantity is None:
            continue
        while found and found[-1].span.end > quantity.span.start:
            found.pop()  # 一个月一万: the month is what the rate is reckoned by
        found.append(quantity)
        floor = quantity.span.end
        if not _may_be_rate(quantity):
            solid = floor
    return found


def _moved(quantity: Quantity, at: list[int], text: str) -> Quantity:
    """The same quantity where it stands in `text`; `at` tells where its offsets were there."""
    span, core = (Span(at[s.start], at[s.end - 1] + 1) for s in (quantity.span, quantity.core))
    return replace(quantity, span=span, core=core, text=span.of(text))


def parse_money(text: str, *, currency: str = "CNY") -> Quantity | None:
    """The first sum of money in `text`, of `currency` where none is printed; None: there is none."""
    found = find_quantities(text)
    for quantity in found:
        if quantity.kind == "money":
            return quantity
    plain = text.strip()
    coin = _COINS.get(plain[-1:])
    for quantity in found:
        if quantity.kind == "number" and not coin:
            return as_money(quantity, currency=currency)
    if _SHARE.search(plain):
        return None
    try:
        value = numeral.parse_number(plain[:-1] if coin else plain) / (coin or 1)
    except ValueError:
        return None
    whole = Span(0, len(text))
    return Quantity(whole, whole, "money", value, None, currency, "exact", (), text)


def as_money(quantity: Quantity, *, currency: str) -> Quantity:
    """A bare number that the context makes a sum of money: 一台能省十几到二十万."""
    return replace(quantity, kind="money", unit=currency)


def _may_be_rate(quantity: Quantity) -> bool:
    """一个月, 一台, 一度电: what the next amount may be reckoned by."""
    return (
        quantity.low == 1 and quantity.text[0] == "一" and quantity.kind not in ("money", "number", "percent")
    )


class _Surroundings:
    """Reads bounds, currencies and rates around the amounts of one text."""

    def __init__(self, text: str, printed: str, words: Vocabulary) -> None:
        self.text = text
        self.printed = printed
        self.words = words

    def quantity(self, amount: Amount, floor: int) -> Quantity | None:
        """The amount with what stands around it back to `floor`; None: no quantity after all."""
        unit = amount.unit or _BARE
        if unit is _BARE and self._hopeless(amount):
            return None
        context = _Context(amount.start, amount.end)
        self._look_back(amount, unit, context, floor)
        bounded = bool(context.before) or self._bounded_behind(amount.end)
        if not plausible.left(self.text, context.start, amount, bounded=bounded, words=self.words):
            return None
        if context.currency and (amount.unit is None or amount.word in ("元", "块", "圆")):
            unit = Unit("money", context.currency, ONE)
        self._look_on(unit, context)
        if unit.kind == "number" and not plausible.bare(
            self.text, amount, bound=context.before, per=context.per, words=self.words
        ):
            return None
        if not context.per and unit.kind in _RATED:
            context.per = self._rate_near(floor, context.start)
        return self._built(amount, unit, context)

    def _bounded_behind(self, at: int) -> bool:
        """Whether a bound word stands at `at`: 亿元以上, 百台以下."""
        return (
            self.text[at : at + 1] in self.words.after_heads
            and self.words.after_word.match(self.text, at) is not None
        )

    def _built(self, amount: Amount, unit: Unit, context: _Context) -> Quantity:
        number = amount.numeral
        low, high = (-number.low, None) if context.negative else (number.low, number.high)
        return Quantity(
            span=Span(context.start, context.end),
            core=Span(amount.start, amount.end),
            kind=unit.kind,
            low=low,
            high=high,
            unit=unit.unit,
            bound="range" if high is not None else _bound(context, number.bound, unit),
            per=self._ordered(context.per) if context.per else (),
            text=self.printed[context.start : context.end],
            precision=self._precision(amount) if unit.kind == "compute" else None,
        )

    def _hopeless(self, amount: Amount) -> bool:
        """Whether a number without a unit has nothing in or beside it that could make it a quantity."""
        if len(amount.run) > 3 or amount.numeral.high is not None or amount.end > amount.number_end:
            return False
        before, behind = self.text[amount.start - 1 : amount.start], self.text[amount.end : amount.end + 1]
        return (
            before not in self.words.preceders
            and behind not in self.words.after_heads
            and not any(c in "百千万亿兆" for c in amount.run)
        )

    def _ordered(self, per: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(dict.fromkeys(per), key=self.words.per_order.__getitem__))

    def _look_back(self, amount: Amount, unit: Unit, context: _Context, floor: int) -> None:
        """Sign, bound word, currency and rate before the number, in any order."""
        at = amount.start
        sign = 2 if self.text[at - 2 : at] == "负的" else 1
        if self.text[at - sign : at] in ("-", "负", "负的") and amount.numeral.high is None:
            context.negative = sign == 2 or plausible.negative(self.text, at)
            at -= sign * context.negative
        while at > floor:
            end = at - (self.text[at - 1] == " ")
            word = self._word_before(end, floor)
            if word is None:
                rate = None if context.per else self._rate_before(end, floor, unit)
                if rate is None:
                    break
                at, context.per = rate
            elif self._accepts(word[1], word[2], end - word[0], unit, context):
                at = end - word[0]
            else:
                break
        if (
            not context.before
            and amount.run[:1] in ("百", "千", "万", "亿")
            and at > floor
            and self.text[at - 1] in "上过破"
        ):
            context.before, at = "over", at - 1  # 上百台, 过亿元
        context.start = at

    def _accepts(self, role: str, value: str, start: int, unit: Unit, context: _Context) -> bool:
        """Takes in a word that stands before the number; False where it does not belong to it."""
        if role == "currency" and not context.currency and unit.kind in _RATED:
            context.currency = value
            return True
        if (
            role == "bound"
            and not context.before
            and not (unit.kind == "duration" and self.text[start] == "近")
        ):
            context.before = value
            return True
        return False

    def _word_before(self, at: int, floor: int) -> tuple[int, str, str] | None:
        """Length, role and value of the bound or currency that ends at `at`; a filler may follow it: 约为."""
        if at <= floor:
            return None
        for word, role, value in self.words.before.get(self.text[at - 1], ()):
            start = at - len(word)
            if start >= floor and self.text.startswith(word, start) and not self._in_word(start):
                return None if word in "<>" and self._in_tag(at - 1) else (len(word), role, value)
        if self.text[at - 1] in self.words.fillers and at - 1 > floor:
            for word, role, value in self.words.before.get(self.text[at - 2], ()):
                start = at - 1 - len(word)
                if role == "bound" and start >= floor and self.text.startswith(word, start):
                    return len(word) + 1, role, value
        return None

    def _in_word(self, at: int) -> bool:
        """Whether the letter at `at` continues a Latin word: the HUF of VoJ6HUF37L4 is no currency."""
        before, head = self.text[at - 1 : at], self.text[at]
        return head.isascii() and head.isalpha() and before.isascii() and before.isalnum()

    def _in_tag(self, at: int) -> bool:
        """Whether the angle at `at` belongs to markup left in the text: <strong>2025."""
        before = self.text[at - 1 : at]
        return before.isascii() and (before.isalnum() or before in "\"'/")

    def _rate_before(self, at: int, floor: int, unit: Unit) -> tuple[int, tuple[str, ...]] | None:
        if at <= floor or unit.kind not in _RATED + _RATED_BY_THING:
            return None
        last = self.text[at - 1]
        if last not in self.words.per_tails and last not in "的为仅要价:,/":
            return None
        near = self.text[max(floor, at - 16) : at]
        if "每" not in near and "一" not in near and "单" not in near:
            return None
        m = self.words.per_before.search(self.text, max(floor, at - 16), at)
        if m is None or (unit.kind not in _RATED and m.group()[0] == "一"):
            return None
        return m.start(), self._denominators(m.group())

    def _denominators(self, printed: str) -> tuple[str, ...]:
        return tuple(self.words.per[word] for word in self.words.per_word.findall(printed))

    def _look_on(self, unit: Unit, context: _Context) -> None:
        """Bound word and rate after the unit, in either order."""
        if self.text[context.end : context.end + 1] in ("(", "（"):
            inclusive = _INCLUSIVE.match(self.text, context.end)
            if inclusive and self._bounded_behind(inclusive.end()):
                context.end = inclusive.end()
        for _ in range(3):
            if self.text[context.end : context.end + 1] not in self.words.after_heads:
                break
            word = self.words.after_word.match(self.text, context.end)
            if word and not context.after and plausible.after(self.text, word, unit):
                context.after, context.end = self.words.after[word.group()], word.end()
            elif not self._takes_rate(unit, context):
                break

    def _takes_rate(self, unit: Unit, context: _Context) -> bool:
        if unit.kind not in _RATED + _RATED_BY_THING:
            return False
        rate = self.words.per_after.match(self.text, context.end)
        if rate is None or (unit.kind not in _RATED and rate.group()[0] != "/"):
            return False
        if "每" in rate.group() and self.text[rate.end() : rate.end() + 1].isdigit():
            return False  # of the next amount: H100两万元每卡每年3万元
        context.per, context.end = context.per + self._denominators(rate.group()), rate.end()
        return True

    def _rate_near(self, floor: int, start: int) -> tuple[str, ...]:
        """每年的房钱2400万, 一天卖到过6500元: the rate stands some words before."""
        near = self.text[max(floor, start - 12) : start]
        if "每" not in near and "一" not in near and "按" not in near:
            return ()
        near = _CLAUSE_END.split(near)[-1]
        found = list(self.words.per_near.finditer(near))
        return self._denominators(found[-1].group()) if found else ()

    def _precision(self, amount: Amount) -> str | None:
        before = max(0, amount.start - 18)
        m = _PRECISION_AFTER.match(self.text, amount.end) or _PRECISION_BEFORE.search(
            self.text, before, amount.start
        )
        return m[1] if m else None


def _bound(context: _Context, inner: str, unit: Unit) -> str:
    """One bound of those before, after and in the number: over and under win over about."""
    before, after = context.before, "" if context.after == "range" else context.after
    if before == "most":  # 高达: a limit for money to be spent, a plain figure elsewhere
        before = "under" if unit.kind == "money" and not after else ""
    for bound in (before, after, inner):
        if bound in ("over", "under"):
            return bound
    return before or after or inner
