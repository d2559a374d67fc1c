"""What a restore's plan says of the version that is asked for, and of what stands at the state's key."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rollback import state
from rollback.plan import Severity
from rollback.show import as_json
from rollback.state import Was, Way
from rollback.state.locks import LockInfo
from rollback.state.places import digest_path
from tests.rollback.state.restoring import HISTORY, Scene, content, mutating, scene, severities
from tests.rollback.state.shelf import SECRET, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rollback.state import StatePlan


@pytest.fixture
def scene_of(shelf: Shelf) -> Scene:
    return scene(shelf)


def refused(plan: StatePlan) -> str:
    """The one refusal's sentence and remedy."""
    (finding,) = plan.refusals
    assert finding.remedy
    assert finding.seen.endswith(".")
    return f"{finding.check}: {finding.seen}"


@pytest.mark.parametrize("choice", ["id", "serial 3", "before 2026-01-05 03:04"])
def test_a_version_is_planned_however_it_is_named(scene_of: Scene, choice: str) -> None:
    """The third version has two minutes and more: it is what is meant each time."""
    plan = scene_of.plan(scene_of.versions[2] if choice == "id" else choice)
    assert plan.refusals == ()
    assert plan.chosen is not None
    assert plan.chosen.id == scene_of.versions[2]
    assert plan.writing is not None
    assert (plan.writing.way, plan.writing.serial) == (Way.PUSH, 5)


def test_a_plan_changes_nothing(scene_of: Scene) -> None:
    """No call that may change anything, and no lock."""
    scene_of.plan()
    assert mutating(scene_of) == []
    assert scene_of.locked() == []


def test_it_names_what_would_be_orphaned(scene_of: Scene) -> None:
    """What any newer version has, also one between, and the chosen one lacks."""
    scene_of.put(content(5, *HISTORY[2]))
    plan = scene_of.plan("serial 2")
    assert plan.orphans == ("terraform_data.alarm", "terraform_data.record")
    (finding,) = [each for each in plan.warnings if each.check == "orphans"]
    assert "terraform_data.record" in finding.seen
    assert finding.commands


def test_what_comes_after_is_said_to_be_unknown(scene_of: Scene) -> None:
    """What a plan would destroy can't be told before."""
    assert severities(scene_of.plan())["plan-afterwards"] == "warning"


def test_versioning_must_be_on(scene_of: Scene) -> None:
    """Else what is overwritten is lost."""
    shelf = scene_of.shelf
    shelf.s3.put_bucket_versioning(Bucket=shelf.bucket, VersioningConfiguration={"Status": "Suspended"})
    plan = scene_of.plan()
    assert refused(plan).startswith("versioning: Versioning of")
    assert "put-bucket-versioning" in plan.refusals[0].commands[0]


def test_another_account_is_refused_before_anything_is_read(scene_of: Scene) -> None:
    """Nothing of S3 is asked."""
    scene_of.shelf.stage.sign_in("111122223333")
    asked = scene_of.shelf.asked()
    assert refused(scene_of.plan()).startswith("account:")
    assert asked == ["sts:GetCallerIdentity"]


def test_another_lineage_is_refused(scene_of: Scene) -> None:
    """It is the state of other resources."""
    scene_of.put(content(5, *HISTORY[3], lineage="another"))
    assert refused(scene_of.plan("serial 4")).startswith("lineage: It has another lineage")


def test_lineage_is_compared_with_the_newest_that_can_be_read(scene_of: Scene) -> None:
    """The current one is damaged, and the one before it is of another lineage than the chosen one."""
    scene_of.put(content(5, *HISTORY[3], lineage="another"))
    scene_of.put(b"nonsense")
    assert "newest version that can be read" in refused(scene_of.plan("serial 4"))


def test_fewer_resources_than_the_environment_has_at_least_are_refused(scene_of: Scene) -> None:
    """Unless they are asked for by name."""
    assert "at least 4" in refused(scene_of.plan("serial 1"))
    asked_for = scene_of.plan("serial 1", few_resources=True)
    assert asked_for.refusals == ()
    assert severities(asked_for)["resources"] == "warning"


def test_less_than_half_of_the_resources_are_refused(scene_of: Scene) -> None:
    """Although the environment's own threshold is met."""
    scene_of.put(content(5, *(f"r{number}" for number in range(9))))
    assert "less than half of the 9" in refused(scene_of.plan("serial 2"))


def test_half_of_the_resources_will_do(scene_of: Scene) -> None:
    """Four of eight."""
    scene_of.put(content(5, *(f"r{number}" for number in range(8))))
    assert scene_of.plan("serial 2").refusals == ()


def test_a_state_of_a_newer_terraform_is_refused(scene_of: Scene) -> None:
    """An older one can't read it."""
    chosen = scene_of.put(content(5, *HISTORY[3], terraform="99.1.0"))
    scene_of.put(content(6, *HISTORY[3]))
    assert "Terraform 99.1.0" in refused(scene_of.plan(chosen))


def test_a_terraform_that_is_newer_than_the_states_is_warned_of(scene_of: Scene) -> None:
    """Whoever works with the older one might be kept out."""
    assert severities(scene_of.plan())["terraform-version"] == "warning"


def test_a_missing_terraform_is_a_refusal(scene_of: Scene) -> None:
    """It says what to install."""
    scene_of.shelf.stage.variables["PATH"] = "/nonexistent"
    from dataclasses import replace  # noqa: PLC0415 - only here

    settings = replace(scene_of.environment.terraform, programs=("terraform",))
    scene_of.environment = replace(scene_of.environment, terraform=settings)
    assert "There is no Terraform" in refused(scene_of.plan())


def test_who_holds_the_lock_is_named(scene_of: Scene) -> None:
    """Nobody writes under another's lock."""
    hands = scene_of.shelf.stage.access()
    lock = LockInfo.new(scene_of.environment, hands, operation="OperationTypeApply")
    state.take(scene_of.environment, hands, lock)
    plan = scene_of.plan()
    assert lock.who in refused(plan)
    assert lock.id in refused(plan)
    assert lock.id in plan.refusals[0].commands[0]


def test_a_stale_digest_is_warned_of(shelf: Shelf) -> None:
    """Terraform refuses to read the state, and the restore mends that."""
    played = scene(shelf, table=True)
    played.shelf.put_item(digest_path(played.environment), Digest="0" * 32)
    plan = played.plan()
    assert plan.refusals == ()
    assert severities(plan)["digest"] == "warning"


@pytest.mark.parametrize("bad", [b"", b"nonsense", b"{}", content(9, "a")[:200]])
def test_what_is_no_state_is_not_restored(scene_of: Scene, bad: bytes) -> None:
    """Whatever its damage, it is named by its id and refused."""
    version = scene_of.put(bad)
    scene_of.put(content(5, *HISTORY[3]))
    assert refused(scene_of.plan(version)).startswith("version-readable:")


def test_a_delete_marker_is_not_restored(scene_of: Scene) -> None:
    """It holds no state."""
    marker = scene_of.shelf.delete()
    scene_of.put(content(5, *HISTORY[3]))
    assert "delete marker" in refused(scene_of.plan(marker))


def test_what_may_not_be_read_is_refused_in_a_sentence(scene_of: Scene) -> None:
    """Access is denied on the chosen version alone."""
    scene_of.shelf.refuse("s3:GetObject", "AccessDenied", 403, containing=scene_of.versions[2])
    assert "may not call s3:GetObject" in refused(scene_of.plan(scene_of.versions[2]))


def test_a_newer_version_that_may_not_be_read_is_counted(scene_of: Scene) -> None:
    """What came with it can't be told, and that doesn't stop the restore."""
    scene_of.put(content(5, *HISTORY[3]))
    scene_of.shelf.refuse("s3:GetObject", "AccessDenied", 403, containing=scene_of.versions[3])
    plan = scene_of.plan(scene_of.versions[2])
    assert plan.refusals == ()
    assert any("1 newer version can't be read" in finding.seen for finding in plan.warnings)


def test_a_choice_that_names_nothing_is_refused(scene_of: Scene) -> None:
    """With those that are near, and how to list them."""
    plan = scene_of.plan("serial 12")
    assert "No version has the serial 12" in refused(plan)
    assert "list-object-versions" in plan.refusals[0].commands[0]


@pytest.mark.parametrize(
    "foreign", [b'{"version": 99, "serial": 9, "lineage": "x"}', b'{"encrypted_data": "x", "serial": 9}']
)
def test_a_current_state_of_an_unknown_kind_is_left_alone(scene_of: Scene, foreign: bytes) -> None:
    """It isn't damaged: another program has written it."""
    scene_of.put(foreign)
    assert refused(scene_of.plan("serial 4")).startswith("current-state:")


@pytest.mark.parametrize(
    ("bad", "serial"),
    [(b"", 5), (b"nonsense", 5), (b"{}", 5), (content(17, *HISTORY[3])[:300], 18)],
    ids=["empty", "nonsense", "no state", "truncated"],
)
def test_over_a_damaged_state_it_is_written_to_s3(scene_of: Scene, bad: bytes, serial: int) -> None:
    """With a serial that nothing before had, not even what broke off."""
    scene_of.put(bad)
    plan = scene_of.plan("serial 4")
    assert plan.refusals == ()
    assert plan.before is not None
    assert plan.writing is not None
    assert (plan.before.was, plan.writing.way, plan.writing.serial) == (Was.DAMAGED, Way.WRITE, serial)


def test_over_a_deleted_state_it_is_written_to_s3(scene_of: Scene) -> None:
    """Terraform's own push would begin another lineage."""
    scene_of.shelf.delete()
    plan = scene_of.plan("serial 4")
    assert plan.before is not None
    assert plan.writing is not None
    assert (plan.before.was, plan.writing.way, plan.writing.serial) == (Was.DELETED, Way.WRITE, 5)


def test_what_is_in_force_already_is_nothing_to_do(scene_of: Scene) -> None:
    """By its own version, and by what it says."""
    assert scene_of.plan(scene_of.versions[3]).done
    scene_of.put(content(9, *HISTORY[2]))
    assert scene_of.plan(scene_of.versions[2]).done


def test_with_a_stale_digest_even_the_current_version_is_something_to_do(shelf: Shelf) -> None:
    """Terraform can't read it, so it isn't in force."""
    played = scene(shelf, table=True)
    played.shelf.put_item(digest_path(played.environment), Digest="0" * 32)
    plan = played.plan(played.versions[3])
    assert not plan.done
    assert plan.writing is not None


def test_no_version_is_read_twice(scene_of: Scene) -> None:
    """From the plan to the end of the restore."""
    wanted: list[str] = []

    def note(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation == "s3:GetObject" and "versionId" in call.request.url:
            wanted.append(call.request.url)
        return proceed()

    scene_of.shelf.stage.operator.interceptors.append(note)
    scene_of.put(b"nonsense")
    assert scene_of.restore().landed
    assert len(wanted) == len(set(wanted))


def test_what_was_read_is_kept_in_private_files(scene_of: Scene) -> None:
    """And nowhere else."""
    plan = scene_of.plan()
    assert plan.writing is not None
    assert plan.before is not None
    for file in (Path(plan.writing.file), Path(plan.before.file)):
        assert SECRET in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(Path(plan.writing.file).read_bytes())["serial"] == 5
    assert SECRET not in repr(plan) + as_json(plan) + scene_of.journal()


def test_by_hand_over_a_whole_state(scene_of: Scene) -> None:
    """The old file as it is can't be pushed; with a newer serial it can."""
    lines = scene_of.plan().commands
    assert any("is refused" in line and line.startswith("#") for line in lines)
    assert any("jq '.serial = 5'" in line for line in lines)
    assert lines[-1].startswith("terraform")
    assert "-force" not in lines[-1]


def test_by_hand_over_a_damaged_state(shelf: Shelf) -> None:
    """Neither pull nor push works, so S3 and the digest are written under the lock."""
    played = scene(shelf, table=True)
    played.put(b"nonsense")
    lines = "\n".join(played.plan("serial 4").commands)
    assert "also with -force, fail" in lines
    assert lines.index(".tflock --body") < lines.index("--if-match") < lines.index("-md5")
    assert lines.index("-md5") < lines.index("delete-item") < lines.index("delete-object")


def test_warnings_never_forbid(scene_of: Scene) -> None:
    """A plan with warnings alone can be applied."""
    plan = scene_of.plan()
    assert {finding.severity for finding in plan.findings} == {Severity.OK, Severity.WARNING}
    plan.must_be_applicable()
