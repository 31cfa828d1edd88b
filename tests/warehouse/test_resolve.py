"""Hard cases of joining: what must be one contract, and what must stay two."""

from __future__ import annotations

from typing import Any

import pytest

from tests.warehouse.told import document, event
from warehouse.home import Home
from warehouse.store import writing

Telling = dict[str, Any]
SIGNED: Telling = {
    "action": "signed",
    "company": "青石股份",
    "company_code": "309001",
    "category": "compute_rental",
}
ENDED: Telling = {**SIGNED, "action": "terminated"}


def resolved(home: Home, fill: Any, tellings: list[Telling]) -> list[tuple[Any, ...]]:
    """Contracts as (mentions, state), each telling in a document of its own unless it names one."""
    documents, events = {}, []
    for i, telling in enumerate(tellings):
        fields = dict(telling)
        name = fields.pop("doc", f"d{i:02}")
        published = fields.pop("told", "2025-06-30")
        tier = fields.pop("tier", "media")
        text = f"{name}：第{i:02}条，" if name not in documents else documents[name].text + f"第{i:02}条，"
        documents[name] = document(name, text, published=published, tier=tier)
        events.append((name, f"第{i:02}条", fields))
    fill(documents.values(), [event(documents[n], "contract", quote, **f) for n, quote, f in events])
    with writing(home) as connection:
        return connection.execute(
            "SELECT mentions, state FROM contracts ORDER BY mentions DESC, contract_no"
        ).fetchall()


ONE = {
    "signing and end agree in the other side": [
        {**SIGNED, "counterparty": "白杨云", "amount": 150000000, "signed_date": "2024-03-01"},
        {**ENDED, "counterparty": "白杨云计算有限公司", "event_date": "2025-01-10"},
    ],
    "amounts within rounding": [
        {**SIGNED, "amount": 3690000000, "bound": "exact", "currency": "CNY"},
        {**ENDED, "amount": 3700000000, "bound": "about", "currency": "CNY"},
    ],
    "told by the subsidiary alone": [
        {**SIGNED, "party": "青石智算", "counterparty": "白杨云"},
        {"action": "terminated", "party": "青石智算", "counterparty": "白杨云"},
    ],
    "told under the company's name without its code": [
        {**SIGNED, "counterparty": "白杨云"},
        {"action": "terminated", "company": "青石股份", "counterparty": "白杨云"},
    ],
    "a masked other side and the same signing": [
        {**SIGNED, "counterparty": "客户A", "signed_date": "2024-03-01", "amount": 150000000},
        {**ENDED, "counterparty": "白杨云", "signed_date": "2024-03", "amount": 150000000},
    ],
    "a bare end, and one contract it can mean": [
        {**SIGNED, "counterparty": "白杨云", "signed_date": "2024-03-01"},
        {**ENDED},
    ],
    "only the other side is named": [
        {**SIGNED, "counterparty": "白杨云"},
        {"action": "terminated", "counterparty": "白杨云", "event_date": "2025-01"},
    ],
    "a broken number on the same day": [
        {**ENDED, "counterparty": "白杨云", "amount": 494000000, "event_date": "2025-01-10"},
        {**ENDED, "counterparty": "白杨云", "amount": 9400000000, "event_date": "2025-01-10"},
    ],
    "announced a day after it happened": [
        {**ENDED, "counterparty": "白杨云", "event_date": "2025-01-10"},
        {**ENDED, "counterparty": "白杨云", "event_date": "2025-01-11"},
    ],
}
TWO = {
    "two other sides": [
        {**SIGNED, "counterparty": "白杨云"},
        {**SIGNED, "counterparty": "紫藤网络"},
    ],
    "one other side, signed twice": [
        {**SIGNED, "counterparty": "白杨云", "signed_date": "2023-03-01", "amount": 150000000},
        {**SIGNED, "counterparty": "白杨云", "signed_date": "2024-09-01", "amount": 270000000},
    ],
    "two companies with one customer": [
        {**SIGNED, "counterparty": "白杨云"},
        {**SIGNED, "company": "赤松股份", "company_code": "309002", "counterparty": "白杨云"},
    ],
    "ended before the other was signed": [
        {**ENDED, "counterparty": "白杨云", "event_date": "2023-01-10"},
        {**SIGNED, "counterparty": "白杨云", "signed_date": "2024-01-10"},
    ],
    "two amounts in one document": [
        {**SIGNED, "counterparty": "白杨云", "amount": 150000000, "doc": "report"},
        {**SIGNED, "counterparty": "白杨云", "amount": 320000000, "doc": "report"},
    ],
    "masked sides with different letters": [
        {**SIGNED, "counterparty": "客户A", "amount": 150000000},
        {**SIGNED, "counterparty": "客户B", "amount": 320000000},
    ],
}


@pytest.mark.parametrize("case", ONE)
def test_one_contract(home: Home, fill: Any, case: str) -> None:
    assert [n for n, _ in resolved(home, fill, ONE[case])] == [len(ONE[case])]


@pytest.mark.parametrize("case", TWO)
def test_two_contracts(home: Home, fill: Any, case: str) -> None:
    assert [n for n, _ in resolved(home, fill, TWO[case])] == [1, 1]


def test_a_bare_end_that_could_mean_either_joins_neither(home: Home, fill: Any) -> None:
    tellings = [{**SIGNED, "counterparty": "白杨云"}, {**SIGNED, "counterparty": "紫藤网络"}, dict(ENDED)]
    assert sorted(resolved(home, fill, tellings)) == [(1, "signed"), (1, "signed"), (1, "terminated")]


def test_a_contract_between_two_listed_companies_is_told_from_both_sides(home: Home, fill: Any) -> None:
    tellings = [
        {**SIGNED, "counterparty": "赤松股份", "amount": 150000000, "signed_date": "2024-03-01"},
        {
            **SIGNED,
            "company": "赤松股份",
            "company_code": "309002",
            "counterparty": "青石股份",
            "amount": 150000000,
        },
    ]
    assert resolved(home, fill, tellings) == [(2, "signed")]


def test_a_filing_and_twenty_papers_are_one_cancellation(home: Home, fill: Any) -> None:
    filing = {
        **ENDED,
        "counterparty": "白杨云",
        "amount": 494000000,
        "event_date": "2025-01-10",
        "tier": "official",
    }
    papers = [{**filing, "tier": "aggregator"} for _ in range(19)]
    broken = {**filing, "tier": "aggregator", "amount": 94000000}
    assert resolved(home, fill, [filing, *papers, broken]) == [(21, "terminated")]
    with writing(home) as connection:
        assert connection.execute("SELECT amount::BIGINT, sources FROM cancellations").fetchall() == [
            (494000000, 21)
        ]
        assert connection.execute("SELECT field, other, why FROM conflicts").fetchall() == [
            ("amount", "94,000,000", "a broken number")
        ]


@pytest.mark.parametrize(
    ("claim", "denial", "state"),
    [
        (("aggregator", "2025-01-13"), ("official", "2025-01-15"), "signed"),
        (("official", "2025-01-13"), ("aggregator", "2025-01-15"), "terminated"),
        (("media", "2025-01-13"), ("media", "2025-01-15"), "signed"),
        (("media", "2025-01-15"), ("media", "2025-01-13"), "terminated"),
    ],
)
def test_a_denial_undoes_what_a_worse_or_earlier_source_told(
    home: Home, fill: Any, claim: tuple[str, str], denial: tuple[str, str], state: str
) -> None:
    side = {"counterparty": "白杨云"}
    tellings = [
        {**SIGNED, **side, "told": "2024-03-01"},
        {**ENDED, **side, "tier": claim[0], "told": claim[1]},
        {**ENDED, **side, "status": "denied", "tier": denial[0], "told": denial[1]},
    ]
    assert resolved(home, fill, tellings) == [(3, state)]
    with writing(home) as connection:
        assert connection.execute("SELECT why FROM conflicts").fetchall() == [("told and denied",)]


def test_a_plan_to_terminate_is_no_cancellation(home: Home, fill: Any) -> None:
    tellings = [
        {**SIGNED, "counterparty": "白杨云"},
        {**ENDED, "counterparty": "白杨云", "status": "proposed"},
    ]
    assert resolved(home, fill, tellings) == [(2, "signed")]


def test_the_exact_amount_and_day_sharpen_the_vague(home: Home, fill: Any) -> None:
    side = {"counterparty": "白杨云", "currency": "CNY"}
    tellings = [
        {**ENDED, **side, "amount": 900000000, "bound": "over", "event_date": "2025-01", "tier": "official"},
        {**ENDED, **side, "amount": 921600000, "bound": "exact", "event_date": "2025-01-10"},
    ]
    resolved(home, fill, tellings)
    with writing(home) as connection:
        row = connection.execute("SELECT amount::BIGINT, bound, cancelled FROM contracts").fetchall()
        conflicts = connection.execute("SELECT count(*) FROM conflicts").fetchall()
    assert row == [(921600000, "exact", "2025-01-10")]
    assert conflicts == [(0,)]
