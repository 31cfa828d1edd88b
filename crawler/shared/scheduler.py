"""scrapy-redis's scheduler, queue and duplicate filter, made safe for workers that are killed.

scrapy-redis 0.9.1 runs on Scrapy 2.19 but for its spiders, which are not used here: RedisMixin lives on
`start_requests`, which Scrapy 2.16 took away. Of its scheduler three things are replaced, and no more:

* its queue pops a request and forgets it: whoever is killed then takes it along. Here it is moved into
  `flight` and leaves that only when what it brought is committed in the worker's ledger;
* its filter notes a request in one step and queues it in another: a kill between the two loses it for ever.
  Here a script does both;
* it pickles, so that whoever can write to the Redis runs code on every worker. Here a unit is strict JSON.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_redis.dupefilter import RFPDupeFilter
from scrapy_redis.queue import PriorityQueue
from scrapy_redis.scheduler import Scheduler as RedisScheduler

from crawler.errors import QueueError
from crawler.shared.share import Lease, Share
from crawler.shared.unit import Foreign, unit_of

LEASE = "lease"
"""In a request's meta: id of the unit it is part of, which this worker holds."""
BEAT = 0.5
"""Seconds between two signs of life; what is done is committed and settled at each."""


class UnitFilter(RFPDupeFilter):  # type: ignore[misc]
    """Knows units by their names: two workers may spell the request for one document differently."""

    def __init__(self, share: Share) -> None:
        super().__init__(share.server, "")
        self.share = share

    def request_fingerprint(self, request: Request) -> str:
        """The unit's id; the request's own fingerprint where it is no unit."""
        unit = unit_of(request.meta.get("errand"))
        return unit.id if unit is not None else str(super().request_fingerprint(request))

    def request_seen(self, request: Request) -> bool:
        """Whether it was queued before; to note it is the queue's part, in one step with the queueing."""
        return self.share.seen(self.request_fingerprint(request))


class LeasedQueue(PriorityQueue):  # type: ignore[misc]
    """scrapy-redis's priorities, with a place for what has been taken and is not settled."""

    def __init__(self, share: Share, spider: Any) -> None:
        self.share = share
        super().__init__(share.server, spider, "paomo:{%(spider)s}:queue", serializer=_Refuse)

    def __len__(self) -> int:
        return self.share.pending()

    def push(self, request: Request) -> bool:
        """Queue a request's unit; False: it was there before."""
        unit = unit_of(request.meta["errand"])
        assert unit is not None
        return self.share.put(unit)

    def pop(self, timeout: int = 0) -> Request | None:
        """The request of a unit that is this worker's from now on."""
        while (key := self._take()) is not None:
            request = self._request(self.share.leases[key])
            if request is not None:
                request.meta[LEASE] = key
                return request
            # a ledger has it: its worker committed it and was killed before it could settle it
            self.share.settle(key, None)
        return None

    def _request(self, lease: Lease) -> Request | None:
        try:
            request: Request | None = self.spider.request_for(lease.unit)
        except (ValueError, TypeError) as error:  # no worker could have made a request of it and put it there
            self.spider.journal.incident("", "foreign in the queue", f"{lease.unit.name}: {error}")
            lease.lost = True
            return None
        return request

    def _take(self) -> str | None:
        while True:
            try:
                return self.share.take()
            except Foreign as error:
                self.spider.journal.incident("", "foreign in the queue", str(error))


class _Refuse:
    """No request is ever (un)pickled here."""

    @staticmethod
    def dumps(request: Any) -> bytes:
        raise NotImplementedError

    loads = dumps


class Scheduler(RedisScheduler):  # type: ignore[misc]
    """Hands out what lies in Redis, and keeps to itself what belongs to a unit that is under way."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(server=None, persist=True)
        self.stats = crawler.stats
        self._crawler = crawler
        self._own: deque[Request] = deque()
        """Next pages, parts, retries and redirects of units held here: nobody else can go on with them."""
        self._done: list[str] = []
        self._heart: asyncio.Task[None] | None = None
        self._end_of_all: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Scheduler:
        """Called by Scrapy."""
        return cls(crawler)

    def open(self, spider: Any) -> None:
        """Called by Scrapy."""
        self.spider = spider
        self.journal = spider.journal
        self.share: Share = self.journal.share
        self.server = self.share.server
        self.queue = LeasedQueue(self.share, spider)
        self.df = UnitFilter(self.share)
        self._heart = asyncio.ensure_future(self._live())

    def close(self, reason: str) -> None:
        """Called by Scrapy. What is not settled is given back when the worker leaves."""
        if self._heart is not None:
            self._heart.cancel()
        if self.journal.fault is None:
            self._beat()

    # what Scrapy asks -----------------------------------------------------------------------------

    def has_pending_requests(self) -> bool:
        """Whether there is, or may yet be, something to do: others may die and leave theirs."""
        return bool(self._own) or bool(self._or_stop(self.queue.__len__))

    def enqueue_request(self, request: Request) -> bool:
        """Keep a request that belongs to a unit held here, or to none; queue every other for all."""
        if LEASE in request.meta or unit_of(request.meta.get("errand")) is None:
            self._own.append(request)
            return True
        if self._or_stop(partial(self.df.request_seen, request)):
            self.df.log(request, self.spider)
            return False
        queued = bool(self._or_stop(partial(self.queue.push, request)))
        if queued:
            self.stats.inc_value("scheduler/enqueued/redis")
        return queued

    def next_request(self) -> Request | None:
        """One's own first: a listing is read to its end, a text's parts one after the other."""
        if self._own:
            return self._own.popleft()
        found: Request | None = self._or_stop(self.queue.pop)
        if found is not None:
            self.stats.inc_value("scheduler/dequeued/redis")
            return self._held(found, found.meta[LEASE])
        return None

    # units held here ------------------------------------------------------------------------------

    def _held(self, request: Request, key: str) -> Request:
        """The request as part of a unit, which ends when the last of its requests was answered."""
        request.meta[LEASE] = key
        request.callback = partial(self._answered, key, request.callback)
        request.errback = partial(self._answered, key, request.errback)
        return request

    def _answered(self, key: str, act: Any, *given: Any, **named: Any) -> Iterator[Request]:
        lease = self.share.leases.get(key)
        try:
            for child in act(*given, **named) or ():
                unit = unit_of(child.meta.get("errand"))
                if unit is None or unit.id != key or lease is None:
                    # at once: the unit must not be settled while what it brought is nowhere
                    self.enqueue_request(child)
                else:
                    lease.open += 1
                    yield self._held(child, key)
        except Exception:
            if lease is not None:
                lease.lost = True
                self._end(key, lease)
            raise
        # not where the engine closed this generator: what was not read to its end is put back
        if lease is not None:
            self._end(key, lease)

    def _end(self, key: str, lease: Lease) -> None:
        lease.open -= 1
        if not lease.open:
            self._done.append(key)

    # signs of life --------------------------------------------------------------------------------

    async def _live(self) -> None:
        while self.journal.fault is None:
            await asyncio.sleep(BEAT if self.share.leases else BEAT / 5)
            self._beat()
            # Scrapy has no public word for "there may be work": by itself it looks every five seconds
            slot = getattr(self._crawler.engine, "_slot", None)
            if slot is not None:
                slot.nextcall.schedule()

    def _beat(self) -> None:
        self._or_stop(self._settle)
        self._or_stop(self.share.beat)

    def _settle(self) -> None:
        """Commit, tell the others, and only then let go of what is done."""
        done, self._done = self._done, []
        self.journal.commit()
        self.share.learn(self.journal.learned())
        for key in done:
            unit = self.share.leases[key].unit
            self.share.settle(key, self.spider.tallies[unit.question.key] if unit.row is None else None)

    def _or_stop(self, act: Callable[[], Any]) -> Any:
        """What `act` gives; None, and the crawl is stopped, where the queue is gone or the disk is full."""
        if self.journal.fault is not None:
            return None
        try:
            return act()
        except Exception as error:
            self.journal.fault = str(error) if isinstance(error, QueueError) else repr(error)
            engine = self._crawler.engine
            if engine is not None:
                self._end_of_all = asyncio.ensure_future(engine.close_spider_async(reason="queue lost"))
            return None
