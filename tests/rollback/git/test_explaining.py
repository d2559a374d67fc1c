"""Git's complaints, as they are known from the field, told in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from rollback.git import CopyDamaged, DiskFull, GitError, RemoteDenied, RemoteUnreachable
from rollback.git.explaining import local_error, redacted, remote_error
from rollback.process import Completed

REMOTE: Final = "https://github.example/team/app.git"
COPY: Final = Path("/kept/app.git")


def failed(stderr: str, *, code: int = 128) -> Completed:
    return Completed(("git", f"--git-dir={COPY}", "fetch", "--", REMOTE), code, b"", stderr.encode(), 0.1)


@pytest.mark.parametrize(
    ("stderr", "kind", "told"),
    [
        (
            "remote: Repository not found.\nfatal: repository 'https://github.example/team/app.git/' not found\n",
            RemoteDenied,
            "The remote says: Repository not found.",
        ),
        ("fatal: could not read Username for 'https://github.example': terminal prompts disabled\n", RemoteDenied, "could not read Username"),
        (
            "remote: Invalid username or password.\nfatal: Authentication failed for 'https://github.example/team/app.git/'\n",
            RemoteDenied,
            "The remote says: Invalid username or password.",
        ),
        (
            "remote: Permission to team/app.git denied to ann.\nfatal: unable to access 'https://github.example/team/app.git/': The requested URL returned error: 403\n",
            RemoteDenied,
            "Permission to team/app.git denied to ann.",
        ),
        (
            "git@github.example: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
            RemoteDenied,
            "Permission denied (publickey)",
        ),
        *(
            (f"fatal: unable to access 'https://github.example/': The requested URL returned error: {status}\n", RemoteDenied, str(status))
            for status in (401, 403, 404)
        ),
        ("fatal: unable to access 'https://github.example/': Could not resolve host: github.example\n", RemoteUnreachable, "Could not resolve host"),
        ("fatal: unable to access 'https://github.example/': The requested URL returned error: 502\n", RemoteUnreachable, "502"),
        ("fatal: unable to access 'https://x/': Failed to connect to x port 443 after 1 ms: Connection refused\n", RemoteUnreachable, "Connection refused"),
        ("error: RPC failed; curl 56 GnuTLS recv error (-54)\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output\n", RemoteUnreachable, "RPC failed"),
        ("fatal: unable to access 'https://x/': Operation too slow. Less than 1 bytes/sec\n", RemoteUnreachable, "too slow"),
        ("ssh: connect to host x port 22: Connection timed out\nfatal: Could not read from remote repository.\n", RemoteUnreachable, "timed out"),
        ("Host key verification failed.\nfatal: Could not read from remote repository.\n", RemoteUnreachable, "can't be reached"),
        ("fatal: https://x/info/refs not valid: is this a git repository?\n", RemoteUnreachable, "not valid"),
        ("error: file write error: No space left on device\nfatal: fetch-pack: invalid index-pack output\n", DiskFull, "No space left on device"),
        ("fatal: write error: Disk quota exceeded\n", DiskFull, "Disk quota exceeded"),
        ("error: index-pack died of signal 25\nfatal: fetch-pack: invalid index-pack output\n", DiskFull, "There is no room"),
        ("fatal: Unable to create '/kept/app.git/packed-refs.lock': File exists.\n", CopyDamaged, "File exists"),
        ("error: object file objects/1a/b is empty\nfatal: loose object 1ab is corrupt\n", CopyDamaged, "is empty"),
        ("fatal: bad config line 1 in file /kept/app.git/config\n", CopyDamaged, "bad config"),
        ("error: insufficient permission for adding an object to repository database objects\n", GitError, "can't be written"),
        ("fatal: could not open '/kept/app.git/x': Read-only file system\n", GitError, "can't be written"),
        ("fatal: something nobody has ever read\n", GitError, "something nobody has ever read"),
        ("", GitError, "exit code 128, and no word"),
    ],
)  # fmt: skip
def test_who_says_no_is_told_apart(stderr: str, kind: type[GitError], told: str) -> None:
    error = remote_error(failed(stderr), REMOTE, COPY)
    assert type(error) is kind
    assert told in error.sentence
    assert error.sentence.endswith(".")
    assert ".." not in error.sentence


def test_a_signal_for_a_file_that_grew_too_large_is_a_full_disk() -> None:
    assert isinstance(local_error(failed("", code=-25), COPY), DiskFull)


def test_without_a_copy_nothing_is_called_damaged() -> None:
    error = local_error(
        failed("fatal: not a git repository (or any of the parent directories): .git\n"), None
    )
    assert type(error) is GitError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ann:secret@host/x", "https://***@host/x"),
        ("'https://x-access-token:ghs_abcdefghijkl@host/'", "'https://***@host/'"),
        ("https://secret@host/ and ssh://git:pw@host", "https://***@host/ and ssh://***@host"),
        ("https://a:p@ss@host/x", "https://***@host/x"),
        ("the token ghp_abcdefghijklmnop is bad", "the token *** is bad"),
        ("github_pat_11ABCDEFG_abcdefgh", "***"),
        ("Authorization: Basic eC1hY2Nlc3M6c2VjcmV0", "Authorization: Basic ***"),
        ("http.extraheader=AUTHORIZATION: bearer abcdefgh.ij", "http.extraheader=AUTHORIZATION: bearer ***"),
        ("mail to ann@team.example of https://host/x", "mail to ann@team.example of https://host/x"),
    ],
)
def test_no_secret_is_repeated(text: str, shown: str) -> None:
    assert redacted(text) == shown
    told = str(remote_error(failed(f"fatal: {text}\nremote: {text}\n"), REMOTE, COPY))
    assert shown in told
    assert text == shown or text not in told


def test_a_remote_that_talks_without_end_is_cut_short() -> None:
    stderr = "".join(f"remote: line {n} {'x' * 1000}\n" for n in range(1000)) + "fatal: no\n"
    assert len(str(remote_error(failed(stderr), REMOTE, COPY))) < 2500


def test_progress_is_no_complaint() -> None:
    stderr = (
        "Receiving objects:  10%\rReceiving objects: 100%\rfatal: the end\nhint: try again\nwarning: old\n"
    )
    assert "failed: the end." in remote_error(failed(stderr), REMOTE, COPY).sentence
