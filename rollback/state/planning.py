"""Making the plan of a restore: it only reads, and keeps what it has read in private files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rollback._text import printable, quoted
from rollback.ecs.checks import where_findings
from rollback.errors import AwsError, RollbackError
from rollback.plan import Finding, Plan, Severity, ok, record, refusal, warning
from rollback.state import by_hand, checks, digest, locks, saving
from rollback.state.choosing import choose
from rollback.state.document import equal_but_serial, with_serial
from rollback.state.reading import Reading, read_down_to, was
from rollback.state.result import WAY, Before, Was, Way, Writing
from rollback.state.versions import list_versions, listed
from rollback.terraform.files import new_place, on_disk, write
from rollback.terraform.program import TerraformError, find

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.journal import Json
    from rollback.state.digest import Digest
    from rollback.state.model import StateFile, StoredVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePlan(Plan):
    """What a restore would do.

    Attributes:
        choice: what was asked for.
        chosen: the version that it names; None where it names none.
        state: what that version says; None where it is no state.
        before: what stands at the state's key; None where that was not looked at.
        writing: what would be written; None where nothing can be.
        orphans: what newer versions have and the chosen one lacks.
        done: whether what was asked for is in force already.
    """

    choice: str
    chosen: StoredVersion | None = None
    state: StateFile | None = None
    before: Before | None = None
    writing: Writing | None = None
    orphans: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """What was asked for by name although it looks wrong."""

    few_resources: bool
    other_lineage: bool


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    chosen: StoredVersion | None = None
    state: StateFile | None = None
    before: Before | None = None
    writing: Writing | None = None
    orphans: tuple[str, ...] = ()
    done: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.severity is Severity.REFUSAL for finding in self.findings)


def plan(
    environment: Environment,
    access: Access,
    *,
    choice: str,
    few_resources: bool = False,
    other_lineage: bool = False,
) -> StatePlan:
    """What it would take to put an earlier version of the state in force, and whether that can be done.

    Args:
        environment: the place, whose state it is.
        access: the hands.
        choice: a version id, ``serial 7``, or ``before 14:05`` (UTC).
        few_resources: whether a version with suspiciously few resources is meant by name.
        other_lineage: whether a version of another lineage than the current state is meant by name, as where somebody
            has put a foreign state there.

    Raises:
        AwsError: AWS doesn't tell what must be known.
        RollbackError: what was read can't be kept on this machine's disk.
    """
    draft = _Draft()
    draft.findings += where_findings(environment, access)
    if not draft.refused:
        draft.findings += checks.versioning(environment, access)
    if not draft.refused:
        meant = _Meant(few_resources=few_resources, other_lineage=other_lineage)
        _look(environment, access, choice, draft, meant)
    return concluded(
        access,
        StatePlan(
            environment=environment.name,
            title=f"Restore the state of {environment.name} to {_target(choice, draft)}.",
            findings=tuple(draft.findings),
            commands=_commands(environment, draft),
            choice=choice,
            chosen=draft.chosen,
            state=draft.state,
            before=draft.before,
            writing=draft.writing,
            orphans=draft.orphans,
            done=draft.done and not draft.refused,
        ),
        {"choice": choice, "few_resources": few_resources, "other_lineage": other_lineage},
    )


def concluded(access: Access, ready: StatePlan, asked: Mapping[str, Json] | None = None) -> StatePlan:
    """Take a plan down in the journal, and clear away what earlier restores have kept for long enough."""
    saving.sweep(access)
    record(access.journal, ready, way=WAY, asked=asked or {})
    return ready


def at_the_key(
    environment: Environment, access: Access, version: StoredVersion | None, reading: Reading, place: Path
) -> tuple[Before, Digest]:
    """What stands at the state's key, with a private copy of it, and what the lock table says of it.

    Raises:
        AwsError: the lock table can't be read.
        RollbackError: it can't be kept on disk.
    """
    said = digest.read(environment, access)
    file = ""
    if reading.current is not None:
        file = keep(place / by_hand.BEFORE, reading.current)
    before = Before(
        was=was(version, reading.current_damage),
        version=version.id if version else "",
        etag=version.etag if version else "",
        serial=reading.current_state.serial if reading.current_state else 0,
        digest=said.md5,
        stale=not said.allows(reading.current),
        file=file,
    )
    return before, said


def keep(path: Path, content: bytes) -> str:
    """Write a private file; returns where it is."""
    with on_disk():
        write(path, content)
    return str(path)


def sha256(content: bytes) -> str:
    """The hash that tells whether a file is still what was planned."""
    return hashlib.sha256(content).hexdigest()


def digest_finding(before: Before, said: Digest, content: bytes | None) -> Finding:
    """Whether Terraform reads the state at all, where it keeps a digest."""
    if said.allows(content):
        return ok(
            "digest", "The lock table has the state's digest." if said.md5 else "No digest is in the way."
        )
    what = "the current state" if before.was in {Was.WHOLE, Was.DAMAGED} else "no state"
    return warning(
        "digest",
        f"The lock table has the digest of something else than {what}, so Terraform refuses to read it.",
        "The restore mends it.",
    )


def _look(environment: Environment, access: Access, choice: str, draft: _Draft, meant: _Meant) -> None:
    """Fill the draft in, until something stands against it that makes all else pointless."""
    versions = list_versions(environment, access)
    current = next((version for version in versions if version.latest), None)
    kept: dict[str, bytes] = {}
    draft.chosen = _chosen(environment, access, versions, choice, draft, kept=kept)
    if draft.chosen is None:
        return
    try:
        reading = read_down_to(environment, access, versions, draft.chosen, kept=kept)
    except AwsError as error:
        draft.findings.append(refusal("version-readable", error.sentence, error.remedy))
        return
    draft.state = reading.state
    if reading.state is None:
        draft.findings.append(_no_state(draft.chosen, reading))
        return
    place = new_place(access)
    before, said = at_the_key(environment, access, current, reading, place)
    draft.before, draft.orphans = before, reading.orphans
    draft.findings += checks.current(before.was, current, reading.current_damage)
    draft.findings += checks.lineage(
        reading.state,
        reading.current_state or reading.newest,
        is_current=reading.current_state is not None,
        asked_for=meant.other_lineage,
    )
    known = len(reading.newer | set(reading.state.addresses))
    if reading.current_state is not None:
        known = reading.current_state.resources
    draft.findings += checks.enough(environment, reading.state, known, asked_for=meant.few_resources)
    draft.findings += _terraform(environment, access, reading)
    draft.findings += checks.locks(environment, locks.held(environment, access), access.clock.now())
    draft.findings.append(digest_finding(before, said, reading.current))
    draft.findings += checks.orphans(environment, reading.orphans, reading.unread)
    _prepare(reading, said, place, draft)


def _chosen(
    environment: Environment,
    access: Access,
    versions: tuple[StoredVersion, ...],
    choice: str,
    draft: _Draft,
    *,
    kept: dict[str, bytes],
) -> StoredVersion | None:
    """The version that `choice` names; where none is, the draft says why."""
    found = next((version for version in versions if version.id == choice), None)
    try:
        if found is None:
            listing = listed(environment, access, limit=0, kept=kept)
            found = choose(listing, choice, now=access.clock.now()).version
    except AwsError:
        raise
    except RollbackError as error:
        lines = (by_hand.list_versions(environment),)
        draft.findings.append(refusal("version-chosen", error.sentence, error.remedy, *lines))
        return None
    if found.delete_marker:
        draft.findings.append(
            refusal(
                "version-chosen",
                f"The version {printable(found.id)} is a delete marker: it holds no state.",
                "Choose the one before it.",
                by_hand.list_versions(environment),
            )
        )
        return None
    draft.findings.append(ok("version-chosen", f"{_first_up(quoted(choice))} names version {found.id}."))
    return found


def _no_state(chosen: StoredVersion, reading: Reading) -> Finding:
    return refusal(
        "version-readable",
        f"The version {printable(chosen.id)} can't be restored: it {reading.damage}.",
        "Choose another version.",
    )


def _terraform(environment: Environment, access: Access, reading: Reading) -> tuple[Finding, ...]:
    assert reading.state is not None  # noqa: S101 - for the type checker
    now = reading.current_state or reading.newest
    try:
        program = find(environment, access)
    except TerraformError as error:
        return (refusal("terraform", error.sentence, error.remedy),)
    return tuple(
        checks.written_by(reading.state.terraform_version, now.terraform_version if now else "", program)
    )


def _prepare(reading: Reading, said: Digest, place: Path, draft: _Draft) -> None:
    """Make the file that would be written, unless the chosen state is in force already."""
    if draft.before is None or draft.chosen is None or reading.state is None:
        return
    whole = reading.current_state
    same = whole is not None and (
        draft.chosen.latest or equal_but_serial(reading.chosen, reading.current or b"")
    )
    if same and said.allows(reading.current):
        draft.done = True
        draft.findings.append(ok("in-force", "The chosen state is in force already."))
        return
    draft.findings.append(checks.afterwards())
    if draft.refused:
        return
    serial = reading.highest + 1
    content = with_serial(reading.chosen, serial)
    # Terraform pushes no other lineage, unless forced, and then it looks at nothing.
    follows = whole is not None and whole.lineage == reading.state.lineage
    draft.writing = Writing(
        way=Way.PUSH if follows else Way.WRITE,
        chosen=draft.chosen.id,
        serial=serial,
        lineage=reading.state.lineage,
        file=keep(place / by_hand.READY, content),
        sha256=sha256(content),
    )


def _commands(environment: Environment, draft: _Draft) -> tuple[str, ...]:
    if draft.before is None or draft.writing is None:
        return ()
    return by_hand.restore(environment, draft.before, draft.writing)


def _target(choice: str, draft: _Draft) -> str:
    if draft.chosen is None:
        return quoted(choice)
    serial = f", serial {draft.state.serial}" if draft.state else ""
    return f"version {printable(draft.chosen.id)} of {draft.chosen.at:%Y-%m-%d %H:%M:%S} UTC{serial}"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
