"""``python -m rehearsal.secrets_scan [PYTEST ARGUMENTS]``: plays the whole runbook, and looks for what was planted."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rehearsal.secrets_scan.playing import play


def main(arguments: list[str]) -> int:
    """Play it twice, told and with every local variable shown; returns 1 where a secret is found."""
    wanted = arguments or ["features", "-n", "2"]
    failed = 0
    for way in (["--narrate"], ["-rA", "--showlocals", "-vv"]):
        with tempfile.TemporaryDirectory() as made:
            at = Path(made)
            played = play([*wanted, *way], at)
            files = sum(each.is_file() for each in at.rglob("*"))
            found = played.leaks
            sys.stdout.write(
                f"{' '.join(way)}: exit code {played.code}, {files} files, {len(played.secrets)} secrets, "
                f"{len(found)} leaks\n"
            )
            sys.stdout.writelines(f"  {each}\n" for each in found)
            failed += bool(found) + (not played.secrets)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
