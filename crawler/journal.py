"""One crawl's book-keeping: what it archives, counts and reports. Shared by its spider and middlewares."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.archive import ROTATE, Archive
from crawler.errand import Errand
from crawler.errors import QueueError
from crawler.ledger import Known, Ledger
from crawler.source import Source

if TYPE_CHECKING:
    from crawler.shared.share import Share

FLUSH = 0.5
"""Seconds after which a batch is committed even if it is not full."""
EXAMPLES = 50
"""Failures a report names; all are counted and stand in the ledger."""


def ledger_file(home: Path) -> Path:
    """Where the ledger of a data folder lies."""
    return home / "ledger.sqlite"


class Journal:
    """Writes the archive and the ledger together; with `dry`, writes nothing at all."""

    def __init__(
        self,
        home: Path,
        source: Source,
        *,
        job: dict[str, Any],
        dry: bool,
        rotate: int = ROTATE,
        share: Share | None = None,
    ) -> None:
        self.home = home
        self.source = source
        self.dry = dry
        self.share = share
        """This worker's part in a crawl on several machines. None: it crawls alone."""
        self.fault: str | None = None
        """Why a shared crawl could not go on. None: it could."""
        self._touched: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.hosts: dict[str, Any] = {}
        """How each host has behaved; kept by `crawler.polite`."""
        self.failures: list[tuple[str, str]] = []
        """(address, what came of it), the first EXAMPLES of them."""
        self.planned: list[str] = []
        """What a dry run would fetch."""
        self._flushed = time.monotonic()
        self.ledger: Ledger | None = None
        self.archive: Archive | None = None
        if not dry:
            self.ledger = Ledger(ledger_file(home))
            self.crawl = self.ledger.begin(source.name, os.getpid(), job)
            self.archive = Archive(home, self.ledger, source.name, rotate=rotate)
            for line in self.archive.recovered:
                self.ledger.incident(self.crawl, source.name, "", "recovered", line)
        elif ledger_file(home).exists():
            self.ledger = Ledger(ledger_file(home), readonly=True)

    # what came ----------------------------------------------------------------------------------

    def keep(
        self,
        errand: Errand,
        url: str,
        *,
        body: bytes,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        verdict: str | None = None,
        notes: tuple[str, ...] = (),
        via: list[str] | None = None,
        content_type: str | None = None,
        fetched_at: datetime | None = None,
        sha256: str | None = None,
    ) -> str | None:
        """Archive one answer; the sha256 of its payload, or None in a dry run."""
        if self.archive is None or self.ledger is None:
            return None
        fetched = fetched_at or datetime.now(UTC)
        role = errand.role if 200 <= status < 300 and verdict is None else "deceived" if verdict else "error"
        named = dict(headers)
        facts = self._facts(errand, url, role) | {
            "status": status,
            "verdict": verdict,
            "notes": list(notes),
            "via": via or [],
            "etag": named.get("Etag") or named.get("ETag"),
            "modified": named.get("Last-Modified"),
            "fetched": fetched.isoformat(),
        }
        placed = self.archive.keep(
            url,
            body=body,
            status=status,
            headers=headers,
            metadata=facts,
            fetched_at=fetched,
            content_type=content_type,
            sha256=sha256,
        )
        self.ledger.capture(
            self.source.name, url, role, status, placed, verdict, fetched.isoformat(), self.crawl
        )
        if role == "document" and errand.row is not None:
            # in the same commit as the capture: a kill between the two would have it fetched and stored twice
            self.stored(
                errand,
                sha256=placed.sha256,
                status=status,
                etag=facts["etag"],
                modified=facts["modified"],
                new=True,
            )
        self.counts[f"archived {role}"] += 1
        self.breathe()
        return placed.sha256

    def _facts(self, errand: Errand, url: str, role: str) -> dict[str, Any]:
        row = errand.row
        return {
            "url": url,
            "role": role,
            "source": self.source.name,
            "kind": self.source.kind,
            "tier": self.source.tier,
            "title": row.title if row else None,
            "published": row.published.isoformat() if row and row.published else None,
            "row": dict(row.listing) if row else None,
            "row_digest": row.digest if row else "",
            "question": errand.question.key if errand.question else None,
            "why": errand.why,
            "crawl": self.crawl,
        }

    def stored(
        self,
        errand: Errand,
        *,
        sha256: str,
        status: int,
        etag: str | None = None,
        modified: str | None = None,
        new: bool = False,
    ) -> None:
        """Note that a document is in the archive; `new` where these bytes were not before."""
        assert self.ledger is not None
        assert errand.row is not None
        seen = "unchanged" if not new else "new versions" if errand.known_sha256 else "new"
        self.counts[seen] += 1
        self._touched.add(errand.row.url)
        self.ledger.fetched(
            self.source.name,
            errand.row.url,
            status=status,
            etag=etag,
            modified=modified,
            sha256=sha256,
            row_digest=errand.row.digest,
            new=new,
        )

    # what is known ------------------------------------------------------------------------------

    def known(self, url: str) -> Known | None:
        """What the ledger knows of an address; in a shared crawl what another worker's does."""
        own = self.ledger.known(self.source.name, url) if self.ledger is not None else None
        if self.share is None or (own is not None and own.sha256 is not None):
            return own
        return self.share.known(url) or own

    def learned(self) -> Mapping[str, Known]:
        """What the ledger came to know since the last call; it must be committed."""
        assert self.ledger is not None
        touched, self._touched = self._touched, set()
        found = {url: self.ledger.known(self.source.name, url) for url in touched}
        return {url: known for url, known in found.items() if known is not None}

    # what went wrong ----------------------------------------------------------------------------

    def incident(self, url: str, what: str, detail: str) -> None:
        """Count and note something seen on the way."""
        self.counts[what] += 1
        if self.ledger is not None and not self.dry:
            self.ledger.incident(self.crawl, self.source.name, url, what, detail)

    def failed(self, url: str, reason: str, *, state: str = "failed", status: int | None = None) -> None:
        """A document that did not come; `state` is failed (the next crawl tries again), gone or refused."""
        self.counts[state] += 1
        if len(self.failures) < EXAMPLES:
            self.failures.append((url, reason))
        if self.ledger is not None and not self.dry:
            self.ledger.settle(self.source.name, url, state, status=status, reason=reason)
            self.ledger.incident(self.crawl, self.source.name, url, state, reason)

    # commits ------------------------------------------------------------------------------------

    def breathe(self) -> None:
        """Commit if the batch is full or old."""
        if self.ledger is None or self.archive is None:
            return
        if self.ledger.full or time.monotonic() - self._flushed > FLUSH:
            self.commit()

    def commit(self) -> None:
        """Commit what was written."""
        if self.archive is not None:
            self.archive.flush()
        self._flushed = time.monotonic()

    def close(self, outcome: str, reason: str | None, report: dict[str, Any]) -> None:
        """Commit the rest and say how the crawl ended."""
        if self.archive is not None and self.ledger is not None:
            self.archive.close()
            self.ledger.finish(self.crawl, outcome, reason, report)
        if self.share is not None:
            with suppress(QueueError):  # the others put back what it held when its lease is over
                self.share.leave()
        if self.ledger is not None:
            self.ledger.close()
