"""Hands that can only look, by construction: each of their doors refuses what isn't a read before it goes out.

What is a read is decided here, once:

- **AWS**: of the services that a rollback works with, the operations with AWS's verbs for reading, less those of
  `MINTS`, plus those of `ALSO_READ`. A service that isn't named is refused whole. The verbs alone would not do:
  `GetSessionToken`, `GetAuthorizationToken` and their like change nothing that is there, but hand out credentials
  that work past these hands, as `AssumeRole` does. `GetSecretValue` and `GetParameter` stay: the plan of a database
  is made from the address that the application is given. `StartQuery` and the like begin work in the account, and
  are refused. So is every presigned URL: whoever has it does the rest. What botocore asks for to have credentials
  at all (a role, SSO, the instance) isn't asked by these hands, and isn't refused.
- **GitHub and the application**: GET and HEAD.
- **git**: the commands by which the copy on this machine is fetched and looked at. `push` isn't one of them.
- **Terraform**: the commands that read; `plan` only with ``-lock=false``, since a lock is written, too, and `init`
  without what moves a state.
- **Other programs**: none.
- **The webhook**: isn't told anything (`Access.only_looks`).

The files that a plan keeps on this machine (the journal, the copy of the repository) are written as always.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rollback.aws import is_read
from rollback.commands import what_writes
from rollback.errors import ReadOnly
from rollback.http import GuardedSession, changes
from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rollback.access import Access
    from rollback.process import Completed

SERVICES: Final = frozenset({
    "acm", "cloudwatch", "dynamodb", "ecr", "ecs", "elbv2", "iam", "logs",
    "rds", "route53", "s3", "secretsmanager", "ssm", "sts",
})  # fmt: skip
"""The services whose lists of operations were read for this; the tests hold them against botocore's."""

MINTS: Final = frozenset({
    "acm:GetAcmeExternalAccountBindingCredentials",
    "ecr:GetAuthorizationToken",
    "ssm:GetAccessToken",
    "sts:GetDelegatedAccessToken",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
    "sts:GetWebIdentityToken",
})  # fmt: skip
"""What has a verb of reading and hands out credentials."""

ALSO_READ: Final = frozenset({"dynamodb:Query", "dynamodb:Scan"})
"""What reads by another verb."""

_REMEDY: Final = "Nothing was changed. What changes something is done by an apply."


def read_only(access: Access) -> Access:
    """Hands that look through the same doors, and raise `rollback.errors.ReadOnly` for everything else.

    They record in the same journal. Those they were made from are as they were.
    """
    return replace(
        access,
        aws=access.aws.guarded(only_reads),
        http=GuardedSession(access.http, only_gets),
        processes=ReadOnlyProcesses(access.processes),
        github=access.github.guarded(only_gets),
        only_looks=True,
    )


def only_reads(operation: str) -> None:
    """Let a read of AWS go on.

    Raises:
        ReadOnly: it is something else, or may be.
    """
    service, _, name = operation.partition(":")
    reads = service in SERVICES and is_read(name) and operation not in MINTS
    if not reads and operation not in ALSO_READ:
        raise ReadOnly(
            f"These hands only look, so {operation} was refused before it was sent.", remedy=_REMEDY
        )


def only_gets(method: str, where: str) -> None:
    """Let a read over HTTP go on.

    Raises:
        ReadOnly: it is something else.
    """
    if changes(method):
        raise ReadOnly(
            f"These hands only look, so {method} {where} was refused before it was sent.", remedy=_REMEDY
        )


class ReadOnlyProcesses(Processes):
    """Programs of which none writes anywhere but on this machine.

    Args:
        processes: what runs them.
    """

    __slots__ = ("_inner",)

    def __init__(self, processes: Processes) -> None:
        self._inner = processes

    def run(
        self,
        args: Sequence[str],
        *,
        timeout_seconds: float,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run a program that only looks, as `Processes` does.

        Raises:
            ReadOnly: it writes, or may.
        """
        refused = what_writes(tuple(args))
        if refused:
            raise ReadOnly(f"These hands only look, so {refused} was not run.", remedy=_REMEDY)
        return self._inner.run(args, timeout_seconds=timeout_seconds, cwd=cwd, env=env, stdin=stdin)

    def which(self, program: str) -> str | None:
        """Where PATH leads for `program`, or None."""
        return self._inner.which(program)
