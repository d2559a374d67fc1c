"""Somebody's own root module in their own checkout, in which they type Terraform's commands by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.terraform_config import command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rehearsal.origin.terminal import Terminal, Typed
    from rollback.environment import Environment

PLAN: Final = "saved.tfplan"
PUSH: Final = "state push"
_MINE: Final = b'{"version": 4, "serial": 1, "lineage": ""}\n'


class Desk:
    """A terminal with Terraform in it, initialised once.

    Args:
        terminal: where they type; its checkout is theirs.
        environment: whose root module it is.
        argv: what ``terraform`` stands for.
        variables: what leads it to the stage.
        directory: an existing one, for what they keep.
    """

    def __init__(
        self,
        terminal: Terminal,
        environment: Environment,
        *,
        argv: Sequence[str],
        variables: Mapping[str, str | None],
        directory: Path,
    ) -> None:
        self._terminal = terminal
        self._directory = directory
        self._begin = f"terraform -chdir={environment.terraform_directory}"
        path = f"{command(directory / 'programs', argv)}:{variables.get('PATH')}"
        terminal.use({**variables, "PATH": path})
        self.type("init -input=false")

    def type(self, words: str) -> Typed:
        """Type a command of Terraform; to push is to push a state of one's own."""
        if words.startswith(PUSH):
            return self.push(_MINE, words)
        return self._terminal.type(f"{self._begin} {words}")

    def push(self, content: bytes, words: str = PUSH) -> Typed:
        """Push a state that was fetched before."""
        file = self._directory / "fetched.tfstate"
        file.write_bytes(content)
        return self._terminal.type(f"{self._begin} {words} {file}")

    def save_plan(self, commit: str) -> None:
        """Plan what `commit` says, and save that."""
        lines = (f"git checkout --quiet --detach {commit}", f"{self._begin} plan -input=false -out={PLAN}")
        self._terminal.type_all(lines)

    def apply_saved(self) -> Typed:
        """Apply the saved plan."""
        return self.type(f"apply -input=false -no-color {PLAN}")
