"""Plans of a real Terraform, on a stage on which nothing is changed."""

from __future__ import annotations

import io
import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse

from rollback import terraform
from rollback.errors import RollbackError
from rollback.git import UnknownCommit
from rollback.journal import Kind, read
from rollback.plan import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.doors import Call
    from rollback.plan import Finding
    from rollback.process import Processes
    from tests.rollback.terraform.site import Site

SECRET = "hunter2-in-the-state"  # noqa: S105 - what may not come out anywhere
DIRECTORY = "infra/terraform/test"


class Commits:
    """The team's commits, each of them as it was pushed."""

    bare: str
    first: str
    good: str
    tip: str


@pytest.fixture(scope="module")
def site(new_site: Callable[..., Site]) -> Site:
    from tests.rollback.terraform.site import PROTECTED, resource  # noqa: PLC0415 - it imports moto

    made = new_site(stateful=("terraform_data.queue",))
    database = resource("database", {"password": SECRET}, PROTECTED)
    Commits.bare = made.house.commit("Begin", {"README.md": "x"})
    module = 'module "net" {\n  source = "../modules/net"\n}\n'
    subnet = {"infra/terraform/modules/net/main.tf": resource("subnet")}
    Commits.first = made.commit(resource("a", "1"), module, files=subnet)
    Commits.good = made.commit(resource("a", "1"), module, resource("queue"), database)
    Commits.tip = made.commit(resource("a", "2"), module, resource("queue"), resource("extra"), database)
    made.apply()
    return made


@pytest.fixture(autouse=True)
def nothing_changes(site: Site) -> Iterator[None]:
    """Whatever is planned, state, locks and branches are afterwards as they were."""

    def everything() -> Any:
        listed = site.s3.list_object_versions(Bucket=site.environment.state_bucket)
        return [(v["Key"], v["VersionId"]) for v in listed["Versions"]], site.house.at_remote()

    site.access = site.new_access()
    before = everything()
    yield
    assert everything() == before or site.moved
    site.moved = False
    for place in site.places:
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert SECRET not in site.everything_written()


@pytest.fixture
def state(site: Site) -> Iterator[bytes]:
    """The state, which the test may spoil."""
    before = site.raw
    site.moved = True
    yield before
    site.put_back(before)


def found(plan: terraform.TerraformPlan, check: str) -> Finding:
    (finding,) = [each for each in plan.findings if each.check == check]
    return finding


def refused(plan: terraform.TerraformPlan) -> tuple[str, str]:
    """The one refusal of a plan, which then leaves no file."""
    (finding,) = plan.refusals
    assert finding.remedy
    assert plan.workspace is None
    assert plan.commands == ()
    return finding.check, finding.seen


def answering(status: int, url: str) -> AWSResponse:
    """S3's refusal."""
    body = io.BytesIO(b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
    return AWSResponse(url, status, HTTPHeaders(), HTTPResponse(body, preload_content=False))


def commands(site: Site) -> list[str]:
    """Which of terraform's commands the operator has run."""
    run = [entry.what.split() for entry in read(site.access.journal.path) if entry.kind is Kind.COMMAND]
    return [words[1] for words in run if words[0].endswith("terraform") and words[1] != "version"]


def test_a_plan_tells_what_it_would_do_and_saves_just_that(site: Site) -> None:
    plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    assert plan.refusals == plan.warnings == ()
    assert plan.changes is not None
    assert plan.changes.changed == ("terraform_data.a",)
    assert plan.changes.destroyed == ("terraform_data.extra",)
    assert "1 changed: terraform_data.a; 1 destroyed: terraform_data.extra" in found(plan, "changes").seen
    assert plan.file is not None
    assert stat.S_IMODE(plan.file.stat().st_mode) == 0o600
    assert SECRET not in repr(plan)
    plan.discard()
    assert not plan.file.exists()
    assert site.places == []


def test_by_hand_it_is_a_worktree_of_that_commit(site: Site) -> None:
    plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    place = f"../infrastructure-{Commits.good[:10]}"
    assert plan.commands[1:6] == (
        f"git worktree add --detach {place} {Commits.good}",
        f"terraform -chdir={place}/{DIRECTORY} init -input=false",
        f"terraform -chdir={place}/{DIRECTORY} plan -out=rollback.tfplan",
        f"terraform -chdir={place}/{DIRECTORY} apply rollback.tfplan",
        f"terraform -chdir={place}/{DIRECTORY} plan -detailed-exitcode",
    )
    plan.discard()


def test_what_the_team_protects_is_not_destroyed_because_an_old_commit_has_no_block_for_it(
    site: Site,
) -> None:
    plan = terraform.plan(site.environment, site.access, commit=Commits.first)
    check, seen = refused(plan)
    assert check == "stateful"
    assert "terraform_data.database (destroyed)" in seen
    assert "terraform_data.queue (destroyed)" in seen, "the environment names it"
    assert "terraform_data.extra" not in seen
    assert "protects terraform_data.database by prevent_destroy" in found(plan, "prevent-destroy").seen


def test_data_is_only_lost_where_each_address_is_allowed_by_name(site: Site) -> None:
    near = ["terraform_data.database", "terraform_data.queu", "terraform_data.*", "terraform_data.queue[0]"]
    one = refused(terraform.plan(site.environment, site.access, commit=Commits.first, allow=near))
    assert "terraform_data.database" not in one[1]
    assert "terraform_data.queue" in one[1]
    both = ["terraform_data.database", "terraform_data.queue"]
    plan = terraform.plan(site.environment, site.access, commit=Commits.first, allow=both)
    assert plan.refusals == ()
    assert "will be lost" in found(plan, "stateful").seen
    assert found(plan, "stateful").severity is Severity.WARNING
    plan.discard()


def test_an_address_that_no_terminal_shows_is_refused(site: Site) -> None:
    with pytest.raises(RollbackError, match="U\\+202E"):
        terraform.plan(site.environment, site.access, commit=Commits.good, allow=["terraform_data.\u202ea"])


def test_protection_that_would_go_is_told_even_if_nothing_is_destroyed(site: Site) -> None:
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    site.house.branch("loose")
    module = 'module "net" {\n  source = "../modules/net"\n}\n'
    loose = site.commit(
        resource("a", "2"),
        module,
        resource("queue"),
        resource("extra"),
        resource("database", {"password": SECRET}),
    )
    site.house.run("switch", "-q", "main")
    site.house.run("merge", "-q", "-s", "ours", "--no-edit", loose)
    site.house.push()
    site.moved = True
    plan = terraform.plan(site.environment, site.access, commit=loose)
    assert plan.refusals == ()
    assert "protects terraform_data.database" in found(plan, "prevent-destroy").seen
    assert plan.nothing_to_do


def test_a_commit_whose_infrastructure_is_in_force_leaves_nothing_to_do(site: Site) -> None:
    plan = terraform.plan(site.environment, site.access, commit=Commits.tip)
    assert plan.nothing_to_do
    assert plan.refusals == ()
    assert site.places == []


def test_a_commit_of_another_branch_is_refused(site: Site) -> None:
    site.house.run("checkout", "-q", "--detach")
    other = site.house.commit("Elsewhere", {"README.md": "y"}, push=False)
    site.house.push("HEAD:refs/heads/other")
    site.house.run("switch", "-q", "main")
    assert refused(terraform.plan(site.environment, site.access, commit=other))[0] == "commit"
    assert commands(site) == []


def test_a_commit_that_is_none_is_an_error(site: Site) -> None:
    with pytest.raises(UnknownCommit):
        terraform.plan(site.environment, site.access, commit="0123456789abcdef")


def test_a_commit_from_before_there_was_infrastructure_is_refused(site: Site) -> None:
    check, seen = refused(terraform.plan(site.environment, site.access, commit=Commits.bare))
    assert check == "commit"
    assert DIRECTORY in seen


def test_credentials_of_another_account_are_refused_before_terraform_runs(site: Site) -> None:
    site.stage.sign_in("999988887777")
    try:
        plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    finally:
        site.stage.sign_in(site.environment.account)
    assert refused(plan)[0] == "account"
    assert commands(site) == []


def test_who_holds_the_lock_is_told_and_how_to_take_it_away(site: Site, state: bytes) -> None:
    del state
    site.lock(Created="2026-01-05T11:58:00Z")
    plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    check, seen = refused(plan)
    assert check == "lock"
    assert "ben@laptop" in seen
    assert "11111111-2222-3333-4444-555555555555" in seen
    assert found(plan, "lock").commands[0].endswith("force-unlock 11111111-2222-3333-4444-555555555555")


def test_a_state_of_a_newer_terraform_is_refused(site: Site, state: bytes) -> None:
    """Terraform itself would plan: it looks at the format alone."""
    site.put(json.dumps({**json.loads(state), "terraform_version": "1.99.0"}).encode())
    check, seen = refused(terraform.plan(site.environment, site.access, commit=Commits.good))
    assert check == "state-version"
    assert "1.99.0" in seen


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 4}', b"hello"])
def test_what_is_no_state_is_refused(site: Site, state: bytes, content: bytes) -> None:
    """For an empty one Terraform would plan to build all of it once more."""
    del state
    site.put(content)
    check, seen = refused(terraform.plan(site.environment, site.access, commit=Commits.good))
    assert (check, commands(site)) == ("state", [])
    assert "can't be used" in seen


def test_a_state_that_breaks_off_is_refused(site: Site, state: bytes) -> None:
    site.put(state[:-40])
    assert "breaks off" in refused(terraform.plan(site.environment, site.access, commit=Commits.good))[1]


def test_a_state_that_was_deleted_is_refused(site: Site, state: bytes) -> None:
    del state
    site.s3.delete_object(Bucket=site.environment.state_bucket, Key=site.environment.state_key)
    check, seen = refused(terraform.plan(site.environment, site.access, commit=Commits.good))
    assert check == "state"
    assert "a second time" in seen


def test_a_bucket_that_is_not_there_is_refused(site: Site) -> None:
    elsewhere = replace(site.environment, state_bucket="nobody-s-bucket")
    check, seen = refused(terraform.plan(elsewhere, site.access, commit=Commits.good))
    assert check == "state"
    assert "nobody-s-bucket" in seen


def test_a_state_that_may_not_be_read_is_one_sentence(site: Site) -> None:
    def deny(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        return answering(403, call.request.url) if call.operation == "s3:GetObject" else proceed()

    site.stage.operator.interceptors.append(deny)
    try:
        plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    finally:
        site.stage.operator.interceptors.pop()
    check, seen = refused(plan)
    assert check == "state"
    assert "111122223333" in seen


def test_a_configuration_of_another_state_is_refused(site: Site) -> None:
    other = replace(site.environment, state_key="other/terraform.tfstate")
    site.s3.copy_object(
        Bucket=site.environment.state_bucket,
        Key=other.state_key,
        CopySource={"Bucket": site.environment.state_bucket, "Key": site.environment.state_key},
    )
    site.moved = True
    check, seen = refused(terraform.plan(other, site.access, commit=Commits.good))
    assert check == "workspace"
    assert "s3://state-test/app/terraform.tfstate, not in s3://state-test/other/terraform.tfstate" in seen
    assert "plan" not in commands(site)


def test_a_lock_table_that_only_one_of_them_knows_is_a_warning(site: Site) -> None:
    settings = replace(site.environment.terraform, lock_table="locks")
    site.stage.clients.dynamodb.create_table(
        TableName="locks",
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    plan = terraform.plan(replace(site.environment, terraform=settings), site.access, commit=Commits.good)
    assert found(plan, "workspace").severity is Severity.WARNING
    plan.discard()


def test_no_terraform_is_a_refusal(site: Site) -> None:
    none = replace(site.environment, terraform=replace(site.environment.terraform, programs=("tofu",)))
    check, seen = refused(terraform.plan(none, site.access, commit=Commits.good))
    assert check == "program"
    assert "tofu" in seen


def test_what_is_initialised_is_used_again_by_what_is_alike(site: Site) -> None:
    terraform.plan(site.environment, site.access, commit=Commits.good).discard()
    site.access = site.new_access()
    terraform.plan(site.environment, site.access, commit=Commits.good).discard()
    assert commands(site) == ["plan", "show"]


@pytest.mark.parametrize("spoil", ["terraform.tfstate", "modules.json"])
def test_what_was_initialised_and_is_spoilt_is_made_anew(site: Site, spoil: str) -> None:
    terraform.plan(site.environment, site.access, commit=Commits.good).discard()
    for path in (site.access.directory / "terraform" / "data").rglob("*"):
        if path.is_file() and path.name == spoil:
            path.unlink()
    plan = terraform.plan(site.environment, site.access, commit=Commits.good)
    assert plan.refusals == ()
    assert plan.changes is not None
    assert plan.changes.changed == ("terraform_data.a",)
    plan.discard()


def test_an_interrupted_plan_leaves_no_file(site: Site) -> None:
    class Interrupting:
        def run(self, args: tuple[str, ...], **more: Any) -> Any:
            if "show" in args:
                raise KeyboardInterrupt
            return site.access.processes.run(args, **more)

        def which(self, program: str) -> str | None:
            return site.access.processes.which(program)

    with pytest.raises(KeyboardInterrupt):
        terraform.plan(
            site.environment,
            replace(site.access, processes=cast("Processes", Interrupting())),
            commit=Commits.good,
        )
    assert site.places == []
