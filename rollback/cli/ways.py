"""The ways back as the command line knows them: what each is called, what it takes, and where it is done.

Nothing of a way is imported before it is needed, so that asking for help costs nothing.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollback.cli.codes import Mistyped
from rollback.cli.parameters import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Ended, Plan, Verified
    from rollback.record.model import Begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way back.

    Attributes:
        words: what is typed for it.
        name: as journals have it.
        says: what it does.
        module: where `plan`, `apply` and `verify` are.
        options: what a plan is asked for.
        look: options of `verify`.
        seconds: for how long it may take at most.
        wish: makes the arguments of `plan` of the options.
        seen: verifies what a journal tells, or what was named.
        only_reads: whether the plan does nothing but read, so that it is made by hands that can do nothing else.
    """

    words: tuple[str, ...]
    name: str
    says: str
    module: str
    options: tuple[Parameter, ...]
    seconds: Callable[[Environment], float]
    seen: Callable[[Any, Environment, Access, Begun | None, Mapping[str, Any]], Verified[Any]]
    look: tuple[Parameter, ...] = ()
    wish: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    only_reads: bool = True

    @property
    def typed(self) -> str:
        """What is typed for it."""
        return " ".join(("rollback", *self.words))

    def plan(self, environment: Environment, access: Access, options: Mapping[str, Any]) -> Plan:
        """Make its plan.

        Raises:
            RollbackError: as the `plan` of its way.
        """
        from rollback.live.readonly import read_only  # noqa: PLC0415 - see above

        planner = importlib.import_module(self.module)
        wish = self.wish(options)
        looking = read_only(access) if self.only_reads and not access.only_looks else access
        try:
            made: Plan = planner.plan(environment, looking, **wish)
        finally:
            if looking is not access:
                looking.aws.close()
        return made

    def apply(self, environment: Environment, access: Access, plan: Plan) -> Ended:
        """Apply it.

        Raises:
            RollbackError: as the `apply` of its way.
        """
        ended: Ended = importlib.import_module(self.module).apply(environment, access, plan)
        return ended

    def verify(
        self, environment: Environment, access: Access, begun: Begun | None, options: Mapping[str, Any]
    ) -> Verified[Any]:
        """Look whether what was to land has landed.

        Raises:
            RollbackError: there is nothing to look for, or it can't be looked at.
        """
        return self.seen(importlib.import_module(self.module), environment, access, begun, options)


def _of_journal(begun: Begun | None, what: str) -> Begun:
    """The journal, without which there is nothing to compare with.

    Raises:
        Mistyped: there is none.
    """
    if begun is None:
        raise Mistyped(
            f"No journal of {what} is here, so it isn't known what should have landed.",
            remedy="Name it with --journal FILE.",
        )
    return begun


def _ecs_seen(
    module: Any, environment: Environment, access: Access, begun: Begun | None, options: Mapping[str, Any]
) -> Verified[Any]:
    if options.get("to"):
        target = module.Revision.parse(options["to"], family=environment.family)
        named: Verified[Any] = module.verify(environment, access, target)
        return named
    told = _of_journal(begun, "an emergency rollback")
    saved = module.saved_point(environment, told.entries)
    plan = told.attempt.plan
    version = str(plan.detail.get("version", "")) if plan else ""
    seen: Verified[Any] = module.verify(
        environment, access, saved.copy or saved.target or saved.revision, expected_version=version
    )
    return seen


def _saved_seen(
    module: Any, environment: Environment, access: Access, begun: Begun | None, _: Mapping[str, Any]
) -> Verified[Any]:
    told = _of_journal(begun, "such a rollback")
    seen: Verified[Any] = module.verify(environment, access, module.saved_point(environment, told.entries))
    return seen


def _terraform_seen(
    module: Any, environment: Environment, access: Access, begun: Begun | None, options: Mapping[str, Any]
) -> Verified[Any]:
    commit = options.get("commit")
    if not commit:
        told = _of_journal(begun, "a rollback by Terraform")
        commit = module.saved_point(environment, told.entries).commit
    seen: Verified[Any] = module.verify(environment, access, commit)
    return seen


def _certificate_seen(
    module: Any, environment: Environment, access: Access, begun: Begun | None, options: Mapping[str, Any]
) -> Verified[Any]:
    arn = options.get("certificate")
    if not arn:
        told = _of_journal(begun, "a repair of the certificate")
        arn = module.saved_point(environment, told.entries).chosen
    seen: Verified[Any] = module.verify(environment, access, arn)
    return seen


def _loss(options: Mapping[str, Any]) -> dict[str, Any]:
    """What is restored to, and what somebody has confirmed to lose."""
    from datetime import datetime  # noqa: PLC0415 - with the next line

    from rollback.database.backup import Loss  # noqa: PLC0415 - RDS and all that, which --help need not import

    confirmed = None
    if since := options.get("lose_since"):
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            raise Mistyped(
                "--lose-since is no moment.",
                remedy="Write it as the plan shows it, as 2026-05-04T11:30:00+00:00.",
            ) from None
        confirmed = Loss(
            since=moment, rows=options.get("lose_rows"), uncounted=bool(options.get("uncounted"))
        )
    return {"to": options.get("to") or None, "confirmed": confirmed, "target": options.get("target") or ""}


def _lists(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, "allow": tuple(options.get("allow") or ())}


WAYS: tuple[Way, ...] = (
    Way(
        words=("ecs",),
        name="ecs",
        says="The emergency rollback to an earlier revision.",
        module="rollback.ecs",
        options=(
            Parameter("to", "The revision; without it, the newest earlier one that worked.", "REVISION"),
            Parameter("register_copy", "Bring a deregistered revision back as a copy.", kind=bool),
        ),
        look=(Parameter("to", "The revision that should run; without it, the journal's.", "REVISION"),),
        seconds=lambda environment: environment.budgets.emergency.deadline_seconds,
        seen=_ecs_seen,
    ),
    Way(
        words=("revert",),
        name="revert",
        says="Revert the change; the pipeline deploys that.",
        module="rollback.revert",
        options=(
            Parameter("what", "A commit, a pull request (#12) or a range.", "CHANGE", needed=True),
            Parameter("why", "The reason, for the revert's message.", "REASON", needed=True),
            Parameter("both_sides", "Also where infrastructure and application changed together.", kind=bool),
            Parameter("propose", "Open a pull request, even where a push would do.", kind=bool),
        ),
        seconds=lambda environment: environment.budgets.application.deadline_seconds,
        seen=_saved_seen,
    ),
    Way(
        words=("terraform",),
        name="terraform",
        says="The infrastructure of a commit that worked.",
        module="rollback.terraform",
        options=(
            Parameter("commit", "A commit that is known to have worked.", "SHA", needed=True),
            Parameter("allow", "What may be destroyed although it holds data.", "ADDRESS", list),
        ),
        look=(Parameter("commit", "The commit; without it, the journal's.", "SHA"),),
        seconds=lambda environment: environment.budgets.infrastructure.deadline_seconds,
        wish=_lists,
        seen=_terraform_seen,
    ),
    Way(
        words=("state",),
        name="state",
        says="An earlier version of Terraform's state.",
        module="rollback.state",
        options=(
            Parameter("choice", 'A version id, "serial 7", or "before 14:05" (UTC).', "VERSION", needed=True),
            Parameter("few_resources", "A version with suspiciously few resources is meant.", kind=bool),
            Parameter("other_lineage", "A version of another lineage is meant.", kind=bool),
        ),
        seconds=lambda environment: environment.budgets.infrastructure.deadline_seconds,
        seen=_saved_seen,
    ),
    Way(
        words=("certificate",),
        name="certificates",
        says="The load balancer's certificate.",
        module="rollback.certificates",
        options=(
            Parameter("certificate", "The certificate that is meant.", "ARN"),
            Parameter("renew", "Request a new one.", kind=bool),
        ),
        look=(Parameter("certificate", "The certificate; without it, the journal's.", "ARN"),),
        seconds=lambda environment: environment.certificate.wait_seconds,
        seen=_certificate_seen,
    ),
    Way(
        words=("database", "restore"),
        name="backup",
        says="The database from a backup.",
        module="rollback.database.backup",
        options=(
            Parameter(
                "to",
                "A moment (ISO 8601) or a snapshot; without it, just before the newest migration.",
                "WHEN",
            ),
            Parameter(
                "lose_since", "Confirm that writes since then are lost, as the plan says it.", "MOMENT"
            ),
            Parameter("lose_rows", "Confirm that so many rows are lost, and no more.", "N", int),
            Parameter("uncounted", "Confirm that nobody can count the rows.", kind=bool),
            Parameter("target", "What the new instance is called.", "NAME"),
        ),
        seconds=lambda environment: environment.database.wait_seconds,
        wish=_loss,
        seen=_saved_seen,
    ),
    Way(
        words=("database", "fix"),
        name="fix-forward",
        says="A migration on top of one that failed.",
        module="rollback.database.fixing",
        options=(
            Parameter(
                "migration", "One that somebody has written; without it, one is drafted.", "FILE", Path
            ),
            Parameter("propose", "Open a pull request, even where a push would do.", kind=bool),
        ),
        seconds=lambda environment: environment.budgets.application.deadline_seconds,
        seen=_saved_seen,
        only_reads=False,  # the migration is tried on a copy of the database, which is made and dropped
    ),
)


def way_of(name: str) -> Way | None:
    """The way that journals have under `name`; None where it isn't known here."""
    return next((way for way in WAYS if way.name == name), None)
