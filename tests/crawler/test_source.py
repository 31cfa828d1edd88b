"""A source's yml: what is wrong is named with its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import SourceError
from crawler.source import load_source, load_sources, pick_sources

GOOD = """
title: 示例
publisher: 某社
kind: news
tier: media
cron: "0 * * * *"
spider: feed
entries: ["https://example.com/feed.xml"]
polite: {delay: 2, robots: true}
window: {dated: false, recheck: 7}
"""


def written(folder: Path, text: str, name: str = "mine.yml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_good_one(tmp_path: Path) -> None:
    source = load_source(written(tmp_path, GOOD))
    assert (source.name, source.spider, source.polite.delay, source.window.recheck) == ("mine", "feed", 2, 7)
    assert source.scheduled
    assert source.valid_until is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title: 示例", ""), "field 'title' is missing"),
        (("kind: news", "kind: gossip"), "must be one of filing, news"),
        (("tier: media", "tier: [media]"), "field 'tier' must be a text"),
        (("0 * * * *", "every hour"), "cron expression of five fields"),
        (("0 * * * *", "0 0 * * * *"), "cron expression of five fields"),
        (("title:", "titel: x\ntitle:"), "unknown field 'titel'"),
        (("tier:", "teir:"), "unknown field 'teir'; is 'tier' meant?"),
        (("title:", "colour: red\ntitle:"), "unknown field 'colour'; remove it"),
        (("title:", "1: x\ntitle:"), "unknown field '1'"),
        (("delay: 2", "dealy: 2"), "unknown field 'dealy' under 'polite'"),
        (("delay: 2", "delay: soon"), "field 'delay' under 'polite' must be int"),
        (("delay: 2", "delay: -2"), "must not be negative"),
        (("delay: 2", "concurrency: 0"), "'concurrency' under 'polite' must be more than 0"),
        (("robots: true", "robots: 1"), "field 'robots' under 'polite' must be bool"),
        (("delay: 2", "retries: true"), "field 'retries' under 'polite' must be int"),
        (('entries: ["https://example.com/feed.xml"]', ""), "needs `urls` or `entries`"),
        (("entries:", "urls: {a: 'ftp://x'}\nentries:"), "must begin with http"),
        (("entries:", "valid_until: soon\nentries:"), "field 'valid_until' must be a date"),
        (("entries:", "scheduled: maybe\nentries:"), "must be true or false"),
        (("polite: {", "polite: {{"), "not a readable YAML file"),
        ((GOOD, "- a\n- b"), "holds no fields"),
    ],
)
def test_a_bad_one_is_named(change: tuple[str, str], complaint: str, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(SourceError) as caught:
        load_source(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_name(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="stem"):
        load_source(written(tmp_path, GOOD, "My Source.yml"))


def test_a_bad_one_can_be_passed_over(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("tier:", "teir:"), "bad.yml")
    written(tmp_path, GOOD)
    said: list[SourceError] = []
    known = load_sources(tmp_path, refuse=said.append)
    assert "mine" in known
    assert "bad" not in known
    (error,) = said
    assert "bad.yml" in str(error)
    with pytest.raises(SourceError, match="teir"):
        load_sources(tmp_path)


def test_one_of_the_users_own_joins_and_replaces(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace("示例", "别的订阅"), "feed.yml")
    known = load_sources(tmp_path)
    assert known["mine"].title == "示例"
    assert known["feed"].title == "别的订阅"
    assert "cninfo" in known


def test_picking(tmp_path: Path) -> None:
    assert [one.name for one in pick_sources(["feed", "cninfo", "feed"])] == ["feed", "cninfo"]
    assert {one.name for one in pick_sources([])} == set(load_sources()) - {"warc", "listing", "sitemap"}
    with pytest.raises(SourceError, match="no source is named 'cnifno'; there are bse, cls, cninfo"):
        pick_sources(["cnifno"])


def test_moving_to_another_address() -> None:
    cninfo = load_sources()["cninfo"].moved("http://127.0.0.1:8080/x")
    assert cninfo.urls["listing"] == "http://127.0.0.1:8080/x/new/hisAnnouncement/query"
    assert cninfo.urls["files"] == "http://127.0.0.1:8080/x/"
    assert load_sources()["feed"].moved("http://127.0.0.1/f.xml").entries == ("http://127.0.0.1/f.xml",)
