"""Patterns of rates of use: how a share is asked for, moves, is restated or told of a part."""

from __future__ import annotations

import re

NEAR = 120
"""Characters before a sentence in which a word of compute still makes 利用率 a rate of ours."""
CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d{3})|[。:;!?\n…]")
BARELY = re.compile(r"(?:只有|只|才|仅|仅有|也就|不过|约|大概)?")
OF = re.compile(r"的[^,。;:!?\n]{1,8}")
ASKED = 40
QUESTION = re.compile(
    r"[^。!?\n]*(?:率呢|(?:真实|实际|真正)的?[^,。!?\n]{0,6}率(?=\?)|多少|几成|怎么?样|多高|如何|什么水平|高不高|满不满|[满高低足多出去来完掉]了?吗|[满高足]么)"
    r"[^。!?\n]{0,6}\?[”\n]*$"
)
USED = re.compile(r"[用开跑]得?(?:了|掉|上|得)?(?:多少|几成|满|足|起来)|满不满")
LET = re.compile(r"[租卖订]得?(?:了|掉|得)?(?:多少|几成|满|出去|完)")
LABEL = re.compile(r"(?:答|回复|[A-Z]\d?|[\u4e00-\u9fff]{1,8}):")
ANSWER = re.compile(
    r"(?:[\u4e00-\u9fff]{1,8}:|[A-Z]\d?:)?[“]?"
    r"(?:[^,。:]{0,8}?|[^。:\d]{0,24}?(?:日均|月均|均值|大概|也就|只有|不到|不足|最多))[\d一二三四五六七八九十百]"
)
"""The share comes at once: 答:约六成."""
TO = re.compile(r"[跌降回掉落滑升涨爬冲提]+(?:回|到|至|破|成|为)(?:了)?$")
MOVED = re.compile(
    r"(?:时|前后|目前|现在|如今|眼下|已经?|又|才|也|还|再|则|一度|后来|最近|很快|逐步)*" + TO.pattern
)
BY_POINTS = re.compile(r"[同环]比[^,。;]{0,5}\d+(?:\.\d+)?个?(?:百分点|基点),?[升降跌涨回]?落?[至到为]")
THAT_IS = re.compile(r",?(?:也就是说?|也即|亦即|即|等于说|换言之,?)")
"""完成调试的只有64%,[也就是]点亮率六成四."""
SHARE_OF = re.compile(
    r"[^,。;]{0,8}占(?:了|到)?(?:总|全部|全量|可[售租用]|在[运营用]|存量|整体|已建)[^,。;\d]{0,6}"
)
"""已签约算力[占总量的]79%: a part in a state of all there is."""
OF_WHICH = re.compile(r"其中")
HELD = re.compile(r"(?:^|[在为是约到达有仅才剩]|不到|不足|超过?)$")
LIST = re.compile(r"[、和及与]|以及|,")
