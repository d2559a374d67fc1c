"""The steps that plan and apply the infrastructure: Terraform itself does, in a checkout of the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.aws.pace import Span
from rehearsal.origin.pipeline.work import StepFailed, Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.pipeline.work import Checkout, Output
    from rehearsal.world.world import World

_NOT_STAGED: Final = ("The environment of this branch is not on the stage: nothing is planned or changed.",)
_INITIALISED: Final = (
    "Initializing the backend...",
    "Initializing provider plugins...",
    "",
    "Terraform has been successfully initialized!",
)


class TerraformWork:
    """Does what the Terraform workflow says for the environment that is on the stage, signed by the team.

    Args:
        stage: the stage.
        world: what is on it.
    """

    def __init__(self, stage: EmbeddedStage, world: World) -> None:
        self._stage = stage
        self._world = world
        self.steps: Mapping[str, Work] = {
            "terraform init": Work(Span(8.0, 14.0), self._init),
            "terraform plan": Work(Span(18.0, 30.0), self._plan),
            "terraform apply": Work(Span(25.0, 45.0), self._apply),
        }

    def _init(self, checkout: Checkout) -> Output:
        if not checkout.staged:
            return _INITIALISED
        from rehearsal.world.workplace import prepare  # noqa: PLC0415 - flask, which few rehearsals need

        self._world.state.open()
        completed = prepare(self._stage, checkout.files, self._directory(checkout))
        if completed.code:
            raise StepFailed(*completed.lines)
        return completed.lines

    def _plan(self, checkout: Checkout) -> Output:
        return self._run(checkout, "plan", "-input=false")

    def _apply(self, checkout: Checkout) -> Output:
        return self._run(checkout, "apply", "-input=false", "-auto-approve")

    def _run(self, checkout: Checkout, *args: str) -> Output:
        if not checkout.staged:
            return _NOT_STAGED
        root = self._directory(checkout) / self._stage.environment.terraform_directory
        completed = self._stage.teams_terraform.run(*args, "-no-color", cwd=root)
        lines = tuple((completed.text + completed.error_text).splitlines())
        if completed.code:
            raise StepFailed(*lines)
        return lines

    def _directory(self, checkout: Checkout) -> Path:
        return self._stage.directory / f"runner-{checkout.sha}"
