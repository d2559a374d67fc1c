from __future__ import annotations

import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.clock import VirtualClock
from rollback.clock import SystemClock
from rollback.errors import JournalError, RollbackError
from rollback.process import NotStarted, Processes, Stopped, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LONG: Final = 30.0
"""Seconds that none of these programs takes: a test that gets there has failed."""

SHORT: Final = 0.05
"""Seconds after which a program that waits for ever is given up."""


class Notes:
    """A recorder that keeps what it is told, and what was true of the world when it was told."""

    def __init__(self, *watched: Path) -> None:
        self.said: list[tuple[object, ...]] = []
        self.seen: list[bool] = []
        self._watched = watched

    def command(self, args: Sequence[str], cwd: Path | None) -> None:
        self.said.append(("command", tuple(args), cwd))
        self.seen = [path.exists() for path in self._watched]

    def exited(self, args: Sequence[str], code: int, seconds: float) -> None:
        self.said.append(("exited", tuple(args), code, seconds))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def processes(notes: Notes) -> Processes:
    return Processes(notes, VirtualClock(), grace_seconds=LONG)


@pytest.fixture
def lifeline(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A named pipe and our end of it: reading from it blocks for as long as anybody holds the other end."""
    path = tmp_path / "lifeline"
    os.mkfifo(path)
    end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(end, True)
    yield path, end
    os.close(end)


def heard(end: int) -> bytes:
    """What comes through a pipe, or nothing at its end; in a test that fails neither might ever come."""
    assert select.select([end], [], [], LONG)[0], "somebody still holds the other end"
    return os.read(end, 100)


def python(code: str, *args: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *args]


class TestARun:
    def test_gives_back_the_code_and_both_outputs_byte_for_byte(self, processes: Processes) -> None:
        code = r"import sys; sys.stdout.buffer.write(b'a\r\n\xff'); sys.stderr.write('b\n'); sys.exit(3)"

        done = processes.run(python(code), timeout_seconds=LONG)

        assert done.code == 3
        assert done.stdout == b"a\r\n\xff"
        assert done.stderr == b"b\n"
        assert done.text == "a\r\n\N{REPLACEMENT CHARACTER}"
        assert done.error_text == "b\n"

    def test_a_signal_is_a_negative_code(self, processes: Processes) -> None:
        done = processes.run(python("import os; os.kill(os.getpid(), 9)"), timeout_seconds=LONG)

        assert done.code == -signal.SIGKILL

    def test_arguments_arrive_as_they_are(self, processes: Processes) -> None:
        strange = ["a b", "$HOME", "`id`", "*", "", '"', "'", ";", "é\n"]

        done = processes.run(python("import sys; print(sys.argv[1:])", *strange), timeout_seconds=LONG)

        assert done.text == f"{strange}\n"
        assert done.args[-len(strange) :] == tuple(strange)

    def test_runs_where_it_is_told(self, processes: Processes, tmp_path: Path) -> None:
        done = processes.run(python("import os; print(os.getcwd())"), cwd=tmp_path, timeout_seconds=LONG)

        assert done.text == f"{tmp_path.resolve()}\n"

    def test_inherits_the_environment_with_changes(
        self, processes: Processes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KEPT", "1")
        monkeypatch.setenv("CHANGED", "1")
        monkeypatch.setenv("REMOVED", "1")
        code = "import os; print([os.environ.get(n) for n in ('KEPT', 'CHANGED', 'REMOVED', 'NEW')])"

        done = processes.run(
            python(code), env={"CHANGED": "2", "REMOVED": None, "NEW": "3"}, timeout_seconds=LONG
        )

        assert done.text == "['1', '2', None, '3']\n"
        assert os.environ["REMOVED"] == "1"

    def test_reads_what_it_is_given_while_it_writes(self, processes: Processes) -> None:
        """More goes both ways than fits into the pipes, so whoever waits for one end blocks for ever."""
        given = bytes(range(256)) * 4096
        code = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer, 1000)"

        assert processes.run(python(code), stdin=given, timeout_seconds=LONG).stdout == given

    @pytest.mark.parametrize("stdin", [None, b""])
    def test_reads_nothing_where_nothing_is_given(self, processes: Processes, stdin: bytes | None) -> None:
        done = processes.run(python("import sys; print(sys.stdin.read())"), stdin=stdin, timeout_seconds=LONG)

        assert done.text == "\n"

    def test_need_not_read_what_it_is_given(self, processes: Processes) -> None:
        done = processes.run(python("print('done')"), stdin=b"x" * 1_000_000, timeout_seconds=LONG)

        assert (done.code, done.text) == (0, "done\n")

    def test_has_no_terminal_to_ask_on(self, processes: Processes) -> None:
        done = processes.run(python("open('/dev/tty')"), timeout_seconds=LONG)

        assert done.code == 1
        assert "OSError" in done.error_text

    def test_is_not_held_up_by_a_daemon_that_keeps_the_output_open(
        self, processes: Processes, lifeline: tuple[Path, int]
    ) -> None:
        """As ssh leaves one behind for ControlPersist."""
        path, end = lifeline
        code = (
            "import os, signal, sys\n"
            "line = os.open(sys.argv[1], os.O_WRONLY)\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    os.write(line, str(os.getpid()).encode())\n"
            "    signal.pause()\n"
            "print('done', flush=True)"
        )

        done = processes.run(python(code, str(path)), timeout_seconds=LONG)

        daemon = int(heard(end))
        os.kill(daemon, signal.SIGKILL)
        assert (done.code, done.text) == (0, "done\n")

    def test_takes_its_seconds_from_the_clock_of_the_rollback(self, notes: Notes, tmp_path: Path) -> None:
        clock = VirtualClock()
        gate = tmp_path / "gate"
        os.mkfifo(gate)

        def let_time_pass() -> None:
            with gate.open("wb"):  # waits until the program has opened its end
                clock.sleep(90)

        threading.Thread(target=let_time_pass).start()
        args = python("import sys; open(sys.argv[1], 'rb').read()", str(gate))

        assert Processes(notes, clock).run(args, timeout_seconds=LONG).seconds == 90
        assert notes.said[-1] == ("exited", tuple(args), 0, 90)


class TestTheRecord:
    def test_is_made_before_the_program_starts_and_after_it_has_ended(self, tmp_path: Path) -> None:
        trace = tmp_path / "trace"
        notes = Notes(trace)
        args = python("import sys; open(sys.argv[1], 'w')", str(trace))

        Processes(notes, VirtualClock()).run(args, cwd=tmp_path, timeout_seconds=LONG)

        assert notes.seen == [False]
        assert trace.exists()
        assert notes.said == [("command", tuple(args), tmp_path), ("exited", tuple(args), 0, 0.0)]

    def test_that_fails_keeps_the_program_from_starting(self, tmp_path: Path) -> None:
        class FullDisk(Notes):
            def command(self, args: Sequence[str], cwd: Path | None) -> None:
                super().command(args, cwd)
                raise JournalError("The disk is full.")

        trace = tmp_path / "trace"

        with pytest.raises(JournalError):
            Processes(FullDisk(), VirtualClock()).run(
                python("import sys; open(sys.argv[1], 'w')", str(trace)), timeout_seconds=LONG
            )
        assert not trace.exists()

    def test_and_the_repr_hold_neither_environment_nor_output(
        self, processes: Processes, notes: Notes
    ) -> None:
        code = "import os, sys; print(os.environ['TOKEN']); print(sys.stdin.read(), file=sys.stderr)"

        done = processes.run(python(code), env={"TOKEN": "hunter2"}, stdin=b"hunter3", timeout_seconds=LONG)

        assert (done.text, done.error_text) == ("hunter2\n", "hunter3\n")
        assert "hunter" not in f"{notes.said} {done!r}"


class TestAProgramThatCantBeStarted:
    def test_is_named_if_it_is_not_there(self, processes: Processes, notes: Notes) -> None:
        with pytest.raises(NotStarted) as caught:
            processes.run(["no-such-program", "x"], timeout_seconds=LONG)

        assert (
            str(caught.value)
            == 'The program "no-such-program" was not found. Install it, or have PATH lead to it.'
        )
        assert notes.said[-1] == ("exited", ("no-such-program", "x"), 127, 0.0)

    def test_is_named_if_it_may_not_be_executed(
        self, processes: Processes, notes: Notes, tmp_path: Path
    ) -> None:
        path = tmp_path / "tool"
        path.write_text("")

        with pytest.raises(NotStarted) as caught:
            processes.run([str(path)], timeout_seconds=LONG)

        assert str(caught.value).endswith(
            'tool" could not be started: Permission denied. See what stands there under that name.'
        )
        assert notes.said[-1] == ("exited", (str(path),), 126, 0.0)

    def test_is_named_if_it_is_no_program(self, processes: Processes, tmp_path: Path) -> None:
        path = tmp_path / "tool"
        path.write_bytes(b"\0\0\0\0")
        path.chmod(0o755)

        with pytest.raises(NotStarted, match="could not be started: Exec format error"):
            processes.run([str(path)], timeout_seconds=LONG)

    def test_is_named_if_its_directory_is_not_there(
        self, processes: Processes, notes: Notes, tmp_path: Path
    ) -> None:
        with pytest.raises(NotStarted) as caught:
            processes.run(["git", "status"], cwd=tmp_path / "gone", timeout_seconds=LONG)

        assert str(caught.value) == (
            f'"git" should run in {tmp_path / "gone"}, but that is not a directory. Name one that exists.'
        )
        assert notes.said == []

    @pytest.mark.parametrize("arg", ["a\0b", "\udcff"])
    def test_is_named_if_an_argument_fits_into_none(
        self, processes: Processes, notes: Notes, arg: str
    ) -> None:
        with pytest.raises(NotStarted, match=r'^"git" can\'t be given "[^"]+": a NUL or half a character'):
            processes.run(["git", arg], timeout_seconds=LONG)

        assert notes.said == []

    @pytest.mark.parametrize("args", ["git status", []])
    def test_is_a_mistake_of_the_caller_if_it_is_no_list(
        self, processes: Processes, args: Sequence[str]
    ) -> None:
        with pytest.raises(TypeError):
            processes.run(args, timeout_seconds=LONG)


class TestAProgramThatDoesntEnd:
    def test_is_stopped_after_its_time(self, processes: Processes, notes: Notes) -> None:
        args = ["env", *python(f"# {'x' * 200}\nimport signal; signal.pause()")]

        with pytest.raises(Stopped) as caught:
            processes.run(args, timeout_seconds=SHORT)

        assert str(caught.value).startswith(f"`env {sys.executable} -S -c '# xxx")
        assert str(caught.value).endswith(
            "xxx...` did not end within 0 s, so it was stopped. "
            "What it had done by then may have taken effect: look before you repeat it."
        )
        assert notes.said[-1] == ("exited", tuple(args), -signal.SIGTERM, 0.0)

    def test_is_stopped_also_if_it_has_closed_its_outputs(self, processes: Processes) -> None:
        code = "import os, signal; os.close(1); os.close(2); signal.pause()"

        with pytest.raises(Stopped):
            processes.run(python(code), timeout_seconds=SHORT)

    def test_leaves_nothing_behind(self, notes: Notes, lifeline: tuple[Path, int]) -> None:
        """Its child doesn't heed the request to end and holds no output: only the lifeline tells of it."""
        path, end = lifeline
        code = (
            "import os, signal, sys\n"
            "line = os.open(sys.argv[1], os.O_WRONLY)\n"
            "reader, writer = os.pipe()\n"
            "if os.fork() == 0:\n"
            "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "    os.close(1); os.close(2)\n"
            "    os.write(line, b'child')\n"
            "    os.write(writer, b'!')\n"
            "    while True: signal.pause()\n"
            "os.read(reader, 1)\n"
            "while True: print('too much')"
        )
        processes = Processes(notes, SystemClock(), limit_bytes=1_000_000)

        with pytest.raises(Stopped):
            processes.run(python(code, str(path)), timeout_seconds=LONG)

        assert heard(end) == b"child"
        assert heard(end) == b""

    def test_may_clean_up_before_it_is_gone(self, notes: Notes, tmp_path: Path) -> None:
        """As terraform gives its lock back."""
        lock = tmp_path / "lock"
        code = (
            "import os, signal, sys\n"
            "def end(*_):\n"
            "    print('x' * 1_000_000, flush=True)\n"
            "    os.unlink(sys.argv[1])\n"
            "    sys.exit(7)\n"
            "signal.signal(signal.SIGTERM, end)\n"
            "open(sys.argv[1], 'w').close()\n"
            "print('ready', flush=True)\n"
            "while True: signal.pause()"
        )
        args = python(code, str(lock))

        with pytest.raises(Stopped):
            Processes(notes, VirtualClock(), limit_bytes=3).run(args, timeout_seconds=LONG)

        assert not lock.exists()
        assert notes.said[-1] == ("exited", tuple(args), 7, 0.0)

    def test_is_killed_if_it_does_not_heed(self, notes: Notes) -> None:
        code = (
            "import signal\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "print('ready', flush=True)\n"
            "while True: signal.pause()"
        )
        args = python(code)

        with pytest.raises(Stopped):
            Processes(notes, VirtualClock(), limit_bytes=3, grace_seconds=SHORT).run(
                args, timeout_seconds=LONG
            )

        assert notes.said[-1] == ("exited", tuple(args), -signal.SIGKILL, 0.0)

    def test_is_stopped_if_it_prints_without_end(self, notes: Notes) -> None:
        processes = Processes(notes, VirtualClock(), limit_bytes=100_000)

        with pytest.raises(Stopped) as caught:
            processes.run(["yes"], timeout_seconds=LONG)

        assert caught.value.sentence == "`yes` printed more than 100,000 bytes, so it was stopped."

    def test_may_print_as_much_as_the_limit(self, notes: Notes) -> None:
        processes = Processes(notes, VirtualClock(), limit_bytes=10)
        code = "import sys; sys.stdout.write('12345'); sys.stderr.write('12345')"

        assert processes.run(python(code), timeout_seconds=LONG).code == 0

    def test_is_stopped_by_ctrl_c(self, processes: Processes, notes: Notes, tmp_path: Path) -> None:
        gate = tmp_path / "gate"
        os.mkfifo(gate)
        main = threading.main_thread().ident
        assert main is not None

        def interrupt() -> None:
            with gate.open("rb"):  # waits until the program has opened its end
                signal.pthread_kill(main, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        args = python("import signal, sys; open(sys.argv[1], 'wb'); signal.pause()", str(gate))
        # A run in a shell's background begins with SIGINT ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)

        try:
            with pytest.raises(KeyboardInterrupt):
                processes.run(args, timeout_seconds=LONG)
        finally:
            signal.signal(signal.SIGINT, before)

        assert notes.said[-1] == ("exited", tuple(args), -signal.SIGTERM, 0.0)


class TestLiteral:
    @pytest.mark.parametrize("value", ["main", "feature/é-2", "a b", "$(id)", "x-", ";", "'"])
    def test_gives_back_what_can_only_be_taken_literally(self, value: str) -> None:
        assert literal(value, what="branch") == value

    @pytest.mark.parametrize(
        ("value", "why", "remedy"),
        [
            ("", "is empty.", "Name the branch."),
            (
                "--upload-pack=x",
                '"--upload-pack=x" begins with a hyphen, so a program would read it as an option.',
                "Name the branch without it.",
            ),
            (
                "a\n",
                r'"a\n" holds the control character U+000A.',
                "Type the branch anew instead of copying it.",
            ),
        ],
    )
    def test_says_why_not(self, value: str, why: str, remedy: str) -> None:
        with pytest.raises(RollbackError) as caught:
            literal(value, what="branch")

        assert str(caught.value) == f"The branch {why} {remedy}"

    @given(
        st.text(max_size=8),
        st.sampled_from("\0\t\n\r\x1b\x7f\x9b\u200b\u202e\u2028\u2066\ufeff\udc80"),
        st.text(max_size=8),
    )
    def test_refuses_what_cannot_be_seen_and_says_so_in_print(
        self, before: str, hidden: str, after: str
    ) -> None:
        with pytest.raises(RollbackError) as caught:
            literal(before + hidden + after, what="branch")

        assert str(caught.value).isprintable()
