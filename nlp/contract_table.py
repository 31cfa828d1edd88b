"""A filing's table of contracts (合同名称 | 合同对方 | 合同金额 | 履行情况): one row, one contract.

Read from the text of record, whose spaces and bars separate the cells; the normalised view has none left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from nlp.normalise import normalise
from nlp.span import Span

_COLUMNS = {
    "party": re.compile(r"(?:签约|签署|合同)主体|我方|(?:订立|签订|签约)公司方"),
    "counterparty": re.compile(
        r"对方|相对方|交易对手|客户(?:名称)?$|供应商(?:名称)?$|签约方|对手方|采购方|买方|[甲乙供需买卖]方$|(?:承租|出租|采购|销售|供货)方$"
    ),
    "signed": re.compile(r"签[订署约](?:日期|时间|日)|签约日|订立(?:日期|时间)|^日期$|^时间$"),
    "amount": re.compile(r"金额|总价|合同额|总额|价款|合同价|交易价格"),
    "term": re.compile(r"期限|租期|服务期|合同期"),
    "name": re.compile(
        r"(?:合同|协议|订单)(?:名称|标的|类型|内容)?$|^(?:合同|协议)名称|项目名称|^(?:标的|内容|服务内容|合同内容)$"
    ),
    "state": re.compile(r"情况|状态|进展|备注|正常履行|说明"),
}
"""What a column holds by its head; the first that fits, and the first such column of a table."""
_UNIT = re.compile(r"(?:单位|金额单位)\s*[:：]?\s*(?:人民币)?\s*(亿元|百万元|万元|千元|元|万美元|美元)")
_UNIT_IN_HEAD = re.compile(r"[(（](亿元|百万元|万元|千元|元|万美元|美元)[)）]")
_PRICED = ("金额", "总价", "总额", "合同额", "价款", "交易价格", "金額", "總價", "總額")
"""One of them stands in the head of every table of contracts."""
_CONTRACT = re.compile(
    r"合同|协议|订单|签约|客户|[供需买卖甲乙]方|对手方|对方|供应商|契約|合約|訂單|協議|客戶|對手方|供應商"
)
_FACTOR = {"亿元": 8, "百万元": 6, "万元": 4, "千元": 3, "元": 0, "万美元": 4, "美元": 0}
_BAR = re.compile(r"\s*[|｜│┃]\s*")
_BLANK = re.compile(r"[ \t\u3000]+")
ENDED = (
    ("terminated", re.compile(r"终止|解除|取消|作废|不再履行|解约|撤销")),
    ("suspended", re.compile(r"暂停|中止|暂缓")),
    (
        "delayed",
        re.compile(
            r"延期|推迟|逾期|延迟|滞后|(?:尚未|仍未|未按期|未能)(?:交付|到货|交货)|(?:尚余|尚有|还剩)[^,。;]{1,12}未交|已过[^,。;]{0,4}交期"
        ),
    ),
    ("disputed", re.compile(r"诉讼|仲裁")),
)
NOT_ENDED = re.compile(r"未(?:终止|解除)|是否|协商|拟")
LEAD = 160
"""Characters above a table that tell what its contracts are about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contract of a table; `span` is its line in the text of record. None: no such cell."""

    span: Span
    name: str | None
    counterparty: str | None
    signed: str | None
    amount: Decimal | None
    currency: str
    party: str | None
    term_months: Decimal | None
    action: str | None
    """What the state says was done to it; None: it goes on."""
    state: str
    """The last columns, normalised: why and when."""
    lead: str
    """What stands above the table: 算力租赁业务主要客户及合同情况如下."""


def rows(text: str) -> Iterator[Row]:
    """The rows of every table of contracts in a text of record."""
    if not any(word in text for word in _PRICED):
        return
    header: list[str | None] | None = None
    unit, at, lead = "元", 0, ""
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        if m := _UNIT.search(line):
            unit = m[1]
        headlike = len(line) <= 160 and any(word in line for word in _PRICED) and _CONTRACT.search(line)
        if header is None and not headlike:
            continue
        cells = [normalise(c).view.text for c in _cells(line) if c]
        if found := _header(cells):
            header, lead = found, normalise(text[max(0, start - LEAD) : start]).view.text
            if m := _UNIT_IN_HEAD.search(line):
                unit = m[1]
        elif header and len(cells) >= len(header) - 1:
            if row := _row(cells, header, unit, Span(start, at), line, lead):
                yield row
        elif header and len(cells) <= 1:
            header = None


def _cells(line: str) -> list[str]:
    """A line's cells: between bars, where it has them; RTX 4090八卡服务器 is one. Else between blanks."""
    bare = line.strip()
    return (_BAR if len(_BAR.findall(bare)) > 1 else _BLANK).split(bare)


def _header(cells: list[str]) -> list[str | None] | None:
    """The field of each column, if the line is the head of a table of contracts."""
    if not 3 <= len(cells) <= 12 or max(map(len, cells)) > 14:
        return None
    fields: list[str | None] = []
    for cell in cells:
        field = next((f for f, p in _COLUMNS.items() if p.search(cell)), None)
        fields.append(field if field == "state" or field not in fields else None)
    named = {f for f in fields if f}
    whom = "name" in named or {"counterparty", "signed"} <= named
    return fields if "amount" in named and whom and len(named) >= 3 else None


def _row(
    cells: list[str], header: list[str | None], unit: str, line_span: Span, line: str, lead: str
) -> Row | None:
    if len(cells) == len(header) - 1 and header[0] is None:  # 序号 stands in the head only
        header = header[1:]
    by = {f: c for f, c in zip(header, cells, strict=False) if f}
    state = " ".join(cells[header.index("state") :]) if "state" in header else ""
    amount = _amount(by.get("amount", ""), unit)
    told = (by.get("name"), by.get("counterparty"), _day(by.get("signed", "")))
    if not any(told[:2]) or (amount is None and not all(told)):
        return None
    action = None if NOT_ENDED.search(state) else next((a for a, p in ENDED if p.search(state)), None)
    bare = line.strip(" \t\r\n\u3000")
    left = line_span.start + line.index(bare)
    return Row(
        Span(left, left + len(bare)),
        (by.get("name") or "").strip("《》") or None,
        by.get("counterparty"),
        told[2],
        amount,
        "USD" if "美元" in unit else "CNY",
        by.get("party"),
        _months(by.get("term", "")),
        action,
        state,
        lead,
    )


def _months(cell: str) -> Decimal | None:
    m = re.match(r"(\d+)\s*个月", cell) or re.match(r"(\d+)\s*年", cell)
    return Decimal(m[1]) * (12 if "年" in m.group() else 1) if m else None


def _amount(cell: str, unit: str) -> Decimal | None:
    m = re.match(r"[¥约]?([\d,]+(?:\.\d+)?)(亿元|万元|元)?(?:\((?:不?含税)\))?$", cell)
    if not m:
        return None
    try:
        return Decimal(m[1].replace(",", "")).scaleb(_FACTOR[m[2] or unit]).normalize()
    except InvalidOperation:
        return None


def _day(cell: str) -> str | None:
    m = re.match(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?", cell)
    return "-".join(part.zfill(2) for part in m.groups() if part) if m else None
