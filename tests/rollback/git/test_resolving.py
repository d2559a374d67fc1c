"""Which commit somebody means."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

import pytest

from rollback.errors import RollbackError
from rollback.git import AmbiguousCommit, GitError, NotACommit, UnknownBranch, UnknownCommit

if TYPE_CHECKING:
    from tests.rollback.git.house import House


@pytest.mark.parametrize("digits", [40, 12, 7, 4])
def test_a_whole_or_short_object_name_is_the_commit(house: House, digits: int) -> None:
    sha = house.commit("The one")
    assert house.copy().commit(sha[:digits]).subject == "The one"


def test_capital_digits_are_digits(house: House) -> None:
    sha = house.commit("The one")
    assert house.copy().commit(sha.upper()).sha == sha


def test_what_a_commit_says_is_read_from_the_commit_itself(house: House) -> None:
    """Neither a mail map, nor signatures, nor colours of the operator's settings get in."""
    house.set_up(
        '[log]\n\tshowSignature = true\n\tmailmap = true\n\tdate = relative\n[color]\n\tui = always\n[format]\n\tpretty = "%h"'
    )
    parent = house.at_remote()
    sha = house.commit("Subject\n\nBody é.\n\n  indented", {"a": "a"})
    found = house.copy().commit(sha)
    assert found.message == "Subject\n\nBody é.\n\n  indented"
    assert (found.author, found.parents, found.sha) == ("Bob", (parent,), sha)
    assert found.tree == house.run("rev-parse", f"{sha}^{{tree}}")
    assert found.at.isoformat() == "2026-01-05T08:02:00+00:00"


def test_a_message_in_another_encoding_is_read_by_it(house: House) -> None:
    house.run("config", "i18n.commitEncoding", "ISO-8859-1")
    message = house.root / "message"
    message.write_bytes("Größe".encode("latin-1"))
    house.run("commit", "-q", "--allow-empty", "-F", str(message))
    house.push()
    assert house.copy().tip("main").subject == "Größe"


@pytest.mark.parametrize("encoding", ["", "no-such-thing", "ascii"])
def test_a_message_that_can_not_be_read_is_read_as_far_as_it_can(house: House, encoding: str) -> None:
    raw = house.run("cat-file", "commit", "HEAD").encode()
    head, _, _ = raw.partition(b"\n\n")
    head += f"\nencoding {encoding}".encode() if encoding else b""
    sha = _written(house, head + b"\n\nbad \xff\xfe byte\n")
    house.run("update-ref", "refs/heads/main", sha)
    house.push("+main")
    assert "bad" in house.copy().tip("main").message


def test_a_signed_commit_keeps_its_message(house: House) -> None:
    """The signature is a header of many lines, and a line in it may look like any other header."""
    raw = house.run("cat-file", "commit", "HEAD")
    head, _, _ = raw.partition("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n author Eve <e@e> 1 +0000\n -----END-----\n\nSigned\n"
    sha = _written(house, signed)
    house.run("update-ref", "refs/heads/main", sha)
    house.push("+main")
    tip = house.copy().tip("main")
    assert (tip.subject, tip.author) == ("Signed", "Bob")


def test_an_unknown_commit_is_said_to_be_in_no_branch(house: House) -> None:
    house.commit("Not pushed", push=False)
    sha = house.run("rev-parse", "HEAD")
    with pytest.raises(UnknownCommit, match=r"No branch of .* holds a commit"):
        house.copy().commit(sha)


def test_an_ambiguous_name_is_answered_with_those_it_fits(house: House) -> None:
    head, _, _ = house.run("cat-file", "commit", "HEAD").partition("\n\n")
    seen: dict[str, str] = {}
    for number in itertools.count():
        raw = f"{head}\n\nNumber {number}\n"
        sha = _name_of("commit", raw)
        if sha[:4] in seen:
            break
        seen[sha[:4]] = raw
    one, other = (_written(house, each) for each in (seen[sha[:4]], raw))
    house.push(f"{one}:refs/heads/one", f"{other}:refs/heads/other")
    with pytest.raises(AmbiguousCommit) as caught:
        house.copy().commit(sha[:4])
    assert f'"{sha[:4]}" fits 2 commits: ' in caught.value.sentence
    assert f'"Number {number}"' in caught.value.sentence
    assert caught.value.remedy == "Give more digits of its name."
    assert house.copy().commit(sha).sha == sha


def test_a_short_name_that_fits_one_commit_and_a_file_is_the_commit(house: House) -> None:
    sha = house.at_remote()
    content = next(
        text for n in itertools.count() if _name_of("blob", text := f"content {n}").startswith(sha[:4])
    )
    house.commit("A file whose name begins alike", {"file": content})
    assert house.copy().commit(sha[:4]).sha == sha


def _name_of(kind: str, text: str) -> str:
    """The name of an object with this content (gitformat)."""
    return hashlib.sha1(f"{kind} {len(text)}\0{text}".encode(), usedforsecurity=False).hexdigest()


def _written(house: House, raw: str | bytes) -> str:
    """Have a commit object of this content in the checkout."""
    path = house.root / "object"
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return house.run("hash-object", "-t", "commit", "-w", str(path))


def test_a_branch_that_is_called_like_a_commit_does_not_go_first(house: House) -> None:
    sha = house.at_remote()
    house.commit("Another")
    house.push(f"HEAD:refs/heads/{sha[:8]}")
    assert house.copy().commit(sha[:8]).sha == sha


@pytest.mark.parametrize("word", ["main", "origin/main", "refs/heads/main"])
def test_a_branch_is_no_commit(house: House, word: str) -> None:
    with pytest.raises(
        NotACommit, match=f"is a branch, and a branch moves; its last commit is {house.at_remote()[:10]} now"
    ):
        house.copy().commit(word)


def test_a_branch_that_could_be_an_object_name_is_no_commit_either(house: House) -> None:
    house.push("HEAD:refs/heads/cafe")
    copy = house.copy()
    if not house.at_remote().startswith("cafe"):
        with pytest.raises(NotACommit, match="is a branch"):
            copy.commit("cafe")


@pytest.mark.parametrize("options", [(), ("-a", "-m", "annotated")])
@pytest.mark.parametrize("word", ["v1.2", "refs/tags/v1.2"])
def test_a_tag_is_no_commit(house: House, options: tuple[str, ...], word: str) -> None:
    sha = house.at_remote()
    house.run("tag", *options, "v1.2")
    house.commit("Another")
    house.push("v1.2")
    with pytest.raises(
        NotACommit, match=f'"{word}" is a tag, and a tag can be moved; its commit is {sha[:10]} now'
    ):
        house.copy().commit(word)


@pytest.mark.parametrize(
    "word", ["HEAD", "HEAD~1", "main^", "@", "main..main", ":/Begin", "v*", "abc", "x" * 5000, "größe"]
)
def test_an_expression_is_no_commit(house: House, word: str) -> None:
    with pytest.raises(NotACommit, match="is not the object name of a commit") as caught:
        house.copy().commit(word)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("digits", [4, 8, 38])
def test_an_expression_about_a_commit_is_no_commit(house: House, digits: int) -> None:
    """At full length too, where it could be passed on for a name."""
    house.commit("Another")
    with pytest.raises(NotACommit, match="is not the object name of a commit"):
        house.copy().commit(f"{house.at_remote()[:digits]}^0")


@pytest.mark.parametrize("what", ["HEAD^{tree}", "HEAD:app/main.py"])
def test_another_object_is_no_commit(house: House, what: str) -> None:
    sha = house.run("rev-parse", what)
    with pytest.raises(
        NotACommit, match=r"is the object name of (a directory|a file's content), not of a commit"
    ):
        house.copy().commit(sha)


def test_a_name_longer_than_any_is_unknown(house: House) -> None:
    with pytest.raises(UnknownCommit, match="is longer than an object name"):
        house.copy().commit("a" * 64)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("-x", "begins with a hyphen"),
        ("--all", "begins with a hyphen"),
        ("", "is empty"),
        ("abcd\n", "control character"),
        ("abcd\u202e", "control character"),
    ],
)
def test_what_is_no_word_is_refused_before_git_sees_it(house: House, word: str, sentence: str) -> None:
    copy = house.copy()
    before = list(house.notes.lines)
    with pytest.raises(RollbackError, match=sentence):
        copy.commit(word)
    assert house.notes.lines == before


def test_an_unknown_branch_is_answered_with_the_nearest(house: House) -> None:
    with pytest.raises(UnknownBranch, match=r'has no branch "mian"\. Did you mean "main"\?'):
        house.copy().tip("mian")


def test_every_way_to_say_no_is_one_family() -> None:
    for each in (AmbiguousCommit, NotACommit, UnknownBranch, UnknownCommit):
        assert issubclass(each, GitError)
