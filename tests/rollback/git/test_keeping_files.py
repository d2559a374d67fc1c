"""Trees of which some files stay, and files found by what patterns mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback.git import CopyDamaged
from tests.rollback.git.house import House

if TYPE_CHECKING:
    from pathlib import Path

ODD = "db/a \u00e4\n.py"


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_tree_gets_files_of_a_commit_and_is_else_as_it_was(tmp_path: Path, object_format: str) -> None:
    house = House(tmp_path, object_format=object_format)
    first = house.commit("First", {"app.py": "1"})
    (house.checkout / "db").mkdir()
    (house.checkout / "db/run.sh").write_text("run")
    (house.checkout / "db/run.sh").chmod(0o755)
    house.commit("Second", {"app.py": "2", ODD: "x", "db/b.py": "y"})
    copy = house.copy()
    tree = copy.keeping(copy.tree_of(first), copy.tip("main"), [ODD, "db/run.sh"])
    listed = house.run("ls-tree", "-r", "-z", tree, cwd=house.kept).split("\0")
    assert {line.partition("\t")[2]: line[:6] for line in listed if line} == {
        "app.py": "100644",
        ODD: "100644",
        "db/run.sh": "100755",
    }
    assert copy.changed(copy.tree_of(first), tree) == tuple(sorted([ODD, "db/run.sh"]))


def test_files_are_found_by_patterns_and_read_by_their_names(tmp_path: Path) -> None:
    house = House(tmp_path)
    tip = house.commit(
        "First", {"db/a.py": "a", "db/deep/b.sql": "b", "x/1.sql": "a", "x/y/2.sql": "c", "z": "z"}
    )
    copy = house.copy()
    found = copy.matching(tip, ("db/", "x/*.sql"))
    assert sorted(found) == ["db/a.py", "db/deep/b.sql", "x/1.sql", "x/y/2.sql"]
    assert copy.matching(copy.tree_of(tip), ("*.sql",)).keys() == {"db/deep/b.sql", "x/1.sql", "x/y/2.sql"}
    assert copy.matching(tip, ()) == {}
    assert sorted(copy.contents(found.values()).values()) == [b"a", b"b", b"c"]


def test_what_the_copy_lacks_is_said(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.commit("First", {"a": "a"})
    with pytest.raises(CopyDamaged, match="is missing"):
        house.copy().contents(["0" * 40])
