"""Alerts: rules in yml looked at on a snapshot; each finding is told once, and again where that failed."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from crawler.errors import PaomoError
from warehouse import ask
from warehouse.home import Home
from warehouse.report.safe import number, shortened, shown
from warehouse.sandbox import run

RULES = "alerts.yml"
"""In the data folder, where no file is named."""
SENT = "alerts.sqlite"
"""In the data folder: what was told to whom."""
QUOTE = 200


class AlertError(PaomoError):
    """An alert file is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `kind` is a name of KINDS, `options` what it needs, `channels` who is told."""

    name: str
    kind: str
    options: dict[str, Any]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a rule found; `key` is the same for the same thing for ever."""

    key: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one notice in one channel: sent, failed (tried again next time) or would (dry run)."""

    rule: str
    notice: Notice
    channel: str
    outcome: str


Send = Callable[[str, Notice], bool]


def rules(file: Path) -> list[Rule]:
    """The rules of a file; AlertError names what is wrong with it.

    The file: `channels:` names to Apprise addresses (`$NAME` and `${NAME}` are taken from the environment, so
    that no secret lies in it), `rules:` a list of name, kind, its options, and `to:` names of channels.
    """
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise AlertError(
            f"{file}: there is no such file; `paomo alert --help` shows what one holds"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AlertError(f"{file}: not a yml file: {str(error).splitlines()[0]}") from error
    if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
        raise AlertError(f"{file}: needs `channels:` and a list under `rules:`")
    channels = {str(k): _expanded(str(v), file) for k, v in (content.get("channels") or {}).items()}
    found = [_rule(entry, channels, f"{file}: rule {i}") for i, entry in enumerate(content["rules"], 1)]
    if len({rule.name for rule in found}) < len(found):
        raise AlertError(f"{file}: two rules have one name; what was told is remembered by name")
    return found


def _expanded(address: str, file: Path) -> str:
    expanded = os.path.expandvars(address)
    if "$" in expanded:
        raise AlertError(f"{file}: a channel names a variable that is not set in the environment")
    return expanded


def _rule(entry: Any, channels: dict[str, str], where: str) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise AlertError(f"{where}: has no name")
    options = {k: v for k, v in entry.items() if k not in ("name", "kind", "to")}
    kind = entry.get("kind")
    if kind not in KINDS:
        raise AlertError(f"{where}: kind {kind}; choose {', '.join(KINDS)}")
    needed, _ = KINDS[kind]
    for name, value in needed.items():
        given = options.get(name, value)
        if type(given) is not type(value) and not (isinstance(value, float) and type(given) is int):
            raise AlertError(f"{where}: {name} is {given!r}; give a {type(value).__name__}")
        options[name] = given
    if unknown := set(options) - set(needed):
        raise AlertError(f"{where}: {min(unknown)} is no option of {kind}; it has {', '.join(needed)}")
    to = entry.get("to") or []
    if missing := [name for name in to if name not in channels] or (not to and ["(none)"]):
        raise AlertError(f"{where}: to: {missing[0]} is no channel of this file")
    return Rule(entry["name"], kind, options, tuple(channels[name] for name in to))


Find = Callable[[Any, dict[str, Any], date], Iterator[Notice]]

_CANCELLED = """
    SELECT c.contract_id, k.company, k.counterparty, k.amount, k.currency, k.cancelled, k.reason, k.quote,
        k.source, k.url, k.event_id
    FROM cancellations k JOIN contracts c USING (contract_no)
    WHERE {where} ORDER BY k.first_told, c.contract_id
"""


def _cancellations(connection: Any, options: dict[str, Any], today: date) -> Iterator[Notice]:
    where = "k.currency = ? AND k.amount >= ?"
    yield from _told(connection, where, [options["currency"], options["above"]])


def _companies(connection: Any, options: dict[str, Any], today: date) -> Iterator[Notice]:
    names = [str(name) for name in options["companies"]]
    where = "list_contains($1, k.company) OR list_contains($1, k.company_code)"
    yield from _told(connection, where, [names])


def _told(connection: Any, where: str, parameters: Sequence[Any]) -> Iterator[Notice]:
    for row in run(connection, _CANCELLED.format(where=where), parameters).records():
        parties = " × ".join(str(row[n]) for n in ("company", "counterparty") if row[n])
        amount = f" {number(row['amount'])} {row['currency']}" if row["amount"] is not None else ""
        title = f"cancelled: {parties or '?'}{amount}"
        facts = [str(row[n]) for n in ("cancelled", "reason", "source", "url") if row[n]]
        body = f"{shortened(row['quote'], QUOTE)}\n{' · '.join(facts)}\npaomo explain {row['event_id']}"
        yield Notice(row["contract_id"], shown(title), shown(body))


def _rents(connection: Any, options: dict[str, Any], today: date) -> Iterator[Notice]:
    rows = run(
        connection,
        "SELECT item, tenure, month, median, n,"
        " lag(median) OVER (PARTITION BY item, tenure ORDER BY month) AS before"
        " FROM rent_index WHERE NOT stale ORDER BY item, tenure, month",
    ).records()
    for row in rows:
        if not row["before"]:
            continue
        moved = float(row["median"] / row["before"] - 1) * 100
        if abs(moved) > options["percent"]:
            title = f"rent {row['item']} ({row['tenure']}): {moved:+.1f} % in {row['month']}"
            body = f"{row['before']} to {row['median']} CNY per GPU and hour, {row['n']} quotes"
            yield Notice(f"{row['item']}/{row['tenure']}/{row['month']}", shown(title), body)


def _stale(connection: Any, options: dict[str, Any], today: date) -> Iterator[Notice]:
    query = (
        "SELECT source, max(published) AS newest FROM stage_documents"
        " WHERE source IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    for row in run(connection, query).records():
        if row["newest"] is None or (today - row["newest"]).days <= options["days"]:
            continue
        title = f"source {row['source']} is silent since {row['newest']}"
        # its next document makes another key, so the next silence is told again
        yield Notice(f"{row['source']}/{row['newest']}", shown(title), f"{(today - row['newest']).days} days")


KINDS: dict[str, tuple[dict[str, Any], Find]] = {
    "cancellation": ({"above": 0.0, "currency": "CNY"}, _cancellations),
    "company": ({"companies": []}, _companies),
    "rent_moved": ({"percent": 20.0}, _rents),
    "source_stale": ({"days": 7.0}, _stale),
}
"""Kind of rule: its options with what holds where none is given, and what finds."""


def look(home: Home, found: Sequence[Rule], *, today: date | None = None) -> list[tuple[Rule, Notice]]:
    """What the rules find on the snapshot that counts, told before or not."""
    day = today or datetime.now(UTC).date()
    with ask.reader(home) as connection:
        return [
            (rule, notice) for rule in found for notice in KINDS[rule.kind][1](connection, rule.options, day)
        ]


def tell(
    home: Home, found: Sequence[Rule], *, send: Send, dry: bool = False, today: date | None = None
) -> list[Told]:
    """Tell each channel what it was not told yet; what fails is tried again at the next call."""
    with closing(_memory(home)) as memory:
        return [
            Told(rule.name, notice, mark, _outcome(memory, rule, notice, channel, mark, send, dry))
            for rule, notice in look(home, found, today=today)
            for channel in rule.channels
            if not _known(memory, rule, notice, mark := _mark(channel))
        ]


def _outcome(
    memory: sqlite3.Connection, rule: Rule, notice: Notice, channel: str, mark: str, send: Send, dry: bool
) -> str:
    if dry:
        return "would"
    sent = send(channel, notice)
    with memory:
        memory.execute(
            "INSERT INTO told VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT (rule, key, channel)"
            " DO UPDATE SET tries = tries + 1, sent = excluded.sent, at = excluded.at",
            [rule.name, notice.key, mark, int(sent), datetime.now(UTC).isoformat(timespec="seconds")],
        )
    return "sent" if sent else "failed"


def _memory(home: Home) -> sqlite3.Connection:
    connection = sqlite3.connect(home.root / SENT, timeout=30)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS told (rule TEXT, key TEXT, channel TEXT, tries INTEGER, sent INTEGER,"
        " at TEXT, PRIMARY KEY (rule, key, channel))"
    )
    return connection


def _known(memory: sqlite3.Connection, rule: Rule, notice: Notice, mark: str) -> bool:
    query = "SELECT sent FROM told WHERE rule = ? AND key = ? AND channel = ?"
    found: tuple[int] | None = memory.execute(query, [rule.name, notice.key, mark]).fetchone()
    return found == (1,)


def _mark(channel: str) -> str:
    """A channel as it is remembered and printed: its scheme and a digest, for its address holds secrets."""
    return f"{channel.split(':')[0]}:{hashlib.sha256(channel.encode()).hexdigest()[:8]}"


def through_apprise(channel: str, notice: Notice) -> bool:
    """Send one notice; False where the channel did not take it. AlertError where there is no such channel."""
    import apprise

    sender = apprise.Apprise()
    if not sender.add(channel):
        raise AlertError(f"{_mark(channel)}: Apprise knows no such channel; see its list of services")
    return bool(sender.notify(title=notice.title, body=notice.body))


def as_line(told: Told) -> str:
    """One JSON line a notice."""
    record = {"rule": told.rule, "outcome": told.outcome, "channel": told.channel, "title": told.notice.title}
    return json.dumps({**record, "body": told.notice.body}, ensure_ascii=False)
