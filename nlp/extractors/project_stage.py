"""What stands of a project: announced, approved, tender, under construction, completed, operating, idle, stopped.

A cue of operation or completion counts as a plan where 将, 预计 or 明年 stands before it; 建成后 says nothing of
today; an approval still wanted (尚需取得备案) is none.
"""

from __future__ import annotations

import re
from functools import cache

from nlp.extractors.project_measure import pattern
from nlp.lexicon import words

ENDED = ("cancelled", "suspended", "idle")
"""Fates that hold for the whole of a project, whatever was planned for it."""

_DONE = {"operating", "completed", "under_construction", "idle"}


@cache
def _cue(stage: str) -> re.Pattern[str]:
    cues = sorted(words("project")["stage"][stage], key=len, reverse=True)
    return re.compile("|".join(re.escape(cue) for cue in cues))


def _counts(stage: str, m: re.Match[str], text: str) -> bool:
    """Whether the cue says that the stage is reached."""
    before, after = text[max(0, m.start() - 12) : m.start()], text[m.end() :]
    if stage in {"approved", "tender"}:
        return not pattern("unapproved").search(before)
    if stage in _DONE and re.search(r"(?:未|没有?|不|无法|尚未)(?:能|曾|正式|如期)?$", before):
        return False
    if stage in {"operating", "completed"}:
        if pattern("after_done", template=r"^{0}").match(after) and not re.match(
            r"后(?:停|闲|却|没|无)", after
        ):
            return False
        return not pattern("passed").search(re.split(r"[,;]", before)[-1])
    if stage == "under_construction":
        return not pattern("passed").search(re.split(r"[,;]", before)[-1])
    return True


def stage_in(text: str) -> str | None:
    """The stage a stretch of the view tells, the strongest if it tells several; None: none."""
    for stage in words("project")["stage"]:
        for m in _cue(stage).finditer(text):
            if _counts(stage, m, text):
                return str(stage)
    if any(
        _cue(stage).search(text) for stage in ("operating", "completed", "under_construction")
    ) and pattern("passed").search(text):
        return "announced"
    return None
