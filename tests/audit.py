"""Known faults of the dependencies: `python -m tests.audit` asks pip-audit about every pin of constraints.txt.

pip-audit says "No known vulnerabilities found" and exits 0 where it found none of the packages in its data, as
behind a mirror that has only the files. So its answer is counted: 0 means every pin was looked up and nothing
is known against it, 1 something is known, 2 not every pin could be looked up (no network, no data, no
pip-audit: `pip install 'paomo[audit]'`). `--offline-ok` says so, too, and exits 0.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PINS = Path(__file__).parent.parent / "constraints.txt"
SERVICES = ("pypi", "osv")
"""Whom pip-audit can ask: the package index, which is where the packages come from, and osv.dev, which is not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one service knows."""

    service: str
    looked_up: int
    """Pins it has data of."""
    unknown: tuple[str, ...] = ()
    """Pins it could not be asked about."""
    faults: tuple[str, ...] = ()
    """One line a known fault: pin, its number, the versions without it."""
    silent: str = ""
    """Why there is no answer at all; empty: there is one."""

    @property
    def whole(self) -> bool:
        """Whether every pin was looked up."""
        return not self.silent and not self.unknown and self.looked_up > 0


def ask(service: str) -> Answer:
    """Run pip-audit over the pins as they stand; nothing is resolved, downloaded or installed."""
    if importlib.util.find_spec("pip_audit") is None:
        return Answer(service, 0, silent="pip-audit is not installed: pip install 'paomo[audit]'")
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(PINS), "--no-deps", "--disable-pip"]
    command += [
        "--vulnerability-service",
        service,
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--desc",
        "off",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    except subprocess.TimeoutExpired:
        return Answer(service, 0, silent="no answer after ten minutes")
    try:
        return answer_of(service, json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return Answer(service, 0, silent=last[:300])


def answer_of(service: str, told: dict[str, Any]) -> Answer:
    """pip-audit's JSON as counts; an entry with a `skip_reason` was not looked up."""
    unknown, faults, known = [], [], 0
    for entry in told["dependencies"]:
        pin = f"{entry['name']} {entry.get('version', '')}".strip()
        if "skip_reason" in entry:
            unknown.append(pin)
            continue
        known += 1
        for fault in entry["vulns"]:
            mended = ", ".join(fault.get("fix_versions") or ()) or "no version yet"
            faults.append(f"{pin}: {fault['id']}, mended in {mended}")
    return Answer(service, known, tuple(unknown), tuple(faults))


def told(answers: list[Answer]) -> tuple[list[str], int]:
    """Lines to print and the exit code."""
    lines = []
    for answer in answers:
        if answer.silent:
            lines.append(f"{answer.service}: not reached ({answer.silent})")
            continue
        lines.append(
            f"{answer.service}: {answer.looked_up} pins looked up, {len(answer.faults)} known faults"
        )
        lines += [f"  {fault}" for fault in answer.faults]
        if answer.unknown:
            few = ", ".join(answer.unknown[:5]) + (" …" if len(answer.unknown) > 5 else "")
            lines.append(f"  {len(answer.unknown)} pins it has no data of: {few}")
    if any(answer.faults for answer in answers):
        return lines, 1
    if any(answer.whole for answer in answers):
        return lines, 0
    return [
        *lines,
        "NOT AUDITED: the data on known faults cannot be reached from here; run it where it can",
    ], 2


def main() -> int:
    """Ask, print, and say it where nothing could be asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--offline-ok", action="store_true", help="exit 0 where the data cannot be reached")
    parser.add_argument(
        "--ask",
        choices=SERVICES,
        nargs="+",
        default=["pypi"],
        help="in this order, until one knows every pin",
    )
    options = parser.parse_args()
    answers: list[Answer] = []
    for service in options.ask:
        answers.append(ask(service))
        if answers[-1].whole:
            break
    lines, code = told(answers)
    print("\n".join(lines))
    return 0 if code == 2 and options.offline_ok else code


if __name__ == "__main__":
    sys.exit(main())
