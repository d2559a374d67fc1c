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
        pattern: what the path below the run's directory has to match, as a whole.
        secrets: which of them may be there, by their names.
        why: the reason.
        private: whether nobody but its owner may be able to read it, by its own mode or that of a directory above.
    """

    pattern: re.Pattern[str]
    secrets: frozenset[str]
    why: str
    private: bool = True

    def holds(self, path: Path, below: Path, secret: str) -> bool:
        """Whether `secret` may be in the file `path` of a run in `below`."""
        if secret not in self.secrets or not self.pattern.fullmatch(path.relative_to(below).as_posix()):
            return False
        return not self.private or _is_private(path, below)


def _is_private(path: Path, below: Path) -> bool:
    """Whether others are kept out of it; the run's own directory doesn't count, since pytest makes that 0700."""
    between = [each for each in path.parents if below in each.parents]
    return S_IMODE(path.stat().st_mode) & 0o077 == 0 or any(_shut(each) for each in between)


def _shut(directory: Path) -> bool:
    return S_IMODE(directory.stat().st_mode) & 0o077 == 0 and not directory.name.startswith("popen-gw")


_DATABASE: Final = frozenset({"the database's password"})

PLACES: Final = (
    Place(
        re.compile(r"(?:.*/)?kept/terraform/(?:work|saved)/[^/]+/[^/]+\.(?:tfstate|tfplan)(?:\.json)?"),
        _DATABASE,
        "a copy of the state or a saved plan, with which Terraform goes on; 0600",
    ),
    Place(
        re.compile(r"(?:.*/)?(?:(?:kept|team)/terraform|runner-[0-9a-f]+|desk/checkout)/.*\.tf"),
        _DATABASE,
        "the rehearsed repository's own code, in a private directory: it has the password for a variable's default",
        private=False,
    ),
    Place(
        re.compile(r"(?:.*/)?(?:origin|desk|kept/git|people|remote)(?:/.*|[^/]*)?/objects/.*"),
        _DATABASE,
        "the rehearsed repository's own code, as git keeps it",
        private=False,
    ),
)
"""All of them."""
