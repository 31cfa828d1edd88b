"""The endpoints as they were recorded: each class speaks one, over the filings or articles it is given."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from email.utils import format_datetime
from typing import Any

from crawler.source import SHANGHAI
from crawler.standin.server import Answer, Asked

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Filing:
    """One filing of the stand-in."""

    id: str
    code: str
    name: str
    org: str
    day: date
    title: str
    body: bytes
    """PDF."""
    category: str = "category_rcjy_szsh"

    @property
    def plate(self) -> str:
        """sz, sh or bj."""
        return "sh" if self.code[0] == "6" else "bj" if self.code[0] in "489" else "sz"

    @property
    def moment(self) -> datetime:
        """Midnight in Shanghai of its day."""
        return datetime.combine(self.day, time(), SHANGHAI)


@dataclass(frozen=True)
class Article:
    """One news page of the stand-in."""

    path: str
    title: str
    day: date
    body: bytes
    content_type: str = "text/html"
    summary: str = ""

    @property
    def moment(self) -> datetime:
        """Nine in the morning of its day in Shanghai."""
        return datetime.combine(self.day, time(9), SHANGHAI)


def json_answer(value: Any, **how: Any) -> Answer:
    """An answer of compact UTF-8 JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(text.encode(), how.pop("content_type", JSON), **how)


def between(filings: Sequence[Filing], since: str, until: str) -> list[Filing]:
    """Filings of days in ISO form, newest first; '' leaves an end open."""
    chosen = [f for f in filings if (not since or since <= str(f.day)) and (not until or str(f.day) <= until)]
    return sorted(chosen, key=lambda f: (f.day, f.id), reverse=True)


class Cninfo:
    """`POST /new/hisAnnouncement/query`, the PDF files, and the list of stocks."""

    def __init__(self, filings: Sequence[Filing], *, cap: int = 30) -> None:
        self.filings = list(filings)
        self.cap = cap

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if asked.path.endswith("/new/hisAnnouncement/query"):
            return json_answer(self.listing(asked.form))
        if asked.path.endswith("/new/data/szse_stock.json"):
            return self._stocks()
        if "/finalpage/" in asked.path:
            return self._file(asked.path)
        return None

    def listing(self, form: Mapping[str, str]) -> dict[str, Any]:
        """One page of what a form asks for."""
        found = self.matching(form)
        page, size = int(form["pageNum"]), min(int(form["pageSize"]), self.cap)
        shown = found[(page - 1) * size : page * size]
        return {
            "classifiedAnnouncements": None,
            "totalSecurities": 0,
            "totalAnnouncement": len(found),
            "totalRecordNum": len(found),
            "announcements": [cninfo_row(f, form["searchkey"]) for f in shown] or None,
            "categoryList": None,
            "hasMore": page * size < len(found),
            "totalpages": len(found) // size,  # floored, as recorded
        }

    def matching(self, form: Mapping[str, str]) -> list[Filing]:
        """Every filing a form asks for."""
        since, _, until = form["seDate"].partition("~")
        code, _, org = form["stock"].partition(",")
        if code and not org:
            return []
        return [
            f
            for f in between(self.filings, since, until)
            if form["searchkey"] in f.title
            and form["plate"] in ("", f.plate)
            and (not form["category"] or f.category in form["category"].split(";"))
            and code in ("", f.code)
        ]

    def _file(self, path: str) -> Answer:
        for filing in self.filings:
            if path.endswith(cninfo_path(filing)):
                return Answer(filing.body, "application/pdf", modified=filing.moment.timestamp())
        return Answer(b"not found", "text/html", 404)

    def _stocks(self) -> Answer:
        stocks = {f.code: {"code": f.code, "pinyin": "", "category": "A股", "orgId": f.org, "zwjc": f.name}
                  for f in self.filings}  # fmt: skip
        body = json.dumps({"stockList": list(stocks.values())}, ensure_ascii=False).encode("utf-8-sig")
        return Answer(body, "application/json")


def cninfo_path(filing: Filing) -> str:
    """`finalpage/…` of a filing."""
    return f"finalpage/{filing.day}/{filing.id}.PDF"


def cninfo_row(filing: Filing, keyword: str) -> dict[str, Any]:
    """A row as recorded in 2023, the hit marked."""
    title = filing.title.replace(keyword, f"<em>{keyword}</em>") if keyword else filing.title
    return {
        "id": None,
        "secCode": filing.code,
        "secName": filing.name,
        "orgId": filing.org,
        "announcementId": filing.id,
        "announcementTitle": title,
        "announcementTime": int(filing.moment.timestamp() * 1000),
        "adjunctUrl": cninfo_path(filing),
        "adjunctSize": max(1, len(filing.body) // 1024),
        "adjunctType": "PDF",
        "storageTime": None,
        "columnId": "09020202||250101||251302",
        "pageColumn": "SZZB",
        "announcementType": "01010501||010112||012399",
        "associateAnnouncement": None,
        "important": None,
        "batchNum": None,
        "announcementContent": "",
        "orgName": None,
        "tileSecName": filing.name,
        "shortTitle": title,
        "announcementTypeName": None,
        "secNameList": None,
    }


class Pages:
    """Articles, each at its path, and robots.txt."""

    def __init__(self, articles: Sequence[Article], *, robots: str = "User-agent: *\nAllow: /\n") -> None:
        self.articles = {article.path: article for article in articles}
        self.robots = robots

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if asked.path == "/robots.txt":
            return Answer(self.robots.encode(), "text/plain")
        article = self.articles.get(asked.path)
        if article is None:
            return None
        return Answer(article.body, article.content_type, modified=article.moment.timestamp())


class Feed:
    """An RSS 2.0 feed at `/feed.xml` over the articles of `Pages`."""

    def __init__(self, pages: Pages, *, base: str = "") -> None:
        self.pages = pages
        self.base = base

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if asked.path != "/feed.xml":
            return None
        items = "".join(
            self._item(one, asked.headers.get("host", "")) for one in self.pages.articles.values()
        )
        text = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>paomo stand-in</title>'
            f"<link>http://localhost/</link><description>演示</description>{items}</channel></rss>"
        )
        return Answer(text.encode(), "application/rss+xml; charset=utf-8")

    def _item(self, article: Article, host: str) -> str:
        return (
            f"<item><title>{html.escape(article.title)}</title><link>http://{host}{article.path}</link>"
            f"<pubDate>{format_datetime(article.moment)}</pubDate>"
            f"<description>{html.escape(article.summary)}</description></item>"
        )
