"""What a reader of prices has in mind at one point of a text: the thing, its form, how it is paid."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from nlp.cue import Cue
from nlp.hardware import Hardware
from nlp.quantity import Quantity

Form = str | None
GENERIC = {"server": "server", "card": "GPU"}
"""What an unnamed machine is called by the event contract."""
COOLING = {"cold_plate": "cooling_cold_plate", "immersion": "cooling_immersion"}
UNNAMED = ("server", "GPU", "rack", "electricity", "compute", *COOLING.values())
"""Items that are no model: 服务器 after one of these is another thing, after H100 it is the H100's form."""
FAR = 3
"""Sentences over which a reader still knows what 'it' is."""

_LIST = re.compile(r"(?:[、/,和与及或跟\s]|以及|英伟达|辉达)+")
_CONTINUED = re.compile(r"呢|同期|同样|同口径|同等|则|也(?!就)|亦|同规格|同配置|那边")
"""H800[同期]由11.5万元…: in the form of what was priced just before."""
_SMALL = {"两": 2, "二": 2, "四": 4, "八": 8, "十": 10, "十六": 16, "七十二": 72}


@dataclass(slots=True)
class Scene:
    """The reader's mind; every cue changes it, every price is read with it. None: not said."""

    titled: tuple[str, ...] = ()
    """What the headline names: the thing priced as long as the text names none."""
    items: tuple[str, ...] = ()
    age: int = 0
    """Sentences since the item was last named."""
    form: Form = None
    fresh: bool = False
    """The form was told since the last model or price: 一台8卡 | H100."""
    gpus: int | None = None
    kind: str | None = None
    period: str | None = None
    earlier: str | None = None
    """The period before the last one told: 每卡时8.5元, 按月付是11元, 临时加租的14元."""
    as_of: str | None = None
    setting: bool = False
    """The date opened a sentence without a price; it holds for its paragraph: 2022年夏天最热闹。A100一台…."""
    aside: str | None = None
    """A date told with a price that is only compared with: 较去年同期的12万元."""
    qualifier: str | None = None
    market: str | None = None
    """black_market or claimed, until the text leaves that market."""
    foreign: bool = False
    """Something else is being priced: 写字楼, HBM, 股价."""
    supposed: bool = False
    contract: bool = False
    """The sentence tells of a contract: a total in it is the contract's."""
    count: tuple[Decimal, str, int] | None = None
    """The last count of units: how many, in which form, where."""
    told: dict[str, int] = field(default_factory=dict)
    """Role -> where it was last told in this clause."""
    topical: int = FAR
    """Sentences since prices were last the topic: 黑市行情一日三变。"""
    each: Decimal | None = None
    """The price of one, told since the last count of units."""
    since: set[str] = field(default_factory=set)
    """Roles told in this sentence since its last price."""
    forms: dict[str, tuple[Form, int | None]] = field(default_factory=dict)
    """Item -> form and GPUs it was last priced in."""
    built: dict[str, tuple[Form, int | None]] = field(default_factory=dict)
    """Item -> form and GPUs its own name tells (NVL72)."""
    queue: list[str] = field(default_factory=list)
    """Items that wait for their price: A、B分别为."""
    last_price: int = -1
    """Where the last price of this sentence ends; -1: none yet."""
    recent: bool = False
    """A price was told in this sentence or just before its semicolon."""
    subject: int = -1
    """Where the subject is named in this sentence; -1: in an earlier one."""

    def __post_init__(self) -> None:
        self.items = self.items or self.titled

    def begin(self, *, soft: bool, paragraphs: int, headed: bool) -> None:
        """A new sentence: what holds on, what is forgotten.

        `soft`: only a semicolon or an elliptic question lies between; `headed`: the last one ends in a colon.
        """
        if not soft:
            self.age += 1 + max(0, paragraphs - 1)
            self.topical += 1
            self.supposed = self.foreign = False
            self.qualifier = self.count = None
            self.setting = self.setting and not paragraphs
            if not self.recent and self.subject < 0 and not headed and not self.setting:
                self.as_of = None
            if self.market == "claimed":
                self.market = None
            self.recent = False
        if self.age > FAR:
            self.items, self.form, self.gpus, self.kind, self.period = self.titled, None, None, None, None
        self.told, self.since, self.queue = {}, set(), []
        self.fresh, self.aside = False, None
        self.last_price = self.subject = -1

    def tell(self, role: str, at: int) -> None:
        """That a word of this role stands at `at`."""
        self.told[role] = at
        self.since.add(role)
        if role == "topic":
            self.topical = 0

    @property
    def named(self) -> bool:
        """Whether the thing priced is a model."""
        return bool(self.items) and self.items[0] not in UNNAMED

    def model(self, model: Hardware, text: str) -> None:
        """A model: one more of a list, or the new subject."""
        previous = self.told.get("model_end", -1)
        if previous >= 0 and self.named and _LIST.fullmatch(text, previous, model.span.start):
            self.items = self.items if model.item in self.items else (*self.items, model.item)
        else:
            continued = self.recent and _CONTINUED.match(text, model.span.end)
            self._subject((model.item,), model.span.start)
            if not self.fresh and not continued:
                self.form = self.gpus = None
        if model.form:
            self.form, self.gpus = model.form, model.gpus
            self.built[model.item] = model.form, model.gpus
        self.tell("model", model.span.start)
        self.told["model_end"] = model.span.end

    def _subject(self, items: tuple[str, ...], at: int) -> None:
        self.items, self.age, self.foreign = items, 0, False
        if self.subject < 0 or self.last_price >= 0:
            self.subject = at

    def noun(self, cue: Cue) -> None:
        """服务器 after a model says its form; on its own it is the thing priced."""
        value = cue.value
        self.foreign = value == "other"
        if value == "other":
            return
        if value in GENERIC:
            cooled = bool(self.items) and self.items[0] in COOLING.values() and self.age == 0
            if not self.named and not cooled:  # 风冷改冷板,每台服务器1.35万元 is the price of the cooling
                self._subject((GENERIC[value],), cue.start)
            self.counted(value)
        elif value == "rack" and (self._is_cooled() or self._is_of_a_model(cue)):
            self.counted("rack")
        else:
            self.form = self.form if value in COOLING and self.form in ("kW", "rack") else None
            self.gpus = None
            self._subject((COOLING.get(value, value),), cue.start)

    def _is_of_a_model(self, cue: Cue) -> bool:
        return self.named and cue.start - self.told.get("model_end", -99) <= 6

    def _is_cooled(self) -> bool:
        """浸没式,单机柜23.5万元: whether a way of cooling is named in this sentence, and no price of it."""
        return bool(self.items) and self.items[0] in COOLING.values() and self.subject >= 0 > self.last_price

    def counted(self, form: str) -> None:
        """How one unit is counted: 一台, 单卡, 每P."""
        if form == "PFLOPS":
            self.items, self.age, self.foreign = ("compute",), 0, False
        if form != self.form:
            keeps = self.fresh and {self.form, form} <= {"server", "rack"}
            self.gpus = self.gpus if keeps else None
        self.form, self.fresh = form, True
        if form in ("server", "rack") and self.gpus is None:
            self.gpus = self._remembered(form)

    def _remembered(self, form: str) -> int | None:
        """The GPUs of this model's server as told before: 8卡A800服务器20台 … A800服务器为61万元."""
        item = self.items[0] if self.items else ""
        told = (self.forms.get(item), self.built.get(item))
        return next((known[1] for known in told if known and known[0] == form), None)

    def equipped(self, printed: str) -> None:
        """GPUs in one unit: 8卡, 每台含8张GPU."""
        number = int(printed) if printed.isdecimal() else _SMALL[printed]
        if number == 1:
            self.counted("card")
            return
        self.gpus, self.fresh = number, True
        self.form = "rack" if self.form == "rack" or number >= 36 else "server"

    def paid(self, period: str, at: int) -> None:
        """How long one payment lasts; whatever is paid by time is rented."""
        if self.period not in (None, period):
            self.earlier = self.period
        self.period, self.kind = period, "rent"
        self.tell("kind", at)

    def dealt(self, kind: str) -> None:
        """Rented, bought, sold off; 卖到 after 每天 in its clause is still a rent: H100一天卖到过6500元."""
        if kind == "rent":
            self.kind, self.period = kind, self.period or (self.earlier if self.recent else None)
        elif "per" not in self.told:
            used = kind == "sale" and self.kind == "resale"
            self.earlier = self.period or self.earlier
            self.kind, self.period = "resale" if used else {"sale": "purchase"}.get(kind, kind), None

    def qualified(self, value: str) -> None:
        """Peak and low hold for the next price, a market until it is left."""
        if value == "open_market":
            self.market = None
        elif value in ("black_market", "claimed"):
            self.market = value
        else:
            self.qualifier = value

    def dated(self, value: str, at: int) -> None:
        """A date; one right after 比, 较, 从 belongs to that price only."""
        origin = self.told.get("origin", -99)
        if at - origin <= 4:
            self.aside = value
        else:
            self.as_of, self.aside, self.setting = value, None, False

    def item_by_unit(self, q: Quantity) -> str | None:
        """What is priced by what one price buys, where nothing is named."""
        told, per = self.told, set(q.per)
        if "card" in per and "卡" in q.text:  # 一张卡每月3100
            return "GPU"
        if self.form == "card" and "per" in told and "form" in told and not per:  # 单卡月费9800元
            return "GPU"
        retrofit = "rack" in per and "cost" in told  # 改造报价每柜11万元
        let = "kW" in per and per & {"month", "year"}  # 每千瓦每月约4600元: a rack is let by the kW
        return "rack" if retrofit or let else None

    def priced(self, items: tuple[str, ...], end: int) -> None:
        """A price was read; what was told for it alone is used up."""
        for item in items:
            self.forms[item] = (self.form, 1 if self.form == "card" else self.gpus)
        self.last_price, self.recent, self.age = end, True, min(self.age, 1)
        self.fresh, self.qualifier, self.aside = False, None, None
        self.since = set()
