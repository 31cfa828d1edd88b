"""Prices of compute: rents, purchases, resales, and what cooling and power cost."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from nlp.cue import cues
from nlp.currency import currency_of, home_currency, sentence_of
from nlp.event import HOURS_A_PERIOD, PriceEvent
from nlp.extractors.hearsay import REACH, is_rumour
from nlp.occasion import occasion, reported
from nlp.offer import Offer
from nlp.offer_reader import OfferReader
from nlp.reading import Reading
from nlp.tariff import TariffReader, find_tables

ONE_CARD_HOUR = "hour"
"""A model rented by the hour with nothing said of machines is one card: H100每小时2美元."""
RACK = 36
"""GPUs from which one machine is a rack, whatever it is counted in."""
USED = 0.1
"""What is sold off may cost a tenth of the least that is asked for it new."""
_SHEET = re.compile(r"报价|价目|价格表|牌价|行情|群聊|聊天记录|速览|询价|[卡租]价|周报|现货")
_MONTH = re.compile(r"\((20\d\d)\.(0[1-9]|1[0-2])\)")
_DIGIT = re.compile(r"\d")
_HEAD, _LINES = 60, 2
"""Characters of the line that heads a list of prices at most, and line feeds behind it at least."""
COOLING = ("cooling_cold_plate", "cooling_immersion")


@dataclass(frozen=True, slots=True)
class _Frame:
    """How a number can be read as a price."""

    kind: str
    form: str | None
    period: str | None
    gpus: int | None
    quantity: Decimal | None


class _Judge:
    """Tells prices from other numbers: in its currency each must be plausible as something."""

    def __init__(self, reading: Reading) -> None:
        self.text = reading.text
        self.home = home_currency(reading.text, reading.document.text)
        self.last = self.home
        self.rates: dict[str, float] = cues("price").facts["rates"]

    def currency(self, offer: Offer) -> str:
        """What is printed; a bare 元 is at home, a bare number of the last price's if that fits."""
        q = offer.amount
        beside = "" if offer.printed else sentence_of(self.text, q.span.start)
        told = currency_of(q.unit, q.text, self.home, sentence=beside)
        if told or self.last == self.home:
            return told or self.last
        # 一小时三块五美元。…8卡H100一个月二十二万: no dollars any more.
        fits = self._frame(offer, self.last) or not self._frame(offer, self.home)
        return self.last if fits else self.home

    def frame(self, offer: Offer) -> _Frame | None:
        """The first way to read the offer that is plausible; None: it is no price."""
        return self._frame(offer, self.currency(offer))

    def _frame(self, offer: Offer, currency: str) -> _Frame | None:
        rate = self.rates.get(currency)
        if rate is None:
            return None
        return next((f for f in _readings(offer) if _plausible(offer, f, rate)), None)

    def fits(self, offer: Offer) -> bool:
        """Whether the offer is a price; if so, the next bare number is of its currency."""
        fits = self.frame(offer) is not None
        self.last = self.currency(offer) if fits else self.last
        return fits


def extract(reading: Reading) -> Iterator[PriceEvent]:
    """Every quoted price of the document, in order; what is only supposed is left out or `claimed`."""
    if not cues("price").pattern("trade").search(reading.title + reading.text) and not reading.hardware:
        return
    judge, sheet = _Judge(reading), _sheet_date(reading)
    for offer in _offers(reading, judge):
        if not offer.printed and _is_hearsay(reading, offer):
            continue
        if not offer.as_of and (dated := sheet or _reported(reading, offer) or _in_term(reading, offer)):
            offer = replace(offer, as_of=dated)
        frame = judge.frame(offer)
        if frame is not None:
            for item in offer.items:
                yield _event(reading, offer, frame, item=item, currency=judge.currency(offer))


def _is_hearsay(reading: Reading, offer: Offer) -> bool:
    """自媒体称公司以每台9万元租入…。上述传闻不属实: told only to be denied."""
    at = bisect_right(reading.sentences, offer.start, key=lambda s: s.start) - 1
    return at >= 0 and is_rumour(reading.sentences[at : at + REACH])


def _reported(reading: Reading, offer: Offer) -> str | None:
    """三季度报告显示…。报告提到,机柜报价为每月6000元: the quarter of the report; None: of none."""
    at = bisect_right(reading.sentences, offer.start, key=lambda s: s.start) - 1
    sentence = reading.sentences[at] if at >= 0 and not offer.printed else None
    return reported(reading, sentence) if sentence and sentence.text.startswith("报告") else None


def _in_term(reading: Reading, offer: Offer) -> str | None:
    """报告期内机柜平均租金…: the stretch that accounts are of; None: not told of it."""
    at = bisect_right(reading.sentences, offer.start, key=lambda s: s.start) - 1
    sentence = reading.sentences[at] if at >= 0 and not offer.printed else None
    return occasion(reading, sentence, plan=False) if sentence and "报告期" in sentence.text else None


def _sheet_date(reading: Reading) -> str | None:
    """The date that heads a list of prices, a price to a line: 报价单(2025.08), 【群聊记录,1月15日】.

    None: the text is no such list, or nothing above it tells a date.
    """
    head, _, lines = reading.text.partition("\n")
    if len(head) > _HEAD or lines.count("\n") < _LINES or not _SHEET.search(f"{reading.title}\n{head}"):
        return None
    if month := _MONTH.search(head):
        return f"{month[1]}-{month[2]}"
    told = [p for p in reading.within(reading.periods, 0, len(head)) if p.value]
    named = [
        p for p in told if _DIGIT.search(reading.text, p.span.start, p.span.end)
    ]  # 本周现货(8月11日—17日)
    dated = [p.value for p in (named or told)]
    return dated[0] if len(dated) == 1 else None


def _offers(reading: Reading, judge: _Judge) -> Iterator[Offer]:
    """Tables first; what the prose reader makes of their lines is left out."""
    tables = []
    for table in find_tables(reading):
        listed = list(TariffReader(table, anchor=reading.anchor).offers())
        tables += [table] if listed else []  # wrapped prose (8 卡 ) can look like a table
        yield from listed
    for offer in OfferReader(reading, fits=judge.fits).offers(reading.sentences):
        start, end, _ = reading.evidence(offer.start, offer.end)
        if not any(t.span.start <= start and end <= t.span.end for t in tables):
            yield offer


def _readings(offer: Offer) -> Iterator[_Frame]:
    if offer.form == "server" and (offer.gpus or 0) >= RACK:
        offer = replace(offer, form="rack")  # GB300 NVL72整机柜6套,每套2750万元
    item = offer.items[0]
    if item in COOLING or item == "electricity":
        if offer.form in (("kWh",) if item == "electricity" else ("kW", "server", "rack")):
            yield _Frame("cost", offer.form, None, None, None)
        return
    if item == "rack":
        if offer.kind == "cost" and offer.form == "rack" and not offer.period:
            yield _Frame("cost", "rack", None, None, None)
        if offer.period and offer.kind == "rent":
            yield _Frame("rent", offer.form if offer.form == "kW" else "rack", offer.period, None, None)
        return
    if item == "compute":
        kind = offer.kind if offer.kind != "cost" else "purchase"
        yield _Frame(kind, "PFLOPS", offer.period, None, None)
        return
    if offer.quantity is not None:
        kind = offer.kind if offer.kind in ("resale", "purchase") else "purchase"
        yield _Frame(kind, "lot", None, None, offer.quantity)
    yield from _machine_readings(offer)


def _machine_readings(offer: Offer) -> Iterator[_Frame]:
    kind = {"bill": "cost"}.get(offer.kind, offer.kind)
    if offer.kind == "cost":
        return
    if kind == "rent":
        for period in dict.fromkeys(p for p in (offer.period, offer.earlier) if p or not offer.period):
            form = offer.form or ("card" if period == ONE_CARD_HOUR else None)
            yield _Frame("rent", form, period, 1 if form == "card" else offer.gpus, None)
        if "kind inferred" not in offer.doubts:
            return
        kind = "purchase"
    form = offer.form or "card"
    yield _Frame(kind, form, None, 1 if form == "card" else offer.gpus, None)
    if offer.form is None:
        yield _Frame(kind, "server", None, offer.gpus, None)
    if offer.kind != "rent" and offer.earlier:
        # 每卡每小时2.59美元,现货3.4美元: too little to be a price to buy at.
        form = offer.form or ("card" if offer.earlier == ONE_CARD_HOUR else None)
        yield _Frame("rent", form, offer.earlier, 1 if form == "card" else offer.gpus, None)


def _plausible(offer: Offer, frame: _Frame, rate: float) -> bool:
    """Whether prices of this kind have ever been such; `rate`: CNY for one unit of its currency."""
    amount = float(offer.amount.low) * rate / float(frame.quantity or 1)
    form = offer.form if frame.quantity is not None else frame.form
    ranges = cues("price").facts["plausible"]["purchase" if frame.kind == "resale" else frame.kind]
    for candidate in (form,) if form else ("card", "server", "rack"):
        limits = ranges.get(candidate)
        if isinstance(limits, dict):
            limits = limits.get(frame.period or "month")
        if limits and limits[0] * (USED if frame.kind == "resale" else 1) <= amount <= limits[1]:
            return True
    return False


def _event(reading: Reading, offer: Offer, frame: _Frame, *, item: str, currency: str) -> PriceEvent:
    start, end, quote = _evidence(reading, offer)
    q = offer.amount
    return PriceEvent(
        doc_id=reading.document.doc_id,
        start=start,
        end=end,
        quote=quote,
        confidence=round(0.95 - 0.12 * len(offer.doubts), 2),
        rule=".".join(["price", frame.kind, frame.form or "open", *offer.doubts]),
        kind=frame.kind,
        item=item,
        unit=frame.form,
        gpus=frame.gpus,
        quantity=frame.quantity,
        amount=q.low,
        amount_max=q.high,
        bound=offer.bound,
        currency=currency,
        period=frame.period,
        as_of=offer.as_of,
        qualifier=offer.qualifier,
        cny_per_gpu_hour=_gpu_hour(q.low, q.high, frame, currency),
    )


def _evidence(reading: Reading, offer: Offer) -> tuple[int, int, str]:
    if offer.printed:
        return offer.start, offer.end, reading.document.text[offer.start : offer.end]
    return reading.evidence(offer.start, offer.end)


def _gpu_hour(low: Decimal, high: Decimal | None, frame: _Frame, currency: str) -> Decimal | None:
    """CNY for one GPU for one hour; the middle of a range. None where it can't be derived."""
    if currency != "CNY" or frame.kind != "rent" or not frame.gpus or not frame.period:
        return None
    middle = (low + high) / 2 if high is not None else low
    return (middle / frame.gpus / HOURS_A_PERIOD[frame.period]).quantize(Decimal("0.0001"))
