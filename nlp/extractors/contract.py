"""The life of contracts: signed, amended, delayed, suspended, terminated, disputed.

A document is read clause by clause (nlp/contract_story.py). Each clause that tells a deed opens a dossier
or is filed in the one it speaks of; what later clauses add (价款, 租期, 原因) is filed there, too, and every
deed is reported with all that the document says of its contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nlp.clause import Clause
from nlp.contract_form import forms
from nlp.contract_story import Story, Told
from nlp.contract_table import Row, rows
from nlp.currency import currency_of, home_currency
from nlp.deed import PASSING, grammar
from nlp.dossier import MONTHS, Dossier, category, reason
from nlp.event import ContractEvent
from nlp.period import find_periods
from nlp.reading import Reading, Sentence
from nlp.span import Span


def _tabled(reading: Reading, story: Story) -> Iterator[ContractEvent]:
    """The rows of a filing's tables of contracts: each was signed, and what its last column says.

    What the prose tells of the same contract, too, is left to it: it says when and why.
    """
    company = story.main
    told = {(id(t.dossier), t.deed.action) for t in story.told}
    announced = story.days.announced(company.name if company else None)
    for row, dossier in story.tabled:
        for action in ("signed", row.action):
            if action and (id(dossier), action) not in told:
                yield ContractEvent(
                    doc_id=reading.document.doc_id,
                    start=row.span.start,
                    end=row.span.end,
                    quote=row.span.of(reading.document.text),
                    confidence=0.7,
                    rule="table",
                    action=action,
                    category=category(dossier, document_topic=True, around=row.lead),
                    company=company.name if company else None,
                    company_code=company.code if company else None,
                    party=dossier.party,
                    counterparty=row.counterparty,
                    contract=row.name,
                    signed_date=row.signed,
                    event_date=(row.signed or announced) if action == "signed" else _state_date(reading, row),
                    term_months=row.term_months,
                    reason=reason([row.state]) if action != "signed" else None,
                    amount=row.amount,
                    bound="exact" if row.amount is not None else None,
                    currency=row.currency if row.amount is not None else None,
                )


def _formed(reading: Reading, story: Story) -> Iterator[ContractEvent]:
    """Contracts told as forms only: where a sentence tells a signing, the form is its fields."""
    if any(t.deed.action == "signed" and t.deed.rule != PASSING for t in story.told):
        return
    home = home_currency(reading.text, reading.document.text)
    for form in forms(reading):
        day, value, term = form.day(reading), form.amount(reading), form.term(reading)
        company, party, counterparty = story.sides_of(form.sides())
        if day is None or not (company or party) or counterparty is None:
            continue
        dossier = Dossier(0, name=form.name or form.object, scope=[form.span.of(reading.text)])
        befell = form.state()
        for action in ("signed", befell[0] if befell else None):
            if action is None:
                continue
            told = form.fields[befell[1]] if befell and action != "signed" else None
            start, end, quote = reading.evidence(*(_field(reading, told[1]) if told else form.span))
            why = [form.fields[f][0] for f in ("why", "state") if f in form.fields]
            yield ContractEvent(
                doc_id=reading.document.doc_id,
                start=start,
                end=end,
                quote=quote,
                confidence=0.7,
                rule="form",
                action=action,
                category=category(dossier, document_topic=_compute_topic(reading)),
                company=company.name if company else None,
                company_code=company.code if company else None,
                party=party,
                counterparty=counterparty,
                contract=form.name,
                signed_date=day,
                event_date=_told_on(reading, told[1]) if told else day,
                amount=value.low if value else None,
                amount_max=value.high if value else None,
                bound=value.bound if value else None,
                currency=currency_of(value.unit or "CNY", value.text, home) if value else None,
                term_months=term.low * MONTHS[term.unit] if term else None,
                reason=reason(why) if told else None,
            )


def _field(reading: Reading, value: Span) -> Span:
    """A field with its label: 终止日期:2025/05/30."""
    before = max(reading.text.rfind(mark, 0, value.start) for mark in ";\n")
    return Span(before + 1, value.end)


def _told_on(reading: Reading, span: Span) -> str | None:
    return next((p.value for p in reading.within(reading.periods, *span) if p.value), None)


def _state_date(reading: Reading, row: Row) -> str | None:
    """2024年5月双方解除合同: the day the last column names."""
    return next((p.value for p in find_periods(row.state, anchor=reading.anchor) if p.value), None)


_LEAD = re.compile(r"\s*(?:[(]?[0-9一二三四五六七八九十]{1,2}[)、.])?[^,、]{2,14}:\s*")
"""一、合同签订概述:甲公司与…签署: the words behind are the better evidence."""


def _best(told: list[Told]) -> list[Told]:
    """One deed an action and contract: what is done outweighs what was decided, the first telling wins."""
    busy = {
        id(t.dossier) for t in told if t.deed.rule != PASSING and t.deed.status in {"effective", "proposed"}
    }
    told = [t for t in told if t.deed.rule != PASSING or id(t.dossier) not in busy]
    order = {"effective": 0, "proposed": 1, "rumoured": 2, "denied": 3}
    out: dict[tuple[int, str, str | None], Told] = {}
    for t in told:
        several = t.deed.action == "disputed"  # one contract can be fought over twice
        key = (id(t.dossier), t.deed.action, t.date if several else None)
        told_before = several and any(k[:2] == key[:2] for k in out)
        if told_before and (not t.dated or _VERDICT.search(t.deed.rule)):
            continue
        kept = out.get(key)
        if kept is None or order[t.deed.status] < order[kept.deed.status]:
            out[key] = t
        elif _LEAD.fullmatch(kept.clause.text) and t.deed.status == kept.deed.status:
            date, dated = (t.date, True) if t.dated else (kept.date, kept.dated)
            out[key] = replace(t, date=date, dated=dated)
        elif t.dated and not kept.dated and t.deed.status == kept.deed.status:
            kept.date, kept.dated = t.date, True
    return list(out.values())


_VERDICT = re.compile(r"判决|判令|裁决|二审|上诉|立案")
"""What comes of a suit; no other dispute than the one told before it."""


def extract(reading: Reading) -> Iterator[ContractEvent]:
    """Every event of a contract's life that the document tells."""
    table = list(rows(reading.document.text))
    if not grammar().noun.search(reading.text) and not re.search(
        r"签约|解约|中标|中选|仲裁|起诉|(?:解除|终止|取消|结束)[^,。;]{0,4}合作|交付|退租|董事会[^,。;]{0,30}采购",
        reading.text,
    ):
        return
    kept = _kept(reading)
    if not kept and not table:
        return
    story = Story(reading, kept=kept, table=table)
    story.run()
    yield from _tabled(reading, story)
    yield from _formed(reading, story)
    topic = _compute_topic(reading)
    home = home_currency(reading.text, reading.document.text)
    for t in _best(story.told):
        d = t.dossier
        if not (d.company or d.party) and not _told_whole(reading, t):
            continue
        title = reading.title if reading.is_story else ""
        kind = category(d, document_topic=topic, around=_paragraph(reading, t.clause), title=title)
        taken = {start for other in story.dossiers if other is not d for start in other.sentences}
        if d.name and grammar().excluded.search(d.name):
            continue
        if _habitual(t) or _of_several(t):
            continue
        if not (d.counterparty or d.party or d.name or d.amount) or not _grounded(reading, t, kind):
            continue
        start, end, quote = reading.evidence(t.clause.start, t.clause.end)
        value = d.later_amount if t.deed.action == "amended" and d.later_amount else d.amount
        status = t.deed.status
        if status == "effective" and _awaits_vote(reading, t):
            status = "proposed"
        yield ContractEvent(
            doc_id=reading.document.doc_id,
            start=start,
            end=end,
            quote=quote,
            confidence=_confidence(t, status, kind),
            rule=t.deed.rule,
            action=t.deed.action,
            status=status,
            category=kind,
            company=d.company.name if d.company else None,
            company_code=d.company.code if d.company else None,
            party=d.party,
            counterparty=d.counterparty,
            contract=d.name,
            signed_date=d.signed,
            event_date=t.date,
            amount=value.low if value else None,
            amount_max=value.high if value else None,
            bound=value.bound if value else None,
            currency=currency_of(value.unit or "CNY", value.text, home) if value else None,
            term_months=d.later_term if t.deed.action == "amended" and d.later_term else d.term,
            reason=_why(reading, t, taken),
        )


def _told_whole(reading: Reading, t: Told) -> bool:
    """Whether a deed stands without a reporting company: 丁数据2022年9月与戊建工签订《总承包合同》.

    In a filing the company is who files it. In news a deal of firms that nothing shows to be listed counts
    where it is told as one: with whom, and over which contract for which sum or on which day.
    """
    d = t.dossier
    if reading.document.kind == "filing":
        return bool(d.counterparty or (d.amount and d.name)) and _compute_topic(reading)
    if not d.counterparty:
        return False
    whom = d.counterparty.split("、")[0]
    facts = (d.name is not None, d.amount is not None, t.dated)
    done = t.deed.status == "effective" or all(facts[:2])
    named = done and whom in t.sentence.text
    return reading.is_story and named and sum(facts) >= 2 and bool(_TOPIC.search(reading.text))


def _habitual(t: Told) -> bool:
    """公司与主要供应商签订年度框架协议: with nobody, for no sum, on no day, under no title; what is usual."""
    d, here = t.dossier, t.clause
    near = d.amount is not None and here.start <= d.amount.span.start <= here.end + AROUND
    return t.deed.action == "signed" and not (d.counterparty or near or t.dated or d.titled or d.term)


def _of_several(t: Told) -> bool:
    """被三家供应商起诉: how many, over nothing named."""
    d = t.dossier
    how_many = re.search(r"被[两三四五六七八九十多几数\d]+[家名个]", t.clause.text)
    return t.deed.action == "disputed" and bool(how_many) and not (d.name or d.amount)


def _paragraph(reading: Reading, clause: Clause) -> str:
    start = reading.text.rfind("\n", 0, clause.start) + 1
    end = reading.text.find("\n", clause.end)
    return reading.text[
        max(start, clause.start - 200) : min(end if end > 0 else clause.end + 200, clause.end + 200)
    ]


def _kept(reading: Reading) -> list[Sentence]:
    """The sentences worth reading: all of a short text; of a long one, those near a contract that counts."""
    sentences = reading.sentences
    if reading.is_story:
        return list(sentences)
    filing = reading.document.kind == "filing"
    hot: set[int] = set()
    for i, s in enumerate(sentences):
        if not grammar().noun.search(s.text) and not _TELLS.search(s.text):
            continue
        near = reading.text[max(0, s.start - AROUND) : s.end + AROUND]
        if filing or _TOPIC.search(near) or _DISCLOSED.search(s.text):
            hot.update(range(max(0, i - 2), i + 4))
    return [sentences[i] for i in sorted(hot) if i < len(sentences)]


AROUND = 150
"""Characters around a deed in which the word lies that makes it one of compute."""
_TELLS = re.compile(r"签约|解约|中标|仲裁|诉讼|起诉|退租|交付|交货")
_TOPIC = re.compile(r"算力|智算|超算|GPU|显卡|服务器|伺服器|数据中心|资料中心|加速卡|裸金属|云服务|云主机")
_DISCLOSED = re.compile(
    r"公告|披露|公布|宣布|证实|声明|讯息|[:：].{2,60}(?:合同|协议)|\(\d{6}|证券代码|投资者|董事会|问询函|工作函|股东大会|年报|年度报告|互动平台|互动易|董秘|发言人|业绩会|说明会|电话会"
)


def _grounded(reading: Reading, t: Told, kind: str | None) -> bool:
    """Whether a contract is one of compute, or one that a listed company discloses.

    A long news text signs treaties, draws and sponsorships: 两国元首签署了…; none of them is an event.
    """
    if kind in {"compute_rental", "equipment", "construction", "cooperation"}:
        near = reading.text[max(0, t.clause.start - AROUND) : t.clause.end + AROUND]
        if _TOPIC.search(near) or _TOPIC.search(" ".join(t.dossier.scope)):
            return True
    if reading.document.kind == "filing":
        return True
    company = t.dossier.company
    if company is None:
        return False
    if company.code and reading.is_story:
        return True
    story = reading.text if reading.is_story else reading.text[t.sentence.start : t.sentence.end]
    return company.name in story and bool(_DISCLOSED.search(story))


_VOTE = re.compile(
    r"(?:股东大会|股东会)[^。;]{0,14}(?:方可|后方|后才|才能|后)(?:正式)?生效|附(?:条件|生效条件)"
)


_VOTED = re.compile(r"[自经](?:公司)?股东大?会[^,。;]{0,6}(?:通过|批准)之?日起")


def _awaits_vote(reading: Reading, told: Told) -> bool:
    """本合同须经公司股东大会审议批准后方可生效, 解除自股东大会通过之日起生效: not in force yet."""
    if told.deed.action == "signed":
        own = set(told.dossier.sentences)
        return any(_VOTE.search(s.text) for s in reading.sentences if s.start in own)
    resolved = re.search(r"股东大?会[^,。;]{0,8}决议", reading.title)
    return told.deed.action == "terminated" and not resolved and bool(_VOTED.search(told.clause.text))


def _compute_topic(reading: Reading) -> bool:
    return bool(re.search(r"算力|智算|GPU|显卡|服务器|伺服器|数据中心|资料中心", reading.text))


def _why(reading: Reading, t: Told, taken: set[int]) -> str | None:
    """The reason, from the deed's own sentence, then from those behind it, then from those before."""
    if t.deed.action not in {"terminated", "suspended", "delayed"}:
        return None
    here, own = t.sentence.start, set(t.dossier.sentences)
    at = next(i for i, s in enumerate(reading.sentences) if s.start == here)
    filed = [i for i, s in enumerate(reading.sentences) if s.start in own]
    line = reading.text.rfind("\n", 0, here), reading.text.find("\n", t.sentence.end - 1)
    beside = [
        i
        for i in (at + 1, at + 2, at - 1)
        if 0 <= i < len(reading.sentences)
        and reading.sentences[i].start not in taken
        and line[0] < reading.sentences[i].start < (line[1] if line[1] >= 0 else len(reading.text))
    ]
    near = sorted({at, *filed, *beside}, key=lambda i: (i != at, i < at, abs(i - at)))
    return reason([reading.sentences[i].text for i in near[:8]])


_BASE = 0.45
_KNOWN = {"company": 0.15, "counterparty": 0.2, "amount": 0.07, "date": 0.05, "name": 0.05}
_WEAK = 0.05
"""What a known slot adds and a weak status or category takes, by benchmarks/calibration.py's table."""


def _confidence(t: Told, status: str, kind: str | None) -> float:
    """How likely the event is whole: a counterparty tells most, then the company, the value and the day."""
    d = t.dossier
    known = {
        "company": d.company or d.party,
        "counterparty": d.counterparty,
        "amount": d.amount,
        "date": t.date,
        "name": d.name,
    }
    score = _BASE + sum(_KNOWN[slot] for slot, value in known.items() if value is not None)
    return round(score - _WEAK * ((status != "effective") + (kind in {"other", None})), 2)
