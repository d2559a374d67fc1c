"""A game day as it is started, and played by another process's hands over what it prints."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.gameday.conftest import ENVIRONMENT, ScriptedPlayer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "runbook" / "game-days"
REPORTS = find_spec("rehearsal.report.plugin") is not None if find_spec("rehearsal.report") else False
"""Whether the folder can be chosen."""
LAST = "Ctrl-C ends it, with the debrief."
HABITS = {"CI", "FORCE_COLOR", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"}


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this Python
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--game-day", "--speed", "0"),
            *("--env", ENVIRONMENT.name, "--no-header", *arguments),
        ],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name not in HABITS},
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until_the_page(game: subprocess.Popen[str]) -> Iterator[str]:
    assert game.stdout is not None
    for line in game.stdout:
        yield line
        if line.startswith(LAST):
            return


def test_two_play_what_the_seed_has_drawn(tmp_path: Path) -> None:
    """Its name is a secret until the end; what was printed is enough to mend it; and it is all in the debrief."""
    kept, where = (tmp_path / "game-days", ["--report", str(tmp_path)]) if REPORTS else (RUNBOOK, [])
    before = set(kept.glob("*")) if kept.exists() else set()
    drawn = ("features/ecs/emergency.feature", "-k", "errors", "--surprise", "--seed", "7", "--players", "2")
    with started(*drawn, *where) as game:
        page = "".join(until_the_page(game))
        terminals: list[dict[str, str]] = []
        for name, value in re.findall(r"^export (\w+)=(.*)$", page, re.MULTILINE):
            if name == "AWS_ACCESS_KEY_ID":
                terminals.append({})
            terminals[-1][name] = (shlex.split(value) or [""])[0]
        one, two = (ScriptedPlayer(each, ENVIRONMENT) for each in terminals)
        assert "answers with errors" not in page
        assert "feature" not in page
        assert one.browses() == 500
        assert "Look first" in two.says("hint")
        two.rolls_to(41)
        one.says("wait/150")
        out, _ = game.communicate(timeout=600)
    assert game.returncode == 0, page + out
    assert "The new version answers with errors, in staging" in out
    (written,) = (each for each in set(kept.glob("*.json")) - before)
    told = json.loads(written.read_text(encoding="utf-8"))
    assert told["ending"] == "recovered"
    assert [(each["who"], each["what"]) for each in told["deeds"]] == [
        ("", "GET /version"),
        ("player-2", "ecs:UpdateService"),
    ]
    assert told["score"]["hints"] == 10
    assert told["tool"]["seconds"] > 60
    assert "update-service" in told["tool"]["commands"][0]
    assert written.with_suffix(".html").exists()
    if not REPORTS:
        written.unlink()
        written.with_suffix(".html").unlink()
