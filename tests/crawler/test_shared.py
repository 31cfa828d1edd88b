"""Two machines share one crawl through a Redis: killed at random, nothing is lost and nothing counted twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import QueueError, SourceError
from crawler.merge import merge
from crawler.run import crawl
from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Cninfo, Feed, Pages
from tests.crawler.redis_server import free_port, needs_redis, redis_server
from tests.crawler.stand import (
    DAY,
    SOURCES,
    articles,
    crawled,
    filings,
    ledger_rows,
    order,
    publishing,
    stored,
)
from tests.crawler.test_kill import dies
from tests.crawler.workers import COUNTED, LEASE, Workers, documents_of, paced


@pytest.fixture(scope="module", autouse=True)
def told_at_the_end(request: pytest.FixtureRequest) -> Any:
    """The figures this suite is asked to show."""
    yield
    found = f"documents lost: {COUNTED['lost']}, counted twice: {COUNTED['doubled']}"
    assert request.config.cache is not None
    request.config.cache.set("paomo/workers killed", [f"kills: {COUNTED['kills']}, {found}"])


def test_two_workers_share_the_work(tmp_path: Path, queue: str, server: Any) -> None:
    some, there = filings(120, a_day=9), set()

    def awaiting(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
        """No answer before both are there: each is to have its part, however busy the machine."""
        while len(there) < 2:
            there.update(server.zrange("paomo:{cninfo}:workers", 0, -1))
        time.sleep(0.04)
        return False

    with publishing(Cninfo(some), fault=awaiting) as (base, publisher):
        workers = Workers(tmp_path, queue, "cninfo", base, keywords=["算力"])
        workers.start("east")
        workers.start("west")
        reports = [workers.wait("east"), workers.wait("west")]
    assert [report.outcome for report in reports] == ["ok", "ok"]
    assert sum(report.new for report in reports) == 120
    assert all(report.new for report in reports), "each has its part"
    files = Counter(one.path for one in publisher.asked if "/finalpage/" in one.path)
    assert set(files.values()) == {1}, "no file was asked for twice"
    workers.compare(documents_of(some))
    kept = {key.partition("}:")[2] for key in server.keys("paomo:*")}
    assert kept == {"known", "told"}, "the last one out took the crawl away"


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_at_random_moments(seed: int, tmp_path: Path, queue: str) -> None:
    """East and west die in turn, sometimes both; some are restarted, some are not before the other is done."""
    chance = random.Random(seed)
    some = filings(150, a_day=12)
    struck = 0
    with publishing(Cninfo(some), fault=paced) as (base, _):
        workers = Workers(tmp_path, queue, "cninfo", base, lease=LEASE, keywords=["算力"])
        workers.start("east")
        workers.start("west")
        for _ in range(7):
            time.sleep(chance.uniform(0.05, 0.5))
            victim = chance.choice(("east", "west"))
            struck += workers.kill(victim)
            workers.start(victim)
        struck += workers.kill("west")  # for good: east must finish alone
        report = workers.wait("east")
    assert struck >= 4, "too few kills met a living worker"
    assert report.outcome == "ok", report
    workers.compare(documents_of(some))


MOMENTS = {
    "queued, nothing taken": ("put", 0, False),
    "some of a listing queued": ("put", 20, True),
    "taken, not asked": ("take", 5, False),
    "settled before it was said": ("settle", 5, True),
    "settled": ("settle", 5, False),
    "committed, the others not told": ("learn", 2, True),
    "the others told, nothing settled": ("learn", 2, False),
    "all done, not asked how it stands": ("tallies", 0, True),
    "all noted, not left": ("leave", 0, True),
    "left": ("leave", 0, False),
    "joined": ("join", 0, False),
}


@pytest.mark.parametrize("again", ["the same", "another"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_chosen_moment(
    moment: str, again: str, tmp_path: Path, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawler.shared.share import Share

    name, after, first = MOMENTS[moment]
    some = filings(60)
    with publishing(Cninfo(some)) as (base, _):
        workers = Workers(tmp_path, queue, "cninfo", base, lease=LEASE, keywords=["算力"])
        with monkeypatch.context() as patch:
            patch.setattr(Share, name, dies(getattr(Share, name), after=after, first=first))
            workers.start("east")
            assert workers.died("east"), "the moment never came"
        finisher = "east" if again == "the same" else "west"
        workers.start(finisher)
        assert workers.wait(finisher).outcome == "ok"
    workers.compare(documents_of(some))


def test_merging_while_the_workers_crawl(tmp_path: Path, queue: str) -> None:
    some = filings(120, a_day=9)
    with publishing(Cninfo(some), fault=paced) as (base, _):
        workers = Workers(tmp_path, queue, "cninfo", base, keywords=["算力"])
        workers.start("east")
        workers.start("west")
        sizes = []
        while not all((home / "ledger.sqlite").exists() for home in workers.homes.values()):
            time.sleep(0.01)
        while len(sizes) < 5:
            time.sleep(0.1)
            merge(list(workers.homes.values()), workers.into)
            sizes.append(stored(workers.into).total())
        assert [workers.wait("east").outcome, workers.wait("west").outcome] == ["ok", "ok"]
    assert sizes == sorted(sizes)
    workers.compare(documents_of(some))


def test_a_dead_worker_is_done_without(tmp_path: Path, queue: str, server: Any) -> None:
    """It was killed with units in its hands and never came back: the other takes them when its lease is over."""
    some = filings(60)
    with publishing(Cninfo(some), fault=paced) as (base, _):
        workers = Workers(tmp_path, queue, "cninfo", base, lease=LEASE, keywords=["算力"])
        workers.start("east")
        workers.until_busy(server)
        assert workers.kill("east")
        workers.start("west")
        assert workers.wait("west").outcome == "ok"
    workers.compare(documents_of(some))


def test_a_feed_is_shared_and_its_validators_hide_nothing(tmp_path: Path, queue: str, server: Any) -> None:
    pages = Pages(articles(42))
    with publishing(Feed(pages), pages, fault=paced) as (base, _):
        workers = Workers(tmp_path, queue, "feed", f"{base}/feed.xml", lease=LEASE, keywords=["智算中心"])
        workers.start("east")
        workers.until_busy(server)
        workers.kill("east")
        workers.start("west")
        workers.wait("west")
    workers.compare(Counter((a.path[1:], a.body) for a in pages.articles.values()))


def test_tomorrow_asks_only_for_what_is_new_whoever_has_it(tmp_path: Path, queue: str) -> None:
    some = filings(30)
    with publishing(Cninfo(some)) as (base, publisher):
        workers = Workers(tmp_path, queue, "cninfo", base, keywords=["算力"])
        for _ in range(2):
            workers.start("east")
            workers.start("west")
            reports = [workers.wait("east"), workers.wait("west")]
        assert sum(report.new for report in reports) == 0
        files = [one for one in publisher.asked if "/finalpage/" in one.path]
    assert len(files) == 30


def test_what_a_machine_had_before_is_not_asked_again(tmp_path: Path, queue: str) -> None:
    some = filings(30)
    with publishing(Cninfo(some)) as (base, publisher):
        alone = order("cninfo", tmp_path / "east", base, keywords=["算力"])
        assert crawled(alone).new == 30
        assert crawled(alone | {"queue": queue}).new == 0
        west = order("cninfo", tmp_path / "west", base, keywords=["算力"]) | {"queue": queue}
        assert crawled(west).new == 0
        assert len([one for one in publisher.asked if "/finalpage/" in one.path]) == 30


def test_a_document_that_does_not_come_fails_its_window_for_all(tmp_path: Path, queue: str) -> None:
    some = filings(20)
    broken = f"/finalpage/{some[3].day}/{some[3].id}.PDF"

    def fault(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
        if asked.path == broken:
            handler.send_error(403)
        return asked.path == broken

    with publishing(Cninfo(some), fault=fault) as (base, _):
        workers = Workers(tmp_path, queue, "cninfo", base, keywords=["算力"])
        workers.start("east")
        workers.start("west")
        reports = [workers.wait("east"), workers.wait("west")]
    assert [report.windows_failed for report in reports] == [1, 1]
    assert sum(report.failed for report in reports) == 1


@pytest.mark.parametrize("kept", [False, True], ids=["gone", "back in an older state"])
def test_a_queue_that_is_lost_fails_the_crawl_and_loses_nothing(kept: bool, tmp_path: Path) -> None:
    """A Redis that comes back from its last snapshot lacks what was queued since: it must not be trusted."""
    needs_redis()
    from crawler.shared.share import connected

    some, port = filings(70), free_port()
    folder = tmp_path / "redis"
    folder.mkdir()
    with publishing(Cninfo(some), fault=paced) as (base, _):
        with redis_server(folder, port=port) as address:
            workers = Workers(tmp_path, address, "cninfo", base, keywords=["算力"])
            server = connected(address)
            server.save()
            workers.start("east")
            workers.until_busy(server)
        with redis_server(folder, port=port) if kept else nullcontext():
            report = workers.wait("east")
        assert report.outcome == "failed"
        assert ("restarted or emptied" if kept else "is gone") in str(report.reason)
        mine = ledger_rows(workers.homes["east"], "select state from windows")
        assert "done" not in {row[0] for row in mine}
        with redis_server(folder, port=port):
            workers.start("east")
            workers.start("west")
            assert [workers.wait("east").outcome, workers.wait("west").outcome] == ["ok", "ok"]
    workers.compare(documents_of(some))


def test_an_emptied_queue_is_noticed(tmp_path: Path, queue: str, server: Any) -> None:
    with publishing(Cninfo(filings(70)), fault=paced) as (base, _):
        workers = Workers(tmp_path, queue, "cninfo", base, keywords=["算力"])
        workers.start("east")
        workers.until_busy(server)
        server.flushall()
        report = workers.wait("east")
    assert report.outcome == "failed"
    assert "has lost this crawl" in str(report.reason)


# what is said where it can't be ----------------------------------------------------------------------


def test_no_redis_there_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    needs_redis()
    with pytest.raises(QueueError, match=r"redis://127\.0\.0\.1:1/0") as said:
        crawl(["cninfo"], home=tmp_path, queue="redis://user:secret@127.0.0.1:1/0")
    assert "secret" not in str(said.value)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "from pathlib import Path\nfrom crawler.run import crawl\n"
        f"crawl(['cninfo'], home=Path({str(tmp_path)!r}), queue='redis://127.0.0.1:1/0')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install 'paomo[redis]'" in ended.stderr


@pytest.mark.parametrize("more", [{"limit": 3}, {"dry_run": True}])
def test_what_counts_on_one_machine_is_refused(more: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="--queue"):
        crawl(["cninfo"], home=tmp_path, queue="redis://127.0.0.1:1/0", **more)


def test_a_source_of_files_is_not_shared(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="without --queue"):
        crawl(["warc"], home=tmp_path, queue="redis://127.0.0.1:1/0")


def test_the_command_shares_a_crawl_and_merges_it(tmp_path: Path, queue: str) -> None:
    """As a user has it: two `paomo crawl --queue`, then `paomo merge`; twice, and the second changes nothing."""
    paomo = [sys.executable, "-c", "from warehouse.cli import main; main()"]
    some = filings(20)
    environment = {**os.environ, "PAOMO_CONTACT": "test@example.org", "PAOMO_QUEUE": queue}
    dates = ["--since", str(DAY), "--until", str(DAY + timedelta(days=13))]
    with publishing(Cninfo(some)) as (base, _):
        asked = ["cninfo", "--keyword", "算力", *dates, "--base-url", f"cninfo={base}", "--allow-private"]
        homes = [tmp_path / "east", tmp_path / "west"]
        for home in homes:
            (home / "sources").mkdir(parents=True)
            hurried = SOURCES["cninfo"].path.read_text("utf-8").replace("delay: 2.0", "delay: 0.0")
            (home / "sources" / "cninfo.yml").write_text(hurried, "utf-8")
        processes = [
            subprocess.Popen([*paomo, "crawl", *asked, "--home", str(home)], env=environment)
            for home in homes
        ]
        assert [process.wait(timeout=120) for process in processes] == [0, 0]
    said = []
    for _ in range(2):
        command = [*paomo, "merge", *map(str, homes), "--into", str(tmp_path / "all")]
        said.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        assert stored(tmp_path / "all") == documents_of(some)
    assert said[0].startswith("20 documents and ")
    assert said[1].startswith("0 documents and 0 other responses merged, ")
