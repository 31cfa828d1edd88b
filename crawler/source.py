"""A source: one .yml of facts, read strictly into a frozen dataclass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta, timezone
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args
from urllib.parse import urlsplit, urlunsplit

import yaml
from croniter import croniter

from crawler.document import Kind, Tier
from crawler.errors import SourceError

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept one zone without summer time since 1991."""

SPIDERS = Path(__file__).parent / "spiders"

NAME = re.compile(r"[a-z][a-z0-9_]*")
MEGABYTE = 1024 * 1024
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Politeness:
    """How a source's servers are treated; every field may be set in the yml under `polite`."""

    delay: float = 1.0
    """Seconds between two requests to one host; AutoThrottle may lengthen it."""
    max_delay: float = 60.0
    """Seconds AutoThrottle may lengthen it to."""
    concurrency: int = 2
    """Requests under way at one host."""
    robots: bool = True
    """Whether robots.txt is obeyed. Official disclosure services are asked as their own pages ask them."""
    timeout: float = 60.0
    """Seconds for one response. cninfo has been seen to take 26 when throttled."""
    retries: int = 4
    """Times one request is tried again in one crawl."""
    backoff: float = 2.0
    """Seconds before the first retry; doubled each time. A Retry-After header wins."""
    backoff_ceiling: float = 300.0
    """Seconds no wait exceeds, whatever Retry-After says."""
    breaker: int = 6
    """Failures in a row after which a host is left alone for the rest of the crawl."""
    max_megabytes: float = 64.0
    """Size no body exceeds, as sent or decompressed."""
    redirects: int = 5
    max_pages: int = 2000
    """Listing pages one window may have."""
    private: bool = False
    """Whether private, loopback and link-local addresses may be asked."""
    user_agent: str = "{agent}"
    """`{agent}` is paomo's own name and the user's contact."""

    def __post_init__(self) -> None:
        for name in ("concurrency", "timeout", "max_megabytes", "max_pages", "breaker"):
            if getattr(self, name) <= 0:
                raise ValueError(f"field {name!r} under 'polite' must be more than 0")

    @property
    def max_bytes(self) -> int:
        """`max_megabytes` in bytes."""
        return int(self.max_megabytes * MEGABYTE)


@dataclass(frozen=True, kw_only=True)
class Windows:
    """The dates a source is asked for, under `window` in the yml; all in days of Shanghai."""

    days: int = 7
    """Days one question covers."""
    first: int = 30
    """Days before today the first crawl begins."""
    overlap: int = 2
    """Days before the last finished window that are asked again: rows appear late."""
    ahead: int = 1
    """Days after today: filings made after hours carry the next day's date."""
    depth: int | None = None
    """Rows a listing can show of one question; a promise of more splits it. None: no limit is known."""
    dated: bool = True
    """False: the listing can't be asked for dates and shows only what is newest."""
    recheck: int | None = None
    """Days after which a stored page is asked again, with its validators. None: only when its row changed."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Rows a crawl's listings show: fewer than `minimum` fails the run, more than `maximum` warns."""

    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """One publisher's way of publishing."""

    name: str
    """Stem of the .yml."""
    title: str
    publisher: str
    kind: Kind
    tier: Tier
    cron: str
    """When it is due, five fields, in Shanghai time."""
    spider: str
    """Stem of the .py that reads it; several sources may share one."""
    urls: Mapping[str, str] = field(default_factory=dict)
    """Addresses by the name the spider calls them."""
    entries: tuple[str, ...] = ()
    """Addresses that are lists of their own: feeds, sitemaps, list pages, WARC files."""
    keywords: tuple[str, ...] = ()
    polite: Politeness = Politeness()
    window: Windows = Windows()
    expected: Expected = Expected()
    block_markers: tuple[str, ...] = ()
    """Words of this site's block pages, beside those every site uses."""
    valid_until: date | None = None
    """Day after which the selectors are no longer trusted and the crawl warns. None: they have no end yet."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What only its spider understands: plates, categories, selectors."""
    scheduled: bool = True
    """Whether it is crawled when no source is named; False: only by name."""
    path: Path = Path()

    def moved(self, base: str) -> Source:
        """The same source at another address: its entries become `base`, its urls change scheme and host."""
        host = urlsplit(base)
        urls = {
            name: urlunsplit((host.scheme, host.netloc, host.path.rstrip("/") + old.path, old.query, ""))
            for name, url in self.urls.items()
            for old in [urlsplit(url)]
        }
        return replace(self, urls=MappingProxyType(urls), entries=(base,) if self.entries else ())

    def with_politeness(self, **changes: Any) -> Source:
        """The same source treated otherwise."""
        return replace(self, polite=replace(self.polite, **changes))


Refuse = Callable[[SourceError], None]
"""Called with what is wrong with a file."""
_FIELDS = [one.name for one in fields(Source) if one.name not in ("name", "path")]


def load_source(path: Path) -> Source:
    """Read one .yml.

    Raises SourceError naming file and field: not YAML, a field missing, unknown, or of the wrong type.
    """
    try:
        facts = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourceError(f"{path}: not a readable YAML file: {' '.join(str(error).split())}") from error
    if not isinstance(facts, dict):
        raise SourceError(f"{path}: holds no fields; copy one of {SPIDERS} to begin with")
    try:
        return _source(path, facts)
    except (TypeError, ValueError) as error:
        raise SourceError(f"{path}: {error}") from error


def load_sources(extra: Path | None = None, *, refuse: Refuse | None = None) -> dict[str, Source]:
    """Every source by name: those shipped, then those in the folder `extra`, which may replace them.

    A wrong file raises SourceError; with `refuse` it is told there and passed over.
    """
    folders = [SPIDERS, *([extra] if extra is not None and extra.is_dir() else [])]
    known = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.yml"))):
        try:
            source = load_source(path)
        except SourceError as error:
            if refuse is None:
                raise
            refuse(error)
        else:
            known[source.name] = source
    return known


def pick_sources(
    names: Iterable[str], extra: Path | None = None, *, refuse: Refuse | None = None
) -> list[Source]:
    """The sources of these names, all scheduled ones without a name. Raises SourceError for an unknown."""
    known = load_sources(extra, refuse=refuse)
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            raise SourceError(f"no source is named {name!r}; there are {', '.join(sorted(known))}")
    return [known[name] for name in wanted] if wanted else [s for s in known.values() if s.scheduled]


def _source(path: Path, given: dict[str, Any]) -> Source:
    """Complain of what is not known, then read what is."""
    facts = dict(given)
    name = path.stem
    if unknown := sorted(str(field) for field in facts if field not in _FIELDS):
        near = get_close_matches(unknown[0], _FIELDS, n=1)
        meant = f"is {near[0]!r} meant? Else " if near else ""
        raise ValueError(f"unknown field {unknown[0]!r}; {meant}remove it or put it under `facts`")
    if not NAME.fullmatch(name):
        raise ValueError(f"the file's stem {name!r} must be lower-case letters, digits and _")
    source = Source(
        name=name,
        title=_text(facts, "title"),
        publisher=_text(facts, "publisher"),
        kind=cast("Kind", _one_of(facts, "kind", get_args(Kind))),
        tier=cast("Tier", _one_of(facts, "tier", get_args(Tier))),
        cron=_cron(facts),
        spider=_text(facts, "spider", default=name),
        urls=MappingProxyType({k: _address(v) for k, v in _mapping(facts, "urls").items()}),
        entries=_texts(facts, "entries"),
        keywords=_texts(facts, "keywords"),
        polite=_part(facts, "polite", Politeness),
        window=_part(facts, "window", Windows),
        expected=_part(facts, "expected", Expected),
        block_markers=_texts(facts, "block_markers"),
        valid_until=_day(facts, "valid_until"),
        facts=MappingProxyType(_mapping(facts, "facts")),
        scheduled=_flag(facts, "scheduled"),
        path=path,
    )
    if not (source.urls or source.entries):
        raise ValueError("needs `urls` or `entries`: nothing says where to ask")
    return source


def _pop(facts: dict[str, Any], name: str, default: Any = None) -> Any:
    if name not in facts and default is None:
        raise ValueError(f"field {name!r} is missing")
    return facts.pop(name, default)


def _text(facts: dict[str, Any], name: str, default: str | None = None) -> str:
    value = _pop(facts, name, default)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"field {name!r} must be a text, not {value!r}")
    return value


def _texts(facts: dict[str, Any], name: str) -> tuple[str, ...]:
    value = facts.pop(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError(f"field {name!r} must be a list of texts, not {value!r}")
    return tuple(value)


def _mapping(facts: dict[str, Any], name: str) -> dict[str, Any]:
    value = facts.pop(name, {})
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"field {name!r} must be a mapping, not {value!r}")
    return value


def _one_of(facts: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = _text(facts, name)
    if value not in allowed:
        raise ValueError(f"field {name!r} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def _cron(facts: dict[str, Any]) -> str:
    value = _text(facts, "cron")
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError(f"field 'cron' must be a cron expression of five fields, not {value!r}")
    return value


def _flag(facts: dict[str, Any], name: str) -> bool:
    value = facts.pop(name, True)
    if not isinstance(value, bool):
        raise ValueError(f"field {name!r} must be true or false, not {value!r}")
    return value


def _day(facts: dict[str, Any], name: str) -> date | None:
    value = facts.pop(name, None)
    if value is not None and type(value) is not date:
        raise ValueError(f"field {name!r} must be a date YYYY-MM-DD, not {value!r}")
    return value


def _address(value: object) -> str:
    if not isinstance(value, str) or urlsplit(value).scheme not in ("http", "https"):
        raise ValueError(f"an address must begin with http:// or https://, not {value!r}")
    return value


def _kinds(part: type[Any]) -> dict[str, tuple[type, ...]]:
    """The Python types each field of a dataclass takes."""
    types: dict[str, tuple[type, ...]] = {
        "float": (int, float),
        "int": (int,),
        "bool": (bool,),
        "str": (str,),
        "int | None": (int, type(None)),
    }
    return {one.name: types[str(one.type)] for one in fields(part)}


def _part(facts: dict[str, Any], name: str, part: type[T]) -> T:
    value = _mapping(facts, name)
    for key, one in value.items():
        allowed = _kinds(part).get(key)
        if allowed is None:
            raise ValueError(f"unknown field {key!r} under {name!r}; there are {', '.join(_kinds(part))}")
        if not isinstance(one, allowed) or (isinstance(one, bool) and bool not in allowed):
            raise ValueError(f"field {key!r} under {name!r} must be {allowed[0].__name__}, not {one!r}")
        if isinstance(one, int | float) and not isinstance(one, bool) and one < 0:
            raise ValueError(f"field {key!r} under {name!r} must not be negative")
    return part(**value)
