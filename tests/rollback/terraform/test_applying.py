"""Applies of a real Terraform: what becomes of state, disk and application."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rollback import terraform
from rollback.errors import Outdated, Refused
from rollback.journal import Kind, read
from rollback.process import Stopped
from rollback.terraform import checks, stored
from rollback.terraform.result import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.world.world import World
    from rollback.access import Access
    from rollback.environment import Environment
    from tests.rollback.terraform.site import Site

SECRET = "hunter2-in-the-state"  # noqa: S105 - what may not come out anywhere
ASK = (
    "import os, urllib.request; print('{secret}'); "
    "urllib.request.urlopen(os.environ['REHEARSAL_PROVIDER_URL'], data=b'{what}')"
)


def provisioned(name: str, what: str, value: str) -> str:
    """A resource whose making asks the stage for something, which may fail."""
    command = ASK.format(secret=SECRET, what=what)
    return (
        f'resource "terraform_data" "{name}" {{\n  input = "{value}"\n  triggers_replace = "{value}"\n'
        f'  provisioner "local-exec" {{\n    interpreter = ["python3", "-I", "-S", "-c"]\n'
        f"    command = {json.dumps(command)}\n  }}\n}}\n"
    )


class Commits:
    good: str
    failing: str
    tip: str


@pytest.fixture(scope="module")
def site(new_site: Callable[..., Site]) -> Site:
    from tests.rollback.terraform.site import PROTECTED, resource  # noqa: PLC0415 - it imports moto

    made = new_site()
    made.world = made.serve_application()
    database = resource("database", {"password": SECRET}, PROTECTED)
    Commits.good = made.commit(resource("a", "1"), database)
    # `a` is applied before `later`, which is applied before `last`.
    Commits.failing = made.commit(
        resource("a", "1"),
        database,
        provisioned("later", "mend", "x").replace("  input", "  depends_on = [terraform_data.a]\n  input", 1),
        resource("last", 1, "  depends_on = [terraform_data.later]\n"),
    )
    Commits.tip = made.commit(resource("a", "2"), resource("extra"), database)
    made.apply()
    return made


@pytest.fixture(autouse=True)
def as_before(site: Site) -> Iterator[None]:
    """Each test begins with the tip applied, and leaves no value anywhere."""
    before = site.raw
    site.access = site.new_access()
    yield
    site.put_back(before)
    assert SECRET not in site.everything_written()


@pytest.fixture
def plan(site: Site) -> terraform.TerraformPlan:
    return terraform.plan(site.environment, site.access, commit=Commits.good)


def apply(site: Site, plan: terraform.TerraformPlan) -> terraform.Result:
    return terraform.apply(site.environment, site.access, plan)


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], None]) -> None:
    """Have somebody act right after `name` has looked."""
    look = getattr(module, name)

    def looked(*args: Any, **more: Any) -> Any:
        seen = look(*args, **more)
        seen = list(seen) if not isinstance(seen, tuple) and hasattr(seen, "__iter__") else seen
        act()
        return seen

    monkeypatch.setattr(module, name, looked)


def moved(content: bytes) -> bytes:
    state = json.loads(content)
    return json.dumps({**state, "serial": state["serial"] + 1}).encode()


def running(site: Site, act: Callable[[], None]) -> Access:
    """The operator's hands, by which something happens once terraform has applied."""

    class Processes:
        def run(self, args: tuple[str, ...], **more: Any) -> Any:
            done = site.access.processes.run(args, **more)
            if "apply" in args:
                act()
            return done

        def which(self, program: str) -> str | None:
            return site.access.processes.which(program)

    return replace(site.access, processes=Processes())  # type: ignore[arg-type]


def test_exactly_what_was_planned_is_applied(site: Site, plan: terraform.TerraformPlan) -> None:
    result = apply(site, plan)
    assert result.landed
    assert result.outcome is Outcome.LANDED
    assert site.inputs == {"terraform_data.a": "1", "terraform_data.database": {"password": SECRET}}
    assert set(result.done) == {"terraform_data.a", "terraform_data.extra"}
    assert site.places == []
    assert SECRET not in repr(result)


def test_where_it_was_is_in_the_journal_before_terraform_begins(
    site: Site, plan: terraform.TerraformPlan
) -> None:
    before = site.state
    result = apply(site, plan)
    entries = read(site.access.journal.path)
    saved = next(entry for entry in entries if entry.kind is Kind.SAVED)
    applied = next(entry for entry in entries if entry.kind is Kind.COMMAND and " apply " in entry.what)
    assert saved.number < applied.number
    assert terraform.saved_point(site.environment, entries) == result.saved
    assert (result.saved.before, result.saved.commit) == (Commits.tip, Commits.good)
    assert (result.saved.serial, result.saved.lineage) == (before["serial"], before["lineage"])
    kept = site.s3.get_object(
        Bucket=site.environment.state_bucket,
        Key=site.environment.state_key,
        VersionId=result.saved.version_id,
    )
    assert json.loads(kept["Body"].read()) == before


def test_a_plan_with_a_refusal_is_not_applied(site: Site) -> None:
    site.lock()
    plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    site.unlock()
    with pytest.raises(Refused, match="locked"):
        apply(site, plan)


def test_a_plan_for_another_environment_is_not_applied(site: Site, plan: terraform.TerraformPlan) -> None:
    other: Environment = replace(site.environment, name="other")
    with pytest.raises(Refused, match="for testing"):
        terraform.apply(other, site.access, plan)
    plan.discard()


def test_credentials_that_have_changed_since_are_refused(site: Site, plan: terraform.TerraformPlan) -> None:
    site.stage.sign_in("999988887777")
    try:
        with pytest.raises(Refused, match="another account"):
            apply(site, plan)
    finally:
        site.stage.sign_in(site.environment.account)
    plan.discard()


@pytest.mark.parametrize("how", ["serial", "lineage", "stored anew"])
def test_a_state_that_has_moved_makes_the_plan_outdated(
    site: Site, plan: terraform.TerraformPlan, how: str
) -> None:
    content = {
        "serial": moved(site.raw),
        "lineage": json.dumps({**site.state, "lineage": "other"}).encode(),
        "stored anew": site.raw,
    }[how]
    site.put(content)
    with pytest.raises(Outdated, match="has moved since"):
        apply(site, plan)
    assert site.raw == content
    assert site.places == []


def test_terraform_itself_refuses_what_moved_at_the_last_moment(
    site: Site, plan: terraform.TerraformPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = moved(site.raw)
    meanwhile(monkeypatch, stored, "look", lambda: site.put(content))
    with pytest.raises(Outdated, match="Terraform refuses the saved plan"):
        apply(site, plan)
    assert site.raw == content
    plan.discard()


@pytest.mark.parametrize("how", ["other", "gone"])
def test_only_the_plan_that_was_read_is_applied(site: Site, plan: terraform.TerraformPlan, how: str) -> None:
    before = site.raw
    assert plan.file is not None
    if how == "other":
        another = terraform.plan(site.environment, site.access, commit=Commits.failing)
        assert another.file is not None
        another.file.replace(plan.file)
        another.discard()
    else:
        plan.file.unlink()
    with pytest.raises(Outdated, match="no longer there, or not the one"):
        apply(site, plan)
    assert site.raw == before
    plan.discard()


def test_a_lock_that_was_taken_since_is_a_refusal(site: Site, plan: terraform.TerraformPlan) -> None:
    site.lock()
    with pytest.raises(Refused, match="ben@laptop"):
        apply(site, plan)
    plan.discard()


def test_a_lock_that_was_taken_at_the_last_moment_changes_nothing_and_the_plan_stays_good(
    site: Site, plan: terraform.TerraformPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = site.raw
    with monkeypatch.context() as patch:
        meanwhile(patch, checks, "locks", site.lock)
        result = apply(site, plan)
    assert result.outcome is Outcome.LOCKED
    assert "ben@laptop" in result.sentence
    assert site.raw == before
    site.unlock()
    assert apply(site, plan).landed


def test_half_an_apply_is_told_by_address_and_the_next_plan_goes_on(site: Site) -> None:
    def refuse(setting: bytes) -> str:
        return f"no {setting.decode()} {SECRET}"

    site.stage.provider = refuse
    result = apply(site, terraform.plan(site.environment, site.access, commit=Commits.failing))
    assert result.outcome is Outcome.FAILED
    assert not result.landed
    assert "terraform_data.a" in result.done
    assert result.failed == ("terraform_data.later",)
    assert "failed at terraform_data.later" in result.sentence
    assert SECRET not in repr(result)
    assert site.inputs["terraform_data.a"] == "1"
    assert "terraform_data.last" not in site.inputs
    site.stage.provider = lambda _: None
    again = terraform.plan(site.environment, site.access, commit=Commits.failing)
    assert again.changes is not None
    assert again.changes.replaced == ("terraform_data.later",)
    assert apply(site, again).landed
    assert site.inputs["terraform_data.last"] == 1


def test_a_state_that_could_not_be_stored_is_kept_and_named(site: Site) -> None:
    """While it applies, the bucket refuses what is written; what Terraform made is then only in its own file."""
    bucket = site.environment.state_bucket
    before = site.raw

    def take_away(_: bytes) -> None:
        listed = site.s3.list_object_versions(Bucket=bucket)
        for version in [*listed["Versions"], *listed.get("DeleteMarkers", [])]:
            site.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        site.s3.delete_bucket(Bucket=bucket)

    site.stage.provider = take_away
    try:
        result = apply(site, terraform.plan(site.environment, site.access, commit=Commits.failing))
    finally:
        site.s3.create_bucket(Bucket=bucket)
        site.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        site.put(before)
    assert result.outcome is Outcome.FAILED
    assert result.state is not None
    assert str(result.state) in result.sentence
    assert stat.S_IMODE(result.state.stat().st_mode) == 0o600
    kept = json.loads(result.state.read_bytes())
    assert {each["name"] for each in kept["resources"]} >= {"later", "last"}
    assert result.commands[-1].endswith(f"state push {result.state}")
    assert SECRET not in repr(result)
    site.put(json.dumps(kept).encode())
    plan = terraform.plan(site.environment, site.access, commit=Commits.failing)
    assert plan.nothing_to_do, "with that state pushed Terraform knows what it has made"


def test_an_interruption_is_in_the_journal_and_goes_on(site: Site, plan: terraform.TerraformPlan) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        terraform.apply(site.environment, running(site, interrupt), plan)
    entries = read(site.access.journal.path)
    assert [entry for entry in entries if entry.kind is Kind.INTERRUPTED]
    assert terraform.saved_point(site.environment, entries).commit == Commits.good
    assert site.places == []


def test_an_apply_that_had_to_be_stopped_is_lost_sight_of(site: Site, plan: terraform.TerraformPlan) -> None:
    def stop() -> None:
        raise Stopped("`terraform apply` did not end, so it was stopped.")

    result = terraform.apply(site.environment, running(site, stop), plan)
    assert result.outcome is Outcome.LOST
    assert "part of it may be done" in result.sentence
    assert not result.landed


def test_an_application_that_is_not_well_is_no_success(site: Site, plan: terraform.TerraformPlan) -> None:
    from rehearsal.world.version import AppVersion, Behaviour  # noqa: PLC0415 - it imports moto

    world: World = site.world
    good = world.look.primary_revision()
    world.team.deploy(world.team.release(AppVersion("v3", Behaviour.ERRORS)))
    world.settle()
    try:
        result = apply(site, plan)
    finally:
        world.team.deploy(good)
        world.settle()
    assert result.outcome is Outcome.STILL_BROKEN
    assert site.inputs["terraform_data.a"] == "1", "it was applied all the same"
    assert result.restarted


def test_where_there_is_nothing_to_do_nothing_runs(site: Site) -> None:
    before = site.raw
    result = apply(site, terraform.plan(site.environment, site.access, commit=Commits.tip))
    assert result.outcome is Outcome.NOTHING
    assert site.raw == before
    assert not [e for e in read(site.access.journal.path) if e.kind is Kind.COMMAND and " apply " in e.what]
