"""Article pages, written for these tests after the layouts of real sites (not captured from them)."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.reading.html import read_html
from crawler.reading.rejected import ReadingError
from crawler.reading.sites import sites

FIRST = "某某科技11月12日晚公告，全资子公司与云服务商签订的算力服务协议已经解除，涉及金额约9亿元。"
SECOND = "公司表示，受市场环境变化影响，双方协商一致，互不承担违约责任。"
OTHER = "另一家公司签下百亿元算力大单"

SINA = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>某某科技：算力协议解除_新浪财经_新浪网</title>
<meta property="article:published_time" content="2024-11-13T09:00:00+08:00"></head><body>
<div class="nav"><a href="/">首页</a><a href="/stock">股票</a><a href="/fund">基金</a></div>
<h1 class="main-title">某某科技：算力协议解除</h1>
<div class="date-source"><span class="date">2024年11月12日 20:15</span><span class="source">来源：证券时报</span></div>
<div id="artibody"><p>{FIRST}</p><div class="finance_app_zqtg">打开APP</div>
<table><tr><th>标的</th><th>金额</th></tr><tr><td>服务器</td><td> 9亿元 </td></tr><tr><td></td><td></td></tr></table>
<p>{SECOND}<br>　　投资者请注意风险。</p><p class="show_author">责任编辑：张三</p>
<p>相关阅读：</p><p><a href="#">{OTHER}</a></p></div>
<div class="related"><h3>相关阅读</h3><ul><li><a href="#">{OTHER}</a></li></ul></div></body></html>"""


def test_a_site_we_name() -> None:
    page = read_html(SINA.encode(), url="https://finance.sina.com.cn/stock/2024-11-12/doc-x.shtml")
    assert page.text == f"{FIRST}\n标的 | 金额\n服务器 | 9亿元\n{SECOND}\n投资者请注意风险。"
    assert page.title == "某某科技：算力协议解除"
    assert page.published_text == "2024年11月12日 20:15"
    assert page.published == date(2024, 11, 12)
    assert page.source == "证券时报"


BARE = f"""<html><head><title>某某科技算力协议解除-某财经</title></head><body>
<div id="menu1"><a>首页</a> <a>要闻</a> <a>股票</a> <a>基金</a></div>
<div><h1>某某科技算力协议解除</h1><span>2024-11-12 20:15</span>
<div class="c7"><p>{FIRST}</p><p>{SECOND}</p><p>{FIRST[4:]}</p></div></div>
<div class="x9"><h4>为你推荐</h4><ul><li><a>{OTHER}</a></li><li><a>{OTHER}二</a></li></ul></div>
<div class="x8"><p>热门文章</p><a>{OTHER}三</a><a>{OTHER}四</a><a>{OTHER}五</a></div></body></html>"""


@pytest.mark.parametrize("body", [BARE, BARE.replace('class="c7"', 'class="article-content"')])
def test_any_other_site(body: str) -> None:
    page = read_html(body.encode(), url="https://news.example.com/1.html")
    assert page.text.splitlines() == [FIRST, SECOND, FIRST[4:]]
    assert page.title == "某某科技算力协议解除"
    assert page.published == date(2024, 11, 12)


@pytest.mark.parametrize("heading", ["为你推荐", "相关阅读", "热门文章", "猜你喜歡", "延伸閱讀"])
def test_lists_of_other_articles_are_left_out(heading: str) -> None:
    inside = (
        f'<div id="artibody"><p>{FIRST}</p><div><b>{heading}</b><a>{OTHER}</a></div><p>{SECOND}</p></div>'
    )
    assert read_html(inside.encode(), url="https://finance.sina.com.cn/a").text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    ("encoding", "meta", "header"),
    [
        ("gb18030", "gb2312", None),
        ("gb18030", "utf-8", "text/html; charset=utf-8"),  # both lie
        ("gb18030", None, None),
        ("big5", "big5", None),
        ("utf-8", "gbk", None),
        ("utf-16-le", None, "text/html; charset=utf-16le"),
        ("utf-16", None, None),
    ],
)
def test_encodings(encoding: str, meta: str | None, header: str | None) -> None:
    first = (
        FIRST
        if encoding != "big5"
        else "某公司公告，與客戶簽訂的算力租賃合約已經終止，金額約9億元，伺服器尚未交付，雙方互不追究。"
    )
    tag = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    markup = f"<html><head>{tag}<title>t</title></head><body><article><p>{first}</p></article></body></html>"
    assert read_html(markup.encode(encoding), content_type=header).text == first


def test_metadata_of_a_page_that_prints_nothing() -> None:
    markup = f"""<html><head><script type="application/ld+json">{{"@type": "NewsArticle", "headline": "算力协议解除",
    "datePublished": "2024-11-11T18:00:00Z", "author": [{{"name": "李四"}}]}}</script></head>
    <body><article><p>{FIRST}</p></article></body></html>"""
    page = read_html(markup.encode())
    assert (page.title, page.published, page.author) == ("算力协议解除", date(2024, 11, 12), "李四")


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    markup = f"<html><body><table><tr><td>{''.join(f'<p>{line}</p>' for line in (FIRST, SECOND, FIRST))}</td></tr></table></body>"
    text = read_html(markup.encode()).text
    assert text.splitlines()[:2] == [FIRST, SECOND]
    assert "|" not in text


SHORT = [
    "<html><body><p>某公司公告，算力合同已终止。</p></body></html>",
    "<p>某公司公告，算力合同已终止。",
    "<?xml version='1.0' encoding='utf-8'?><html><body>某公司公告，算力合同已终止。<br></body></html>",
]


@pytest.mark.parametrize("markup", SHORT)
def test_a_short_page_is_still_a_page(markup: str) -> None:
    assert read_html(markup.encode()).text == "某公司公告，算力合同已终止。"


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("", "empty"),
        ("<html></html>", "no-text"),
        ("<html><body><ul><li><a>首页</a><li><a>股票</a><li><a>基金</a></ul></body></html>", "no-text"),
        ("<html><script>document.cookie='acw_sc__v2=65f';location.reload()</script></html>", "blocked"),
        (
            "<html><body><noscript>Please enable JavaScript. 请开启JavaScript后刷新。</noscript></body></html>",
            "blocked",
        ),
        ("<html><body><p>请开启JavaScript并刷新该页。</p></body></html>", "blocked"),
    ],
)
def test_what_is_no_article_says_why(markup: str, reason: str) -> None:
    with pytest.raises(ReadingError) as caught:
        read_html(markup.encode())
    assert caught.value.reason == reason


def test_every_selector_of_every_site_compiles() -> None:
    assert len(sites().named) > 20
    assert all(site.body and site.title and site.hosts for site in sites().named)


def test_a_host_is_known_by_its_suffix_only() -> None:
    known = sites().of("finance.sina.com.cn")
    assert known is not None
    assert known.name == "sina"
    assert sites().of("notsina.com.cn") is None


def test_headline_and_byline_inside_the_container_are_not_text() -> None:
    byline = "<h1>算力协议解除</h1><p class='source'>某报 2024-11-12</p><p>记者 张三</p>"
    markup = f"<html><body><article>{byline}<p>{FIRST}</p><p>{SECOND}</p></article></body></html>"
    page = read_html(markup.encode())
    assert page.text == f"{FIRST}\n{SECOND}"
    assert (page.title, page.published) == ("算力协议解除", date(2024, 11, 12))
