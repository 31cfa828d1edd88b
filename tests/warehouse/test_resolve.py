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
        tier, title = fields.pop("tier", "media"), fields.pop("title", None)
        text = f"{name}：第{i:02}条，" if name not in documents else documents[name].text + f"第{i:02}条，"
        documents[name] = document(name, text, published=published, tier=tier, title=title)
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


PINE: Telling = {"company": "赤松股份", "company_code": "309002", "category": "compute_rental"}
SAME_DEAL = {
    "each tells both ends": [
        {**SIGNED, "counterparty": "赤松股份", "amount": 150000000, "event_date": "2024-03-01"},
        {
            **PINE,
            "action": "signed",
            "counterparty": "青石股份",
            "amount": 150000000,
            "event_date": "2024-03-01",
        },
        {**ENDED, "counterparty": "赤松股份", "event_date": "2025-01-10"},
        {**PINE, "action": "terminated", "counterparty": "青石股份", "event_date": "2025-01-10"},
    ],
    "through subsidiaries": [
        {
            **SIGNED,
            "party": "青石智算",
            "counterparty": "赤松云",
            "amount": 150000000,
            "event_date": "2024-03-01",
        },
        {**PINE, "action": "signed", "party": "赤松云", "counterparty": "青石智算", "amount": 150000000},
        {
            **PINE,
            "action": "terminated",
            "party": "赤松云",
            "counterparty": "青石智算",
            "event_date": "2025-01-10",
        },
    ],
    "only the end, and no amount": [
        {**ENDED, "counterparty": "赤松股份", "event_date": "2025-01-10"},
        {**PINE, "action": "terminated", "counterparty": "青石股份", "event_date": "2025-01-10"},
    ],
    "one calls it a rental, the other a purchase": [
        {**SIGNED, "counterparty": "赤松股份", "amount": 150000000, "event_date": "2024-03-01"},
        {
            **PINE,
            "action": "signed",
            "category": "equipment",
            "counterparty": "青石股份",
            "amount": 150000000,
        },
        {**ENDED, "counterparty": "赤松股份", "event_date": "2025-01-10"},
        {**PINE, "action": "terminated", "counterparty": "青石股份", "event_date": "2025-01-10"},
    ],
}


@pytest.mark.parametrize("case", SAME_DEAL)
def test_a_deal_of_two_listed_companies_is_counted_once_and_is_no_conflict(
    home: Home, fill: Any, case: str
) -> None:
    tellings = SAME_DEAL[case]
    state = "terminated"
    assert resolved(home, fill, tellings) == [(len(tellings), state)]
    with writing(home) as connection:
        assert connection.execute("FROM conflicts").fetchall() == []
        assert connection.execute("SELECT count(*) FROM cancellations").fetchall() == [(1,)]
        ((company, other),) = connection.execute("SELECT company, counterparty FROM contracts").fetchall()
    assert company[0] != other[0], "nobody contracts with himself"


def test_two_deals_of_two_listed_companies_stay_two(home: Home, fill: Any) -> None:
    pairs = [(150000000, "2023-03-01"), (270000000, "2024-09-01")]
    tellings = [
        {**who, "action": "signed", "counterparty": other, "amount": amount, "event_date": day}
        for amount, day in pairs
        for who, other in ((SIGNED, "赤松股份"), (PINE, "青石股份"))
    ]
    assert resolved(home, fill, tellings) == [(2, "signed"), (2, "signed")]


SUBSIDIARY = {
    "its name as the party": {"party": "青石智算"},
    "its full name": {"party": "深圳市青石智算科技有限公司"},
    "its name as if it were the company": {"company": "青石智算"},
    "the company without its code": {"company": "青石股份"},
}


@pytest.mark.parametrize("case", SUBSIDIARY)
def test_a_contract_told_by_a_subsidiary_alone_has_its_company(home: Home, fill: Any, case: str) -> None:
    tellings = [
        {**SIGNED, "party": "青石智算", "counterparty": "白杨云", "amount": 150000000},
        {**SUBSIDIARY[case], "action": "terminated", "counterparty": "紫藤网络", "amount": 30000000},
    ]
    resolved(home, fill, tellings)
    with writing(home) as connection:
        found = connection.execute("SELECT DISTINCT company, company_code FROM contracts").fetchall()
        exposed = connection.execute("SELECT signed, cancelled FROM company_exposure").fetchall()
    assert found == [("青石股份", "309001")]
    assert exposed == [(1, 1)]


def test_a_name_two_companies_bear_fills_in_nothing(home: Home, fill: Any) -> None:
    tellings = [
        {**SIGNED, "party": "东方智算", "counterparty": "白杨云"},
        {**PINE, "action": "signed", "party": "东方智算", "counterparty": "紫藤网络"},
        {"action": "terminated", "party": "东方智算", "counterparty": "银杏数据", "amount": 30000000},
    ]
    resolved(home, fill, tellings)
    with writing(home) as connection:
        assert connection.execute("SELECT company, company_code FROM cancellations").fetchall() == [
            (None, None)
        ]


def test_a_masked_side_is_named_by_the_filing_that_ends_it(home: Home, fill: Any) -> None:
    tellings = [
        {**SIGNED, "counterparty": "客户A", "amount": 150000000, "event_date": "2024-03-01", "tier": "official"},
        {**SIGNED, "counterparty": "客户B", "amount": 90000000, "event_date": "2024-03-01", "tier": "official"},
        {**SIGNED, "action": "delayed", "counterparty": "客户A", "event_date": "2024-09-01", "tier": "official"},
        {**ENDED, "counterparty": "北京白杨云计算有限公司", "amount": 150000000, "signed_date": "2024-03-01",
         "event_date": "2025-01-10", "tier": "official"},
        {**ENDED, "counterparty": "白杨云", "event_date": "2025-01-10"},
    ]  # fmt: skip
    assert resolved(home, fill, tellings) == [(4, "terminated"), (1, "signed")]
    with writing(home) as connection:
        found = connection.execute("SELECT counterparty FROM contracts ORDER BY mentions").fetchall()
        assert connection.execute("FROM conflicts").fetchall() == []
    assert found == [("客户B",), ("北京白杨云计算有限公司",)]


@pytest.mark.parametrize("wrong", [150000000, 51000000])
def test_a_correction_counts_however_many_had_copied_the_mistake(home: Home, fill: Any, wrong: int) -> None:
    filing = {**SIGNED, "counterparty": "白杨云", "event_date": "2024-03-01", "tier": "official"}
    tellings = [
        {**filing, "amount": wrong, "told": "2024-03-02"},
        {**filing, "amount": wrong, "told": "2024-03-03", "tier": "media"},
        {**filing, "amount": wrong, "told": "2024-03-03", "tier": "aggregator"},
        {
            **filing,
            "amount": 510000000,
            "told": "2024-03-05",
            "title": "青石股份：关于算力服务合同公告的更正公告",
        },
        {**filing, "amount": wrong, "told": "2024-03-08", "tier": "media"},
    ]
    assert resolved(home, fill, tellings) == [(5, "signed")]
    with writing(home) as connection:
        assert connection.execute("SELECT amount::BIGINT FROM contracts").fetchall() == [(510000000,)]
        ((lost,),) = connection.execute("SELECT other FROM conflicts").fetchall()
    assert lost.startswith(f"{wrong:,}")


def test_the_day_of_the_news_is_not_the_day_of_signing(home: Home, fill: Any) -> None:
    tellings = [
        {**SIGNED, "counterparty": "白杨云", "event_date": "2024-01-14", "told": "2024-01-14"},
        {**ENDED, "counterparty": "白杨云", "signed_date": "2024-01", "event_date": "2024-11-12"},
        {**ENDED, "counterparty": "白杨云", "signed_date": "2024-01-09", "event_date": "2024-11-12"},
    ]
    resolved(home, fill, tellings)
    with writing(home) as connection:
        assert connection.execute("SELECT signed FROM contracts").fetchall() == [("2024-01-09",)]
        assert connection.execute("FROM conflicts").fetchall() == []


@pytest.mark.parametrize(("months", "printed"), [(36, "36"), ("1.5", "1.5")])
def test_a_term_is_printed_as_it_was_told(home: Home, fill: Any, months: object, printed: str) -> None:
    resolved(home, fill, [{**SIGNED, "counterparty": "白杨云", "term_months": months}])
    with writing(home) as connection:
        values = connection.execute(
            "SELECT value FROM contract_values WHERE field = 'term_months'"
        ).fetchall()
    assert values == [(printed,)]
