"""Task definitions: what a family alone stands for, how revisions are numbered and when they end.

Source: the ECS API's DescribeTaskDefinition, ListTaskDefinitions and DeregisterTaskDefinition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ecs.exceptions import TaskDefinitionNotFoundException

from rehearsal.aws import timeline
from rehearsal.aws.ecs import errors
from rehearsal.aws.moto_parts import EcsBackend, InvalidParameter

if TYPE_CHECKING:
    from rehearsal.aws.moto_parts import TaskDefinition


class TaskDefinitions(EcsBackend):  # type: ignore[misc]
    """What an ECS backend knows of task definitions.

    Attributes:
        numbering: families of which earlier revisions are no more, and the number of the last of those.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.numbering: dict[str, int] = {}

    def register_task_definition(self, *args: Any, **kwargs: Any) -> TaskDefinition:
        """Register a revision, at the stage's time."""
        definition = super().register_task_definition(*args, **kwargs)
        definition.registered_at = timeline.current().now()
        return definition

    def deregister_task_definition(self, task_definition_str: str) -> TaskDefinition:
        """Deregister a revision, at the stage's time."""
        definition = super().deregister_task_definition(task_definition_str)
        definition.deregistered_at = timeline.current().now()
        return definition

    def describe_task_definition(self, task_definition_str: str) -> TaskDefinition:
        """A revision; for a family alone, its latest ACTIVE one."""
        name = task_definition_str.rsplit("/", maxsplit=1)[-1]
        family, _, revision = name.partition(":")
        revisions = self.task_definitions.get(family, {})
        if not revision:
            active = [number for number, each in revisions.items() if each.status == "ACTIVE"]
            if not active:
                raise TaskDefinitionNotFoundException
            return revisions[max(active)]
        if not revision.isdigit():
            raise InvalidParameter(f"Invalid revision number. Number: {revision}")
        if int(revision) not in revisions:
            raise TaskDefinitionNotFoundException
        return revisions[int(revision)]

    def list_task_definitions(self, family_prefix: str | None, status: str = "ACTIVE") -> list[str]:
        """The ARNs of the revisions, by family and revision, ascending."""
        found = [
            definition
            for family in sorted(self.task_definitions)
            for _, definition in sorted(self.task_definitions[family].items())
            if family_prefix in {None, family} and definition.status == status
        ]
        return [definition.arn for definition in found]

    def _get_last_task_definition_revision_id(self, family: str) -> int | None:
        return max(self.task_definitions.get(family, {}), default=self.numbering.get(family))

    def _deployable(self, task_definition_str: str) -> TaskDefinition:
        try:
            definition = self.describe_task_definition(task_definition_str)
        except TaskDefinitionNotFoundException as unknown:
            raise errors.TaskDefinitionUnknown from unknown
        if definition.status != "ACTIVE":
            raise errors.TaskDefinitionInactive
        return definition
