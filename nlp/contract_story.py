"""One pass over a document: contracts opened as dossiers, what is done to them filed as deeds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nlp.clause import Clause, clauses
from nlp.contract_table import Row
from nlp.deed import PASSING, Deed, attribute_signing, deeds, grammar
from nlp.deed_day import Days
from nlp.dossier import (
    HOW_MANY,
    SEVERAL,
    Dossier,
    Parties,
    about,
    alike,
    amounts,
    close,
    contract_names,
    labelled,
    later,
    parties,
    same_party,
    term_months,
)
from nlp.lexicon import words
from nlp.modality import Modality
from nlp.organisation import Cast, Organisation, cast
from nlp.outsider import outsider
from nlp.quantity import Quantity
from nlp.reading import Reading, Sentence
from nlp.span import Span

_LIST_ITEM = re.compile(r"\s*(?:[(]?(?:[0-9一二三四五六七八九十]{1,2}|[A-H])[)、.]|[①-⑳●•·▲■◆▎]|——)")
_ABOUT = re.compile(
    r"合同|协议|合约|契约|订单|租期|服务期|总价|金额|总额|价款|期限|双方|原因|理由|缘由|由于|因"
)
_CLOSED = re.compile(r"[。!?;…][”’\"]?\s*$")
"""A sentence with its stop; a line without one is a heading or a table row."""
_TITLE_LINE = re.compile(r"关于.{4,60}(?:公告|决议|议案|意见|函)")
"""The filing's own title, printed again at its head."""
LISTED = "list:签了几份"
"""Rule of a contract that is only named in a list of those signed."""
NEAR = 3
"""Sentences over which a company or a contract stays the subject without being named again."""
ALONE = 8
"""The same where the document has told of one contract only: a filing lists its terms one a line."""
HEAD = 120
"""Characters at the beginning of a text that tell whom it is about."""
_ROLE = re.compile(r"招标人|采购人|业主|发包人|买方|卖方|甲方|乙方|交易对方|对手方|对方[为是系]|供应商|客户")
_INSTRUMENT = re.compile(r"补充|变更|三方")
"""Names of what changes another contract."""
_CORRECTED = re.compile(
    r"\s*(?:[(]?[0-9一二三四五六七八九十]{1,2}[)、.])?(?:更正|修[改订]|修正)前(?:[^,。:]{0,6}):?"
)
"""更正前:…: what a later line takes back."""
_AGAIN = re.compile(r"又|还|再|同日|同时|随后|另|其[一二三四五]|^(?:\d{1,2}月)?\d{1,2}日[与同和]")
_Assigned: TypeAlias = tuple[Clause, Dossier | None, list[Deed]]


@dataclass(eq=False)
class Told:
    """A deed with its dossier and where it was told."""

    deed: Deed
    dossier: Dossier
    clause: Clause
    sentence: Sentence
    date: str | None
    dated: bool
    """The date stands beside the deed; else it is the day of the announcement."""


class Story:
    """One pass over a document: dossiers opened, deeds filed."""

    def __init__(
        self, reading: Reading, *, kept: Sequence[Sentence] | None = None, table: Sequence[Row] = ()
    ) -> None:
        """`table`: rows that tell a contract each; the prose may go on about them."""
        self.reading = reading
        self.kept = reading.sentences if kept is None else kept
        self.skip = [row.span for row in table]
        whole = len(self.kept) == len(reading.sentences)
        self.cast = cast(reading) if whole else Cast(reading, self.kept)
        self.dossiers: list[Dossier] = []
        self.told: list[Told] = []
        self.main = self._main()
        self.reporter: Organisation | None = self.main
        self.news = reading.document.kind != "filing"
        self.introduced = self.main is not None and self.main.name in reading.title
        self.outside = False
        self.at = self.reported_at = 0
        self.several_at = -9
        self.several_date: str | None = None
        self.several_party: str | None = None
        self.last_party: tuple[str | None, int] = (None, 0)
        self.pending: list[tuple[Clause, Sentence]] = []
        self.active: Dossier | None = None
        self.headed: tuple[str | None, int] = (None, -9)
        self.days = Days(reading)
        self.tabled = [(row, self._adopted(row)) for row in table]

    def _adopted(self, row: Row) -> Dossier:
        """A dossier of what a row of a table tells."""
        whole = Span(0, 0)
        value = (
            Quantity(whole, whole, "money", row.amount, None, row.currency, "exact", (), "")
            if row.amount
            else None
        )
        main = self.main.name if self.main else None
        dossier = Dossier(
            0,
            company=self.main,
            party=None
            if row.party and main and row.party.startswith(main)
            else row.party or self._leads(row),
            counterparty=row.counterparty,
            name=row.name,
            signed=row.signed,
            amount=value,
            term=row.term_months,
            scope=[row.name or row.lead],
            last=-99,
        )
        self.dossiers.append(dossier)
        return dossier

    def _leads(self, row: Row) -> str | None:
        """子公司甲辰算创与三家供应商签订采购合同: the child that the words above a table say has signed."""
        if "签" not in row.lead:
            return None
        children = {m.organisation.name for m in self.cast.mentions if m.organisation.side == "subsidiary"}
        told = [name for name in children if name in row.lead]
        return told[0] if len(told) == 1 else None

    def _main(self) -> Organisation | None:
        """The company the document is about: the only one, or the one its title or its beginning names."""
        listed = self.cast.listed
        if len(listed) == 1 or self.reading.document.kind == "filing":
            return next(iter(listed), None)
        head = self.reading.title + self.reading.text[:HEAD]
        return next((o for o in listed if o.name in head), None)

    def sides_of(self, names: Sequence[str]) -> tuple[Organisation | None, str | None, str | None]:
        """The company, the party that signed for it, and the other side, among two names of a form."""
        party, others = None, []
        for name in names:
            found = [m.organisation for m in self.cast.mentions if m.organisation.name in name]
            if name in words("organisation")["self"] or self.main in found or self.cast.is_own(name):
                continue
            if any(o.side == "subsidiary" and name.startswith(o.name) for o in found) and party is None:
                party = name
            else:
                others.append(name)
        return self.main, party, others[0] if len(others) == 1 else None

    def run(self) -> None:
        """Read every sentence once, in order."""
        for number, sentence in enumerate(self.kept):
            self.at = number
            if _CORRECTED.match(sentence.text) or any(
                self._origin(sentence).overlaps(span) for span in self.skip
            ):
                continue
            self._turn(sentence)
            self._sentence(sentence)
        if len(self.dossiers) == 1:  # 重要内容提示: the facts stand before the story
            for clause, sentence in self.pending:
                self._file(clause, self.dossiers[0], [], sentence)
        for t in self.told:  # 5月14日的公告只有一句话, told behind the deed
            if t.date is None and t.deed.rule != PASSING:
                t.date = self.days.announced(t.dossier.company.name if t.dossier.company else None)

    def _origin(self, sentence: Sentence) -> Span:
        start, end, _ = self.reading.evidence(sentence.start, sentence.end)
        return Span(start, end)

    def _turn(self, sentence: Sentence) -> None:
        """A new list item or a new reporting company closes the dossier under discussion."""
        text = self.reading.text
        if (item := _LIST_ITEM.match(sentence.text)) and (only := self._only(sentence, item.end())):
            self.headed, self.active = (only, self.at), None
        if self.at - self.reported_at > NEAR and self.reporter != self.main:
            self.reporter, self.active = self.main, None
        for m in about(self.cast, sentence.start, sentence.end):
            before = text[max(sentence.start, m.span.start - 2) : m.span.start]
            if m.organisation.side == "listed" and not re.search(
                r"[与同和跟向被对由]$|(?<!\d)、$|客户$", before
            ):
                if m.organisation != self.reporter:
                    self.reporter, self.active = m.organisation, None
                self.reported_at = self.at
                self.introduced = True
                break
        else:
            self._outside(sentence)
        if _LIST_ITEM.match(sentence.text) and self.active is not None:
            other = self._sides(sentence.start, sentence.end).counterparty
            differs = same_party(self.active.counterparty, other) is not True
            if differs if other else self._another_value(sentence):
                self.active = None

    def _only(self, sentence: Sentence, at: int) -> str | None:
        """(一)北京砾石科技有限公司。: the party that is all of a list item; 公司与其… comes behind."""
        mentions = about(self.cast, sentence.start, sentence.end)
        rest = sentence.text[at:].strip(" 。:;\n")
        fits = len(mentions) == 1 and mentions[0].span.of(self.reading.text) == rest
        return mentions[0].organisation.name if fits and mentions[0].organisation.side == "other" else None

    def _another_value(self, sentence: Sentence) -> bool:
        """Whether a list item states a value that is not the active contract's."""
        changed = re.search(r"(?:变更|调整|修订)后", sentence.text)  # (4)变更后合同总价为…: its own, anew
        known = self.active.amount if self.active and not changed else None
        told = [q for clause in clauses(sentence) for q in amounts(clause, self.reading, deed=False)]
        return known is not None and bool(told) and not any(close(q.low, known.low) for q in told)

    def _outside(self, sentence: Sentence) -> None:
        """A deed of a firm that is not the document's company: its own subject, for this sentence only."""
        if self.outside:
            self.reporter, self.active, self.outside = self.main, None, False
        mentions = about(self.cast, sentence.start, sentence.end)
        firm = self.news and outsider(sentence, mentions, introduced=self.introduced)
        if firm:
            self.reporter, self.active, self.outside = Organisation(firm, "listed"), None, True

    def _sentence(self, sentence: Sentence) -> None:
        """Assign each clause to a dossier, then file what the clauses add."""
        parts = list(clauses(sentence))
        for clause in parts:
            self.days.note(clause, self._code())
        if sentence.text.rstrip().endswith("?"):  # 问:公司与甲辰智能的合作还在继续吗?
            self.headed = (self._sides(sentence.start, sentence.end).counterparty, self.at)
        if SEVERAL.search(sentence.text):
            self.several_at = self.at
            self.several_party = self._sides(sentence.start, sentence.end).party
            self.several_date = next((p.value for c in parts for p in self.days.periods(c)), None)
        assigned = list(self._assigned(parts, sentence))
        if any(deed.action in {"terminated", "suspended"} for _, _, found in assigned for deed in found):
            for _, _, found in assigned:  # 因供应商无法供货,双方终止…: the delay is the reason
                found[:] = [deed for deed in found if deed.action != "delayed"]
        owner = next((d for _, d, _ in assigned if d), None) or self._continued(sentence)
        if owner is None:
            self.pending += [(clause, sentence) for clause in parts if not self.dossiers]
            return
        for clause, dossier, found in assigned:
            owner = dossier or owner
            self._file(clause, owner, found, sentence)

    def _assigned(self, parts: Sequence[Clause], sentence: Sentence) -> Iterator[_Assigned]:
        """Each clause with the dossier it opens or speaks of, or None, and its deeds."""
        named = about(self.cast, sentence.start, sentence.end)
        dated = len(parts) > 1 and any(len(p.value) > 7 for c in parts for p in self.days.periods(c))
        heading = not _CLOSED.search(sentence.text) and (
            not (named or dated) or bool(_TITLE_LINE.search(sentence.text))
        )
        modality = Modality(self.reading, sentence)
        for clause in parts:
            found = [] if heading else self._deeds(clause, sentence, modality)
            if not found and not self._introduces(clause):
                yield clause, None, []
                continue
            if not found and not heading and 0 <= self.at - self.several_at <= 2:
                found = [Deed("signed", "effective", clause.start, clause.end, LISTED)]
            for counterparty in self._each(clause, sentence):
                self.active = self._dossier(clause, sentence, found, counterparty)
                yield clause, self.active, found

    def _deeds(self, clause: Clause, sentence: Sentence, modality: Modality) -> list[Deed]:
        """What a clause tells, else a signing it tells in passing."""
        named = self._sides(sentence.start, sentence.end)
        own = self._sides(clause.start, clause.end).counterparty
        if SEVERAL.search(clause.text) and (not own or HOW_MANY.match(own)):
            return []  # 本月连签三份合同: each is told behind it
        found = list(
            deeds(
                clause,
                sentence=sentence.text,
                referred=self.active is not None,
                sides=bool(named.counterparty and (named.company or named.party or self.reporter)),
                modality=modality,
            )
        )
        passing = None if found or not own else attribute_signing(clause)
        return [passing] if passing and contract_names(clause, self.reading) else found

    def _continued(self, sentence: Sentence) -> Dossier | None:
        """The contract under discussion, if a sentence without a deed goes on about it."""
        reach = NEAR if len(self.dossiers) > 1 else ALONE
        near = self.active is not None and self.at - self.active.last <= reach
        if not near or self.active is None:
            return None
        whom = self.active.counterparty is None and _ROLE.search(sentence.text)
        return self.active if whom or _ABOUT.search(sentence.text) else None

    def _introduces(self, clause: Clause) -> bool:
        """Whether a clause without a deed names another contract than the one under discussion."""
        names = contract_names(clause, self.reading)
        listed = 0 <= self.at - self.several_at <= 3 and clause.bare.rstrip(",:;").endswith("签的")
        g = grammar()
        if not (names or listed) or g.excluded.search(clause.text) or g.hypothetical.search(clause.bare):
            return False
        other = self._sides(clause.start, clause.end).counterparty
        return other is not None and not HOW_MANY.match(other)

    def _sides(self, start: int, end: int) -> Parties:
        return parties(self.reading.text, about(self.cast, start, end), self.reporter)

    def _code(self) -> str | None:
        return self.reporter.name if self.reporter else None

    def _each(self, clause: Clause, sentence: Sentence) -> list[str | None]:
        """与甲、乙、丙三家的合同, 同甲、乙分别签署: one with each; else whom the clause names, or None."""
        own = self._sides(clause.start, clause.end).counterparty
        named = own or self._sides(sentence.start, clause.end).counterparty
        told = self.reading.text[sentence.start : clause.end]
        if named and "、" in named and re.search(r"分别|各自|[两三四五六]家", told):
            return list(named.split("、"))
        return [own]

    def _dossier(
        self, clause: Clause, sentence: Sentence, found: list[Deed], counterparty: str | None
    ) -> Dossier:
        """The dossier a clause speaks of, opened if it is new."""
        sides, whole = self._sides(clause.start, clause.end), self._sides(sentence.start, clause.end)
        names = contract_names(clause, self.reading)
        name = names[0] if names else None
        if counterparty is None and whole.party in {
            None,
            sides.party,
            *([] if sides.party else [whole.party]),
        }:
            counterparty = whole.counterparty
        headed, at = self.headed
        if counterparty is None and headed and self.at - at <= 2:
            counterparty = headed
        for dossier in reversed(self.dossiers):
            if self._same(dossier, counterparty, name, clause, found):
                break
        else:
            dossier = Dossier(clause.start)
            self.dossiers.append(dossier)
        dossier.company = dossier.company or self.reporter
        dossier.party = dossier.party or sides.party or whole.party or self._carried_party(clause)
        self.last_party = (dossier.party, self.at)
        dossier.counterparty = dossier.counterparty or counterparty
        if (
            name
            and not (dossier.titled and not name[2])
            and (dossier.name is None or name[2] > dossier.titled)
        ):
            dossier.name, dossier.titled = name[1], name[2]
        return dossier

    def _carried_party(self, clause: Clause) -> str | None:
        """本月又与Z公司签订…: the one that signed the contract told just before."""
        party, at = self.last_party
        named = {m.organisation.side for m in about(self.cast, clause.start, clause.end)}
        carried = self.at - at <= 1 and not named & {"listed", "subsidiary"}
        if 0 < self.at - self.several_at <= NEAR and not named & {"listed", "subsidiary"}:
            return self.several_party  # 子公司甲辰数据签订下列合同:(一)与…
        return party if carried and _AGAIN.search(clause.text) else None

    def _same(
        self,
        dossier: Dossier,
        counterparty: str | None,
        name: tuple[int, str, bool] | None,
        clause: Clause,
        found: list[Deed],
    ) -> bool:
        if dossier.company and self.reporter and dossier.company != self.reporter:
            return False
        if dossier is self.active and dossier.last == self.at and _INSTRUMENT.search(dossier.name or ""):
            return True  # 签署《三方协议》,约定原《…合同》中…: the one it changes
        if same_party(dossier.counterparty, counterparty) is False:
            return False
        amended = any(d.action == "amended" for d in found) or bool(_INSTRUMENT.search(dossier.name or ""))
        if name and name[2] and dossier.titled and not amended and not alike(name[1], dossier.name or ""):
            return False
        if any(d.action == "signed" for d in found) and later(dossier, self.days.periods(clause)):
            return False  # 9月签下…, 今年7月又与同一客户签订…
        value = next(iter(amounts(clause, self.reading, deed=True)), None)
        if value and dossier.amount and not amended and not close(value.low, dossier.amount.low):
            return same_party(dossier.counterparty, counterparty) is True and bool(name)
        if same_party(dossier.counterparty, counterparty) or (
            name and dossier.name and alike(name[1], dossier.name)
        ):
            return True
        return dossier is self.active

    def _day(self, deed: Deed, clause: Clause, sentence: Sentence) -> str | None:
        """The day told beside a deed; of contracts told in a row, the day of the row."""
        if deed.rule == PASSING:  # 15日公告,与…签订的…合约终止: the day is the announcement's
            return self.days.signing(clause, sentence)
        in_row = deed.rule == LISTED or (deed.action == "signed" and 0 <= self.at - self.several_at <= 2)
        return self.days.beside(deed, clause, sentence) or (self.several_date if in_row else None)

    def _file(self, clause: Clause, dossier: Dossier, found: list[Deed], sentence: Sentence) -> None:
        """What a clause adds to a dossier, and its deeds."""
        dossier.scope.append(clause.text)
        dossier.sentences.append(sentence.start)
        dossier.last = self.at
        sides = self._sides(clause.start, clause.end)
        dossier.party = dossier.party or sides.party
        if dossier.name is None and (names := contract_names(clause, self.reading)):
            dossier.name, dossier.titled = names[0][1:]
        role = _ROLE.search(labelled(clause, self.reading) or clause.text)  # 甲方:江北云联科技有限公司
        named = found or clause.titles or contract_names(clause, self.reading)
        other_world = grammar().excluded.search(clause.text)
        if dossier.counterparty is None and not other_world and (named or role):
            dossier.counterparty = sides.counterparty
        amended = any(d.action == "amended" for d in found) or re.search(
            r"[由从].*[至到为]|变更[后为]|调整后|修订后|调[增减]", clause.text
        )
        for value in amounts(clause, self.reading, deed=bool(found)):
            if dossier.amount is None:
                dossier.amount = value
            elif amended:
                dossier.later_amount = value
        term = term_months(clause, self.reading)
        if amended and dossier.term:
            dossier.later_term = term or dossier.later_term
        dossier.term = dossier.term or term
        dossier.signed = dossier.signed or self.days.signing(clause, sentence)
        for deed in found:
            day = self._day(deed, clause, sentence)
            dated = day is not None
            if (
                dated
                and deed.action == "signed"
                and deed.status == "effective"
                and not self.days.is_announcement(day)
            ):
                dossier.signed = dossier.signed or day
            if day is None:
                day = (
                    dossier.signed
                    if deed.action == "signed" and dossier.signed
                    else self.days.announced(self._code())
                )
            self.told.append(Told(deed, dossier, clause, sentence, day, dated))
