"""Places: each example marks with <> every place to be found; what follows the arrow is their names."""

from __future__ import annotations

import re

import pytest

from crawler.errors import LexiconError
from nlp.place import Place, _parse, find_places

EXAMPLES = [
    ("项目位于<甘肃省庆阳市西峰区>,一期已开工", ["甘肃省庆阳市西峰区"]),
    ("<贵州贵安新区>与<内蒙古和林格尔>", ["贵州贵安新区", "内蒙古和林格尔"]),
    ("<佛山顺德>的机房和<深圳市南山区>的总部", ["佛山顺德", "深圳市南山区"]),
    ("<俄亥俄州利金县>、<美国得克萨斯州阿比林>", ["俄亥俄州利金县", "美国得克萨斯州阿比林"]),
    ("<江西信丰县>的智算中心", ["江西信丰县"]),
    ("<江西>某县", ["江西"]),
    ("<北维珍尼亚>居首,<达拉斯—沃思堡>次之", ["北维珍尼亚", "达拉斯—沃思堡"]),
    ("<桃园龟山>AIDC", ["桃园龟山"]),
    ("<庆阳市>政府说", ["庆阳"]),
    ("<我国>在建智算中心,<国内>已投产的", ["全国", "全国"]),
    ("<本港>今年可提供;<全台>算力中心", ["香港", "全台"]),
    ("落户<大同>", ["大同"]),
    ("两个方案大同小异", []),
    ("<上海>南汇", ["上海"]),
    ("今日本公司公告", []),
    ("高密度机柜,开启东数西算", []),
    ("股东营业收入,投资阳光板块", []),
]


@pytest.mark.parametrize(("marked", "names"), EXAMPLES)
def test_places_are_found_where_they_stand(marked: str, names: list[str]) -> None:
    text = re.sub("[<>]", "", marked)
    found = find_places(text)
    for place in reversed(found):
        text = text[: place.span.start] + "<" + place.span.of(text) + ">" + text[place.span.end :]
    assert text == marked
    assert [place.name for place in found] == names


@pytest.mark.parametrize(
    ("text", "province"),
    [
        ("怀来", "河北"),
        ("湖北宜昌", "湖北"),
        ("得州", "美国"),
        ("日本", "日本"),
        ("沙田", "香港"),
        ("南科", "台湾"),
        ("上海", "上海"),
    ],
)
def test_a_place_knows_its_province_or_country(text: str, province: str) -> None:
    assert [place.province for place in find_places(text)] == [province]


@pytest.mark.parametrize("text", ["北京移动", "上海证券报", "美国商务部", "中国电信", "深圳证券交易所"])
def test_a_place_that_opens_the_name_of_a_body_says_so(text: str) -> None:
    (place,) = find_places(text)
    assert place.organisation


def test_a_malformed_row_is_named() -> None:
    with pytest.raises(LexiconError, match="line 2"):
        list(_parse("city\t河北\t廊坊\ncity 河北 廊坊"))


def test_mentions_are_frozen() -> None:
    (place,) = find_places("庆阳")
    assert isinstance(place, Place)
    assert hash(place)
