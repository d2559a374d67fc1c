"""The message of a revert, worded as git and GitHub word theirs, so that people and tools recognise it."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollback.git.model import Commit

_WIDTH: Final = 72
_SKIPS: Final = re.compile(
    r"\[\s*(skip[\s_-]*(?:ci|actions|checks)|(?:ci|actions)[\s_-]*skip|no[\s_-]*ci)\s*\]|\*{3}\s*(no_ci)\s*\*{3}",
    re.IGNORECASE,
)
_SKIP_TRAILER: Final = re.compile(r"(skip-checks)\s*:\s*", re.IGNORECASE)


def revert_message(commits: Sequence[Commit], *, why: str, pull_request: str = "") -> str:
    """The message for one commit that reverts `commits`.

    Whatever is quoted starts workflows all the same: what tells GitHub to skip them ("Skipping workflow runs",
    GitHub Docs) is put into other brackets.

    Args:
        commits: in the order in which they are reverted; at least one.
        why: what the reader of next year has to know.
        pull_request: the one that is reverted, as ``owner/name#12``, if it is one.
    """
    paragraphs = [_subject(commits)]
    paragraphs += [_names(each) for each in commits]
    if pull_request:
        paragraphs.append(f"Reverts {pull_request}.")
    paragraphs += _wrapped(why)
    return defused("\n\n".join(paragraphs)) + "\n"


def defused(text: str) -> str:
    """`text` without any of the words by which a push starts no workflow."""
    text = _SKIPS.sub(lambda found: f"({found[1] or found[2]})", text)
    return _SKIP_TRAILER.sub(r"\1 is ", text)


def _subject(commits: Sequence[Commit]) -> str:
    if len(commits) == 1:
        subject = defused(_clean(commits[0].subject)) or commits[0].short
        again = re.fullmatch(r'Revert "(?!Revert ")(.*)"', subject)
        return _quoting("Reapply", again[1]) if again else _quoting("Revert", subject)
    return f"Revert {len(commits)} commits, from {commits[-1].short} to {commits[0].short}"


def _quoting(verb: str, subject: str) -> str:
    """``Revert "..."``, cut to what fits on a line."""
    room = _WIDTH - len(f'{verb} ""')
    return f'{verb} "{subject if len(subject) <= room else subject[: room - 3].rstrip() + "..."}"'


def _names(commit: Commit) -> str:
    if commit.is_merge:
        return f"This reverts commit {commit.sha}, reversing\nchanges made to {commit.parents[0]}."
    return f"This reverts commit {commit.sha}."


def _wrapped(text: str) -> list[str]:
    lines = [_clean(line) for line in text.splitlines()]
    return [
        "\n".join(textwrap.wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False))
        for paragraph in "\n".join(lines).split("\n\n")
        if paragraph.strip()
    ]


def _clean(line: str) -> str:
    return "".join(c if c.isprintable() else " " for c in line).strip()
