"""What stands where in the history of a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rollback.git import NotOnBranch

if TYPE_CHECKING:
    from tests.rollback.git.house import House

LINES = [f"line {n}" for n in range(30)]


def text(**changed: str) -> str:
    """Thirty lines, some of them changed."""
    return "".join(f"{changed.get(f'l{n}', line)}\n" for n, line in enumerate(LINES))


def later(house: House, sha: str, *files: str) -> list[str]:
    """The subjects of what came later."""
    copy = house.copy()
    return [each.subject for each in copy.later(copy.commit(sha), copy.tip("main"), files)]


def between(house: House, first: str, last: str) -> list[str]:
    copy = house.copy()
    return [each.subject for each in copy.between(copy.commit(first), copy.commit(last), copy.tip("main"))]


class TestHolds:
    def test_a_branch_holds_its_ancestors_and_itself(self, house: House) -> None:
        first = house.at_remote()
        house.commit("Second")
        copy = house.copy()
        assert copy.holds(copy.tip("main"), copy.commit(first))
        assert copy.holds(copy.tip("main"), copy.tip("main"))
        assert not copy.holds(copy.commit(first), copy.tip("main"))

    def test_a_branch_does_not_hold_what_is_on_another(self, house: House) -> None:
        house.branch("other")
        other = house.commit("Other")
        copy = house.copy()
        assert not copy.holds(copy.tip("main"), copy.commit(other))

    def test_no_commit_without_its_parents_stands_in_for_another(self, house: House) -> None:
        """A replacement or a graft that somebody has pushed changes what is true for nobody else."""
        first = house.at_remote()
        second = house.commit("Second")
        house.run("replace", "--graft", second)
        house.push("refs/replace/*:refs/replace/*")
        copy = house.copy()
        assert copy.holds(copy.tip("main"), copy.commit(first))


class TestBetween:
    def test_both_ends_are_among_them_oldest_first(self, house: House) -> None:
        shas = [house.commit(name) for name in ("One", "Two", "Three", "Four")]
        assert between(house, shas[0], shas[2]) == ["One", "Two", "Three"]
        assert between(house, shas[1], shas[1]) == ["Two"]

    def test_it_may_begin_at_the_very_first(self, house: House) -> None:
        first = house.at_remote()
        last = house.commit("Second")
        assert between(house, first, last) == ["Begin", "Second"]

    def test_what_came_with_a_merge_is_not_on_the_line(self, house: House) -> None:
        one = house.commit("One")
        house.branch("feature")
        inside = house.commit("Inside")
        house.switch("main")
        merge = house.merge("feature", "Merge")
        assert between(house, one, merge) == ["One", "Merge"]
        for first, last in ((inside, merge), (one, inside)):
            with pytest.raises(NotOnBranch, match=f"{inside[:10]} is not on the branch's own line"):
                between(house, first, last)

    def test_the_wrong_way_round_is_said(self, house: House) -> None:
        one, two = house.commit("One"), house.commit("Two")
        with pytest.raises(NotOnBranch, match=f"{one[:10]} is older than {two[:10]}") as caught:
            between(house, two, one)
        assert caught.value.remedy == "Name the older one first."


class TestFiles:
    def test_a_renamed_file_is_named_twice(self, house: House) -> None:
        house.set_up(
            "[diff]\n\trenames = copies\n\trelative = true\n[core]\n\tquotePath = true", name="A", email="a@a"
        )
        sha = house.commit("Rename", {"app/main.py": None, "app/größe.py": text()})
        copy = house.copy()
        assert copy.files(copy.commit(sha)) == ("app/größe.py", "app/main.py")

    def test_of_a_merge_they_are_what_it_brought(self, house: House) -> None:
        house.branch("feature")
        house.commit("Feature", {"feature": "x"})
        house.switch("main")
        house.commit("Meanwhile", {"main": "y"})
        merge = house.merge("feature")
        copy = house.copy()
        assert copy.files(copy.commit(merge)) == ("feature",)

    def test_of_the_first_commit_they_are_all(self, house: House) -> None:
        copy = house.copy()
        assert copy.files(copy.tip("main")) == ("app/main.py",)

    def test_strange_names_come_as_they_are(self, house: House) -> None:
        names = ("a\nb", 'quo"te', "tab\t", b"caf\xe9".decode(errors="surrogateescape"), "*")
        sha = house.commit("Strange", dict.fromkeys(names, "x"))
        copy = house.copy()
        assert set(copy.files(copy.commit(sha))) == set(names)

    def test_a_type_change_and_a_mode_count(self, house: House) -> None:
        (house.checkout / "app/main.py").chmod(0o755)
        sha = house.commit("Executable")
        copy = house.copy()
        assert copy.files(copy.commit(sha)) == ("app/main.py",)
        assert copy.changed(copy.commit(sha).parents[0], sha) == ("app/main.py",)
        assert copy.tree_of(sha) == house.run("rev-parse", f"{sha}^{{tree}}")


class TestLater:
    def test_only_those_that_touch_the_files_count_newest_first(self, house: House) -> None:
        house.commit("Before", {"x": "0"})
        sha = house.commit("It", {"x": "1", "y": "1"})
        house.commit("On x", {"x": "2"})
        house.commit("Elsewhere", {"z": "1"})
        house.commit("On y", {"y": "2"})
        assert later(house, sha, "x", "y") == ["On y", "On x"]
        assert later(house, sha, "x") == ["On x"]
        assert later(house, sha) == []

    def test_those_of_a_branch_that_was_merged_count_and_the_merge_does_not(self, house: House) -> None:
        house.branch("feature")
        house.commit("On x in a branch", {"x": "1\n"})
        house.switch("main")
        sha = house.commit("It", {"y": "1"})
        house.merge("feature", "Only merges")
        assert later(house, sha, "x", "y") == ["On x in a branch"]

    def test_both_sides_in_one_file_are_only_merged_too(self, house: House) -> None:
        house.branch("feature")
        house.commit("In the branch", {"app/main.py": text(l3="x")})
        house.switch("main")
        sha = house.commit("It", {"app/main.py": text(l25="y")})
        house.merge("feature", "Only merges")
        assert later(house, sha, "app/main.py") == ["In the branch"]

    @pytest.mark.parametrize("conflict", [False, True])
    def test_a_merge_that_changes_something_itself_counts(self, house: House, *, conflict: bool) -> None:
        house.branch("feature")
        house.commit("In the branch", {"app/main.py": text(l3="x")})
        house.switch("main")
        sha = house.commit("It", {"app/main.py": text(l3="z") if conflict else text(l25="y")})
        house.run("merge", "-q", "--no-commit", "-s", "ours", "feature")
        house.commit("Merges and more", {"app/main.py": text(l3="x", l15="more", l25="y")})
        assert later(house, sha, "app/main.py") == ["Merges and more", "In the branch"]

    def test_what_was_changed_and_changed_back_in_a_branch_counts(self, house: House) -> None:
        """History that git would simplify away: what was touched there may matter here."""
        sha = house.commit("It", {"x": "1\n"})
        house.branch("feature")
        house.commit("There", {"x": "2\n"})
        house.commit("And back", {"x": "1\n"})
        house.switch("main")
        house.commit("Meanwhile", {"y": "1"})
        house.merge("feature")
        assert later(house, sha, "x") == ["And back", "There"]

    def test_names_are_taken_literally(self, house: House) -> None:
        sha = house.commit("It", {"*": "1", ":(top)y": "1"})
        house.commit("Elsewhere", {"x": "1", "y": "1"})
        assert later(house, sha, "*", ":(top)y") == []
        house.commit("On it", {"*": "2"})
        assert later(house, sha, "*") == ["On it"]

    def test_names_that_are_not_utf8_are_found(self, house: House) -> None:
        name = b"caf\xe9".decode(errors="surrogateescape")
        sha = house.commit("It", {name: "1"})
        house.commit("On it", {name: "2"})
        house.commit("Elsewhere", {"x": "2"})
        assert later(house, sha, name) == ["On it"]

    @pytest.mark.parametrize("name", ["d/a\nb", "a\nb"])
    def test_a_name_with_a_line_break_finds_what_touches_it(self, house: House, name: str) -> None:
        """It may find more than that: git reads such names from nowhere."""
        sha = house.commit("It", {name: "1"})
        house.commit("On it", {name: "2"})
        assert "On it" in later(house, sha, name)
