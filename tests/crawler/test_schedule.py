"""What is due, what a tick does about it, and how a source's state is told."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.journal import ledger_file
from crawler.ledger import Ledger
from crawler.run import SourceReport
from crawler.schedule import Cron, due, is_due, next_run, status, tick, upcoming
from crawler.source import SHANGHAI
from crawler.standin.speakers import Feed, Pages
from tests.crawler.stand import HURRY, SOURCES, articles, publishing

NOON = datetime(2024, 11, 12, 12, 0, tzinfo=SHANGHAI)


def source(cron: str) -> Any:
    from dataclasses import replace

    return replace(SOURCES["cls"], cron=cron)


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/20 * * * *", "2024-11-12 12:20"),
        ("20 7-23/2 * * *", "2024-11-12 13:20"),
        ("0 5 * * 6", "2024-11-16 05:00"),  # Saturday: Sunday is 0, as in every crontab
        ("0 5 * * 0", "2024-11-17 05:00"),
        ("30 9 1 * *", "2024-12-01 09:30"),
    ],
)
def test_a_cron_expression_is_in_shanghai_time_and_counts_from_sunday(cron: str, expected: str) -> None:
    assert f"{next_run(source(cron), NOON.astimezone(UTC)):%Y-%m-%d %H:%M}" == expected
    assert f"{Cron(source(cron)).get_next_fire_time(None, NOON):%Y-%m-%d %H:%M}" == expected


def test_missed_runs_are_made_up_once() -> None:
    hourly = source("0 * * * *")
    assert is_due(hourly, None, NOON)
    assert is_due(hourly, NOON - timedelta(hours=9), NOON)
    assert not is_due(hourly, NOON, NOON + timedelta(minutes=59))
    later = Cron(hourly).get_next_fire_time(NOON - timedelta(hours=9), NOON)
    assert later == NOON + timedelta(hours=1), "nine missed runs are not nine runs"


def lived(home: Path, name: str, crawls: list[tuple[timedelta, str | None, int]]) -> None:
    """Write (age, outcome, new documents) of past crawls into a ledger."""
    ledger = Ledger(ledger_file(home))
    with ledger.transaction() as db:
        for age, outcome, new in crawls:
            start = (NOON - age).astimezone(UTC)
            end = (start + timedelta(minutes=1)).isoformat() if outcome else None
            reason = "1 of 1 windows failed" if outcome == "failed" else None
            report = json.dumps({"new": new, "versions": 0})
            db.execute(
                "insert into crawls (source, pid, job, started, finished, outcome, reason, report)"
                " values (?, 999999999, '{}', ?, ?, ?, ?, ?)",
                (name, start.isoformat(), end, outcome, reason, report),
            )
    ledger.close()


HOUR = timedelta(hours=1)
STATES: dict[str, tuple[list[tuple[timedelta, str | None, int]], str, bool]] = {
    "never crawled": ([], "never", False),
    "fresh": ([(n * HOUR / 3, "ok", 2) for n in range(9, 0, -1)], "ok", False),
    "failed just now": ([(n * HOUR / 3, "ok", 2) for n in range(9, 1, -1)] + [(HOUR / 9, "failed", 0)], "failed", False),
    "failing all day": ([(24 * HOUR, "ok", 2)] + [(n * HOUR, "failed", 0) for n in range(9, 0, -1)], "late", True),
    "not run for a day": ([(n * HOUR, "ok", 2) for n in range(40, 24, -1)], "late", True),
    "crawls succeed, nothing new for a day": (
        [(n * HOUR / 3, "ok", 1) for n in range(90, 72, -1)] + [(n * HOUR / 3, "ok", 0) for n in range(72, 0, -1)],
        "silent", True,
    ),
    "news only now and then, as always": (
        [(n * HOUR / 3, "ok", int(n % 60 == 0)) for n in range(600, 0, -1)], "ok", False,
    ),
    "no habit yet": ([(50 * HOUR, "ok", 3)] + [(n * HOUR / 3, "ok", 0) for n in range(60, 0, -1)], "ok", False),
    "limited is a success": ([(HOUR / 4, "limited", 3)], "ok", False),
    "killed just now": ([(HOUR, "ok", 3), (HOUR / 4, None, 0)], "failed", False),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_state(name: str, tmp_path: Path) -> None:
    crawls, state, stale = STATES[name]
    if crawls:
        lived(tmp_path, "cls", crawls)
    (found,) = status(tmp_path, ["cls"], now=NOON)
    assert (found.state, found.stale) == (state, stale), found.reason
    assert (found.reason is None) == (state == "ok")
    (planned,) = upcoming(tmp_path, ["cls"], now=NOON)
    assert found.next_run == planned.next >= NOON


def test_a_killed_crawl_is_made_up_at_the_next_chance(tmp_path: Path) -> None:
    """CLS is due every 20 minutes; the crawl of 11:40 was killed."""
    lived(tmp_path, "cls", [(timedelta(minutes=40), "ok", 3), (timedelta(minutes=19), "ok", 3)])
    assert due(tmp_path, ["cls"], now=NOON - timedelta(minutes=5)) == []
    (tmp_path / "ledger.sqlite").unlink()
    lived(tmp_path, "cls", [(timedelta(minutes=40), "ok", 3), (timedelta(minutes=19), None, 0)])
    assert [one.name for one in due(tmp_path, ["cls"], now=NOON - timedelta(minutes=5))] == ["cls"]


def test_a_tick_crawls_what_is_due_once_and_loads_it(tmp_path: Path) -> None:
    pages = Pages(articles(4))
    loads: list[SourceReport] = []
    how: dict[str, Any] = {"allow_private": True, "polite": HURRY, "loaded": loads.append}
    with publishing(Feed(pages), pages) as (base, publisher):
        how["base_urls"] = {"feed": f"{base}/feed.xml"}
        first = tick(tmp_path, ["feed"], **how)
        asked = len(publisher.asked)
        second = tick(tmp_path, ["feed"], **how)
        assert len(publisher.asked) == asked, "nothing is due a second later"
    assert first.ok
    assert [report.new for report in loads] == [4]
    assert second.sources == ()
    (found,) = status(tmp_path, ["feed"])
    assert (found.state, found.documents) == ("ok", 4)


def test_what_comes_next(tmp_path: Path) -> None:
    lived(tmp_path, "cls", [(timedelta(minutes=5), "ok", 3)])
    lived(tmp_path, "gdelt", [(timedelta(hours=9), "ok", 3)])
    plan = upcoming(tmp_path, ["cls", "gdelt", "feed"], now=NOON)
    assert [(one.source, f"{one.next:%H:%M}") for one in plan] == [
        ("cls", "12:00"), ("feed", "12:00"), ("gdelt", "12:00"),
    ]  # fmt: skip
    assert plan[1].last is None
    (cls,) = upcoming(tmp_path, ["cls"], now=NOON - timedelta(minutes=1))
    assert f"{cls.next:%H:%M}" == "12:00"


def test_two_ticks_do_not_run_at_once(tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    with (tmp_path / "locks" / "tick.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (report,) = tick(tmp_path, ["feed"]).sources
    assert (report.outcome, report.reason) == ("busy", "another tick runs")


def test_in_the_foreground_what_is_overdue_comes_first(tmp_path: Path) -> None:
    """APScheduler itself, in a process of its own, stopped once the first crawl has reported."""
    pages = Pages(articles(3))
    with publishing(Feed(pages), pages) as (base, _):
        program = f"""
            import os, signal
            from pathlib import Path
            from crawler.schedule import serve
            def reported(report):
                print(report.source, report.outcome, report.new, flush=True)
                os.kill(os.getpid(), signal.SIGINT)
            try:
                serve(Path({str(tmp_path)!r}), ["feed"], reported=reported, allow_private=True,
                           base_urls={{"feed": {base + "/feed.xml"!r}}}, polite={HURRY!r})
            except KeyboardInterrupt:
                pass
        """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
    assert done.stdout == "feed ok 3\n", done.stderr
