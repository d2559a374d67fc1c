"""What the operator of a stage asks AWS for, in IAM's words: by boto3, and by Terraform over loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rehearsal.policies.resources import values
from rehearsal.policies.uses import NotCovered, uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.policies.uses import Use
    from rehearsal.served import Asked
    from rollback.environment import Environment


class Watch:
    """Sees every call of a stage's operator from now on, until the stage is closed.

    Attributes:
        seen: what they used.
        strange: what no policy can allow, as sentences.
    """

    def __init__(self, stage: EmbeddedStage, environment: Environment, *, terraform: bool = True) -> None:
        self.seen: set[Use] = set()
        self.strange: list[str] = []
        self._environment = environment
        self._names = values(environment)
        stage.operator.spectators.append(self._called)
        if terraform:
            stage.requests.append(self._asked)

    def _called(self, operation: str, parameters: Mapping[str, Any]) -> None:
        try:
            self.seen.update(uses(operation, parameters, self._names))
        except NotCovered as error:
            self.strange.append(str(error))

    def _asked(self, asked: Asked, proceed: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
        bucket, _, key = asked.environ["PATH_INFO"].lstrip("/").partition("/")
        elsewhere = asked.operation in {"s3:GetObject", "s3:HeadObject"} and not self._ours(key)
        # A commit may name another state. Terraform then asks for that, and a policy would refuse it.
        if not elsewhere:
            table = self._environment.terraform.lock_table
            self._called(asked.operation, {"Bucket": bucket, "Key": key, "TableName": table})
        return proceed()

    def _ours(self, key: str) -> bool:
        return key.removesuffix(".tflock") == self._names["state_object"]
