"""Crawls killed with SIGKILL: whatever the moment, resuming ends with the documents of an undisturbed crawl."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive, verify
from crawler.ledger import Ledger
from crawler.run import run
from crawler.spider import SourceSpider
from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Cninfo, Feed, Filing, Pages
from crawler.warc import captures_in
from tests.crawler.stand import (
    articles,
    crawled,
    filings,
    forked,
    killed,
    ledger_rows,
    order,
    publishing,
    stored,
)

KILLS: Counter[str] = Counter()
"""Kills that struck a living crawl, and what was found afterwards."""


@pytest.fixture(scope="module", autouse=True)
def told_at_the_end(request: pytest.FixtureRequest) -> Any:
    """The figures this suite is asked to show."""
    yield
    found = f"documents lost: {KILLS['lost']}, documents doubled: {KILLS['doubled']}"
    assert request.config.cache is not None
    request.config.cache.set("paomo/kills", [f"kills: {KILLS['kills']}, {found}"])


def paced(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
    """A server that takes a moment, so that a crawl has a middle to be killed in."""
    time.sleep(0.004)
    return False


def slow(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
    """A server that leaves a second process time to look at the first."""
    time.sleep(0.1)
    return False


def compare(home: Path, undisturbed: Counter[tuple[str, bytes]]) -> None:
    found = stored(home)
    lost, doubled = undisturbed - found, found - undisturbed
    KILLS["lost"] += lost.total()
    KILLS["doubled"] += doubled.total()
    assert not lost, f"{lost.total()} documents lost"
    assert not doubled, f"{doubled.total()} documents doubled"
    assert not verify(home).faults
    raw = Counter(
        (one.url.split("/", 3)[3], one.body)
        for file in sorted((home / "archive").glob("*.warc.gz"))
        for one in captures_in(file)
    )
    assert {count for key, count in raw.items() if key in undisturbed} == {1}, "nor in the files themselves"


def documents_of(some: list[Filing]) -> Counter[tuple[str, bytes]]:
    return Counter((f"finalpage/{f.day}/{f.id}.PDF", f.body) for f in some)


def strike(told: dict[str, Any], chance: random.Random, *, times: int) -> None:
    """Kill so many crawls at random moments of their lives."""
    struck, longest = 0, 0.4

    def pause(pid: int) -> None:
        time.sleep(chance.uniform(0.02, longest))

    while struck < times:
        if killed(told, pause):
            struck += 1
        else:  # it had ended by itself: a quick machine, or little is left to fetch
            longest = max(0.03, 0.8 * longest)
    KILLS["kills"] += struck


@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_at_random_moments(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    some = filings(120, a_day=9)
    with publishing(Cninfo(some), fault=paced) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"]) | {"rotate": 60_000}
        strike(told, chance, times=14)
        report = crawled(told)
    assert report.outcome == "ok"
    compare(tmp_path, documents_of(some))


def test_a_feed_killed_at_random_moments(tmp_path: Path) -> None:
    """A feed's validators must not hide what a killed crawl had not fetched yet."""
    chance = random.Random(7)
    pages = Pages(articles(42))
    with publishing(Feed(pages), pages, fault=paced) as (base, _):
        told = order("feed", tmp_path, f"{base}/feed.xml", keywords=["智算中心"])
        strike(told, chance, times=8)
        crawled(told)
    compare(tmp_path, Counter((a.path[1:], a.body) for a in pages.articles.values()))


def dies(act: Callable[..., Any], *, after: int, first: bool) -> Callable[..., Any]:
    """`act`, whose call number `after` is this process's last; killed before the call's work or after it."""
    calls = 0

    def acting(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after and first:
            os.kill(os.getpid(), signal.SIGKILL)
        done = act(*given, **named)
        if calls > after:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return acting


def torn_write(archive: Archive, *given: Any, **named: Any) -> Any:
    """Half a record reaches the file, then the process dies."""
    placed = KEEP(archive, *given, **named)
    os.truncate(archive.folder / placed.file, placed.offset + placed.length // 2)
    os.kill(os.getpid(), signal.SIGKILL)


KEEP = Archive.keep
MOMENTS = {
    "before the first commit": (Ledger, "flush", 0, True),
    "after the first commit": (Ledger, "flush", 0, False),
    "archived, not committed": (Ledger, "flush", 2, True),
    "a file known, not begun": (Archive, "_begin_file", 0, False),
    "a file begun, not known": (Archive, "_begin_file", 1, True),
    "a file closed": (Archive, "_close_file", 0, False),
    "before the windows are done": (SourceSpider, "conclude", 0, True),
    "after the windows are done": (SourceSpider, "conclude", 0, False),
    "within recovery": (Archive, "recover", 0, True),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_chosen_moment(moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, after, first = MOMENTS[moment]
    some = filings(100, a_day=9)
    with publishing(Cninfo(some)) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"]) | {"rotate": 30_000}
        with monkeypatch.context() as patch:
            patch.setattr(where, name, dies(getattr(where, name), after=after, first=first))
            struck = killed(told, lambda pid: wait_for(pid))
        assert struck, "the moment never came"
        KILLS["kills"] += 1
        report = crawled(told)
    assert report.outcome == "ok"
    compare(tmp_path, documents_of(some))


def test_killed_in_the_middle_of_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = filings(20)
    with publishing(Cninfo(some)) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"])
        with monkeypatch.context() as patch:
            patch.setattr(Archive, "keep", torn_write)
            assert killed(told, lambda pid: wait_for(pid))
        KILLS["kills"] += 1
        crawled(told)
    compare(tmp_path, documents_of(some))
    (said,) = {row[0] for row in ledger_rows(tmp_path, "select detail from incidents where what='recovered'")}
    assert "uncommitted bytes" in said


def wait_for(pid: int) -> None:
    """Until the process is gone by itself, or ten seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.005)


def test_the_command_itself_killed_by_its_process_id(tmp_path: Path) -> None:
    """The same with the subprocess a user's crawl is made in, found by the id the ledger holds."""
    some = filings(60)
    with publishing(Cninfo(some), fault=slow) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"])
        child = subprocess.Popen(
            [sys.executable, "-m", "crawler.run"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert child.stdin is not None
        with child.stdin:
            child.stdin.write(json.dumps(told))
        pid = until(lambda: _pid_with_captures(tmp_path), seconds=20)
        assert pid == child.pid
        os.kill(pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        KILLS["kills"] += 1
        states = {row[0] for row in ledger_rows(tmp_path, "select state from windows")}
        assert "done" not in states, "a window is done only when the crawl finished"
        crawled(told)
    compare(tmp_path, documents_of(some))


def _pid_with_captures(home: Path) -> int | None:
    try:
        found = ledger_rows(home, "select pid from crawls where exists (select 1 from captures)")
    except Exception:  # the ledger is not there yet
        return None
    return found[0][0] if found else None


def until(look: Callable[[], Any], *, seconds: float) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.01)
    return None


def test_a_lost_ledger_is_made_again_from_the_archive(tmp_path: Path) -> None:
    some = filings(40)
    with publishing(Cninfo(some)) as (base, publisher):
        told = order("cninfo", tmp_path, base, keywords=["算力"])
        crawled(told)
        for file in tmp_path.glob("ledger.sqlite*"):
            file.unlink()
        report = crawled(told)
        files = [one for one in publisher.asked if "/finalpage/" in one.path]
    assert (report.new, report.skipped, len(files)) == (0, 40, 40)
    compare(tmp_path, documents_of(some))


def test_an_archive_that_lost_its_end_is_filled_again(tmp_path: Path) -> None:
    """A power cut can take what the ledger had committed: no fsync can be asked for after every page."""
    some = filings(40)
    with publishing(Cninfo(some)) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"])
        crawled(told)
        (file,) = (tmp_path / "archive").glob("*.warc.gz")
        os.truncate(file, file.stat().st_size // 2)
        assert verify(tmp_path).faults
        report = crawled(told)
    assert report.new > 0
    compare(tmp_path, documents_of(some))


def test_a_full_disk_fails_the_crawl_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: writing past it fails in the same way."""
    import resource

    some = [replace(f, body=b"%PDF-1.4 " + os.urandom(90_000) + b"%%EOF") for f in filings(20)]
    with publishing(Cninfo(some)) as (base, _):
        told = order("cninfo", tmp_path, base, keywords=["算力"])

        def limited() -> Any:
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, most))
            return asdict(run(told, lambda _: None))

        pid, pipe = forked(limited)
        with os.fdopen(pipe) as said:
            report = json.loads(said.read())
        os.waitpid(pid, 0)
        assert report["outcome"] == "failed"
        assert 0 < report["new"] < 20
        assert any("File too large" in reason for _, reason in report["failures"])
        assert stored(tmp_path).total() == report["new"]
        crawled(told)
    compare(tmp_path, documents_of(some))


def test_two_crawls_of_one_source_do_not_run_at_once(tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "locks").mkdir()
    with (
        publishing(Cninfo(filings(5))) as (base, publisher),
        (tmp_path / "locks" / "cninfo.lock").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = crawled(order("cninfo", tmp_path, base))
    assert report.outcome == "busy"
    assert publisher.asked == []


def test_a_ledger_of_a_newer_paomo_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("pragma user_version=99")
    from crawler.errors import LedgerError

    with pytest.raises(LedgerError, match="newer paomo"):
        Ledger(tmp_path / "ledger.sqlite")


def test_there_were_enough_kills() -> None:
    """The last test of this file: it counts the others' kills, and can only run after them."""
    if KILLS["kills"] == 0:
        pytest.skip("the kill tests ran in another process")
    assert KILLS["kills"] >= 50
    assert KILLS["lost"] == KILLS["doubled"] == 0
