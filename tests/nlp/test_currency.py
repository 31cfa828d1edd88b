"""A bare 元 is the currency of where the deal is, whatever the script."""

from __future__ import annotations

import pytest

from nlp.currency import currency_of, home_currency

PLACES = [
    ("8卡H100服务器每月6万元", "8卡H100服务器每月6万元", "CNY"),
    ("杭州的服务器每台人民币两百万元", "杭州的伺服器每臺人民幣兩百萬元", "CNY"),
    ("云端业者出租伺服器每月62万元", "雲端業者出租伺服器每月62萬元", "TWD"),
    ("台北的资料中心每柜两万元", "台北的资料中心每柜两万元", "CNY"),
    ("台湾新竹的资料中心,台北的云端业者,每柜两万元", "台湾新竹的资料中心,台北的云端业者,每柜两万元", "TWD"),
    ("本港数据中心机柜月租八千元", "本港數據中心機櫃月租八千元", "HKD"),
    ("葵青区机房业主放租,每月九千元", "葵青區機房業主放租,每月九千元", "HKD"),
]


@pytest.mark.parametrize(("view", "source", "home"), PLACES)
def test_the_words_of_a_place_tell_its_money(view: str, source: str, home: str) -> None:
    assert home_currency(view, source) == home


@pytest.mark.parametrize(
    ("unit", "printed", "currency"),
    [
        ("CNY", "62万元", "TWD"),
        ("CNY", "62万元人民币", "CNY"),
        ("CNY", "¥62", "CNY"),
        ("USD", "2美元", "USD"),
        ("", "6万", ""),
    ],
)
def test_only_a_bare_yuan_is_at_home(unit: str, printed: str, currency: str) -> None:
    assert currency_of(unit, printed, "TWD") == currency


@pytest.mark.parametrize(
    ("home", "sentence", "currency"),
    [
        ("TWD", "租金只剩7万元人民币,去年约18万元", "CNY"),
        ("TWD", "一台62万元,另付3万元", "TWD"),
        ("TWD", "港商开价8万港元,隔天降到7万元", "HKD"),
        ("TWD", "人民币7万元,折合新台币31万元", "TWD"),
        ("CNY", "港商开价8万港元,内地只要5万元", "CNY"),
    ],
)
def test_abroad_a_bare_sum_follows_the_only_currency_its_sentence_tells(
    home: str, sentence: str, currency: str
) -> None:
    assert currency_of("CNY", "7万元", home, sentence=sentence) == currency
