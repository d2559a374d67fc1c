"""The steps that plan and apply the infrastructure, until Terraform itself does."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Final

from botocore.exceptions import ClientError
from pydantic import BaseModel, Field, ValidationError

from rehearsal.aws.pace import Span
from rehearsal.origin.pipeline.work import StepFailed, Work
from rehearsal.world.infrastructure import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.origin.pipeline.work import Checkout, Output
    from rehearsal.world.infrastructure import Infrastructure

SETTINGS_FILE: Final = "settings.auto.tfvars.json"
_NOT_STAGED: Final = ("The environment of this branch is not on the stage: nothing is planned or changed.",)
_CHANGES: Final = {
    "database_host": (
        "  # aws_secretsmanager_secret_version.database_url must be replaced",
        "      ~ secret_string = (sensitive value) # forces replacement",
    ),
    "health_check_path": (
        "  # aws_lb_target_group.app will be updated in-place",
        '      ~ health_check {{ path = "{before}" -> "{after}" }}',
    ),
}


class _File(BaseModel):
    database_host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")]
    health_check_path: Annotated[str, Field(pattern=r"^/[!-~]*$")]


class TerraformWork:
    """Does what the Terraform workflow says, for two settings of the infrastructure.

    Args:
        infrastructure: where they are true.
        directory: the root module of the environment that is on the stage.
    """

    def __init__(self, infrastructure: Infrastructure, directory: str) -> None:
        self._infrastructure = infrastructure
        self._path = f"{directory}/{SETTINGS_FILE}"
        self.steps: Mapping[str, Work] = {
            "terraform init": Work(Span(8.0, 14.0), self._init),
            "terraform plan": Work(Span(18.0, 30.0), self._plan),
            "terraform apply": Work(Span(25.0, 45.0), self._apply),
        }

    def _init(self, _: Checkout) -> Output:
        return (
            "Initializing the backend...",
            "Initializing provider plugins...",
            "",
            "Terraform has been successfully initialized!",
        )

    def _plan(self, checkout: Checkout) -> Output:
        if not checkout.staged:
            return _NOT_STAGED
        wanted = self._wanted(checkout)
        try:
            return _planned(self._infrastructure.settings(), wanted)
        except ClientError as error:
            raise _failed(str(error)) from None

    def _apply(self, checkout: Checkout) -> Output:
        if not checkout.staged:
            return _NOT_STAGED
        wanted = self._wanted(checkout)
        try:
            before = self._infrastructure.settings()
            self._infrastructure.apply(wanted)
        except ClientError as error:
            raise _failed(str(error)) from None
        added, changed, destroyed = _counts(_differences(before, wanted))
        return (
            *_planned(before, wanted),
            "",
            f"Apply complete! Resources: {added} added, {changed} changed, {destroyed} destroyed.",
        )

    def _wanted(self, checkout: Checkout) -> Settings:
        text = checkout.files.get(self._path)
        if text is None:
            raise _failed(f"No value for required variable: {self._path} is not there")
        try:
            file = _File.model_validate(json.loads(text))
        except ValidationError as error:
            mistake = error.errors(include_url=False)[0]
            name = ".".join(str(part) for part in mistake["loc"])
            raise _failed(f'Invalid value for variable "{name}": {mistake["msg"]}') from None
        except ValueError as error:
            raise _failed(f"Invalid JSON in {self._path}: {error}") from None
        return Settings(file.database_host, file.health_check_path)


def _failed(why: str) -> StepFailed:
    return StepFailed("╷", f"│ Error: {why}", "╵")


def _differences(before: Settings, after: Settings) -> list[str]:
    return [
        field.name for field in fields(Settings) if getattr(before, field.name) != getattr(after, field.name)
    ]


def _counts(changed: list[str]) -> tuple[int, int, int]:
    """How many resources are added, changed and destroyed: a version of a secret can only be replaced."""
    replaced = "database_host" in changed
    return int(replaced), len(changed) - replaced, int(replaced)


def _planned(before: Settings, after: Settings) -> Output:
    changed = _differences(before, after)
    if not changed:
        return ("No changes. Your infrastructure matches the configuration.",)
    added, updated, destroyed = _counts(changed)
    return (
        "Terraform will perform the following actions:",
        "",
        *(
            line.format(before=getattr(before, name), after=getattr(after, name))
            for name in changed
            for line in _CHANGES[name]
        ),
        "",
        f"Plan: {added} to add, {updated} to change, {destroyed} to destroy.",
    )
