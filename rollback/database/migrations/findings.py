"""What a plan says of the migrations that its rollback would go over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rollback._text import printable
from rollback.database.migrations import by_hand
from rollback.database.migrations.model import Effect
from rollback.plan import Finding, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollback.database.migrations.crossing import Crossing
    from rollback.database.migrations.model import Migration
    from rollback.environment import Environment

CHECK: Final = "migrations"
SHOWN: Final = 3
"""How many migrations, and of each how many operations, a sentence names."""
_WAYS_OUT: Final = "Fix forward with a new migration, or restore the database from a backup."


def of_deployment(environment: Environment, found: Crossing, *, here: str, there: str) -> Iterator[Finding]:
    """Whether the code of an earlier commit runs on the schema as it is; no pipeline runs any migration.

    Args:
        environment: the place.
        found: what lies between the two.
        here: what runs, in words, as ``app:42``.
        there: the target.
    """
    if found.empty:
        yield ok(CHECK, f"No database migration lies between {there} and {here}.")
    elif refused := _refused(environment, found, f"Between {there} and {here} lies"):
        yield refused
    elif found.taken:
        yield _safe(found, f"Between {there} and {here} lies", f"{there} runs on the schema as it is")
    if found.wanted:
        yield warning(
            "migrations-missing",
            f"{there} was built with {told(found.wanted)}, and {here} without: where that was never run, {there} "
            "meets a schema that lacks it.",
            "Make sure that the database has it.",
            *by_hand.look(),
        )
    yield from _troubles(found.troubles_here, f"Of the migrations of {here}")


def ahead_of(environment: Environment, found: Crossing, ahead: Crossing, *, there: str) -> Iterator[Finding]:
    """What the branch holds beyond what runs: somebody may have run it and rolled back from it since.

    Args:
        environment: the place.
        found: what lies between what runs and the target.
        ahead: what lies between the newest commit of the branch and the target.
        there: the target, in words.
    """
    seen = {each.head.revision for each in found.taken}
    more = [each for each in ahead.taken if each.head.revision not in seen and not each.effect.safe]
    if more:
        yield warning(
            "migrations-ahead",
            f"{environment.branch} holds {_counted(more)} beyond what runs: {told(more)}. If the database has had it, "
            f"{there} would meet a schema that it doesn't know.",
            "Make sure that the database hasn't had it.",
            *by_hand.look(),
        )


def of_revert(environment: Environment, found: Crossing) -> Iterator[Finding]:
    """Whether the branch may be reverted, whose pipeline runs the migrations that it holds.

    The file of one that was run can't be taken away even where the schema suits: alembic then knows no revision by
    the name that the database has, and ends ("Can't locate revision identified by"). So such files are left there.
    """
    if found.empty:
        yield ok(CHECK, "It holds no database migration.")
    elif refused := _refused(environment, found, "It holds"):
        yield refused
    elif found.taken:
        yield _kept(found)
    if found.wanted:
        yield warning(
            "migrations-again",
            f"It brings {_counted(found.wanted)} back, which the pipeline runs where the database hasn't had it: "
            f"{told(found.wanted)}.",
            "Make sure that you want that.",
            *by_hand.look(),
        )
    if found.troubles_there:
        yield refusal(
            "migrations-history",
            f"After the revert alembic couldn't run: {found.troubles_there[0]}",
            "Fix forward with a commit that puts the files in order.",
            *by_hand.fix_forward(environment),
        )


def unknown(why: str, *, here: str, there: str) -> Finding:
    """What lies between can't be told at all."""
    return warning(
        CHECK,
        f"Whether a database migration lies between {there} and {here} can't be told: {why}",
        "Make sure that the code you go back to runs on the schema as it is.",
        *by_hand.look(),
    )


def told(migrations: Sequence[Migration]) -> str:
    """The first of `migrations`, each with what makes it what it is."""
    return _some([f"{printable(each.head.revision)} {_doing(each)}" for each in migrations], "; ")


def _doing(migration: Migration) -> str:
    words = list(dict.fromkeys(printable(operation.what) for operation in migration.weighing))
    return _some(words, " and ") if words else "does nothing"


def _some(words: list[str], between: str) -> str:
    more = len(words) - SHOWN
    return between.join(words[:SHOWN]) + (f"{between}{more} more" if more > 0 else "")


def _counted(migrations: Sequence[Migration]) -> str:
    return "a database migration" if len(migrations) == 1 else f"{len(migrations)} database migrations"


def _refused(environment: Environment, found: Crossing, begins: str) -> Finding | None:
    """The refusal, where the old code would not or might not run on the schema."""
    if found.edited:
        return refusal(
            CHECK,
            f"{begins} a change of {_counted(found.edited)} that may have been run already ({told(found.edited)}), so it "
            f"can't be told what the database of {environment.name} has.",
            _WAYS_OUT,
            *by_hand.ways_out(environment),
        )
    if found.effect.safe:
        return None
    guilty = [each for each in found.taken if each.effect is found.effect]
    meets = "meet" if found.effect is Effect.DESTRUCTIVE else "perhaps meet"
    return refusal(
        CHECK,
        f"{begins} {_counted(guilty)}: {told(guilty)}. Going back doesn't take back what that has done to the database "
        f"of {environment.name}: the old code would {meets} a schema that it doesn't know.",
        _WAYS_OUT,
        *by_hand.ways_out(environment),
    )


def _safe(found: Crossing, begins: str, runs: str) -> Finding:
    seen = f"{begins} {_counted(found.taken)}: {told(found.taken)}."
    if found.effect is Effect.EXPAND:
        return ok(CHECK, f"{seen} That only widens the schema, so {runs}.")
    return warning(
        CHECK,
        f"{seen} Going back doesn't take that back, though {runs}.",
        "Make sure that the old code can do with the rows as they are now.",
    )


def _kept(found: Crossing) -> Finding:
    seen = (
        f"It holds {_counted(found.taken)}: {told(found.taken)}. The code from before runs on the schema as it is, and "
        f"the revert leaves {_some([printable(path) for path in found.keepable], ', ')} where it is, without which "
        "alembic doesn't know the revision that the database is at."
    )
    if found.effect is Effect.EXPAND:
        return ok(CHECK, seen)
    return warning(
        CHECK,
        f"{seen} The rows stay as they are now.",
        "Make sure that the old code can do with the rows as they are now.",
    )


def _troubles(sentences: Sequence[str], begins: str) -> Iterator[Finding]:
    if sentences:
        more = f" There {'is' if len(sentences) == 2 else 'are'} {len(sentences) - 1} more of this kind."  # noqa: PLR2004
        yield warning(
            "migrations-history",
            f"{begins} something is wrong: {sentences[0]}{more if len(sentences) > 1 else ''}",
            "Put the files in order before the next deployment, whose migration would fail.",
        )
