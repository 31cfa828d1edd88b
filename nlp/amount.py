"""Numbers with their units, in base units: the scan, ranges and what hangs on (三块五, 一年零三个月)."""

from __future__ import annotations

import re
from decimal import Decimal

from nlp import numeral, plausible
from nlp.numeral import DIGIT, LATIN_SCALES, NUMBER, Numeral, tidy
from nlp.plausible import Amount
from nlp.units import ONE, Unit, Vocabulary

# 92 160万元 (a space for the thousands), 9.22 亿元, 18,600.00↵万元 (a filing's line break)
_RUN_SOURCE = (
    r"(?<![A-Za-z0-9.,])\d{1,3}(?: \d{3})+(?:\.\d+)?(?=\s?[万亿元美港])(?:\s?[万亿]+)?"
    rf"|(?<![./_])(?:(?<!\d)|(?=[二两三四五六七八九十])){NUMBER}"
    r"(?:(?<=\d)(?: |\n(?=[万亿]+[元美港]))[百千]?[万亿]+)?"
)
_LEAD = "一二三四五六七八九十两廿卅〇零百千万亿佰仟拾壹贰叁肆伍陆柒捌玖俩仨幺半过几数对"
# The lookahead makes the scan four times faster: most positions fail on one character class.
SCAN = re.compile(
    rf"(?=[\d{_LEAD}近大])(?<![唯惟])(?:(?P<half>一半|半数|过半|[近大]半(?![年个月天数小载辈生夜段时])|(?<![上下大前后])半(?:年(?![度报])|个月|天|个?小时)"
    rf"|(?<![{DIGIT}])半[成折](?![品熟])|(?<=打)对折|(?<=打了)对折)"
    rf"|(?P<of>[百千万]分之[-负]?|(?<![{DIGIT}十百千几满])百分)?(?P<run>{_RUN_SOURCE}))"
)
"""Where a number begins. Most matches are none: `Amounts.idle` sorts them out at a glance."""
_RUN = re.compile(_RUN_SOURCE)
_SEPARATOR = re.compile(
    r"(?:[(（]不?含[)）])?\s?(?:--?|~|——?|–|至|到|(?P<between>[和与]))\s?(?:[约近]|人民币|US\$|HK\$|[$¥€£])?(?=[\d一二三四五六七八九两十百千几数])"
)
_FRACTION = re.compile(rf"分之({NUMBER})")
# 约1/3, 1/5以上: a share. The 9/18 and 10/07到10/23 of dates have no such word beside them.
_SLASHED = re.compile(r"/(?P<below>[2-9]|10|16|20|100)(?![\d/.])")
_SHARED_BEFORE = frozenset("是为占比约近过足的达有剩")
_SHARED_AFTER = re.compile("(?<=/[2-5])的|以[上下]|左右|强")
# 一万八一个月, 三万一台: the 一 begins the rate.
_ONE_EACH = re.compile(r"一(?=个?(?:月|年|天|小时|台|张|块|颗|柜|卡|套|度|匹|P|架|机柜)(?!代))")
_LATIN_SCALE = re.compile(
    r"\s?(?P<word>trillion|billion|million|bn|mn|tn)s?(?![A-Za-z])"
    r"|(?P<letter>[kKwW](?=[元块刀]|个?百分点|美元|美金|人民币|/[月年]|一个月|每月|左右|上下|以上|的?[月年]薪)"
    r"|[mMbBtT](?=美元|美金|欧元|英镑|港元|港币|人民币|USD|RMB))"
)
# $440M, HK$2.3B: behind a currency only; 70B is a model.
_PRICED_SCALE = re.compile(r"(?P<word>[kKmMbBtT])(?P<letter>)(?![A-Za-z])")
# A trader's 245w一台, 月付4.8w; 电源750w is watts.
_TRADED = re.compile(
    r"[wW](?![A-Za-z\d])(?=,?(?:一[台张块套]|每[台张块套]|现货|全新|未拆|包邮|自提|不?含[税票]|带票|可刀|不刀|可谈|打包|[月季年]付))"
)
_ASKED = re.compile(r"(?:[月季年]付|月租|收|报价|要价|单价|现价|开价|卖|只要|价格|成交价?)(?:才|约|就|只)?\Z")
_ASKED_W = re.compile(r"[wW](?![A-Za-z\d])")
_WATTS = re.compile(r"功耗|功率|电源|TDP|满载|瓦")
_HALVES = {"过半": "over", "近半": "about", "大半": "over"}
_HALF_TIMES = {"年": "year", "月": "month", "天": "day", "时": "hour"}
_PARTS = {"百": Decimal(1), "千": Decimal("0.1"), "万": Decimal("0.01")}
_COIN = rf"零?(\d|[{DIGIT}])"
_END_OF_COINS = r"(?=一[个度月天小张台次斤]|\W|左右|到|至|\Z)"
# 三元五角, 八块八毛八; 三块四分; 三块零四; 三块五
_CHANGE = re.compile(
    rf"{_COIN}[角毛毫](?:{_COIN}分?)?|零?(\d{{1,2}}|[{DIGIT}])分(?![之钟公店行析布])"
    rf"|(?<=[块蚊])零([一二三四五六七八九]|\d(?![\d.])){_END_OF_COINS}"
    rf"|(?<=[块蚊])([一二三四五六七八九]|\d(?![\d.])){_END_OF_COINS}"
)
_CENTS = re.compile(rf"(?!一[个度月天小张台次斤]){_COIN}分?(?![\d{DIGIT}十百千万%个台])")
# 两美元又三美分, 5欧元20欧分
_FOREIGN_CENTS = re.compile(rf"[又零]?({NUMBER})(美分|欧分|便士|港仙)")
_WHOLE_SUM = re.compile(r"整(?![改顿治个体合理])|正(?!\w)")
_NOTHING_MORE = frozenset(",。、;:()的/-~以至到\n ")
"""What ends most amounts, so that nothing need be tried."""
_UNIT_IN_LABEL = re.compile(
    r"[\u4e00-\u9fff][(（](?:单位[:：]?)?(?P<scale>[千百]?万|亿|千|)(?P<unit>[^()（）\d]{1,6}?2?)[)）][:：]\Z"
)
_LABEL_SCALES = {
    "": ONE,
    "千": Decimal(10**3),
    "万": Decimal(10**4),
    "百万": Decimal(10**6),
    "千万": Decimal(10**7),
    "亿": Decimal(10**8),
}
_TENTHS = "一二三四五六七八九"
_MONTHS_MORE = re.compile(rf"[零又]?({NUMBER})个月")


class Amounts:
    """Reads the numbers and units of one folded text."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        self.text = text
        self.words = words

    def idle(self, m: re.Match[str]) -> bool:
        """Whether a glance shows it is no quantity: most numerals are of dates, 一步, addresses."""
        run, start, end = m["run"], m.start(), m.end()
        if run is None or m["of"] or len(run) > 4:
            return False
        text, words = self.text, self.words
        head, last = text[end : end + 1], text[start - 1 : start] if start else ""
        if last in (":", "：") and text[start - 2 : start - 1] in (")", "）"):  # 总投资(亿元):18
            return False
        if run in "壹贰叁肆伍陆柒捌玖":  # 陆家嘴
            return head not in ("元", "圆", "角", "分")
        if head == "月" or head == "日":
            return text[end : end + 2] not in words.day_units and (
                head == "月" or run <= "31" or (len(run) == 1 and run not in "两俩")
            )
        if head == "年" and len(run) == 4 and run[0] in "12一二" and run[-1] not in "万亿":
            return True
        if run == "一" and (
            head not in words.after_one or (head == "个" and text[end + 1 : end + 2] not in words.single_each)
        ):
            return True
        if (
            last.isascii()
            and run[0].isdigit()
            and (last == "/" or (last.isalpha() and text[start - 3 : start] not in words.codes))
        ):
            return last == "/" or not plausible.quoted(text, start)
        return (
            head not in words.followers
            and last not in words.preceders
            and not any(c in "百千万亿兆多余几" for c in run)
            and not (head == "/" and self._slashed(start, end))
        )

    def read(self, m: re.Match[str]) -> Amount | None:
        """What a match of `SCAN` says; None: a date, a model, a word like 统一."""
        if m["half"]:
            return self._half(m)
        amount = self._amount(m.start("run"), m["run"])
        if amount is None:
            return None
        if m["of"]:
            amount = _part_of(amount, m["of"], m.start())
        elif fraction := self._match(_FRACTION, amount.number_end, "分"):
            above = numeral.read(fraction[1])
            return _share(amount, above, amount.numeral, fraction.end()) if above else None
        elif self.text.startswith("/", amount.number_end) and (
            slashed := self._slashed(amount.start, amount.number_end)
        ):
            below = numeral.read(slashed["below"])
            return _share(amount, amount.numeral, below, slashed.end()) if below else None
        whole = self._extended(amount)
        ranged = self._ranged(whole)
        if ranged is not None:
            return ranged
        return _in_base_units(whole) if plausible.amount(self.text, amount, self.words) else None

    def _slashed(self, start: int, end: int) -> re.Match[str] | None:
        """约1/3, 1/5以上: the denominator behind the number, where a word beside says that it is a share."""
        m = self._match(_SLASHED, end, "/")
        if m is None or not (
            self.text[start - 1 : start] in _SHARED_BEFORE or _SHARED_AFTER.match(self.text, m.end())
        ):
            return None
        return m if self.text[start:end].isdigit() and int(self.text[start:end]) < int(m["below"]) else None

    def _match(self, pattern: re.Pattern[str], at: int, heads: str) -> re.Match[str] | None:
        """A match at `at`, where it begins with one of `heads`: most don't, and need no regex to tell."""
        head = self.text[at : at + 1]
        return pattern.match(self.text, at) if head and head in heads else None

    def _amount(self, start: int, run: str) -> Amount | None:
        """Number and unit as printed."""
        last = start + len(run) - 1
        if run[1:] and run[-1] == "一" and run[-2] not in "十拾零〇、" and _ONE_EACH.match(self.text, last):
            run = run[:-1]
        number = numeral.read(run if " " not in run and "\n" not in run else re.sub(r"\s", "", run))
        if number is None:
            return None
        end = number_end = start + len(run)
        head = self.text[end : end + 1]
        if head and head in " kKwWmMbBtT" and (latin := self._latin_scale(start, end)):
            scale = Decimal(LATIN_SCALES[(latin["word"] or latin["letter"]).lower()])
            number, end = number.times(scale)._replace(scales=(scale,)), latin.end()
        elif head in ("w", "W") and self._is_traded(start, end):
            number, end = number.times(Decimal(LATIN_SCALES["w"])), end + 1
        if head == "+":
            number, end = number._replace(bound="over"), end + 1
        if head == "个" and self.text.startswith("个半", end):
            return self._and_a_half(start, number_end, run, number)
        return self._with_unit(start, number_end, end, run, number)

    def _latin_scale(self, start: int, end: int) -> re.Match[str] | None:
        """15k元, 3.5 million, and behind a currency $440M."""
        latin = _LATIN_SCALE.match(self.text, end)
        return latin or (_PRICED_SCALE.match(self.text, end) if self._is_priced(start) else None)

    def _is_traded(self, start: int, end: int) -> bool:
        """Whether the w behind a number is 万: 245w一台, 月付4.8w."""
        text, near = self.text, max(0, start - 10)
        asked = _ASKED.search(text, near, start) and _ASKED_W.match(text, end)
        return bool(asked or _TRADED.match(text, end)) and not _WATTS.search(text, near, start)

    def _with_unit(self, start: int, number_end: int, end: int, run: str, number: Numeral) -> Amount:
        text, words = self.text, self.words
        m = words.unit_word.match(text, end + (text[end : end + 1] == " "))
        unit = words.units[m.group()] if m else None
        if m is None or unit is None or self._of_the_next(m, unit, end):
            if run[-1] == "兆" and plausible.mega(text, start, end) and (megas := numeral.read(run[:-1])):
                return Amount(start, number_end, end, run, megas, Unit("power", "MW", ONE), "兆")
            scale, word = self._labelled(start)
            return Amount(start, number_end, end, run, number.times(scale), words.units.get(word), word)
        if unit.kind == "count" and text[start - 1 : start] in ("¥", "$", "€", "£"):  # ¥3,599起
            return Amount(start, number_end, end, run, number, None, "")
        if m.group() == "块" and plausible.pieces(text, start, m.end()):
            unit = Unit("count", "块", ONE)
        return Amount(start, number_end, m.end(), run, number, unit, m.group())

    def _labelled(self, start: int) -> tuple[Decimal, str]:
        """总投资(万元):186500: scale and unit stand in the label before the number; (1, '') where none do."""
        if start and self.text[start - 1] in ":：":
            m = _UNIT_IN_LABEL.search(self.text, max(0, start - 12), start)
            if m and m["unit"] in self.words.units:
                return _LABEL_SCALES[m["scale"]], m["unit"]
        return ONE, ""

    def _of_the_next(self, m: re.Match[str], unit: Unit, end: int) -> bool:
        """1.5 $2: a currency with a space before it and a number behind belongs to that number."""
        return (
            unit.kind == "money"
            and m.start() > end
            and self.text[m.end() : m.end() + 2].strip()[:1].isdigit()
        )

    def _and_a_half(self, start: int, number_end: int, run: str, number: Numeral) -> Amount | None:
        """两个半小时."""
        end = number_end + 2
        m = self.words.unit_word.match("个" + self.text[end : end + 2])
        unit = self.words.units[m.group()] if m else None
        if m is None or unit is None or unit.kind != "duration":
            return None
        return Amount(start, number_end, end + m.end() - 1, run, number.plus(Decimal("0.5")), unit, m.group())

    def _half(self, m: re.Match[str]) -> Amount:
        """一半, 过半, 半成, 对折, 半年."""
        word = m["half"]
        if time := _HALF_TIMES.get(word[-1]):
            number, unit = Numeral(Decimal("0.5"), None, "exact", ()), Unit("duration", time, ONE)
        else:
            share, unit = Decimal(5 if word == "半成" else 50), Unit("percent", "%", ONE)
            number = Numeral(share, None, _HALVES.get(word, "exact"), ())
        return Amount(m.start(), m.end(), m.end(), word, number, unit, word)

    def _ranged(self, first: Amount) -> Amount | None:
        """`first` and what follows 到 or a dash, where the two make one range."""
        separator = self._match(_SEPARATOR, first.end, " -~—–至到和与(（")
        if separator is None:
            return None
        at = separator.end()
        if first.word == "%" and not first.run and self.text.startswith("百分之", at):
            at += 3  # 百分之三到百分之五
        run = _RUN.match(self.text, at)
        second = self._amount(run.start(), run.group()) if run else None
        if second is None:
            return None
        if first.word == "%" and not first.run and second.unit is None:
            second = second._replace(unit=first.unit, word="%")  # 百分之三到五
        joined = _joined(first, self._extended(second), priced=self._is_priced(first.start))
        if joined is None or (separator["between"] and not self._is_between(joined)):
            return None
        return joined if plausible.amount(self.text, joined, self.words) else None

    def _is_priced(self, start: int) -> bool:
        """Whether a currency stands before the number at `start`: $100-500, 人民币80至90."""
        at = start - (self.text[start - 1 : start] == " ")
        named = self.words.before.get(self.text[at - 1 : at], ())
        return any(role == "currency" and self.text.endswith(word, 0, at) for word, role, _ in named)

    def _is_between(self, joined: Amount) -> bool:
        """Whether 20亿元和30亿元 is followed by 之间."""
        return self.text.startswith("之间", joined.end)

    def _extended(self, amount: Amount) -> Amount:
        """With what hangs on behind the unit: 三块五, 八成七, 一年零三个月, 元整."""
        number, end = amount.numeral, amount.end
        unit, word, text = amount.unit, amount.word, self.text
        if unit is None:
            return amount
        rest = text[end : end + 1]
        if word == "折" and number.low >= 10:
            return amount._replace(unit=Unit("percent", "%", ONE))  # 七五折
        if not rest or rest in _NOTHING_MORE:
            return amount
        if unit.kind == "money" and (coins := self._coins(amount, rest)):
            number, unit, end = coins
        elif (
            word in ("成", "年", "个月", "周", "个星期", "天", "小时")
            and rest == "半"
            and text[end + 1 : end + 2] not in ("年", "载", "夜", "价", "数")
        ):
            number, end = number.plus(Decimal("0.5")), end + 1
        elif word == "成" and rest and rest in DIGIT and not self._number_begins(end):
            number, end = number.plus(numeral.parse_number(rest) / 10), end + 1
        elif word == "年" and (months := _MONTHS_MORE.match(text, end)) and (more := numeral.read(months[1])):
            number, end = number.times(Decimal(12)).plus(more.low), months.end()
            unit = Unit("duration", "month", ONE)
        if unit.kind == "money" and (whole := self._match(_WHOLE_SUM, end, "整正")):
            end = whole.end()
        return (
            amount
            if end == amount.end and unit is amount.unit
            else amount._replace(numeral=number, unit=unit, end=end)
        )

    def _coins(self, amount: Amount, rest: str) -> tuple[Numeral, Unit, int] | None:
        """The sum with the coins behind its unit, the unit, and where it ends; None: there are none."""
        number, unit, word, end = amount.numeral, amount.unit, amount.word, amount.end
        if unit is None:
            return None
        if word == "块" and rest in _TENTHS and (foreign := self._foreign_tenths(end)):
            return number.plus(numeral.parse_number(rest) / 10), *foreign
        if word in ("元", "块", "圆", "蚊") and (change := _CHANGE.match(self.text, end)):
            return number.plus(_coins(change)), unit, change.end()
        if word in ("毛", "角", "毫子") and (cents := _CENTS.match(self.text, end)):
            return number.plus(numeral.parse_number(cents[1]) / 10), unit, cents.end()
        foreign_cents = self._match(_FOREIGN_CENTS, end, "又零123456789一二两三四五六七八九十")
        small = self.words.units[foreign_cents[2]] if foreign_cents else None
        if foreign_cents is None or small is None or small.unit != unit.unit or unit.factor != ONE:
            return None
        more = numeral.parse_number(foreign_cents[1]) * small.factor
        return number.plus(more), unit, foreign_cents.end()

    def _foreign_tenths(self, at: int) -> tuple[Unit, int] | None:
        """三块五美元 is 3.5 dollars: the currency after the digit at `at`, and where it ends."""
        m = self.words.unit_word.match(self.text, at + 1)
        unit = self.words.units[m.group()] if m else None
        if m is None or unit is None or unit.kind != "money" or unit.unit == "CNY":
            return None
        return unit, m.end()

    def _number_begins(self, at: int) -> bool:
        run = _RUN.match(self.text, at)
        return run is not None and (
            len(run.group()) > 1 or self.words.unit_word.match(self.text, run.end()) is not None
        )


def _part_of(amount: Amount, of: str, start: int) -> Amount:
    """百分之三, 千分之负二, 百分百 from the number behind it."""
    number = amount.numeral.times(Decimal(-1)) if of[-1] in "-负" else amount.numeral
    unit = Unit("percent", "%", _PARTS[of[0]])
    return amount._replace(start=start, end=amount.number_end, numeral=number, unit=unit, run="", word="%")


def _share(first: Amount, above: Numeral, below: Numeral, end: int) -> Amount | None:
    """三分之一, 1/3: exact where few decimals are, else to one decimal of a per cent."""
    if not 1 < below.low <= 100 or above.low >= below.low:
        return None
    share = above.low * 100 / below.low
    exact = share == share.quantize(Decimal("0.0001"))
    number = Numeral(tidy(share if exact else share.quantize(Decimal("0.1"))), None, above.bound, ())
    return Amount(first.start, end, end, "", number, Unit("percent", "%", ONE), "%")


def _in_base_units(amount: Amount) -> Amount:
    if amount.unit is None or amount.unit.factor == ONE:
        return amount
    return amount._replace(numeral=amount.numeral.times(amount.unit.factor))


def _coins(change: re.Match[str]) -> Decimal:
    """What 三角五分, 四分, 零四 or 五 behind 三块 is worth in 块."""
    tenths, cents, odd, few, short = (numeral.parse_number(coin or "0") for coin in change.groups())
    return (tenths + short) / 10 + (cents + odd + few) / 100


def _joined(first: Amount, second: Amount, *, priced: bool) -> Amount | None:
    """The two as one range in base units; None where they aren't one (another unit, or falling).

    Bare numbers make one only where they are `priced` or big.
    """
    if (
        first.unit
        and second.unit
        and (first.unit.kind, first.unit.unit) != (second.unit.kind, second.unit.unit)
    ):
        return None
    big = priced or any(c in second.run for c in "百千万亿,")
    if second.unit is None and (first.unit is not None or not big):
        return None
    low, high = first.numeral, second.numeral
    if first.unit is None and all(scale < 10**4 for scale in low.scales):
        low = _lifted(low, high)
    unit = first.unit or second.unit
    low = low.times(unit.factor if unit else ONE)
    high = high.times(second.unit.factor if second.unit else ONE)
    top = high.high if high.high is not None else high.low
    if low.low >= top:
        return None
    return second._replace(start=first.start, run=first.run, numeral=Numeral(low.low, top, "range", ()))


def _lifted(low: Numeral, high: Numeral) -> Numeral:
    """`low` with the multiplier it shares with `high`: 240-250万, 七百到九百亿, but not 8000-1.2万."""
    for scale in high.scales:
        if low.low < high.low / scale:
            return low.times(scale)
    return low
