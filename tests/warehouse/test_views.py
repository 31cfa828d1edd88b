"""The panels: what an index counts and leaves out, sums, and curves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.told import document, event
from warehouse import ask
from warehouse.home import Home

RENT = {"kind": "rent", "item": "H100", "unit": "server", "gpus": 8, "currency": "CNY", "period": "month"}


def unlike(i: int) -> str:
    """A text no other is a copy of."""
    return f"{i:02}" + "".join(chr(0x4E00 + 97 * i + 7 * n) for n in range(20)) + "。"


def prices(home: Home, fill: Any, quotes: list[dict[str, Any]]) -> None:
    documents, events = [], []
    for i, quote in enumerate(quotes):
        fields = dict(quote)
        told = document(f"p{i:02}", unlike(i), published=fields.pop("told", "2024-06-15"))
        documents.append(told)
        events.append(event(told, "price", **{"bound": "exact", **fields}))
    fill(documents, events)


def rows(home: Home, query: str) -> list[tuple[Any, ...]]:
    return ask.sql(home, query).rows


def test_the_rent_index_is_the_median_of_what_counts(home: Home, fill: Any) -> None:
    amounts = (58400, 70080, 87600)
    prices(home, fill, [{**RENT, "amount": a, "as_of": "2024-06"} for a in amounts])
    ((median, low, high, n),) = rows(home, "SELECT median, lower_quartile, upper_quartile, n FROM rent_index")
    assert (median, n) == (12.0, 3)  # 70080 / 8 / 730
    assert low == pytest.approx((10 + 12) / 2)
    assert high == pytest.approx((12 + 15) / 2)


def test_a_range_counts_by_its_middle_and_the_same_quote_once(home: Home, fill: Any) -> None:
    quote = {**RENT, "amount": 58400, "amount_max": 87600, "bound": "range", "as_of": "2024-06"}
    prices(home, fill, [quote, quote])
    assert rows(home, "SELECT median, n, sources FROM rent_index") == [(12.5, 1, 2)]


def test_months_without_a_quote_are_stale_and_repeat_the_last(home: Home, fill: Any) -> None:
    prices(home, fill, [
        {**RENT, "amount": 58400, "as_of": "2024-01"},
        {**RENT, "amount": 29200, "as_of": "2024-04"},
    ])  # fmt: skip
    assert rows(home, "SELECT month, median, n, stale, months_stale FROM rent_index") == [
        ("2024-01", 10.0, 1, False, 0),
        ("2024-02", 10.0, 0, True, 1),
        ("2024-03", 10.0, 0, True, 2),
        ("2024-04", 5.0, 1, False, 0),
    ]


def test_spot_and_term_are_apart(home: Home, fill: Any) -> None:
    prices(home, fill, [
        {**RENT, "amount": 58400, "as_of": "2024-06"},
        {**RENT, "unit": "card", "gpus": 1, "period": "hour", "amount": 14, "as_of": "2024-06"},
    ])  # fmt: skip
    assert rows(home, "SELECT tenure, median FROM rent_index") == [("spot", 14.0), ("term", 10.0)]


EXCLUDED = {
    "claimed": {"qualifier": "claimed"},
    "no_model": {"item": "GPU"},
    "not_cny": {"currency": "USD"},
    "no_period": {"period": None},
    "not_separable": {"gpus": None},
    "open_bound": {"bound": "over"},
    "no_month": {"as_of": "2023"},
    "implausible": {"amount": 1},
}


@pytest.mark.parametrize("reason", EXCLUDED)
def test_what_does_not_count_says_why(home: Home, fill: Any, reason: str) -> None:
    prices(home, fill, [{**RENT, "amount": 58400, "as_of": "2024-06", **EXCLUDED[reason]}])
    assert rows(home, "SELECT reason FROM price_exclusions") == [(reason,)]
    assert rows(home, "SELECT * FROM rent_index") == []


def test_the_day_a_file_was_loaded_is_no_day_of_a_price(home: Home, fill: Any) -> None:
    """Nobody said when: neither the text nor its document."""
    buy = {"kind": "purchase", "item": "H100", "unit": "server", "gpus": 8, "currency": "CNY"}
    prices(home, fill, [
        {**RENT, "amount": 58400, "told": None},
        {**buy, "amount": 2336000, "told": None},
        {**RENT, "amount": 29200, "told": None, "as_of": "2024-04"},
        {**buy, "amount": 1168000},
    ])  # fmt: skip
    assert rows(home, "SELECT reason, amount FROM price_exclusions") == [("no_month", 58400)]
    assert rows(home, "SELECT month, median FROM rent_index") == [("2024-04", 5.0)]
    assert rows(home, "SELECT month, median FROM purchase_index") == [("2024-06", 146000.0)]


def test_payback_at_claimed_peak_and_current_rents(home: Home, fill: Any) -> None:
    buy = {"kind": "purchase", "item": "H100", "unit": "server", "gpus": 8, "currency": "CNY"}
    prices(home, fill, [
        {**buy, "amount": 2336000, "as_of": "2024-06"},
        {**RENT, "amount": 116800, "as_of": "2023-06", "qualifier": "claimed"},
        {**RENT, "amount": 87600, "as_of": "2023-09"},
        {**RENT, "amount": 29200, "as_of": "2024-06"},
    ])  # fmt: skip
    found = rows(home, "SELECT basis, rent_cny_per_gpu_hour, months FROM payback(running_cost := 1)")
    # 292,000 CNY a GPU; 20, 15 and 5 CNY an hour, less 1, for 730 hours a month
    assert found == [("claimed", 20.0, 21.1), ("peak", 15.0, 28.6), ("current", 5.0, 100.0)]
    assert rows(home, "SELECT DISTINCT months, never FROM payback(running_cost := 30)") == [(None, True)]


def contracts(home: Home, fill: Any, tellings: list[dict[str, Any]]) -> None:
    documents, events = [], []
    for i, telling in enumerate(tellings):
        fields = dict(telling)
        told = document(f"c{i:02}", unlike(i), published=fields.pop("told"))
        documents.append(told)
        events.append(event(told, "contract", **{"category": "compute_rental", **fields}))
    fill(documents, events)


def test_days_alive_and_share_of_the_term(home: Home, fill: Any) -> None:
    who = {"company": "青石股份", "counterparty": "白杨云"}
    contracts(home, fill, [
        {**who, "action": "signed", "event_date": "2024-01-01", "term_months": 24, "told": "2024-01-02"},
        {**who, "action": "terminated", "event_date": "2024-12-31", "told": "2025-01-02"},
    ])  # fmt: skip
    ((alive, served),) = rows(home, "SELECT days_alive, term_served FROM cancellations")
    assert alive == 365
    assert served == pytest.approx(365 / (24 * 30.4375), abs=1e-4)


def test_survival_is_what_lifelines_and_pencil_say(home: Home, fill: Any) -> None:
    """Four contracts disclosed at once; ends after 100, 200 and 300 days, one alive to the last day."""
    tellings = []
    for n, end in enumerate(("2024-04-10", "2024-07-19", "2024-10-27", None)):
        who = {"company": "青石股份", "counterparty": f"{'云石松塘'[n]}川网络"}
        tellings.append({**who, "action": "signed", "event_date": "2024-01-01", "told": "2024-01-01"})
        if end:
            tellings.append({**who, "action": "terminated", "event_date": end, "told": end})
        else:
            tellings.append({**who, "action": "delayed", "event_date": "2024-12-30", "told": "2024-12-30"})
    contracts(home, fill, tellings)
    curve = dict(rows(home, "SELECT month, survival FROM contract_survival WHERE category IS NULL"))
    assert [round(curve[m], 4) for m in (0, 3, 4, 6, 7, 9, 10, 12)] == [
        1,
        1,
        0.75,
        0.75,
        0.5,
        0.5,
        0.25,
        0.25,
    ]
    limits = rows(home, "SELECT lower, survival, upper FROM contract_survival")
    assert all(0 <= low <= middle <= high <= 1 for low, middle, high in limits)


def test_a_contract_first_told_by_its_end_is_not_at_risk(home: Home, fill: Any) -> None:
    contracts(home, fill, [
        {"company": "青石股份", "action": "terminated", "signed_date": "2024-01-01", "event_date": "2024-06-01",
         "told": "2024-06-01"},
    ])  # fmt: skip
    assert rows(home, "SELECT * FROM contract_survival") == []
    assert rows(home, "SELECT * FROM cancellation_rate") == []


def test_cancellation_rate_counts_only_who_was_followed(home: Home, fill: Any) -> None:
    tellings = []
    for n, (told, end) in enumerate(
        (("2023-01-10", "2023-05-01"), ("2023-02-10", None), ("2024-06-10", None))
    ):
        who = {"company": "青石股份", "counterparty": f"{'云石松'[n]}川网络"}
        tellings.append({**who, "action": "signed", "event_date": told, "told": told})
        if end:
            tellings.append({**who, "action": "terminated", "event_date": end, "told": end})
    contracts(home, fill, tellings)
    found = rows(
        home, "SELECT cohort, followed_6, rate_6, followed_24 FROM cancellation_rate WHERE category IS NULL"
    )
    assert found == [("2023-Q1", 2, 0.5, 0), ("2024-Q2", 0, None, 0)]


def test_projects_join_names_and_keep_phases_plans_and_standing_apart(home: Home, fill: Any) -> None:
    told = [
        ("2024-01-05", {"project": "韶关智算中心", "stage": "announced", "amount": 10000}),
        ("2024-03-05", {"project": "韶关智算中心一期", "stage": "under_construction", "amount": 2000}),
        ("2024-09-05", {"project": "广东韶关智算中心项目（一期）", "stage": "operating", "amount": 2000}),
        (
            "2024-09-06",
            {"project": "宜昌智算中心", "place": "湖北宜昌", "stage": "announced", "amount": 3000},
        ),
    ]
    documents = [document(f"j{i}", f"第{i}份项目说明。", published=day) for i, (day, _) in enumerate(told)]
    events = [
        event(
            d,
            "project",
            **{"measure": "compute", "unit": "PFLOPS", "place": "广东韶关", "bound": "exact", **fields},
        )
        for d, (_, fields) in zip(documents, told, strict=True)
    ]
    fill(documents, events)
    found = rows(
        home,
        "SELECT name, province, stage, compute_pflops_planned::INTEGER, compute_pflops_standing::INTEGER, mentions"
        " FROM projects ORDER BY project_no",
    )
    assert found == [
        ("广东韶关智算中心", "广东", "operating", 10000, 2000, 3),
        ("宜昌智算中心", "湖北", "announced", 3000, None, 1),
    ]
    pipeline = rows(home, "SELECT province, stage, projects, compute_pflops::INTEGER FROM capacity_pipeline")
    assert sorted(pipeline) == [("广东", "operating", 1, 2000), ("湖北", "announced", 1, 3000)]


def test_exposure_adds_up_by_company(home: Home, fill: Any) -> None:
    who = {"company": "青石股份", "company_code": "309001", "currency": "CNY"}
    contracts(home, fill, [
        {**who, "counterparty": "白杨云", "action": "signed", "amount": 100, "told": "2024-01-01"},
        {**who, "counterparty": "紫藤网络", "action": "signed", "amount": 30, "told": "2024-01-01"},
        {**who, "counterparty": "紫藤网络", "action": "terminated", "amount": 30, "told": "2024-05-01"},
    ])  # fmt: skip
    found = rows(home, "SELECT signed, cancelled, alive, cancelled_cny, at_risk_cny FROM company_exposure")
    assert found == [(2, 1, 1, Decimal(30), Decimal(100))]


def test_coverage_shows_the_gap(home: Home, fill: Any) -> None:
    fill([document("a", "一月。", published="2024-01-05", source="paper"),
          document("b", "三月的另一篇。", published="2024-03-05", source="paper", kind="filing")])  # fmt: skip
    assert rows(home, "SELECT source, month, documents, filings, gap FROM coverage") == [
        ("paper", "2024-01", 1, 0, False),
        ("paper", "2024-02", 0, 0, True),
        ("paper", "2024-03", 1, 1, False),
    ]


def test_a_vacancy_is_the_rest_of_what_is_used(home: Home, fill: Any) -> None:
    a = document("a", "空置率七成。", published="2024-06-01")
    fill([a], [event(a, "utilisation", metric="vacancy", rate=70, scope="全国", bound="exact")])
    assert rows(home, "SELECT scope, month, rate, used FROM utilisation_history") == [
        ("全国", "2024-06", 70.0, 30.0)
    ]


@pytest.mark.parametrize(
    ("signed", "ended", "days"),
    [
        ("2024-01-01", "2024-12-31", 365),
        ("2024-01", "2024-12", 335),
        ("2023", "2024-12-31", None),
        ("2024-01-01", "2024", None),
        (None, "2024-12-31", None),
    ],
)
def test_days_alive_are_told_only_where_both_ends_are_known(
    home: Home, fill: Any, signed: str | None, ended: str, days: int | None
) -> None:
    contracts(home, fill, [
        {"company": "青石股份", "counterparty": "白杨云", "action": "terminated", "signed_date": signed,
         "event_date": ended, "term_months": 24, "told": "2025-01-02"},
    ])  # fmt: skip
    ((alive, served),) = rows(home, "SELECT days_alive, term_served FROM cancellations")
    assert alive == days
    assert (served is None) == (days is None)
    assert rows(home, "SELECT days_alive FROM contract_lifecycle") == [(days,)]


def test_a_cancellation_told_of_a_year_counts_in_the_month_nearest_to_its_telling(
    home: Home, fill: Any
) -> None:
    contracts(home, fill, [
        {"company": "青石股份", "action": "terminated", "event_date": "2024", "told": "2025-02-20"},
        {"company": "赤松股份", "action": "terminated", "event_date": "2024", "told": "2024-06-20"},
        {"company": "紫藤股份", "action": "terminated", "event_date": "2024-06-11", "told": "2024-06-20"},
        {"company": "银杏股份", "action": "terminated", "told": "2024-07-20"},
    ])  # fmt: skip
    months = rows(
        home,
        "SELECT month, contracts, contracts_undated FROM cancellations_monthly"
        " WHERE category IS NULL AND contracts > 0",
    )
    assert months == [("2024-06", 2, 1), ("2024-07", 1, 1), ("2024-12", 1, 1)]


def test_a_peak_told_of_a_whole_year_pays_back_but_is_in_no_month(home: Home, fill: Any) -> None:
    buy = {"kind": "purchase", "item": "H100", "unit": "server", "gpus": 8, "currency": "CNY"}
    prices(home, fill, [
        {**buy, "amount": 2336000, "as_of": "2024-06"},
        {**RENT, "amount": 175200, "as_of": "2023", "qualifier": "peak"},
        {**RENT, "amount": 29200, "as_of": "2024-06"},
    ])  # fmt: skip
    assert rows(home, "SELECT basis, rent_month, rent_cny_per_gpu_hour FROM payback()") == [
        ("peak", "2023", 30.0),
        ("current", "2024-06", 5.0),
    ]
    assert rows(home, "SELECT DISTINCT month FROM rent_index") == [("2024-06",)]


def test_an_end_without_a_day_ends_when_it_was_told_not_when_last_talked_of(home: Home, fill: Any) -> None:
    who = {"company": "青石股份", "counterparty": "白杨云"}
    contracts(home, fill, [
        {**who, "action": "signed", "event_date": "2024-01-01", "told": "2024-01-02"},
        {**who, "action": "terminated", "told": "2024-04-20"},
        {**who, "action": "terminated", "told": "2025-12-20"},
    ])  # fmt: skip
    ended = rows(home, "SELECT month FROM contract_survival WHERE category IS NULL AND cancelled = 1")
    assert ended == [(4,)]


def sizes(home: Home, fill: Any, told: list[tuple[str, dict[str, Any]]]) -> None:
    documents = [document(f"s{i:02}", unlike(i), published=day) for i, (day, _) in enumerate(told)]
    fields = {"measure": "compute", "unit": "PFLOPS", "bound": "exact"}
    events = [event(d, "project", **{**fields, **f}) for d, (_, f) in zip(documents, told, strict=True)]
    fill(documents, events)


def test_what_is_to_run_in_two_years_does_not_stand_yet(home: Home, fill: Any) -> None:
    name = {"project": "槐江智算中心", "operator": "槐江数据"}
    sizes(home, fill, [
        ("2024-09-04", {**name, "stage": "operating", "amount": 2000}),
        ("2024-09-04", {**name, "stage": "operating", "amount": 55000, "as_of": "2026"}),
        ("2024-09-05", {**name, "stage": "under_construction", "amount": 3000, "as_of": "2025"}),
    ])  # fmt: skip
    assert rows(
        home,
        "SELECT stage, stages, compute_pflops_standing::INTEGER, compute_pflops_planned::INTEGER FROM projects",
    ) == [
        (
            "under_construction",
            ["2024-09 operating", "2025-01 under_construction (planned)", "2026-01 operating (planned)"],
            2000,
            55000,
        )
    ]


def test_what_has_no_name_operator_or_place_is_no_project(home: Home, fill: Any) -> None:
    sizes(home, fill, [
        ("2024-09-04", {"stage": "operating", "amount": 2000}),
        ("2024-10-04", {"stage": "announced", "amount": 700}),
        ("2024-10-05", {"place": "贵州", "stage": "announced", "amount": 9000}),
    ])  # fmt: skip
    assert rows(home, "SELECT place, stage FROM projects") == [("贵州", None)]
    assert rows(home, "SELECT count(*) FROM project_sizes") == [(3,)]
