"""An operator at work with terraform on the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.world.state_history import lay_out
from rollback.terraform import find

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.world.world import World
    from rollback.process import Completed


class Workshop:
    """The checkout, and the operator's terraform in it.

    Attributes:
        root: the root module's directory.
    """

    def __init__(self, world: World, directory: Path) -> None:
        self.world = world
        self.stage = world.stage
        self.state = world.state.open()
        self.stage.let_terraform_in()
        self.access = self.stage.access()
        self.program = find(self.stage.environment, self.access)
        lay_out(self.state.files(), directory)
        self.root = directory / self.stage.environment.terraform_directory

    def run(self, *args: str) -> Completed:
        return self.program.run(self.access.processes, *args, "-no-color", cwd=self.root, timeout_seconds=60)

    def init(self) -> None:
        completed = self.run("init", "-input=false")
        assert completed.code == 0, completed.error_text

    def plan(self, *args: str) -> int:
        """The exit code: 0 without changes, 2 with some."""
        completed = self.run("plan", "-input=false", "-detailed-exitcode", *args)
        assert completed.code != 1, completed.error_text
        return completed.code

    def apply(self, *args: str) -> Completed:
        return self.run("apply", "-input=false", "-auto-approve", *args)
