"""Making the plan of a fix forward: it reads, and tries the migration on a copy of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.database.fixing import by_hand, checks, judging
from rollback.database.fixing.address import Address, address
from rollback.database.fixing.expecting import Files, expected, files_of, metadata
from rollback.database.fixing.needs import Lack, lacks
from rollback.database.fixing.result import WAY
from rollback.database.fixing.trying import Trial, tried
from rollback.database.schema import Schema, count_rows, read_schema
from rollback.ecs import look
from rollback.ecs.built import build
from rollback.ecs.checks import where_findings
from rollback.git import Copy
from rollback.plan import Finding, Plan, Severity, ok, record, refusal
from rollback.revert import checks as pushing
from rollback.revert.result import Side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rollback.access import Access
    from rollback.database.fixing.drafting import Draft
    from rollback.database.fixing.expecting import Expected
    from rollback.ecs.model import Service
    from rollback.environment import Environment
    from rollback.git import Commit

WHAT = "migration"
"""What people call what is pushed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for.

    Attributes:
        migration: a file that a person has written; without it one is drafted.
        propose: whether to open a pull request even where a push would do.
    """

    migration: Path | None = None
    propose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FixPlan(Plan):
    """What a fix forward would do.

    Attributes:
        wish: what was asked for.
        tip: the newest commit of the branch when the plan was made; None where it couldn't be seen.
        service: the service as it was.
        running: the commit that the service runs.
        before: the schema as it was; None where it wasn't looked at.
        lacking: what the running version lacks.
        trial: what came of trying it on a copy; None where it wasn't tried.
        draft: the migration that goes on top; None where there is none to push.
        proposes: whether it is pushed to a branch of its own and proposed as a pull request.
        newest: the path of the branch's newest migration.
    """

    wish: Wish
    tip: Commit | None = None
    service: Service | None = None
    running: Commit | None = None
    before: Schema | None = None
    lacking: tuple[Lack, ...] = ()
    trial: Trial | None = None
    draft: Draft | None = None
    proposes: bool = False
    newest: str = ""

    @property
    def on_the_branch(self) -> bool:
        """Whether the branch holds already what is missing, so that only its pipeline has to run it."""
        return self.draft is None and not self.refusals and any(each.needed for each in self.lacking)

    @property
    def nothing_to_do(self) -> bool:
        """Whether the schema has all that the running version needs, and nobody has brought a migration."""
        return self.draft is None and not self.refusals and not any(each.needed for each in self.lacking)


@dataclass(slots=True)
class _Making:
    """A plan in the making."""

    tip: Commit | None = None
    service: Service | None = None
    running: Commit | None = None
    files: Files | None = None
    before: Schema | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    lacking: tuple[Lack, ...] = ()
    trial: Trial | None = None
    draft: Draft | None = None
    proposes: bool = False
    findings: list[Finding] = field(default_factory=list)

    def refused(self) -> bool:
        """Whether anything forbids it so far."""
        return any(finding.severity is Severity.REFUSAL for finding in self.findings)


def plan(
    environment: Environment, access: Access, *, migration: Path | None = None, propose: bool = False
) -> FixPlan:
    """What it would take to bring the schema to what the running version needs, and whether it can be done.

    Nothing of the database, the branch or the service is changed. The branch's migrations are run on an empty
    database and on a copy, which are gone afterwards.

    Args:
        environment: the place, whose branch and database it is.
        access: the hands.
        migration: a file that a person has written; without it one is drafted that only adds.
        propose: whether to open a pull request even where a push would do.

    Raises:
        RollbackError: the database can't be reached or copied, or no migration can be run here.
        GitError: the remote doesn't let itself be read.
        GitHubError: GitHub doesn't tell what must be known.
        AwsError: AWS doesn't either.
    """
    wish = Wish(migration=migration, propose=propose)
    making = _Making()
    making.findings += where_findings(environment, access)
    if not making.refused():
        _look(environment, access, wish, making)
    ready = _ready(environment, wish, making)
    record(
        access.journal,
        ready,
        way=WAY,
        asked={"migration": str(migration) if migration else "", "propose": propose},
        runs=str(ready.service.revision) if ready.service else "",
    )
    return ready


def _look(environment: Environment, access: Access, wish: Wish, making: _Making) -> None:
    """Fill it in, until something stands against it that makes all else pointless."""
    copy = Copy.fetched(environment.repository, access)
    tip = making.tip = copy.tip(environment.branch)
    files = making.files = files_of(environment, copy, tip)
    making.findings += checks.history(environment, files)
    try:
        service = making.service = look.service(environment, access)
    except look.ServiceMissing as error:
        making.findings.append(refusal("service-exists", error.sentence, error.remedy))
        return
    making.findings += pushing.service(environment, service, (Side.APPLICATION,), what=WHAT)
    image = build(service.revision, service, access)
    running = making.running = image.commit(copy)
    if running is None:
        making.findings.append(checks.unbuilt(service.name, str(service.revision), named=image.named))
    if making.refused() or running is None:
        return
    _look_at_the_database(
        environment, access, wish, making, files=files, needs=files_of(environment, copy, running)
    )
    if making.refused() or not _something_to_do(making):
        return
    making.findings += checks.deploys_too(environment, service.name, running, tip)
    making.findings += pushing.identity(copy, what=WHAT)
    protection = access.github.protection(environment.branch)
    making.proposes = protection.pull_request_needed or wish.propose
    making.findings += pushing.way_to_the_branch(
        environment, access, protection, proposes=making.proposes, what=WHAT
    )
    making.findings += pushing.workflow(environment, access, Side.APPLICATION)


def _something_to_do(making: _Making) -> bool:
    return making.draft is not None or any(each.needed for each in making.lacking)


def _look_at_the_database(
    environment: Environment, access: Access, wish: Wish, making: _Making, *, files: Files, needs: Files
) -> None:
    if making.service is None or making.running is None:
        return
    place = address(environment, access, making.service)
    real = making.before = schema_of(access, place)
    made = expected(environment, access, place, files)
    making.findings += checks.version_table(environment, real, files, made)
    if making.refused() or not real.revisions:
        return
    making.findings += checks.really(environment, real, real.revisions[0], made)
    needed, why = _needed(environment, access, place, made, files=files, needs=needs)
    if needed is None:
        making.findings.append(checks.unknown(making.running, why))
    given: Draft | None = None
    if wish.migration is not None:
        given, finding = judging.given(environment, wish.migration, files)
        making.findings.append(finding)
    if making.refused() or needed is None:
        return
    making.lacking = lacks(needed, real)
    revision = str(making.service.revision)
    making.findings.append(checks.needed(making.service.name, revision, making.running, making.lacking))
    behind = real.revisions != (files.head,)
    if given is None and not behind and not any(each.needed for each in making.lacking):
        return
    making.trial = tried(
        environment,
        access,
        place,
        files,
        needed,
        metadata=partial(metadata, environment, access, place, needs),
        given=given,
        needing=revision,
    )
    making.draft = making.trial.draft
    tips = made.schemas.get(files.head) if not made.failed else None
    making.findings += judging.tried(environment, making.trial, files, making.lacking, tips=tips)


def schema_of(access: Access, place: Address) -> Schema:
    """The schema of the real database.

    Raises:
        DatabaseError: it doesn't let itself be read.
    """
    with access.databases.opened(place.url) as engine, engine.connect() as connection:
        return read_schema(connection)


def rows_of(access: Access, place: Address) -> dict[str, int]:
    """How many rows each table of the real database has.

    Raises:
        DatabaseError: it doesn't let itself be read.
    """
    with access.databases.opened(place.url) as engine, engine.connect() as connection:
        return count_rows(connection, (table.name for table in read_schema(connection).tables))


def _needed(
    environment: Environment, access: Access, place: Address, made: Expected, *, files: Files, needs: Files
) -> tuple[Schema | None, str]:
    """What the running version was written for; None where that can't be made, and why."""
    if troubles := tuple(needs.past.troubles()):
        return None, troubles[0]
    if not needs.past.newest:
        return None, "It holds none."
    heads = [head for each in needs.past.heads.values() for head in each]
    same = all(files.contents.get(head.path) == needs.contents[head.path] for head in heads)
    if same and needs.head in made.schemas and needs.head != made.failed:
        return made.schemas[needs.head], ""
    own = expected(environment, access, place, needs)
    if needs.head in own.schemas and needs.head != own.failed:
        return own.schemas[needs.head], ""
    return None, f"{printable(own.failed) or 'One of them'} fails on an empty database: {own.why}."


def message_of(draft: Draft, service: Service | None) -> str:
    """The subject of the commit."""
    runs = f" for {service.revision}" if service is not None else ""
    return f"Fix the database forward{runs}: {printable(draft.revision)}"


def _ready(environment: Environment, wish: Wish, making: _Making) -> FixPlan:
    draft = making.draft
    findings = list(making.findings)
    if draft is None and not making.refused() and _something_to_do(making):
        findings.append(
            ok(
                judging.CHECK,
                f"{environment.branch} holds already what is missing, and the database hasn't had it: what is left to do "
                "is to follow its pipeline.",
            )
        )
    elif draft is not None and not draft.given:
        findings.append(
            ok(judging.CHECK, f"The migration {draft.revision} was drafted, in {printable(draft.path)}.")
        )
    applicable = draft is not None and not making.refused()
    return FixPlan(
        environment=environment.name,
        title=f"Fix the database of {environment.name} forward on {environment.branch}.",
        findings=tuple(findings),
        commands=by_hand.fix_forward(environment, draft, message=message_of(draft, making.service))
        if applicable and draft is not None
        else (),
        wish=wish,
        tip=making.tip,
        service=making.service,
        running=making.running,
        before=making.before,
        lacking=making.lacking,
        trial=making.trial,
        draft=draft,
        proposes=making.proposes,
        newest=making.files.newest if making.files else "",
    )
