"""The hands of a rollback: everything with which it touches the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from rollback.database.live import LiveDatabases
from rollback.tls import Tls

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from rollback.aws import Aws
    from rollback.clock import Clock
    from rollback.database.opening import Databases
    from rollback.github.client import GitHub
    from rollback.journal import Journal
    from rollback.process import Processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a rollback function is given beside the environment, and touches nothing else.

    Attributes:
        aws: the clients of the account and region.
        http: for asking the application itself.
        processes: how to run git and terraform.
        github: the REST API of the environment's repository.
        only_looks: whether these hands refuse to change anything (`rollback.live.read_only`); the doors refuse it by
            themselves, and this tells those who send past them, as the team's webhook.
        directory: a private directory of this user that outlives the process, for what may be kept to be faster
            the next time, as a copy of the repository; nothing in it is needed.
        clock: the only source of time.
        tls: how to shake hands with the application's load balancer.
        journal: where all of it is recorded, by hooks at these doors.
        databases: what opens the application's database; as it is reached from this machine if nothing else is said.
    """

    aws: Aws
    http: requests.Session
    processes: Processes
    github: GitHub
    only_looks: bool = False
    directory: Path
    clock: Clock
    journal: Journal
    tls: Tls = field(default_factory=Tls)
    databases: Databases = None  # type: ignore[assignment]  # `__post_init__` makes them of the other hands

    def __post_init__(self) -> None:
        if cast("Databases | None", self.databases) is None:
            made = LiveDatabases(self.processes, self.journal, self.directory)
            object.__setattr__(self, "databases", made)
