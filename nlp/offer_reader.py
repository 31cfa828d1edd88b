"""Prices as a reader follows them: what is priced, how it is counted and paid, kept from clause to clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from nlp.bare_price import bare_prices
from nlp.cue import Cue, Cues, cues
from nlp.hardware import Hardware, find_hardware
from nlp.occasion import held_in
from nlp.offer import Offer
from nlp.period import Period
from nlp.price_pattern import (
    AHEAD,
    AT_LEAST,
    BACKGROUND,
    BUILD,
    CARD_NOUNS,
    CLAUSE_END,
    CONVERTED,
    COUNTED,
    COUNTERS,
    ELLIPTIC,
    LATIN,
    LOOSE,
    OBJECT,
    PITCHED,
    PRICE_ASKED,
    ROLES,
    SCALED,
    TENANCY,
    TERM,
    THINGS,
    TIMES,
    WHEN,
    is_rate,
    opens_on_date,
)
from nlp.quantity import Quantity
from nlp.reading import Reading, Sentence
from nlp.scene import FAR, Scene
from nlp.span import Span

_PLAIN = re.compile(r"\d{3,}(?:一[张台块])?|\d{1,2}\.\d{1,2}")
"""What a trader writes for a price: 2680, 760一张, 1.98."""
Token = tuple[int, int, str, Cue | Hardware | Quantity | Period | None]


class OfferReader:
    """Reads one document's offers, left to right."""

    def __init__(self, reading: Reading, *, fits: Callable[[Offer], bool]) -> None:
        """`fits`: whether an offer is plausible as a price; one that is not leaves no trace."""
        self.fits = fits
        self.reading = reading
        self.text = reading.text
        self.lexicon: Cues = cues("price")
        self.asked = False
        """Whether the sentence answers what something costs."""
        money = [q for q in reading.quantities if q.kind in ("money", "number")]
        self.prices = sorted([*money, *bare_prices(reading)], key=lambda q: q.span.start)
        # Only a headline that names one model, over a text that names none, tells what its prices are of.
        titled = set() if reading.hardware else {m.item for m in find_hardware(reading.title)}
        self.scene = Scene(titled=tuple(titled) if len(titled) == 1 else ())

    def offers(self, sentences: Iterable[Sentence]) -> Iterator[Offer]:
        """The offers of these sentences, which must come in order."""
        last = 0
        for sentence, roles in self._with_roles(sentences):
            if self.lexicon.pattern("furniture").match(sentence.text):
                continue
            before = self.text[max(0, sentence.start - 8) : sentence.start].rstrip('”’"\n')
            paragraphs = self.text.count("\n", last, sentence.start)
            asked = bool(ELLIPTIC.search(before) or ELLIPTIC.search(sentence.text.rstrip("”\n")))
            asking = PRICE_ASKED.search(self.text, max(0, sentence.start - 30), sentence.start)
            self.asked = asking is not None
            soft = before.endswith((";", "…")) or (asked and paragraphs <= 1)
            self.scene.begin(soft=soft, paragraphs=paragraphs, headed=before.endswith(":"))
            last = sentence.start
            if not roles:
                continue
            self._survey(sentence, soft=soft)
            tokens = sorted(self._tokens(sentence, roles), key=lambda t: (t[0], -t[1]))
            for position, token in enumerate(tokens):
                yield from self._step(token, tokens[position + 1 :], sentence)
            if self.scene.as_of and not self.reading.within(self.prices, sentence.start, sentence.end):
                self.scene.setting = self.scene.setting or opens_on_date(self.reading, sentence)

    # --- what a sentence holds

    def _with_roles(self, sentences: Iterable[Sentence]) -> Iterator[tuple[Sentence, tuple[str, ...]]]:
        """Each sentence with the roles to look for in it.

        All of them where a number may be a price, else what it can tell the next ones; none far from any
        number, or where nothing to price is in mind or about to be named.
        """
        listed = list(sentences)
        distances: list[int] = []
        ahead = FAR + 1
        for sentence in reversed(listed):
            ahead = 0 if self.reading.within(self.prices, sentence.start, sentence.end) else ahead + 1
            distances.append(ahead)
        for position, (sentence, ahead) in enumerate(zip(listed, reversed(distances), strict=True)):
            coming = listed[position : position + 1 + min(max(ahead, 1), 2)]
            if ahead > FAR or not (self.scene.items or any(self._names(s) for s in coming)):
                yield sentence, ()
            else:
                yield sentence, ROLES if ahead == 0 else BACKGROUND

    def _names(self, sentence: Sentence) -> bool:
        """At a glance, whether the sentence may name a thing to price."""
        subject = self.lexicon.pattern("subject").search(self.text, sentence.start, sentence.end)
        return bool(subject or self.reading.within(self.reading.hardware, sentence.start, sentence.end))

    def _survey(self, sentence: Sentence, *, soft: bool) -> None:
        """What holds for all of a sentence: a pitch, a contract (goes on behind a `soft` semicolon)."""
        scene, lexicon = self.scene, self.lexicon
        stretch = self.text, sentence.start, sentence.end
        goes_on = soft and scene.contract
        scene.contract = goes_on or lexicon.pattern("contract").search(*stretch) is not None
        if any(lexicon.pattern(role).search(*stretch) for role in ("denied", "granted")):
            scene.supposed = True
        claimed = lexicon.pattern("qualifier", "claimed")
        told_after = self.text[sentence.end : sentence.end + AHEAD].split("。")[0]
        quoted = sentence.text.startswith(("“", '"')) and sentence.text.rstrip().endswith(("”", '"'))
        pitched = quoted and PITCHED.search(told_after) and claimed.search(told_after)
        if pitched or claimed.search(self.text, sentence.start, sentence.end):
            scene.market = "claimed"

    def _tokens(self, sentence: Sentence, roles: tuple[str, ...] = ROLES) -> Iterator[Token]:
        reading, start, end = self.reading, sentence.start, sentence.end
        amounts = reading.within(reading.quantities, start, end)
        models = reading.within(reading.hardware, start, end)
        found = list(self.lexicon.find(self.text, start, end, roles))
        machines = [Span(c.start, c.end) for c in found if c.role == "gpus"]
        prices = reading.within(self.prices, start, end)
        # What stands before the number in 一台服务器100万 is a cue; what follows it is in q.per.
        taken = [*(m.span for m in models), *(Span(q.core.start, q.span.end) for q in prices)]
        for cue in found:
            blocked = taken if cue.role == "gpus" else [*taken, *machines]
            if not any(s.start < cue.end and cue.start < s.end for s in blocked):
                yield cue.start, cue.end, cue.role, cue
        for model in models:
            yield *model.span, "model", model
        for q in prices:
            yield q.core.start, q.span.end, "price", q
        for q in amounts:
            if q.kind == "count" and not any(q.core.overlaps(m) for m in machines):
                yield *q.span, "count", q
        for p in reading.within(reading.periods, start, end):
            yield *p.span, "time", p
        for m in CLAUSE_END.finditer(self.text, start, end):
            yield m.start(), m.end(), "clause", None

    def _step(self, token: Token, after: list[Token], sentence: Sentence) -> Iterator[Offer]:
        _, _, role, value = token
        if role == "clause":
            self.scene.told = {}
        elif isinstance(value, Hardware):
            self.scene.model(value, self.text)
        elif isinstance(value, Period):
            self._date(value)
        elif isinstance(value, Cue):
            self._cue(value)
        elif isinstance(value, Quantity) and role == "count":
            self._count(value)
        elif isinstance(value, Quantity):
            yield from self._price(value, after, sentence)

    def _cue(self, cue: Cue) -> None:
        scene = self.scene
        scene.tell(cue.role, cue.start)
        match cue.role:
            case "noun":
                if cue.value == "server" and scene.named and self._is_another(cue):
                    scene.items = ()
                scene.noun(cue)
            case "form":
                scene.counted(cue.value)
            case "gpus":
                scene.equipped(cue.number)
            case "per":
                scene.paid(cue.value, cue.start)
            case "kind":
                scene.dealt(cue.value)
                scene.tell(cue.value, cue.start)
            case "qualifier":
                scene.qualified(cue.value)
            case "suppose":
                scene.supposed = True
            case "now":
                scene.as_of = scene.aside = None
            case "respectively":
                scene.queue = list(scene.items) if len(scene.items) > 1 else []

    def _is_another(self, cue: Cue) -> bool:
        """某机构转让推理服务器55台: counted in another paragraph, these are not the model's priced before."""
        earlier = self.reading.within(self.reading.hardware, 0, cue.start)
        apart = bool(earlier) and "\n" in self.text[earlier[-1].span.end : cue.start]
        return apart and bool(COUNTED.match(self.text, cue.end))

    def _date(self, period: Period) -> None:
        after = CLAUSE_END.split(self.text[period.span.end : period.span.end + 8])[0]
        undated = self.lexicon.pattern("undated").search(after) and not WHEN.search(after)
        if period.value and not undated:
            self.scene.dated(held_in(self.reading, period), period.span.start)
            self.scene.tell("time", period.span.start)

    def _count(self, q: Quantity) -> None:
        form = COUNTERS.get(q.unit)
        if form is None or q.low < 1 or AT_LEAST.search(self.text, q.core.end, q.span.end + 3):
            return
        if q.low > 1:
            self.scene.count, self.scene.each = (q.low, form, q.span.start), None
        if form != "card" or self._is_card(q.span.end):
            self.scene.counted(form)

    def _is_card(self, at: int) -> bool:
        """Whether what is counted (几十张T4, 8块显卡) is a card."""
        return self.text.startswith(CARD_NOUNS, at) or bool(
            self.reading.within(self.reading.hardware, at, at + 4)
        )

    # --- a number that may be a price

    def _price(self, q: Quantity, after: list[Token], sentence: Sentence) -> Iterator[Offer]:
        scene = self.scene
        start = self._clause_start(q.span.start, sentence)
        if self._is_no_price(q, start):
            return
        explicit = self._apply(q, after)
        self._look_ahead(q, after, explicit=explicit)
        let = scene.items == ("electricity",) and "kW" in q.per and set(q.per) & {"month", "year"}
        if (not scene.items or let) and (item := scene.item_by_unit(q)):
            scene.items, scene.age = (item,), 0
        if not scene.items or not self._is_told(q, start, explicit=explicit):
            return
        offer = self._offer(q, start, explicit=explicit)
        if not self.fits(offer):
            return
        yield offer
        scene.queue = scene.queue[1:]
        scene.priced(offer.items, q.span.end)
        scene.each = q.low if offer.quantity is None and offer.kind != "rent" else scene.each

    def _is_no_price(self, q: Quantity, start: int) -> bool:
        scene, before = self.scene, self.text[start : q.span.start]
        if scene.supposed or scene.foreign or scene.told.get("stop", -1) > scene.told.get("each", -1):
            return True
        alone = scene.count is None or scene.contract
        if "total" in scene.told and "each" not in scene.told and not is_rate(q) and alone:
            return True
        if (
            "cost" in scene.told
            and "per" in (*scene.told, *("per" for p in q.per if p in TIMES))
            and scene.named
        ):
            return True  # 每卡每小时成本约3美元 is what it costs its owner
        if any(p not in THINGS and p not in TIMES and p not in LOOSE for p in q.per):
            return True
        if self.lexicon.pattern("measured").match(self.text, q.span.end):
            return True
        if scene.last_price >= 0 and CONVERTED.search(self.text, scene.last_price, q.span.start):
            return True
        return self.lexicon.pattern("delta").search(before) is not None

    def _apply(self, q: Quantity, after: list[Token]) -> bool:
        """What the number itself and the rest of its clause say of it; whether they say anything."""
        scene = self.scene
        behind = self._behind(q, after)
        period = next((p for p in q.per if p in TIMES), None) or behind.get("per")
        if scene.recent and scene.period and TERM.match(q.text):
            period = None
        form = next((p for p in q.per if p in THINGS), None) or behind.get("form")
        if form:
            scene.counted(form)
            if form == "kWh":
                scene.items, scene.age = ("electricity",), 0
        if period:
            scene.period, scene.kind = period, "rent"
        elif behind.get("kind") and "kind" not in scene.told:
            scene.dealt(behind["kind"])
        if scene.form == "rack" and scene.gpus is None:
            told = next((v.number for *_, v in after if isinstance(v, Cue) and v.role == "gpus"), "")
            if told:
                scene.equipped(told)
        return bool(period or form or behind or (scene.count and scene.told.keys() & {"lot", "total"}))

    def _behind(self, q: Quantity, after: list[Token]) -> dict[str, str]:
        """5000块一个月, 290美元一柜, 以7000万的价格出售."""
        said: dict[str, str] = {}
        near = q.span.end
        for start, end, role, value in after:
            if role in ("clause", "price", "model"):
                break
            if isinstance(value, Cue) and role in ("per", "form") and start - near <= 1:
                said[role], near = value.value, end
            elif isinstance(value, Cue) and role == "kind":
                said.setdefault("kind", value.value)
        return said

    def _look_ahead(self, q: Quantity, after: list[Token], *, explicit: bool) -> None:
        """The thing that is named after its price: 每卡时7.2元(H800), 以每台198万元订购了20台H100."""
        scene = self.scene
        if scene.items and not (explicit and scene.age > 0) and not self._bracketed(q, after):
            return
        found, form = False, next((p for p in q.per if p in THINGS), None)
        near = bool(scene.items) or scene.form is None
        for start, _, role, value in after:
            if role == "price" or (role == "clause" and (found or near)):
                break
            if isinstance(value, Hardware):
                if found:
                    break
                scene.fresh, found = scene.form is not None, True
                scene.model(value, self.text)
                scene.subject = start
            elif isinstance(value, Quantity) and role == "count" and value.unit == "台":
                scene.counted("server")
            elif isinstance(value, Cue) and role in ("form", "gpus", "noun"):
                self._cue(value)
        scene.form = form or scene.form
        if not scene.items and explicit:
            self._next_sentence(q)

    def _next_sentence(self, q: Quantity) -> None:
        """首年租金为每台每月7万元。标的为8卡H100服务器48台: the thing may be named in the sentence after."""
        stop = self.text.find("。", q.span.end, q.span.end + AHEAD)
        following = self.reading.within(self.reading.hardware, stop, q.span.end + AHEAD) if stop >= 0 else ()
        if following and OBJECT.search(self.text, stop, following[0].span.start):
            self.scene.items = (following[0].item,)
            gpus = next(self.lexicon.find(self.text, stop, following[0].span.start, ("gpus",)), None)
            self.scene.gpus = int(gpus.number) if gpus and gpus.number.isdecimal() else None

    def _bracketed(self, q: Quantity, after: list[Token]) -> bool:
        return bool(after) and after[0][2] == "model" and self.text[q.span.end : after[0][0]] == "("

    def _is_told(self, q: Quantity, start: int, *, explicit: bool) -> bool:
        """Whether something says that this number is a price."""
        scene = self.scene
        before, behind = self.text[start : q.core.start], self.text[q.span.end : q.span.end + 6]
        move = self.lexicon.pattern("move")
        moved = bool(move.search(before[-8:]) or move.match(behind))
        told = bool(scene.told.keys() & {"model", "noun", "form", "per", "kind", "gpus"})
        worded = self.lexicon.pattern("price").search(before) is not None
        cooling = bool(scene.items) and scene.items[0].startswith("cooling")
        carried = scene.recent or cooling or scene.kind is not None
        topical = scene.topical <= 1
        named = 0 <= q.core.start - scene.told.get("model_end", -9) <= 2 and topical
        kept = (carried or topical) and (
            worded or named or bool(scene.since & {"time", "now", "kind", "per", "origin"})
        )
        summed = not before and self.text.endswith(":", 0, start) and "per" in scene.since
        short = scene.recent and len(LATIN.sub("A", before)) <= 8
        headed = not before and self._follows_model(start)
        if q.kind == "number":
            frame = (
                (self.asked and scene.last_price < 0)
                or explicit
                or moved
                or kept
                or short
                or "kind" in scene.told
                or (scene.recent and told)
            )
            scaled = SCALED.search(q.text) or _PLAIN.fullmatch(q.text) or len(q.per) > 1
            return frame and bool(scaled or (scene.last_price >= 0 and "," in q.text))
        headed = headed or (summed and not scene.since & {"total", "lot", "stop"})
        return explicit or told or moved or kept or short or headed or (self.asked and scene.last_price < 0)

    def _follows_model(self, start: int) -> bool:
        """投一台8卡4090,26.8万元,…: a clause that is only a sum, right behind the model."""
        models = self.reading.within(self.reading.hardware, max(0, start - 24), start)
        return bool(models) and bool(BUILD.fullmatch(self.text, models[-1].span.end, start))

    def _offer(self, q: Quantity, start: int, *, explicit: bool) -> Offer:
        scene = self.scene
        doubts = {
            "item carried": scene.age > 0,
            "bare number": q.kind == "number",
            "kind inferred": not explicit and "kind" not in scene.told,
        }
        paid = scene.period in ("day", "month", "year")
        if scene.form is None and scene.named and paid and scene.items[0] in scene.forms:
            scene.form, scene.gpus = scene.forms[scene.items[0]]
            doubts["form remembered"] = True
        # 黑市上一度喊到320万: where it was asked says more than how high it was
        dark = self.lexicon.pattern("qualifier", "black_market").search(self.text, start, q.span.start)
        if scene.items == ("electricity",) and scene.form is None:
            scene.form = "kWh"
        bound = "about" if q.bound == "exact" and TENANCY.search(self.text, start, q.core.start) else q.bound
        ceiling = self.lexicon.pattern("ceiling").search(self.text, start, q.span.start)
        return Offer(
            start=self._evidence_start(start),
            end=q.span.end,
            amount=q,
            items=tuple(scene.queue[:1]) or scene.items,
            kind=scene.kind or "purchase",
            form=scene.form,
            gpus=1 if scene.form == "card" else scene.gpus,
            period=scene.period if scene.kind == "rent" else None,
            earlier=scene.earlier,
            quantity=self._lot(q, start),
            as_of=self._as_of(q, start),
            qualifier="black_market" if dark else scene.qualifier or self._verdict(q) or scene.market,
            bound="under" if ceiling and q.bound == "exact" else bound,
            doubts=tuple(name for name, doubt in doubts.items() if doubt),
        )

    def _verdict(self, q: Quantity) -> str | None:
        """…320万元,是三年来的最高点: what is said of the price behind it."""
        listed = self.lexicon.roles["verdict"].items()
        return next((value for value, words in listed if words.match(self.text, q.span.end)), None)

    def _lot(self, q: Quantity, start: int) -> Decimal | None:
        scene = self.scene
        if scene.count is None or q.per or "each" in scene.told or scene.kind == "rent":
            return None
        if scene.each and abs(scene.each * scene.count[0] - q.low) > q.low / 20:
            return None  # 100台单价112万元,50台单价71万元,总额1.475亿元 is the sum of two lots
        near = scene.count[2] >= start or scene.told.keys() & {"lot", "total"}
        return scene.count[0] if near and not (scene.contract and scene.kind != "resale") else None

    def _as_of(self, q: Quantity, start: int) -> str | None:
        """The date that holds; the first price of a movement takes only the date said with it."""
        scene = self.scene
        origin = scene.told.get("origin", -1)
        if scene.aside or (origin >= max(start, scene.last_price) and q.span.start - origin <= 18):
            return scene.aside
        return scene.as_of

    # --- evidence

    def _clause_start(self, at: int, sentence: Sentence) -> int:
        cuts = [m.end() for m in CLAUSE_END.finditer(self.text, sentence.start, at)]
        return max([sentence.start, *cuts])

    def _evidence_start(self, start: int) -> int:
        """The clause of the price, or from where its subject was named in the clauses before it."""
        scene = self.scene
        if scene.last_price >= start:
            return scene.last_price
        if scene.last_price < 0 and 0 <= scene.subject < start:
            return scene.subject
        return start
