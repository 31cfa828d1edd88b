"""What is done to a contract in a clause: the action, and whether it is done, decided, denied or rumoured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from nlp.clause import Clause
from nlp.lexicon import words
from nlp.modality import Modality

ACTIONS = ("disputed", "amended", "terminated", "suspended", "delayed", "signed")
"""In the order in which a clause that could be read as several is read."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One action on a contract; offsets are of the view."""

    action: str
    status: str
    start: int
    end: int
    rule: str
    """The word or title that told it, after the kind of rule."""


@dataclass(frozen=True, slots=True)
class _Grammar:
    verbs: dict[str, re.Pattern[str]]
    noun: re.Pattern[str]
    excluded: re.Pattern[str]
    hypothetical: re.Pattern[str]
    condition: re.Pattern[str]
    rumoured: re.Pattern[str]
    proposed: re.Pattern[str]
    denied: re.Pattern[str]
    end_title: re.Pattern[str]
    change_title: re.Pattern[str]
    bid: re.Pattern[str]
    self_sufficient: frozenset[str]


def either(items: Iterable[str]) -> str:
    """A regex alternative of literal words, longest first."""
    return "|".join(re.escape(item) for item in sorted(items, key=len, reverse=True))


@cache
def grammar() -> _Grammar:
    """The verbs of contracts, compiled once from lexicon/contract.yml."""
    w = words("contract")
    verbs = {
        action: re.compile("|".join([*w.get(f"{action}_pattern", ()), either(w[action])]))
        for action in ACTIONS
    }
    return _Grammar(
        verbs=verbs,
        noun=re.compile(either(w["noun"])),
        excluded=re.compile(either(w["excluded"])),
        hypothetical=re.compile(either(w["hypothetical"])),
        condition=re.compile(
            r"(?:^|[,。;:\s])(?:若(?!干)|如果|假设|假如|倘若|一旦|万一|如遇|假定|假若|就算|即便|即使|哪怕|纵使|如(?=[^此下今期何上]))"
        ),
        rumoured=re.compile(either(w["rumoured"])),
        proposed=re.compile(either(w["proposed"])),
        denied=re.compile(rf"(?:{either(w['denied'])})$"),
        end_title=re.compile(either(w["instrument_end"])),
        change_title=re.compile(either(w["instrument_change"])),
        bid=re.compile(either(w["bid"])),
        self_sufficient=frozenset(w["terminated_self"]),
    )


PASSING = "attribute:签署的"
"""Rule of a signing told in passing."""
_ATTRIBUTE = re.compile(r"(?:过|了|完毕)?[的之](?!$|[。;,!\n])|、[^,。;]{2,16}的(?:项目|工程)")
"""签订的《…》 is background; 是去年11月订立的。 tells it."""
_CANCEL_WHAT = re.compile(r"取消|撤销|拆开|断绝|失效|黄了|告终|暂缓|中止|暂停")
"""Verbs of many objects: they need a contract in their own clause."""
_PAPER = re.compile(r"(?:补充|变更|修订)(?:协议|合同|约定)")
_SIGNS = re.compile(r"签|订立|达成|缔结|订定|就")
"""补充协议 tells a change where it is signed; 本补充协议为框架性约定 does not."""
_REFUTED = re.compile(r"与(?:事实|实际|实情)(?:严重)?不符|并非事实|不属实|消息不实|子虚乌有|谣言|失实")
_SAID = re.compile(
    r"有(?:部分|个别|些)?(?:媒体|自媒体|网友|股吧|报道|声音|消息)[^,。;]{0,8}(?:报道|称|传|说|指)"
)
"""近日有媒体报道称…: what is set right behind it; 据媒体报道 tells news."""
_THREAT = re.compile(
    r"(?:视情况|必要时|保留|考虑|不排除|择机|酌情|有权|将依法|将通过|或将|将采取)[^,。;]{0,14}$"
)
"""并将视情况采取诉讼等措施: no suit yet."""
_USUAL = re.compile(r"(?:反复|频繁|屡次|屡屡|一再|动辄|随意|轻易|经常)[^,。;]{0,6}$")
"""短期内反复签约解约: a habit, of no one contract."""
_HEARSAY = re.compile(r"(?:媒体|外界|市场|网络|自媒体|股吧)[^,。;]{0,6}(?:报道|传|消息|有声音)")
_UNTRUE = re.compile(r"未签|未曾签|没有签|不存在|不属实|不实|并无|无相关")
"""关注到有媒体报道称公司斩获…订单,经核实,公司未签署."""
_REJECTED = re.compile(r".{2,12}(?:不予认可|不予承认|不认可|不同意|不接受|持有?异议|不成立)")
"""对其解约主张不予认可: what one side claims, the other denies."""
_SIGN_NOT = re.compile(r"签(?:字|章|名|证|收|发|到|呈|批|派|售|注)")


_EXTENDED = re.compile(r"(?:服务期|租期|租赁期|有效期|合作期|合同期|期限)[^,。;]{0,4}$")
"""服务期顺延一年至2028年: a term is longer, nothing is late."""
_GRANTED = re.compile(r"(?:合同|协议|合约|租约|契约)(?:已|均|也|将)?(?:获|获得|得以|获准|成功)$")
"""合约已获延期: it is prolonged, nothing is late."""
_CASES = re.compile(r"的(?:情形|情况|风险|可能性?|状况)[,。;!\s]*$")
"""仍可能因…,出现延期交付、终止的情形: what may happen, the 可能 a comma before."""
_REFUSED = re.compile(
    r".{0,2}一案(?:未获|未予|未能|没有)?(?:通过|遭|被否)|.{0,30}(?:未获(?:董事会|股东大?会)?通过|被否决|遭否决)"
)
"""原列入议程的“解除…合约”一案未获通过."""
_FORESEEN = re.compile(r"(?:[会将]有|不排除|预计|预期|料|势必|恐|难免)[^,。;]{0,14}$")
"""明年仍会有一批合同被终止: a forecast."""
_PRICED = re.compile(r"单价|租金|价格|价钱|租价|总价|金额|总额|服务费|月费")
_MARKET = re.compile(r"市场|行情|同比|环比|均价|普遍|现货|业内|行业|全国|报价|成交价|股价|涨价潮|降价潮|每股")
_UNWILLING = re.compile(r"(?:不想|不愿意?|不打算|没打算|没想|无意|不考虑|不希望)[^,。;]{0,6}$")


_RULE = re.compile(r"(?:任何一方|一方|甲方|乙方|守约方|违约方|承租人|出租人|用户|当事人).*(?:的,?$|可)")
"""任何一方无故单方解除合同的, …: a rule of the contract, not something that happened."""
_CHANGE_WHAT = re.compile(r"缩减|减少至|调[增减]至|展期|续约|续签")


def deeds(
    clause: Clause, *, sentence: str, referred: bool, sides: bool, modality: Modality
) -> Iterator[Deed]:
    """The deeds of one clause, at most one an action.

    `referred`: a contract is already under discussion, so 双方于是终止合作 needs no noun of its own.
    `modality`: the one-character cues of its sentence.
    `sides`: the sentence names both sides, so 把…诉至法院 needs none either.
    """
    g = grammar()
    if (
        g.excluded.search(clause.text)
        or re.search(r"重组|收购|股权激励|募集资金", sentence)
        or _RULE.search(clause.bare)
    ):
        return
    taken: set[str] = set()
    for deed in (
        *_instruments(clause, _titles(clause), modality),
        *_verbs(clause, modality, sentence=sentence, referred=referred, sides=sides),
    ):
        if deed.action in taken or (deed.action == "signed" and taken):
            continue
        taken.add(deed.action)
        yield deed


def attribute_signing(clause: Clause) -> Deed | None:
    """与…签署的《…》: a signing told in passing; it counts where nothing else befell the contract."""
    for m in grammar().verbs["signed"].finditer(clause.bare):
        if _ATTRIBUTE.match(clause.bare[m.end() :]) and not grammar().bid.fullmatch(m.group()):
            if _denied(clause.bare[: m.start()]) or grammar().excluded.search(clause.text):
                return None
            return Deed("signed", "effective", clause.start + m.start(), clause.start + m.end(), PASSING)
    return None


def _titles(clause: Clause) -> list[tuple[int, int, str]]:
    return [(s, e, clause.text[s - clause.start : e - clause.start]) for s, e in clause.titles]


def _instruments(clause: Clause, titles: list[tuple[int, int, str]], modality: Modality) -> Iterator[Deed]:
    """签署《终止协议》, 发出《合同解除通知书》, 审议通过《关于终止…的议案》, 签署《补充协议》."""
    g = grammar()
    for start, end, title in titles:
        motion = "议案" in title
        if _SUED.search(title) and not motion and re.search(r"收到|接到|获|送达|寄来|递交|提交", clause.bare):
            yield Deed("disputed", "effective", start, end, "title:" + title[:12])
            continue
        if re.search(r"部分(?:终止|解除|取消)", title) and not motion:  # the rest goes on
            yield Deed("amended", "effective", start, end, "title:" + title[:12])
        elif g.end_title.search(title) and (motion or re.search(r"协议|通知|函|书$|告知", title)):
            if re.search(r"之|关于", title) and not re.search(r"终止|解除|取消|撤销", title):
                continue
            status = "proposed" if motion else _status(clause, start, clause.text, "terminated", modality)
            if status:
                yield Deed("terminated", status, start, end, "title:" + title[:12])
        elif _changes(title) and re.search(r"协议|合同|确认单|确认书|备忘录", title):
            status = "proposed" if motion else _status(clause, start, clause.text, "amended", modality)
            if status:
                yield Deed("amended", status, start, end, "title:" + title[:12])


_SUED = re.compile(
    r"仲裁(?:申请|受理|答辩)?(?:通知|申请书)|应诉通知|起诉状|起诉书|传票|受理案件通知|案件受理"
)
"""Papers of a court or an arbitrator: 收到…仲裁委员会送达的《仲裁通知》."""


def _changes(title: str) -> bool:
    """Whether a title is of a paper that changes another; 《设备转让合同》 sells."""
    m = grammar().change_title.search(title)
    return m is not None and not (m.group() == "转让" and re.search(r"设备|资产|服务器|显卡|GPU|算力", title))


_ENDS_ON = re.compile(r"(?:取消|撤销|失效|告终|暂缓|中止|暂停|终止|解除)[,。;\s]*$")
_GOES_ON = re.compile(r"(?:也|均|都|全部|已|被|遭|于|在|随即|随后|就此|旋即|现|目前|最终|后)")


def _continues(clause: Clause, sentence: str) -> bool:
    """企业与设备商之间的采购合同,已于去年11月取消: the contract is the subject, a comma before it."""
    at = sentence.find(clause.text)
    subject = grammar().noun.search(sentence, max(0, at - 8), at) if at > 0 else None
    ends = subject is not None and sentence[subject.end() : at].strip('》”"') in {"", ","}
    if ends and _GOES_ON.match(clause.bare):
        return True
    titled = re.search(r"《[^》]{2,40}(?:合同|协议|合约|订单)[^》]{0,6}》", sentence[: max(at, 0)])
    return titled is not None and bool(_ENDS_ON.search(clause.bare))  # D.《…合同》,1,380万元,因…起中止,


def _verbs(
    clause: Clause, modality: Modality, *, sentence: str, referred: bool, sides: bool
) -> Iterator[Deed]:
    g = grammar()
    has_noun = bool(g.noun.search(clause.bare) or clause.titles) or _continues(clause, sentence)
    for action in ACTIONS:
        for m in g.verbs[action].finditer(clause.bare):
            known = referred or (sides and action == "disputed")
            if not _tells(action, m, clause, has_noun=has_noun, referred=known, sentence=sentence):
                continue
            status = _status(clause, clause.start + m.start(), sentence, action, modality)
            if status is None:
                continue
            planned = {"signed": "拟计同董", "amended": "就对"}.get(action, "")
            if (action == "signed" and g.bid.fullmatch(m.group())) or m.group()[0] in planned:
                status = "proposed"
            told = "amended" if action == "terminated" and _partial(clause, m) else action
            yield Deed(
                told, status, clause.start + m.start(), clause.start + m.end(), f"verb:{m.group()[:12]}"
            )
            break


_COUNTED = re.compile(
    r"了?(?:下列|以下|如下)|(?:率|进度|面积|均价|客户(?:数|已|达|约|共|超|逾|总|[两三四五六七八九十几多\d]))|[了过]?[^,。;\d]{0,6}?[两三四五六七八九十几多\d]{1,3}[份项笔单](?![^,。;]{0,6}《)|、[^,。;]{1,8}情况"
)
"""签订合同11份, 签订、终止情况如下: how many, of no one in particular."""
_GOING_RATE = re.compile(r"(?:均价|价格?(?:已|仅|在|不|从|普遍|中位|区间|跌|涨|走)|量|单价|周期)")
"""二手成交价已不足30万元, 中标均价: a market's."""
_LONG = 6
"""Characters of the longest plain verb of signing; what is longer came from a pattern."""


def _partial(clause: Clause, m: re.Match[str]) -> bool:
    """终止该协议中的二期投资, 原合同中的储能部分不再实施: a part ends, the rest goes on."""
    after, before = clause.bare[m.end() : m.end() + 16], clause.bare[max(0, m.start() - 30) : m.start()]
    return bool(
        re.match(r"[^,。]{0,10}(?:中的|部分)", after)
        or re.search(
            r"(?:部分|[一二三四五]期)(?:项目|工程|投资)?(?:\([^()]{2,20}\))?(?:将|已)?(?:[自从于][^,。;]{2,12}起?)?$",
            before,
        )
    )


def _tells(
    action: str, m: re.Match[str], clause: Clause, *, has_noun: bool, referred: bool, sentence: str
) -> bool:
    """Whether a verb at this place speaks of a contract and predicates something."""
    g = grammar()
    after = clause.bare[m.end() :]
    noun_anywhere = has_noun or bool(g.noun.search(sentence))
    if action == "signed":
        if _SIGN_NOT.match(clause.bare, m.start()) or _ATTRIBUTE.match(after):
            return False
        nominal = clause.bare[: m.start()].endswith(("的", "从公告", "自"))
        done = "完成" in clause.bare[: m.start()]  # 完成《…》的签署
        if nominal and not done and not g.bid.fullmatch(m.group()):  # 上述合同的签署预计…, 从公告签约到…
            return False
        if _COUNTED.match(after) or (g.bid.fullmatch(m.group()) and _GOING_RATE.match(after)):
            return False
        if len(m.group()) > _LONG:  # a pattern that holds its own object: 签了三年的GPU租赁
            return "约定" not in m.group() or bool(re.search(r"\d(?:台|张|块|套|颗|P|匹)|租|算力", after))
        if m.group().startswith(("所签", "才签", "刚签", "新签")):  # 该约总额3亿元,为去年10月所签。
            return referred
        if m.group() == "签" and re.match(r"的(?:$|[,。;!\n])", after):  # 合同去年12月签的
            return referred or noun_anywhere
        if re.match(
            r"后|前|之[日前后]|时|以来|至今|流程|过程|情况|及|等事宜|为准|合同价|合同总|金额|预计|方(?!式)|仪式|日期|地点|版本|文本|稿",
            after,
        ):
            return False
        if m.group() in g.self_sufficient or g.bid.fullmatch(m.group()) or m.group() in {"签约", "签妥"}:
            return True
        if m.group()[0] == "向":  # 向某供货商采购80台服务器
            return True
        if "合作" in m.group() or m.group()[0] in "拟计":
            return noun_anywhere or bool(re.search(r"算力|GPU|服务器|集群|租", sentence))
        if m.group() in {"订购", "下订"} and re.search(r"\d(?:台|张|块|颗|套)", clause.bare):
            return True
        return has_noun or (m.group() in {"签于", "签订", "签署", "签下", "订立"} and referred)
    if action == "terminated":
        if not has_noun and re.search(
            r"(?:\d|[一二两三几多])个(?:项目|工程)[^,。;]{0,4}$", clause.bare[: m.start()]
        ):
            return False
        if m.group() in g.self_sufficient:
            return True
        if _ATTRIBUTE.match(after) and not has_noun:
            return False
        if re.match(
            r"(?:的)?(?:具体|主要|相关|上述)?(?:情况|原因|背景|理由|风险|情形|条款|事由|前|之前|后|不会|有利于|有助于|符合|对公司|将对|事项|双方的(?!《)|(?:不)?影响)",
            after,
        ):
            return False
        if _CANCEL_WHAT.fullmatch(m.group()):
            return has_noun or bool(re.search(r"(?:采购|订购|购买)的\d", after))
        if re.match(r"了?(?:$|[。;,!\n”])", after) and noun_anywhere:
            return True
        return has_noun or (referred and (noun_anywhere or "合作" in clause.bare or len(clause.bare) < 24))
    if action == "disputed" and re.search(r"撤回[^,]{0,4}$|公$|互不$|不再$", clause.bare[: m.start()]):
        return False
    if action == "amended" and _PAPER.fullmatch(m.group()) and not _SIGNS.search(clause.bare):
        return False
    if action == "disputed" and m.group() == "起诉" and after.startswith("讼"):  # 披露了这起诉讼
        return False
    if action == "delayed" and re.match(r"部分|的", after):
        return False
    if action == "delayed" and _GRANTED.search(clause.bare[: m.start()]):
        return False
    if action == "delayed" and _EXTENDED.search(clause.bare[: m.start()]):
        return False
    if action == "amended" and _CHANGE_WHAT.fullmatch(m.group()):
        return has_noun and not clause.bare[: m.start()].endswith("不再")
    if action == "amended" and _PRICED.match(m.group()):  # 租金降到9元 is a market's, too
        between = noun_anywhere or re.search(r"双方|对方|客户|承租方|协商", sentence)
        return bool(between) and not _MARKET.search(clause.bare)
    if action == "suspended" and _CANCEL_WHAT.fullmatch(m.group()):
        return has_noun
    if action == "suspended" and re.match(r"提供|供应|供给|交付", m.group()):  # 向客户X提供的算力服务中止
        return bool(re.search(r"客户|用户|租户|承租方|对方|甲方", clause.bare))
    if action == "delayed":
        return (
            noun_anywhere
            or referred
            or bool(re.search(r"订购|采购|下单|订货|算力服务|(?:向|应[于在])[^,。;]{2,20}交付", sentence))
        )
    return noun_anywhere or referred


def _status(clause: Clause, at: int, sentence: str, action: str, modality: Modality) -> str | None:
    """effective, proposed, denied, rumoured; None where nothing happened at all."""
    g = grammar()
    left = clause.bare[: max(0, at - clause.start)]
    if action == "signed" and re.search(
        r"[未待没不]$|(?:无|没有|未有|并无)新$|不再$|未再$|未能$|另行$|届时$|重新$|重$", left
    ):
        return "proposed" if left.endswith("待") else None
    upto = sentence.find(clause.text) + len(clause.text)
    if g.condition.search(sentence[: max(upto, 0)]) or sentence.rstrip('”" \n').endswith("?"):
        return None
    if action in {"terminated", "signed", "suspended", "amended"} and _FORESEEN.search(left):
        return None
    if action == "disputed" and (_UNWILLING.search(left) or _THREAT.search(left)):
        return None
    if _CASES.search(clause.bare) and re.search(r"可能|存在|面临", sentence[: max(upto, 0)]):
        return "denied" if _denied(left) and action == "terminated" else None
    if _USUAL.search(left):
        return None
    if _SAID.search(sentence[: max(upto, 0)]):
        return "rumoured"
    if action == "signed" and _HEARSAY.search(left):
        return None if _UNTRUE.search(sentence) else "rumoured"
    if re.search(r"风险(?:提示|因素)[^,。;]{0,4}:", sentence[: max(upto, 0)]):  # 风险提示:合同终止、交付延期
        return None
    if _REFUTED.search(clause.bare):
        return "rumoured"
    if _denied(left):
        return None if action in {"signed", "amended", "delayed"} else "denied"
    if (
        g.rumoured.search(left)
        or modality.has("rumoured", clause.start, at)
        or re.search(r"知情人士|市场传|市传|网传|流传|传闻|传言", sentence)
    ):
        return "rumoured"
    if re.search(r"授权[^,]{2,16}$|驳回[^,]{2,16}$|否则[^,]{0,4}$", left):
        return None
    asked = clause.bare.replace("是否", "") if action == "disputed" else clause.bare  # 就是否解除存在争议
    if g.hypothetical.search(asked) or modality.has("hypothetical", clause.start, at):
        return None
    after = clause.bare[at - clause.start :]
    if action == "terminated" and _REFUSED.match(after):
        return "denied"
    if action == "terminated" and _REJECTED.match(after):
        return None
    if action == "terminated" and re.search(
        r"^.{2,4}(?:事宜|事项|一事).{0,8}(?:协商|洽谈|商谈|沟通|磋商)", after
    ):
        return "proposed"
    if action in {"terminated", "signed", "amended", "suspended"} and _proposed(
        left, clause, action, modality
    ):
        return "proposed"
    if action == "terminated" and left.endswith("同意") and re.search(r"董事会|议案", sentence):
        return "proposed"
    return "effective"


def _denied(left: str) -> bool:
    """不存在终止, 未有解除, 没有一份解除, 并无任何订单遭取消."""
    left = re.sub(r"(?<=\d),(?=\d{3})", "", left)
    tail = left[-8:]
    if re.search(
        r"(?:未|无|并非|而非|并不是)$|(?:尚未|从未|并未|未曾|未有|未被|暂未|暂无)[^,]{0,4}$"
        r"|(?:未|没有)(?:提出|要求|主张|申请|提及|提到|涉及|说明|表示|谈及|谈到)$",
        tail,
    ):
        return True
    if re.search(r"(?:未|没有|从未|不曾)(?:曾)?(?:与|向|同|和)[^,。;]{1,24}$", left):
        return True
    if re.search(r"不同意[^,]{0,4}$|拒绝[^,]{0,4}$|无意[^,]{0,4}$|没有计划[^,]{0,4}$", tail):
        return True
    if _UNWILLING.search(left) or re.search(r"(?:不存在|未发生|并无|无任何)[^,。;]{0,30}$", left):
        return True
    if re.search(r"未[就对][^,。;]{0,30}$", left):  # 双方未就终止或提前解除协议进行过磋商
        return True
    if re.search(r"(?:未收到|没有收到|未接到|未曾收到)[^,]{0,24}$", left):
        return True
    return bool(
        re.search(
            r"(?:不存在|没有|并无|绝无|无任何|不涉及|未发生|未出现|未见|不构成|不属于)[^,]{0,7}$", left[-12:]
        )
    )


def _proposed(left: str, clause: Clause, action: str, modality: Modality) -> bool:
    if modality.has("proposed", clause.start, clause.start + len(left)):
        return True
    if re.search(r"[与和同跟][^,。;]{1,14}(?:协商|洽谈|商谈|沟通|磋商)$", left):  # 正与对方协商解除
        return True
    asked = {"提出", "要求", "请求", "申请", "主张"}
    if any(action != "signed" or m.group() not in asked for m in grammar().proposed.finditer(left)):
        return True
    awaits = re.search(r"提交股东大会|提请股东大会|尚需|待股东大会", clause.bare)
    return action == "terminated" and bool(awaits)
