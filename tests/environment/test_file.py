from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from rollback.environment import load
from rollback.errors import ConfigurationError
from tests.environment.shop import GUIDE, SHOP, complaint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GUIDE_FOR_EMPTY: Final = f" is empty: expected default, [defaults] and [environments.NAME]. {GUIDE}"
TOO_MUCH: Final = f" has a number that is too long or tables that are nested too deeply. {GUIDE}"


class TestAFileThatIsNoConfiguration:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", GUIDE_FOR_EMPTY),
            ("# nothing yet\n", GUIDE_FOR_EMPTY),
            (
                SHOP.replace("[environments.production]", "[environments.staging]"),
                ", line 95: the table [environments.staging] is there a second time. Keep one of the two.",
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
