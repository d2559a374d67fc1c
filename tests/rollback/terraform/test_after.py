"""After a rollback by Terraform: is it in force, does git follow, what would the next apply bring, and back again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback import terraform
from rollback.errors import JournalError
from rollback.journal import read
from rollback.terraform.verification import behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.rollback.terraform.site import Site

MODULE = 'module "net" {\n  source = "../modules/net"\n}\n'
SUBNET = "infra/terraform/modules/net/main.tf"


class Commits:
    good: str
    outside: str
    bad: str
    module: str


@pytest.fixture(scope="module")
def site(new_site: Callable[..., Site]) -> Site:
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    made = new_site()
    made.world = made.serve_application()
    Commits.good = made.commit(resource("a", "1"), MODULE, files={SUBNET: resource("subnet")})
    Commits.outside = made.house.commit(
        "Outside",
        {
            "app/x.py": "x",
            "infra/terraform/other/main.tf": resource("b"),
            "infra/terraform/modules/unused/m.tf": "",
        },
    )
    Commits.bad = made.commit(resource("a", "2"), MODULE, message="Break it")
    Commits.module = made.house.commit("Change the module", {SUBNET: resource("subnet", 2)})
    made.apply()
    return made


@pytest.fixture(autouse=True)
def as_before(site: Site) -> Iterator[None]:
    before, head = site.raw, site.house.run("rev-parse", "main")
    site.access = site.new_access()
    yield
    site.put_back(before)
    site.house.run("reset", "-q", "--hard", head)
    site.house.push("+HEAD:refs/heads/main")
    assert site.places == []


def go_back(site: Site, commit: str) -> terraform.Result:
    plan = terraform.plan(site.environment, site.access, commit=commit)
    return terraform.apply(site.environment, site.access, plan)


def of(verification: terraform.Verification, check: str) -> tuple[str, str]:
    (found,) = [finding for finding in verification.findings if finding.check == check]
    return found.severity, found.seen


def test_what_was_applied_is_found_in_force(site: Site) -> None:
    go_back(site, Commits.good)
    seen = terraform.verify(site.environment, site.access, Commits.good)
    assert seen.landed
    assert of(seen, "infrastructure")[0] == "ok"
    assert {"primary-revision", "steady", "targets"} <= {finding.check for finding in seen.findings}


def test_what_still_differs_is_named(site: Site) -> None:
    seen = terraform.verify(site.environment, site.access, Commits.good)
    assert not seen.landed
    assert seen.differing == ("module.net.terraform_data.subnet", "terraform_data.a")
    assert "terraform_data.a" in of(seen, "infrastructure")[1]


def test_an_application_that_is_not_there_contradicts(site: Site) -> None:
    elsewhere = replace(site.environment, service="nobody")
    seen = terraform.verify(elsewhere, site.access, Commits.module)
    assert not seen.landed
    assert of(seen, "service")[0] == "refusal"


def test_what_git_has_to_revert_is_named_newest_first(site: Site) -> None:
    """Neither the application nor another environment's or an unused module's files count."""
    go_back(site, Commits.good)
    seen = terraform.verify(site.environment, site.access, Commits.good)
    assert seen.to_revert == (Commits.module, Commits.bad)
    assert not seen.git_follows
    severity, told = of(seen, "git-follows")
    assert severity == "warning"
    assert "Break it" in told


def test_once_it_is_reverted_git_follows(site: Site) -> None:
    go_back(site, Commits.good)
    site.house.revert(Commits.module, Commits.bad)
    seen = terraform.verify(site.environment, site.access, Commits.good)
    assert seen.git_follows
    assert seen.to_revert == ()
    assert seen.landed


def test_a_commit_beside_the_branch_s_own_line_is_told_without_names(site: Site) -> None:
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    site.house.branch("side")
    side = site.commit(resource("a", "side"), MODULE)
    site.house.switch("main")
    site.house.merge("side", "Merge side")
    site.commit(resource("a", "3"), MODULE)
    copy = site.house.copy()
    assert behind(site.environment, copy, copy.commit(side), copy.tip("main")) is None
    seen = terraform.verify(site.environment, site.access, side)
    assert not seen.git_follows
    assert "can't be told" in of(seen, "git-follows")[1]


def test_undo_brings_back_what_was_before_and_undoing_that_goes_on_again(site: Site) -> None:
    before = site.inputs
    go_back(site, Commits.good)
    good = site.inputs
    assert good != before
    saved = terraform.saved_point(site.environment, read(site.access.journal.path))
    undone = terraform.undo(site.environment, site.access, saved)
    assert undone.landed
    assert site.inputs == before
    again = terraform.undo(site.environment, site.access, undone.saved)
    assert again.landed
    assert site.inputs == good


def test_undo_destroys_no_data_either(site: Site) -> None:
    """What came into being since holds data now."""
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    settings = replace(site.environment.terraform, stateful=("terraform_data.queue",))
    environment = replace(site.environment, terraform=settings)
    before = site.house.at_remote()
    newer = site.commit(resource("a", "2"), resource("queue"), MODULE)
    saved = replace(go_back(site, newer).saved, before=before)
    plan = terraform.plan_undo(environment, site.access, saved)
    assert [finding.check for finding in plan.refusals] == ["stateful"]
    allowed = terraform.plan_undo(environment, site.access, saved, allow=["terraform_data.queue"])
    assert allowed.refusals == ()
    allowed.discard()


def test_a_journal_of_another_environment_is_refused(site: Site) -> None:
    go_back(site, Commits.good)
    entries = read(site.access.journal.path)
    with pytest.raises(JournalError, match="not of main in other"):
        terraform.saved_point(replace(site.environment, name="other"), entries)
    with pytest.raises(JournalError, match="tells of no rollback by Terraform"):
        terraform.saved_point(site.environment, entries[:1])


@pytest.mark.parametrize(
    ("named", "brings", "warns"),
    [
        ([{"task_definition": "app:1"}], "app:1", True),
        (
            [
                {"task_definition": "app:2", "name": "other"},
                {"task_definition": "app:1", "name": "service-test"},
            ],
            "app:1",
            True,
        ),
        ([{"task_definition": "app"}], "app:2", False),
        ([{"task_definition": ""}, {"task_definition": "app:1", "name": "other"}], None, False),
        ([{"task_definition": "nothing-of-that-name"}], None, True),
    ],
)
def test_which_revision_the_next_apply_brings_is_known_before(
    site: Site, named: list[dict[str, str]], brings: str | None, *, warns: bool
) -> None:
    """The service runs app:2."""
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    tip = site.commit(*(resource(f"service{n}", each) for n, each in enumerate(named)))
    before = site.raw
    told = terraform.next_apply(site.environment, site.access)
    assert (str(told.brings) if told.brings else None, told.changes_revision) == (brings, warns)
    assert (told.commit.sha, str(told.runs)) == (tip, "app:2")
    assert site.raw == before


def test_a_revision_that_is_only_registered_by_the_apply_is_a_warning(site: Site) -> None:
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    block = resource("service", {}).replace(
        "{}", '{ name = "service-test", task_definition = terraform_data.new.id }'
    )
    site.commit(resource("new"), block)
    told = terraform.next_apply(site.environment, site.access)
    assert told.changes_revision
    assert told.brings is None
    assert told.address == "terraform_data.service"
