"""Made-up pages, documents and mentions by number: the same number gives the same, in any process.

Ordinary words are put together at random; one document in ON_TOPIC speaks of contracts, prices, centres or
their use, one in COPIED is another paper's copy. There is a company for every two hundred documents, so that
1,000,000 documents tell of 5,000 companies, about as many as are listed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from crawler.document import Document
from nlp.event import ContractEvent, Event, PriceEvent, ProjectEvent, UtilisationEvent

ON_TOPIC = 20
COPIED = 10
BEGIN, DAYS = date(2022, 6, 1), 1400
ORDINARY = (Path(__file__).parent / "ordinary.txt").read_text(encoding="utf-8").split()
NAMES = "云青白紫赤苇汀潮屿沐栎川霁禾恒望甲玄衡汇镜砚江槐岩金格嵩泓峤"
MODELS = ("H100", "H800", "A100", "A800", "RTX 4090", "昇腾910B", "H20", "L40S")
PLACES = ("新疆", "内蒙古", "贵州", "甘肃", "宁夏", "湖北", "四川", "广东", "江苏", "浙江")


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence on the topic and what it says."""

    sentence: str
    kind: type[Event]
    facts: dict[str, Any]


def told(number: int, documents: int) -> Told:
    """What document `number` of so many tells; of ten four tell of contracts, three of prices."""
    chance = random.Random(number * 7 + 1)
    kind = chance.randrange(10)
    day = published(number, documents)
    if kind < 4:
        return _contract(chance.randrange(max(1, documents // 10)), day, documents, ended=bool(kind % 2))
    month, place, name = day.isoformat()[:7], chance.choice(PLACES), chance.choice(NAMES)
    if kind < 7:
        model, rent = chance.choice(MODELS), Decimal(chance.randrange(30, 120) * 1000)
        facts = {"kind": "rent", "item": model, "unit": "server", "gpus": 8, "amount": rent, "bound": "about"}
        facts |= {"currency": "CNY", "period": "month", "as_of": month, "cny_per_gpu_hour": rent / 8 / 730}
        return Told(f"{model}服务器的月租金约为{rent / 10000}万元", PriceEvent, facts)
    if kind < 9:
        size, project = Decimal(chance.randrange(1, 500) * 100), f"{name}{number % 5000}号智算中心"
        facts = {"project": project, "place": place, "stage": "announced", "measure": "compute"}
        facts |= {"unit": "PFLOPS", "amount": size, "as_of": month}
        return Told(f"{place}{project}规划算力{size}P", ProjectEvent, facts)
    rate = Decimal(chance.randrange(100))
    facts = {"metric": "utilisation", "rate": rate, "as_of": month}
    return Told(f"{place}一座智算中心的上架率约{rate}%", UtilisationEvent, facts)


def _contract(number: int, day: date, documents: int, *, ended: bool) -> Told:
    chance = random.Random(number)
    signed = min(BEGIN + timedelta(days=chance.randrange(900)), day)
    amount = Decimal(chance.randrange(100, 99999)) * 1000
    ended = ended and number % 3 == 0
    owner = number % max(1, documents // 200)
    counterparty = f"{NAMES[number % len(NAMES)]}{number}科技"
    facts = {
        "action": "terminated" if ended else "signed",
        "category": "compute_rental",
        "company": company(owner),
        "company_code": f"{300000 + owner:06}",
        "counterparty": counterparty,
        "signed_date": signed.isoformat(),
        "event_date": day.isoformat() if ended else None,
        "amount": amount,
        "bound": "exact",
        "currency": "CNY",
        "reason": "demand" if ended else None,
    }
    what = f"签订{'的算力租赁合同已解除' if ended else '算力租赁合同'},合同金额{amount / 10000}万元"
    return Told(f"{company(owner)}公告,与{counterparty}于{signed}{what}", ContractEvent, facts)


@cache
def company(number: int) -> str:
    """An invented company's name."""
    return "".join(NAMES[number // len(NAMES) ** k % len(NAMES)] for k in range(3)) + "股份"


def published(number: int, documents: int) -> date:
    """Documents are spread evenly over DAYS."""
    return BEGIN + timedelta(days=number * DAYS // documents)


def origin(number: int) -> int:
    """Whose text it is: a copy's original, else the document itself."""
    return number - COPIED // 2 if number % COPIED == COPIED - 1 else number


def document(number: int, documents: int, *, on_topic: int = ON_TOPIC, characters: int = 330) -> Document:
    """Document `number` of so many; about one kilobyte of UTF-8."""
    first = origin(number)
    words = random.Random(first).choices(ORDINARY, k=characters * 5 // 11)
    text = "".join("".join(words[n : n + 12]) + "。\n" for n in range(0, len(words), 12))
    if first % on_topic == 0:
        text = f"{told(first, documents).sentence}。\n{text}"
    return Document(
        doc_id=f"http://news.example/{number}",
        text=text if first == number else f"本报{number % 60 + 1}版。{text}",
        published=published(number, documents),
        source=f"paper-{number % 12}",
        kind="filing" if number % 10 == 0 else "news",
        tier="official" if number % 10 == 0 else "media",
    )


def mentions(given: Document, documents: int) -> list[Event]:
    """What a document made with on_topic=1 tells, as it would be read: one event."""
    said = told(origin(int(given.doc_id.rpartition("/")[2])), documents)
    start = given.text.index(said.sentence)
    end = start + len(said.sentence)
    at = {"doc_id": given.doc_id, "start": start, "end": end, "quote": said.sentence}
    return [said.kind(**at, confidence=0.9, rule="made-up", **said.facts)]  # type: ignore[arg-type]


def _menu(entries: int) -> str:
    return "".join(f'<li><a href="/c/{n}.html">频道{n}</a></li>\n' for n in range(entries))


def page(number: int, documents: int, *, menu: int = 40, script: int = 0) -> bytes:
    """The same document as a page of a news site: some 3 kB, or as heavy as `menu` and `script` make it.

    `menu` is the entries of its navigation, some 50 bytes each; `script` kilobytes of script that it carries.
    """
    paragraphs = "".join(f"<p>{line}</p>\n" for line in document(number, documents).text.splitlines())
    title = f"第{number}条新闻"
    code = f"<script>{'var a=[1,2,3];/* 0123456789 */' * (32 * script)}</script>" if script else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{code}</head><body>'
        f"<ul>{_menu(menu)}</ul><article><h1>{title}</h1>{paragraphs}</article><p>版权所有</p></body></html>"
    ).encode()
