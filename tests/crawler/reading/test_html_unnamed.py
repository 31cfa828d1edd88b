"""Pages of sites nobody named, written for these tests after what real content systems do to an article."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.reading.html import read_html

FIRST = "青石股份11月12日晚公告，全资子公司与白杨云签订的算力服务协议已经解除，涉及金额约9亿元。"
SECOND = "公司表示，受市场环境变化影响，双方协商一致，互不承担违约责任。"
THIRD = "公告称，相关服务器尚未交付，预计对本年度业绩没有重大影响，敬请投资者注意。"
COMMENT = "我早就说过这家公司的算力租赁做不长，大家看看当时的公告，再看看现在的股价，唉。"
TEXT = f"{FIRST}\n{SECOND}\n{THIRD}"
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in TEXT.splitlines())


def page(body: str, *, title: str = "青石股份算力协议解除-某财经", head: str = "") -> bytes:
    return f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


BODIES = {
    "comments below, in the container": f"""<div class="article-content"><div id="a1">{PARAGRAPHS}</div>
        <div class="cmt-box"><div class="i"><b>网友</b><p>{COMMENT}</p></div><div class="i"><p>{COMMENT}</p></div></div></div>""",
    "the whole page in one form": f"""<form id="aspnetForm" action="./a.aspx"><div><a>首页</a><a>新闻</a></div>
        <table><tr><td><div class="con">{PARAGRAPHS}</div></td></tr></table><div>版权所有 某某网 京ICP备00000000号</div></form>""",
    "an included header that ends the document": f"<div>某省政府网</div></body></html><div class='zw'>{PARAGRAPHS}</div>",
    "related news above the article": f"""<div class="left"><p>相关新闻：</p><div class="c">{PARAGRAPHS}</div></div>""",
    "lines parted by breaks": f"""<div class="x1">{TEXT.replace(chr(10), "<br><br>")}</div><div class="x2">{COMMENT}</div>""",
    "in two sections": f"""<div><section><p>{FIRST}</p><p>{SECOND}</p></section><section><p>{THIRD}</p></section></div>
        <div class="bar"><p>{COMMENT}</p></div>""",
    "a long imprint below a short text": f"""<div class="t">{PARAGRAPHS}</div>
        <div class="f"><p>{"版权所有 某某网，未经许可不得转载，违者必究，举报电话见首页，" * 4}</p><p>{"ICP备00000000号，" * 12}</p></div>""",
    "an editor's line and a source at the end": f"""<div class="t">{PARAGRAPHS}<p>本文来源：某某报 责任编辑：某某_B01</p></div>""",
    "a bar of teasers as long as the text": f"""<div class="l">{PARAGRAPHS}</div><div class="r">{
        "".join(f'<div class="item"><a href="#">另一条新闻{n}，{FIRST}</a></div>' for n in range(5))
    }</div>""",
}


@pytest.mark.parametrize("name", BODIES)
def test_the_article_and_nothing_else(name: str) -> None:
    assert read_html(page(BODIES[name])).text == TEXT


def test_a_sentence_about_an_imprint_is_text() -> None:
    told = "该数据中心因没有经营许可证被责令停业，客服电话无人接听。"
    assert read_html(page(f'<div class="c">{PARAGRAPHS}<p>{told}</p></div>')).text == f"{TEXT}\n{told}"


def test_a_table_beside_the_prose_stays() -> None:
    rows = "".join(f"<tr><td>H{n}00</td><td>{n}万元</td></tr>" for n in range(1, 4))
    body = f'<div class="article-content"><div class="p">{PARAGRAPHS}</div><table>{rows}</table></div>'
    assert read_html(page(body)).text.splitlines()[-1] == "H300 | 3万元"


HEADLINE = "青石股份算力协议解除，涉及9亿元"


@pytest.mark.parametrize(
    ("title", "head", "headings"),
    [
        (f"{HEADLINE}_某财经_某网", "", f"<h1>新闻中心</h1><h1>{HEADLINE}</h1>"),
        (f"{HEADLINE} - 某省人民政府门户网站", "", f"<h1>某省人民政府网站</h1><div>{HEADLINE}</div>"),
        (
            f"{HEADLINE}|算力|公告_某网",
            f'<meta property="og:title" content="{HEADLINE}">',
            "<h1>财经频道</h1>",
        ),
        ("某财经网", "", f"<h1>{HEADLINE}</h1>"),
        (HEADLINE, "", ""),
    ],
)
def test_the_headline_is_not_the_name_of_a_channel(title: str, head: str, headings: str) -> None:
    body = f'{headings}<div class="c">{PARAGRAPHS}</div>'
    assert read_html(page(body, title=title, head=head)).title == HEADLINE


@pytest.mark.parametrize("title", ["1-10月全县投资结构趋稳", "算力租赁2024-2025年价格走势-某网"])
def test_a_dash_between_digits_parts_no_headline(title: str) -> None:
    found = read_html(page(f'<div class="c">{PARAGRAPHS}</div>', title=title)).title
    assert found == title.removesuffix("-某网")


@pytest.mark.parametrize(
    ("script", "day"),
    [
        ('var info = {"newsTime":"2024-11-12 20:15:04"};', date(2024, 11, 12)),
        ("window.DATA = {pubtime: '2024-11-12 20:15:04'};", date(2024, 11, 12)),
        ('var ct = "1731427200";', date(2024, 11, 13)),  # 2024-11-12T16:00:00Z
        ('[{"pubTime":"2024-11-12"},{"pubTime":"2024-11-09"}]', None),  # a list of other articles
        ('var svr_time = "1731427200"; var time = "2024-11-12";', None),
    ],
)
def test_a_time_that_only_a_script_tells(script: str, day: date | None) -> None:
    body = f'<div class="c">{PARAGRAPHS}</div><script>{script}</script>'
    assert read_html(page(body)).published == day


@pytest.mark.parametrize(
    ("head", "body", "source", "author"),
    [
        ('<meta name="author" content="name, email@gmail.com">', "", None, None),
        (
            '<meta name="author" content="104363">',
            '<span class="source">信息来源： 某某报</span>',
            "某某报",
            None,
        ),
        (
            "",
            '<span class="source">发布时间：11-12 20:15</span><span class="author">责任编辑：某人</span>',
            None,
            None,
        ),
        (
            "",
            '<span class="source">某某号 ⋅</span><span class="author">记者 林小青</span>',
            "某某号",
            "林小青",
        ),
    ],
)
def test_names_and_what_is_none(head: str, body: str, source: str | None, author: str | None) -> None:
    found = read_html(page(f'{body}<div class="c">{PARAGRAPHS}</div>', head=head))
    assert (found.source, found.author) == (source, author)


def test_a_saved_page_says_where_it_stood() -> None:
    head = '<link rel="canonical" href="https://finance.sina.com.cn/stock/2024-11-12/doc-x.shtml">'
    body = f'<div id="artibody">{PARAGRAPHS}<p class="finance_app_zqtg">海量资讯、精准解读，都在某某财经</p></div>'
    assert read_html(page(body, head=head)).text == TEXT
