from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback.git import CopyDamaged

if TYPE_CHECKING:
    from tests.rollback.git.house import House


def test_files_of_a_directory_are_read_as_the_commit_holds_them(house: House) -> None:
    sha = house.commit(
        "Infra", {"infra/a.tf": b"a\r\n\xff", "infra/deep/b.tf": "b", "infrastructure/c.tf": "c"}
    )
    house.commit("Later", {"infra/a.tf": "later"})
    copy = house.copy()
    found = copy.files_below(copy.commit(sha), "infra")
    assert [(file.path, file.content) for file in found] == [
        ("infra/a.tf", b"a\r\n\xff"),
        ("infra/deep/b.tf", b"b"),
    ]


def test_no_attribute_leaves_a_file_out_or_changes_it(house: House) -> None:
    """`git archive` would do both, and teams keep their infrastructure out of release archives like this."""
    sha = house.commit(
        "Infra",
        {
            ".gitattributes": "infra export-ignore\n*.tf export-subst eol=crlf\n",
            "infra/a.tf": "$Format:%H$\n",
        },
    )
    copy = house.copy()
    (found,) = copy.files_below(copy.commit(sha), "infra")
    assert found.content == b"$Format:%H$\n"


def test_links_and_programs_are_told_apart(house: House) -> None:
    house.commit("Infra", {"infra/run.sh": "#!/bin/sh\n"}, push=False)
    (house.checkout / "infra" / "link").symlink_to("run.sh")
    (house.checkout / "infra" / "run.sh").chmod(0o755)
    sha = house.commit("Link")
    copy = house.copy()
    link, program = copy.files_below(copy.commit(sha), "infra")
    assert (link.path, link.content, link.is_link) == ("infra/link", b"run.sh", True)
    assert program.executable
    assert not program.is_link


def test_only_the_wanted_endings_are_read(house: House) -> None:
    sha = house.commit("Infra", {"infra/a.tf": "a", "infra/big.zip": "z", "infra/b.tf.json": "{}"})
    copy = house.copy()
    found = copy.files_below(copy.commit(sha), "infra", ending=(".tf", ".tf.json"))
    assert [file.path for file in found] == ["infra/a.tf", "infra/b.tf.json"]


def test_a_directory_that_is_not_there_has_no_files(house: House) -> None:
    copy = house.copy()
    assert copy.files_below(copy.tip("main"), "infra") == ()
    assert copy.files_below(copy.tip("main"), "a*") == ()


def test_a_file_that_is_missing_from_the_copy_is_noticed(house: House) -> None:
    sha = house.commit("Infra", {"infra/a.tf": "only here"})
    copy = house.copy()
    blob = house.run("rev-parse", f"{sha}:infra/a.tf")
    for pack in (house.kept / "objects" / "pack").glob("pack-*"):
        pack.unlink()
    loose = house.kept / "objects" / blob[:2] / blob[2:]
    loose.unlink(missing_ok=True)
    with pytest.raises(CopyDamaged, match=r"infra/a\.tf"):
        copy.files_below(copy.commit(sha), "infra")
