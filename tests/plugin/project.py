"""A small project with features, in which the plug-in is tried."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ENVIRONMENTS = """
default = "staging"

[defaults]
region = "eu-central-1"
branch = "{environment}"
cluster = "shop-cluster-{short}"
service = "shop-service-{short}"
family = "shop-{short}"
state_bucket = "shop-state-{short}"
state_key = "app/terraform.tfstate"
terraform_directory = "terraform"
url = "https://{short}.shop.example"
probe = { path = "/version", field = "version", requests = 5 }
drill = { allowed = true, confirm = false }

[defaults.lease]
key = "rollback/lease.json"
minutes = 5

[defaults.repository]
name = "shop/web"
remote = "https://github.com/shop/web.git"
api = "https://api.github.com"
token_variable = "SHOP_TOKEN"
infrastructure = ["terraform/"]
migrations = ["db/"]
neutral = ["*.md"]
application_workflow = ".github/workflows/ship.yml"
infrastructure_workflow = ".github/workflows/infra.yml"
run_limit_minutes = 2

[defaults.certificate]
hosted_zone = "Z0SHOPEXAMPLE"
wait_minutes = 30
soon_days = 14

[defaults.database]
instance = "shop-{short}"
variable = "SHOP_DATABASE"
wait_minutes = 60

[defaults.terraform]
programs = ["terraform"]
workspace = "default"
lock_table = ""
stateful = []
fewest_resources = 1

[defaults.readiness]
merges = 2
backup_hours = 25
certificate_days = 10

[defaults.checklist]
valid_minutes = 20
incident_report = false
webhook_variable = "SHOP_WEBHOOK"

[defaults.post_mortem]
error_percent = 10
outage_minutes = 15
over_budget = true
failed = true
overridden = true
ways = ["state", "backup"]

[defaults.logs]
group = "/shop/{short}"
errors = ["ERROR"]
before_minutes = 30
window_minutes = 5
factor = 2.0
fewest = 3

[defaults.budgets]
application = { from_minutes = 5, to_minutes = 10, deadline_minutes = 20 }
infrastructure = { from_minutes = 5, to_minutes = 15, deadline_minutes = 30 }
emergency = { from_minutes = 2, to_minutes = 5, deadline_minutes = 10 }

[environments.staging]
short = "staging"
account = "111122223333"

[environments.production]
short = "prod"
account = "444455556666"
"""

SETTINGS = """
[tool.pytest]
strict = true
addopts = ["--import-mode=importlib", "--no-report"]
filterwarnings = ["error"]
"""

STEPS = """
from pytest_bdd import given, parsers, then, when

@given("the service is steady")
def _():
    pass

@given(parsers.parse("revision {number:d} was deployed"))
def _(number):
    pass

@when(parsers.parse("we roll back to revision {number:d}"))
def _(number):
    pass

@then("it works")
def _():
    pass
"""


class Project:
    """A directory with settings, environments, steps and features of its own."""

    def __init__(self, path: Path, pytester: pytest.Pytester | None = None) -> None:
        self.path = path
        self._pytester = pytester
        self.write("pyproject.toml", SETTINGS)
        self.write("environments.toml", ENVIRONMENTS)
        self.steps(STEPS)

    def write(self, path: str, text: str) -> Path:
        """Write `text`, unindented, to `path`."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
        return file

    def steps(self, text: str) -> None:
        """Make `text` the step definitions of the whole project."""
        self.write("conftest.py", 'pytest_plugins = ["rehearsal.plugin"]\n' + textwrap.dedent(text))

    @property
    def pytester(self) -> pytest.Pytester:
        """What runs pytest in the project."""
        assert self._pytester, "only a project that was made for one test can be run in it"
        return self._pytester

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process."""
        return self.pytester.runpytest_inprocess(*arguments)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in a process of its own, as it takes for workers; this costs a second."""
        return self.pytester.runpytest_subprocess(*arguments)

    def collected(self, *arguments: str) -> list[str]:
        """The ids of the tests that these arguments select."""
        result = self.run("--collect-only", "-q", *arguments)
        return [line for line in result.outlines if "::" in line]
