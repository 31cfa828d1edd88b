"""The main job on the stand-in publisher: crawl, archive, load, ask; then again from the archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from warehouse import ask, demo, tasks
from warehouse.home import Home
from warehouse.resolve import TABLES
from warehouse.store import MENTIONS

ROWS = ("documents", "document_marks", *MENTIONS.values(), "rejects", *TABLES)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: Any) -> Home:
    home = Home(tmp_path_factory.mktemp("demo"))
    demo.run(home.root)
    return home


def rows(home: Home) -> dict[str, list[Any]]:
    return {t: ask.sql(home, f"FROM {t} ORDER BY ALL").rows for t in ROWS}


def test_the_demo_ends_in_the_four_cancellations(ran: Home) -> None:
    found = ask.sql(
        ran, "SELECT company_code, party, counterparty, cancelled FROM cancellations ORDER BY cancelled"
    ).rows
    assert found == [
        ("002229", "英博数科", "紫光晓通", "2024-10-11"),
        ("300287", None, None, "2024-10-25"),
        ("300536", "武汉芯连微", "银盾云", "2024-10-30"),
        ("300798", "英智创新", "缔息云联", "2024-11-12"),
    ]


def test_the_demo_prints_three_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.run(tmp_path)
    printed = capsys.readouterr().out
    for word in (
        "Contracts cancelled",
        "Rents",
        "Project sizes",
        "紫光晓通",
        "1,100,000,000",
        "RTX 4090",
        "PFLOPS",
    ):
        assert word in printed


def test_its_evidence_is_in_the_text_as_published(ran: Home) -> None:
    wrong = ask.sql(
        ran,
        "SELECT count(*) FROM contract_mentions m JOIN documents d USING (doc_id, sha256)"
        ' WHERE array_slice(d.text, m.start + 1, m."end") <> m.quote',
    )
    assert wrong.rows == [(0,)]


def test_loading_the_archive_again_changes_nothing(ran: Home) -> None:
    before = rows(ran)
    assert tasks.fill(ran).seen == 0
    assert tasks.fill(ran, again=True).documents == len(before["documents"])
    assert rows(ran) == before


def test_rebuild_from_the_archive_makes_the_same_rows(ran: Home) -> None:
    before = rows(ran)
    ran.warehouse.unlink()
    tasks.rebuild(ran)
    assert rows(ran) == before


def test_the_demo_is_kept_in_the_data_folder_but_not_among_the_user_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(demo, "_run", lambda home: asked.append(home.root))
    monkeypatch.setenv("PAOMO_HOME", str(tmp_path / "fresh"))
    demo.run(None)
    demo.run(None)
    assert asked == [tmp_path / "fresh"] * 2
    own = Home(tmp_path / "own").make()
    own.ledger.touch()
    monkeypatch.setenv("PAOMO_HOME", str(own.root))
    demo.run(None)
    assert asked[-1] != own.root
    assert "nothing was added" in capsys.readouterr().err
    demo.run(own.root)
    assert asked[-1] == own.root, "named by the user"
