"""Words and patterns of prices: what around a number makes it one, and what keeps it from being one."""

from __future__ import annotations

import re

from nlp.quantity import Quantity
from nlp.reading import Reading, Sentence

TIMES = ("hour", "day", "month", "year")
THINGS = ("card", "server", "rack", "PFLOPS", "kW", "kWh")
LOOSE = ("item", "set")
"""Denominators that say nothing: the 单 of 单卡, the 套 of 每套."""
COUNTERS = {
    **dict.fromkeys(("台", "套", "服务器"), "server"),
    **dict.fromkeys(("张", "块", "颗", "枚", "片", "卡"), "card"),
    **dict.fromkeys(("柜", "架", "机柜", "机架"), "rack"),
}
ROLES = (
    *("noun", "form", "gpus", "per", "kind", "qualifier", "suppose"),
    *("stop", "lot", "total", "each", "now", "origin", "respectively", "topic"),
)

BACKGROUND = ("noun", "form", "gpus", "per", "kind", "qualifier", "now", "topic")
"""What a sentence without a number can tell the next one: 二手市场也扛不住了。"""

AHEAD = 60
"""Characters after a price in which the next sentence may name its object."""
OBJECT = re.compile(r"标的|设备(?:为|是)|型号|机型|配置|指的是|均为|所涉")
CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d{3})|(?<!\d)——|[。:;!?\n…]")
CONVERTED = re.compile(r"\((?:约合?|折合|相当于|合|即)?(?:人民币|每[张台卡个])?约?$")
TENANCY = re.compile(r"[时日月年]租约$")
"""月租约5万元: 约 is about, not the 约 of a tenancy."""
BARE = re.compile(
    r"(?=\d)(?:(?<![\d.A-Za-z])\d{3,6}(?=(?:块钱?)?(?:包邮|自提|不刀|可刀|一[张台块套](?![A-Za-z])))"
    r"|(?:(?<=小时)|(?<=小时才)|(?<=小时约)|(?<=小时只要)|(?<=小时仅))\d{1,2}\.\d{1,2}(?=[,。;!?\n)”]|左右|上下|$)"
    r"|(?:(?<=[租价收要到至卖报付剩给月底初返您你])|(?<=季度|现在|目前|如今|眼下))(?!19\d\d|20\d\d)\d{3,6}"
    r"(?=$|[,。;!?\n)”块]|左右|上下|出头|就|都|也|一[个天张台]))"
)
"""月租8500,今年3月7200: no unit and no 万, but right after a word of price or a date."""
ELLIPTIC = re.compile(r"(?:呢|怎么样|如何|多少(?:钱)?|什么价|几何|什么水平)?\?$")
"""H100呢? The answer goes on as if nothing lay between."""
PRICE_ASKED = re.compile(
    r"(?:多少钱|几多?钱|什么价|啥价|价格|报价|行情|怎么卖|怎么租)[^。!?\n]{0,6}\?[”\n]*$"
)
WHEN = re.compile(r"时(?:候|期)?$|之际$|那会儿$")
"""刚到货时 tells when, 到货 alone what will be."""
PITCHED = re.compile(r"这样|如此|此番|这番|这套|的话术|说辞")
COUNTED = re.compile(r"(?:共|约|共计)?\d+台")
TERM = re.compile(r"[一两三四五半\d]年(?:期|长约|约)?的")
"""三年长约七万二一个月,一年的七万八: the term of the contract, not what one payment lasts."""
LATIN = re.compile(r"[A-Za-z]+")
"""CoreWeave4.25美元: a firm's name counts as one character."""
SCALED = re.compile(r"[万千百亿wW]")
CARD_NOUNS = ("GPU", "显卡", "加速卡", "计算卡", "推理卡", "训练卡")
AT_LEAST = re.compile(r"(?:以上|及以上|起|起步|起租|起订|起批)(?=[),;。])")
"""一次拿20台[以上],每台…: a condition, no lot."""
SPEAKER = re.compile(r"\s*(?:[^,。;:\d\s]{1,5}:)?[“\"]?")
NEWS = re.compile(
    r"[^。;]{0,30}?(?:公告|宣布|发布|披露|签|成立|获|召开|日讯|电\)|报道|起诉|中标|上市|投产|[一二三四]季度报)"
)
"""Behind a date: what happened that day, no time of which prices are told."""
BUILD = re.compile(
    r".?|[ ]?(?:(?:\d{1,2}|[两四八十])卡|\d{2,3}GB?|PCIe|SXM\d?|NVLink|[ ]|整机|一体机|服务器|单卡|显卡|卡"
    r"|模组|裸金属|节点|机器?|\([^()]{1,8}\)){1,5}:"
)
"""From a model to the sum of its line: H20[ 八卡整机:]105万元."""


def is_rate(q: Quantity) -> bool:
    """每P每月1150元: a price, whatever contract it is the 合同价 of."""
    return bool(set(q.per) & set(TIMES)) and bool(set(q.per) & set(THINGS))


def opens_on_date(reading: Reading, sentence: Sentence) -> bool:
    """2022年夏天最热闹。 Whether the sentence opens on a date that is no day of news."""
    head = SPEAKER.match(reading.text, sentence.start, sentence.end)
    at = head.end() if head else sentence.start
    dates = reading.within(reading.periods, at, at + 2)
    return bool(dates) and dates[0].value is not None and not NEWS.match(reading.text, dates[0].span.end)
