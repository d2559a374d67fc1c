"""What can be proven of the lists by looking at the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rollback import health, logs
from rollback.checklist.looking import look
from rollback.checklist.model import Evidence, Item, Phase, Shown
from rollback.ecs import look as services
from rollback.ecs.by_hand import who_am_i
from rollback.ecs.checks import account_findings, region_findings
from rollback.errors import AccessDenied, CredentialsExpired
from rollback.github.errors import NotFound
from rollback.journal import Kind, read
from rollback.logs import Verdict
from rollback.notify import Event, delivered
from rollback.plan import Severity
from rollback.revert.change import NamedCommit, NamedPullRequest, parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rollback.access import Access
    from rollback.checklist.model import Check, Checklist
    from rollback.environment import Environment
    from rollback.journal import Entry
    from rollback.notify import Notifier

PATIENCE_SECONDS: Final = 10.0
"""How long the list before waits, in real seconds, for the team's webhook; a rollback never does."""
_ATTEST: Final = 'Have somebody attest it, as "{}".'


@dataclass(frozen=True, slots=True)
class Before:
    """What the list before a rollback is about.

    Attributes:
        change: the commit or pull request that is to blame, as ``#12``; empty where it isn't known.
        notifier: who tells the team; None where nobody does.
    """

    change: str = ""
    notifier: Notifier | None = None


@dataclass(frozen=True, slots=True)
class After:
    """What the list after a rollback is about.

    Attributes:
        went_bad_at: when the deployment began that was rolled back, UTC: the logs are compared with the time before.
        landed_at: when the rollback had landed, UTC: from then on they are watched.
        version: the version that must answer; empty where that isn't known.
    """

    went_bad_at: datetime
    landed_at: datetime
    version: str = ""


def before(
    environment: Environment,
    access: Access,
    about: Before,
    *,
    more: Mapping[Item, Check] | None = None,
) -> Checklist:
    """Look at the list before a rollback.

    Args:
        environment: the place.
        access: the hands.
        about: what it is about.
        more: checks to take instead of the usual ones.
    """
    checks: dict[Item, Check] = {
        Item.CONFIRMED: lambda: _confirmed(environment, access),
        Item.NOTIFIED: lambda: _notified(environment, access, about.notifier),
        Item.CHANGE: lambda: _change(environment, access, about.change),
        Item.ACCESS: lambda: _access(environment, access),
    }
    return look(environment, access, Phase.BEFORE, checks | dict(more or {}))


def after(
    environment: Environment, access: Access, about: After, *, more: Mapping[Item, Check] | None = None
) -> Checklist:
    """Look at the list after a rollback; it takes as long as the environment watches its logs.

    Args:
        environment: the place.
        access: the hands.
        about: what it is about.
        more: checks to take instead of the usual ones, as for the incident report and the post-mortem.
    """
    checks: dict[Item, Check] = {
        Item.WORKS: lambda: _works(environment, access, about.version),
        Item.LOGS: lambda: _logs(environment, access, about),
    }
    if not environment.checklist.incident_report:
        nobody = f"Nobody's production is affected in {environment.name}, so no report is owed."
        checks[Item.REPORT] = lambda: Evidence(Shown.PROVEN, nobody)
    return look(environment, access, Phase.AFTER, checks | dict(more or {}))


def _confirmed(environment: Environment, access: Access) -> Evidence:
    """The errors began with the deployment that the rollback takes back: then it will fix them."""
    found = list(health.answers(environment, access))
    seen = found[0].seen
    service = services.service(environment, access)
    if service.primary is None:
        return _open(Item.CONFIRMED, f"{seen} ECS doesn't say when the last deployment began.")
    began = service.primary.created_at
    window = timedelta(seconds=environment.logs.window_seconds)
    watched = logs.look(environment, access, before=began, since=max(began, access.clock.now() - window))
    told = f"{seen} Since {service.revision} was deployed at {began:%Y-%m-%d %H:%M} UTC: {watched.sentence}"
    if watched.verdict is Verdict.WORSE:
        return Evidence(Shown.PROVEN, told)
    return Evidence(
        Shown.OPEN,
        f"Nothing shows that the last deployment is to blame. {told}",
        f"See what hurts. {_ATTEST.format(Item.CONFIRMED.value)}",
        (watched.command,),
    )


def _notified(environment: Environment, access: Access, notifier: Notifier | None) -> Evidence:
    if notifier is not None:
        notifier.settled(PATIENCE_SECONDS)
    entries = read(access.journal.path)
    told = delivered(environment, entries, Event.BEGINS)
    if told is not None:
        return Evidence(Shown.PROVEN, f"{told.what} ({told.at:%H:%M:%S} UTC)")
    last = [entry for entry in entries if entry.detail.get("notified") == Event.BEGINS.value]
    return Evidence(
        Shown.OPEN,
        _so_far(last[-1]) if last else "Nobody has told the team.",
        f"Tell them. {_ATTEST.format(Item.NOTIFIED.value)}",
    )


def _so_far(entry: Entry) -> str:
    return "The team's webhook has not answered yet." if entry.kind is Kind.REQUEST else entry.what


def _change(environment: Environment, access: Access, change: str) -> Evidence:
    """GitHub knows it, and what it says of it."""
    if not change:
        return _open(Item.CHANGE, "Nobody has named it.")
    named = parse(change, environment.repository)
    name = environment.repository.name
    try:
        match named:
            case NamedPullRequest(number):
                pull = access.github.pull_request(number)
                if not pull.merged:
                    return _against(
                        f"Pull request #{number} of {name} is {pull.state} and not merged: it changed nothing."
                    )
                return Evidence(
                    Shown.PROVEN, f"#{number} of {name}, merged as {pull.merge_commit[:8]}: {pull.title}"
                )
            case NamedCommit(sha):
                subject = access.github.commit_message(sha).partition("\n")[0]
                return Evidence(Shown.PROVEN, f"{sha[:8]} of {name}: {subject}")
            case _:
                access.github.commit_message(named.last)
                return Evidence(Shown.PROVEN, f"The commits {named} of {name}.")
    except NotFound as error:
        return _against(error.sentence)


def _against(seen: str) -> Evidence:
    return Evidence(Shown.CONTRADICTED, seen, "Name the commit or the pull request that is to blame.")


def _access(environment: Environment, access: Access) -> Evidence:
    """We are who we should be, where we should be, and ECS lets us see the service."""
    try:
        found = list(region_findings(environment, access)) or list(account_findings(environment, access))
        refused = [finding for finding in found if finding.severity is Severity.REFUSAL]
        if not refused:
            services.service(environment, access)
    except (CredentialsExpired, AccessDenied, services.ServiceMissing) as error:
        return Evidence(Shown.CONTRADICTED, error.sentence, error.remedy, (who_am_i(),))
    for finding in refused:
        return Evidence(Shown.CONTRADICTED, finding.seen, finding.remedy, finding.commands)
    return Evidence(Shown.PROVEN, found[0].seen)


def _works(environment: Environment, access: Access, version: str) -> Evidence:
    found = list(health.answers(environment, access, version))
    refused = [finding for finding in found if finding.severity is Severity.REFUSAL]
    if refused:
        return Evidence(Shown.CONTRADICTED, refused[0].seen, refused[0].remedy, refused[0].commands)
    return Evidence(Shown.PROVEN, found[0].seen)


def _logs(environment: Environment, access: Access, about: After) -> Evidence:
    watched = logs.watch(environment, access, before=about.went_bad_at, since=about.landed_at)
    shown = {
        Verdict.CALM: Shown.PROVEN,
        Verdict.WORSE: Shown.CONTRADICTED,
        Verdict.UNKNOWN: Shown.OPEN,
    }[watched.verdict]
    remedy = f"{watched.remedy} {_ATTEST.format(Item.LOGS.value)}" if shown is Shown.OPEN else watched.remedy
    return Evidence(shown, watched.sentence, remedy, (watched.command,))


def _open(item: Item, seen: str) -> Evidence:
    return Evidence(Shown.OPEN, seen, _ATTEST.format(item.value))
