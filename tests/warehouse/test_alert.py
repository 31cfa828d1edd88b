"""Alerts: each thing once to each channel, failures again, secrets nowhere; through Apprise to a real listener."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.warehouse.conftest import Fill
from tests.warehouse.test_report import one_cancellation
from tests.warehouse.told import document, event
from warehouse.alert import AlertError, Notice, Rule, look, rules
from warehouse.cli import app
from warehouse.home import Home
from warehouse.telling import SENT, Marked, Told, tell

TODAY = date(2025, 3, 10)


def rule(kind: str, *, backlog: bool = True, **options: Any) -> Rule:
    return Rule(kind, kind, options, ("json://one", "json://two"), backlog)


def outcomes(done: list[Told | Marked]) -> list[str | int]:
    """What became of each notice; of those that count as told, how many."""
    return [told.notices if isinstance(told, Marked) else told.outcome for told in done]


def more(fill: Fill) -> None:
    """Another cancellation."""
    told = document("n9", "澜石股份与禾穗科技的算力服务合同已终止。", published="2025-05-04", tier="official")
    fill(
        [told],
        [
            event(
                told, "contract", "与禾穗科技的算力服务合同已终止", action="terminated", status="effective",
                category="compute_rental", company="澜石股份", counterparty="禾穗科技", amount=130000000, bound="exact",
                currency="CNY", event_date="2025-05-01",
            )
        ],
    )  # fmt: skip


class Channel:
    """Takes notices, or fails to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.broken: set[str] = set()

    def __call__(self, channel: str, notice: Notice) -> bool:
        if channel in self.broken:
            return False
        self.got.append((channel, notice.title))
        return True


def test_a_cancellation_is_told_once_to_each_channel(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    above = [rule("cancellation", above=1e8, currency="CNY")]
    for _ in range(2):
        tell(home, above, send=channel, today=TODAY)
    assert channel.got == [
        ("json://one", "cancelled: 澜石股份 × 云栈科技 120,000,000 CNY"),
        ("json://two", "cancelled: 澜石股份 × 云栈科技 120,000,000 CNY"),
    ]
    assert look(home, [rule("cancellation", above=2e8, currency="CNY")]) == []


def test_what_failed_is_told_again_and_only_there(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    channel.broken = {"json://two"}
    found = [rule("company", companies=["澜石股份"])]
    assert outcomes(tell(home, found, send=channel)) == ["sent", "failed"]
    channel.broken = set()
    assert outcomes(tell(home, found, send=channel)) == ["sent"]
    assert [where for where, _ in channel.got] == ["json://one", "json://two"]


def test_a_dry_run_tells_nobody_and_remembers_nothing(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    found = [rule("company", companies=["澜石股份"])]
    for _ in range(2):
        assert outcomes(tell(home, found, send=channel, dry=True)) == ["would", "would"]
        quiet = [rule("company", companies=["澜石股份"], backlog=False)]
        assert outcomes(tell(home, quiet, send=channel, dry=True)) == [1, 1]
    assert channel.got == []


def test_a_new_rule_is_quiet_about_the_past(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    above = [rule("cancellation", above=1e8, currency="CNY", backlog=False)]
    assert outcomes(tell(home, above, send=channel)) == [1, 1]
    assert outcomes(tell(home, above, send=channel)) == []
    more(fill)
    assert outcomes(tell(home, above, send=channel)) == ["sent", "sent"]
    assert {title for _, title in channel.got} == {"cancelled: 澜石股份 × 禾穗科技 130,000,000 CNY"}


def test_a_rule_that_found_nothing_at_first_tells_the_first_thing(fill: Fill, home: Home) -> None:
    fill([])
    channel = Channel()
    above = [rule("cancellation", above=1e8, currency="CNY", backlog=False)]
    assert outcomes(tell(home, above, send=channel)) == []
    more(fill)
    assert outcomes(tell(home, above, send=channel)) == ["sent", "sent"]


def test_the_history_is_told_to_who_asks_for_it(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    above = [rule("cancellation", above=1e8, currency="CNY", backlog=False)]
    assert outcomes(tell(home, above, send=channel, backlog=True)) == ["sent", "sent"]
    assert outcomes(tell(home, above, send=channel)) == []


def test_other_options_are_a_new_question(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    more(fill)
    channel = Channel()
    assert (
        outcomes(tell(home, [rule("cancellation", above=125e6, currency="CNY")], send=channel))
        == ["sent"] * 2
    )
    wider = [rule("cancellation", above=1e8, currency="CNY", backlog=False)]
    assert outcomes(tell(home, wider, send=channel)) == [1, 1]
    assert outcomes(tell(home, wider, send=channel)) == []


def test_what_failed_is_not_marked_as_told_with_the_rest(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    channel.broken = {"json://one", "json://two"}
    assert outcomes(tell(home, [rule("company", companies=["澜石股份"])], send=channel)) == ["failed"] * 2
    channel.broken = set()
    wider = [rule("company", companies=["澜石股份", "别的"], backlog=False)]
    assert outcomes(tell(home, wider, send=channel)) == ["sent", "sent"]


def test_a_memory_of_an_older_program_is_understood(fill: Fill, home: Home) -> None:
    one_cancellation(fill)
    channel = Channel()
    above = [rule("cancellation", above=1e8, currency="CNY")]
    tell(home, above, send=channel)
    with closing(sqlite3.connect(home.root / SENT)) as memory:
        memory.execute("DROP TABLE begun")
    more(fill)
    again = [rule("cancellation", above=1e8, currency="CNY", backlog=False)]
    assert outcomes(tell(home, again, send=channel)) == ["sent", "sent"]


def test_a_silent_source_is_told_at_the_first_look(fill: Fill, home: Home) -> None:
    fill([document("q1", "一份文件。", published="2025-03-01", source="feed")])
    stale = [rule("source_stale", days=7.0, backlog=False)]
    assert outcomes(tell(home, stale, send=Channel(), today=TODAY)) == ["sent", "sent"]


def test_a_rent_that_moved(fill: Fill, home: Home) -> None:
    prices = {"2025-01": 12, "2025-02": 11, "2025-03": 7}
    told = [
        document(f"r{month}", f"H100每卡时租金{price}元。", published=f"{month}-05")
        for month, price in prices.items()
    ]
    fill(
        told,
        [
            event(
                d, "price", kind="rent", item="H100", unit="card", gpus=1, amount=price, bound="exact", currency="CNY",
                period="hour", as_of=month, cny_per_gpu_hour=price,
            )
            for d, (month, price) in zip(told, prices.items(), strict=True)
        ],
    )  # fmt: skip
    ((_, notice),) = look(home, [rule("rent_moved", percent=20.0)])
    assert notice.title == "rent H100 (spot): -36.4 % in 2025-03"


def test_a_silent_source_is_told_once_a_silence(fill: Fill, home: Home) -> None:
    fill([document("q1", "一份文件。", published="2025-03-01", source="feed")])
    stale = [rule("source_stale", days=7.0)]
    assert [n.title for _, n in look(home, stale, today=TODAY)] == [
        "source feed published nothing since 2025-03-01"
    ]
    assert look(home, stale, today=date(2025, 3, 8)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[", "not a yml file"),
        ("rules: 1", "needs"),
        ("rules: [{kind: company}]", "has no name"),
        ("rules: [{name: a, kind: nothing}]", "choose cancellation"),
        ("channels: {x: 'json://h'}\nrules: [{name: a, kind: company, to: [y]}]", "no channel"),
        ("rules: [{name: a, kind: company}]", "no channel"),
        (
            "channels: {x: 'json://h'}\nrules: [{name: a, kind: rent_moved, percent: much, to: [x]}]",
            "percent is 'much'; give a number",
        ),
        (
            "channels: {x: 'json://h'}\nrules: [{name: a, kind: rent_moved, above: 1, to: [x]}]",
            "no option of rent_moved",
        ),
        ("channels: {x: 'json://h'}\nrules: [{name: a, kind: company, backlog: 1, to: [x]}]", "backlog is 1"),
        ("channels: {x: 'json://$PAOMO_UNSET_NAME'}\nrules: []", r"channel x: \$PAOMO_UNSET_NAME is not set"),
        ("channels: {x: 'json://${PAOMO_UNSET_NAME}/a'}\nrules: []", r"\$PAOMO_UNSET_NAME is not set"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "alerts.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(AlertError, match=wrong):
        rules(file)


def test_why_a_notice_was_not_taken_is_told_without_secrets(
    fill: Fill, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_cancellation(fill)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("PAOMO_TEST_HOOK", f"127.0.0.1:{port}/secret-path")
    (home.root / "alerts.yml").write_text(
        "channels: {hook: 'json://$PAOMO_TEST_HOOK'}\n"
        "rules: [{name: large, kind: cancellation, above: 100000000, to: [hook], backlog: true}]\n",
        "utf-8",
    )
    ran = CliRunner().invoke(app, ["alert", "--home", str(home.root)])
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["outcome"]) == (1, "failed")
    assert len(told["why"]) > 10
    assert "secret-path" not in ran.output


def test_the_command_through_apprise(
    fill: Fill, home: Home, listener: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    one_cancellation(fill)
    address, got = listener
    monkeypatch.setenv("PAOMO_TEST_HOOK", f"{address}/secret-path")
    (home.root / "alerts.yml").write_text(
        "channels: {hook: 'json://$PAOMO_TEST_HOOK'}\n"
        "rules: [{name: large, kind: cancellation, above: 100000000, to: [hook]}]\n",
        "utf-8",
    )
    tried = CliRunner().invoke(app, ["alert", "--home", str(home.root), "--dry-run"])
    assert json.loads(tried.stdout)["outcome"] == "would mark as told"
    for _ in range(2):
        ran = CliRunner().invoke(app, ["alert", "--home", str(home.root), "--backlog"])
        assert ran.exit_code == 0, ran.output
        assert "secret-path" not in ran.output
    (notice,) = got
    assert notice["title"] == "cancelled: 澜石股份 × 云栈科技 120,000,000 CNY"
    assert "与云栈科技的算力服务合同" in notice["message"]
    assert b"secret-path" not in (home.root / SENT).read_bytes()
