"""The table `repository`: where the code is, and whose its paths are."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollback.environment import Repository, load
from rollback.process import literal
from tests.environment.shop import SHOP, complaint, loaded, toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINES: Final = {
    "name": 'name = "shop/web"',
    "remote": 'remote = "git@github.com:shop/web.git"',
    "api": 'api = "https://github.shop.example/api/v3"',
    "token_variable": 'token_variable = "SHOP_TOKEN"',
    "infrastructure": 'infrastructure = ["infra/"]',
    "migrations": 'migrations = ["db/"]',
    "neutral": 'neutral = ["*.md"]',
    "application_workflow": 'application_workflow = ".github/workflows/ship.yml"',
    "infrastructure_workflow": 'infrastructure_workflow = ".github/workflows/infra.yml"',
    "run_limit_minutes": "run_limit_minutes = 2",
}
EXPECTED: Final = {
    "name": 'a repository at GitHub, as "owner/name"',
    "remote": "an https or ssh URL of a git repository, without a password",
    "api": "an http or https address without password, query or slash at its end",
    "token_variable": "the name of an environment variable",
    "infrastructure": 'a list of paths inside the repository, as ["infra/", "*.tf"], without braces or brackets',
    "migrations": 'a list of paths inside the repository, as ["infra/", "*.tf"], without braces or brackets',
    "neutral": 'a list of paths inside the repository, as ["infra/", "*.tf"], without braces or brackets',
    "application_workflow": 'the file of a workflow, as ".github/workflows/deploy.yml"',
    "infrastructure_workflow": 'the file of a workflow, as ".github/workflows/deploy.yml"',
    "run_limit_minutes": "a number of minutes, more than 0 and at most 60",
}


def with_value(key: str, value: object) -> tuple[str, str]:
    """The edit that gives `key` this value."""
    return LINES[key], f"{key} = {toml(value)}"


def repository(path: Path) -> Repository:
    return load(path).default.repository


def test_what_stands_there_is_what_is_known(write: Callable[..., Path]) -> None:
    assert repository(write()) == Repository(
        name="shop/web",
        remote="git@github.com:shop/web.git",
        api="https://github.shop.example/api/v3",
        token_variable="SHOP_TOKEN",  # noqa: S106 - the name of a variable
        infrastructure=("infra/",),
        migrations=("db/",),
        neutral=("*.md",),
        application_workflow=".github/workflows/ship.yml",
        infrastructure_workflow=".github/workflows/infra.yml",
        run_limit_seconds=120,
    )


def test_an_environment_may_have_a_list_of_its_own(write: Callable[..., Path]) -> None:
    own = '[environments.production.repository]\ninfrastructure = ["deploy/{environment}/"]\n\n'
    environments = load(
        write(("[environments.production.rehearsal]", f"{own}[environments.production.rehearsal]"))
    )
    assert environments.get("prod").repository.infrastructure == ("deploy/production/",)
    assert environments.get("prod").repository.neutral == ("*.md",)
    assert environments.get("stg").repository.infrastructure == ("infra/",)


def test_placeholders_are_filled_in(write: Callable[..., Path]) -> None:
    path = write(
        with_value("infrastructure", ["infra/{short}/", "{environment}.tf"]),
        with_value("application_workflow", ".github/workflows/{short}.yml"),
    )
    found = load(path)
    assert found.get("stg").repository.infrastructure == ("infra/stg/", "staging.tf")
    assert found.get("prod").repository.application_workflow == ".github/workflows/prod.yml"


@pytest.mark.parametrize("key", LINES)
def test_every_key_is_needed(write: Callable[..., Path], key: str) -> None:
    said = complaint(write((LINES[key] + "\n", "")))
    assert said == f"environments.toml: defaults.repository.{key} is missing; it must be {EXPECTED[key]}."


@pytest.mark.parametrize("key", LINES)
@pytest.mark.parametrize(
    "value",
    [
        True,
        7.5e9,
        "",
        [],
        ["a", 1],
        {"a": "b"},
        [["a"]],
        " ",
        "-x",
        ["-x"],
        "a\nb",
        ["a\nb"],
        "\u202e",
        ["\u202e"],
    ],
)
def test_what_fits_no_key_is_said_of_each(write: Callable[..., Path], key: str, value: object) -> None:
    if value == [] and key in {"migrations", "neutral"}:
        assert getattr(repository(write(with_value(key, value))), key) == ()
        return
    said = complaint(write(with_value(key, value)))
    assert said.startswith(f"environments.toml: defaults.repository.{key} must be {EXPECTED[key]}, not ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", v) for v in ("a/b", "A-1/x_y.z-", "a" * 39 + "/" + "b" * 100)),
        *(("remote", v) for v in ("https://github.com/shop/web.git", "https://git.shop.example:8443/a/b/c", "http://127.0.0.1:8080/x", "ssh://git@github.com/shop/web.git", "ssh://host:22/~shop/web", "git@github.com:shop/web", "deploy_1@host:~/web.git")),
        *(("api", v) for v in ("https://api.github.com", "https://github.shop.example/api/v3", "http://127.0.0.1:8080")),
        *(("token_variable", v) for v in ("GH_TOKEN", "_", "T" * 100)),
        *((key, v) for key in ("infrastructure", "neutral", "migrations") for v in (["infra/"], ["*"], ["*.tf", "a b/c*"], ["größe/"])),
        *(("application_workflow", v) for v in (".github/workflows/a.yml", ".github/workflows/_Deploy-1.2.yaml")),
        *(("run_limit_minutes", v) for v in (0.5, 60, 1)),
    ],
)  # fmt: skip
def test_is_taken(write: Callable[..., Path], key: str, value: object) -> None:
    found = repository(write(with_value(key, value)))
    known = found.run_limit_seconds / 60 if key == "run_limit_minutes" else getattr(found, key)
    assert known == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", v) for v in ("shop", "shop/web/more", "/web", "shop/", "shop/-web", "-shop/web", "shop/we b", "https://github.com/shop/web", "a" * 40 + "/b", "a/" + "b" * 101, "shöp/web", "shop/web\n")),
        *(("remote", v) for v in (
            "https://ann:secret@github.com/shop/web.git", "https://ann@github.com/shop/web.git", "ssh://git:secret@github.com/shop/web",
            "/srv/git/web.git", "../web.git", "./web", "file:///srv/git/web.git", "git://github.com/shop/web.git", "ext::sh -c id", "fd::7",
            "https::https://github.com/x", "https://github.com", "https:///shop", "https://-oProxyCommand=id/x", "ssh://-oProxyCommand=id/x",
            "-u@host:path", "git@-host:path", "git@host:-path", "https://host/a/../b", "https://host/x?y", "https://host/x#y", "https://host/x y", "https://hö.st/x",
            "github.com:shop/web", "https://host:123456/x", "https://host/" + "x" * 1024, "https://host/x\n",
        )),
        *(("api", v) for v in ("api.github.com", "https://api.github.com/", "https://token@api.github.com", "https://api.github.com?a", "ftp://api.github.com", "https://api.github.com\n")),
        *(("token_variable", v) for v in ("github_token", "GITHUB-TOKEN", "1TOKEN", "$TOKEN", "T" * 101, "TOKEN\n", "ghp_0123456789abcdefghijklmnopqrstuvwxyz")),
        *((key, v) for key in ("infrastructure", "neutral", "migrations") for v in ("infra/", ["/infra/"], ["infra//"], ["../x"], ["a/../b"], ["./a"], ["a//b"], [""], ["/"], ["a?"], ["[ab]"], ["a{b}"], ["a\\b"], [" a"], ["a", "-b"])),
        *((key, v) for key in ("application_workflow", "infrastructure_workflow") for v in ("deploy.yml", ".github/workflows/", ".github/workflows/a/b.yml", ".github/workflows/../x.yml", ".github/workflows/-x.yml", ".github/workflows/.yml", "/.github/workflows/a.yml", ".github/workflows/a.json", ".github/workflows/a.yml\n")),
        *(("run_limit_minutes", v) for v in (0, -1, 60.5, float("inf"), float("nan"), "3")),
    ],
)  # fmt: skip
def test_is_refused(write: Callable[..., Path], key: str, value: object) -> None:
    said = complaint(write(with_value(key, value)))
    assert f"environments.toml: defaults.repository.{key} m" in said
    assert "secret" not in said
    assert "0123456789" not in said


def test_a_misspelt_key_is_answered_with_the_nearest(write: Callable[..., Path]) -> None:
    said = complaint(write((LINES["neutral"], 'neutrals = ["*.md"]')))
    assert said == (
        'environments.toml: defaults.repository.neutrals is not a known key (and 1 more mistake). Did you mean "neutral"?'
    )


HOSTS: Final = st.sampled_from(
    ["github.com", "-host", "127.0.0.1", "h", "", "git.shop.example:22", "u@h", "u:p@h", "ho st"]
)
REMOTES: Final = st.one_of(
    st.builds("{}://{}/{}".format, st.sampled_from(["https", "http", "ssh", "file", "ext", "git", "HTTPS"]), HOSTS, st.text("ab/.-~:@ ", max_size=6)),
    st.builds("{}:{}".format, HOSTS, st.text("ab/.-~:@ ", max_size=6)),
    st.text("ab:/@-.~ \t", max_size=12),
)  # fmt: skip


class TestWhateverStandsThere:
    @given(REMOTES)
    @settings(max_examples=200)
    def test_a_remote_that_is_taken_is_one_that_git_goes_to_by_the_network_and_no_secret(
        self, remote: str
    ) -> None:
        found = loaded(SHOP.replace(LINES["remote"], f"remote = {toml(remote)}"))

        if found is None:
            return
        known = found.default.repository.remote
        assert literal(known, what="remote") == remote
        assert known.startswith(("https://", "http://", "ssh://")) or "@" in known.partition(":")[0]
        userinfo = known.split("://")[-1].rpartition("@")[0]
        assert ":" not in userinfo
        assert "-" not in {part[:1] for part in known.replace("://", " ").replace("@", " ").split()}

    @given(st.lists(st.text("ab/*.-? é\\[{", min_size=1, max_size=8), max_size=3))
    @settings(max_examples=200)
    def test_a_pattern_that_is_taken_stays_inside_the_repository(self, patterns: list[str]) -> None:
        found = loaded(SHOP.replace(LINES["neutral"], f"neutral = {toml(patterns)}"))

        if found is None:
            assert patterns
            return
        for pattern in found.default.repository.neutral:
            assert not pattern.startswith(("/", "-", "../"))
            assert not {"", ".", ".."} & set(pattern.removesuffix("/").split("/"))

    @given(st.text("ab/.-_", min_size=1, max_size=10))
    @settings(max_examples=100)
    def test_a_workflow_that_is_taken_is_a_file_that_git_can_hold(self, name: str) -> None:
        text = SHOP.replace(
            LINES["application_workflow"], f"application_workflow = {toml(f'.github/workflows/{name}.yml')}"
        )
        taken = loaded(text)

        assert (taken is not None) == ("/" not in name and not name.startswith((".", "-")))


def test_every_remote_that_is_taken_is_one_that_git_takes(write: Callable[..., Path], tmp_path: Path) -> None:
    """Git reads it as we do: the host, not a path on this machine, and no helper program."""
    for remote in ("git@github.com:shop/web.git", "ssh://git@h:22/x", "https://h/x"):
        known = repository(write(with_value("remote", remote))).remote
        done = subprocess.run(  # noqa: S603 - an argument list of our own
            ["git", "ls-remote", "--", known],  # noqa: S607 - that of PATH
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "GIT_ALLOW_PROTOCOL": "none", "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
        )
        kind = remote.split("://")[0] if "://" in remote else "ssh"
        assert f"transport '{kind}' not allowed" in done.stderr.decode()
