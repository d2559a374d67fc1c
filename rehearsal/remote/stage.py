"""The stage in another process, as the fixtures see it."""

from __future__ import annotations

import atexit
import functools
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import urlsplit

from botocore.httpsession import URLLib3Session

from rehearsal.doors import Door, Endpoint
from rehearsal.embedded import GIT_LATENCY, LATENCY, ON_CALL, OPERATOR, TEAM, TOKEN
from rehearsal.origin.git_config import git_config
from rehearsal.origin.github.api import LOGS
from rehearsal.origin.network import Running, UnhurriedProcesses
from rehearsal.remote.adapter import ServedAdapter
from rehearsal.remote.beyond import beyond
from rehearsal.remote.clock import RemoteClock
from rehearsal.remote.world import RemoteWorld
from rehearsal.serving.process import ServingProcess
from rehearsal.world.clients import Clients
from rollback.access import Access
from rollback.aws import Aws
from rollback.github.client import GitHub
from rollback.http import HttpSession
from rollback.journal import Journal
from rollback.tls import Tls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient

    from rehearsal.blueprint import Blueprint
    from rehearsal.doors import Call
    from rehearsal.origin.drafts import Person
    from rehearsal.stage import StageFactory
    from rollback.environment import Environment, Environments


class ServerStage:
    """One rehearsal on a stage that another process serves.

    Attributes:
        environment: the environment that is rehearsed.
        blueprint: how its service is built.
        clock: the stage's clock.
        directory: where this side's files are.
        operator: the door through which the calls of every `access` go; `rehearsal.faults` stands in it.
        control: the control endpoint of the other process.
        variables: environment variables of the operator's programs besides git's.
        running: the programs of every `access`, and what stands before them.
    """

    name: Final = "server"

    def __init__(
        self,
        environment: Environment,
        blueprint: Blueprint,
        *,
        seed: int,
        directory: Path,
        environments: Environments,
    ) -> None:
        self.environment = environment
        self.blueprint = blueprint
        self.directory = directory
        self.variables: dict[str, str | None] = {}
        self.running = Running()
        self.control = _serving(environments.path).control
        told = self.control.reopen(environment.name, seed=seed, blueprint=blueprint.model_dump())
        self._addresses: Mapping[str, str] = told["addresses"]
        self.clock = RemoteClock(self.control, datetime.fromisoformat(told["start"]))
        self.operator = _door(self._addresses["aws"], OPERATOR)
        self._undo = ExitStack()
        self.operator.open(self.control.keys(environment.account, OPERATOR), _send)
        self._undo.callback(self.operator.close)
        self.operator.interceptors.append(self._take_time)
        self._journals = 0

    def __getattr__(self, name: str) -> NoReturn:
        beyond(f"stage.{name}")

    @functools.cached_property
    def clients(self) -> Clients:
        """The team's own hands, which take no time and on which no fault is put."""
        door = _door(self._addresses["aws"], TEAM)
        door.open(self.control.keys(self.environment.account, TEAM), _send)
        self._undo.callback(door.close)
        return Clients(door, self.environment.region)

    def world(self) -> RemoteWorld:
        """The service of the environment, not yet created, with everything it stands on."""
        return RemoteWorld(self.control, self.clock)

    def sign_in(self, account: str) -> None:
        """Give the operator the credentials of another account."""
        self.operator.sign_in(self.control.keys(account, OPERATOR))

    def access(self, *, region: str | None = None, journal_at: Path | None = None) -> Access:
        """An operator's hands, with a journal of their own.

        Args:
            region: the region the clients work in, if it is not the environment's.
            journal_at: a journal that is there already and is gone on with.
        """
        region = region or self.environment.region
        journal = self._journal(journal_at)
        self._undo.callback(journal.close)

        def make(service: str) -> BaseClient:
            return self.operator.client(service, region)

        aws = Aws(make, region=region, journal=journal, clock=self.clock)
        self._undo.callback(aws.close)
        repository = self.environment.repository
        application, github, logs = (_host(each) for each in (self.environment.url, repository.api, LOGS))
        http = self._session(journal, "application", application)
        hub = self._session(journal, "origin", github, logs)
        processes = UnhurriedProcesses(
            journal,
            self.clock,
            env=self.git_variables(ON_CALL),
            latency=GIT_LATENCY,
            live=self.variables,
            running=self.running,
        )
        return Access(
            aws=aws,
            http=http,
            processes=processes,
            github=GitHub(hub, repository, token=TOKEN, clock=self.clock, journal=journal),
            directory=self.directory / "kept",
            clock=self.clock,
            journal=journal,
            tls=Tls(connect=_no_handshake),
        )

    def _journal(self, at: Path | None) -> Journal:
        if at is not None:
            return Journal.open(at, self.clock)
        self._journals += 1
        return Journal.create(self.directory / f"journal-{self._journals}.jsonl", self.clock)

    def git_variables(self, identity: Person | None) -> dict[str, str | None]:
        """Have git reach the served remote and nothing else; returns the environment variables for it."""
        repository = self.environment.repository
        return git_config(
            self.directory / "gitconfig",
            remote=repository.remote,
            port=urlsplit(self._addresses["origin"]).port or 0,
            repository=repository.name,
            identity=identity,
        )

    def close(self) -> None:
        """Take this side down; the other process stays for the next rehearsal. Closing it again does nothing."""
        self._undo.close()

    def _session(self, journal: Journal, door: str, *hosts: str) -> HttpSession:
        session = HttpSession(journal, self.clock)
        session.trust_env = False
        adapter = ServedAdapter(self._addresses[door], hosts.__contains__, self.clock, latency=LATENCY)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self._undo.callback(session.close)
        return session

    def _take_time(self, _: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        self.clock.sleep(LATENCY)
        return proceed()


def server(environments: Environments) -> StageFactory:
    """What opens stages in the one process that serves them for this one."""
    return functools.partial(ServerStage, environments=environments)


@functools.cache
def _serving(environments: Path) -> ServingProcess:
    """The process that serves, started once; it ends with this one."""
    process = ServingProcess(environments, "--speed=0", "--as-it-is", "--unopened")
    atexit.register(process.close)
    return process


@functools.cache
def _door(aws: str, user: str) -> Door:
    """The door of a user, whose clients are made once."""
    del user
    return Door(lambda _: Endpoint(aws))


@functools.cache
def _http() -> URLLib3Session:
    """Botocore's own way over the network, without what this machine says of proxies."""
    return URLLib3Session()


def _send(request: AWSPreparedRequest) -> AWSResponse:
    answer: AWSResponse = _http().send(request)
    return answer


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _no_handshake(address: tuple[str, int], seconds: float) -> Any:
    del address, seconds
    beyond("certificates")
