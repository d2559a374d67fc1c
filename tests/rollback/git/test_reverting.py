"""A revert that is tried, held against what the history says must come of it."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from rollback.git import Trial
    from tests.rollback.git.house import House

LINES: Final = [f"line {n}" for n in range(30)]


def text(**changed: str) -> str:
    """Thirty lines, some of them changed: `text(l3="x")`."""
    return "".join(f"{changed.get(f'l{n}', line)}\n" for n, line in enumerate(LINES))


def tried(house: House, *shas: str) -> Trial:
    """The trial to revert these on main."""
    copy = house.copy()
    return copy.try_revert(copy.tip("main"), [copy.commit(sha) for sha in shas])


def tree(house: House, commit: str = "HEAD") -> str:
    return house.run("rev-parse", f"{commit}^{{tree}}")


def test_the_last_commit_is_undone_to_the_tree_before_it(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad"), "new": "x"})
    trial = tried(house, bad)
    assert trial.tree == tree(house, "HEAD~1")
    assert (trial.conflicts, trial.stopped_at, trial.empty) == ((), "", False)


def test_what_came_later_in_another_place_stays(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad")})
    house.commit("Good", {"app/main.py": text(l3="bad", l25="good"), "other": "y"})
    trial = tried(house, bad)
    house.commit("As it must be", {"app/main.py": text(l25="good")}, push=False)
    assert trial.tree == tree(house)


def test_what_came_later_in_the_same_place_conflicts_and_the_files_are_named(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad"), "fine": "x", "zoo": "1\n"})
    house.commit("On top", {"app/main.py": text(l3="worse"), "zoo": "2\n"})
    trial = tried(house, bad)
    assert trial.conflicts == ("app/main.py", "zoo")
    assert trial.stopped_at == bad
    assert trial.trees == ()


def test_a_file_that_was_deleted_since_conflicts(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad")})
    house.commit("Delete", {"app/main.py": None})
    assert tried(house, bad).conflicts == ("app/main.py",)


def test_a_file_in_the_way_of_a_directory_is_named_as_people_know_it(house: House) -> None:
    """Git names the side of a merge in the names of such files; ours are object names nobody has seen."""
    house.commit("A file", {"thing": "x\n"})
    bad = house.commit("Delete it", {"thing": None})
    house.commit("A directory", {"thing/inside": "y\n"})
    assert tried(house, bad).conflicts == ("thing",)


def test_a_renamed_file_is_followed(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad")})
    house.commit("Rename", {"app/main.py": None, "app/core.py": text(l3="bad")})
    trial = tried(house, bad)
    house.commit("As it must be", {"app/core.py": text()}, push=False)
    assert trial.tree == tree(house)


def test_a_rename_is_undone_with_what_was_changed_since(house: House) -> None:
    bad = house.commit("Rename", {"app/main.py": None, "app/core.py": text()})
    house.commit("Good", {"app/core.py": text(l25="good")})
    trial = tried(house, bad)
    house.commit("As it must be", {"app/core.py": None, "app/main.py": text(l25="good")}, push=False)
    assert trial.tree == tree(house)


def test_a_merge_is_undone_against_the_branch_it_was_made_on(house: House) -> None:
    house.branch("feature")
    house.commit("Feature", {"feature": "x"})
    house.switch("main")
    house.commit("Meanwhile", {"main": "y"})
    merge = house.merge("feature")
    assert tried(house, merge).tree == tree(house, f"{merge}^1")


def test_of_a_merge_of_three_the_others_both_go(house: House) -> None:
    for name in ("one", "two"):
        house.branch(name, "main")
        house.commit(name, {name: name}, push=False)
    house.switch("main")
    house.commit("Meanwhile", {"main": "y"})
    house.run("merge", "-q", "--no-ff", "-m", "Octopus", "one", "two")
    house.push()
    octopus = house.run("rev-parse", "HEAD")
    trial = tried(house, octopus)
    assert len(house.copy().commit(octopus).parents) == 3
    assert trial.tree == tree(house, f"{octopus}^1")


def test_the_first_commit_of_all_leaves_nothing(house: House) -> None:
    trial = tried(house, house.at_remote())
    assert trial.tree == house.run("hash-object", "-t", "tree", "/dev/null")
    assert not trial.empty


def test_a_commit_that_changed_nothing_is_empty(house: House) -> None:
    assert tried(house, house.commit("Trigger a deployment")).empty


def test_what_was_already_undone_is_empty(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad")})
    house.commit("Undone by hand", {"app/main.py": text()})
    assert tried(house, bad).empty


def test_several_are_undone_one_after_another(house: House) -> None:
    one = house.commit("One", {"app/main.py": text(l3="one")})
    two = house.commit("Two", {"app/main.py": text(l3="two")})
    trial = tried(house, two, one)
    assert trial.trees == (tree(house, one), tree(house, f"{one}^"))


def test_in_the_wrong_order_the_first_conflicts(house: House) -> None:
    one = house.commit("One", {"app/main.py": text(l3="one")})
    two = house.commit("Two", {"app/main.py": text(l3="two")})
    assert tried(house, one, two).stopped_at == one


def test_the_mode_of_a_file_is_undone(house: House) -> None:
    (house.checkout / "app/main.py").chmod(0o755)
    bad = house.commit("Executable")
    trial = tried(house, bad)
    assert trial.tree == tree(house, "HEAD~1") != tree(house)


def test_a_symbolic_link_is_undone(house: House) -> None:
    (house.checkout / "link").symlink_to("app/main.py")
    house.commit("Link")
    (house.checkout / "link").unlink()
    (house.checkout / "link").symlink_to("elsewhere")
    bad = house.commit("Other link")
    assert tried(house, bad).tree == tree(house, "HEAD~1")


def test_a_submodule_is_undone(house: House) -> None:
    one, two = "1" * 40, "2" * 40
    house.run("update-index", "--add", "--cacheinfo", f"160000,{one},module")
    house.run("commit", "-q", "-m", "Module")
    house.run("update-index", "--cacheinfo", f"160000,{two},module")
    house.run("commit", "-q", "-m", "Newer module")
    house.push()
    bad = house.run("rev-parse", "HEAD")
    copy = house.copy()
    assert copy.files(copy.commit(bad)) == ("module",)
    assert tried(house, bad).tree == tree(house, "HEAD~1")


def test_names_that_are_not_utf8_conflict_under_their_names(house: House) -> None:
    name = b"caf\xe9\n".decode(errors="surrogateescape")
    bad = house.commit("Bad", {name: "1\n"})
    house.commit("On top", {name: "2\n"})
    assert tried(house, bad).conflicts == (name,)


def test_trying_twice_leaves_nothing_more_behind(house: House) -> None:
    bad = house.commit("Bad", {"app/main.py": text(l3="bad")})
    tried(house, bad)
    before = sorted((house.kept / "objects").rglob("*"))
    house.clock.sleep(100)
    tried(house, bad)
    assert sorted((house.kept / "objects").rglob("*")) == before


class TestAttributes:
    """What ``.gitattributes`` of the branch says of merging, which a bare repository doesn't read by itself."""

    def both_sides(self, house: House, name: str) -> str:
        bad = house.commit("Bad", {name: text(l3="bad")})
        house.commit("Later, elsewhere in the file", {name: text(l3="bad", l25="good")})
        return bad

    def test_what_is_marked_not_to_be_merged_conflicts(self, house: House) -> None:
        house.commit("Attributes", {"sub/.gitattributes": "*.lock -merge\n", "sub/a.lock": text()})
        assert tried(house, self.both_sides(house, "sub/a.lock")).conflicts == ("sub/a.lock",)

    def test_without_that_mark_it_merges(self, house: House) -> None:
        house.commit("Attributes", {"sub/.gitattributes": "*.other -merge\n", "sub/a.lock": text()})
        assert not tried(house, self.both_sides(house, "sub/a.lock")).conflicts

    def test_a_union_merges_as_git_revert_does(self, house: House) -> None:
        house.commit("Attributes", {".gitattributes": "log merge=union\n", "log": "a\n"})
        bad = house.commit("Bad", {"log": "a\nb\n", "other": "x"})
        house.commit("Later", {"log": "a\nb\nc\n"})
        house.run("revert", "--no-edit", bad)
        assert tried(house, bad).tree == tree(house)

    def test_a_driver_is_never_run_and_conflicts(self, house: House) -> None:
        """Another operator may have another program by that name, or none."""
        witness = house.root / "witness"
        house.set_up(f'[merge "ours"]\n\tdriver = touch {witness}', name="A", email="a@a")
        house.commit("Attributes", {".gitattributes": "# a\napp/* text merge=ours\n", "app/x": text()})
        assert tried(house, self.both_sides(house, "app/x")).conflicts == ("app/x",)
        assert not witness.exists()

    def test_a_tree_made_by_hand_writes_nothing_outside(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Git refuses to make a directory called "..", but takes one from a remote."""
        shas = ["HEAD"]
        for content in (text(), text(l3="bad"), text(l3="bad", l25="good")):
            files = {".gitattributes": "* -merge\n", "x": content}
            blobs = ((name, self.blob(house, each)) for name, each in files.items())
            sub = self.by_hand(house, b"".join(f"100644 {name}\0".encode() + blob for name, blob in blobs))
            evil = self.by_hand(house, b"40000 ..\0" + bytes.fromhex(sub))
            shas.append(house.run("commit-tree", evil, "-p", shas[-1], "-m", "Evil"))
        house.push(f"+{shas[-1]}:refs/heads/main")
        temporary = house.root / "temporary"
        temporary.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        tried(house, shas[-2])
        assert not list(temporary.iterdir())

    def blob(self, house: House, content: str) -> bytes:
        path = house.root / "blob"
        path.write_text(content)
        return bytes.fromhex(house.run("hash-object", "-w", str(path)))

    def by_hand(self, house: House, content: bytes) -> str:
        path = house.root / "tree"
        path.write_bytes(content)
        return house.run("hash-object", "-t", "tree", "-w", "--literally", str(path))


@pytest.mark.parametrize(
    "settings",
    [
        "[merge]\n\trenames = false\n\tdirectoryRenames = true\n\tconflictStyle = zdiff3\n\trenormalize = true\n\tdefault = binary\n\trenameLimit = 1",
        "[diff]\n\trenames = false\n\trenameLimit = 1\n\tnoprefix = true\n\text = false\n\tignoreSubmodules = all",
        "[core]\n\tattributesFile = {root}/attributes\n\tquotePath = true\n\tbare = false\n\thooksPath = {root}/hooks",
        "[color]\n\tui = always\n[log]\n\tshowSignature = true\n\tfollow = true\n[core]\n\tpager = false",
    ],
    ids=["merge", "diff", "core", "colour"],
)
def test_nobodys_own_settings_change_the_outcome(house: House, settings: str) -> None:
    (house.root / "attributes").write_text("* -merge\n")
    (house.root / "hooks").mkdir()
    hook = house.root / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    bad = house.commit("Bad", {"app/main.py": text(l3="bad")})
    house.commit("Rename", {"app/main.py": None, "app/core.py": text(l3="bad", l25="good")})
    plain = tried(house, bad)
    house.set_up(settings.format(root=house.root), name="A", email="a@a")
    house.directory = house.root / "another"
    assert tried(house, bad) == plain
    assert not plain.conflicts


@pytest.mark.parametrize("setting", ["true", "false"])
def test_a_file_that_returns_to_a_directory_that_has_moved_is_asked_about(house: House, setting: str) -> None:
    """Git's own default; an operator may have told theirs to guess."""
    house.commit("Directory", {"d/a": text(l1="a"), "d/b": text(l1="b"), "d/c": text(l1="c")})
    bad = house.commit("Bad", {"d/c": None})
    house.commit("Move", {"d/a": None, "d/b": None, "e/a": text(l1="a"), "e/b": text(l1="b")})
    house.set_up(f"[merge]\n\tdirectoryRenames = {setting}", name="A", email="a@a")
    assert tried(house, bad).conflicts == ("e/c",)
