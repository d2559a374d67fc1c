"""``python -m rehearsal.secrets_scan [PYTEST ARGUMENTS]``: plays the whole runbook, and looks for what was planted."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.secrets_scan.playing import play

if TYPE_CHECKING:
    from collections.abc import Sequence

BROKEN: Final = (
    *("ecs:UpdateService", "secretsmanager:PutSecretValue", "elbv2:ModifyListener"),
    *("route53:ChangeResourceRecordSets", "s3:PutObject", "rds:RestoreDBInstanceToPointInTime"),
)
"""The calls that fail on purpose, one in the middle of each way back."""


def main(arguments: Sequence[str]) -> int:
    """Play it twice, whole and told, and broken off with every local variable shown; returns 1 where a secret is found.

    So does a secret that the whole run hasn't had in its hands, or a whole run that has failed.
    """
    wanted = arguments or ("features", "-n", "2")
    # What is told has no traceback in it.
    whole = _scan((*wanted, "--narrate"), "whole", ())
    broken = _scan((*wanted, "-rA", "--showlocals", "-vv"), "broken off", BROKEN)
    return 0 if whole and broken else 1


def _scan(arguments: Sequence[str], how: str, fail_at: Sequence[str]) -> bool:
    """Play it, tell what was found, and say whether all is well."""
    with tempfile.TemporaryDirectory() as made:
        at = Path(made)
        played = play(arguments, at, fail_at=fail_at)
        files = sum(each.is_file() for each in at.rglob("*"))
        found = played.leaks
        sys.stdout.write(
            f"{how}: exit code {played.code}, {files} files, {len(played.secrets)} secrets, {len(found)} leaks\n"
        )
        sys.stdout.writelines(f"  {each}\n" for each in found)
        if fail_at:
            return not found and bool(played.secrets)
        sys.stdout.writelines(f"  nothing has read {each}\n" for each in played.unread)
        return not found and not played.unread and played.code == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
