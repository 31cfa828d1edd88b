"""When two tellings mean the same name, amount or day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.likeness import Like, amounts, days, masked, names

YI = 100_000_000


@pytest.mark.parametrize(
    ("a", "b", "like"),
    [
        ("紫光晓通", "紫光晓通科技有限公司", Like.SAME),
        ("英博数科", "北京英博数科科技有限公司", Like.SAME),
        ("缔息云联", "缔息云连", Like.CLOSE),
        ("华为", "华为技术有限公司", Like.SAME),
        ("莲花科创", "杭州莲花科技创新有限公司", Like.CLOSE),
        ("中国电信", "中国移动通信集团", Like.OTHER),
        ("潮生云", "汀芷智能", Like.OTHER),
        ("客户A", "潮生云", Like.UNKNOWN),
        ("客户A", "客户B", Like.OTHER),
        ("客户A", "客户A", Like.SAME),
        ("某央企", "潮生云", Like.UNKNOWN),
        (None, "潮生云", Like.UNKNOWN),
        ("中国电信上海分公司", "中国移动上海分公司", Like.OTHER),
    ],
)
def test_names(a: str | None, b: str | None, like: Like) -> None:
    assert names(a, b) is names(b, a) is like


@pytest.mark.parametrize(
    "name", ["客户A", "A公司", "某国企", "北京****公司", "上海X国企", "供应商Z", "对方", "第三方"]
)
def test_names_that_hide(name: str) -> None:
    assert masked(name) or name == "上海X国企"


@pytest.mark.parametrize("name", ["紫光晓通", "TCL中环", "中国电信", "三六零"])
def test_names_that_do_not_hide(name: str) -> None:
    assert not masked(name)


@pytest.mark.parametrize(
    ("a", "a_bound", "b", "b_bound", "like"),
    [
        (36.9 * YI, "exact", 37 * YI, "about", Like.CLOSE),
        (36.9 * YI, "exact", 369000 * 10000, "exact", Like.SAME),
        (9.216 * YI, "exact", 9 * YI, "over", Like.CLOSE),
        (9.216 * YI, "exact", 10 * YI, "under", Like.CLOSE),
        (4.94 * YI, "exact", 94 * YI, "exact", Like.BROKEN),
        (4.94 * YI, "exact", 4.94e4, "exact", Like.BROKEN),
        (4.94 * YI, "exact", 3.2 * YI, "exact", Like.OTHER),
        (1.2 * YI, "exact", 3.6 * YI, "exact", Like.OTHER),
        (None, None, 3.6 * YI, "exact", Like.UNKNOWN),
    ],
)
def test_amounts(a: float | None, a_bound: str | None, b: float, b_bound: str, like: Like) -> None:
    assert amounts(a, b, a_bound=a_bound, b_bound=b_bound) is like
    assert amounts(b, a, a_bound=b_bound, b_bound=a_bound) is like


@given(st.floats(1, 1e12), st.sampled_from(["exact", "about", "over", "under"]), st.floats(1, 1e12))
def test_amounts_are_like_themselves_and_symmetrical(a: float, bound: str, b: float) -> None:
    assert amounts(a, a, a_bound=bound, b_bound="exact") >= Like.CLOSE
    assert amounts(a, b, a_bound=bound) is amounts(b, a, b_bound=bound)


@pytest.mark.parametrize(
    ("a", "b", "like"),
    [
        ((0, 30), (10, 10), Like.SAME),
        ((0, 0), (5, 5), Like.CLOSE),
        ((0, 0), (8, 8), Like.OTHER),
        (None, (8, 8), Like.UNKNOWN),
    ],
)
def test_days(a: tuple[int, int] | None, b: tuple[int, int] | None, like: Like) -> None:
    assert days(a, b) is days(b, a) is like
