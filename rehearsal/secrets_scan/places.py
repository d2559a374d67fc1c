"""Where a planted secret may be, one place after the other, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from stat import S_IMODE
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A place.

    Attributes:
        pattern: what the path below the directory of the run, or of a test, has to match, as a whole.
        secrets: which of them may be there, by their names.
        why: the reason.
        private: whether nobody but its owner may be able to read it, by its own mode or that of a directory above that isn't pytest's.
    """

    pattern: re.Pattern[str]
    secrets: frozenset[str]
    why: str
    private: bool = True

    def holds(self, path: Path, below: Path, secret: str) -> bool:
        """Whether `secret` may be in the file `path` of a run in `below`."""
        there = _RUN.sub("", path.relative_to(below).as_posix())
        if secret not in self.secrets or not self.pattern.fullmatch(there):
            return False
        return not self.private or _is_private(path, below)


def _is_private(path: Path, below: Path) -> bool:
    """Whether others are kept out of it; pytest's own directories don't count, since all of them are 0700."""
    made = _RUN.match(path.relative_to(below).as_posix())
    ours = below / made.group() if made else below
    return any(
        S_IMODE(each.stat().st_mode) & 0o077 == 0 for each in (path, *path.parents) if ours in each.parents
    )


_RUN: Final = re.compile(r"files/(?:popen-gw\d+/)?[^/]+/")
"""The directory of a test, which pytest makes."""
_DATABASE: Final = frozenset({"the database's password"})
_STATE: Final = _DATABASE | {"a value that only the state has"}
_CODE: Final = "the rehearsed repository's own code, which has the password for a variable's default"

PLACES: Final = (
    Place(
        re.compile(r"kept/terraform/(?:work|saved)/[^/]+/[^/]+\.(?:tfstate|tfplan)(?:\.json)?"),
        _STATE,
        "a copy of the state or a saved plan, with which Terraform goes on; 0600",
    ),
    Place(
        re.compile(r"kept/terraform/work/[^/]+/(?:.+/)?variables\.tf"), _DATABASE, f"{_CODE}, for Terraform"
    ),
    Place(re.compile(r"kept/git/[^/]+\.git/objects/.+"), _DATABASE, f"{_CODE}, as git keeps it for us"),
    Place(
        re.compile(r"(?:team/terraform/.+|runner-[0-9a-f]+/.+|desk/checkout/.+|somebody/.+)/variables\.tf"),
        _DATABASE,
        f"{_CODE}, on the stage: at the team's, on GitHub's runner, and in people's checkouts",
        private=False,
    ),
    Place(
        re.compile(r"desk/(?:checkout/.+/saved\.tfplan|fetched\.tfstate)"),
        _STATE,
        "what Terraform itself writes, mode 0644, where a person saves a plan or fetches the state by hand; scenarios are about it",
        private=False,
    ),
    Place(
        re.compile(r"(?:origin\.git|(?:desk/checkout|somebody)/\.git)/objects/.+"),
        _DATABASE,
        f"{_CODE}, as git keeps it on the stage: at GitHub and in people's checkouts",
        private=False,
    ),
)
"""All of them."""
