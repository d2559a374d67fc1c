"""Looking at the database after a restore: the secret, the tasks, the instances, the rows and the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollback import health
from rollback._text import printable
from rollback.database.backup import by_hand, checks, past, pointing, reading, repointing, rows, saving
from rollback.ecs import look
from rollback.plan import Finding, Verified, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.database.backup.model import Instance
    from rollback.database.backup.pointing import Pointing
    from rollback.database.backup.result import SavedPoint
    from rollback.database.backup.rows import Counted
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class Verification(Verified[str]):
    """What was seen afterwards.

    Attributes:
        target: what the application should use, in words.
        findings: what was looked at; a ``refusal`` is a proof that it does not.
    """


def verify(environment: Environment, access: Access, saved: SavedPoint) -> Verification:
    """Look whether the application uses the restored instance, and what that has cost.

    Raises:
        JournalError: the saved point is of another environment.
        RollbackError: AWS doesn't say, or the secret leads nowhere.
    """
    saving.must_be_of(environment, saved)
    service = look.service(environment, access)
    led = pointing.pointing(environment, access, service.revision)
    old, new = reading.instance(access, saved.instance), reading.instance(access, saved.target)
    findings = [*_instances(environment, saved, old, new)]
    findings += _in_use(environment, saved, led, new)
    stale = repointing.old_tasks(access, service, led)
    findings.append(_tasks(environment, stale))
    if old and new and new.host:
        findings += checks.same(environment, old, new)
        before = rows.counted(access, led.url_at(old.host, old.port), old.name)
        now = rows.counted(access, led.url_at(new.host, new.port), new.name)
        findings += _rows(saved, before, now)
        findings += past.agrees(environment, access, now.revisions)
    findings += health.answers(environment, access)
    return Verification(f"{environment.service} with {saved.target}", tuple(findings))


def _instances(
    environment: Environment, saved: SavedPoint, old: Instance | None, new: Instance | None
) -> Iterator[Finding]:
    if new is None or not new.available:
        status = printable(new.status) if new else "not there"
        yield refusal(
            "restored",
            f"{saved.target} is {status}.",
            "Plan again.",
            by_hand.describe(environment, saved.target),
        )
    else:
        yield ok("restored", f"{new.name} is available, restored to {saved.point}.")
    if old is None:
        yield refusal(
            "old-instance",
            f"{saved.instance} is gone: nothing could be brought over from it any more.",
            "Look for its snapshots.",
            by_hand.list_snapshots(environment),
        )
    else:
        yield ok("old-instance", f"{saved.instance} is still there.")


def _in_use(
    environment: Environment, saved: SavedPoint, led: Pointing, new: Instance | None
) -> Iterator[Finding]:
    if new is not None and new.host and led.host == new.host.lower():
        yield ok("in-use", f"The application's secret leads to {saved.target}.")
        return
    yield refusal(
        "in-use",
        f"The application's secret doesn't lead to {saved.target}, but to {printable(led.host)}.",
        "Find out who has changed it, then plan again.",
        by_hand.describe(environment, saved.target),
    )


def _tasks(environment: Environment, stale: tuple[str, ...]) -> Finding:
    if stale:
        return refusal(
            "tasks",
            f"{len(stale)} tasks were started before the secret was changed, and use what it said before.",
            "Have them started anew.",
            by_hand.start_anew(environment),
        )
    return ok("tasks", "All tasks were started since the secret was changed.")


def _rows(saved: SavedPoint, before: Counted, now: Counted) -> Iterator[Finding]:
    if problem := before.problem or now.problem:
        yield warning("rows", f"The rows can't be compared. {problem}", "Compare by a way that reaches both.")
        return
    lost = rows.missing(before.tables, saved.restored or now.tables)
    total = sum(lost.values())
    if saved.confirmed.covers(total):
        yield ok("rows", f"{total} rows are missing, {saved.confirmed.rows or 0} were confirmed.")
    else:
        yield refusal(
            "rows",
            f"{total} rows are missing ({rows.told(lost)}), and {saved.confirmed.rows or 0} were confirmed.",
            f"Bring them over from {saved.instance}, or undo the restore.",
        )
