"""The checks of a restore's plan, each with what was seen and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.errors import AccessDenied
from rollback.plan import ok, refusal, warning
from rollback.state import by_hand
from rollback.state.model import Damage
from rollback.state.result import Was
from rollback.terraform.program import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.plan import Finding
    from rollback.state.lock_model import HeldLock
    from rollback.state.model import StateFile, StateHead, StoredVersion
    from rollback.terraform.program import Program

SHOWN: Final = 5
"""How many addresses a sentence names."""
_FOREIGN: Final = frozenset({Damage.NEWER_FORMAT, Damage.ENCRYPTED})
"""What isn't damaged, but of a kind that isn't known here."""


def versioning(environment: Environment, access: Access) -> Iterator[Finding]:
    """Whether what is overwritten stays in the bucket."""
    bucket = environment.state_bucket
    try:
        answer = access.aws.s3.get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner=environment.account)
    except AccessDenied:
        yield refusal(
            "bucket",
            f"{bucket} can't be looked at: these credentials may not, or the bucket isn't one of the account "
            f"{environment.account}.",
            "Use a role of that account that may read it; never put a state into a bucket of somebody else's.",
        )
        return
    status: str | None = answer.get("Status")
    if status == "Enabled":
        yield ok("versioning", f"{bucket} keeps the versions of what is overwritten.")
        return
    how = "suspended" if status else "off"
    yield refusal(
        "versioning",
        f"Versioning of {bucket} is {how}: a restore would overwrite the state for good.",
        "Turn it on, then plan again; what was overwritten until now is lost.",
        by_hand.turn_versioning_on(environment),
    )


def current(was: Was, version: StoredVersion | None, damage: Damage | None) -> Iterator[Finding]:
    """What stands at the state's key now."""
    if damage in _FOREIGN:
        yield refusal(
            "current-state",
            f"The current state {damage}, so that its serial can't be told and nothing shows that it is damaged.",
            "Restore it with the program that wrote it.",
        )
        return
    match was:
        case Was.WHOLE:
            yield ok("current-state", f"The current state is whole: version {_id(version)}.")
        case Was.DAMAGED:
            yield warning(
                "current-state",
                f"The current state can't be read: it {damage}. {_to_terraform(damage)}",
                "The restore writes to S3 itself, under Terraform's lock and only over just this version.",
            )
        case Was.DELETED:
            yield warning(
                "current-state",
                f"The state was deleted. {_to_terraform(Damage.EMPTY)}",
                "The restore writes to S3 itself, under Terraform's lock and only if nothing has been stored meanwhile.",
            )


def lineage(
    chosen: StateFile, known: StateHead | StateFile | None, *, is_current: bool, asked_for: bool
) -> Iterator[Finding]:
    """Whether the chosen state is of the same family as what it replaces."""
    if known is None:
        yield warning(
            "lineage",
            "No other version can be read, so there is no lineage to compare with.",
            "Make sure that it is the state of this environment.",
        )
        return
    other = "the current state" if is_current else "the newest version that can be read"
    if chosen.lineage == known.lineage:
        yield ok("lineage", f"It has the lineage of {other}.")
        return
    seen = f"It has another lineage than {other}: {printable(chosen.lineage)}, not {printable(known.lineage)}"
    if asked_for:
        yield warning(
            "lineage",
            f"{seen}, as was asked for by name.",
            "Make sure that it is the state of this environment, and find out whose the other one is.",
        )
        return
    yield refusal(
        "lineage",
        f"{seen}. It is the state of other resources.",
        "Choose a version of the same lineage. If somebody has put a foreign state here, ask by name for the other "
        "lineage, which is the environment's own.",
    )


def enough(
    environment: Environment, chosen: StateFile, known: int | None, *, asked_for: bool
) -> Iterator[Finding]:
    """Whether the chosen state looks whole, by how many resources it has."""
    fewest = environment.terraform.fewest_resources
    many = resources(chosen.resources)
    if chosen.resources < fewest:
        seen = f"It has {many}, and {environment.name} has at least {fewest}"
    elif known is not None and chosen.resources * 2 < known:
        seen = f"It has {many}, less than half of the {known} that are known now"
    else:
        yield ok("resources", f"It has {many}.")
        return
    if asked_for:
        yield warning("resources", f"{seen}, as was asked for by name.", "Import what it lacks afterwards.")
    else:
        yield refusal(
            "resources",
            f"{seen}: Terraform would create what exists already.",
            "Choose another version, or ask by name for one with few resources.",
        )


def written_by(chosen: str, now: str, program: Program) -> Iterator[Finding]:
    """Whether our Terraform is the right one to write this state.

    Args:
        chosen: the version of the Terraform that wrote the chosen state.
        now: of that which wrote the current one; empty where it can't be told.
        program: ours.
    """
    wrote = Version.of(chosen)
    if wrote is not None and wrote > program.version:
        yield refusal(
            "terraform-version",
            f"It was written by Terraform {wrote}, and this is {program.name} {program.version}.",
            f"Use Terraform {wrote} or newer.",
        )
        return
    last = Version.of(now)
    if last is not None and last < program.version:
        yield warning(
            "terraform-version",
            f"The current state was written by Terraform {last}; after the restore it says {program.version}.",
            f"Whoever works with an older Terraform must update it, or restore with {last}.",
        )
        return
    yield ok("terraform-version", f"{program.name} {program.version} can write it.")


def locks(environment: Environment, held: Sequence[HeldLock], now: datetime) -> Iterator[Finding]:
    """Whether somebody is at work on the state."""
    if not held:
        yield ok("locks", "Nobody holds the lock of the state.")
    for lock in held:
        yield refusal(
            "locks",
            f"The state is locked: {lock.told(now)}.",
            "Wait for its owner. If nobody is at work any more, unlock it by its id, knowingly; if it is that of an "
            "interrupted restore, finish that one.",
            *by_hand.unlock(environment, lock.id),
        )


def orphans(environment: Environment, missing: Sequence[str], unknown: int) -> Iterator[Finding]:
    """What exists, as far as is known, and won't be in the state any more."""
    if missing:
        yield warning(
            "orphans",
            f"{resources(len(missing))} of newer versions would no longer be in the state: {named(missing)}. "
            "They exist in AWS, as far as is known, and Terraform would create them once more.",
            "Import each of them afterwards, or choose a newer version.",
            *(by_hand.import_resource(environment, address) for address in missing[:SHOWN]),
        )
    if unknown:
        yield warning(
            "orphans",
            f"{unknown} newer version{'s' if unknown > 1 else ''} can't be read, so it can't be told what came with them.",
            "Compare with what exists in AWS.",
        )
    if not missing and not unknown:
        yield ok("orphans", "Newer versions have no resource that it lacks.")


def afterwards() -> Finding:
    """What can't be known yet."""
    return warning(
        "plan-afterwards",
        "What Terraform would destroy after the restore can only be told by a plan made then.",
        "Verify after the restore, before anybody applies; a plan that was saved before it no longer matches.",
    )


def resources(count: int) -> str:
    """A number of resources, in words."""
    return f"{count} resource{'' if count == 1 else 's'}"


def named(addresses: Sequence[str]) -> str:
    """The first of some addresses."""
    shown = ", ".join(printable(each) for each in addresses[:SHOWN])
    return shown if len(addresses) <= SHOWN else f"{shown} and {len(addresses) - SHOWN} more"


def _to_terraform(damage: Damage | None) -> str:
    if damage is Damage.EMPTY:
        return "Terraform believes that there are no resources, and a push would begin another lineage."
    return "Terraform can neither pull it nor push over it."


def _id(version: StoredVersion | None) -> str:
    return printable(version.id) if version else "none"
