"""Each request by which Terraform itself changes something, cut at: the state stays whole, and a second run finishes.

Only what Terraform doesn't repeat after a pause, or repeats at once: a refusal, a connection that is cut, a kill.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from rehearsal.insulation import load_moto
from rehearsal.terraform_faults import CommandFault, CommandKind, RequestFault, RequestKind, inject
from rollback import state, terraform
from rollback.errors import RollbackError
from rollback.journal import Kind, read
from rollback.state.places import digest_path, lock_key, object_key
from tests.faults.restores import WAYS, lend, opened, recorded, saved_of
from tests.rollback.state.restoring import md5
from tests.rollback.state.shelf import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rehearsal.embedded import EmbeddedStage
    from rollback.environment import Environment
    from tests.rollback.state.restoring import Scene
    from tests.rollback.terraform.site import Site

Ended: TypeAlias = "terraform.Result | state.Result | RollbackError | KeyboardInterrupt"

PUT, DELETE, PUT_ITEM = "s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem"
TABLED = "by terraform, with a table"
R = RequestKind


def mended(stage: EmbeddedStage) -> None:
    """Nothing stands in Terraform's way any more."""
    stage.requests.clear()
    stage.running.interceptors.clear()


# A restore of the state.


@pytest.mark.parametrize(
    ("operation", "kind", "outcome", "written"),
    [
        (PUT, R.DENIED, state.Outcome.REFUSED_BY_TERRAFORM, False),
        (PUT, R.CUT_AFTER, state.Outcome.RESTORED, True),
        (PUT, R.KILLED_BEFORE, None, False),
        (PUT, R.KILLED_AFTER, None, True),
        (PUT_ITEM, R.DENIED, state.Outcome.RESTORED, True),
        (PUT_ITEM, R.KILLED_BEFORE, None, True),
    ],
)
def test_a_push_that_is_cut_leaves_a_whole_state_and_a_second_run_finishes(
    operation: str, kind: RequestKind, outcome: state.Outcome | None, *, written: bool, tmp_path: Path
) -> None:
    """With a lock table, whose digest follows the state; a push that was killed leaves our lock, which is named."""
    recorded(TABLED)
    lend(tmp_path, table=True)
    with opened(WAYS[TABLED], tmp_path) as played:
        before = played.shelf.content()
        plan = played.plan("serial 3")
        where = digest_path if operation == PUT_ITEM else object_key
        inject(played.shelf.stage, RequestFault(kind, operation, key=where(played.environment)))
        ended = _restored(played, plan)
        mended(played.shelf.stage)

        assert (played.shelf.content() != before) is written
        assert (played.names == tuple(sorted(WAYS[TABLED].names))) is written
        saved = saved_of(played)
        assert saved is not None
        last = read(played.access.journal.path)[-1]
        if outcome is None:
            assert isinstance(ended, KeyboardInterrupt)
            assert (last.kind, last.detail["lock"]) == (Kind.INTERRUPTED, saved.lock)
            assert played.locked() == [saved.lock, saved.lock], "of the file and of the table"
        else:
            assert isinstance(ended, state.Result)
            assert (ended.outcome, last.what) == (outcome, ended.sentence)
            assert played.locked() == []

        played.access = played.shelf.stage.access()
        finished = state.go_on(played.environment, played.access, saved)
        assert finished.landed, finished.sentence
        assert played.names == tuple(sorted(WAYS[TABLED].names))
        assert played.digest == md5(played.shelf.content())
        assert played.locked() == []
        assert SECRET not in played.journal()


def _restored(played: Scene, plan: state.StatePlan) -> Ended:
    try:
        return state.apply(played.environment, played.access, plan)
    except (RollbackError, KeyboardInterrupt) as ended:
        return ended


# A rollback of the infrastructure.


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    load_moto()
    from tests.rollback.terraform import site as sites  # noqa: PLC0415 - it imports moto

    made = sites.Site(tmp_path_factory.mktemp("site"), sites.testing_environment())
    made.serve_application()
    made.good = made.commit(sites.resource("a", {"password": SECRET}))
    made.commit(sites.resource("a", "2"), sites.resource("extra"))
    made.apply()
    yield made
    made.close()


@pytest.fixture
def as_before(site: Site) -> Iterator[Site]:
    """Each test begins with the tip applied, nobody's lock, and another journal."""
    before = site.raw
    site.access = site.new_access()
    yield site
    mended(site.stage)
    site.put_back(before)
    assert SECRET not in site.everything_written()


def _state(environment: Environment) -> str:
    return object_key(environment)


End = terraform.Outcome
"""What it ends with; None where whoever started it was interrupted."""


@pytest.mark.parametrize(
    ("operation", "where", "kind", "outcome", "applied", "locked"),
    [
        (PUT, lock_key, R.DENIED, End.NOT_APPLIED, False, False),
        (PUT, lock_key, R.CUT_AFTER, End.LOCKED, False, True),
        (PUT, lock_key, R.KILLED_AFTER, None, False, True),
        (PUT, _state, R.DENIED, End.FAILED, False, False),
        (PUT, _state, R.CUT_AFTER, End.LANDED, True, False),
        (PUT, _state, R.KILLED_BEFORE, None, False, True),
        (PUT, _state, R.KILLED_AFTER, None, True, True),
        (DELETE, lock_key, R.DENIED, End.FAILED, True, True),
        (DELETE, lock_key, R.KILLED_AFTER, None, True, False),
    ],
)
def test_an_apply_that_is_cut_leaves_a_whole_state_and_a_second_run_finishes(
    as_before: Site,
    operation: str,
    where: Any,
    kind: RequestKind,
    outcome: terraform.Outcome | None,
    *,
    applied: bool,
    locked: bool,
) -> None:
    """The lock that is left is told where it ended, or the journal says that one may be left."""
    site = as_before
    # A refusal of the state's own write is for good, or Terraform stores it at the second attempt.
    times = None if kind is R.DENIED else 1
    _cut(site, RequestFault(kind, operation, key=where(site.environment), times=times), outcome)
    _is_whole(site, applied=applied, locked=locked)
    _finish(site, applied=applied)


@pytest.mark.parametrize(
    ("kind", "outcome", "applied"),
    [
        (CommandKind.FAILS_BEFORE, End.NOT_APPLIED, False),
        (CommandKind.FAILS_AFTER, End.FAILED, True),
        (CommandKind.KILLED_AFTER, None, True),
    ],
)
def test_an_apply_whose_end_is_a_lie_is_told_by_what_it_did(
    as_before: Site, kind: CommandKind, outcome: terraform.Outcome | None, *, applied: bool
) -> None:
    """Exit code 1 before anything and after everything, and a terminal that was closed at the end."""
    _cut(as_before, CommandFault(kind, "apply"), outcome)
    _is_whole(as_before, applied=applied, locked=False)
    _finish(as_before, applied=applied)


def _cut(site: Site, fault: CommandFault | RequestFault, outcome: terraform.Outcome | None) -> None:
    plan = terraform.plan(site.environment, site.access, commit=site.good)
    inject(site.stage, fault)
    ended: Ended
    try:
        ended = terraform.apply(site.environment, site.access, plan)
    except (RollbackError, KeyboardInterrupt) as error:
        ended = error
    mended(site.stage)
    last = read(site.access.journal.path)[-1]
    if outcome is None:
        assert isinstance(ended, KeyboardInterrupt), ended
        assert last.kind is Kind.INTERRUPTED
        assert "lock" in last.what
        return
    assert isinstance(ended, terraform.Result), ended
    assert (ended.outcome, last.what) == (outcome, ended.sentence)
    assert ended.landed or ended.remedy
    assert "\n" not in ended.sentence
    assert SECRET not in repr(ended)
    for lock in state.held(site.environment, site.access):
        assert lock.id in ended.sentence, ended.sentence
        assert (outcome is End.LOCKED) or any(lock.id in each for each in ended.commands)
    if outcome is End.FAILED and "extra" in site.inputs:
        assert ended.state is not None, "what was made is nowhere else"
        assert [each["name"] for each in json.loads(ended.state.read_bytes())["resources"]] == ["a"]


def _is_whole(site: Site, *, applied: bool, locked: bool) -> None:
    """The state of before, or the one of after."""
    names = {"terraform_data.a"} if applied else {"terraform_data.a", "terraform_data.extra"}
    assert set(site.inputs) == names
    assert bool(state.held(site.environment, site.access)) is locked


def _finish(site: Site, *, applied: bool) -> None:
    """Whoever finds a lock is told of it, takes it away knowingly, and plans again."""
    for lock in state.held(site.environment, site.access):
        refused = terraform.plan(site.environment, site.access, commit=site.good)
        assert [lock.id in finding.seen for finding in refused.refusals] == [True]
        state.unlock(site.environment, site.access, lock.id, knowingly=True)
    again = terraform.plan(site.environment, site.access, commit=site.good)
    assert again.nothing_to_do is applied
    result = terraform.apply(site.environment, site.access, again)
    assert result.outcome is (End.NOTHING if applied else End.LANDED), result.sentence
    assert site.inputs == {"terraform_data.a": {"password": SECRET}}
    assert state.held(site.environment, site.access) == ()
