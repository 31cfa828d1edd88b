"""What disagrees is a row; what is merely another thing is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.told import document, event
from warehouse import ask, disagreements, look
from warehouse.disagreements import Figure, agree
from warehouse.home import Home

Told = dict[str, Any]
RENT: Told = {
    "kind": "rent", "item": "H100", "unit": "server", "gpus": 8, "currency": "CNY", "period": "month", "bound": "exact",
}  # fmt: skip
SIZE: Told = {
    "project": "槐江智算中心", "stage": "announced", "measure": "compute", "unit": "PFLOPS", "bound": "exact",
}  # fmt: skip
ARTICLE = (
    "园区负责人介绍，2024年6月以来8卡H100服务器的月租一路走低，{rent}，同一时期A800整机月租{second}，"
    "机房上架率为61%，园区总投资12.5亿元，机柜3200个，功率45兆瓦，共有员工128人，占地96亩，合同编号HT-2024-0617。"
)
PAPER = "【{n}】另有消息称，{rent}。"


def unlike(n: int) -> str:
    return "".join(chr(0x4E00 + 131 * n + 11 * k) for k in range(24))


def rows(home: Home, query: str) -> list[tuple[Any, ...]]:
    return ask.sql(home, query).rows


def quoted(home: Home, fill: Any, tellings: list[tuple[str, str, Told]], kind: str = "price") -> None:
    """Documents (text, published, fields): each one event; its evidence is the part in 〔〕."""
    documents, events = [], []
    for n, (text, published, fields) in enumerate(tellings):
        values = dict(fields)
        tier = values.pop("tier", "media")
        start, end = text.index("〔"), text.index("〕") - 1
        told = document(f"t{n:02}", text.replace("〔", "").replace("〕", ""), published=published, tier=tier)
        documents.append(told)
        events.append(event(told, kind, told.text[start:end], **values))
    fill(documents, events)


def test_a_copy_with_a_broken_number_is_a_conflict_and_no_second_price(home: Home, fill: Any) -> None:
    whole = ARTICLE.format(rent="〔H100月租7.5万元〕", second="3万元")
    torn = ARTICLE.format(rent="〔H100月租75万元〕", second="3万元")
    quoted(home, fill, [
        (whole, "2024-06-20", {**RENT, "amount": 75000, "as_of": "2024-06"}),
        (whole, "2024-06-21", {**RENT, "amount": 75000, "as_of": "2024-06"}),
        (torn, "2024-06-22", {**RENT, "amount": 750000, "as_of": "2024-06", "tier": "aggregator"}),
    ])  # fmt: skip
    assert rows(home, "SELECT kind, about, field, kept, other, why, observation_no FROM conflicts") == [
        (
            "price",
            "H100 rent server of 8 per month",
            "amount",
            "75,000 CNY",
            "750,000 CNY",
            "a broken number",
            1,
        )
    ]
    assert rows(
        home, "SELECT amount::INTEGER, mentions, sources, independent_sources FROM price_observations"
    ) == [(75000, 3, 3, 1)]


def test_a_copy_with_another_number_is_a_conflict_too(home: Home, fill: Any) -> None:
    quoted(home, fill, [
        (ARTICLE.format(rent="〔H100月租7.5万元〕", second="3万元"), "2024-06-20", {**RENT, "amount": 75000}),
        (ARTICLE.format(rent="〔H100月租8.2万元〕", second="3万元"), "2024-06-22", {**RENT, "amount": 82000}),
    ])  # fmt: skip
    assert rows(home, "SELECT kept, other, why FROM conflicts") == [("75,000 CNY", "82,000 CNY", "disagrees")]
    assert rows(home, "SELECT amount::INTEGER, sources FROM price_observations") == [(75000, 2)]


def test_two_people_quote_two_prices(home: Home, fill: Any) -> None:
    quoted(home, fill, [
        (f"{unlike(1)}〔H100月租7.5万元〕", "2024-06-20", {**RENT, "amount": 75000, "as_of": "2024-06"}),
        (f"{unlike(2)}〔H100月租6.8万元〕", "2024-06-21", {**RENT, "amount": 68000, "as_of": "2024-06"}),
        (f"{unlike(3)}〔H100月租6万到8万元〕", "2024-06-21", {**RENT, "amount": 60000, "as_of": "2024-06"}),
    ])  # fmt: skip
    assert rows(home, "FROM conflicts") == []
    assert rows(home, "SELECT count(*) FROM price_observations") == [(3,)]


def test_next_months_price_in_the_same_words_is_another_price(home: Home, fill: Any) -> None:
    quoted(home, fill, [
        (ARTICLE.format(rent="〔H100月租7.5万元〕", second="3万元"), "2024-06-20", {**RENT, "amount": 75000}),
        (ARTICLE.format(rent="〔H100月租6.5万元〕", second="3万元"), "2024-07-20", {**RENT, "amount": 65000}),
    ])  # fmt: skip
    assert rows(home, "FROM conflicts") == []
    assert rows(home, "SELECT count(*) FROM price_observations") == [(2,)]


def test_the_same_sentence_with_a_lost_unit_elsewhere_is_a_conflict(home: Home, fill: Any) -> None:
    quoted(home, fill, [
        (PAPER.format(n=unlike(1), rent="〔一台8卡H100服务器每月租金为7.5万元〕"), "2024-06-20",
         {**RENT, "amount": 75000}),
        (PAPER.format(n=unlike(9), rent="〔一台8卡H100服务器每月租金为7.5元〕"), "2024-06-21", {**RENT, "amount": "7.5"}),
        (PAPER.format(n=unlike(17), rent="〔一台8卡H100服务器每月租金为6.2万元〕"), "2024-06-21",
         {**RENT, "amount": 62000}),
    ])  # fmt: skip
    assert rows(home, "SELECT kept, other, why FROM conflicts") == [
        ("75,000 CNY", "7.5 CNY", "a broken number")
    ]


def test_a_copy_told_a_month_later_quotes_the_month_of_the_original(home: Home, fill: Any) -> None:
    text = ARTICLE.format(rent="〔H100月租7.5万元〕", second="3万元")
    quoted(home, fill, [
        (text, "2024-06-29", {**RENT, "amount": 75000}),
        (text, "2024-07-02", {**RENT, "amount": 75000}),
    ])  # fmt: skip
    assert rows(home, "SELECT as_of_from::VARCHAR, sources FROM price_observations") == [("2024-06-01", 2)]


NONE = {
    "the same figure, rounded": [
        ("2024-05-01", {**SIZE, "amount": 12800}), ("2024-05-03", {**SIZE, "amount": 13000, "bound": "about"}),
    ],
    "a bound that holds": [
        ("2024-05-01", {**SIZE, "amount": 12800}), ("2024-05-03", {**SIZE, "amount": 10000, "bound": "over"}),
    ],
    "a phase beside the whole": [
        ("2024-05-01", {**SIZE, "amount": 10000}),
        ("2024-05-03", {**SIZE, "amount": 2000, "project": "槐江智算中心一期"}),
    ],
    "planned and standing": [
        ("2024-05-01", {**SIZE, "amount": 10000}), ("2024-05-03", {**SIZE, "amount": 2000, "stage": "operating"}),
    ],
    "a plan that grew in a year": [
        ("2024-05-01", {**SIZE, "amount": 10000}), ("2025-05-03", {**SIZE, "amount": 15000}),
    ],
    "two plans for two years": [
        ("2024-05-01", {**SIZE, "amount": 3000, "as_of": "2025"}),
        ("2024-05-03", {**SIZE, "amount": 9000, "as_of": "2027"}),
    ],
    "a region": [
        ("2024-05-01", {**SIZE, "project": None, "place": "贵州", "amount": 3000}),
        ("2024-05-03", {**SIZE, "project": None, "place": "贵州", "amount": 9000}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", NONE)
def test_what_is_another_thing_is_no_conflict(home: Home, fill: Any, case: str) -> None:
    told = [
        (f"{unlike(n)}〔规模〕{unlike(n + 5)}", day, fields) for n, (day, fields) in enumerate(NONE[case])
    ]
    quoted(home, fill, told, "project")
    assert rows(home, "FROM conflicts") == []


def test_a_project_told_with_another_figure_is_a_conflict_and_the_better_source_counts(
    home: Home, fill: Any
) -> None:
    told = [
        ("2024-05-01", {**SIZE, "amount": 10000, "tier": "official"}),
        ("2024-05-02", {**SIZE, "amount": 1000, "tier": "aggregator"}),
        ("2024-05-03", {**SIZE, "amount": 7500}),
        ("2024-05-04", {**SIZE, "amount": 10000}),
    ]
    quoted(
        home, fill, [(f"{unlike(n)}〔规模〕", day, fields) for n, (day, fields) in enumerate(told)], "project"
    )
    assert rows(
        home, "SELECT kind, about, field, kept, other, why, project_no FROM conflicts ORDER BY other"
    ) == [
        ("project", "槐江智算中心", "compute_planned", "10,000 PFLOPS", "1,000 PFLOPS", "a broken number", 1),
        ("project", "槐江智算中心", "compute_planned", "10,000 PFLOPS", "7,500 PFLOPS", "disagrees", 1),
    ]
    assert rows(home, "SELECT compute_pflops_planned::INTEGER FROM projects") == [(10000,)]


def test_operators_and_towns_that_differ_are_conflicts(home: Home, fill: Any) -> None:
    project = {**SIZE, "project": "北槐智能算力中心", "amount": 900}
    told = [
        ("2024-05-01", {**project, "operator": "北槐云谷", "place": "甘肃庆阳", "tier": "official"}),
        ("2024-05-02", {**project, "operator": "北槐云谷", "place": "甘肃"}),
        ("2024-05-03", {**project, "operator": "北槐云谷", "place": "兰州", "tier": "aggregator"}),
        ("2024-05-04", {**project, "operator": "南榕数据", "place": "庆阳"}),
    ]
    quoted(
        home, fill, [(f"{unlike(n)}〔规模〕", day, fields) for n, (day, fields) in enumerate(told)], "project"
    )
    assert rows(home, "SELECT operator, place, province FROM projects") == [("北槐云谷", "甘肃庆阳", "甘肃")]
    assert rows(home, "SELECT field, kept, other FROM conflicts ORDER BY field") == [
        ("operator", "北槐云谷", "南榕数据"),
        ("place", "甘肃庆阳", "兰州"),
    ]


def test_rates_of_one_scope_and_time_that_differ_are_conflicts(home: Home, fill: Any) -> None:
    rate = {"metric": "rack_rate", "scope": "全国", "as_of": "2024", "status": "observed", "bound": "exact"}
    told = [
        ("2024-12-20", {**rate, "rate": 58}),
        ("2024-12-21", {**rate, "rate": 66}),
        ("2024-12-21", {**rate, "rate": 80, "status": "target"}),
        ("2025-02-21", {**rate, "rate": 58}),
        ("2024-12-22", {**rate, "rate": 45, "scope": None}),
    ]
    quoted(home, fill, [(f"{unlike(n)}〔上架率〕", day, f) for n, (day, f) in enumerate(told)], "utilisation")
    assert rows(home, "SELECT kind, about, field, kept, other, why FROM conflicts") == [
        ("utilisation", "全国", "rack_rate", "58 %", "66 %", "disagrees")
    ]


def test_a_disagreement_is_explained_from_either_side_and_with_the_project(home: Home, fill: Any) -> None:
    told = [
        ("2024-05-01", {**SIZE, "amount": 10000, "tier": "official"}),
        ("2024-05-02", {**SIZE, "amount": 1000}),
    ]
    quoted(
        home, fill, [(f"{unlike(n)}〔规模〕", day, fields) for n, (day, fields) in enumerate(told)], "project"
    )
    ((kept, other),) = rows(home, "SELECT kept_event, other_event FROM conflicts")
    for event_id in (kept, other):
        (row,) = look.evidence(home, event_id).conflicts.records()
        assert (row["kept"], row["other"]) == ("10,000 PFLOPS", "1,000 PFLOPS")
    story = look.project(home, 1)
    assert [r["why"] for r in story.conflicts.records()] == ["a broken number"]
    assert [r["amount"] for r in story.measures.records()] == [10000]
    assert len(story.sources.rows) == 2


LOWS = st.sampled_from([5.0, 99.0, 100.0, 101.0, 110.0, 1000.0])
BOUNDS = st.sampled_from([None, "about", "over", "under", "exact"])
FIGURES = st.builds(
    lambda low, wide, bound, source, tier, told, n: Figure(
        "slot", low, low * 1.2 if wide else None, bound, f"e{n:03}", source, None, source, tier, told, 0, ""
    ),
    low=LOWS, wide=st.booleans(), bound=BOUNDS, source=st.sampled_from("abcde"),
    tier=st.integers(0, 2), told=st.integers(0, 3), n=st.integers(0, 999),
)  # fmt: skip


@given(st.lists(FIGURES, min_size=1, max_size=12, unique_by=lambda f: f.event_id))
def test_the_best_figure_is_the_one_that_most_texts_agree_with(figures: list[Figure]) -> None:
    def rank(figure: Figure) -> tuple[int, int, int, str]:
        agreeing = {f.original for f in figures if agree(figure, f)}
        return figure.tier, -len(agreeing), figure.told, figure.event_id

    assert disagreements._best(figures) is min(figures, key=rank)


def test_a_slot_of_many_figures_costs_its_values_not_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A month of one card's rents: thousands of quotes of two dozen prices."""
    asked = []
    monkeypatch.setattr(disagreements, "agree", lambda a, b: asked.append(1) or agree(a, b))
    quotes = [
        Figure("slot", 100.0 + n % 24, None, None, f"e{n}", f"d{n}", None, f"d{n}", 1, 0, 0, "")
        for n in range(2400)
    ]
    disagreements._best(quotes)
    assert len(asked) <= 24 * 24
