"""A contract told as a form: 合同名称:《…》, 甲方:…, 乙方:…, 签订时间:…, 合同总价:…, one field a line.

Announcements of ordinary contracts often hold no sentence that says 签订; the form says it all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nlp.contract_table import ENDED, NOT_ENDED
from nlp.dossier import MONTHS
from nlp.quantity import Quantity
from nlp.reading import Reading
from nlp.span import Span

_MARK = r"(?:[(]?[0-9一二三四五六七八九十]{1,2}[)、.]|[●•·\-])?\s*"
_NOTE = r"(?:\([^()\n]{1,8}\))?"
_FIELD = {
    "name": r"(?:合同|协议|订单)(?:名称|文件名称)",
    "buyer": rf"(?:甲方|买方|采购方|采购人|需方|发包人|发包方|承租方|委托方|买受人){_NOTE}(?:名称)?",
    "seller": rf"(?:乙方|卖方|供应商|供方|供货方|承包人|承包方|出租方|受托方|出卖人){_NOTE}(?:名称)?",
    "other": r"(?:交易|合同|协议)?(?:对方|对手方|相对方)(?:名称|当事人)?|客户名称",
    "signed": r"(?:合同|协议)?(?:签订|签署|签约|订立)(?:时间|日期|日)",
    "amount": rf"(?:合同|协议|采购|交易|订单|费用)?(?:总?金额|总价|总额|价款|总价款|含税总价){_NOTE}",
    "term": r"(?:合同|协议)?(?:履行|服务|租赁)?(?:期限|租期|服务期|合同期)",
    "own": r"(?:合同|协议)?(?:订立方|签约主体|签署主体|我方)",
    "object": r"(?:合同|交易)?标的(?:物)?(?!额|金)",
    "ended": r"(?:合同|协议)?(?:终止|解除)(?:时间|日期|日)",
    "state": r"(?:合同|履行|执行)?(?:进度|进展|履行情况|执行情况|状态)",
    "why": r"(?:终止|解除|暂停|延期|变动)原因",
}
_LINE = re.compile(
    rf"(?:^|(?<=;)){_MARK}(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _FIELD.items())})"
    r"[:](?P<value>[^\n;]+)",
    re.MULTILINE,
)
"""A field fills a line, or stands between semicolons: 对方:客户壹;标的:裸金属算力租赁;签订日期:2024/11/08."""
_GAP = 120
"""Characters of other fields (付款方式, 违约责任) that may lie between two we read."""
_NEEDED = 3
_STOP = re.compile(r"[,;。(]")


@dataclass(frozen=True, slots=True)
class Form:
    """One form; offsets are of the view. None: no such field."""

    span: Span
    fields: dict[str, tuple[str, Span]] = field(hash=False)
    """Field -> its value as the view has it, and where."""

    def day(self, reading: Reading) -> str | None:
        """When it was signed."""
        told = self.fields.get("signed")
        inside = reading.within(reading.periods, *told[1]) if told else ()
        return next((p.value for p in inside if p.value), None)

    def amount(self, reading: Reading) -> Quantity | None:
        """Its value: the first sum of the field; 贰仟叁佰肆拾万元整(¥23,400,000.00) says it twice."""
        told = self.fields.get("amount")
        inside = reading.within(reading.quantities, *told[1]) if told else ()
        return next((q for q in inside if q.kind == "money" and not q.per), None)

    def term(self, reading: Reading) -> Quantity | None:
        """How long it runs, in years or months."""
        told = self.fields.get("term")
        inside = reading.within(reading.quantities, *told[1]) if told else ()
        return next((q for q in inside if q.kind == "duration" and q.unit in MONTHS), None)

    @property
    def name(self) -> str | None:
        """The contract's name, without 《》."""
        told = self.fields.get("name")
        return told[0].strip("《》 ") if told else None

    @property
    def object(self) -> str | None:
        """What is bought: 裸金属算力租赁."""
        return self.fields["object"][0] if "object" in self.fields else None

    def state(self) -> tuple[str, str] | None:
        """What befell it, and the field that says so: 终止日期:2025/05/30, 进度:延期. None: it goes on."""
        if "ended" in self.fields:
            return "terminated", "ended"
        told = self.fields["state"][0] if "state" in self.fields else ""
        action = None if NOT_ENDED.search(told) else next((a for a, p in ENDED if p.search(told)), None)
        return (action, "state") if action else None

    def sides(self) -> Sequence[str]:
        """The names of the parties, the buyer's first."""
        return [
            _STOP.split(self.fields[f][0])[0] for f in ("buyer", "seller", "own", "other") if f in self.fields
        ]


def forms(reading: Reading) -> Iterator[Form]:
    """Every form of the document that names a side and the day of signing; one to be filled in has no day."""
    found: list[re.Match[str]] = []
    for m in [*_LINE.finditer(reading.text), None]:
        kind = m.lastgroup if m else None
        held = {_kind(f) for f in found}
        if found and (m is None or m.start() - found[-1].end() > _GAP or _kind(m) in held):
            sided = held & {"buyer", "seller", "other"}
            if len(held) >= _NEEDED and sided and "signed" in held:
                yield Form(
                    Span(found[0].start(), found[-1].end()),
                    {_kind(f): (f["value"].strip(), Span(*f.span("value"))) for f in found},
                )
            found = []
        if m is not None and kind is not None:
            found.append(m)


def _kind(m: re.Match[str]) -> str:
    return next(name for name in _FIELD if m[name] is not None)
