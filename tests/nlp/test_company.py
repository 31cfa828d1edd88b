"""Listed companies: every way a text names them, and the words that only look like a name."""

from __future__ import annotations

import pytest

from nlp.company import registry
from nlp.normalise import normalise

# What is marked <name> is to be found, with the code and the name to report behind the sentence.
FOUND = [
    ("<鸿博股份>公告称合同已终止", "002229 鸿博股份"),
    ("<鸿博股份>(002229.SZ)公告", "002229 鸿博股份"),
    ("北京<飞利信>发布公告", "300287 飞利信"),
    ("<ST农尚>全发布公告", "300536 ST农尚"),
    ("<*ST农尚>今日停牌", "300536 *ST农尚"),
    ("<莲花健康>改名为<莲花控股>", "600186 莲花健康 600186 莲花控股"),
    ("<中贝通信集团股份有限公司>董事会", "603220 中贝通信"),
    ("北京<青云科技股份有限公司>签订合同", "688316 青云科技"),
    ("<江苏锦鸡实业股份有限公司>的子公司", "300798 锦鸡股份"),
    ("证券代码:<603220>", "603220 中贝通信"),
    ("股票(<SH:688303>)上涨", "688303 大全能源"),
    ("<300798.SZ>跌停", "300798 锦鸡股份"),
    ("<中贝通讯>(603220)签订合同", "603220 中贝通信"),
    ("<中贝通讯>与客户签约", "603220 中贝通信"),
    ("<機器人>公告稱簽訂合同", "300024 机器人"),
    ("机器人产业链上的<机器人>(300024)", "300024 机器人"),
    ("<昇輝科技>與客戶簽約", "300423 昇辉科技"),
    ("<寒武纪>-U今日涨停", "688256 寒武纪"),
    ("<TCL科技>投资", "000100 TCL科技"),
    ("<锦鸡股份>的控股股东", "300798 锦鸡股份"),
    ("<中国电信>上海分公司", "601728 中国电信"),
]

NOT_FOUND = [
    "子公司杭州莲花科技创新有限公司",  # a child's name holds nothing that is listed
    "弘信电子科技(甘肃)有限公司",  # the listed name is the beginning of a child's
    "工业机器人产业和太阳能、农产品",  # everyday words
    "高深科技与上海电力的供应",  # across words
    "编号300798的文件共600186页",  # a number is no code
    "价格300798元,面积600186平方米",
    "紫光晓通与缔息云联",
]


def _marked(text: str) -> tuple[str, list[str]]:
    names = [piece.split(">")[0] for piece in text.split("<")[1:]]
    return text.replace("<", "").replace(">", ""), names


@pytest.mark.parametrize(("marked", "expected"), FOUND, ids=[case[0] for case in FOUND])
def test_a_company_is_found_where_it_stands(marked: str, expected: str) -> None:
    source, names = _marked(marked)
    view = normalise(source).view
    mentions = registry().find(view.text)
    assert [view.origin(*m.span).of(source) for m in mentions] == names
    assert " ".join(f"{m.company.code} {m.name}" for m in mentions) == expected


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_only_looks_like_a_company(text: str) -> None:
    assert registry().find(text) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("鸿博股份", "002229"),
        ("ST农尚", "300536"),
        ("*ST莲花", "600186"),
        ("莲花健康产业集团股份有限公司", "600186"),
        ("贝通信", "603220"),
        ("京东方", "000725"),
        ("寒武纪-U", "688256"),
        ("没有这家公司", None),
    ],
)
def test_by_name(name: str, code: str | None) -> None:
    company = registry().by_name(name)
    assert (company.code if company else None) == code


def test_by_code() -> None:
    company = registry().by_code("300798")
    assert company is not None
    assert (company.exchange, company.short_name, company.listed) == ("SZ", "锦鸡股份", True)
    assert registry().by_code("999999") is None


def test_every_short_name_in_use_is_found_beside_its_code() -> None:
    """The registry against itself: a name that only its own rules hide would never be seen."""
    companies = [registry().by_code(f"{code:06}") for code in (*range(1, 3000, 7), *range(600000, 604000, 7))]
    missed = []
    for company in companies:
        if company and company.listed:
            found = registry().find(f"{company.short_name}({company.code})公告")
            if [m.company.code for m in found] != [company.code]:
                missed.append(company.short_name)
    assert missed == []
