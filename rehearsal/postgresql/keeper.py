"""A program of its own: it makes a PostgreSQL and runs it until nobody wants it any more, then takes it away.

Whoever wants it holds this program's standard input open. However that process ends, nothing is left behind: neither
a server nor a directory. It imports nothing of the suite's, so that it starts at once.

    python keeper.py DIRECTORY PROGRAMS USER

Once the server answers it prints ``ready``; where it can't be had it prints why, on one line, and ends with 1.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

OWNER = "rehearsal"
"""The server's superuser."""
SETTINGS = {
    # Nothing of it has to outlive anything.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # It is reached by a socket in a directory of this user's, and by nothing else.
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
LONGEST = 60.0
"""How many seconds it may take until the server answers."""
PAUSE = 0.02


class _Unable(Exception):
    """It can't be had; the message says why."""


def main(directory: Path, programs: Path, user: str) -> int:
    """Run a server in `directory` until standard input ends.

    Args:
        directory: an empty directory; it is gone afterwards. The password of `OWNER` is in its file ``password``.
        programs: where initdb and postgres are.
        user: as whom they run; as who calls if it is empty. PostgreSQL refuses to run as root.
    """
    server = None
    try:
        server = _started(directory, programs, user)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
    except _Unable as error:
        sys.stdout.write(f"{error}\n")
        return 1
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing has to be written any more
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def _started(directory: Path, programs: Path, user: str) -> subprocess.Popen[bytes]:
    data, log = directory / "data", directory / "log"
    password = directory / "password"
    who: dict[str, Any] = {"user": user, "group": _group(user), "extra_groups": []} if user else {}
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if user:
        for path in (directory, password):
            shutil.chown(path, user)
    with log.open("wb") as complaints:
        made = subprocess.run(  # noqa: S603 - an argument list
            [programs / "initdb", "-D", data, "-U", OWNER, "--auth=password", f"--pwfile={password}", "--no-sync", "--encoding=UTF8", "--locale=C"],
            check=False, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=complaints, stderr=complaints, **who,
        )  # fmt: skip
        if made.returncode:
            raise _Unable(f"initdb has ended with {made.returncode}: {_last(log)}")
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server = subprocess.Popen(  # noqa: S603 - an argument list
            [programs / "postgres", "-D", data, "-k", directory, *settings],
            cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=complaints, stderr=complaints, **who,
        )  # fmt: skip
    until = time.monotonic() + LONGEST
    # The last line of this file says how far the start has come (PostgreSQL, "Database File Layout": postmaster.pid).
    while "ready" not in _last(data / "postmaster.pid"):
        if server.poll() is not None or time.monotonic() > until:
            server.kill()
            raise _Unable(f"postgres does not answer: {_last(log)}")
        time.sleep(PAUSE)
    return server


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415 - not on every platform, and needed by root alone

    return pwd.getpwnam(user).pw_gid


def _last(path: Path) -> str:
    """The last line of a file; empty where there is none."""
    with suppress(OSError):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
