from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollback.environment import load
from tests.environment.shop import SHOP, complaint, loaded, toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
