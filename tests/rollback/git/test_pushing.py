"""A push, and what may come of it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from rollback.git import (
    BranchMoved,
    Copy,
    GitError,
    NoIdentity,
    NotSigned,
    PushRefused,
    PushUncertain,
    RemoteUnreachable,
)

if TYPE_CHECKING:
    from tests.rollback.git.house import House


def written(house: House) -> tuple[Copy, str]:
    """A commit on top of main, not yet pushed."""
    copy = house.copy()
    tip = copy.tip("main")
    return copy, copy.write(tip.tree, tip.sha, "Revert\n\nWhy.\n")


def git_that(house: House, script: str) -> None:
    """Put a program in git's place for the operator; `$real` is git itself, `$1` the copy."""
    programs = house.root / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "git").write_text(f'#!/bin/sh\nreal={shutil.which("git")}\n{script}\nexec $real "$@"\n')
    (programs / "git").chmod(0o755)
    house.env["PATH"] = f"{programs}:{os.environ['PATH']}"


class TestThatArrives:
    def test_the_branch_is_where_the_commit_is(self, house: House) -> None:
        before = house.at_remote()
        copy, sha = written(house)
        copy.push(sha, "main")
        assert house.at_remote() == sha == copy.remote_tip("main")
        assert house.run("rev-parse", "main^", cwd=house.remote) == before

    def test_a_new_branch_is_made(self, house: House) -> None:
        before = house.at_remote()
        copy, sha = written(house)
        copy.push(sha, "revert/it-1")
        assert house.at_remote("refs/heads/revert/it-1") == sha
        assert house.at_remote() == before

    def test_once_more_is_no_mistake(self, house: House) -> None:
        copy, sha = written(house)
        copy.push(sha, "main")
        copy.push(sha, "main")
        assert house.at_remote() == sha

    def test_several_commits_arrive_where_the_first_was_made(self, house: House) -> None:
        before = house.at_remote()
        copy, one = written(house)
        two = copy.write(copy.tree_of(one), one, "Another")
        with pytest.raises(BranchMoved):
            copy.push(two, "main")  # which would be on top of a commit that isn't there
        copy.push(two, "main", onto=before)
        assert house.at_remote() == two
        assert house.run("rev-parse", "main~2", cwd=house.remote) == before

    def test_nothing_else_is_pushed_and_nothing_by_force(self, house: House) -> None:
        house.set_up(
            "[push]\n\tfollowTags = true\n\tdefault = matching\n\tgpgSign = true\n\tpushOption = x",
            name="A",
            email="a@a",
        )
        copy, sha = written(house)
        copy.push(sha, "main")
        assert house.run("for-each-ref", "--format=%(refname)", cwd=house.remote) == "refs/heads/main"
        (line,) = [line for line in house.notes.lines if " push " in line]
        assert "force" not in line
        assert "+" not in line

    def test_a_branch_that_is_not_there_has_no_tip(self, house: House) -> None:
        house.push("HEAD:refs/heads/x/refs/heads/nothing")
        assert house.copy().remote_tip("nothing") == ""
        assert house.copy().remote_tip("x") == ""


class TestThatIsLate:
    def test_a_branch_that_somebody_has_pushed_to_is_not_overwritten(self, house: House) -> None:
        copy, sha = written(house)
        theirs = house.commit("Theirs")
        with pytest.raises(BranchMoved, match=f"is at {theirs[:10]} now: somebody was faster"):
            copy.push(sha, "main")
        assert house.at_remote() == theirs

    def test_several_commits_are_not_put_onto_anothers(self, house: House) -> None:
        before = house.at_remote()
        copy, one = written(house)
        two = copy.write(copy.tree_of(one), one, "Another")
        theirs = house.commit("Theirs")
        with pytest.raises(BranchMoved):
            copy.push(two, "main", onto=before)
        assert house.at_remote() == theirs

    def test_not_even_in_the_last_moment(self, house: House) -> None:
        """Between the look and the push."""
        theirs = house.commit("Theirs", push=False)
        house.push("HEAD:refs/tags/theirs")
        git_that(
            house,
            f'case " $* " in *" push "*) $real --git-dir={house.remote} update-ref refs/heads/main {theirs};; esac',
        )
        copy, sha = written(house)
        with pytest.raises(BranchMoved, match="has moved just now"):
            copy.push(sha, "main")
        assert house.at_remote() == theirs

    def test_what_was_taken_back_is_not_brought_back(self, house: House) -> None:
        """Somebody has forced the branch back; a plain push would be a fast-forward and restore what they removed."""
        first = house.at_remote()
        house.commit("Bad")
        copy, sha = written(house)
        house.push(f"+{first}:refs/heads/main")
        with pytest.raises(BranchMoved):
            copy.push(sha, "main")
        assert house.at_remote() == first

    def test_a_branch_that_was_deleted_is_not_made_again(self, house: House) -> None:
        house.push("HEAD:refs/heads/staging")
        copy = house.copy()
        tip = copy.tip("staging")
        sha = copy.write(tip.tree, tip.sha, "Revert")
        house.push(":refs/heads/staging")
        with pytest.raises(BranchMoved, match=r'The branch "staging" of .* is gone'):
            copy.push(sha, "staging")
        assert house.at_remote("refs/heads/staging") == ""

    def test_a_new_branch_that_somebody_else_has_made_is_theirs(self, house: House) -> None:
        copy, sha = written(house)
        house.commit("Theirs", push=False)
        house.push("HEAD:refs/heads/revert-it")
        with pytest.raises(BranchMoved):
            copy.push(sha, "revert-it")
        assert house.at_remote("refs/heads/revert-it") == house.run("rev-parse", "HEAD")


class TestThatIsRefused:
    def test_the_remotes_own_reason_is_told(self, house: House) -> None:
        before = house.at_remote()
        house.hook(
            "pre-receive",
            'echo "error: GH006: Protected branch update failed for refs/heads/main." >&2\n'
            'echo "error: Changes must be made through a pull request." >&2; exit 1',
        )
        copy, sha = written(house)
        with pytest.raises(PushRefused) as caught:
            copy.push(sha, "main")
        assert caught.value.sentence == (
            'https://github.example/team/app.git refused the push to "main": '
            "GH006: Protected branch update failed for refs/heads/main. Changes must be made through a pull request."
        )
        assert "pull request" in caught.value.remedy
        assert house.at_remote() == before

    def test_a_refusal_without_a_word_is_one_too(self, house: House) -> None:
        house.hook("update", "exit 1")
        copy, sha = written(house)
        with pytest.raises(PushRefused, match=r"hook declined"):
            copy.push(sha, "main")

    def test_what_the_remote_prints_does_nothing_to_a_terminal(self, house: House) -> None:
        house.hook(
            "pre-receive",
            r"""printf 'token ghp_0123456789abcdefghij \033[2J https://u:pw@host/\n' >&2; exit 1""",
        )
        copy, sha = written(house)
        with pytest.raises(PushRefused) as caught:
            copy.push(sha, "main")
        assert caught.value.sentence.isprintable()
        for secret in ("ghp_0123456789abcdefghij", "pw"):
            assert secret not in str(caught.value)

    def test_a_full_disk_of_the_remote_is_the_remotes(self, house: House) -> None:
        house.hook("pre-receive", 'echo "fatal: write error: No space left on device" >&2; exit 1')
        copy, sha = written(house)
        with pytest.raises(PushRefused, match="No space left on device"):
            copy.push(sha, "main")


class TestWhoseAnswerIsLost:
    LOST = "echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128"

    def test_what_has_arrived_has_arrived(self, house: House) -> None:
        git_that(house, f'case " $* " in *" push "*) $real "$@" >/dev/null 2>&1; {self.LOST};; esac')
        copy, sha = written(house)
        copy.push(sha, "main")
        assert house.at_remote() == sha

    def test_also_when_somebody_has_already_built_on_it(self, house: House) -> None:
        git_that(
            house,
            f'case " $* " in *" push "*) $real "$@" >/dev/null 2>&1; cd {house.remote}\n'
            "export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@t\n"
            f'$real update-ref refs/heads/main $($real commit-tree -p main -m theirs "main^{{tree}}"); {self.LOST};; esac',
        )
        copy, sha = written(house)
        copy.push(sha, "main")
        assert house.run("rev-parse", "main^", cwd=house.remote) == sha

    def test_what_has_not_is_said_to_be_unreachable(self, house: House) -> None:
        before = house.at_remote()
        git_that(house, f'case " $* " in *" push "*) {self.LOST};; esac')
        copy, sha = written(house)
        with pytest.raises(RemoteUnreachable, match="hung up unexpectedly"):
            copy.push(sha, "main")
        assert house.at_remote() == before

    def test_git_that_says_all_is_well_without_a_word_of_the_branch_is_not_believed(
        self, house: House
    ) -> None:
        git_that(house, 'case " $* " in *" push "*) echo "Everything up-to-date" >&2; exit 0;; esac')
        copy, sha = written(house)
        with pytest.raises(GitError):
            copy.push(sha, "main")

    def test_where_it_can_not_be_looked_at_it_is_not_known(self, house: House) -> None:
        git_that(
            house,
            f'case " $* " in *" push "*) $real "$@" >/dev/null 2>&1; touch {house.root}/down; {self.LOST};;\n'
            f'*" ls-remote "*) [ -e {house.root}/down ] && {{ {self.LOST}; }};; esac',
        )
        copy, sha = written(house)
        with pytest.raises(
            PushUncertain, match=f"Whether the push of {sha[:10]} to .* has arrived is not known"
        ) as caught:
            copy.push(sha, "main")
        assert "git ls-remote" in caught.value.remedy
        assert house.at_remote() == sha

    def test_a_push_that_takes_too_long_is_looked_after(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is stopped, but had arrived by then."""
        git_that(
            house,
            """case " $* " in *" push "*) trap "" TERM; $real "$@" >/dev/null 2>&1; trap - TERM; exec sleep 60;; esac""",
        )
        copy, sha = written(house)
        monkeypatch.setattr("rollback.git.pushing.PUSH_SECONDS", 1.0)
        copy.push(sha, "main")
        assert house.at_remote() == sha


class TestWriting:
    def test_the_commit_has_the_operators_name_and_the_clocks_time(self, house: House) -> None:
        house.env |= {"GIT_AUTHOR_DATE": "@1 +0000", "GIT_COMMITTER_DATE": "@1 +0000"}
        copy, sha = written(house)
        commit = copy.commit(sha)
        assert (commit.author, commit.message, commit.at) == (
            "Ann Operator",
            "Revert\n\nWhy.",
            house.clock.now().replace(microsecond=0),
        )
        assert commit.parents == (house.at_remote(),)
        identity = copy.identity()
        assert identity is not None
        assert (identity.name, identity.email) == ("Ann Operator", "ann@team.example")

    def test_a_message_that_is_not_ascii_is_utf8_whatever_the_settings(self, house: House) -> None:
        house.set_up("[i18n]\n\tcommitEncoding = ISO-8859-1", name="Änn", email="a@a")
        copy = house.copy()
        tip = copy.tip("main")
        sha = copy.write(tip.tree, tip.sha, "Zurück \udce9 - größer\n")
        found = copy.commit(sha)
        assert found.subject == "Zurück ? - größer"
        assert found.author == "Änn"

    def test_without_a_name_nobody_is_guessed(self, house: House) -> None:
        house.set_up()
        house.env |= {"EMAIL": "from@environment"}
        copy = house.copy()
        assert copy.identity() is None
        tip = copy.tip("main")
        with pytest.raises(NoIdentity, match="doesn't know whom to name") as caught:
            copy.write(tip.tree, tip.sha, "Revert")
        assert "user.email" in caught.value.remedy

    @pytest.mark.parametrize("name", ["", ".", "<>"])
    def test_a_name_of_nothing_is_none(self, house: House, name: str) -> None:
        house.settings.write_text(house.settings.read_text() + f'[user]\n\tname = "{name}"\n\temail = a@a\n')
        assert house.copy().identity() is None

    def test_names_from_the_environment_count(self, house: House) -> None:
        house.set_up()
        for who in ("AUTHOR", "COMMITTER"):
            house.env |= {f"GIT_{who}_NAME": f"CI {who}", f"GIT_{who}_EMAIL": "ci@team.example"}
        copy, sha = written(house)
        identity = copy.identity()
        assert identity is not None
        assert identity.name == "CI COMMITTER"
        assert copy.commit(sha).author == "CI AUTHOR"

    def test_settings_for_just_this_remote_count(self, house: House) -> None:
        (house.root / "team").write_text("[user]\n\tname = Team Ann\n\temail = ann@here\n")
        house.set_up(
            f'[includeIf "hasconfig:remote.*.url:https://github.example/**"]\n\tpath = {house.root}/team'
        )
        identity = house.copy().identity()
        assert identity is not None
        assert identity.name == "Team Ann"

    def test_a_commit_is_signed_where_commits_are(self, house: House) -> None:
        program = house.root / "sign"
        program.write_text(
            '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED x" >&2\necho "-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----"\n'
        )
        program.chmod(0o755)
        house.set_up(f"[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = {program}", name="A", email="a@a")
        copy, sha = written(house)
        copy.push(sha, "main")
        assert "gpgsig -----BEGIN PGP SIGNATURE-----" in house.run(
            "cat-file", "commit", "main", cwd=house.remote
        )
        assert copy.commit(sha).subject == "Revert"

    def test_a_signature_that_fails_is_a_sentence_and_nothing_is_written(self, house: House) -> None:
        house.set_up("[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false", name="A", email="a@a")
        with pytest.raises(NotSigned, match=r"Commits have to be signed here \(commit.gpgSign\)"):
            written(house)
