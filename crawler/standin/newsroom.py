"""The news endpoints, as they were recorded, over one set of articles."""

from __future__ import annotations

import gzip
import html
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crawler.spiders.cls import sign
from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Article, json_answer


def newest_first(articles: Sequence[Article]) -> list[Article]:
    """As rolls show them."""
    return sorted(articles, key=lambda a: (a.moment, a.path), reverse=True)


class Cls:
    """`get_roll_list`: refuses a wrong signature as the site does."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = newest_first(articles)

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/v1/roll/get_roll_list"):
            return None
        query = {name: value for name, value in asked.query.items() if name != "sign"}
        if asked.query.get("sign") != sign(query):
            return json_answer({"errno": 1, "msg": "sign error", "data": {}})
        before = int(query["last_time"] or 2**40)
        shown = [a for a in self.articles if a.moment.timestamp() < before][: int(query["rn"])]
        return json_answer({"errno": 0, "msg": "", "data": {"roll_data": [self._row(a) for a in shown]}})

    def _row(self, article: Article) -> dict[str, Any]:
        number = 2000000 + self.articles.index(article)
        return {
            "id": number,
            "ctime": int(article.moment.timestamp()),
            "level": "B",
            "title": article.title,
            "content": f"{article.title}。{article.summary}",
            "brief": article.title,
            "reading_num": 47154,
            "shareurl": f"https://api3.cls.cn/share/article/{number}",
            "subjects": [],
            "images": [],
        }


class Flash:
    """`getFastNewsList` with its cursor `sortEnd`."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = newest_first(articles)

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/getFastNewsList"):
            return None
        begin = int(asked.query["sortEnd"] or 0)
        end = begin + min(int(asked.query["pageSize"]), 200)
        rows = [self._row(n) for n in range(begin, min(end, len(self.articles)))]
        data = {"sortEnd": str(end), "fastNewsList": rows}
        return json_answer({"code": "1", "message": "success", "data": data})

    def _row(self, number: int) -> dict[str, Any]:
        article = self.articles[number]
        return {
            "code": f"{article.day:%Y%m%d}{number:06d}",
            "title": article.title,
            "summary": f"【{article.title}】{article.summary}",
            "showTime": f"{article.moment:%Y-%m-%d %H:%M:%S}",
            "realSort": str(number),
            "stockList": ["1.600519"],
        }


class SinaRoll:
    """`roll/get` in numbered pages; the articles are those of `Pages`."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = newest_first(articles)

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/api/roll/get"):
            return None
        size, page = int(asked.query["num"]), int(asked.query["page"])
        shown = self.articles[(page - 1) * size : page * size]
        host = asked.headers.get("host", "")
        rows = [
            {
                "title": a.title,
                "intro": a.summary,
                "url": f"http://{host}{a.path}",
                "media_name": "paomo stand-in",
                "ctime": str(int(a.moment.timestamp())),
            }
            for a in shown
        ]
        return json_answer({"result": {"status": {"code": 0}, "total": len(self.articles), "data": rows}})


class Gdelt:
    """`mode=artlist`: 250 hits at most."""

    def __init__(self, articles: Sequence[Article], *, most: int = 250) -> None:
        self.articles = newest_first(articles)
        self.most = most

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/api/v2/doc/doc"):
            return None
        query = asked.query
        word = query["query"].split('"')[1]
        begin, end = (
            datetime.strptime(query[name], "%Y%m%d%H%M%S") for name in ("startdatetime", "enddatetime")
        )
        found = [
            a
            for a in self.articles
            if word in a.title + a.summary and begin <= a.moment.replace(tzinfo=None) < end
        ]
        host = asked.headers.get("host", "")
        rows = [
            {
                "url": f"http://{host}{a.path}",
                "url_mobile": "",
                "title": a.title,
                "seendate": f"{a.moment:%Y%m%dT%H%M%SZ}",
                "socialimage": "",
                "domain": host,
                "language": "Chinese",
                "sourcecountry": "China",
            }
            for a in found[: min(self.most, int(query["maxrecords"]))]
        ]
        return json_answer({"articles": rows} if rows else {})


class Sitemap:
    """An index at `/sitemap.xml` over one gzipped news sitemap."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = newest_first(articles)

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        host = asked.headers.get("host", "")
        if asked.path == "/sitemap.xml":
            text = (
                '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
                f"<sitemap><loc>http://{host}/news-1.xml.gz</loc></sitemap></sitemapindex>"
            )
            return Answer(text.encode(), "application/xml")
        if asked.path == "/news-1.xml.gz":
            return Answer(gzip.compress(self._urlset(host).encode(), mtime=0), "application/gzip")
        return None

    def _urlset(self, host: str) -> str:
        urls = "".join(
            f"<url><loc>http://{host}{a.path}</loc><news:news><news:publication><news:name>演示</news:name>"
            f"</news:publication><news:publication_date>{a.moment.isoformat()}</news:publication_date>"
            f"<news:title>{html.escape(a.title)}</news:title></news:news></url>"
            for a in self.articles
        )
        return (
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        )


class ListPage:
    """`/list.html` and its following pages, `size` articles each."""

    def __init__(self, articles: Sequence[Article], *, size: int = 2) -> None:
        self.articles = newest_first(articles)
        self.size = size

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if asked.path != "/list.html":
            return None
        page = int(asked.query.get("p", 1))
        shown = self.articles[(page - 1) * self.size : page * self.size]
        items = "".join(
            f'<li><a href="{a.path}">{html.escape(a.title)}</a><span class="time">{a.day}</span></li>'
            for a in shown
        )
        more = f'<a class="next" href="/list.html?p={page + 1}">下一页</a>'
        more = more if page * self.size < len(self.articles) else ""
        text = (
            f"<!DOCTYPE html><html><head><title>列表</title></head><body><ul>{items}</ul>{more}</body></html>"
        )
        return Answer(text.encode(), "text/html; charset=utf-8")
