"""A contract as one document tells it: parties, name, value, term and dates, gathered clause by clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import pairwise

from nlp.clause import Clause
from nlp.deed import either, grammar
from nlp.lexicon import words
from nlp.organisation import Cast, Organisation, OrganisationMention
from nlp.period import Period
from nlp.quantity import Quantity
from nlp.reading import Reading

MONTHS = {"year": Decimal(12), "month": Decimal(1)}
"""Months in a unit of a contract's term; terms in days are left out."""


MILLION = Decimal(1_000_000)
"""A sum without a word before it is taken for a contract's value from here on; rents and fees lie below."""


@dataclass(eq=False)
class Dossier:
    """What is known of one contract so far; None: not told yet."""

    start: int
    company: Organisation | None = None
    party: str | None = None
    counterparty: str | None = None
    name: str | None = None
    titled: bool = False
    """The name stood in 《》."""
    signed: str | None = None
    amount: Quantity | None = None
    later_amount: Quantity | None = None
    """What an amendment changed the amount to."""
    term: Decimal | None = None
    later_term: Decimal | None = None
    """What an amendment changed the term to."""
    scope: list[str] = field(default_factory=list)
    """Clauses that speak of it, for its category."""
    sentences: list[int] = field(default_factory=list)
    """Where the sentences begin that speak of it, for the reason."""
    last: int = 0
    """Number of the last of them."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who a stretch of text names on which side."""

    company: Organisation | None
    party: str | None
    counterparty: str | None


SEVERAL = re.compile(
    r"(?:签|订|定|披露|公布|公告)[署订了下]{0,2}(?:(?:合同|协议|订单)共?)?(?:[两三四五六七八九十几多\d]{1,2})[份项个笔]"
    r"|[签订立][订署立了]?(?:了)?(?:下列|以下|如下)(?:合同|协议|订单|合约)"
    r"|分别[与和同跟][^,。;]{0,4}?[两三四五六七八九十多\d]{1,2}(?:家|名|个)[^,。;]{0,6}签"
)
"""一天之内签了两份约:一份是同…的《…》: what is then named was signed."""
HOW_MANY = re.compile(r"[两三四五六七八九十多几数\d]{1,3}(?:家|名|个)")
"""两家客户: how many, not who."""
_ACTS = re.compile(r"(?:\([^()]*\))?[^,。;、]{0,14}?(?:签|订立|达成|终止|解除|解约|的《|之间|取消)")
"""What follows the party a contract is with, rather than one that stands beside."""
_TOWARDS = re.compile(
    r"(?:与|同|和|跟|向|对|由|被|及|给|就)[“\"]?(?:[^,。;]{0,6}?(?:供应商|客户|方|人|公司))?[“\"]?$"
)


def parties(text: str, mentions: Sequence[OrganisationMention], reporter: Organisation | None) -> Parties:
    """The sides among the mentions of one stretch of the view."""
    company, party, others = None, None, list[OrganisationMention]()
    for m in mentions:
        side, towards = (
            m.organisation.side,
            bool(_TOWARDS.search(text[max(0, m.span.start - 12) : m.span.start])),
        )
        if side == "listed" and (m.organisation == reporter or (reporter is None and not towards)):
            company = company or m.organisation
        elif side == "subsidiary" and not (towards and party):
            party = party or m.organisation.name
        elif side in {"other", "listed"} and m.organisation != reporter:
            others.append(m)
    if party is None and company is None and (subject := _subject(text, others)):
        party = subject.organisation.name
        others = [m for m in others if m.organisation != subject.organisation]
    return Parties(company, party, _counterparty(text, others))


def _subject(text: str, others: list[OrganisationMention]) -> OrganisationMention | None:
    """英智创新与深湾科技签了…: who stands before 与 and another one signs on our side."""
    for first, second in pairwise(others):
        gap = text[first.span.end : second.span.start]
        towards = bool(_TOWARDS.search(text[max(0, first.span.start - 12) : first.span.start]))
        if not towards and re.fullmatch(
            r"[”\"]?\)?(?:\([^()]*\))?[^,。;与同和跟、]{0,8}(?:与|同|和|跟)[^,。;、]{0,6}", gap
        ):
            return first if first.organisation != second.organisation else None
    return None


def _counterparty(text: str, others: list[OrganisationMention]) -> str | None:
    """The first other party, joined with those listed right behind it by 、."""
    if not others:
        return None
    named = [m for m in others if _TOWARDS.search(text[max(0, m.span.start - 12) : m.span.start])] or others
    first = next((m for m in named if _ACTS.match(text, m.span.end)), named[0])
    names, end = [first.organisation.name], first.span.end
    for m in others:
        gap = text[end : m.span.start] if m.span.start >= end else None
        if gap is not None and re.fullmatch(r"(?:\([^()]*\))?[、及和](?:[^,。;]{0,8}方)?", gap):
            if m.organisation.name not in names:
                names.append(m.organisation.name)
            end = m.span.end
    return "、".join(names)


@cache
def _name_pattern() -> re.Pattern[str]:
    """算力租赁服务合同 without brackets: the noun and what qualifies it, back to a boundary."""
    return re.compile(rf"[\u4e00-\u9fffA-Za-z0-9]{{1,22}}?(?:{either(words('contract')['noun'])})")


_NAME_START = re.compile(
    r".*(?:的|元|签订|签署|订立|签下|签了|签约|签有|签|一份|[份纸笔该原此述于与]|(?<!合)同|解除|终止|取消|上述|公告|披露|双方|之后|[租改变更]后|今年|去年|宣布|达成|完成|[未应]按|斩获|拿下|揽下"
    r"|就|对|签妥|我们|项下|支付|拖欠|欠付|要求|涉及|改了|改|保住了|了|把|应在|一批|[那这一]个|之|年期|月期|所[签订]|两个月|台|月|日|年|名为|关于|撤销|向|新|首|其|这|那|被|因|因为|履行|之间|为|是|到|由|约定|确认|有|起|此前|与对方|现有|多|各|拟)"
)


def contract_names(clause: Clause, reading: Reading) -> list[tuple[int, str, bool]]:
    """Names of contracts in a clause: (where, name, in brackets); instruments that only end one left out."""
    out = []
    for start, end in clause.titles:
        title = reading.text[start:end].replace("\n", "")
        if grammar().noun.search(title) and "议案" not in title and not _ends_contract(title):
            out.append((start, title, True))
    if not out:
        for m in _name_pattern().finditer(clause.bare):
            name = _NAME_START.sub("", m.group())
            if len(name) >= 4 and not re.match(r"(?:合同|协议|补充)", name) and not _ends_contract(name):
                out.append((clause.start + m.end() - len(name), name, False))
    return out


def _ends_contract(title: str) -> bool:
    return bool(re.search(r"终止|解除|解约|通知|的函$|公告$", title))


@cache
def _cues() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    w = words("contract")
    yes, no = w["amount_cue"], w["no_amount_cue"]
    return (
        re.compile(f"(?P<yes>{either(yes)})|(?P<no>{either(no)})"),
        re.compile(f"(?:{either(w['no_amount_after'])})"),
        re.compile(rf"[^,。;]{{0,24}}?(?:{either(w['noun'])}|购销|单|生意|交易|买卖|租赁)"),
    )


_CLAIMED = re.compile(r"(?:要求|请求|主张|诉请|判令)[^,。;]{0,12}(?:返还|退还|赔偿|支付|偿付)[^。;]{0,24}$")


def is_value(clause: Clause, quantity: Quantity, *, deed: bool) -> bool:
    """Whether a sum is the value of the contract, not a deposit, a part paid, a claim or a revenue."""
    bare = quantity.kind == "number" and quantity.low >= MILLION  # 价值超过9个亿的合同
    each = quantity.per and not re.match(r"一[份笔单]", quantity.text)  # 一份1.5亿元的合同
    if not (quantity.kind == "money" or bare) or each or not quantity.low:
        return False
    cue, after_no, after_noun = _cues()
    before = clause.text[: quantity.span.start - clause.start]
    after = clause.text[quantity.span.end - clause.start :]
    if after_no.match(after.lstrip("的")):
        return False
    before = re.sub(r"(?:[约近超]?\d[\d,.]*[亿万]?元、)+$", "", before)  # 分别为0元、318万元、1,905万元
    cues = list(cue.finditer(before[-18:]))
    if quantity.bound == "under" and before.endswith("累计"):  # 以订单为准,累计不超过25,000万元
        return True
    claimed = _CLAIMED.search(before) and cues and cues[-1].group() in {"合计", "共计", "总计"}
    if claimed:  # 要求返还预付款并赔偿损失合计3,380万元
        return False
    if cues:
        return cues[-1].lastgroup == "yes"
    if after_noun.match(after):
        return True
    return not bare and quantity.low >= MILLION and (deed or len(clause.text) <= len(quantity.text) + 9)


def amounts(clause: Clause, reading: Reading, *, deed: bool) -> list[Quantity]:
    """The values of contracts stated in a clause, in order."""
    inside = reading.within(reading.quantities, clause.start, clause.end)
    return [q for q in inside if is_value(clause, q, deed=deed)]


_TERM_BEFORE = re.compile(
    r"(?:租期|租赁期|服务期|执行期|供应期|年期|期限|合同期|为期|合作期|履行期|周期|有效期|工期|说好|期)"
    r"(?:[^,。;]{0,6}|[^,。;]{0,4}(?:自|从)[^,。;]{2,24}起算?[^,。;]{0,4})$"
    r"|(?:合同|协议|合约|租约|长约|签了?|签下|约定|整整|变成|写的是)$|(?:合同|协议|合约|租约|租期|服务期)由$"
)
_TERM_AFTER = re.compile(
    r"(?:期(?!内交|货)|长约|内由|的《|的[^,。;《]{0,8}(?:合同|协议|合约|租约|长约|租赁)|内?提供|的?(?:算力)?服务|租约|之久|里[^,。;]{0,4}(?:向|租|用|提供|采购|供)|的租|(?:的)?(?:合同|协议))"
)
_TERM_SUM = re.compile(
    r"(?:期?[,、])?(?:合计|共计?|总计)?(?:总价|总额|总?金额|总?租金|收租|租金总额|最低消费|保底)?(?:不超过|不低于|约|近|逾|超)?\d[\d.,]*[万亿]"
)
"""两年1.08亿元, 五年合计约2.1亿美元 as a clause: how long and how much."""
_ALONE = re.compile(r"(?:^\s*(?:整整|一共|总共|前后)?|[(,])$")
_ENDS = re.compile(r"期?[,。;)]|$")
"""三年,总额8,208万元; 《…主协议》(总额12,600万元,3年): nothing else in its clause or bracket."""


def labelled(clause: Clause, reading: Reading) -> str:
    """服务期限: of a form's line 服务期限:自验收之日起36个月, which is a clause of its own."""
    before = reading.text[max(0, clause.start - 8) : clause.start]
    return before.rpartition("\n")[2] if before.endswith(":") else ""


_NO_TERM = re.compile(
    r"不到|不足|短短|仅仅|质保|建设|交付|交货|逾期|账期|回款|锁定|过去|近|超过|等了|保修|竣工|付款|缺陷|延误|[逾超][^期过]?$"
)


def term_months(clause: Clause, reading: Reading) -> Decimal | None:
    """The term a clause states, in months; of 由24个月延长至36个月 the later; None where it states none.

    For a construction contract the time to build, 工期15个月.
    """
    term = None
    for q in reading.within(reading.quantities, clause.start, clause.end):
        if q.kind != "duration" or q.unit not in MONTHS:
            continue
        before = labelled(clause, reading) + clause.text[: q.span.start - clause.start]
        after = clause.text[q.span.end - clause.start :]
        if _NO_TERM.search(before[-6:]) or re.match(r"前|后|来|多|以", after):
            continue
        if (
            before.endswith("延长") and q.high is None and not re.match(r"[至到]", after)
        ):  # 租期延长12个月: by, not to
            continue
        later = term is not None and re.search(r"(?:至|到|为)$", before)
        bare = _ALONE.search(before) and (_TERM_SUM.match(after) or _ENDS.match(after))
        lone = bare and (q.span.start == clause.start or before.strip()[-1:] in "(,整")
        if later or (term is None and (lone or _TERM_BEFORE.search(before) or _TERM_AFTER.match(after))):
            changed = q.high is not None and _CHANGED.search(before[-8:])  # 延长12个月至48个月
            term = (q.high if changed and q.high else q.low) * MONTHS[q.unit]
    return term or _months_between(clause, reading)


_TERM_NEAR = re.compile(
    r"期限|服务期|租期|租用期|租赁期|有效期|履行期|合作期|期间|合同期|(?<![终中停废禁])止"
)
_FROM_TO = re.compile(r"\s*(?:起|开始)?,?\s*(?:至|到|直[至到]|[-–—~～]+)\s*")
"""Between two dates of a term: 2025年7月1日起至2028年6月30日; 于2023年签署的合同已于2024年终止 has none."""


def _months_between(clause: Clause, reading: Reading) -> Decimal | None:
    """The term as two dates: 合同期限自2025年7月1日至2028年6月30日, 自2026年1月1日起至2028年12月31日止."""
    if not _TERM_NEAR.search(clause.text):
        return None
    inside = [p for p in reading.within(reading.periods, clause.start, clause.end) if p.value]
    joined = (
        (a.value, b.value)
        for a, b in pairwise(inside)
        if _FROM_TO.fullmatch(reading.text[a.span.end : b.span.start])
    )
    for first, last in [*((p.value, "") for p in inside), *joined]:
        begun, _, ended = first.partition("/")
        ended = ended or last
        if len(begun) >= len("2025-07") and len(begun) == len(ended) and "/" not in last:
            months = 12 * (int(ended[:4]) - int(begun[:4])) + int(ended[5:7]) - int(begun[5:7])
            if begun[8:]:  # from the first of a month to the last of one, or from the 5th to the 4th
                months += int(int(ended[8:]) - int(begun[8:]) >= 27)
            else:
                months += 1
            return Decimal(months) if 3 <= months <= 360 else None
    return None


_CHANGED = re.compile(r"延长|缩短|由|从|调整|变更|改")


@cache
def _categories() -> list[tuple[str, re.Pattern[str]]]:
    kinds = words("contract")["category"].items()
    # 推理服务 is rented, 推理服务器 is bought
    return [(name, re.compile(rf"(?:{either(items)})(?!(?<=服务)器)")) for name, items in kinds]


@cache
def _topic() -> re.Pattern[str]:
    return re.compile(either(words("contract")["topic"]))


_GENERAL = re.compile(
    r"(?:产品|业务|货物)?(?:购销|采购|销售|买卖|服务|合作|租赁|租用)?(?:合同|协议|订单|合约)"
)
"""Names that do not say what is bought."""


_RENTED = re.compile(r"租约|长约|承租|起租|退租|转租|租期|算力")
"""Words of leases, for contracts that nothing else tells the object of in a text about compute."""


def category(dossier: Dossier, *, document_topic: bool, around: str = "", title: str = "") -> str | None:
    """What is bought, from the contract's name first, then from what is said of it; None: not told.

    `around` is the paragraph and `title` the headline, asked last, and only where the name says nothing.
    """
    if re.search(either(words("contract")["other_object"]), dossier.name or ""):
        return "other"
    name = "" if re.search(r"补充|变更|三方", dossier.name or "") else dossier.name or ""
    scope = " ".join(dossier.scope)
    compute = bool(_topic().search(name + scope))
    for text in (name, scope):
        if found := _kind_in(text, compute=compute, named=text is name and document_topic):
            return found
    general = not name or _GENERAL.fullmatch(name)
    if (
        general
        and (_topic().search(around) or (document_topic and "设备" in around))
        and (found := _kind_in(around, compute=True, named=False))
    ):
        return found
    if document_topic and general and _RENTED.search(f"{scope} {title}"):
        return "compute_rental"
    if compute or (document_topic and not name):
        return None
    return "other" if scope else None


def _kind_in(text: str, *, compute: bool, named: bool) -> str | None:
    patterns = dict(_categories())
    if compute or named:
        for kind in ("construction", "equipment", "compute_rental"):
            if patterns[kind].search(text):
                return kind
    if patterns["cooperation"].search(text) and (compute or named or "战略" in text or "框架" in text):
        return "cooperation"
    if compute:
        for weak, kind in (("equipment_weak", "equipment"), ("rental_weak", "compute_rental")):
            if patterns[weak].search(text):
                return kind
    return None


_CAUSE = re.compile(r"因|受|由于|鉴于|理由|原因|系|导致|为由|所致|源于")


@cache
def _reasons() -> list[tuple[str, re.Pattern[str]]]:
    """Each reason's cues: words, and after `re:` patterns with what lies between."""
    out = []
    for name, items in words("contract")["reason"].items():
        wild = [item.removeprefix("re:") for item in items if item.startswith("re:")]
        plain = [item for item in items if not item.startswith("re:")]
        out.append((name, re.compile("|".join([*wild, either(plain)]))))
    return out


def reason(texts: Sequence[str]) -> str | None:
    """Why, from the nearest text that says so, its first cue; `mutual` only where nothing more is said."""
    weak = None
    for text in texts:
        cues = [(m.start(), rank, kind) for rank, (kind, p) in enumerate(_reasons()) if (m := p.search(text))]
        kinds = [kind for _, _, kind in sorted(cues)]
        caused = "mutual" in kinds or _CAUSE.search(text)
        strong = [kind for kind in kinds if kind != "mutual" and (kind != "other" or caused)]
        if strong:
            said = [kind for kind in strong if kind != "other"] or strong
            return "counterparty" if {"counterparty", "funding"} <= set(said) else said[0]
        weak = weak or ("mutual" if "mutual" in kinds else None)
    return weak


_ANYBODY = re.compile(r"某(?:客户|供应商|公司|企业|机构|单位)")


def same_party(a: str | None, b: str | None) -> bool | None:
    """Whether two names can be one party; None where either is not told, or is anybody: 某客户."""
    if not a or not b or (a == b and _ANYBODY.fullmatch(a)):
        return None
    short, long = sorted((a, b), key=len)
    return short in long or (long.startswith(short[:2]) and set(short) <= set(long))


def about(cast: Cast, start: int, end: int) -> Sequence[OrganisationMention]:
    """Organisations in a stretch, courts and exchanges left out."""
    return [m for m in cast.within(start, end) if m.organisation.side != "authority"]


def alike(a: str, b: str) -> bool:
    """Whether two names can be one contract's: one holds the other, but for 《》 and 书."""
    short, long = sorted((a, b), key=len)
    return short in long or set(short) <= set(long)


def later(dossier: Dossier, periods: Sequence[Period]) -> bool:
    """Whether a signing bears another date than the one this contract was signed on."""
    if dossier.signed is None or not periods:
        return False
    return not any(p.value.startswith(dossier.signed) or dossier.signed.startswith(p.value) for p in periods)


def close(a: Decimal, b: Decimal) -> bool:
    """Whether two sums can be one, told with more or fewer digits."""
    return abs(a - b) * 100 <= max(abs(a), abs(b))
