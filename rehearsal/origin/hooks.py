"""What the remote refuses, by hooks of the bare repository that git itself runs (githooks(5))."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

_RULES: Final = "stage"
_EVERYTHING: Final = "everything"
_MOVED: Final = "moved"

_PRE_RECEIVE: Final = f"""#!/bin/sh
# Refuses a push for which there is a reason in {_RULES}/, to all of it or to one of its references.
refuse() {{ [ ! -f "$1" ] || {{ cat "$1" >&2; exit 1; }}; }}
refuse "{_RULES}/{_EVERYTHING}"
while read -r _ _ ref; do refuse "{_RULES}/$ref/why"; done
"""
_POST_RECEIVE: Final = f"""#!/bin/sh
# Leaves what has moved for the one who serves this push.
cat >"{_RULES}/{_MOVED}"
"""
_GH006: Final = """\
error: GH006: Protected branch update failed for refs/heads/{branch}.
error: {sentence}
"""
_GH013: Final = """\
error: GH013: Repository rule violations found for refs/heads/{branch}.

- {sentence}

"""


class Hooks:
    """The hooks of one bare repository; they are files, so that every push meets them, whichever way it comes."""

    def __init__(self, repository: Path) -> None:
        self._rules = repository / _RULES
        self._rules.mkdir(exist_ok=True)
        hooks = repository / "hooks"
        hooks.mkdir(exist_ok=True)
        for name, script in (("pre-receive", _PRE_RECEIVE), ("post-receive", _POST_RECEIVE)):
            hook = hooks / name
            hook.write_text(script)
            hook.chmod(0o755)
            if not os.access(hook, os.X_OK):  # git would overlook it, and no push would ever be refused
                raise ConfigurationError(
                    f"No program can be run in {repository}, so the stage's remote could refuse no push.",
                    remedy="Name a directory on another file system, as with pytest's --basetemp.",
                )

    def refuse(self, sentence: str) -> None:
        """Refuse every push with `sentence`; none with an empty one."""
        self._write(self._rules / _EVERYTHING, f"{sentence}\n" if sentence else "")

    def protect(self, branch: str, sentence: str, *, ruleset: bool) -> None:
        """Refuse pushes to `branch` with `sentence`, in GitHub's words; none with an empty one."""
        words = (_GH013 if ruleset else _GH006).format(branch=branch, sentence=sentence)
        self._write(self._rules / "refs" / "heads" / branch / "why", words if sentence else "")

    def moved(self) -> tuple[tuple[str, str, str], ...]:
        """What the last push has moved, once: the object name before and after, and the reference."""
        left = self._rules / _MOVED
        try:
            lines = left.read_text().splitlines()
        except FileNotFoundError:
            return ()
        left.unlink()
        return tuple((before, after, ref) for before, after, ref in (line.split(" ", 2) for line in lines))

    @staticmethod
    def _write(reason: Path, words: str) -> None:
        if words:
            reason.parent.mkdir(parents=True, exist_ok=True)
            reason.write_text(words)
        else:
            reason.unlink(missing_ok=True)
