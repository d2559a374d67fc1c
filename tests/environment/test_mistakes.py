from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.environment.shop import complaint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        "service, family, state_bucket, state_key, terraform_directory, url, probe, budgets, drill, lease, repository, "
        "terraform, checklist, post_mortem, logs, certificate, database, readiness, rehearsal, report.",
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
        "lease, repository, terraform, checklist, post_mortem, logs, certificate, database, readiness, rehearsal, report.",
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
        [
            ('state_bucket = "shop-state-{short}"', 'state_bucket = "shop-state"'),
            ('state_key = "terraform.tfstate"', 'state_key = "{short}.tfstate"'),
        ],
        "environments.production has the same state_bucket and lease.key as environments.staging. "
        "Give each its own, or a drill on the one hits the other.",
        id="same-lease",
    ),
    pytest.param(
        [('key = "rollback/lease.json"', 'key = "eu/terraform.tfstate.tflock"')],
        "environments.staging.lease.key is where the Terraform state or its lock is (and 1 more mistake). "
        "Give the lease a key of its own.",
        id="lease-over-the-lock",
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
