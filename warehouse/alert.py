"""Alerts: rules in yml, and what they find on a snapshot."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
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
QUOTE = 200


class AlertError(PaomoError):
    """An alert file is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `kind` is a name of KINDS, `options` what it needs, `channels` who is told.

    `backlog`: whether what was there before the rule is told, too.
    """

    name: str
    kind: str
    options: dict[str, Any]
    channels: tuple[str, ...]
    backlog: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a rule found; `key` is the same for the same thing for ever."""

    key: str
    title: str
    body: str


def rules(file: Path) -> list[Rule]:
    """The rules of a file; AlertError names what is wrong with it.

    The file: `channels:` names to Apprise addresses (`$NAME` and `${NAME}` are taken from the environment, so
    that no secret lies in it), `rules:` a list of name, kind, its options, `backlog:`, `to:` (names of
    channels).
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
    channels = {
        str(k): _expanded(str(v), f"{file}: channel {k}") for k, v in (content.get("channels") or {}).items()
    }
    found = [_rule(entry, channels, f"{file}: rule {i}") for i, entry in enumerate(content["rules"], 1)]
    if len({rule.name for rule in found}) < len(found):
        raise AlertError(f"{file}: two rules have one name; what was told is remembered by name")
    return found


def _expanded(address: str, where: str) -> str:
    for name in re.findall(r"\$\{?(\w+)", address):
        if name not in os.environ:
            raise AlertError(
                f"{where}: ${name} is not set in the environment; export {name} with the address"
            )
    return os.path.expandvars(address)


_CALLED = {float: "a number", str: "a text", list: "a list"}


def _rule(entry: Any, channels: dict[str, str], where: str) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise AlertError(f"{where}: has no name")
    options = {k: v for k, v in entry.items() if k not in ("name", "kind", "to", "backlog")}
    backlog = entry.get("backlog", False)
    if not isinstance(backlog, bool):
        raise AlertError(f"{where}: backlog is {backlog!r}; give true or false")
    kind = entry.get("kind")
    if kind not in KINDS:
        raise AlertError(f"{where}: kind {kind}; choose {', '.join(KINDS)}")
    needed, _ = KINDS[kind]
    for name, value in needed.items():
        given = options.get(name, value)
        if type(given) is not type(value) and not (isinstance(value, float) and type(given) is int):
            raise AlertError(f"{where}: {name} is {given!r}; give {_CALLED[type(value)]}")
        options[name] = given
    if unknown := set(options) - set(needed):
        raise AlertError(f"{where}: {min(unknown)} is no option of {kind}; it has {', '.join(needed)}")
    to = entry.get("to") or []
    if missing := [name for name in to if name not in channels] or (not to and ["(none)"]):
        raise AlertError(f"{where}: to: {missing[0]} is no channel of this file")
    return Rule(entry["name"], kind, options, tuple(channels[name] for name in to), backlog)


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
        title = f"source {row['source']} published nothing since {row['newest']}"
        days = f"{(today - row['newest']).days} days by its documents' dates; `paomo status` goes by crawls"
        # its next document makes another key, so the next silence is told again
        yield Notice(f"{row['source']}/{row['newest']}", shown(title), days)


KINDS: dict[str, tuple[dict[str, Any], Find]] = {
    "cancellation": ({"above": 0.0, "currency": "CNY"}, _cancellations),
    "company": ({"companies": []}, _companies),
    "rent_moved": ({"percent": 20.0}, _rents),
    "source_stale": ({"days": 7.0}, _stale),
}
"""Kind of rule: its options with what holds where none is given, and what finds."""
STATES = {"source_stale"}
"""Kinds that find what is the case now; the others find what happened, once and for ever."""


def look(home: Home, found: Sequence[Rule], *, today: date | None = None) -> list[tuple[Rule, Notice]]:
    """What the rules find on the snapshot that counts, told before or not."""
    day = today or datetime.now(UTC).date()
    with ask.reader(home) as connection:
        return [
            (rule, notice) for rule in found for notice in KINDS[rule.kind][1](connection, rule.options, day)
        ]
