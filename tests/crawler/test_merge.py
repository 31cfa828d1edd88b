"""Data folders of several machines made one: versions in order, nothing twice, nothing taken for granted."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive, documents, verify
from crawler.errors import LedgerError
from crawler.ledger import Ledger
from crawler.merge import Merged, merge
from crawler.standin.speakers import Cninfo
from tests.crawler.stand import crawled, filings, forked, ledger_rows, order, pdf, publishing, stored

SOME = filings(12)


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two that crawled the same publisher by themselves, half of it each and a third of it both."""
    east, west = tmp_path / "east", tmp_path / "west"
    with publishing(Cninfo(SOME)) as (base, _):
        for home, since, until in ((east, "2024-11-01", "2024-11-02"), (west, "2024-11-02", "2024-11-03")):
            crawled(
                order("cninfo", home, base, keywords=["算力"], since=since, until=until) | {"rotate": 4_000}
            )
    return [east, west]


def facts(home: Path) -> list[tuple[Any, ...]]:
    """All that may not depend on how often, and in which order, folders were merged."""
    return [
        *ledger_rows(home, "select source, url, state, sha256, versions, first_seen, checked from urls order by url"),
        *ledger_rows(home, "select source, url, role, sha256, fetched from captures order by fetched, url"),
        *ledger_rows(home, "select source, question, state, changed from windows order by question"),
        *ledger_rows(home, "select source, pid, started, finished, outcome from crawls order by started"),
        *ledger_rows(home, "select source, url, what, detail, at from incidents order by at, url"),
    ]  # fmt: skip


def test_what_both_have_counts_once_and_is_seen_first_when_the_first_saw_it(
    homes: list[Path], tmp_path: Path
) -> None:
    merged = merge(homes, tmp_path / "all")
    assert stored(tmp_path / "all") == stored(homes[0]) | stored(homes[1])
    assert stored(tmp_path / "all").total() == 12
    assert (merged.documents, merged.repeated, merged.faults) == (12, 5, ())
    assert verify(tmp_path / "all").faults == ()
    first: dict[str, str] = {}
    for home in homes:
        for url, seen in ledger_rows(home, "select url, first_seen from urls"):
            first[url] = min(seen, first.get(url, seen))
    assert dict(ledger_rows(tmp_path / "all", "select url, first_seen from urls")) == first


@pytest.mark.parametrize("way", ["again", "in turn", "the other way round", "merged ones"])
def test_how_it_is_merged_makes_no_difference(way: str, homes: list[Path], tmp_path: Path) -> None:
    merge(homes, tmp_path / "all")
    other = tmp_path / "other"
    steps = {
        "again": [(homes, other), (homes, other)],
        "in turn": [([homes[0]], other), ([homes[1]], other)],
        "the other way round": [(homes[::-1], other)],
        "merged ones": [([homes[0]], tmp_path / "half"), ([tmp_path / "half", homes[1]], other)],
    }[way]
    last = Merged()
    for some, into in steps:
        last = merge(some, into)
    assert facts(other) == facts(tmp_path / "all")
    if way == "again":
        assert (last.copied, last.repeated) == (0, 5)


def versions(folder: Path, *workers: str) -> list[bytes]:
    """Three moments of one document, each seen by a worker; the third text is the first again."""
    texts = [pdf("one"), pdf("two"), pdf("one")]
    with publishing(speaker := Cninfo(SOME[:1])) as (base, _):
        for worker, text in zip(workers, texts, strict=True):
            speaker.filings[:] = [replace(SOME[0], body=text)]
            crawled(order("cninfo", folder / worker, base, keywords=["算力"], recheck=True))
        merge([folder / worker for worker in sorted(set(workers))], folder / "all")
    return texts


def test_versions_are_in_the_order_they_were_published(tmp_path: Path) -> None:
    texts = versions(tmp_path, "east", "west", "south")
    assert [one.body for one in documents(tmp_path / "all")] == texts
    assert ledger_rows(tmp_path / "all", "select versions from urls") == [(3,)]


def test_a_text_that_came_back_unseen_is_asked_again(tmp_path: Path) -> None:
    """East saw no change between the first and the third; merged, the archive ends with the second."""
    texts = versions(tmp_path, "east", "west", "east")
    assert [one.body for one in documents(tmp_path / "all")] == texts[:2]
    ((digest, etag, row),) = ledger_rows(tmp_path / "all", "select sha256, etag, row_digest from urls")
    assert (digest, etag, row) == (hashlib.sha256(texts[1]).hexdigest(), None, "")


def test_what_a_worker_only_heard_of_is_asked_again(homes: list[Path], tmp_path: Path) -> None:
    """In a shared crawl a ledger can know documents whose bytes another worker has: here, a folder that is lost."""
    ledger = Ledger(homes[0] / "ledger.sqlite")
    ledger.fetched("cninfo", "http://elsewhere/1.pdf", status=200, etag=None, modified=None, sha256="ab", row_digest="", new=False)  # fmt: skip
    ledger.flush()
    ledger.close()
    merge(homes, tmp_path / "all")
    told = ledger_rows(
        tmp_path / "all", "select state, sha256, versions from urls where url like '%elsewhere%'"
    )
    assert told == [("wanted", None, 0)]


def test_a_merge_killed_in_the_middle_is_made_good_by_the_next(
    homes: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge(homes, tmp_path / "all")
    for after in (3, 9):
        with monkeypatch.context() as patch:
            patch.setattr("crawler.ledger.BATCH", 2)
            patch.setattr(Archive, "take_over", dies(Archive.take_over, after))
            pid, pipe = forked(lambda: str(merge(homes, tmp_path / "other")))
            _, status = os.waitpid(pid, 0)
            os.close(pipe)
            assert os.WIFSIGNALED(status)
    merge(homes, tmp_path / "other")
    assert facts(tmp_path / "other") == facts(tmp_path / "all")
    assert verify(tmp_path / "other").faults == ()


def dies(act: Callable[..., Any], after: int) -> Callable[..., Any]:
    """`act`, whose process is killed at call number `after`, when it has written half."""
    calls = 0

    def acting(archive: Archive, records: bytes, placed: Any) -> Any:
        nonlocal calls
        calls += 1
        done = act(archive, records, placed)
        if calls == after:
            os.truncate(archive.folder / done.file, done.offset + done.length // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return acting


@pytest.mark.parametrize(("day", "left"), [("2024-11-01", 11), ("2024-11-02", 12)])
def test_a_damaged_capture_is_told_and_another_worker_may_have_it_whole(
    day: str, left: int, homes: list[Path], tmp_path: Path
) -> None:
    where = f"select file, \"offset\" from captures where role='document' and url like '%/{day}/%'"
    row = ledger_rows(homes[0], where)[0]
    file = homes[0] / "archive" / row[0]
    data = bytearray(file.read_bytes())
    data[row[1] + 60] ^= 0xFF
    file.write_bytes(data)
    merged = merge(homes, tmp_path / "all")
    assert len(merged.faults) == 1
    assert merged.faults[0][0].endswith(f"{row[0]}:{row[1]}")
    assert stored(tmp_path / "all").total() == left
    states = dict(ledger_rows(tmp_path / "all", "select state, count(*) from urls group by 1"))
    assert states == ({"fetched": 11, "wanted": 1} if left == 11 else {"fetched": 12})


def test_the_folder_that_takes_it_keeps_what_it_had_and_crawls_on(tmp_path: Path) -> None:
    homes = [tmp_path / "east", tmp_path / "west"]
    with publishing(Cninfo(SOME)) as (base, publisher):
        for home, day in zip(homes, ("2024-11-01", "2024-11-02"), strict=True):
            crawled(order("cninfo", home, base, keywords=["算力"], since=day, until=day))
        merge([homes[1]], homes[0])
        assert stored(homes[0]).total() == 10
        report = crawled(order("cninfo", homes[0], base, keywords=["算力"], until="2024-11-03"))
        assert (report.new, report.skipped) == (2, 10)
        files = [one.path for one in publisher.asked if "/finalpage/" in one.path]
    assert len(files) == len(set(files)) == 12
    assert verify(homes[0]).faults == ()


def test_it_says_what_cannot_be_merged(homes: list[Path], tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="into itself"):
        merge(homes, homes[1])
    with pytest.raises(LedgerError, match="no ledger there"):
        merge([*homes, tmp_path / "nowhere"], tmp_path / "all")
    (tmp_path / "all" / "locks").mkdir(parents=True, exist_ok=True)
    with (tmp_path / "all" / "locks" / "cninfo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LedgerError, match="a crawl of cninfo runs there"):
            merge(homes, tmp_path / "all")
