"""One worker's share of a crawl: what it has taken, what it gives back, and what all of them know."""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.errand import Errand
from crawler.errors import QueueError
from crawler.ledger import Known, Ledger
from crawler.shared import scripts
from crawler.shared.unit import Foreign, Unit, loads, unit_of
from crawler.windows import Tally

LEASE = 60.0
"""Seconds without a sign of life after which a worker's units are put back into the queue."""
PATIENCE = (0.1, 0.4, 1.0)
"""Seconds between tries while the connection is broken."""
TYPES = ((str,), (int,), *(((str, type(None)),) * 3), (int,), *(((str, type(None)),) * 2))
"""Of the fields of Known, in their order."""


def connected(url: str) -> Any:
    """A connection to a Redis. Raises QueueError: the extra is missing, nobody answers, or it drops keys."""
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
        from scrapy_redis.connection import get_redis
    except ImportError as error:
        raise QueueError(f"a shared crawl needs {error.name}; run `pip install 'paomo[redis]'`") from error
    try:
        server = get_redis(
            url=url,
            decode_responses=True,
            encoding_errors="backslashreplace",  # whatever somebody else wrote there, it can be looked at
            socket_timeout=10,
            retry=Retry(NoBackoff(), 0),  # Share._ask has them
        )
        memory = server.info("memory")
    except (redis.RedisError, ValueError) as error:
        raise QueueError(
            f"no Redis answers at {shown(url)}: {type(error).__name__}; start one or correct --queue"
        ) from error
    if memory.get("maxmemory", 0) and str(memory.get("maxmemory_policy")).startswith("allkeys"):
        raise QueueError(
            f"the Redis at {shown(url)} drops keys when it is full; set its maxmemory-policy to noeviction"
        )
    return server


def shown(url: str) -> str:
    """The address without user and password, for messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def worker_of(home: Path) -> str:
    """This worker's name, the same after a restart: its data folder's and its machine's."""
    file = home / "worker"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(uuid.uuid4().hex + "\n", "ascii")
        fresh.replace(file)  # whole or not at all: an empty name would be every such folder's
    return f"{file.read_text('ascii').strip()}@{socket.gethostname()}"


@dataclass
class Lease:
    """A unit this worker holds."""

    unit: Unit
    open: int = 1
    """Its requests under way here."""
    lost: bool = False
    """Whether its document did not come."""


class Share:
    """What one worker's crawl of one source has to do with Redis.

    Every method that asks Redis raises QueueError where that is gone, or has lost this crawl.
    """

    def __init__(self, url: str, source: str, worker: str, *, lease: float = LEASE) -> None:
        self.worker = worker
        self.leases: dict[str, Lease] = {}
        self.put_back = 0
        """Units of workers that gave no sign of life any more (and of this one before a restart)."""
        self.server = connected(url)
        self._where = shown(url)
        self._lease = int(lease * 1000)
        self._prefix = f"paomo:{{{source}}}:"
        self._keys = [self._prefix + name for name in scripts.KEYS]
        self._scripts: dict[str, Any] = {}
        self._round = ""

    def _ask(self, act: Callable[[], Any]) -> Any:
        """What `act` gets from Redis, tried again after a short break of the connection.

        Asking twice does no harm: what was put is there, what was taken unknown to us is put back by `beat`.
        """
        import redis

        for wait in (*PATIENCE, None):
            try:
                return act()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if wait is None:
                    raise self._gone(error) from error
                time.sleep(wait)
            except redis.RedisError as error:
                raise self._gone(error) from error
        raise AssertionError("the last try returns or raises")

    def _gone(self, error: Exception) -> QueueError:
        return QueueError(f"the queue at {self._where} is gone ({error}); run the crawl again")

    def _run(self, script: str, keys: list[str], *given: Any) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self.server.register_script(script)
        return self._ask(lambda: self._scripts[script](keys=keys, args=given))

    def _at_one_stroke(self, script: str, *given: Any) -> Any:
        answer = self._run(scripts.PRELUDE + script, self._keys, *given)
        if (answer[0] if isinstance(answer, list) else answer) == -1:
            raise QueueError(
                f"the queue at {self._where} has lost this crawl (restarted or emptied); run it again"
            )
        return answer

    # being there ----------------------------------------------------------------------------------

    def join(self) -> None:
        """Take part in the crawl that is under way, or begin one. What this worker had taken is put back."""
        fresh = uuid.uuid4().hex
        self._round, self.put_back = self._at_one_stroke(scripts.JOIN, self.worker, self._lease, fresh)

    def beat(self) -> None:
        """Give a sign of life, and put back what silent workers had taken."""
        self.put_back += self._at_one_stroke(scripts.BEAT, self.worker, self._lease, self._round)
        if not self.leases:
            self.put_back += self._at_one_stroke(scripts.RETURN, self.worker, self._round)

    def leave(self) -> None:
        """Give back what is not settled; the last one out takes the crawl away."""
        self._at_one_stroke(scripts.LEAVE, self.worker, self._round)

    # work -----------------------------------------------------------------------------------------

    def put(self, unit: Unit) -> bool:
        """Put a unit into the queue; False: it was there before in this crawl."""
        told = self._at_one_stroke(scripts.PUT, self._round, unit.id, unit.rank, unit.dumps())
        return bool(told == 1)

    def take(self) -> str | None:
        """The id of a unit that is now this worker's; None: there is none to be had.

        Raises Foreign for a unit that no paomo wrote; it is out of the queue then.
        """
        while True:
            answer = self._at_one_stroke(scripts.TAKE, self.worker, self._round)
            if answer[0] == 0:
                return None
            _, key, text = answer
            if (
                key not in self.leases
            ):  # else it was put back for this worker's long silence, and is held here yet
                break
        try:
            self.leases[key] = Lease(loads(text))
        except Foreign:
            self._at_one_stroke(scripts.SETTLE, self.worker, self._round, key, "", "", "")
            raise
        return str(key)

    def settle(self, key: str, tally: Tally | None) -> None:
        """A unit is done and committed. `tally`: how its question stands, for a question."""
        lease = self.leases.pop(key)
        question = lease.unit.question.key
        given = [question if lease.lost else "", "", ""]
        if tally is not None:
            given[1:] = [question, _told(tally)]
        self._at_one_stroke(scripts.SETTLE, self.worker, self._round, key, *given)

    def seen(self, key: str) -> bool:
        """Whether a unit was put into the queue before in this crawl."""
        return bool(self._ask(lambda: self.server.sismember(self._prefix + "seen", key)))

    def lose(self, errand: Errand) -> None:
        """A document of the unit did not come."""
        unit = unit_of(errand)
        if unit is not None and unit.id in self.leases:
            self.leases[unit.id].lost = True

    def pending(self) -> int:
        """Units that are not settled, whoever holds them."""
        return int(self._at_one_stroke(scripts.PENDING, self._round))

    def tallies(self) -> dict[str, Tally]:
        """How every question of this crawl stands, whoever asked it."""
        windows = self._ask(lambda: self.server.hgetall(self._prefix + "windows"))
        lost = self._ask(lambda: self.server.hgetall(self._prefix + "lost"))
        return {key: _tally(text, int(lost.get(key, 0))) for key, text in windows.items()}

    # politeness -----------------------------------------------------------------------------------

    def turn(self, host: str, delay: float) -> float:
        """Seconds to wait for this worker's turn at a host that is asked every `delay` seconds by all."""
        at, now = self._run(scripts.TURN, [f"paomo:host:{host}"], delay * 1000)
        return float(at - now) / 1000

    def hold(self, host: str, wait: float) -> None:
        """No worker is to ask a host before `wait` seconds are over: it asked for patience."""
        self._run(scripts.HOLD, [f"paomo:host:{host}"], wait * 1000)

    # what all of them know ------------------------------------------------------------------------

    def known(self, url: str) -> Known | None:
        """What some worker's ledger knows of a document; None: nobody's does, or not readably so."""
        text = self._ask(lambda: self.server.hget(self._prefix + "known", url))
        try:
            told = json.loads(text) if text else None
        except ValueError:
            return None
        if not isinstance(told, list) or len(told) != len(TYPES):
            return None
        return Known(*told) if all(map(isinstance, told, TYPES)) else None

    def learn(self, known: Mapping[str, Known]) -> None:
        """Tell the others what this worker's ledger has committed."""
        if known:
            self._publish({url: json.dumps(astuple(one)) for url, one in known.items()}, over=True)

    def tell(self, ledger: Ledger, source: str) -> None:
        """Tell the others once what this worker's ledger knew before it joined."""
        told = self._prefix + "told"
        if self._ask(lambda: self.server.sismember(told, self.worker)):
            return
        for part in _documents(ledger, source):
            self._publish(part, over=False)
        self._ask(lambda: self.server.sadd(told, self.worker))

    def _publish(self, told: Mapping[str, str], *, over: bool) -> None:
        def write() -> None:
            pipe = self.server.pipeline(transaction=False)
            for url, text in told.items():
                (pipe.hset if over else pipe.hsetnx)(self._prefix + "known", url, text)
            pipe.execute()

        self._ask(write)


def _documents(ledger: Ledger, source: str) -> Iterator[dict[str, str]]:
    """The ledger's stored documents, some thousands at a time, as `learn` writes them."""
    after = ""
    while rows := ledger.rows(
        "select url, state, attempts, etag, modified, sha256, versions, row_digest, checked from urls"
        " where source=? and url > ? and sha256 is not null order by url limit 5000",
        source,
        after,
    ):
        yield {url: json.dumps(facts) for url, *facts in rows}
        after = rows[-1][0]


def _told(tally: Tally) -> str:
    return json.dumps(
        {
            "unit": Unit(question=tally.question).dumps(),
            "promised": tally.promised,
            "received": tally.received,
            "rejected": sorted(tally.rejected),
            "complete": tally.complete,
            "split": tally.split,
            "cut": tally.cut,
            "reason": tally.reason,
        }
    )


def _tally(text: str, lost: int) -> Tally:
    """A tally as its worker left it. Raises QueueError for what no paomo wrote."""
    try:
        told = json.loads(text)
        rejected: Iterable[str] = told["rejected"]
        tally = Tally(loads(told["unit"]).question, promised=told["promised"], lost=lost)
        tally.rejected.update(rejected)
        tally.single = told["received"] - len(tally.rejected)
        tally.complete, tally.split, tally.cut = (bool(told[name]) for name in ("complete", "split", "cut"))
        tally.reason = told["reason"]
    except (ValueError, TypeError, KeyError) as error:
        raise Foreign(f"the queue holds a window no paomo wrote ({error}); who else writes there?") from error
    return tally
