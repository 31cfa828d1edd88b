"""The README's first screen is what the command prints, and the files and commands it names are there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def paomo(*words: str, home: Path = Path()) -> str:
    command = [Path(sys.executable).parent / "paomo", *words]
    environment = {**os.environ, "PAOMO_HOME": str(home)}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True
    ).stdout


def test_the_first_screen_is_what_the_demo_prints(tmp_path: Path) -> None:
    printed = re.search(r"```text\n(.*?)\n```", README, re.DOTALL)
    assert printed
    shown = [line.rstrip() for line in paomo("demo", home=tmp_path).strip("\n").split("\n")]
    assert printed[1].split("\n") == shown


def test_the_pages_it_links_are_there() -> None:
    missing = [link for link in re.findall(r"\]\(([\w/.-]+)\)", README) if not (ROOT / link).exists()]
    assert missing == []


def test_the_commands_it_names_are_all_there_are() -> None:
    listed = re.search(r"Commands: (.*?)\. Each", README, re.DOTALL)
    assert listed
    named = set(re.findall(r"`(\w+)`", listed[1]))
    offered = set(re.findall(r"^  (\w+)  ", paomo("--help").partition("Commands:")[2], re.MULTILINE))
    assert named == offered
