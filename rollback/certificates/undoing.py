"""Going back to the certificate that was attached before a repair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rollback.certificates.applying import apply
from rollback.certificates.model import named
from rollback.certificates.planning import plan
from rollback.certificates.saving import must_be_of
from rollback.plan import ok, refusal

if TYPE_CHECKING:
    from rollback.access import Access
    from rollback.certificates.planning import CertificatePlan
    from rollback.certificates.result import Result, SavedPoint
    from rollback.environment import Environment


def plan_undo(environment: Environment, access: Access, saved: SavedPoint) -> CertificatePlan:
    """The plan to attach the certificate of before again; it may hold refusals, like any other.

    The validation records stay: they are the same for each certificate of a domain, and ACM needs them to renew.

    Raises:
        JournalError: the saved point is of another environment.
        AwsError: as `plan`.
    """
    must_be_of(environment, saved)
    ready = plan(environment, access, certificate=saved.before)
    if ready.listener is None or ready.listener.certificate in {saved.chosen, saved.before}:
        found = ok("records-stay", "The validation records stay, since ACM needs them to renew.")
    else:
        found = refusal(
            "attached",
            f"The listener has the {named(ready.listener.certificate)}: somebody has changed it since the repair.",
            "Find out why; then plan for a certificate by its ARN.",
        )
    return replace(
        ready, findings=(*ready.findings, found), commands=ready.commands if not found.remedy else ()
    )


def undo(environment: Environment, access: Access, saved: SavedPoint) -> Result:
    """Attach the certificate again that was attached before a repair.

    Raises:
        Refused: there is something against it, as that it has expired; nothing has been changed.
        RollbackError: as `plan_undo` and `apply`.
    """
    return apply(environment, access, plan_undo(environment, access, saved))
