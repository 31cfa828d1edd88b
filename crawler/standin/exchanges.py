"""The exchanges' and eastmoney's endpoints, as they were recorded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from crawler.standin.server import Answer, Asked
from crawler.standin.speakers import Filing, between, json_answer


def _file(filings: Sequence[Filing], path: str, name: Any) -> Answer | None:
    for filing in filings:
        if path.endswith(name(filing)):
            return Answer(filing.body, "application/pdf", modified=filing.moment.timestamp())
    return None


class Sse:
    """JSONP in groups; `whole_market=False` answers nothing without a code."""

    def __init__(self, filings: Sequence[Filing], *, whole_market: bool = True) -> None:
        self.filings = list(filings)
        self.whole_market = whole_market

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/queryCompanyBulletinNew.do"):
            return _file(self.filings, asked.path, sse_path)
        if not asked.headers.get("referer"):
            return Answer(b"forbidden", "text/html", 403)
        query = asked.query
        found = [
            f
            for f in between(self.filings, query["START_DATE"], query["END_DATE"])
            if query["TITLE"] in f.title and query["SECURITY_CODE"] in ("", f.code)
        ]
        if not (self.whole_market or query["SECURITY_CODE"]):
            found = []
        page, size = int(query["pageHelp.pageNo"]), int(query["pageHelp.pageSize"])
        shown = found[(page - 1) * size : page * size]
        reply = {
            "pageHelp": {
                "pageCount": -(-len(found) // size),
                "pageNo": page,
                "pageSize": size,
                "total": len(found),
            },
            "result": [[sse_row(f)] for f in shown],
        }
        text = f"{query['jsonCallBack']}({json.dumps(reply, ensure_ascii=False)})"
        return Answer(text.encode(), "application/javascript; charset=UTF-8")


def sse_path(filing: Filing) -> str:
    """Path of a filing's file."""
    return f"/disclosure/listedinfo/announcement/c/new/{filing.day}/{filing.code}_{filing.id}.pdf"


def sse_row(filing: Filing) -> dict[str, Any]:
    """A row as recorded."""
    return {
        "SECURITY_CODE": filing.code,
        "SECURITY_NAME": filing.name,
        "TITLE": filing.title,
        "SSEDATE": str(filing.day),
        "URL": sse_path(filing),
        "ORG_BULLETIN_ID": filing.id,
        "BULLETIN_TYPE_DESC": "其他",
        "ORG_FILE_TYPE": 0,
    }


class Szse:
    """JSON by POST; `odd_codes` writes secCode as a text, as has been seen."""

    def __init__(self, filings: Sequence[Filing], *, odd_codes: bool = False) -> None:
        self.filings = list(filings)
        self.odd_codes = odd_codes

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/announcement/annList"):
            return _file(self.filings, asked.path, szse_path)
        form = json.loads(asked.body)
        keywords, stocks = form.get("searchKey", [""]), form.get("stock", [])
        found = [
            f
            for f in between(self.filings, *form["seDate"])
            if all(word in f.title for word in keywords) and (not stocks or f.code in stocks)
        ]
        size, page = min(int(form["pageSize"]), 50), int(form["pageNum"])
        shown = found[(page - 1) * size : page * size]
        if not shown and page > 1:
            return json_answer({})
        return json_answer({"announceCount": len(found), "data": [self._row(f) for f in shown]})

    def _row(self, filing: Filing) -> dict[str, Any]:
        codes: Any = [filing.code]
        return {
            "id": f"00000000-0000-0000-0000-{filing.id:>012}",
            "annId": int(filing.id),
            "title": f"{filing.name}：{filing.title}",
            "content": None,
            "publishTime": f"{filing.day} 18:49:39",
            "attachPath": szse_path(filing),
            "attachFormat": "PDF",
            "attachSize": len(filing.body) // 1024,
            "secCode": str(codes) if self.odd_codes else codes,
            "secName": [filing.name],
            "bondType": None,
            "bigIndustryCode": None,
            "bigCategoryId": None,
            "smallCategoryId": None,
            "channelCode": None,
        }


def szse_path(filing: Filing) -> str:
    """Path of a filing's file."""
    return f"/disc/disk03/finalpage/{filing.day}/{filing.id}.PDF"


class Bse:
    """A form by POST, pages from 0, wrapped in `null(…)`."""

    def __init__(self, filings: Sequence[Filing]) -> None:
        self.filings = list(filings)

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if not asked.path.endswith("/infoResult.do"):
            return _file(self.filings, asked.path, bse_path)
        form = asked.form
        found = [
            f
            for f in between(self.filings, form["startTime"], form["endTime"])
            if form["keyword"] in f.title and form["companyCd"] in ("", f.code)
        ]
        page, pages = int(form["page"]), -(-len(found) // 20)
        shown = found[page * 20 : (page + 1) * 20]
        info = {
            "content": [self._row(f) for f in shown],
            "firstPage": page == 0,
            "lastPage": page >= pages - 1,
            "number": page,
            "numberOfElements": len(shown),
            "size": 20,
            "totalElements": len(found),
            "totalPages": pages,
        }
        text = f"null([{json.dumps({'listInfo': info}, ensure_ascii=False)}])"
        return Answer(text.encode(), "text/html;charset=UTF-8")

    @staticmethod
    def _row(filing: Filing) -> dict[str, Any]:
        return {
            "companyCd": filing.code,
            "companyName": filing.name,
            "disclosureTitle": f"{filing.name}:{filing.title}",
            "disclosurePostTitle": "",
            "destFilePath": bse_path(filing),
            "publishDate": str(filing.day),
            "fileExt": "pdf",
        }


def bse_path(filing: Filing) -> str:
    """Path of a filing's file."""
    return f"/disclosure/{filing.day:%Y}/{filing.day}/{filing.id}.pdf"


class Eastmoney:
    """The listing, texts in pages of `size` characters, PDF files. No text here: empty pages."""

    def __init__(self, filings: Sequence[Filing], texts: dict[str, str], *, size: int = 5000) -> None:
        self.filings = list(filings)
        self.texts = texts
        self.size = size

    def __call__(self, asked: Asked) -> Answer | None:
        """Speak."""
        if asked.path.endswith("/api/security/ann"):
            return self._listing(asked)
        if asked.path.endswith("/api/content/ann"):
            return self._text(asked)
        return _file(self.filings, asked.path, lambda f: f"/H2_AN{f.id}_1.pdf")

    def _listing(self, asked: Asked) -> Answer:
        query = asked.query
        found = between(self.filings, query["begin_time"], query["end_time"])
        found = [f for f in found if query.get("stock_list", "") in ("", f.code)]
        page, size = int(query["page_index"]), min(int(query["page_size"]), 100)
        shown = found[(page - 1) * size : page * size]
        data = {
            "list": [self._row(f) for f in shown],
            "page_index": page,
            "page_size": size,
            "total_hits": len(found),
        }
        return json_answer({"data": data, "error": "", "success": 1})

    @staticmethod
    def _row(filing: Filing) -> dict[str, Any]:
        code = {
            "ann_type": "A,SZA",
            "inner_code": filing.org,
            "market_code": "0",
            "short_name": filing.name,
            "stock_code": filing.code,
        }
        title = f"{filing.name}:{filing.title}"
        return {
            "art_code": f"AN{filing.id}",
            "codes": [code],
            "columns": [{"column_code": "001002004003", "column_name": "重大合同"}],
            "display_time": f"{filing.day} 18:31:10:656",
            "eiTime": f"{filing.day} 18:32:01:000",
            "language": "0",
            "notice_date": f"{filing.day} 00:00:00",
            "title": title,
            "title_ch": title,
            "title_en": "",
        }

    def _text(self, asked: Asked) -> Answer:
        art_code, page = asked.query["art_code"], int(asked.query["page_index"])
        filing = next(f for f in self.filings if f"AN{f.id}" == art_code)
        text = self.texts.get(filing.id, "")
        pages = -(-len(text) // self.size)
        data = {
            "art_code": art_code,
            "notice_content": text[(page - 1) * self.size : page * self.size],
            "notice_date": f"{filing.day} 00:00:00",
            "notice_title": f"{filing.name}:{filing.title}",
            "page_size": pages,
            "attach_url": f"https://pdf.dfcfw.com/pdf/H2_{art_code}_1.pdf",
        }
        return json_answer({"data": data, "success": 1})
