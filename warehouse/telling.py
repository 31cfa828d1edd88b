"""Who was told what: each notice once to each channel, again where that failed, no history unless wanted."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import unquote

from warehouse.alert import STATES, AlertError, Notice, Rule, look
from warehouse.home import Home

SENT = "alerts.sqlite"
"""In the data folder: what was told to whom, and which rules were asked before."""
Send = Callable[[str, Notice], bool]
"""Whether a channel took a notice; NotTaken says why it did not."""


class NotTaken(AlertError):
    """A channel did not take a notice; the message says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one notice in one channel: sent, failed (tried again next time) or would (dry run)."""

    rule: str
    notice: Notice
    channel: str
    outcome: str
    why: str = ""
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Marked:
    """So many notices were there before the rule was: they count as told."""

    rule: str
    channel: str
    notices: int


def tell(
    home: Home,
    found: Sequence[Rule],
    *,
    send: Send,
    dry: bool = False,
    backlog: bool = False,
    today: date | None = None,
) -> list[Told | Marked]:
    """Tell each channel what it was not told yet; what fails is tried again at the next call.

    A rule asked for the first time, or with other options than before, tells only what happens from then on;
    with `backlog` (here or in the rule) what happened before, too. `dry`: tell nobody, remember nothing.
    """
    noticed = look(home, found, today=today)
    done: list[Told | Marked] = []
    with closing(sqlite3.connect(home.root / SENT, timeout=30)) as connection:
        memory = _Memory(connection)
        for rule in found:
            notices = [notice for other, notice in noticed if other is rule]
            for channel in rule.channels:
                done += _one(memory, rule, channel, notices, send=send, dry=dry, backlog=backlog)
    return done


def _one(
    memory: _Memory,
    rule: Rule,
    channel: str,
    notices: Sequence[Notice],
    *,
    send: Send,
    dry: bool,
    backlog: bool,
) -> Iterator[Told | Marked]:
    """One rule and one of its channels."""
    mark = _mark(channel)
    told = memory.told(rule.name, mark)
    silent = not (backlog or rule.backlog or rule.kind in STATES or memory.begun(rule, mark))
    old = [notice for notice in notices if silent and notice.key not in told]
    if old:
        yield Marked(rule.name, mark, len(old))
    if not dry:
        memory.begin(rule, mark, old)
    for notice in notices:
        if not told.get(notice.key) and notice not in old:
            outcome, why = ("would", "") if dry else _sent(send, channel, notice)
            if not dry:
                memory.keep(rule.name, mark, notice, sent=outcome == "sent")
            yield Told(rule.name, notice, mark, outcome, why)


def _sent(send: Send, channel: str, notice: Notice) -> tuple[str, str]:
    """(outcome, why it failed)."""
    try:
        return ("sent", "") if send(channel, notice) else ("failed", "the channel did not take it")
    except NotTaken as error:
        return "failed", str(error)


class _Memory:
    """SENT as a database; a channel is known by its mark."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.execute(
            "CREATE TABLE IF NOT EXISTS told (rule TEXT, key TEXT, channel TEXT, tries INTEGER, sent INTEGER,"
            " at TEXT, PRIMARY KEY (rule, key, channel))"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS begun (rule TEXT, channel TEXT, asks TEXT, at TEXT,"
            " PRIMARY KEY (rule, channel))"
        )

    def told(self, rule: str, mark: str) -> dict[str, bool]:
        """Keys of the notices that were tried, each with whether it arrived."""
        query = "SELECT key, sent FROM told WHERE rule = ? AND channel = ?"
        return {key: bool(sent) for key, sent in self.connection.execute(query, [rule, mark])}

    def begun(self, rule: Rule, mark: str) -> bool:
        """Whether this rule was asked before, with these options, for this channel."""
        query = "SELECT asks FROM begun WHERE rule = ? AND channel = ?"
        row = self.connection.execute(query, [rule.name, mark]).fetchone()
        # a memory of before there was this table knows a rule by what it told
        return bool(self.told(rule.name, mark)) if row is None else row == (_asks(rule),)

    def begin(self, rule: Rule, mark: str, old: Iterable[Notice]) -> None:
        """From now on this rule is asked; what it finds already counts as told, in the same transaction."""
        now = _now()
        with self.connection:
            self.connection.execute(
                "INSERT INTO begun VALUES (?, ?, ?, ?) ON CONFLICT (rule, channel) DO UPDATE SET"
                " asks = excluded.asks, at = excluded.at WHERE asks <> excluded.asks",
                [rule.name, mark, _asks(rule), now],
            )
            self.connection.executemany(
                "INSERT INTO told VALUES (?, ?, ?, 0, 1, ?)", [(rule.name, n.key, mark, now) for n in old]
            )

    def keep(self, rule: str, mark: str, notice: Notice, *, sent: bool) -> None:
        """One try, at once: what was sent before a crash is not sent again."""
        with self.connection:
            self.connection.execute(
                "INSERT INTO told VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT (rule, key, channel)"
                " DO UPDATE SET tries = tries + 1, sent = excluded.sent, at = excluded.at",
                [rule, notice.key, mark, int(sent), _now()],
            )


def _asks(rule: Rule) -> str:
    return json.dumps([rule.kind, rule.options], ensure_ascii=False, sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _mark(channel: str) -> str:
    """A channel as it is remembered and printed: its scheme and a digest, for its address holds secrets."""
    return f"{channel.split(':')[0]}:{hashlib.sha256(channel.encode()).hexdigest()[:8]}"


def through_apprise(channel: str, notice: Notice) -> bool:
    """Send one notice; NotTaken where the channel did not take it, AlertError where there is none."""
    import apprise

    sender = apprise.Apprise()
    if not sender.add(channel):
        raise AlertError(f"{_mark(channel)}: Apprise knows no such channel; see its list of services")
    with apprise.LogCapture(level=logging.WARNING) as log:  # type: ignore[no-untyped-call]
        if sender.notify(title=notice.title, body=notice.body):
            return True
        said = " ".join(log.getvalue().split())
    raise NotTaken(_without_secrets(said, channel) or "the channel did not take it")


def _without_secrets(said: str, channel: str) -> str:
    """What Apprise said, without any part of the address: some services have their token in it."""
    for part in sorted(re.split(r"[:/@?&=]+", channel)[1:], key=len, reverse=True):
        if len(part) >= SECRET:
            said = said.replace(part, "…").replace(unquote(part), "…")
    return re.sub(r"^\S+ \S+ - \w+ - ", "", said)[:LONGEST]


SECRET, LONGEST = 4, 300
"""Characters from which a part of an address may be a secret; characters of a reason that are kept."""


def as_line(told: Told | Marked, *, dry: bool = False) -> str:
    """One JSON line a notice, one for all that count as told."""
    if isinstance(told, Marked):
        outcome = "would mark as told" if dry else "marked as told"
        line = {"rule": told.rule, "outcome": outcome, "channel": told.channel, "notices": told.notices}
    else:
        line = {
            "rule": told.rule,
            "outcome": told.outcome,
            "channel": told.channel,
            "title": told.notice.title,
        }
        line |= {"why": told.why} if told.why else {}
        line["body"] = told.notice.body
    return json.dumps(line, ensure_ascii=False)
