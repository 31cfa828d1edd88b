"""The command line as its user meets it: answers on stdout, the rest on stderr, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.cli import app

ROOT = Path(__file__).parents[2]
ARTICLE = (
    "鸿博股份（002229）10月11日晚公告，全资子公司英博数科与紫光晓通已于2024年10月11日解除《算力设备采购合同》，"
    "合同总金额4.94亿元。目前一台8卡H100服务器的月租金为7.5万元。"
)


def paomo(*arguments: str, cwd: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PAOMO_HOME"}
    environment["PYTHONPATH"] = str(ROOT)
    if home is not None:
        environment["PAOMO_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-c", "from warehouse.cli import main; main()", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cli")
    (place / "article.txt").write_text(ARTICLE, "utf-8")
    record = {"id": "n1", "published": "2024-10-12", "kind": "news", "text": ARTICLE}
    (place / "good.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf-8")
    loaded = paomo("load", "good.jsonl", cwd=place)
    assert loaded.returncode == 0, loaded.stderr
    return place


def test_everything_lies_in_the_data_folder(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == ["article.txt", "good.jsonl", "paomo-data"]
    kept = {p.name for p in (folder / "paomo-data").iterdir()}
    assert {"archive", "published", "warehouse.duckdb"} <= kept


def test_loading_again_changes_nothing_and_publishes_nothing(folder: Path) -> None:
    pointer = folder / "paomo-data" / "published" / "CURRENT"
    before = pointer.read_text()
    again = paomo("load", "good.jsonl", cwd=folder)
    assert again.returncode == 0
    assert "1 read, 0 new" in again.stderr
    assert pointer.read_text() == before


def test_show_has_the_cancellation_with_its_quote(folder: Path) -> None:
    shown = paomo("show", "cancellations", "--format", "json", cwd=folder)
    (row,) = json.loads(shown.stdout)
    assert (row["company"], row["company_code"], row["party"]) == ("鸿博股份", "002229", "英博数科")
    assert (row["counterparty"], row["amount"], row["currency"]) == ("紫光晓通", 494000000, "CNY")
    assert row["cancelled"] == "2024-10-11"
    assert row["quote"] in ARTICLE
    assert shown.stderr == ""


def test_the_formats_hold_the_same_rows(folder: Path) -> None:
    query = "SELECT doc_id, published, length(text) AS n, NULL AS nothing, 1.50 AS price FROM documents"
    texts = {
        f: paomo("sql", query, "--format", f, cwd=folder).stdout for f in ("json", "jsonl", "csv", "table")
    }
    row = {"doc_id": "n1", "published": "2024-10-12", "n": len(ARTICLE), "nothing": None, "price": 1.5}
    assert json.loads(texts["json"]) == [row]
    assert [json.loads(line) for line in texts["jsonl"].splitlines()] == [row]
    (read,) = csv.DictReader(io.StringIO(texts["csv"]))
    assert read == {k: "" if v is None else str(v) for k, v in row.items()}
    assert "2024-10-12" in texts["table"]


def test_a_table_in_a_pipe_cuts_no_chinese(folder: Path) -> None:
    long = "算力" * 40
    printed = paomo("sql", f"SELECT '{long}' AS quote", cwd=folder).stdout
    assert "…" not in printed
    assert printed.count("算力") + printed.count("力\n") >= 38
    assert sum(line.count("算") for line in printed.splitlines()) == 40


def test_explain_marks_the_quote_in_its_sentence(folder: Path) -> None:
    ((event_id, quote),) = [
        (r["event_id"], r["quote"])
        for r in json.loads(paomo("show", "cancellations", "-f", "json", cwd=folder).stdout)
    ]
    told = paomo("explain", event_id[:8], cwd=folder)
    assert told.returncode == 0
    flat = told.stdout.replace("\n", "")
    assert f"【{quote}】" in flat
    assert "n1" in flat
    assert "2024-10-12" in flat


def test_explain_contract_tells_where_each_value_comes_from(folder: Path) -> None:
    life = json.loads(paomo("explain", "contract", "1", "-f", "json", cwd=folder).stdout)
    assert life["company"] == "鸿博股份"
    assert {"amount", "counterparty", "cancelled"} <= {v["field"] for v in life["values"]}
    assert life["events"][-1]["action"] == "terminated"


def test_explain_contract_marks_the_quote_of_each_event_and_breaks_no_address(
    folder: Path, tmp_path: Path
) -> None:
    told = paomo("explain", "contract", "1", cwd=folder).stdout
    life = json.loads(paomo("explain", "contract", "1", "-f", "json", cwd=folder).stdout)
    flat = told.replace("\n", "")
    assert all(f"【{event['quote']}】" in flat for event in life["events"])
    address = "https://example.org/" + "a-long-way/" * 20 + "1.pdf"
    record = {"id": address, "url": address, "published": "2024-10-12", "kind": "news", "text": ARTICLE}
    (tmp_path / "far.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf-8")
    assert paomo("load", "far.jsonl", cwd=tmp_path).returncode == 0
    assert address in paomo("explain", "contract", "1", cwd=tmp_path).stdout
    assert address in paomo("search", "紫光晓通", cwd=tmp_path).stdout


def test_search_finds_traditional_and_simplified_alike(folder: Path) -> None:
    for wanted in ("紫光晓通", "紫光曉通", "h100"):
        (hit,) = json.loads(paomo("search", wanted, "-f", "json", cwd=folder).stdout)
        assert hit["doc_id"] == "n1"
        assert hit["events"] >= 1
        assert ARTICLE[hit["position"] : hit["position"] + len(wanted)].lower() in ("紫光晓通", "h100")
    assert paomo("search", "没有的词", cwd=folder).returncode == 1


def test_extract_prints_events_as_the_contract_says_without_a_database(folder: Path, tmp_path: Path) -> None:
    printed = paomo("extract", str(folder / "article.txt"), cwd=tmp_path)
    assert printed.returncode == 0
    events = [json.loads(line) for line in printed.stdout.splitlines()]
    assert {e["event"] for e in events} == {"contract", "price"}
    text = (folder / "article.txt").read_text("utf-8")
    for e in events:
        assert text[e["start"] : e["end"]] == e["quote"]
        assert e["doc_id"].endswith("article.txt")
    assert list(tmp_path.iterdir()) == []


BAD = {
    "empty.txt": b"",
    "noise.txt": bytes(range(256)) * 8,
    "cut.pdf": b"%PDF-1.4\n1 0 obj\n<< /Type",
    "wrong.pdf": "只是一段文字。".encode(),
    "lines.jsonl": '{"id": "ok", "text": "正常。"}\nnot json\n{"id": "x"}\n'.encode(),
    "cut.jsonl.gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}


def test_bad_input_is_one_line_each_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name, body in BAD.items():
        (tmp_path / name).write_bytes(body)
    (tmp_path / "good.txt").write_text(ARTICLE, "utf-8")
    (tmp_path / "hollow").mkdir()
    loaded = paomo("load", *sorted(BAD), "good.txt", "hollow", "missing.txt", cwd=tmp_path)
    assert loaded.returncode == 1
    assert "Traceback" not in loaded.stderr
    lines = [line for line in loaded.stderr.splitlines()[:-1] if line]
    for wanted in (
        "empty.txt",
        "noise.txt",
        "cut.pdf",
        "lines.jsonl:2",
        "lines.jsonl:3",
        "cut.jsonl.gz",
        "hollow",
    ):
        assert sum(line.startswith(f"{wanted}:") for line in lines) == 1, wanted
    rejects = json.loads(
        paomo("sql", "SELECT location, reason FROM rejects", "-f", "json", cwd=tmp_path).stdout
    )
    assert len(rejects) == len(lines)
    names = json.loads(paomo("sql", "SELECT doc_id FROM documents", "-f", "json", cwd=tmp_path).stdout)
    assert {"good.txt", "ok"} <= {n["doc_id"] for n in names}
    extracted = paomo("extract", "empty.txt", "good.txt", cwd=tmp_path)
    assert extracted.returncode == 1
    assert "empty.txt:" in extracted.stderr
    assert '"event": "contract"' in extracted.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("sql", "SELEKT 1"), 1, "syntax error"),
        (("sql", "SELECT 1", "--format", "yaml"), 2, "yaml"),
        (("show", "cancelations"), 1, "nearest: cancellations"),
        (("explain", "project", "999"), 1, "999"),
        (("explain", "ffffffff"), 1, "no event"),
        (("explain", "contract"), 2, "contract N"),
        (("explain", "contract", "999"), 1, "999"),
        (("explain", "company", "300798"), 2, "company 300798: write `paomo explain EVENT`"),
        (("explain", "contract", "1x"), 2, "contract 1x: write"),
        (("export", "out.xlsx"), 2, "is named like a file"),
        (("export", "out", "--format", "doc"), 2, "choose parquet"),
        (("show", "cancellations", "--home", "good.jsonl"), 1, "good.jsonl: is a file"),
        (("show", "cancellations", "--home", "nosuch"), 1, "nosuch: there is no such folder"),
        (("nonsense",), 2, "nonsense"),
        (("score", "good.jsonl", "--show", "all"), 2, "misses"),
        (("score", "good.jsonl"), 1, "good.jsonl:1: has no events"),
        (("score", "nosuch.jsonl"), 1, "nosuch.jsonl: there is no such file"),
        (("score", "paomo-data"), 1, "is a folder"),
        (("export", "out", "--as", "doc"), 2, "parquet"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_code(
    folder: Path, arguments: tuple[str, ...], code: int, word: str
) -> None:
    done = paomo(*arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    assert word in " ".join(re.sub(r"[│╭╮╰╯─]", "", done.stderr).split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if code == 1:
        assert len(done.stderr.splitlines()) == 1


def test_the_server_begins_only_where_it_can(folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = paomo("serve", "--port", str(port), cwd=folder)
        assert (done.returncode, "serving" in done.stderr) == (1, False)
        assert f"port {port} of 127.0.0.1 is taken" in done.stderr
        nowhere = paomo("serve", "--host", "192.0.2.1", "--port", "8080", cwd=folder)
        assert (nowhere.returncode, "cannot listen on 192.0.2.1" in nowhere.stderr) == (1, True)
    missing = paomo("serve", "--home", "nosuch", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.splitlines()[0][:33]) == (
        1,
        "paomo: nosuch: there is no such f",
    )


def test_what_is_not_there_was_not_read(tmp_path: Path) -> None:
    done = paomo("load", "nosuch.txt", cwd=tmp_path)
    assert done.returncode == 1
    assert "0 read, 0 new or read again, 0 mentions, 1 rejected" in done.stderr


def test_show_alone_lists_what_can_be_shown(folder: Path) -> None:
    listed = json.loads(paomo("show", "-f", "json", cwd=folder).stdout)
    assert {"cancellations", "conflicts", "rent_index", "prices", "utilisation"} <= {
        row["name"] for row in listed
    }
    assert all(row["holds"] for row in listed)


def test_a_pipe_that_closes_early_is_no_error(folder: Path) -> None:
    command = f"{sys.executable} -c 'from warehouse.cli import main; main()' sql 'FROM range(200000)' -f csv | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "range\n"
    assert done.stderr == ""


def _commands() -> list[list[str]]:
    import typer.main

    def walk(group: object, path: list[str]) -> list[list[str]]:
        commands = getattr(group, "commands", None)
        if commands is None:
            return [path]
        return [leaf for name, command in commands.items() for leaf in walk(command, [*path, name])]

    return walk(typer.main.get_command(app), [])


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_shows_a_real_example(command: list[str]) -> None:
    import typer.main

    found = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]  # type: ignore[attr-defined]
    example = [line.strip() for line in (found.help or "").splitlines() if "Example:" in line]
    assert example, "no example"
    words = example[0].split("paomo", 1)[1].split()
    assert words[: len(command)] == command
