"""When a deed was done: the date beside it, else the day it was announced; when its contract was signed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from nlp.clause import Clause, clauses
from nlp.deed import Deed, grammar
from nlp.period import Period, find_periods
from nlp.reading import Reading, Sentence

_ANNOUNCED = re.compile(
    r"(?:晚间?|早间|午间|凌晨|盘后|晚上|上午|下午|当日)?(?:在[^,。;]{2,12}?|以[^,。;]{2,14}?方式)?"
    r"(?:晚间?|早间|午间|凌晨|盘后|晚上|当日)?"
    r"(?:要闻|速览|集锦|汇总|精选|简讯|公告一览"
    r"|(?:发布|发出|发)?(?:公告|通告|披露|宣布|公布|称|表示|回应|回复|答复|的公告|透露|收到|接到|召开(?!的)|证实|声明|发布重大|以通讯表决)"
    r"|,[^,。;\d]{2,10}?(?:公告|披露|宣布|公布|发布)"
    r"|,[^,。;\d(]{2,16}\(\d{6}[.A-Z]{0,3}\)[^,。;\d]{0,6}?(?:公告|披露|宣布|公布|发布)"
    r"|发了?[一两三四\d]?[份则条]?(?:公告|通知)|这?天,?[^,。;]{0,16}(?:发|出)[了布出]?公告)"
)
_DIGEST = re.compile(r"(?:晚间?|早间|午间|盘后)?(?:要闻|速览|集锦|汇总|精选|简讯|公告一览|公告|早报|晚报)")
"""1月16日晚间要闻: the day of all that a digest tells."""
_MANY = re.compile(
    r"(?:晚间?|早间|午间|盘后|盘前)?,?(?:多家|数家|一批|\d+家)[^,。;\d]{0,8}(?:公告|披露|宣布|公布|发布)"
)
"""3月26日盘后,多家公司披露: the same."""
_TODAY = re.compile(
    r"(?:晚间|早间|盘后|今日|当日)?公告(?:速递|速览|摘要|精选|汇总|集锦|一览)|一天(?:之?内)?(?:连发|发布?了?)[一二两三四五六七八九\d]"
)
"""晚间公告速递: a digest without a day tells of the day it is published on."""
_HEAD = 60
_DUE = re.compile(
    r"(?:(?<![理缘事])由|从|原定|原订|约定|最迟|预计|推迟到|推迟至|延至|延期至|延到|顺延至|截至|至|[^,;:。\s撑直拖等熬]到)$"
)
_SIGNED_ON = re.compile(r"(?:签于|签订于|签署于|(?:落款|签[订署约]|订立)(?:时间|日期|日)[为是:]?)$")
_THE_SIGNED = re.compile(
    r"(?:的(?=[^,。;]{0,24}(?:合同|协议|合约|契约|订单|租约|大单|单子|《))|那份|这份|那笔|所[签订立](?!于))|(?:与|同|和|跟)[^,。;]{1,30}?的[^,。;]{0,12}?(?:合同|协议|合约|契约|订单)"
    r"|[^,。;\d]{0,24}?(?:签|订立|达成|下达|接下|订购|采购|购买|公布|发布|出台|颁布|披露|宣布)[订署立下定]?的"
)
"""A date with one of these behind it is that of the signing: 去年5月与…的合同, 2023年7月签订的."""


class Days:
    """The dates of one document's deeds; the announcements are gathered as the reading goes on."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._announced: dict[str | None, str] = {}
        self._headline = self._titled()

    def _titled(self) -> str | None:
        """晚间公告集锦(12月18日): the day a news title bears is that of all announcements in it."""
        found = find_periods(self.reading.title, anchor=self.reading.anchor)
        days = {p.value for p in found if len(p.value) == len("2024-12-18")}
        return days.pop() if len(days) == 1 and self.reading.document.kind != "filing" else None

    def periods(self, clause: Clause) -> Sequence[Period]:
        """The dated periods of a clause; a fiscal year, 2024年度, dates nothing."""
        inside = self.reading.within(self.reading.periods, clause.start, clause.end)
        return [p for p in inside if p.value and not self.reading.text.startswith("度", p.span.end)]

    def note(self, clause: Clause, company: str | None) -> None:
        """Keep the day a company announced, for deeds that carry no day of their own."""
        for p in self.periods(clause):
            if _MANY.match(self.reading.text, p.span.end) and len(p.value) >= len("2024-12-18"):
                self._headline = self._headline or p.value
            if _ANNOUNCED.match(self.reading.text, p.span.end) and len(p.value) >= len("2024-12"):
                self._announced.setdefault(company, p.value)
                if company is None and _DIGEST.match(self.reading.text, p.span.end):
                    self._headline = self._headline or p.value

    def is_announcement(self, day: str | None) -> bool:
        """Whether something was announced on that day."""
        return day in self._announced.values()

    def announced(self, company: str | None) -> str | None:
        """The day the company announced, else the day a filing is dated or a title bears."""
        if company in self._announced:
            return self._announced[company]
        document = self.reading.document
        dateless = self.reading.is_story and not any(p.value for p in self.reading.periods)
        if document.published and (document.kind == "filing" or dateless):
            return document.published.isoformat()
        if self._headline is None and document.published and document.kind != "filing":
            head = f"{self.reading.title}\n{self.reading.text[:_HEAD]}"
            return document.published.isoformat() if _TODAY.search(head) else None
        return self._headline

    def signing(self, clause: Clause, sentence: Sentence) -> str | None:
        """于2023年7月签订的…, 签于今年1月, 协议本年1月签订: the day a clause says the contract was signed."""
        verb = grammar().verbs["signed"]
        for p in self.periods(clause):
            after = self.reading.text[p.span.end : clause.end]
            before = self.reading.text[max(sentence.start, clause.start - 8) : p.span.start]
            if not after.strip(" ,"):  # 2024年6月,公司与客户签订的《…》
                after = self.reading.text[p.span.end : sentence.end]
            if _ANNOUNCED.match(after) or _DUE.search(before.rstrip("于在")):
                continue
            if self._attribute(p, clause.end) or _SIGNED_ON.search(before):
                return p.value
            m = verb.search(after[:40])
            if m is None or grammar().bid.fullmatch(m.group()):
                continue
            if re.search(r"\d{1,2}[月日]|撤销|取消", after[: m.start()]):
                continue
            if not (
                re.search(r"终止|解除|补充|起|公告", after[: m.end() + 6]) or self._instrument(clause, p)
            ):
                return p.value
        return None

    def _instrument(self, clause: Clause, p: Period) -> bool:
        """Whether what is signed behind a date ends or changes another contract: 《…部分终止协议》."""
        title = next((t for t in clause.titles if t.start >= p.span.end), None)
        g, text = grammar(), title.of(self.reading.text) if title else ""
        return bool(g.end_title.search(text) or g.change_title.search(text))

    def beside(self, deed: Deed, clause: Clause, sentence: Sentence) -> str | None:
        """The date beside a deed: in its clause, else in an earlier one of its sentence."""
        inside = [p for p in self.periods(clause) if self._own(p, clause, deed) and self._past(p, deed)]
        if inside:
            return min(inside, key=lambda p: abs(p.span.start - deed.start)).value
        text = self.reading.text
        earlier = [
            p
            for p in self.reading.within(self.reading.periods, sentence.start, clause.start)
            if p.value
            and self._past(p, deed)
            and not self._attribute(p, sentence.end)
            and not _DUE.search(text[max(sentence.start, p.span.start - 4) : p.span.start])
        ]
        if earlier:
            return earlier[-1].value
        until = re.match(r"截至(?=\d)", text[sentence.start :])  # 截至9月19日,…已被解除
        return next((p.value for c in clauses(sentence) for p in self.periods(c)), None) if until else None

    def _past(self, p: Period, deed: Deed) -> bool:
        """Whether a date can be a fact's: 自12月1日起停止, told in November, only takes effect on it."""
        anchor = self.reading.anchor
        if anchor is None or deed.status != "effective":
            return True
        return p.value[:10] <= (anchor + timedelta(days=1)).isoformat()

    def _own(self, p: Period, clause: Clause, deed: Deed) -> bool:
        text = self.reading.text
        if deed.action != "signed" and self._attribute(p, clause.end):
            return False
        if deed.action != "signed" and text.startswith("起", p.span.end):  # 从9月20日起已中断
            return True
        return not _DUE.search(text[max(clause.start, p.span.start - 4) : p.span.start].removesuffix("于"))

    def _attribute(self, p: Period, end: int) -> bool:
        """Whether a date belongs to 签订的 behind it."""
        return bool(_THE_SIGNED.match(self.reading.text, p.span.end, min(end, p.span.end + 30)))
