"""Any WARC file, here or elsewhere: its pages about our subject, with the moment of their capture."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.capture import Capture
from crawler.errand import Errand, Question, Row
from crawler.errors import ArchiveError
from crawler.reply import ReplyError
from crawler.source import MEGABYTE, SHANGHAI
from crawler.spider import SourceSpider
from crawler.warc import captures_in
from crawler.windows import Tally, span

CHARSETS = ("utf-8", "gb18030", "big5")
NAMED_DAY = re.compile(r"-(20\d\d)(\d\d)(\d\d)\d*")  # CC-NEWS-20241101013443-00042.warc.gz


class Spider(SourceSpider):
    """A remote file comes in pieces into `incoming/` below the data folder: a kill costs one piece."""

    shareable = False  # its pieces are joined in this machine's data folder

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._taken: set[tuple[str, str]] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Every entry: a file, an address, or a list of addresses."""
        for question in self.questions():
            tally = self.tallies[question.key] = Tally(question)
            if urlsplit(question.entry).scheme not in ("http", "https"):
                self._take_over(tally, Path(question.entry))
            elif question.entry.endswith((".paths", ".paths.gz")):
                yield self._list(tally)
            else:
                yield self._piece(tally)

    def questions(self) -> Iterator[Question]:
        """One an entry; `{year}` and `{month}` are those of each month asked for."""
        since, until = span(self.source, self.job, None, "")
        for entry in self.source.entries:
            months = _months(since, until) if "{month}" in entry else [until]
            for month in months:
                address = entry.replace("{year}", f"{month:%Y}").replace("{month}", f"{month:%m}")
                yield Question(since=since, until=until, entry=address)

    # a list of files --------------------------------------------------------------------------

    def _list(self, tally: Tally) -> Request:
        errand = Errand(role="lookup", expect="any", question=tally.question, why="listing")
        return Request(
            tally.question.entry,
            callback=self._listed_files,
            errback=self._not_listed,
            dont_filter=True,
            meta={"errand": errand},
        )

    def _listed_files(self, response: Response) -> Iterator[Request]:
        question: Question = response.meta["errand"].question
        tally = self.tallies[question.key]
        if response.status != 200:
            self._fail(tally, f"the list answered HTTP {response.status}")
            return
        body = response.body
        if body.startswith(b"\x1f\x8b"):
            body = zlib.decompressobj(31).decompress(body, 64 * MEGABYTE)
        addresses = [
            urljoin(self.source.urls["base"], line) for line in body.decode("ascii", "replace").split()
        ]
        chosen = [one for one in reversed(addresses) if _in(one, question)]
        tally.split = True
        for address in chosen[: int(self.source.facts["files"])]:
            part = replace(question, entry=address)
            yield self._piece(self.tallies.setdefault(part.key, Tally(part)))

    # a remote file ----------------------------------------------------------------------------

    def _incoming(self, tally: Tally) -> Path:
        folder = self.journal.home / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(tally.question.entry.encode()).hexdigest()[:16]
        return folder / f"{name}{''.join(Path(urlsplit(tally.question.entry).path).suffixes[-2:])}"

    def _piece(self, tally: Tally) -> Request:
        path = self._incoming(tally)
        have = path.stat().st_size if path.exists() else 0
        end = have + int(self.source.facts["piece"] * MEGABYTE) - 1
        return Request(
            tally.question.entry,
            headers={"Range": f"bytes={have}-{end}", "Accept-Encoding": "identity"},
            callback=self._piece_came,
            errback=self._not_listed,
            dont_filter=True,
            meta={"errand": Errand(role="part", expect="any", question=tally.question, kept=False)},
        )

    def _piece_came(self, response: Response) -> Iterator[Request]:
        tally = self.tallies[response.meta["errand"].question.key]
        path = self._incoming(tally)
        try:
            whole = self._append(path, response)
        except ReplyError as error:
            self._fail(tally, str(error))
            return
        self.journal.counts["pieces"] += 1
        if not whole:
            yield self._piece(tally)
            return
        self._take_over(tally, path)
        path.unlink(missing_ok=True)

    def _append(self, path: Path, response: Response) -> bool:
        """Add a piece to the file; whether it was the last."""
        have = path.stat().st_size if path.exists() else 0
        if response.status == 416:  # nothing is left to ask for
            return have > 0
        if response.status == 200:  # ranges are not known there: this is all of it
            path.write_bytes(response.body)
            return True
        said = re.match(rb"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range") or b"")
        if response.status != 206 or said is None or int(said.group(1)) != have:
            raise ReplyError(f"asked for the piece from byte {have}, got HTTP {response.status}")
        if have > self.source.facts["most"] * MEGABYTE:
            raise ReplyError(f"the file has more than {self.source.facts['most']} MB")
        with path.open("ab") as file:
            file.write(response.body)
        total = said.group(3)
        return total != b"*" and have + len(response.body) >= int(total)

    # its pages --------------------------------------------------------------------------------

    def _take_over(self, tally: Tally, path: Path) -> None:
        needles = [word.encode(code, "ignore") for word in self.keywords for code in CHARSETS]
        try:
            for capture in captures_in(path):
                self.journal.counts["records"] += 1
                if self._fits(capture, needles, tally.question) and not self._limited:
                    self._take(tally, capture)
        except (ArchiveError, OSError) as error:
            self._fail(tally, str(error))
            return
        tally.complete, tally.cut = True, self._limited

    def _fits(self, capture: Capture, needles: list[bytes], question: Question) -> bool:
        if capture.status != 200 or not (capture.content_type or "").startswith(
            ("text/html", "application/xhtml", "application/pdf")
        ):
            return False
        if self.job.since is not None and capture.fetched_at is not None:
            day = capture.fetched_at.astimezone(SHANGHAI).date()
            if not question.since <= day <= question.until:
                return False
        return not needles or any(needle and needle in capture.body for needle in needles)

    def _take(self, tally: Tally, capture: Capture) -> None:
        row = Row(
            url=capture.url,
            title=capture.title or "",
            published=capture.published,
            listing={"warc": tally.question.entry, **dict(capture.listing)},
            expect="any",
        )
        tally.add(row)
        self.journal.counts["rows"] += 1
        sha256 = hashlib.sha256(capture.body).hexdigest()
        known = self.journal.known(row.url)
        if (known is not None and known.sha256 == sha256) or (row.url, sha256) in self._taken:
            self.journal.counts["known"] += 1
            return
        self._taken.add((row.url, sha256))
        self._fetching += 1
        if self.job.dry_run:
            self.journal.counts["would fetch"] += 1
            self.journal.planned.append(row.url)
            return
        errand = Errand(
            role="document",
            expect="any",
            question=tally.question,
            row=row,
            known_sha256=known.sha256 if known else None,
        )
        self.journal.keep(
            errand,
            row.url,
            body=capture.body,
            status=capture.status,
            headers=capture.headers,
            fetched_at=capture.fetched_at,
        )


def _months(since: date, until: date) -> list[date]:
    months, month = [], until.replace(day=1)
    while month >= since.replace(day=1):
        months.append(month)
        month = (month.replace(year=month.year - 1, month=12) if month.month == 1
                 else month.replace(month=month.month - 1))  # fmt: skip
    return months


def _in(address: str, question: Question) -> bool:
    found = NAMED_DAY.search(address)
    if found is None:
        return True
    return question.since <= date(*map(int, found.groups())) <= question.until
