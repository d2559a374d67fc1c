"""A second team's file, and what is said about what becomes of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import pytest

from rollback.environment import Environments, load
from rollback.errors import ConfigurationError

GUIDE: Final = "docs/configuration.md says what belongs into it."

SHOP: Final = """\
default = "production"

[defaults]
region = "eu-central-1"
branch = "{environment}"
cluster = "shop-{short}"
service = "web"
family = "web-{short}"
state_bucket = "shop-state-{short}"
state_key = "terraform.tfstate"
terraform_directory = "infra/{environment}"
url = "https://{short}.shop.example"

[defaults.probe]
path = "/version"
field = "version"
requests = 3

[defaults.budgets]
application = { from_minutes = 5, to_minutes = 10, deadline_minutes = 20 }
infrastructure = { from_minutes = 5, to_minutes = 15, deadline_minutes = 30 }
emergency = { from_minutes = 2, to_minutes = 5, deadline_minutes = 10 }

[defaults.drill]
allowed = true
confirm = false

[defaults.lease]
key = "rollback/lease.json"
minutes = 5

[defaults.repository]
name = "shop/web"
remote = "git@github.com:shop/web.git"
api = "https://github.shop.example/api/v3"
token_variable = "SHOP_TOKEN"
infrastructure = ["infra/"]
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
instance = "shop-orders"
variable = "SHOP_DATABASE"
wait_minutes = 60

[defaults.terraform]
programs = ["tofu"]
workspace = "default"
lock_table = "shop-locks"
stateful = ["aws_sqs_queue"]
fewest_resources = 2

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

[defaults.readiness]
merges = 2
backup_hours = 25
certificate_days = 10

[defaults.logs]
group = "/shop/{short}"
errors = ["ERROR"]
before_minutes = 30
window_minutes = 5
factor = 2.0
fewest = 3

[defaults.rehearsal]
container = "web"
labels = { team = "{environment}", tier = "front" }

[environments.staging]
short = "stg"
account = "111122223333"

[environments.production]
short = "prod"
account = "444455556666"
branch = "main"
drill.allowed = false

[environments.production.rehearsal]
labels = { tier = "edge" }
"""
"""A second team's file: everything the application of this repository isn't."""


def complaint(path: Path) -> str:
    """What is said about the file at `path`, with its name alone."""
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return str(caught.value).replace(str(path), path.name)


def loaded(content: str | bytes) -> Environments | None:
    """What a file with this content says, or None where it is complained about as it should be."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "environments.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            return load(path)
        except ConfigurationError as error:
            said = str(error)
            assert said.startswith(str(path))
            assert said.isprintable()
            assert len(said) < len(str(path)) + 400
            assert "pydantic" not in said
            return None


def toml(value: object) -> str:
    """`value` as TOML writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
        case list():
            return f"[{', '.join(toml(item) for item in value if item is not None)}]"
        case dict():
            return f"{{{', '.join(f'{toml(k)} = {toml(v)}' for k, v in value.items() if v is not None)}}}"
        case _:
            return repr(value)
