"""Whatever this machine says of git: on the stage git reaches the stage's remote, and nothing else."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.origin.drafts import Person
from rehearsal.origin.git_config import git_config
from rehearsal.origin.git_faults import Fault, Kind, inject
from rehearsal.origin.server import server
from tests.stage.origin.house import NAME, OPERATOR, REMOTE, House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rehearsal.origin.wire import Request, Response


class Elsewhere:
    """Another server on this machine, which stands for the world: nobody may call there."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._socket.setblocking(False)  # noqa: FBT003 - socket's own
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def called(self) -> bool:
        try:
            line, _ = self._socket.accept()
        except BlockingIOError:
            return False
        line.close()
        return True

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Where programs that this machine would have git run leave a mark."""
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


@pytest.fixture
def house(
    tmp_path: Path, elsewhere: Elsewhere, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """On a machine whose every setting leads elsewhere."""
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\ntouch "{marks}/$$"\necho password=secret\n')
    program.chmod(0o755)
    home = tmp_path / "home"
    hooks = home / "hooks"
    hooks.mkdir(parents=True)
    for hook in ("pre-push", "pre-commit", "reference-transaction", "post-checkout"):
        (hooks / hook).symlink_to(program)
    settings = (
        f'[url "{elsewhere.url}/x/"]\n\tinsteadOf = https://github.com/\n\tpushInsteadOf = https://github.com/\n'
        f"[http]\n\tproxy = {elsewhere.url}\n[credential]\n\thelper = {program}\n"
        f"[core]\n\thooksPath = {hooks}\n\taskPass = {program}\n\tsshCommand = {program}\n\tfsmonitor = {program}\n"
        f"[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = {program}\n"
        "[user]\n\tname = Somebody Else\n\temail = else@example.com\n"
    )
    (home / ".gitconfig").write_text(settings)
    (home / ".netrc").write_text("default login somebody password secret\n")
    with House(tmp_path) as house:
        # Set only now: what is set later must lead nowhere either.
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        for name in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_PROXY_COMMAND"):
            monkeypatch.setenv(name, str(program))
        variables = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "NO_PROXY": "*",
            "no_proxy": "*",
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "GIT_CONFIG_SYSTEM": str(home / ".gitconfig"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.http://127.0.0.1:{server().port}/.proxy",
            "GIT_CONFIG_VALUE_0": elsewhere.url,
            "GIT_CONFIG_PARAMETERS": "'user.name'='Somebody Else'",
            "GIT_ALLOW_PROTOCOL": "http:https:ssh:git:file:ext",
            "GIT_DIR": str(home),
            "GIT_WORK_TREE": str(home),
            "GIT_INDEX_FILE": str(home / "index"),
            "GIT_OBJECT_DIRECTORY": str(home),
            "GIT_NAMESPACE": "elsewhere",
            "GIT_EXEC_PATH": str(home),
            "GIT_TERMINAL_PROMPT": "1",
            "GIT_AUTHOR_NAME": "Somebody Else",
            "GIT_COMMITTER_EMAIL": "else@example.com",
            "EMAIL": "else@example.com",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield house


def test_git_works_on_the_stage_s_remote_alone(house: House, elsewhere: Elsewhere, marks: Path) -> None:
    clone = house.clone("clone")
    sha = house.commits(clone, "app/b.py", "b = 2\n")
    house.well("push", "--quiet", at=clone)
    house.well("fetch", "--quiet", at=clone)
    assert house.bare.tip("main") == sha
    commit = house.bare.show(sha)
    assert (commit.author.name, commit.committer.email) == (OPERATOR.name, OPERATOR.email)
    assert not elsewhere.called()
    assert list(marks.iterdir()) == []
    assert not (house.directory / "home" / "index").exists()


def test_every_variable_that_leads_elsewhere_is_known_beforehand(house: House) -> None:
    """Also one that is set only after the stage has been built; without their count, keys and values mean nothing."""
    leading = {
        name
        for name in os.environ
        if name.startswith("GIT_") or name.lower().endswith("_proxy") or name in {"EMAIL", "SSH_ASKPASS"}
    }
    leading -= {"GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"}
    assert {"GIT_CONFIG_COUNT", "http_proxy", "EMAIL"} <= leading
    assert leading <= house.variables.keys()
    assert {"HOME", "XDG_CONFIG_HOME"} <= house.variables.keys()


def test_every_connection_goes_to_the_stage_s_port(house: House) -> None:
    """By what curl says of its connections, with nobody's help but its own."""
    for address in (REMOTE, "http://192.0.2.1/owner/shop.git", "http://example.com/owner/shop.git"):
        said = house.git("ls-remote", address, extra={"GIT_CURL_VERBOSE": "1"})
        tried = re.findall(r"Trying ([^\s]+?)\.\.\.", said.err)
        assert tried
        assert set(tried) == {f"127.0.0.1:{server().port}"}


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/owner/shop.git",
        "http://192.0.2.1/owner/shop.git",
        "http://github.com/owner/shop.git",
        "http://127.0.0.1.example.com/owner/shop.git",
        "http://user:secret@example.com/owner/shop.git",
    ],
)
def test_another_address_is_refused_in_a_sentence(house: House, address: str, elsewhere: Elsewhere) -> None:
    said = house.git("ls-remote", address)
    assert said.code == 128
    assert "and a rehearsal reaches nothing else." in said.err
    assert not elsewhere.called()


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/owner/shop.git",
        "https://github.com/owner/other.git",
        "ssh://git@example.com/owner/shop.git",
        "git@example.com:owner/shop.git",
        "git://example.com/owner/shop.git",
        "ext::touch {marks}/ext",
        "ftp://example.com/owner/shop.git",
        "{origin}",
    ],
)
def test_another_protocol_is_not_allowed(
    house: House, address: str, elsewhere: Elsewhere, marks: Path
) -> None:
    said = house.git("ls-remote", address.format(marks=marks, origin=house.bare.path))
    assert said.code == 128
    assert "not allowed" in said.err
    assert not elsewhere.called()
    assert list(marks.iterdir()) == []


def test_another_port_of_this_machine_is_refused_too(house: House, elsewhere: Elsewhere) -> None:
    said = house.git("ls-remote", f"{elsewhere.url}/owner/shop.git")
    assert said.code == 128
    assert not elsewhere.called()


def test_credentials_are_asked_of_nobody(house: House, marks: Path) -> None:
    sent: list[str | None] = []

    def note(request: Request, proceed: Callable[[], Response]) -> Response:
        sent.append(request.headers.get("authorization"))
        return proceed()

    house.remote.interceptors.append(note)
    inject(house.remote, Fault(kind=Kind.UNAUTHORIZED))
    assert house.git("ls-remote", REMOTE).code == 128
    assert set(sent) == {None}
    assert list(marks.iterdir()) == []


def test_the_stage_s_own_git_is_as_insulated(house: House, elsewhere: Elsewhere, marks: Path) -> None:
    house.bare.commit("topic", "Topic", {"app/b.py": "b = 2\n"}, parent="main")
    house.bare.merge("main", "topic", "Merge")
    house.bare.tag("v1", "main", "One")
    commit = house.bare.log("main")[0]
    assert (commit.author.name, commit.committer.name) == ("Robin Vega", "GitHub")
    assert not elsewhere.called()
    assert list(marks.iterdir()) == []


def test_without_an_identity_git_guesses_none(tmp_path: Path, house: House) -> None:
    clone = house.clone("clone")
    house.variables = git_config(
        tmp_path / "nobody", remote=REMOTE, port=server().port, repository=NAME, identity=None
    )
    said = house.git("commit", "--allow-empty", "-m", "x", at=clone)
    assert said.code == 128
    assert "no email was given and auto-detection is disabled" in said.err


def test_variables_of_this_machine_s_git_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SOMETHING_NEW", "1")
    variables = git_config(tmp_path / "c", remote=REMOTE, port=1, repository=NAME, identity=None)
    assert variables["GIT_SOMETHING_NEW"] is None
    kept = {name for name, value in variables.items() if value is not None}
    assert kept == {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_ATTR_NOSYSTEM",
        "GIT_TERMINAL_PROMPT",
        "GIT_ASKPASS",
        "GIT_ALLOW_PROTOCOL",
        "HOME",
    }


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=20)


@given(remote=_TEXTS, name=_TEXTS)
def test_git_reads_what_was_written(tmp_path_factory: pytest.TempPathFactory, remote: str, name: str) -> None:
    """Whatever is in a name or an address, it can't become another setting."""
    try:
        person = Person(name, "a@example.com", "a")
    except ValueError:
        person = OPERATOR
    path = tmp_path_factory.getbasetemp() / "written"
    git_config(path, remote=remote, port=80, repository=NAME, identity=person)
    listed = subprocess.run(  # noqa: S603 - an argument list, and never a shell
        ["git", "config", "--file", str(path), "--list", "--null"],  # noqa: S607 - the git that PATH names
        capture_output=True,
        check=True,
    ).stdout.decode()
    entries = dict(entry.split("\n", 1) for entry in listed.split("\0") if entry)
    assert entries["url.http://127.0.0.1:80/owner/shop.git.insteadof"] == remote
    assert entries["user.name"] == person.name
    assert len(entries) == 11
