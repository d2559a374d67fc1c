from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.blueprint import Blueprint
from rollback._settings import BudgetTable, DrillTable, ProbeTable, Settings
from rollback.environment import Budget, Environments, load
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[1]
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


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration: `SHOP` with some of its text replaced."""

    def write(*edits: tuple[str, str], text: str = SHOP) -> Path:
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / "environments.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


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
        models = (Settings, ProbeTable, BudgetTable, DrillTable, Blueprint)
        tables = {"probe", "budgets", "drill", "rehearsal"}

        assert sorted(explained) == sorted(
            key for model in models for key in model.model_fields if key not in tables
        )

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


GUIDE_FOR_EMPTY: Final = f" is empty: expected default, [defaults] and [environments.NAME]. {GUIDE}"
TOO_MUCH: Final = f" has a number that is too long or tables that are nested too deeply. {GUIDE}"
MISTAKES: Final = [
    pytest.param(
        [('region = "eu-central-1"', 'region = "Frankfurt"')],
        'defaults.region must be the code of an AWS region, as "eu-central-1", not "Frankfurt".',
        id="ill-formed",
    ),
    pytest.param(
        [('account = "111122223333"', "account = 111122223333")],
        "environments.staging.account must be the 12 digits of an AWS account, in quotes, not 111122223333.",
        id="ill-typed",
    ),
    pytest.param(
        [('account = "111122223333"', 'account = "11112222"')],
        'environments.staging.account must be the 12 digits of an AWS account, in quotes, not "11112222".',
        id="too-few-digits",
    ),
    pytest.param(
        [('account = "111122223333"\n', "")],
        "environments.staging.account is missing; it must be the 12 digits of an AWS account, in quotes. "
        "Write it there or in [defaults].",
        id="missing",
    ),
    pytest.param(
        [('region = "eu-central-1"\n', "")],
        'environments.staging.region is missing; it must be the code of an AWS region, as "eu-central-1" '
        "(and 1 more mistake). Write it there or in [defaults].",
        id="missing-everywhere",
    ),
    pytest.param(
        [("from_minutes = 2,", "")],
        "defaults.budgets.emergency.from_minutes is missing; it must be a number of minutes from 0 to 1440.",
        id="missing-in-a-table-of-the-defaults",
    ),
    pytest.param(
        [('short = "stg"\n', 'short = "stg"\npassword = "hunter2"\n')],
        "environments.staging.password is not a known key. Known here are short, account, region, branch, cluster, "
        "service, family, state_bucket, state_key, terraform_directory, url, probe, budgets, drill, rehearsal.",
        id="unknown",
    ),
    pytest.param(
        [("region =", "regoin =")],
        'defaults.regoin is not a known key (and 2 more mistakes). Did you mean "region"?',
        id="misspelt",
    ),
    pytest.param(
        [('account = "111122223333"', 'acount = "111122223333"')],
        'environments.staging.acount is not a known key (and 1 more mistake). Did you mean "account"?',
        id="misspelt-in-an-environment",
    ),
    pytest.param(
        [("drill.allowed", "drill.alowed")],
        'environments.production.drill.alowed is not a known key. Did you mean "allowed"?',
        id="misspelt-in-a-table",
    ),
    pytest.param(
        [("[defaults.probe]", "[defaults.probes]")],
        'defaults.probes is not a known key (and 2 more mistakes). Did you mean "probe"?',
        id="misspelt-table",
    ),
    pytest.param(
        [('short = "stg"\n', 'short = "stg"\n"a b\\u001b" = 1\n')],
        'environments.staging."a b\\x1b" is not a known key. Known here are short, account, region, branch, '
        "cluster, service, family, state_bucket, state_key, terraform_directory, url, probe, budgets, drill, "
        "rehearsal.",
        id="unprintable-key",
    ),
    pytest.param(
        [("drill.allowed = false", "drill = false")],
        "environments.production.drill must be a table, not false.",
        id="no-table",
    ),
    pytest.param(
        [
            (
                "[environments.production.rehearsal]\nlabels =",
                "[[environments.production.rehearsal]]\nlabels =",
            )
        ],
        "environments.production.rehearsal must be a table, not an array.",
        id="no-table-for-another-room",
    ),
    pytest.param(
        [("drill.allowed = false", 'drill.allowed = "no"')],
        'environments.production.drill.allowed must be true or false, not "no".',
        id="no-boolean",
    ),
    pytest.param(
        [("requests = 3", "requests = 3.0")],
        "defaults.probe.requests must be a whole number from 1 to 100, not 3.0.",
        id="no-whole-number",
    ),
    pytest.param(
        [("requests = 3", "requests = 0xffffffffffffffffff")],
        "defaults.probe.requests must be a whole number from 1 to 100, not a very large number.",
        id="huge-number",
    ),
    pytest.param(
        [('field = "version"', "field = 2026-01-05")],
        "defaults.probe.field must be the name of a field of the JSON answer, not a date or time.",
        id="date",
    ),
    pytest.param(
        [('field = "version"', 'field = ""')],
        "defaults.probe.field must be the name of a field of the JSON answer, not an empty text.",
        id="empty-text",
    ),
    pytest.param(
        [('path = "/version"', 'path = "version"')],
        'defaults.probe.path must be a path that starts with a slash, not "version".',
        id="relative-path",
    ),
    pytest.param(
        [("from_minutes = 2, to_minutes = 5", "from_minutes = 5, to_minutes = 2")],
        "defaults.budgets.emergency.to_minutes must be at least from_minutes (5) and more than 0, not 2.",
        id="budget-backwards",
    ),
    pytest.param(
        [("deadline_minutes = 30", "deadline_minutes = 14.5")],
        "defaults.budgets.infrastructure.deadline_minutes must be at least to_minutes (15) and more than 0, "
        "not 14.5.",
        id="deadline-before-the-budget",
    ),
    pytest.param(
        [("from_minutes = 2, to_minutes = 5", "from_minutes = 0, to_minutes = 0")],
        "defaults.budgets.emergency.to_minutes must be at least from_minutes (0) and more than 0, not 0.",
        id="no-time-at-all",
    ),
    pytest.param(
        [("deadline_minutes = 30", "deadline_minutes = nan")],
        "defaults.budgets.infrastructure.deadline_minutes must be a number of minutes from 0 to 1440, not nan.",
        id="no-number",
    ),
    pytest.param(
        [("deadline_minutes = 30", "deadline_minutes = inf")],
        "defaults.budgets.infrastructure.deadline_minutes must be a number of minutes from 0 to 1440, not inf.",
        id="endless-deadline",
    ),
    pytest.param(
        [("deadline_minutes = 30", "deadline_minutes = true")],
        "defaults.budgets.infrastructure.deadline_minutes must be a number of minutes from 0 to 1440, not true.",
        id="boolean-number",
    ),
    pytest.param(
        [('cluster = "shop-{short}"', 'cluster = "shop-{shrot}"')],
        'defaults.cluster may hold only {environment} and {short} to be filled in, not "{shrot}".',
        id="unknown-placeholder",
    ),
    pytest.param(
        [('short = "stg"', 'short = "{short}"')],
        'environments.staging.short may hold only {environment} to be filled in, not "{short}".',
        id="placeholder-in-itself",
    ),
    pytest.param(
        [('cluster = "shop-{short}"', 'cluster = "shop-{short"')],
        'defaults.cluster may hold only {environment} and {short} to be filled in, not "{".',
        id="stray-brace",
    ),
    pytest.param(
        [('cluster = "shop-{short}"', 'cluster = "my {short}"')],
        "defaults.cluster must be the name of an ECS cluster, up to 255 letters, digits, hyphens and underscores "
        'that don\'t start with a hyphen, not "my stg" as filled in for staging.',
        id="ill-formed-once-filled-in",
    ),
    pytest.param(
        [('branch = "main"', 'branch = "--force"')],
        'environments.production.branch must be a branch name that git accepts, not "--force".',
        id="branch-like-an-option",
    ),
    pytest.param(
        [('url = "https://{short}.shop.example"', 'url = "https://me:pw@h"')],
        "defaults.url must be an http or https address without password, query or slash at its end, "
        "not a text of 15 characters.",
        id="password-in-the-address",
    ),
    pytest.param(
        [('service = "web"', 'service = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"')],
        "defaults.service must be the name of an ECS service, up to 255 letters, digits, hyphens and underscores "
        "that don't start with a hyphen, not a text of 40 characters.",
        id="secret-in-the-wrong-place",
    ),
    pytest.param(
        [('short = "prod"', 'short = "stg"')],
        'environments.production.short is called "stg", and so is environments.staging.',
        id="same-short-name",
    ),
    pytest.param(
        [('short = "prod"', 'short = "staging"')],
        'environments.production.short is called "staging", and so is environments.staging.',
        id="short-name-of-another",
    ),
    pytest.param(
        [("[environments.staging]", '["environments"."Stag ing"]')],
        'environments."Stag ing" must be called by a short name of lower-case letters, digits, hyphens and '
        "underscores.",
        id="ill-named",
    ),
    pytest.param(
        [
            ('account = "444455556666"', 'account = "111122223333"'),
            ('cluster = "shop-{short}"', 'cluster = "shop"'),
        ],
        "environments.production has the same account, region, cluster and service as environments.staging. "
        "Give each its own, or a drill on the one hits the other.",
        id="same-service",
    ),
    pytest.param(
        [('state_bucket = "shop-state-{short}"', 'state_bucket = "shop-state"')],
        "environments.production has the same state_bucket and state_key as environments.staging. "
        "Give each its own, or a drill on the one hits the other.",
        id="same-state",
    ),
    pytest.param(
        [('url = "https://{short}.shop.example"', 'url = "https://shop.example"')],
        "environments.production has the same url as environments.staging. "
        "Give each its own, or a drill on the one hits the other.",
        id="same-address",
    ),
    pytest.param(
        [('default = "production"', 'default = "prdo"')],
        'default must be the name of an environment, not "prdo". Did you mean "prod"? '
        "The environments are staging (stg), production (prod).",
        id="default-names-none",
    ),
    pytest.param(
        [('default = "production"\n', "")],
        "default is missing; it must be the name of an environment.",
        id="no-default",
    ),
    pytest.param(
        [('default = "production"\n', 'default = "production"\nenvironment = 1\n')],
        'environment is not a known key. Did you mean "environments"?',
        id="unknown-at-the-root",
    ),
    pytest.param(
        [
            ('branch = "{environment}"', 'branch = "a..b"'),
            ('short = "stg"\n', 'short = "stg"\nbranch = "stg"\n'),
        ],
        'defaults.branch must be a branch name that git accepts, not "a..b".',
        id="mistake-in-a-default-nobody-uses",
    ),
    pytest.param(
        [
            ('region = "eu-central-1"', 'region = "x"'),
            ('state_key = "t', 'state_key = "/t'),
            ("allowed = true", ""),
        ],
        'defaults.region must be the code of an AWS region, as "eu-central-1", not "x" (and 2 more mistakes).',
        id="several",
    ),
]


class TestMistakes:
    @pytest.mark.parametrize(("edits", "sentence"), MISTAKES)
    def test_is_one_sentence_with_file_key_and_what_is_expected(
        self, write: Callable[..., Path], edits: list[tuple[str, str]], sentence: str
    ) -> None:
        assert complaint(write(*edits)) == f"environments.toml: {sentence}"

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ('default = "a"\n[environments]\n', "not an empty table."),
            ('default = "a"\n[[environments]]\nname = "a"\n', "not an array."),
        ],
    )
    def test_environments_are_named_tables(
        self, write: Callable[..., Path], text: str, sentence: str
    ) -> None:
        expected = "environments must be a table that holds [environments.NAME] for each environment, "

        assert complaint(write(text=text)) == f"environments.toml: {expected}{sentence}"

    def test_an_environment_is_a_table(self, write: Callable[..., Path]) -> None:
        said = complaint(write(text='default = "a"\nenvironments.a = 3\n'))

        assert said == "environments.toml: environments.a must be a table, not 3."

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", GUIDE_FOR_EMPTY),
            ("# nothing yet\n", GUIDE_FOR_EMPTY),
            (
                SHOP.replace("[environments.production]", "[environments.staging]"),
                ", line 36: the table [environments.staging] is there a second time. Keep one of the two.",
            ),
            ("a = 1\na = 2\nb = 3\n", ", line 2: a key is there a second time. Keep one of the two."),
            ("a = 1\nb = \n", ", line 2 is not TOML: invalid value."),
            ("a = 1\nb\n", ", line 2 is not TOML: expected '=' after a key in a key/value pair."),
            ("a = {", ", line 1 is not TOML: "),
            ("a = " + "9" * 5000, TOO_MUCH),
            ("a = " + "[" * 5000, TOO_MUCH),
            ("a" + ".a" * 500 + " = 1", TOO_MUCH),
        ],
        ids=[
            "empty",
            "comment",
            "table-twice",
            "key-twice",
            "no-value",
            "no-key",
            "cut",
            "digits",
            "brackets",
            "dots",
        ],
    )
    def test_what_is_no_configuration_is_named_with_its_line(
        self, write: Callable[..., Path], text: str, sentence: str
    ) -> None:
        assert complaint(write(text=text)).startswith(f"environments.toml{sentence}")

    def test_a_file_that_is_not_utf8_is_named_with_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "environments.toml"
        path.write_bytes(b"# one\n# two\n# caf\xe9\n")

        assert complaint(path) == (
            "environments.toml, line 3: expected UTF-8 text, not the byte 0xe9. Save the file as UTF-8."
        )

    def test_a_file_that_is_not_there_says_where_to_look(self, tmp_path: Path) -> None:
        assert complaint(tmp_path / "environments.toml") == (
            "environments.toml is not there: expected the TOML file that names the environments. "
            f"Start in the directory that has it, or write one: {GUIDE}"
        )

    def test_a_directory_is_no_file(self, tmp_path: Path) -> None:
        assert complaint(tmp_path).endswith("is a directory: expected a TOML file. Name the file inside.")

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "environments.toml"
        os.mkfifo(path)

        assert complaint(path) == f"environments.toml is not a regular file: expected a TOML file. {GUIDE}"

    @pytest.mark.parametrize("name", ["x" * 5000, "nul\0", "itself"])
    def test_an_unreadable_file_says_why(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "itself").symlink_to("itself")

        with pytest.raises(
            ConfigurationError, match=r"can't be read \(.+\): expected a readable TOML file\."
        ) as caught:
            load(tmp_path / name)
        assert caught.value.remedy == "Check the path and its permissions."

    def test_a_huge_file_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "environments.toml"
        with path.open("wb") as file:
            file.truncate(2**40)

        assert complaint(path) == (
            f"environments.toml is larger than 1,048,576 bytes: expected a configuration. {GUIDE}"
        )


BRANCHES: Final = st.lists(
    st.sampled_from([*"ab/.-@~^:?*[\\ \t\x7fé", "..", "//", ".lock", "HEAD"]), min_size=1, max_size=6
).map("".join)


class TestNames:
    """What ends up in an argument list keeps the rules of the tool it is handed to."""

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("branch", "feature/rollback-2"),
            ("branch", "größe"),
            ("cluster", "A_b-9"),
            ("service", "x" * 255),
            ("family", "_x"),
            ("state_bucket", "a.b-c.9"),
            ("state_bucket", "abc"),
            ("state_key", "env:/prod/app=1/terraform.tfstate"),
            ("terraform_directory", "infra"),
            ("terraform_directory", "my infra/prod@eu"),
            ("url", "http://127.0.0.1:8080"),
            ("url", "https://[::1]:8443/app"),
            ("region", "us-gov-west-1"),
            ("region", "ap-southeast-4"),
        ],
    )
    def test_is_taken(self, write: Callable[..., Path], key: str, value: str) -> None:
        path = write(
            ('short = "prod"\n', f'short = "prod"\n{key} = "{value}"\n'),
            text=SHOP.replace('branch = "main"\n', ""),
        )

        assert getattr(load(path).default, key) == value

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            *((key, value) for key in ("cluster", "service", "family") for value in ("-x", "a b", "a/b", "a.b", "", "x" * 256, "é")),
            *(("state_bucket", v) for v in ("ab", "-abc", "abc-", "Abc", "a..b", "a_b", "10.0.0.1", "xn--abc", "abc-s3alias", "abc--x-s3", "a" * 64)),
            *(("state_key", v) for v in ("/a", "a/", "-a", "a b", "", "a\\n", "é", "a" * 1025)),
            *(("terraform_directory", v) for v in ("/infra", "infra/", "a//b", "../a", "a/../b", "./a", "-chdir=x", "", "a\\\\b", "a\\nb")),
            *(("url", v) for v in ("shop.example", "ftp://shop.example", "//shop", "https://", "https://shop.example/", "https://s?a=b", "https://s#a", "https://me@s", "https://s:0", "https://s:99999", "https://s:", "https://s s", "https://s\\n", "https://[s", "https://s\\\\t", "-https://s", "https://sé", "https://a%b")),
            *(("branch", v) for v in ("-x", "--force", "@", "HEAD", "a..b", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "a b", "a:b", "a~1", "\\u202ea", "a\\u007f", "", "a" * 256)),
            *(("region", v) for v in ("-eu-central-1", "eu", "EU-CENTRAL-1", "eu-central-1a", "eu_central_1", "")),
            *(("account", v) for v in ("12345678901", "1234567890123", "12345678901a", "\u0661" * 12, "111122223333\\n")),
            *(("short", v) for v in ("-p", "P", "p p", "", "9", "p" * 32)),
        ],
    )  # fmt: skip
    def test_is_refused(self, write: Callable[..., Path], key: str, value: str) -> None:
        production = SHOP.replace('branch = "main"\n', "")
        production = production.replace('short = "prod"\naccount = "444455556666"\n', "# here\n")
        others = {"short": "prod", "account": "444455556666"} | {key: value}
        lines = "".join(f'{k} = "{v}"\n' for k, v in others.items())

        said = complaint(write(("# here\n", lines), text=production))

        assert said.startswith(f"environments.toml: environments.production.{key} must be ")

    @given(BRANCHES)
    @settings(max_examples=150, deadline=None)
    def test_a_branch_is_what_git_takes_for_one(self, branch: str) -> None:
        ask = ["git", "check-ref-format", "--branch", branch]
        git = subprocess.run(ask, capture_output=True, check=False)  # noqa: S603 - what it says is the point

        taken = git.returncode == 0 and branch not in {"@", "HEAD"}
        assert bool(loaded(SHOP.replace('"main"', toml(branch)))) == taken


WORDS: Final = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
PLACES: Final = st.sampled_from(
    [
        "defaults.{}",
        "defaults.drill.{}",
        "environments.{}",
        "environments.staging.{}",
        "environments.production.probe.{}",
        "{}",
    ]
)
KEYS: Final = st.sampled_from(
    [
        "short",
        "account",
        "url",
        "probe",
        "budgets",
        "emergency",
        "to_minutes",
        "rehearsal",
        "default",
        "staging",
    ]
) | TEXTS.map(toml)


class TestWhateverIsInTheFile:
    @given(
        name=WORDS,
        short=WORDS,
        pattern=st.sampled_from(["{short}", "x-{environment}", "{environment}_{short}-9"]),
    )
    @settings(deadline=None)
    def test_a_pattern_is_filled_in_with_both_names(self, name: str, short: str, pattern: str) -> None:
        text = SHOP.replace("environments.production", f"environments.{name}").replace('"prod"', f'"{short}"')
        text = text.replace('default = "production"', f'default = "{name}"').replace("shop-{short}", pattern)

        found = loaded(text)

        if found is not None:
            assert found.default.name == name
            assert found.default.cluster == pattern.replace("{environment}", name).replace("{short}", short)
        else:
            assert {name, short} & {"staging", "stg"}

    @given(place=PLACES, key=KEYS, value=VALUES)
    @settings(deadline=None, max_examples=200)
    def test_a_stray_value_is_taken_or_complained_about(self, place: str, key: str, value: object) -> None:
        if value is not None:
            loaded(f"{place.format(key)} = {toml(value)}\n{SHOP}")

    @given(start=st.integers(0, len(SHOP)), length=st.integers(0, 80), put=TEXTS)
    @settings(deadline=None, max_examples=200)
    def test_a_torn_file_is_taken_or_complained_about(self, start: int, length: int, put: str) -> None:
        loaded(SHOP[:start] + put + SHOP[start + length :])

    @given(st.binary(max_size=200))
    @settings(deadline=None)
    def test_bytes_are_complained_about(self, data: bytes) -> None:
        assert loaded(data) is None

    @pytest.mark.parametrize(
        "key", [line.split(" = ", 1)[0] for line in SHOP.splitlines()[:17] if '"' in line]
    )
    def test_a_secret_in_the_wrong_place_is_not_repeated(self, write: Callable[..., Path], key: str) -> None:
        text = re.sub(
            rf'^{key} = ".*"', f'{key} = " wJalrXUtnFEMI/K7MDENG"', SHOP, count=1, flags=re.MULTILINE
        )

        assert "MDENG" not in complaint(write(text=text))
