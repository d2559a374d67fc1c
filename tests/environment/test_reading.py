from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.blueprint import Blueprint
from rehearsal.report.limits import Limits
from rollback._settings import (
    BudgetTable,
    CertificateTable,
    ChecklistTable,
    DatabaseTable,
    DrillTable,
    LeaseTable,
    LogsTable,
    PostMortemTable,
    ProbeTable,
    ReadinessTable,
    RepositoryTable,
    Settings,
    TerraformTable,
)
from rollback.environment import Budget, Environments, load
from rollback.errors import ConfigurationError
from tests.environment.shop import SHOP

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def environments() -> Environments:
    return load(ROOT / "environments.toml")


class TestThisRepository:
    """`environments.toml`, held against the runbook."""

    @pytest.mark.parametrize(
        ("name", "short", "branch"),
        [
            ("development", "dev", "development"),
            ("staging", "staging", "staging"),
            ("production", "prod", "main"),
        ],
    )
    def test_names_are_the_runbooks(
        self, environments: Environments, name: str, short: str, branch: str
    ) -> None:
        found = environments.get(name)

        assert environments.get(short) is found
        assert (found.name, found.short, found.branch) == (name, short, branch)
        assert found.cluster == f"connect2-app-cluster-{short}"
        assert found.service == f"connect2-app-service-{short}"
        assert found.family == f"connect2-app-{short}"
        assert found.state_bucket == f"connect2-app-terraform-state-{short}"
        assert found.state_key == "app/terraform.tfstate"
        assert found.terraform_directory == f"infrastructure/terraform/environments/{short}"

    def test_budgets_are_the_quick_references(self, environments: Environments) -> None:
        for environment in environments:
            assert environment.budgets.application == Budget(300, 600, 1200)
            assert environment.budgets.infrastructure == Budget(300, 900, 1800)
            assert environment.budgets.emergency == Budget(120, 300, 600)

    def test_production_is_what_is_rehearsed_and_is_not_drilled_unasked(
        self, environments: Environments
    ) -> None:
        production = environments.default

        assert production.name == "production"
        assert not production.drill.allowed
        assert production.drill.confirm

    def test_production_runs_more_tasks(self, environments: Environments) -> None:
        counts = [environments.section(e, "rehearsal")["desired_count"] for e in environments]

        assert counts == [2, 2, 4]


class TestTheGuide:
    """`docs/configuration.md`, held against the code."""

    PAGE: Final = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    def test_explains_every_key_and_no_other(self) -> None:
        explained = re.findall(r"^\| `(\w+)` \|", self.PAGE, re.MULTILINE)
        models = (
            Settings,
            ProbeTable,
            BudgetTable,
            DrillTable,
            LeaseTable,
            RepositoryTable,
            TerraformTable,
            CertificateTable,
            DatabaseTable,
            ChecklistTable,
            ReadinessTable,
            PostMortemTable,
            LogsTable,
            Blueprint,
            Limits,
        )
        tables = {
            "probe",
            "budgets",
            "drill",
            "lease",
            "repository",
            "terraform",
            "certificate",
            "database",
            "checklist",
            "readiness",
            "post_mortem",
            "logs",
            "rehearsal",
            "report",
        }
        keys = [
            key
            for model in models
            for key in model.model_fields
            if model is not Settings or key not in tables
        ]

        assert sorted(explained) == sorted(keys)

    def test_shows_a_file_that_can_be_used(self, write: Callable[..., Path]) -> None:
        found = load(write(text=self.PAGE.split("```toml\n")[1].split("```")[0]))

        assert found.names == ("trial", "live")
        assert found.default.cluster == "shared"
        for environment in found:
            table = found.section(environment, "rehearsal")
            assert Blueprint.model_validate(table).repository == "checkout"


class TestReading:
    def test_environments_come_in_the_order_of_the_file(self, write: Callable[..., Path]) -> None:
        environments = load(write())

        assert environments.names == ("staging", "production")
        assert [e.short for e in environments] == ["stg", "prod"]
        assert len(environments) == 2

    def test_the_default_may_be_a_short_name(self, write: Callable[..., Path]) -> None:
        assert load(write(('default = "production"', 'default = "stg"'))).default.name == "staging"

    def test_a_table_of_an_environment_replaces_only_what_it_names(self, write: Callable[..., Path]) -> None:
        environments = load(write())

        assert not environments.get("prod").drill.allowed
        assert not environments.get("prod").drill.confirm
        assert environments.get("stg").drill.allowed

    def test_environments_can_be_compared_and_be_keys(self, write: Callable[..., Path]) -> None:
        one, other = load(write()), load(write())

        assert {*one} == {*other}

    def test_an_environment_is_frozen(self, write: Callable[..., Path]) -> None:
        with pytest.raises(AttributeError):
            load(write()).default.region = "us-east-1"  # type: ignore[misc]

    def test_a_section_is_merged_filled_in_and_nobody_elses(self, write: Callable[..., Path]) -> None:
        environments = load(write())
        section = environments.section(environments.default, "rehearsal")

        assert section == {"container": "web", "labels": {"team": "production", "tier": "edge"}}
        section["labels"].clear()  # type: ignore[attr-defined]
        assert environments.section(environments.default, "rehearsal")["labels"]

    def test_a_section_may_be_absent_and_hold_braces_of_its_own(self, write: Callable[..., Path]) -> None:
        rehearsal = (
            '[defaults.rehearsal]\ncontainer = "web"\nlabels = { team = "{environment}", tier = "front" }\n'
        )
        without = load(
            write((rehearsal, ""), ('rehearsal]\nlabels = { tier = "edge" }', 'rehearsal]\nx = "{y}"'))
        )

        assert without.section(without.get("stg"), "rehearsal") == {}
        assert without.section(without.get("prod"), "rehearsal") == {"x": "{y}"}

    def test_only_a_known_section_is_carried(self, write: Callable[..., Path]) -> None:
        environments = load(write())

        with pytest.raises(KeyError):
            environments.section(environments.default, "probe")

    def test_a_byte_order_mark_is_no_mistake(self, tmp_path: Path) -> None:
        path = tmp_path / "environments.toml"
        path.write_bytes(b"\xef\xbb\xbf" + SHOP.encode())

        assert load(path).default.name == "production"

    def test_minutes_may_have_a_fraction(self, write: Callable[..., Path]) -> None:
        environments = load(write(("from_minutes = 2,", "from_minutes = 2.5,")))

        assert environments.default.budgets.emergency.from_seconds == 150

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("prdo", 'knows no environment "prdo". Did you mean "prod"?'),
            ("Staging", 'knows no environment "Staging". Did you mean "staging"?'),
            ("x", 'knows no environment "x".'),
            ("", 'knows no environment "".'),
            ("\x1b[2J", r'knows no environment "\x1b[2J".'),
        ],
    )
    def test_an_unknown_name_is_answered_with_the_nearest_and_all(
        self, write: Callable[..., Path], asked: str, said: str
    ) -> None:
        path = write()

        with pytest.raises(ConfigurationError) as caught:
            load(path).get(asked)
        assert str(caught.value) == f"{path} {said} The environments are staging (stg), production (prod)."
