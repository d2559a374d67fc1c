"""Each request that a revert makes of GitHub and of the git remote, made to fail in each way that it can fail."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.embedded import TOKEN
from rehearsal.origin import git_faults
from rehearsal.origin.github import faults as hub_faults
from rehearsal.origin.smart_http import Operation
from rollback.errors import RollbackError
from rollback.journal import Kind as Entry
from rollback.journal import read
from rollback.revert import Outcome
from tests.faults.reverts import Asked, Scene, operations_recorded, requests_recorded, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rollback import revert

HUB_KINDS = (
    hub_faults.Kind.BAD_CREDENTIALS,
    hub_faults.Kind.NOT_ACCESSIBLE,
    hub_faults.Kind.NOT_FOUND,
    hub_faults.Kind.UNPROCESSABLE,
    hub_faults.Kind.TOO_MANY_REQUESTS,
    hub_faults.Kind.BAD_GATEWAY,
    hub_faults.Kind.CUT_AFTER,
    hub_faults.Kind.HTML,
    hub_faults.Kind.OTHER_SHAPE,
)
PASSING = (hub_faults.Kind.TOO_MANY_REQUESTS, hub_faults.Kind.BAD_GATEWAY, hub_faults.Kind.CUT_AFTER)
"""What is worth asking again after."""
REMOTE_CASES = [(kind, times) for kind in git_faults.Kind for times in (1, None)]
ONE_OF_A_SORT = (git_faults.Kind.FORBIDDEN, git_faults.Kind.BAD_GATEWAY)
"""What isn't asked again after, and what is: of which kind it is, is told apart by what git says, wherever it says it."""
HUB_CASES = [*((kind, None) for kind in HUB_KINDS), *((kind, 1) for kind in PASSING)]

of_push = cache(lambda: requests_recorded(protected=False))
of_proposal = cache(lambda: [a for a in requests_recorded(protected=True) if a not in set(of_push())])
of_git = cache(operations_recorded)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each request, so that new ones are covered by themselves."""
    if "asked" in metafunc.fixturenames:
        cases = [(asked, False) for asked in of_push()] + [(asked, True) for asked in of_proposal()]
        metafunc.parametrize(("asked", "protected"), cases, ids=[str(asked) for asked, _ in cases])
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize(("operation", "occurrence", "kind", "times"), list(_of_the_remote()))


def _of_the_remote() -> Iterator[Any]:
    """All kinds at the first request of its like and at each that writes, and one of each sort at those that follow."""
    for operation, occurrence in of_git():
        first = occurrence == 1 or operation in {Operation.LIST_TO_PUSH, Operation.PUSH}
        for kind, times in REMOTE_CASES:
            if first or kind in ONE_OF_A_SORT:
                how = "once" if times else "for good"
                yield pytest.param(
                    operation, occurrence, kind, times, id=f"{operation.name}-{occurrence}-{how}-{kind}"
                )


@pytest.mark.parametrize(("kind", "times"), HUB_CASES, ids=str)
def test_a_failing_request_to_github_leaves_one_revert_at_most_and_a_sentence(
    asked: Asked, *, protected: bool, kind: hub_faults.Kind, times: int | None, tmp_path: Path
) -> None:
    """It ends in a sentence; before the push the branch is as it was, after it there is one revert and no second."""
    with scene(tmp_path, protected=protected) as played:
        fault = hub_faults.Fault(kind=kind, method=asked.method, path=asked.path, times=times)
        hub_faults.inject(played.origin.api, fault)
        ended = _rolled_back(played)
        _is_true(played, ended, protected=protected)


def test_a_failing_request_to_the_remote_leaves_one_revert_at_most_and_a_sentence(
    operation: Operation, occurrence: int, kind: git_faults.Kind, times: int | None, tmp_path: Path
) -> None:
    """The same for what git asks of the remote."""
    with scene(tmp_path) as played:
        fault = git_faults.Fault(kind=kind, operation=operation, occurrence=occurrence, times=times)
        git_faults.inject(played.origin.git, fault)
        ended = _rolled_back(played)
        _is_true(played, ended, protected=False)


def _rolled_back(played: Scene) -> revert.Result | RollbackError:
    try:
        return played.roll_back()
    except RollbackError as error:
        return error


def _is_true(played: Scene, ended: revert.Result | RollbackError, *, protected: bool) -> None:
    said = str(ended) if isinstance(ended, RollbackError) else ended.sentence
    assert said.endswith("."), said
    assert "\n" not in said
    assert TOKEN not in said
    assert TOKEN not in played.access.journal.path.read_text()
    assert not list(played.directory.rglob("*worktree*"))
    assert len(played.origin.bare.files(played.origin.tip)) > 1
    if isinstance(ended, RollbackError):
        assert played.reverts == 0, said
        assert ended.remedy, said
        return
    *_, last = read(played.access.journal.path)
    assert (last.kind, last.what) == (Entry.OUTCOME, ended.sentence)
    if protected:
        assert played.reverts == 0
        assert ended.outcome in {Outcome.PROPOSED, Outcome.NOT_PROPOSED}, said
        proposals = [pull for pull in played.origin.store.pulls.values() if pull.head.startswith("revert-")]
        assert len(proposals) <= 1
        assert bool(proposals) >= (ended.outcome is Outcome.PROPOSED)
        return
    assert played.reverts == 1 or ended.outcome is Outcome.LOST, said
    if ended.outcome is Outcome.LANDED:
        assert {(a.status, a.version) for a in played.origin.world.look.ask(5)} == {(200, played.origin.tip)}
    else:
        assert ended.remedy, said
    played.origin.settle()
    if played.reverts:
        assert {a.version for a in played.origin.world.look.ask(5)} == {played.origin.tip}
