"""``python -m rehearsal.backends``: rehearse the runbook on every stage, and write what ran where to ``docs/backends.md``.

Only the part between the two marks is written; the rest of the page is by hand. A stage that isn't asked for, or that
can't be had on this machine, keeps its column of the last time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rehearsal.stage import LIVE, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PAGE: Final = Path("docs/backends.md")
PLAYED: Final = tuple(stage for stage in STAGES if stage != LIVE)
"""The stages that scenarios are played on; on the real environment they are drills."""
BEGIN: Final = "<!-- what ran: python -m rehearsal.backends -->"
END: Final = "<!-- the end of what ran -->"
NOT_ASKED: Final = "not asked"
_LEFT_OUT: Final = "Left out on `{}`:"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a scenario ended.

    Attributes:
        chapter: its folder below ``features/``.
        outcome: ``passed``, ``failed`` or ``skipped``.
        why: why it was skipped.
    """

    chapter: str
    outcome: str
    why: str = ""


def cell(ended: Iterable[Ended]) -> str:
    """What a table says of a chapter on a stage: how many of its scenarios played there, and how many failed."""
    counted = Counter(each.outcome for each in ended)
    total, failed = counted.total(), counted["failed"]
    if not total:
        return NOT_ASKED
    played = total - counted["skipped"]
    said = "all " + str(total) if played == total else f"{played} of {total}" if played else "-"
    return f"{said}, **{failed} failed**" if failed else said


def table(told: Mapping[str, Sequence[Ended]], page: str) -> str:
    """The table and the reasons, as Markdown.

    Args:
        told: how the scenarios ended, by stage.
        page: that of the last time, for the stages that `told` doesn't hold.
    """
    before = cells_of(page)
    chapters = {each.chapter for ended in told.values() for each in ended} | {row for row, _ in before}
    lines = [f"| chapter | {' | '.join(PLAYED)} |", "|---|" + "---|" * len(PLAYED)]
    for chapter in sorted(chapters):
        cells = (
            cell(each for each in told[stage] if each.chapter == chapter)
            if stage in told
            else before.get((chapter, stage), NOT_ASKED)
            for stage in PLAYED
        )
        lines.append(f"| {chapter} | {' | '.join(cells)} |")
    for stage in PLAYED:
        reasons = _reasons(told[stage]) if stage in told else reasons_of(page).get(stage, [])
        if reasons:
            lines += ["", _LEFT_OUT.format(stage), "", *reasons]
    return "\n".join(lines)


def _reasons(ended: Iterable[Ended]) -> list[str]:
    counted = Counter(each.why for each in ended if each.outcome == "skipped")
    return [f"- {count}: {why}" for why, count in sorted(counted.items())]


def reasons_of(page: str) -> dict[str, list[str]]:
    """The lines of a page that say why scenarios were left out, by stage."""
    _, _, rest = page.partition(BEGIN)
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in rest.partition(END)[0].splitlines():
        for stage in PLAYED:
            if line == _LEFT_OUT.format(stage):
                here = found.setdefault(stage, [])
        if line.startswith("- "):
            here.append(line)
    return found


def cells_of(page: str) -> dict[tuple[str, str], str]:
    """The cells of the table that stands in a page, by chapter and stage."""
    _, _, rest = page.partition(BEGIN)
    rows = [
        [each.strip() for each in line.strip("|").split("|")]
        for line in rest.partition(END)[0].splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]
    if not rows:
        return {}
    stages = rows[0][1:]
    return {(row[0], stage): each for row in rows[1:] for stage, each in zip(stages, row[1:], strict=False)}


def written(page: str, content: str) -> str:
    """The page with `content` between its marks.

    Raises:
        ValueError: it has no marks.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no place for what ran: {BEGIN} and {END}.")
    return f"{head}{BEGIN}\n\n{content}\n\n{END}{tail}"


def main(arguments: list[str] | None = None) -> int:
    """Rehearse, and write; returns the exit code: 0, or 1 where a scenario has failed or a stage can't be had."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.backends", description=__doc__)
    parser.add_argument("--stages", nargs="+", choices=list(PLAYED), default=list(PLAYED))
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("features", nargs="*", default=["features"])
    asked = parser.parse_args(arguments)
    told: dict[str, list[Ended]] = {}
    code = 0
    for stage in asked.stages:
        ended = _rehearsed(stage, asked.features)
        code |= not ended or any(each.outcome == "failed" for each in ended)
        if ended:
            told[stage] = ended
    page = asked.page.read_text(encoding="utf-8")
    asked.page.write_text(written(page, table(told, page)), encoding="utf-8")
    return code


def _rehearsed(stage: str, features: Sequence[str]) -> list[Ended]:
    with TemporaryDirectory(prefix="rehearsal-backends-") as name:
        path = Path(name) / "told.json"
        words = ["-p", "rehearsal.tally", "--tally", str(path), "--stage", stage, "-q", *features]
        subprocess.run([sys.executable, "-m", "pytest", *words], check=False)  # noqa: S603 - pytest, on this project
        if not path.exists():
            return []
        return [Ended(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    sys.exit(main())
