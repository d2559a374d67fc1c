"""An environment with all that a rollback needs, what may happen to it, and who looks whether it still has it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rehearsal import faults
from rehearsal.backup_keeper import BackupKeeper
from rehearsal.certificate_keeper import CertificateKeeper
from rehearsal.origin.people import Developers
from rehearsal.origin.troubles import Troubles
from rehearsal.state_keeper import StateKeeper
from rollback.ecs.model import Revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.origin import Origin
    from rehearsal.world.world import World

ELSEWHERE: Final = "123456789012"
WEBHOOK: Final = "https://hooks.chat.example/services/T000/B000/rehearsed"
_DAY: Final = timedelta(days=1).total_seconds()
_NEARLY_OVER: Final = 195 * _DAY
"""The certificates of the stage are valid for 199 days."""


class Readying:
    """The whole of an environment.

    Attributes:
        variables: the environment variables of whoever looks.
    """

    def __init__(self, stage: EmbeddedStage, world: World, origin: Origin) -> None:
        environment = stage.environment
        self.variables = {environment.checklist.webhook_variable: WEBHOOK}
        self._stage = stage
        self._world = world
        self._origin = origin
        self._state = StateKeeper(stage, world, environment)
        self._certificates = CertificateKeeper(stage, world)
        self._backups = BackupKeeper(stage, world, origin)
        self._troubles = Troubles(stage, origin, environment)

    def open(self) -> None:
        """Have a service with a past, its state, its certificate and its database, and a team that is told."""
        self._origin.open_the_service()
        self._state.open()
        self._certificates.open()
        self._backups.open()

    def happens(self, what: str) -> None:
        """Something happens to it, in a feature's words."""
        happenings: dict[str, Callable[[], None]] = {
            "the earlier revisions were deregistered": self._deregister,
            "the image of the earlier revision is gone": self._take_image,
            "we may no longer look at images": self._forbid_images,
            "a deployed migration has dropped a column": self._drop_a_column,
            "the deployment workflow was turned off": self._troubles.workflow_disabled,
            "the branch was protected": self._troubles.protected,
            "the state is locked": lambda: self._state.held(seconds=120),
            "the newest state broke off in the middle": lambda: self._state.newest("broke off in the middle"),
            "the certificate is about to end": lambda: self._stage.clock.sleep(_NEARLY_OVER),
            "the backups were turned off": self._keep_no_backups,
            "the newest backup is two days old": self._keep_only_a_snapshot,
            "the webhook was mistyped": lambda: self._webhook("chat.example/services"),
            "there is no webhook any more": lambda: self._webhook(""),
            "nobody can say what we are permitted to change": lambda: None,  # moto's IAM doesn't reckon that
            "our credentials are of another account": lambda: self._stage.sign_in(ELSEWHERE),
        }
        happenings[what]()

    def _earlier(self) -> list[int]:
        """The numbers of the revisions before the one that runs."""
        pages = self._stage.clients.ecs.get_paginator("list_task_definitions")
        found = pages.paginate(familyPrefix=self._stage.environment.family, status="ACTIVE")
        numbers = [Revision.parse(arn).number for page in found for arn in page["taskDefinitionArns"]]
        return [number for number in numbers if number != self._world.look.primary_revision()]

    def _deregister(self) -> None:
        for number in self._earlier():
            self._world.damage.deregister(number)

    def _take_image(self) -> None:
        clients, environment = self._stage.clients, self._stage.environment
        for number in self._earlier():
            described = clients.ecs.describe_task_definition(taskDefinition=f"{environment.family}:{number}")
            image = described["taskDefinition"]["containerDefinitions"][0]["image"]
            repository, _, tag = image.partition("/")[2].partition(":")
            clients.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": tag}])

    def _forbid_images(self) -> None:
        denied = faults.Fault(kind=faults.Kind.ACCESS_DENIED, operation="ecr:DescribeImages")
        faults.inject(self._stage, denied)

    def _drop_a_column(self) -> None:
        developers, title = Developers(self._origin, self._stage.environment), "Tidy the orders"
        files = {**developers.code(title), **developers.migration(title, "drops a column")}
        developers.merged(title, files)
        self._origin.settle()

    def _keep_no_backups(self) -> None:
        self._stage.clients.rds.modify_db_instance(
            DBInstanceIdentifier=self._backups.house.instance, BackupRetentionPeriod=0, ApplyImmediately=True
        )

    def _keep_only_a_snapshot(self) -> None:
        self._backups.house.take_snapshot("before-the-holidays")
        self._keep_no_backups()
        self._stage.clock.sleep(2 * _DAY)

    def _webhook(self, address: str) -> None:
        self.variables = dict.fromkeys(self.variables, address)
