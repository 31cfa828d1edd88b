"""docs/scale.md holds exactly what `python -m benchmarks.arithmetic` computes.

`python -m benchmarks.arithmetic --write` computes it anew; read what changed before you commit it.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from benchmarks.arithmetic import BLOCK, CORES, PAGE, RATES, TABLES, Arithmetic, filled, hours, quantity, size


def test_the_page_holds_what_the_command_computes() -> None:
    page = PAGE.read_text("utf-8")
    assert {found[2] for found in BLOCK.finditer(page)} == set(TABLES)
    assert filled(page) == page, "python -m benchmarks.arithmetic --write computes it anew"


def test_prose_holds_no_number_that_a_table_should() -> None:
    prose = BLOCK.sub("", PAGE.read_text("utf-8"))
    assert re.findall(r"\d[\d,.]* (?:documents|pages|cores|hours|days|[GMT]B)\b", prose) == []


def test_every_assumption_says_where_it_is_from() -> None:
    for name, facts in Arithmetic().assumed.items():
        assert set(facts) == {"value", "unit", "what", "from"}, name
        assert (
            "guess" in facts["from"] or "." in facts["from"] or facts["from"].startswith(("the ", "CC-NEWS"))
        )


def test_more_cores_shorten_what_can_be_spread_and_nothing_else() -> None:
    sums = Arithmetic()
    for day in sums.days():
        spans = [sums.spread(day) / cores + sums.single(day) for cores in CORES]
        assert spans == sorted(spans, reverse=True)
        assert all(span > sums.single(day) for span in spans)


@pytest.mark.parametrize("name", RATES)
def test_every_measured_figure_is_counted_with(name: str) -> None:
    sums = Arithmetic()
    before = [make(sums) for make in TABLES.values()]
    sums.rate[name] = replace(sums.rate[name], value=sums.rate[name].value * 10)
    assert [make(sums) for make in TABLES.values()] != before


def test_every_assumed_number_is_counted_with() -> None:
    for name in Arithmetic().assumed:
        sums = Arithmetic()
        others = [make(sums) for kind, make in TABLES.items() if kind != "assumed"]
        sums.assumed[name] = sums.assumed[name] | {"value": sums.of(name) * 7}
        assert [make(sums) for kind, make in TABLES.items() if kind != "assumed"] != others, name


def test_numbers_as_one_says_them() -> None:
    assert [quantity(n) for n in (0.0321, 3.14159, 999, 377906, 1e7)] == [
        "0.0321",
        "3.14",
        "999",
        "378,000",
        "10,000,000",
    ]
    assert [size(n) for n in (12, 51_000, 18.9e9, 27.5e12)] == ["12 B", "51 kB", "18.9 GB", "27.5 TB"]
    assert [hours(n) for n in (3, 90, 7200, 1e6)] == ["3 s", "1.5 min", "2 h", "11.6 days"]
