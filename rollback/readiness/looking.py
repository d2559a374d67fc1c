"""Looking at all that a rollback needs: each thing by itself, so that one that fails hides no other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from rollback.errors import RollbackError
from rollback.live import check, read_only
from rollback.plan import Severity, of_severity, refusal
from rollback.readiness.model import Line, Readiness
from rollback.readiness.probes import PROBES, Looking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Finding
    from rollback.readiness.probes import Probe

CREDENTIALS: Final = "credentials"


def look(environment: Environment, access: Access, *, variables: Mapping[str, str] = os.environ) -> Readiness:
    """Whether the environment could be rolled back right now. Nothing is raised for what stands against it.

    Args:
        environment: the place.
        access: any hands; everything that isn't a read is refused before it is sent.
        variables: the environment variables, where the address of the team's webhook is.

    Raises:
        JournalError: it can't be written down.
    """
    looking = access if access.only_looks else read_only(access)
    began = access.clock.monotonic()
    checked = check(environment, looking)
    seconds = access.clock.monotonic() - began
    lines = [_line(CREDENTIALS, "Credentials of the right account", checked.findings, seconds)]
    if checked.identity is not None and not checked.troubles:
        world = Looking(environment, looking, checked.identity, variables)
        lines += [_looked_at(probe, world) for probe in PROBES]
    identity = None if checked.troubles else checked.identity
    return Readiness(environment.name, access.clock.now(), identity, tuple(lines))


def _looked_at(probe: Probe, world: Looking) -> Line:
    clock = world.access.clock
    began = clock.monotonic()
    try:
        findings = tuple(probe.look(world))
    except RollbackError as error:
        findings = (refusal(probe.name, error.sentence, error.remedy),)
    except Exception as error:  # noqa: BLE001 - a mistake of ours in one probe may hide no other
        findings = (
            refusal(
                probe.name,
                f"It could not be looked at: {type(error).__name__}.",
                "That is a mistake of this tool: look at it by hand, and report it.",
            ),
        )
    return _line(probe.name, probe.says, findings, clock.monotonic() - began)


def _line(name: str, says: str, findings: tuple[Finding, ...], seconds: float) -> Line:
    return Line(name, says, _seen(findings), findings, round(seconds, 3))


def _seen(findings: tuple[Finding, ...]) -> str:
    """What stands against it, or else what to know of, or else the first thing that is well."""
    for severity in (Severity.REFUSAL, Severity.WARNING):
        found = of_severity(findings, severity)
        if found:
            return " ".join(dict.fromkeys(finding.seen for finding in found))
    return findings[0].seen if findings else "Nothing speaks against it."
