"""Whose a project is: who stands right before it or opens a paragraph of a round-up; what is no firm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.span import Span

OWNS_THERE = re.compile(
    r"(?:^|[。;\n])([\u4e00-\u9fff]{3,5})(?:在|位于)[^,。;的]{2,14}的(?:AI)?(?:数据中心|智算中心|资料中心|算力中心|计算中心|园区)"
)
"""Whose centre it is, where a sentence opens on him: 万隆云枢在柔佛的数据中心园区…"""
GLOSSED = re.compile(
    r"(?:^|[,;:。\n“]|[方商])([\u4e00-\u9fff]{2,8})\([A-Z][A-Za-z0-9&.' -]{2,40}\)"
    r"(?=[^,。;]{0,6}?(?:宣布|在|将|拟|计划|投资|称|表示|为|旗下|与|已|的|正|说|披露|证实|斥资|启动|承诺))"
)
"""A firm abroad with its own name behind it: 沃洛云(Volo Cloud)在阿布扎比…"""
FOREIGN = re.compile(
    r"(?:云|数据|科技|集团|能源|资本|公司|控股|智能|算力|数字|网络|基建|电力|地产|置地|创新|系统|实验室|电信)\("
    r"|(?:Inc|Corp|Cloud|Data|Cent(?:er|re)|Energy|Capital|Group|Holdings|AI|Tech|Digital|Power|Infra|Comput|Systems|Labs|Telecom)"
)
"""What tells that such a name is a firm's, not a town's or a person's."""
HEARD_FROM = re.compile(
    r"从([\u4e00-\u9fffA-Za-z]{3,16}?(?:集团|公司|股份|科技))(?:处|方面)?(?:获悉|获知|了解到|得知)"
)
"""记者从某某集团获悉: the firm that is spoken of from here on."""
ROLE_BEFORE = re.compile(r"^(?:开发商|发展商|开发方|运营方|投资方|建设方|承建商|业主方?)(?=.{3})")
VERB_BEHIND = re.compile(r"(?<=集团|公司|科技|股份|数科)(?:投资|出资|投建|建设|承建)$")
SORT = re.compile(
    r"^(?:本地|当地|地方|国内|海外|外地)?(?:民营|国有|国资|龙头|上市|外资|骨干|头部|平台|科技|互联网)*(?:企业|公司|国企|央企|民企|开发商|运营商)(?=.{3})"
)
"""What only says of which sort a builder is: 由[民营企业]某某云谷牵头."""
_ENDING = (
    r"(?:股份|科技|集团|控股|智能|数据|信息|电子|通信|网络|智算|数科|数智|智联|云联|云科|云算|算力|算创|数谷|数创|数码|数位|资讯|数石"
    r"|互联|数字|能源|云|数[产投建]|[城建交产国科]投)"
)
"""How short names of firms of the trade end."""
_OWNER_OF = re.compile(
    rf"((?:(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{{2,4}}?|[\u4e00-\u9fff]{{2}}){_ENDING})"
    r"(?=(?:(?:的|旗下的?|名下的?|(?:投建|投资|自建|开发|规划|主导)的)[“\"]|(?:位于|坐落于|设在)[^,。;的]{2,14}的"
    r"|与[^,。;“]{2,16}?(?:合建|共建|敲定|联合开发|联手打造|合作建设)"
    r"|(?:敲定|签约|签下|谈成|合建|共建)[^,。;“”]{0,6}“[^”]{2,20}”[^,。;]{0,4}项目))"
)
"""Whose project it is, right before its name: 云岚智联的“…”, 云岚数据位于某地的…, 云岚资讯与某某合建的“…”."""
_ENTRY = re.compile(
    rf"(?:^|\n)(?:[(]?\d{{1,2}}[).、] ?)?([\u4e00-\u9fff]{{2,3}}?{_ENDING})[,:](?=[^\n]{{8}})"
)
"""The firm that opens a paragraph of a round-up, a comma or a colon behind it: 云岚科技,期末…"""
INTERVIEWED = re.compile(
    rf"(?:专访|对话|独家对话|访|走访)([\u4e00-\u9fff]{{2,4}}?{_ENDING})(?=[^,。:]{{0,6}}?(?:总经理|董事长|总裁|CEO|创始人|负责人|高管))"
)
"""Whose head an interview is with."""
_NO_ENTRY = re.compile(
    r"^(?:经营|运营|核心|财务|关键|主要|基本|基础|人工|海外|国内|相关|其他|整体|最新|重要|智能|大|新|公司|项目|行业|市场|联系|统计|市级|省级)"
)
OF_A_PARENT = re.compile(
    rf"(?:控股|全资|下属|旗下|参股|[子孙])+公司([\u4e00-\u9fff]{{2,3}}?{_ENDING})(?=取得|获|收到|拟|将|与|投|计划|在|负责|作为|承建|建设)"
)
"""Who of a group did it: 某某集团控股子公司[云岚数谷]取得…批复."""
_NO_FIRM = re.compile(r"(?:重大|相关|上述|其他|内幕|敏感|定期|公开|内部)(?:信息|数据)$")
"""应披露而未披露的[重大信息]."""
_TRADE = ("算力", "智算", "超算", "数据", "云", "计算")
_GROUND = re.compile(r"产业|科技|[园港谷城湾岛镇]|小镇|基地|中心|枢纽|集群|平台|高地")
_TOWN_BEHIND = re.compile(r"(?:经开区|高新区|开发区|新区|[市县区]|政府|公共资源)")
HOLDS = ("控股", "全资", "下属", "旗下")
"""What a parent's name has taken along: 某某集团[控股]子公司."""
NOT_A_BUILDER = re.compile(
    r"[的与和在]|(?:厂商|巨头|业者|项目|基地|目前|此前|截至)|政府|当地|公司$|企业$|机构$|双方|各方|社会|民营|国资$|[市县区省]$|自己|谁|多家|多方"
)
NO_NAME = re.compile(
    r"^某|^全[国省市台港球区县州]|(?:新增|智能|公有|总|现有|在用|存量)算力$|未(?!来)|资金|调研|纪要|^[在对向为是将已的与和说称表则也都就被把让给做]|^[一二两三四五六七八九十几多数][家大座个台栋张批幢]|^园区|^首期|走|位置|首页|上一篇|下一篇|^主要|经营|年度|季度|推出|发表|宣布|发布|表示|计划|公布|我国|全球|在建|信息$|^项目|总投资|^[本该其]|地点|名称|主体|规模|内容"
)


def owners(text: str) -> Iterator[tuple[Span, str]]:
    """Who stands right before the project he owns, where the view names him."""
    yield from _named(_OWNER_OF.finditer(text))


def entries(text: str) -> list[tuple[Span, str]]:
    """The firms that open the paragraphs of a round-up of two at least; []: the text is none."""
    found = list(_named(_ENTRY.finditer(text)))
    return found if len({name for _, name in found}) >= 2 else []


def _named(matches: Iterator[re.Match[str]]) -> Iterator[tuple[Span, str]]:
    for m in matches:
        # at the head of a line 和 is part of the name: 景和数据
        bare = m[1].replace("和", "") if m.re is _ENTRY else m[1]
        if not (NOT_A_BUILDER.search(bare) or NO_NAME.search(m[1]) or _NO_ENTRY.search(m[1])):
            yield Span(*m.span(1)), m[1]


def is_no_firm(name: str, text: str) -> bool:
    """Whether what a headline opens on is a town (岷州[经开区]) or opens a project's name (云岭算力[园])."""
    behind = [text[m.end() : m.end() + 4] for m in re.finditer(re.escape(name), text)]
    if _NO_FIRM.match(name) or any(_TOWN_BEHIND.match(after) for after in behind):
        return True
    return bool(behind) and name.endswith(_TRADE) and all(_GROUND.match(after) for after in behind)
