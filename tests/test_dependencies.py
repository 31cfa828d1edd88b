"""What paomo is built on: pinned, audited, declared, and silent at import and at work."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.audit import Answer, answer_of, told

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawler", "nlp", "warehouse")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
NOT_OURS = {"setuptools", "pip"}
"""They come with the environment and build it."""
COMES_WITH_ANOTHER = {"py4j": "pyspark's own bridge, whose errors are caught"}
NEEDED_BY_ANOTHER = {
    "lxml-html-clean": "trafilatura imports it",
    "cssselect": "lxml.cssselect imports it",
    "pandas": "held below 3 for lifelines",
    "openpyxl": "DuckDB and the export open it by name",
    "vl-convert-python": "altair draws with it",
    "uvloop": "uvicorn takes it where it is there",
    "httptools": "so it does this",
}


def named(requirements: list[str], extra: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """(canonical name, extras asked for) of the requirements that hold on this machine."""
    for line in requirements:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def everything_installed() -> set[str]:
    """paomo's dependencies with those of its extras that are here, down to the last."""
    found: set[tuple[str, frozenset[str]]] = set()
    todo: list[tuple[str, frozenset[str]]] = [("paomo", frozenset(PROJECT["optional-dependencies"]))]
    while todo:
        name, extras = todo.pop()
        if (name, extras) in found:
            continue
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # an extra that is not installed here
        found.add((name, extras))
        for extra in ("", *extras):
            todo += named(requires, extra)
    return {name for name, _ in found} - {"paomo"} - NOT_OURS


def test_every_pin_is_exact() -> None:
    for line in PINS:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line
    names = [canonicalize_name(line.partition("==")[0]) for line in PINS]
    assert len(names) == len(set(names))


def test_everything_that_is_installed_for_paomo_is_pinned_at_its_version() -> None:
    pinned = {canonicalize_name(name): at for name, _, at in (line.partition("==") for line in PINS)}
    installed = {name: version(name) for name in everything_installed()}
    assert {name: at for name, at in installed.items() if pinned.get(name) != at} == {}


def imported(package: str) -> Iterator[str]:
    """Top names of every absolute import below a package, those inside functions too."""
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    tops = {top for package in PACKAGES for top in imported(package)}
    foreign = tops - set(sys.stdlib_module_names) - set(PACKAGES)
    installed = packages_distributions()
    providers = {top: {canonicalize_name(name) for name in installed.get(top, ())} for top in foreign}
    needed = {name for name, _ in named(PROJECT["dependencies"])}
    extras = (lines for name, lines in PROJECT["optional-dependencies"].items() if name != "dev")
    declared = needed | {name for lines in extras for name, _ in named(lines)} | set(COMES_WITH_ANOTHER)
    # where nobody provides it, it belongs to an extra that is not installed here
    assert {top for top, names in providers.items() if names and not names & declared} == set()
    assert needed - set().union(*providers.values()) - set(NEEDED_BY_ANOTHER) == set()


SILENT = """
import importlib, pkgutil, socket, sys

def refuse(*given, **more):
    raise AssertionError(f"something reaches for the network at import: {given[1:] or given}")

for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
for name in ("getaddrinfo", "create_connection", "gethostbyname"):
    setattr(socket, name, refuse)
package = importlib.import_module(sys.argv[1])
count = 1
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as missing:  # an extra that is not installed
        print("left out", module.name, missing.name)
    else:
        count += 1
print("imported", count)
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_reaches_for_the_network_at_import(package: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SILENT, package], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    *left, last = done.stdout.splitlines()
    files = sum(1 for file in (ROOT / package).rglob("*.py") if file.name != "__init__.py")
    assert int(last.removeprefix("imported ")) >= files - len(left)
    extras = {"scrapy_redis", "redis", "rapidocr_onnxruntime", "pyspark"}
    assert {line.split()[-1].partition(".")[0] for line in left} <= extras, left


LISTENING = """
import json, sys

def heard(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        if not (event == "socket.connect" and isinstance(given[1], (str, bytes))):  # a file of this machine
            sys.stderr.write("HEARD " + json.dumps([event, repr(given)]) + "\\n")

sys.addaudithook(heard)
from warehouse.cli import main
main()
"""


def test_nothing_is_told_to_anybody_at_work(tmp_path: Path) -> None:
    """No telemetry: load, ask, report and export open no connection and look up no name."""
    line = {
        "id": "a",
        "text": "云岫股份公告,与客户签订的算力租赁合同已解除,合同金额2亿元。",
        "published": "2025-01-02",
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", "utf-8")
    out = str(tmp_path / "out")
    for words in (
        ["load", str(tmp_path / "a.jsonl")],
        ["sql", "SELECT count(*) AS n FROM cancellations"],
        ["report", "--out", out],
        ["status"],
    ):
        command = [sys.executable, "-c", LISTENING, *words, "--home", str(tmp_path / "home")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert "HEARD" not in done.stderr, (words, done.stderr)
        assert done.returncode == 0, (words, done.stderr)


# the audit: what pip-audit answers is counted, not believed ----------------------------------------------

FOUND = {"name": "jinja2", "version": "3.1.4", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"]}]}
FINE = {"name": "rich", "version": "15.0.0", "vulns": []}
SKIPPED = {
    "name": "yarl",
    "skip_reason": "Dependency not found on PyPI and could not be audited: yarl (1.25.1)",
}


@pytest.mark.parametrize(
    ("entries", "code", "said"),
    [
        ([FINE], 0, "1 pins looked up, 0 known faults"),
        ([FINE, FOUND], 1, "jinja2 3.1.4: PYSEC-1, mended in 3.1.6"),
        ([FINE, SKIPPED], 2, "NOT AUDITED"),
        ([SKIPPED, SKIPPED], 2, "2 pins it has no data of: yarl, yarl"),
        ([SKIPPED, FOUND], 1, "PYSEC-1"),
        ([], 2, "NOT AUDITED"),
    ],
)
def test_an_audit_that_looked_nothing_up_does_not_pass(entries: list[object], code: int, said: str) -> None:
    lines, ended = told([answer_of("pypi", {"dependencies": entries})])
    assert ended == code
    assert said in "\n".join(lines)


def test_an_answer_that_is_whole_is_enough() -> None:
    silent = Answer("pypi", 0, silent="no network")
    assert told([silent, Answer("osv", 3)])[1] == 0
    assert told([silent, silent])[1] == 2


def test_the_command_says_whether_it_audited() -> None:
    command = [sys.executable, "-m", "tests.audit"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode in (0, 1, 2), done.stderr
    assert ("NOT AUDITED" in done.stdout) == (done.returncode == 2)
