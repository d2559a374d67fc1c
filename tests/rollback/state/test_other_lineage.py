"""A foreign state was put there: the environment's own lineage is put back over it, when it is asked for by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rollback import state
from rollback.errors import Outdated, Refused
from rollback.state import Outcome, Was, Way
from tests.rollback.state.restoring import HISTORY, Scene, content, md5, scene, severities
from tests.rollback.state.shelf import LINEAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rollback.state import StatePlan
    from tests.rollback.state.shelf import Shelf

FOREIGN = content(9, *HISTORY[3], "theirs", lineage="another")


@pytest.fixture
def played(shelf: Shelf) -> Scene:
    """With a lock table; terraform is at hand, and the newest state is of another lineage."""
    shelf.stage.let_terraform_in()
    made = scene(shelf, table=True)
    made.put(FOREIGN)
    return made


def lineage(played: Scene) -> str:
    return str(json.loads(played.shelf.content())["lineage"])


def asked_for(played: Scene) -> StatePlan:
    return played.plan("serial 4", other_lineage=True)


def test_unasked_it_is_refused_and_the_remedy_says_how_to_ask(played: Scene) -> None:
    plan = played.plan("serial 4")
    (finding,) = plan.refusals
    assert finding.check == "lineage"
    assert "another lineage than the current state" in finding.seen
    assert "ask by name for the other lineage" in finding.remedy
    assert plan.writing is None
    with pytest.raises(Refused):
        state.apply(played.environment, played.access, plan)
    assert played.shelf.content() == FOREIGN


def test_asked_for_by_name_it_is_a_warning_and_goes_past_terraform(played: Scene) -> None:
    """Terraform pushes no other lineage; the serial is greater than any that was there."""
    plan = asked_for(played)
    assert plan.refusals == ()
    assert severities(plan)["lineage"] == "warning"
    assert plan.before is not None
    assert plan.writing is not None
    assert (plan.before.was, plan.writing.way) == (Was.WHOLE, Way.WRITE)
    assert (plan.writing.serial, plan.writing.lineage) == (10, LINEAGE)


def test_the_environment_s_own_lineage_is_in_force_again(played: Scene) -> None:
    result = state.apply(played.environment, played.access, asked_for(played))
    assert result.outcome is Outcome.RESTORED
    assert (lineage(played), played.serial) == (LINEAGE, 10)
    assert played.names == tuple(sorted(HISTORY[3]))
    assert played.digest == md5(played.shelf.content())
    assert played.locked() == []


def test_only_the_state_that_was_seen_is_overwritten(played: Scene) -> None:
    """Somebody writes past the lock, right before our own write: S3 refuses it, since the ETag is another."""
    plan = asked_for(played)
    theirs = content(10, *HISTORY[3], "more", lineage="another")
    left = [theirs]

    def meanwhile(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "s3:PutObject" and ".tflock" not in str(call.request.url) and left:
            played.put(left.pop())
        return proceed()

    played.shelf.stage.operator.interceptors.append(meanwhile)
    with pytest.raises(Outdated, match="Somebody has written the state"):
        state.apply(played.environment, played.access, plan)
    assert left == []
    assert played.shelf.content() == theirs
    assert played.locked() == []


def test_the_foreign_state_can_be_put_back(played: Scene) -> None:
    """It was in force, so nothing of it has to be asked for by name once more."""
    result = state.apply(played.environment, played.access, asked_for(played))
    assert result.saved is not None
    undone = state.undo(played.environment, played.access, result.saved)
    assert undone.outcome is Outcome.RESTORED
    assert (lineage(played), played.serial) == ("another", 11)
    assert played.names == tuple(sorted((*HISTORY[3], "theirs")))
    assert played.digest == md5(played.shelf.content())
    assert played.locked() == []
