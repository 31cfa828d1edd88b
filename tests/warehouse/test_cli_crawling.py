"""crawl, schedule, tick, status, archive as their user meets them, against a publisher on loopback."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.journal import ledger_file
from crawler.ledger import Ledger
from crawler.run import CrawlReport, SourceReport
from crawler.standin.speakers import Feed, Pages
from tests.crawler.stand import articles, publishing
from warehouse.cli.crawling import tell

ROOT = Path(__file__).parents[2]
PAOMO = [sys.executable, "-c", "from warehouse.cli import main; main()"]
OWN = """
title: 某报
publisher: 某社
kind: news
tier: media
cron: "0 4 * * *"
spider: feed
entries: [{base}/feed.xml]
keywords: [智算中心]
polite: {{delay: 0.0, private: true}}
window: {{dated: false}}
"""


def paomo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PAOMO, *arguments, "--home", str(home)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PAOMO_CONTACT": "tests@example.org"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a source of the user's own, four articles behind it."""
    pages = Pages(articles(4))
    with publishing(Feed(pages), pages) as (base, _):
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "own.yml").write_text(OWN.format(base=base), "utf-8")
        yield tmp_path


def loaded(home: Path) -> int:
    asked = paomo(home, "sql", "SELECT count(*) AS n FROM documents", "-f", "json")
    return int(json.loads(asked.stdout)[0]["n"]) if asked.returncode == 0 else 0


def test_in_the_foreground_it_crawls_loads_and_ends_well(home: Path) -> None:
    command = [*PAOMO, "schedule", "own", "--home", str(home)]
    said = []
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            said.append(line)
            if "read," in line:
                break
        assert running.poll() is None, "it stays"
        running.send_signal(signal.SIGTERM)
        said.append(running.stderr.read())
    assert running.returncode == 0
    assert any(line.startswith("own: ok; 4 new") for line in said), said
    assert loaded(home) == 4
    state = json.loads(paomo(home, "status", "-f", "json").stdout)
    assert {one["source"]: one["documents"] for one in state}["own"] == 4


def test_a_tick_crawls_loads_and_tells_alerts_once(home: Path, listener: tuple[str, list[Any]]) -> None:
    address, got = listener
    (home / "alerts.yml").write_text(
        f"channels: {{hook: 'json://{address}'}}\n"
        "rules: [{name: old, kind: source_stale, days: 0, to: [hook]}]\n",
        "utf-8",
    )
    only_own_is_due(home)
    for _ in range(2):
        ticked = paomo(home, "tick")
        assert ticked.returncode == 0, ticked.stderr
    assert loaded(home) == 4
    (notice,) = got
    assert notice["title"].startswith("source own published nothing since")


def only_own_is_due(home: Path) -> None:
    """No source on the net is asked: each counts as crawled tomorrow."""
    plan = [json.loads(line) for line in paomo(home, "schedule", "--plan", "-f", "jsonl").stdout.splitlines()]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    ledger = Ledger(ledger_file(home))
    with ledger.transaction() as db:
        db.executemany(
            "insert into crawls (source, pid, job, started, finished, outcome, reason, report)"
            " values (?, 1, '{}', ?, ?, 'ok', null, '{}')",
            [(row["source"], tomorrow, tomorrow) for row in plan if row["source"] != "own"],
        )
    ledger.close()


def test_the_plan_is_only_printed(home: Path) -> None:
    done = paomo(home, "schedule", "own", "cls", "--plan", "-f", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["source"]: row["cron"] for row in rows} == {"own": "0 4 * * *", "cls": "*/20 * * * *"}
    assert not (home / "ledger.sqlite").exists()


def test_a_stale_source_is_told_with_its_reason_and_the_exit_code(home: Path) -> None:
    ledger = Ledger(ledger_file(home))
    long_ago = datetime.now(UTC) - timedelta(days=9)
    with ledger.transaction() as db:
        for start, outcome, reason, report in (
            (long_ago, "ok", None, {"new": 3}),
            (
                datetime.now(UTC) - timedelta(hours=1),
                "failed",
                "1 of 1 windows failed",
                {"failures": [["http://a.example/feed.xml", "HTTP 503, try 5 of 5"]]},
            ),
        ):
            db.execute(
                "insert into crawls (source, pid, job, started, finished, outcome, reason, report)"
                " values ('own', 1, '{}', ?, ?, ?, ?, ?)",
                (start.isoformat(), start.isoformat(), outcome, reason, json.dumps(report)),
            )
    ledger.close()
    done = paomo(home, "status")
    assert done.returncode == 1
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("own")]
    assert "late" in line
    assert f"{long_ago:%Y-%m-%d %H:%M}" in line
    state = {one["source"]: one for one in json.loads(paomo(home, "status", "-f", "json").stdout)}
    assert "HTTP 503, try 5 of 5" in state["own"]["reason"]
    assert state["cls"]["state"] == "never"


def test_the_plan_and_the_status_agree_and_a_wrong_file_stops_neither_source(home: Path) -> None:
    (home / "sources" / "bad.yml").write_text(
        OWN.format(base="http://a.example").replace("tier", "teir"), "utf-8"
    )
    done = paomo(home, "status", "-f", "json")
    assert done.returncode == 1
    assert "bad.yml: unknown field 'teir'" in done.stderr
    states = {one["source"]: one for one in json.loads(done.stdout)}
    assert "bad" not in states
    assert datetime.fromisoformat(states["own"]["next_run"]) <= datetime.now(UTC), (
        "never crawled: due at once"
    )
    (home / "sources" / "bad.yml").unlink()
    (due,) = json.loads(paomo(home, "schedule", "own", "--plan", "-f", "json").stdout)
    assert datetime.fromisoformat(due["next"]) <= datetime.now(UTC)


def test_windows_and_documents_that_failed_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    tell(CrawlReport((SourceReport(source="own", outcome="failed", reason="3 of 3 windows failed"),)))
    assert "3 of 3 windows failed; 0 new, 0 changed, 0 known, 0 documents failed" in capsys.readouterr().err


def test_the_archive_and_the_warehouse_count_under_two_names(home: Path) -> None:
    assert paomo(home, "crawl", "own").returncode == 0
    assert paomo(home, "load").returncode == 0
    lines = paomo(home, "status").stdout.splitlines()
    assert "archived" in lines[0]
    assert "documents" not in lines[0]
    assert any(line.startswith("documents ") and "4" in line for line in lines)


def test_a_dry_run_prints_addresses_and_stores_nothing(home: Path) -> None:
    done = paomo(home, "crawl", "own", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert sum(line.endswith(".html") for line in done.stdout.splitlines()) == 4
    assert not list((home / "archive").glob("*.warc.gz"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("crawl", "no_such_source"), 1, "no source is named 'no_such_source'"),
        (("crawl", "own", "--since", "2024-13-01"), 2, "2024-13-01: is no day; write it as 2024-10-01"),
        (("crawl", "own", "--base-url", "own"), 2, "write NAME=URL"),
        (("crawl", "own", "--since", "2024-11-02", "--until", "2024-11-01"), 2, "swap the two"),
        (("schedule", "no_such_source"), 1, "no source is named"),
        (("schedule", "--plan", "-f", "xml"), 2, "choose table, json, jsonl or csv"),
        (("status", "-f", "xml"), 2, "choose table, json, jsonl or csv"),
        (("archive", "verify"), 1, "no archive there yet"),
    ],
)
def test_what_cannot_be_done_is_said(home: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = paomo(home, *arguments)
    assert (done.returncode, said in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


SLOW = """
import sys
import time
from warehouse.cli import options
options.PATIENCE = 0.1
with options.progress("reading") as step:
    step()
    step()
    time.sleep(1)
    print("an answer")
"""


def on_a_terminal(program: str, *, stdout_piped: bool) -> tuple[str, str]:
    """(what the terminal showed, what came through a pipe) of a program whose stderr is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**environment(), "TERM": "xterm"},
        stdout=subprocess.PIPE if stdout_piped else theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    end = time.monotonic() + 30
    while time.monotonic() < end and select.select([ours], [], [], 30)[0]:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    piped = process.communicate()[0] or b""
    return shown.decode(), piped.decode()


def test_a_bar_on_a_terminal_and_silence_in_a_pipe() -> None:
    shown, _ = on_a_terminal(SLOW, stdout_piped=False)
    assert "reading" in shown
    assert "2 documents" in shown
    assert "an answer" in shown
    shown, piped = on_a_terminal(SLOW, stdout_piped=True)
    assert (shown, piped) == ("", "an answer\n")
