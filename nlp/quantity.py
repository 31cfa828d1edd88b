"""Amounts in a normalised view: money, rates, compute, power, area, counts, percent, durations; value, unit, bound.

One pass: a scan for numerals, then what stands right and left of each. `1.3-1.4万元/月` is one quantity of
13000 to 14000 CNY per month. Model names (RTX 4090, H100, GPT-4, 910B) and dates are no quantities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from nlp import numeral, plausible
from nlp.numeral import DIGIT, NUMBER, Numeral, tidy
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
    """money, percent, compute, power, energy, area, count, duration, gpu_hours, memory, number (no unit printed)."""
    low: Decimal
    """PFLOPS, MW, kWh, m2, GB, per cent, units of currency; a count or duration as printed."""
    high: Decimal | None
    """Upper end of a range, else None."""
    unit: str
    """ISO 4217 code, PFLOPS, MW, kWh, m2, GB, GPUh, %, pp (percentage points), year/quarter/month/week/day/workday/
    hour/minute/second; of a count the printed counter; '' of a bare number."""
    bound: str
    """exact, about, over, under, range."""
    per: tuple[str, ...]
    """What a rate is reckoned by, things before times: ('card', 'hour'). Empty: no rate."""
    text: str
    """What `span` covers."""
    precision: str | None = None
    """FP16, INT8 … of compute, where it is said beside it."""


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number and its unit, before bounds and rates."""

    start: int
    number_end: int
    end: int
    run: str
    numeral: Numeral
    unit: Unit | None
    word: str
    """The unit as printed."""


_SPACED = rf"(?<![A-Za-z0-9.,])\d{{1,3}}(?: \d{{3}})+(?:\.\d+)?(?=\s?[万亿元美港])(?:\s?[万亿]+)?|{NUMBER}(?:(?<=\d)(?: |\n(?=[万亿]+[元美港]))[百千]?[万亿]+)?"
_LEAD = "一二三四五六七八九十两廿卅〇零百千万亿佰仟拾壹贰叁肆伍陆柒捌玖俩仨幺半过几数"
# The lookahead makes the scan four times faster: most positions fail on one character class.
_SCAN = re.compile(
    rf"(?=[\d{_LEAD}])(?:(?P<half>一半|半数|过半|(?<![上下大前后])半(?:年(?![度报])|个月|天|个?小时))"
    rf"|(?P<of>[百千万]分之)?(?P<run>{_SPACED}))"
)
_RUN = re.compile(_SPACED)
_SEPARATOR = re.compile(
    r"\s?(?:--?|~|——?|–|至|到)\s?(?:[约近]|人民币|US\$|HK\$|[$¥€£])?(?=[\d一二三四五六七八九两十百千几数])"
)
_FRACTION = re.compile(rf"分之({NUMBER})")
_ONE_EACH = re.compile(r"一(?=个?(?:月|年|天|小时|台|张|块|颗|柜|卡|套|度|匹|P|架|机柜)(?![代]))")
_HALVES = {"一半": "exact", "半数": "exact", "过半": "over"}
_HALF_TIMES = {"年": "year", "月": "month", "天": "day", "时": "hour"}
_PRECISION = r"(FP64|FP32|TF32|FP16|BF16|FP8|FP4|INT8|INT4)"
_PRECISION_AFTER = re.compile(rf"\s?(?:算力)?[(（@,]\s?{_PRECISION}(?![\dA-Z])")
_PRECISION_BEFORE = re.compile(rf"{_PRECISION}[^\d,，。;；:：()（）\nA-Z]{{0,10}}\Z")
_SMALL_CHANGE = re.compile(
    rf"(\d|[{DIGIT}])[角毛](?:(\d|[{DIGIT}])分?)?|(?<=块)([一二三四五六七八九])(?=一[个度月天小张台次斤]|\W|左右|\Z)"
)


def find_quantities(text: str) -> list[Quantity]:
    """All amounts of `text`, sorted; their cores don't overlap. Offsets are those of `text`."""
    folded = numeral.fold(text)
    reader = _Reader(folded, text, vocabulary())
    found: list[Quantity] = []
    floor = 0
    for m in _SCAN.finditer(folded):
        if m.start() < floor or reader.idle(m):
            continue
        behind = next((q.span.end for q in reversed(found) if not _may_be_rate(q)), 0)
        quantity = reader.half(m, behind) if m["half"] else reader.read(m, behind)
        if quantity is None:
            continue
        while found and found[-1].span.end > quantity.span.start:
            found.pop()  # 一个月一万: the month is what the rate is reckoned by
        found.append(quantity)
        floor = max(quantity.span.end, quantity.core.end)
    return found


def _may_be_rate(quantity: Quantity) -> bool:
    return quantity.low == 1 and quantity.kind in ("duration", "count") and quantity.text[0] == "一"


def parse_money(text: str, *, currency: str = "CNY") -> Quantity | None:
    """The first sum of money in `text`; a number with no currency printed is one of `currency`. None: there is none."""
    found = find_quantities(text)
    for quantity in found:
        if quantity.kind == "money":
            return quantity
    for quantity in found:
        if quantity.kind == "number":
            return as_money(quantity, currency=currency)
    try:
        value = numeral.parse_number(text)
    except ValueError:
        return None
    whole = Span(0, len(text))
    return Quantity(whole, whole, "money", value, None, currency, "exact", (), text)


def as_money(quantity: Quantity, *, currency: str) -> Quantity:
    """A bare number that the context makes a sum of money: 一台能省十几到二十万."""
    return replace(quantity, kind="money", unit=currency)


class _Reader:
    """Reads the amounts of one text."""

    def __init__(self, text: str, printed: str, words: Vocabulary) -> None:
        self.text = text
        self.printed = printed
        self.words = words

    def idle(self, m: re.Match[str]) -> bool:
        """Whether a glance shows that the number is none: most of a text's numerals are dates, 一个 and the like."""
        run, start, end = m["run"], m.start(), m.end()
        if run is None or m["of"] or len(run) > 4:
            return False
        text, words = self.text, self.words
        if run in "壹贰叁肆伍陆柒捌玖":
            return text[end : end + 1] not in ("元", "圆", "角", "分")
        head, last = text[end : end + 1], text[start - 1 : start] if start else ""
        if head in ("月", "日"):
            return text[end : end + 2] not in words.day_units
        if head == "年" and len(run) == 4 and run[0] in "12一二":
            return True
        if run == "一" and (head not in words.after_one or (head == "个" and text[end + 1 : end + 2] not in words.single_each)):
            return True
        if last.isascii() and run[0].isdigit() and (last == "/" or (last.isalpha() and text[start - 3 : start] not in words.codes)):
            return True
        return head not in words.followers and run[-1] not in "百千万亿兆多余几" and last not in words.preceders

    def read(self, m: re.Match[str], floor: int) -> Quantity | None:
        """The quantity whose number is at `m`; None: no quantity (a date, a model, an ordinal, a word like 统一)."""
        amount = self.amount(m.start("run"), m["run"])
        if amount is None:
            return None
        if m["of"]:
            amount = self._part_of_hundred(m, amount)
        elif fraction := _FRACTION.match(self.text, amount.number_end):
            return self._fraction(amount, fraction, floor)
        ranged = self._ranged(amount)
        if ranged is None and not plausible.amount(self.text, amount, self.words):
            return None
        return self._dressed(ranged or self._finished(amount), floor, is_range=ranged is not None)

    def amount(self, start: int, run: str) -> _Amount | None:
        """Number and unit at `start`."""
        text, words = self.text, self.words
        if (
            len(run) > 1
            and run[-1] == "一"
            and run[-2] not in "十拾零〇、"
            and _ONE_EACH.match(text, start + len(run) - 1)
        ):
            run = run[:-1]  # 一万八一个月 is 18000 a month
        number = numeral.read(run.replace(" ", "").replace("\n", ""))
        if number is None:
            return None
        end = number_end = start + len(run)
        if text[end : end + 1] == "+":
            number, end = replace(number, bound="over"), end + 1
        if text.startswith("个半", end):  # 两个半小时
            number, end = number.plus_half(), end + 2
            m = words.unit_word.match("个" + text[end : end + 2])
            if m is None or words.units[m.group()].kind != "duration":
                return None
            return _Amount(start, number_end, end + m.end() - 1, run, number, words.units[m.group()], m.group())
        m = words.unit_word.match(text, end + (text[end : end + 1] == " "))
        if m is None or self._of_the_next(m, end):
            unit = self._megawatts(start, end) if run[-1] == "兆" else None
            number = numeral.read(run[:-1]) or number if unit else number
            return _Amount(start, number_end, end, run, number, unit, "兆" if unit else "")
        word, unit = m.group(), words.units[m.group()]
        if unit.kind == "count" and text[start - 1 : start] in tuple("¥$€£"):
            return _Amount(start, number_end, end, run, number, None, "")  # ¥3,599起
        if word == "块" and plausible.pieces(text, start, m.end()):
            unit = Unit("count", word, ONE)
        return _Amount(start, number_end, m.end(), run, number, unit, word)

    def _of_the_next(self, unit: re.Match[str], end: int) -> bool:
        """1.5 $2: a currency with a space before it and a number behind belongs to that number."""
        return (
            unit.start() > end
            and self.words.units[unit.group()].kind == "money"
            and bool(re.match(r"\s?\d", self.text[unit.end() : unit.end() + 2]))
        )

    def _megawatts(self, start: int, end: int) -> Unit | None:
        return Unit("power", "MW", ONE) if plausible.mega(self.text, start, end) else None

    def half(self, m: re.Match[str], floor: int) -> Quantity | None:
        """一半, 过半, 半年."""
        word = m["half"]
        if word in _HALVES:
            number, unit = Numeral(Decimal(50), None, _HALVES[word], ()), Unit("percent", "%", ONE)
        else:
            number = Numeral(Decimal("0.5"), None, "exact", ())
            unit = Unit("duration", _HALF_TIMES[word[-1]], ONE)
        return self._dressed(
            _Amount(m.start(), m.end(), m.end(), word, number, unit, word), floor, is_range=False
        )

    def _part_of_hundred(self, m: re.Match[str], amount: _Amount) -> _Amount:
        factor = {"百": "1", "千": "0.1", "万": "0.01"}[m["of"][0]]
        unit = Unit("percent", "%", Decimal(factor))
        return replace(amount, start=m.start(), end=amount.number_end, unit=unit, word="%")

    def _fraction(self, below: _Amount, m: re.Match[str], floor: int) -> Quantity | None:
        above = numeral.read(m[1])
        if above is None or not 1 < below.numeral.low <= 100 or above.low >= below.numeral.low:
            return None
        share = (above.low * 100 / below.numeral.low).quantize(Decimal("0.1"))
        number = Numeral(tidy(share), None, above.bound, ())
        unit = Unit("percent", "%", ONE)
        return self._dressed(
            _Amount(below.start, m.end(), m.end(), "", number, unit, "%"), floor, is_range=False
        )

    def _ranged(self, first: _Amount) -> _Amount | None:
        """`first` and what follows 到 or a dash, where the two make one range."""
        separator = _SEPARATOR.match(self.text, first.end)
        run = _RUN.match(self.text, separator.end()) if separator else None
        second = self.amount(run.start(), run.group()) if run else None
        if second is None:
            return None
        if first.word == "%" and second.unit is None and self.text[first.start] in "百千万":
            second = replace(second, unit=first.unit, word="%")  # 百分之三到五
        joined = _joined(first, second)
        if joined is None or not plausible.amount(self.text, joined, self.words):
            return None
        return joined

    def _finished(self, amount: _Amount) -> _Amount:
        """With the change after the unit (三块五, 一成半, 两年半) added, in base units."""
        number, end, text = amount.numeral, amount.end, self.text
        if amount.word in ("元", "块") and (change := _SMALL_CHANGE.match(text, end)):
            coins = change.group(1) or change.group(3)
            number = replace(number, low=number.low + numeral.parse_number(coins) / 10)
            if change.group(2):
                number = replace(number, low=number.low + numeral.parse_number(change.group(2)) / 100)
            end = change.end()
        elif (
            amount.word in ("成", "年")
            and text[end : end + 1] == "半"
            and text[end + 1 : end + 2] not in ("年", "载")
        ):
            number, end = replace(number, low=number.low + Decimal("0.5")), end + 1
        elif amount.word == "成" and text[end : end + 1] in tuple(DIGIT) and not self._starts_number(end):
            number, end = replace(number, low=number.low + numeral.parse_number(text[end]) / 10), end + 1
        elif amount.unit and amount.unit.kind == "money" and text[end : end + 1] in ("整", "正"):
            end += text[end] == "整" or not text[end + 1 : end + 2].isalpha()
        factor = amount.unit.factor if amount.unit else ONE
        return replace(amount, numeral=number.times(factor), end=end)

    def _starts_number(self, at: int) -> bool:
        run = _RUN.match(self.text, at)
        return run is not None and (
            len(run.group()) > 1 or self.words.unit_word.match(self.text, run.end()) is not None
        )

    def _dressed(self, amount: _Amount, floor: int, *, is_range: bool) -> Quantity | None:
        """The quantity with its bounds, currency and rate."""
        unit = amount.unit or Unit("number", "", ONE)
        before = self._before(amount, unit, floor)
        if before is None:
            return None
        start, bound, currency, per, negative = before
        if currency and (amount.unit is None or amount.word in ("元", "块", "圆")):
            unit = Unit("money", currency, ONE)
        end, bound_after, per_after = self._after(amount, unit)
        if amount.unit is None and not plausible.bare(
            self.text, amount, bound, bool(currency), per + per_after
        ):
            return None
        per = per + per_after or self._per_near(unit, floor, start)
        number = amount.numeral
        low = -number.low if negative else number.low
        return Quantity(
            span=Span(start, end),
            core=Span(amount.start, amount.end),
            kind=unit.kind,
            low=low,
            high=number.high,
            unit=unit.unit,
            bound="range" if number.high is not None else _bound(bound, bound_after, number.bound, unit),
            per=tuple(sorted(dict.fromkeys(per), key=lambda p: self.words.per_order[p])),
            text=self.printed[start:end],
            precision=self._precision(amount) if unit.kind == "compute" else None,
        )

    def _before(
        self, amount: _Amount, unit: Unit, floor: int
    ) -> tuple[int, str, str, tuple[str, ...], bool] | None:
        """What stands before the number: (start, bound, currency, per, negative)."""
        text, at, bound, currency = self.text, amount.start, "", ""
        per: tuple[str, ...] = ()
        negative = plausible.negative(text, at)
        at -= negative
        while at > floor:
            space = text[at - 1] == " "
            found = self._word_before(at - space, floor)
            if found is None:
                rate = self._per_before(at - space, floor, unit)
                if per or rate is None:
                    break
                at, per = rate
                continue
            length, role, value = found
            if role == "none" or (role == "currency" and (currency or unit.kind not in ("money", "number"))):
                break
            if role == "bound" and (bound or (unit.kind == "duration" and text[at - space - length] == "近")):
                break
            bound, currency = (value, currency) if role == "bound" else (bound, value)
            at -= length + space
        if not bound and numeral_alone(amount.run) and text[at - 1 : at] in ("上", "过", "破") and at > floor:
            bound, at = "over", at - 1
        if not plausible.left(text, at, amount, self.words, bound, currency):
            return None
        return at, bound, currency, per, bool(negative)

    def _word_before(self, at: int, floor: int) -> tuple[int, str, str] | None:
        """Length, role and value of the bound or currency that ends at `at`."""
        for word, role, value in self.words.before.get(self.text[at - 1], ()):
            if at - len(word) >= floor and self.text.startswith(word, at - len(word)):
                if word in "<>" and self._in_tag(at - 1):
                    return None
                return len(word), role, value
        if self.text[at - 1] in self.words.fillers and at - 1 > floor:
            for word, role, value in self.words.before.get(self.text[at - 2], ()):
                if (
                    role == "bound"
                    and at - 1 - len(word) >= floor
                    and self.text.startswith(word, at - 1 - len(word))
                ):
                    return len(word) + 1, role, value
        return None

    def _in_tag(self, at: int) -> bool:
        """Whether the angle at `at` belongs to markup left in the text: <strong>2025."""
        before = self.text[at - 1 : at]
        return before.isascii() and (before.isalnum() or before in "\"'/")

    def _per_before(self, at: int, floor: int, unit: Unit) -> tuple[int, tuple[str, ...]] | None:
        if unit.kind not in ("money", "number") or at <= floor:
            return None
        last = self.text[at - 1]
        if last not in self.words.per_tails and last not in "的为仅要价:,/":
            return None
        m = self.words.per_before.search(self.text, max(floor, at - 16), at)
        return (m.start(), self._denominators(m.group())) if m else None

    def _denominators(self, printed: str) -> tuple[str, ...]:
        return tuple(self.words.per[w] for w in self.words.per_word.findall(printed))

    def _after(self, amount: _Amount, unit: Unit) -> tuple[int, str, tuple[str, ...]]:
        """What stands after the unit: (end, bound, per)."""
        end, bound = amount.end, ""
        per: tuple[str, ...] = ()
        for _ in range(3):
            word = self.words.after_word.match(self.text, end)
            if not bound and word and plausible.after(self.text, word, unit):
                bound, end = self.words.after[word.group()], word.end()
            elif (
                not per
                and unit.kind in ("money", "number")
                and (rate := self.words.per_after.match(self.text, end))
            ):
                if "每" in rate.group() and self.text[rate.end() : rate.end() + 1].isdigit():
                    break  # of the next amount: H100两万元每卡每年3万元
                per, end = self._denominators(rate.group()), rate.end()
            else:
                break
        return end, bound, per

    def _per_near(self, unit: Unit, floor: int, start: int) -> tuple[str, ...]:
        """每年的房钱2400万, 一天卖到过6500元: the rate stands some words before."""
        if unit.kind not in ("money", "number"):
            return ()
        near = re.split(r"[,，。;；:：!！?？、\n()（）\d]", self.text[max(floor, start - 12) : start])[-1]
        found = list(self.words.per_near.finditer(near))
        return self._denominators(found[-1].group()) if found else ()

    def _precision(self, amount: _Amount) -> str | None:
        m = _PRECISION_AFTER.match(self.text, amount.end) or _PRECISION_BEFORE.search(
            self.text, max(0, amount.start - 18), amount.start
        )
        return m[1] if m else None


def numeral_alone(run: str) -> bool:
    """Whether the number begins with a multiplier: 百台, 万卡, 亿元."""
    return run[:1] in ("百", "千", "万", "亿")


def _joined(first: _Amount, second: _Amount) -> _Amount | None:
    """The two as one range; None where they aren't one (another unit, or falling)."""
    if (
        first.unit
        and second.unit
        and (first.unit.kind, first.unit.unit) != (second.unit.kind, second.unit.unit)
    ):
        return None
    if second.unit is None and (first.unit is not None or not any(c in second.run for c in "百千万亿,")):
        return None
    unit = second.unit
    low, high = first.numeral, second.numeral
    if first.unit is None and not first.numeral.scales:
        low = _lifted(low, high)
    low = low.times((first.unit or unit).factor if first.unit or unit else ONE)
    high = high.times(unit.factor if unit else ONE)
    top = high.high if high.high is not None else high.low
    if low.low >= top:
        return None
    number = Numeral(low.low, top, "range", ())
    return replace(second, start=first.start, run=first.run, numeral=number)


def _lifted(low: Numeral, high: Numeral) -> Numeral:
    """`low` with the multiplier it shares with `high`: 240-250万, 十几到二十万, but not 8000-1.2万."""
    for scale in high.scales:
        if low.low < high.low / scale:
            return low.times(scale)
    return low


def _bound(before: str, after: str, inner: str, unit: Unit) -> str:
    if before == "most":
        before = "under" if unit.kind == "money" else ""
    for bound in (before, after):
        if bound in ("over", "under"):
            return bound
    if inner == "over":
        return inner
    after = "" if after == "range" else after
    return before or after or inner
