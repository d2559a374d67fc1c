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
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rollback._text import quoted
from rollback.aws import is_read
from rollback.errors import ReadOnly
from rollback.http import ReadOnlySession
from rollback.process import Processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

ALSO_READ: Final = frozenset({
    "dynamodb:Query",
    "dynamodb:Scan",
    "iam:SimulateCustomPolicy",
    "iam:SimulatePrincipalPolicy",
})  # fmt: skip
"""What reads by another verb."""

_GIT: Final = frozenset({
    "archive", "cat-file", "check-attr", "commit-tree", "config", "diff", "diff-tree", "fetch", "for-each-ref",
    "hash-object", "init", "log", "ls-files", "ls-remote", "ls-tree", "merge-base", "merge-file", "merge-tree",
    "read-tree", "repack", "rev-list", "rev-parse", "show", "show-ref", "status", "symbolic-ref", "update-index",
    "update-ref", "var", "version", "write-tree",
})  # fmt: skip
_GIT_TAKES_A_WORD: Final = frozenset({"-C", "-c", "--git-dir", "--work-tree"})
_TERRAFORM: Final = frozenset({
    ("graph",), ("init",), ("output",), ("plan",), ("providers", "schema"), ("show",), ("state", "list"),
    ("state", "pull"), ("state", "show"), ("validate",), ("version",), ("workspace", "list"), ("workspace", "show"),
})  # fmt: skip
_MOVES: Final = ("-migrate-state", "-force-copy")
_TERRAFORMS: Final = frozenset({"terraform", "tofu"})
_LIBRARY: Final = str(Path(__file__).parents[1] / "terraform" / "library.py")
"""Terraform from the Python package, as `rollback.terraform.program` starts it."""
_REMEDY: Final = "Nothing was changed. What changes something is done by an apply."


def read_only(access: Access) -> Access:
    """Hands that look through the same doors, and raise `rollback.errors.ReadOnly` for everything else.

    They record in the same journal. Those they were made from are as they were.
    """
    return replace(
        access,
        aws=access.aws.guarded(only_reads),
        http=ReadOnlySession(access.http),
        processes=ReadOnlyProcesses(access.processes),
        github=access.github.read_only(),
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
        refused = _refused(tuple(args))
        if refused:
            raise ReadOnly(f"These hands only look, so {refused} was not run.", remedy=_REMEDY)
        return self._inner.run(args, timeout_seconds=timeout_seconds, cwd=cwd, env=env, stdin=stdin)

    def which(self, program: str) -> str | None:
        """Where PATH leads for `program`, or None."""
        return self._inner.which(program)


def _refused(args: tuple[str, ...]) -> str:
    """What of a command line may write, in a few words; empty where it only looks."""
    program = args[0].rpartition("/")[2] if args else ""
    if program == "git":
        return _refused_of_git(args[1:])
    if program in _TERRAFORMS:
        return _refused_of_terraform(program, args[1:])
    for at, word in enumerate(args):
        if word == _LIBRARY:
            return _refused_of_terraform("terraform", args[at + 1 :])
    return quoted(program)


def _refused_of_git(words: tuple[str, ...]) -> str:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        takes = rest.pop(0) in _GIT_TAKES_A_WORD
        if takes and rest:
            rest.pop(0)
    command = rest[0] if rest else ""
    return "" if command in _GIT else f"`git {command}`"


def _refused_of_terraform(program: str, words: tuple[str, ...]) -> str:
    rest = [word for word in words if not word.startswith("-chdir=")]
    command = tuple(rest[:2]) if tuple(rest[:2]) in _TERRAFORM else tuple(rest[:1])
    if command not in _TERRAFORM:
        named = [word for word in rest[:2] if not word.startswith("-")]
        return f"`{program} {' '.join(named[: 2 if rest[0] in _GROUPS else 1])}`" if rest else f"`{program}`"
    if command == ("plan",) and "-lock=false" not in rest:
        return f"`{program} plan` without -lock=false, which writes a lock,"
    if command == ("init",):
        for word in rest:
            if word.split("=")[0].lstrip("-") in {move.lstrip("-") for move in _MOVES}:
                return f"`{program} init {word}`"
    return ""


_GROUPS: Final = frozenset({"providers", "state", "workspace"})
