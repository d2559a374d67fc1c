"""What a plan says of the migration that would go on top, and of its trial on a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollback._text import printable
from rollback.clock import spoken
from rollback.database.fixing import by_hand
from rollback.database.fixing.drafting import Draft, beside
from rollback.database.fixing.needs import lacks, told
from rollback.database.migrations import Effect, Unreadable, read
from rollback.database.migrations import by_hand as ways
from rollback.database.migrations.findings import told as told_of_migrations
from rollback.plan import Finding, ok, refusal, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rollback.database.fixing.expecting import Files
    from rollback.database.fixing.needs import Lack
    from rollback.database.fixing.trying import Trial
    from rollback.database.migrations import Head, Migration
    from rollback.database.schema import Schema
    from rollback.environment import Environment

CHECK = "migration"
TRIED = "tried-on-a-copy"
_AGAIN = "Mend it, and plan again; nothing has been changed."


def given(environment: Environment, place: Path, files: Files) -> tuple[Draft | None, Finding]:
    """A migration that a person has written, and whether it may go on top."""
    name = printable(place.name)
    try:
        content = place.read_bytes()
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        return None, refusal(CHECK, f"The migration {name} can't be read: {why}.", "Name the file.")
    migration = read(place.name, content)
    if isinstance(migration, Unreadable):
        return None, refusal(CHECK, f"The migration {name} can't be read: {migration.why}", _AGAIN)
    path = beside(files.past.heads[files.head][0].path, place.name)
    if against := _misplaced(environment, migration.head, path, files) or _unsafe(migration):
        return None, against
    what = f"The migration on top of {printable(files.head)} is {told_of_migrations([migration])}."
    return Draft(path=path, revision=migration.head.revision, text=text, given=True), ok(CHECK, what)


def _misplaced(environment: Environment, head: Head, path: str, files: Files) -> Finding | None:
    """What is wrong with the place that it takes; None where nothing is."""
    revision = printable(head.revision)
    missing = [each for each in head.depends if each not in files.past.heads]
    if head.down != (files.head,):
        below = " and ".join(printable(each) for each in head.down) or "nothing"
        seen = f"The migration {revision} stands on {below}, and the head of {environment.branch} is {printable(files.head)}."
        return refusal(CHECK, seen, f"Let its down_revision be {printable(files.head)!r}, and plan again.")
    if head.revision in files.past.heads:
        there = printable(files.past.heads[head.revision][0].path)
        return refusal(
            CHECK, f"There is a migration {revision} already, in {there}.", "Give it another name."
        )
    if missing:
        seen = f"The migration {revision} depends on {printable(missing[0])}, which no file holds."
        return refusal(CHECK, seen, _AGAIN)
    if path in files.contents:
        return refusal(CHECK, f"{printable(path)} is there already.", "Give the file another name.")
    return None


def _unsafe(migration: Migration) -> Finding | None:
    if migration.effect.safe:
        return None
    doubt = "takes something away" if migration.effect is Effect.DESTRUCTIVE else "can't be told to be safe"
    return refusal(
        CHECK,
        f"The migration {told_of_migrations([migration])}: that {doubt}, and a fix only ever adds.",
        "Leave that out, and plan again; do it in a release of its own, once no code needs it any more.",
    )


def tried(
    environment: Environment, trial: Trial, files: Files, running: Sequence[Lack], *, tips: Schema | None
) -> Iterator[Finding]:
    """What came of the trial on a copy of the database.

    Args:
        environment: the place.
        trial: what came of it.
        files: the branch's migrations.
        running: what the running version lacks now.
        tips: what the code on the branch was written for; None where that can't be told.
    """
    if trial.why:
        yield _failed(environment, trial, files)
        return
    hard = [each for each in trial.left if each.needed]
    if hard:
        yield refusal(
            TRIED,
            f"On a copy the running version still lacks {told(hard)}.",
            "Write a migration that brings it, and plan with that; or restore the database from a backup.",
            *ways.ways_out(environment),
        )
        return
    if lost := trial.lost:
        table, (before, after) = next(iter(lost.items()))
        yield refusal(
            "rows",
            f"On a copy the table {printable(table)} has {after} rows after it, and had {before} before.",
            _AGAIN,
        )
        return
    if tips is not None and (others := _lacking(tips, trial)):
        yield refusal(
            TRIED,
            f"On a copy the code on {environment.branch}, which the pipeline deploys with it, lacks {told(others)}.",
            "Bring that, too, or take the code back that needs it.",
        )
        return
    yield from _worked(trial, running)


def _lacking(tips: Schema, trial: Trial) -> list[Lack]:
    return [each for each in lacks(tips, trial.after) if each.needed]


def _worked(trial: Trial, running: Sequence[Lack]) -> Iterator[Finding]:
    rows = sum(trial.before_rows.values())
    after = f"On a copy it took {spoken(trial.seconds)}, and the schema then has all that the running version needs"
    if soft := [each for each in trial.left if not each.needed]:
        yield warning(
            TRIED, f"{after}, but for {told(soft)}.", "Make sure that the code can do without for a while."
        )
    else:
        yield ok(TRIED, f"{after}.")
    yield ok("rows", f"Of {rows} rows in {len(trial.before_rows)} tables none is lost on the copy.")
    hard = [each for each in running if each.needed]
    if any(not each.why for each in hard) and trial.draft is not None and not trial.draft.given:
        yield warning(
            "rows-gone",
            f"It brings back {told([each for each in hard if not each.why])}, and not what was in there: that is gone "
            "from this database.",
            "Where it is needed, restore the database from a backup instead, or copy the values over from one.",
        )


def _failed(environment: Environment, trial: Trial, files: Files) -> Finding:
    ours = trial.draft is not None and trial.failed in {"", trial.draft.revision}
    which = printable(trial.failed) or "what the branch holds"
    if ours or not trial.failed:
        return refusal(TRIED, f"On a copy the migration {which} fails: {trial.why}.", _AGAIN)
    path = files.past.heads[trial.failed][0].path
    return refusal(
        TRIED,
        f"On a copy the migration {which} fails, which {environment.branch} holds and the database hasn't had: "
        f"{trial.why}. A migration on top of it is never reached.",
        "Revert the commit that brought it: nothing of it is in the database.",
        by_hand.brought(path),
    )
