"""What a plan says of the branch's migrations, and of the database's version table and schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.database.fixing import by_hand
from rollback.database.fixing.needs import told
from rollback.database.fixing.soundness import State, same_as, soundness
from rollback.database.migrations import by_hand as ways
from rollback.database.schema import VERSION_TABLE, words
from rollback.plan import Finding, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollback.database.fixing.expecting import Expected, Files
    from rollback.database.fixing.needs import Lack
    from rollback.database.fixing.soundness import Soundness
    from rollback.database.schema import Schema
    from rollback.environment import Environment
    from rollback.git import Commit

TABLE: Final = "version-table"
SCHEMA: Final = "schema"
_LOOK: Final = ways.look()


def history(environment: Environment, files: Files) -> Iterator[Finding]:
    """Whether a migration can be put on top: there is one head, no gap and no circle."""
    troubles = tuple(files.past.troubles())
    if troubles:
        more = f" There is more of this kind: {len(troubles) - 1}." if len(troubles) > 1 else ""
        yield refusal(
            "migrations-history",
            f"On top of the migrations of {environment.branch} nothing can be put: {troubles[0]}{more}",
            "Put the files in order first, as by `alembic merge heads`; until then the pipeline can't migrate either.",
            *_LOOK,
        )
    elif not files.past.newest:
        yield refusal(
            "migrations-history",
            f"{environment.branch} holds no migration of alembic where environments.toml looks for them.",
            "Name the directory in environments.toml, or fix the schema with the tool that keeps it.",
        )
    else:
        yield ok(
            "migrations-history",
            f"The migrations of {environment.branch} have one head, {printable(files.head)}, and neither gap nor circle.",
        )


def version_table(environment: Environment, real: Schema, files: Files, made: Expected) -> Iterator[Finding]:
    """Whether the version table names one revision that there is."""
    same = [each for each in same_as(real, made.schemas) if each != made.failed]
    is_that = f" Its schema is that of {printable(same[0])}." if same else ""
    commands = by_hand.stamp(same[0], purge=True) if same else _LOOK
    remedy = (
        "Make sure that it is, and have the version table say so."
        if same
        else "Find out where it really is, and have the version table say so."
    )
    revisions = real.revisions
    if revisions is None:
        seen = f"The database of {environment.name} has no table {VERSION_TABLE}, so alembic would begin with the first."
    elif not revisions:
        seen = f"The table {VERSION_TABLE} in the database of {environment.name} is empty, so alembic would begin with the first."
    elif len(revisions) > 1:
        named = " and ".join(printable(each) for each in revisions)
        seen = f"The table {VERSION_TABLE} in the database of {environment.name} names several revisions, {named}."
    elif revisions[0] not in files.past.heads:
        seen = (
            f"The database of {environment.name} is at {printable(revisions[0])}, which no file on "
            f"{environment.branch} holds: alembic can't go on from there."
        )
    else:
        yield ok(TABLE, f"The database of {environment.name} says that it is at {printable(revisions[0])}.")
        return
    yield refusal(TABLE, f"{seen}{is_that}", remedy, *commands)


def really(environment: Environment, real: Schema, named: str, made: Expected) -> Iterator[Finding]:
    """Whether the schema is that of the revision that the version table names."""
    if named not in made.schemas:
        which = printable(made.failed) or "what the branch holds"
        why = f": {which} fails on an empty database ({made.why})" if made.why else ""
        yield warning(
            SCHEMA,
            f"Whether the schema is that of {printable(named)} can't be told{why or ', which is too long ago'}.",
            "Compare it yourself with what the migrations make.",
            *_LOOK,
        )
        return
    found = soundness(real, named, made.schemas, failed=made.failed)
    match found.state:
        case State.SOUND:
            yield ok(SCHEMA, f"Its schema is what the migrations make up to {printable(named)}.")
        case State.LYING:
            yield _lying(environment, found)
        case State.HALF:
            yield _half(environment, found, made)
        case State.DRIFTED:
            yield _drifted(found)


def _lying(environment: Environment, found: Soundness) -> Finding:
    really, *others = (printable(each) for each in found.really)
    alike = f" (or of {', '.join(others)}, which makes the same)" if others else ""
    return refusal(
        SCHEMA,
        f"The version table of {environment.name} lies: it says {printable(found.named)}, and the schema is that of "
        f"{really}{alike}. Alembic would run the wrong migrations.",
        f"Make sure that it is, and have the version table say {really}.",
        *by_hand.stamp(found.really[0]),
    )


def _half(environment: Environment, found: Soundness, made: Expected) -> Finding:
    before, after = found.really
    told = (
        ("it has brought", found.there),
        ("it has taken away", found.gone),
        ("it has not brought", found.missing),
        ("it has not taken away", found.left),
    )
    done = "; ".join(f"{how} {words(facts)}" for how, facts in told if facts)
    fails = f" It fails on an empty database, too: {made.why}." if after == made.failed else ""
    return refusal(
        SCHEMA,
        f"The migration {printable(after)} is half applied in the database of {environment.name}, whose version table says "
        f"{printable(found.named)}: {done}.{fails} Run again, it would stumble over that.",
        "Do by hand what is missing, or take back what is there; or restore the database from a backup.",
        *by_hand.finish(before, after),
        "# Or restore from a backup:",
        *ways.restore(environment),
    )


def _drifted(found: Soundness) -> Finding:
    more = f"It has more: {words(found.there)}." if found.there else ""
    less = f"It has less: {words(found.missing)}." if found.missing else ""
    return warning(
        SCHEMA,
        f"The schema is not what the migrations make up to {printable(found.named)}: somebody has changed it by hand. "
        f"{f'{more} {less}'.strip()}",
        "Find out who and why; what follows is reckoned with the schema as it is.",
        *_LOOK,
    )


def needed(service: str, revision: str, commit: Commit, lacking: Sequence[Lack]) -> Finding:
    """What the running version doesn't find."""
    hard = [each for each in lacking if each.needed]
    runs = f"{service} runs {revision}, built from {commit.short}"
    if hard:
        return ok("schema-needed", f"{runs}, and lacks {told(hard)}.")
    soft = f", but for {told(lacking)}" if lacking else ""
    return ok("schema-needed", f"{runs}, and the schema has all that this needs{soft}.")


def unbuilt(service: str, revision: str, *, named: bool) -> Finding:
    """That which schema the running version needs can't be told."""
    why = "names a commit that the repository doesn't know" if named else "doesn't show in its image's tags"
    return refusal(
        "schema-needed",
        f"From which commit {revision}, which {service} runs, was built {why}, so the schema that it needs can't be told.",
        "Write the migration by hand, and have the pipeline run it.",
    )


def unknown(running: Commit, why: str) -> Finding:
    """That what the running version was written for can't be made."""
    return refusal(
        "schema-needed",
        f"Which schema {running.short}, which is running, needs can't be told from its migrations. {why}",
        "Write the migration by hand, and have the pipeline run it.",
    )


def deploys_too(environment: Environment, service: str, commit: Commit, tip: Commit) -> Iterator[Finding]:
    """Whether the pipeline brings other code along."""
    if commit.tree != tip.tree:
        yield warning(
            "deploys-too",
            f"{service} runs {commit.short}, and {environment.branch} is at {tip.short}: the pipeline deploys that code "
            "together with the migration.",
            "Make sure that it may run. Where it was rolled back from, revert or mend it on the branch as well.",
        )
