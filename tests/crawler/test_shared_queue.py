"""What lies in the Redis of a shared crawl: units taken once and put back, and what others may have done to it."""

from __future__ import annotations

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import QueueError
from crawler.ledger import Known
from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Cninfo
from tests.crawler.redis_server import needs_redis
from tests.crawler.stand import DAY, crawled, filings, order, publishing
from tests.crawler.workers import LEASE, paced


def share(queue: str, worker: str) -> Any:
    from crawler.shared.share import Share

    made = Share(queue, "cninfo", worker, lease=LEASE)
    made.join()
    return made


def unit(number: int) -> Any:
    from crawler.errand import Question, Row
    from crawler.shared.unit import Unit

    url = f"http://files.example/{number}.pdf"
    row = Row(url=url, title="合同", published=DAY, listing={"n": number, "deep": [1.5, None]}, expect="pdf")
    return Unit(question=Question(since=DAY, until=DAY, keyword="算力"), row=row)


def test_a_unit_is_taken_once_and_put_back_when_its_worker_returns(queue: str) -> None:
    east, west = share(queue, "east"), share(queue, "west")
    assert [east.put(unit(1)), west.put(unit(1)), west.put(unit(2))] == [True, False, True]
    first = east.take()
    assert east.leases[first].unit == unit(1)
    assert west.leases[west.take()].unit == unit(2)
    assert east.take() is None
    assert west.pending() == 2, "held is not done"
    again = share(queue, "east")  # the same worker, killed and restarted
    assert again.put_back == 1
    key = again.take()
    assert key == first
    again.settle(key, None)
    assert again.pending() == 1
    assert not again.put(unit(1)), "done is not forgotten before the crawl is over"


def test_a_unit_may_hold_half_a_surrogate_pair(queue: str) -> None:
    east = share(queue, "east")
    odd = replace(unit(1), row=replace(unit(1).row, title="\ud800", url="http://files.example/\udfff"))
    assert east.put(odd)
    assert east.leases[east.take()].unit == odd
    assert east.known(odd.row.url) is None
    known = Known("fetched", 1, None, None, "ab", 1, "", None)
    east.learn({odd.row.url: known})
    assert east.known(odd.row.url) == known


def test_a_silent_worker_that_comes_back_goes_on_with_what_it_has(queue: str, server: Any) -> None:
    """Its units were put back meanwhile, and nobody has taken them: it must not begin them a second time."""
    east = share(queue, "east")
    east.put(unit(1))
    key = east.take()
    lease = east.leases[key]
    server.zadd("paomo:{cninfo}:workers", {"east": 1})  # its lease is over
    share(queue, "west")
    assert server.zcard("paomo:{cninfo}:queue") == 1
    assert east.take() is None
    assert east.leases[key] is lease
    east.settle(key, None)
    assert east.pending() == 0


@pytest.mark.parametrize("part", ["queue", "units"])
def test_a_part_of_the_crawl_that_is_taken_away_is_missed(part: str, queue: str, server: Any) -> None:
    east = share(queue, "east")
    east.put(unit(1))
    server.delete(f"paomo:{{cninfo}}:{part}")
    if part == "units":
        assert east.pending() == 1
    with pytest.raises(QueueError, match="has lost this crawl"):
        east.pending() if part == "queue" else east.take()


def test_a_redis_that_drops_keys_is_refused(queue: str, server: Any) -> None:
    from crawler.shared.share import connected

    server.config_set("maxmemory", "100mb")
    server.config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(QueueError, match="noeviction"):
        connected(queue)


def test_a_late_worker_settles_nothing_of_anothers(queue: str) -> None:
    east, west = share(queue, "east"), share(queue, "west")
    east.put(unit(1))
    key = east.take()
    returned = share(queue, "east")
    assert returned.pending() == 1
    assert west.take() == key
    east.settle(key, None)
    assert west.pending() == 1, "west holds it now"


def test_a_host_is_asked_by_all_as_often_as_by_one(queue: str) -> None:
    east, west = share(queue, "east"), share(queue, "west")
    waits = [worker.turn("files.example", 60.0) for worker in (east, west, east, west)]
    assert waits[0] == 0
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert waits[3] > 120
    assert east.turn("other.example", 60.0) == 0
    east.hold("other.example", 600.0)
    assert west.turn("other.example", 60.0) > 500


def test_every_request_waits_for_its_turn(tmp_path: Path, queue: str, server: Any) -> None:
    """Whoever is asked sees that the asker took a turn: the moment of the next one stands in Redis."""
    turns = []

    def looking(handler: BaseHTTPRequestHandler, asked: Asked, answer: Answer) -> bool:
        turns.append(server.get(f"paomo:host:{asked.headers['host']}"))
        return False

    with publishing(Cninfo(filings(10)), fault=looking) as (base, _):
        told = order("cninfo", tmp_path, base, polite={"delay": 0.02}, keywords=["算力"]) | {"queue": queue}
        assert crawled(told).new == 10
    assert len(turns) == 11
    assert len(set(turns)) == 11, "one turn each"
    assert None not in turns


FOREIGN = (
    "",
    "\\xff",
    "cos\nsystem\n(S'true'\ntR.",
    "[]",
    "{}",
    '{"question": {}, "row": null}',
    json.dumps({"question": {"since": "2024-11-01", "until": "x"}, "row": None}),
    "[" * 100_000,
)


@pytest.mark.parametrize("text", FOREIGN)
def test_what_no_paomo_wrote_is_no_unit(text: str) -> None:
    needs_redis()
    from crawler.shared.unit import Foreign, loads

    with pytest.raises(Foreign, match="no paomo wrote"):
        loads(text)


def test_a_unit_comes_back_as_it_was_put() -> None:
    from crawler.shared.unit import loads

    assert loads(unit(7).dumps()) == unit(7)
    question = replace(unit(7), row=None)
    assert loads(question.dumps()) == question
    with pytest.raises(QueueError):
        loads(unit(7).dumps().replace('"expect": "pdf"', '"expect": "exe"'))


def test_foreign_units_are_noted_and_the_crawl_goes_on(tmp_path: Path, queue: str, server: Any) -> None:
    with publishing(Cninfo(filings(10)), fault=paced) as (base, _):
        odd = replace(unit(1), row=replace(unit(1).row, url="no address")).dumps()
        values = [*(f"0 {text}" for text in (*FOREIGN, odd)), "", "x", b"\xff\xfe 1"]
        for number, value in enumerate(values):
            server.hset("paomo:{cninfo}:units", f"x{number}", value)
            server.zadd("paomo:{cninfo}:queue", {f"x{number}": 0})
        server.set("paomo:{cninfo}:round", "r")
        server.hset("paomo:{cninfo}:known", "http://x/", "[1, 2]")
        told = order("cninfo", tmp_path, base, keywords=["算力"]) | {"queue": queue}
        report = crawled(told)
    assert (report.outcome, report.new, report.counts["foreign in the queue"]) == ("ok", 10, len(values))
