"""The embedded stage: moto and a living ECS in this process, by a virtual clock."""

from __future__ import annotations

import errno
import functools
import os
from contextlib import ExitStack
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rehearsal.aws import install, timeline
from rehearsal.clock import OPENING, VirtualClock
from rehearsal.doors import Door
from rehearsal.emulator import Emulator, require_region
from rehearsal.origin.adapter import OriginAdapter
from rehearsal.origin.drafts import Person
from rehearsal.origin.git_config import git_config
from rehearsal.origin.network import Running, UnhurriedProcesses
from rehearsal.origin.server import server
from rehearsal.terraform_config import credentials_of, path_with_python, terraform_variables
from rehearsal.world.adapter import StageAdapter
from rehearsal.world.application import Application
from rehearsal.world.clients import Clients
from rollback.access import Access
from rollback.aws import Aws
from rollback.database.live import LiveDatabases
from rollback.github.client import GitHub
from rollback.http import HttpSession
from rollback.journal import Journal
from rollback.tls import Tls

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient
    from sqlalchemy import URL

    from rehearsal.blueprint import Blueprint
    from rehearsal.doors import Call
    from rehearsal.emulator import Network
    from rehearsal.keys import Keys
    from rehearsal.served import Provider, RequestInterceptor, Served, Wsgi
    from rehearsal.teams_terraform import TeamsTerraform
    from rehearsal.world.database import Hosts
    from rehearsal.world.world import World
    from rollback.environment import Environment

OPERATOR: Final = "operator"
"""The IAM user who rolls back."""
TEAM: Final = "team"
"""The IAM user who has built the service, deploys it and breaks it."""
ON_CALL: Final = Person("Kim Okafor", "kim@example.com", "kim-okafor")
"""Who rolls back, as git and GitHub know them."""
TOKEN: Final = "rehearsed-per96dJxNHwTMIsddu9fsQQu"  # noqa: S105 - it opens nothing
"""The operator's token for GitHub's REST API; like no other word, since a scan looks for it (`rehearsal.secrets_scan`)."""
LATENCY: Final = 0.1
"""How long each request of the operator takes, to AWS, to GitHub or to the application, in virtual seconds."""
GIT_LATENCY: Final = 1.5
"""How long a git command takes that talks to the remote."""


class EmbeddedStage:
    """One rehearsal's AWS, clock and application, empty at first.

    Everything dear is made once in a process (the import of moto, the clients, the HTTP server) and
    shared by its stages, of which one is open at a time.

    Attributes:
        environment: the environment that is rehearsed.
        blueprint: how its service is built.
        clock: the virtual clock.
        application: what answers at the environment's URL.
        directory: where its files are.
        operator: the door through which the calls of every `access` go; `rehearsal.faults` stands in it.
        variables: environment variables of the operator's programs besides git's, looked at when one is started;
            `let_terraform_in` puts there what leads terraform to this stage.
        clients: the team's own hands, which take no time and on which no fault is put.
        running: the programs of every `access`, and what stands before them.
        requests: what stands before the requests that these programs send to AWS, the first outermost.
        provider: what makes true in AWS what Terraform's resources say; a world puts it there.
        leads: leads the operator to the database at an address of the stage; who keeps the databases puts it there.
    """

    name: Final = "embedded"

    def __init__(
        self,
        environment: Environment,
        blueprint: Blueprint,
        *,
        seed: int,
        directory: Path,
        start: datetime = OPENING,
    ) -> None:
        require_region(environment.region)
        self.environment = environment
        self.blueprint = blueprint
        self.clock = VirtualClock(start)
        self.application = Application(environment, self.clock)
        self.operator = _door(OPERATOR)
        self.directory = directory
        self._emulator = Emulator().open()
        self._undo = ExitStack()
        self._undo.callback(self._emulator.close)
        install.attach(self.clock, seed=seed)
        self._undo.callback(install.detach)
        self._team = _door(TEAM)
        self._enter(self._team, TEAM, self._answer)
        self._keys = self._enter(self.operator, OPERATOR, self._answer_operator)
        self.operator.interceptors.append(self._take_time)
        self.clients = Clients(self._team, environment.region)
        self.variables: dict[str, str | None] = {}
        self.provider: Provider = _no_provider
        self.leads: Callable[[URL], URL] = _no_database
        self.running = Running()
        self.requests: list[RequestInterceptor] = []
        self._journals = 0
        self._open = True

    @property
    def hostname(self) -> str:
        """Where the environment's application answers."""
        return urlsplit(self.environment.url).hostname or ""

    @property
    def network(self) -> Network:
        """The default VPC of the environment's account."""
        return self._emulator.network(self.environment.account, self.environment.region)

    @property
    def hosts(self) -> Hosts:
        """At which hosts its tasks find a database."""
        return timeline.current().hosts

    def sign_in(self, account: str) -> None:
        """Give the operator, and so every access and program of this stage, the credentials of another account."""
        self._keys = self._emulator.user(account, self.environment.region, OPERATOR)
        self.operator.sign_in(self._keys)
        if "AWS_ENDPOINT_URL" in self.variables:
            self.variables |= credentials_of(self._keys)

    def access(self, *, region: str | None = None, journal_at: Path | None = None) -> Access:
        """An operator's hands, with a journal of their own.

        Args:
            region: the region the clients work in, if it is not the environment's.
            journal_at: a journal that is there already and is gone on with.
        """
        region = region or self.environment.region
        journal = self._journal(journal_at)
        self._undo.callback(journal.close)
        http = _insulated(HttpSession(journal, self.clock))
        adapter = StageAdapter(self.application, self.clock, latency=LATENCY)
        http.mount("https://", adapter)
        http.mount("http://", adapter)
        self._undo.callback(http.close)

        def make(service: str) -> BaseClient:
            if not self._open:
                raise RuntimeError("This stage is closed: an access ends with the stage it was made for.")
            return self.operator.client(service, region)

        aws = Aws(make, region=region, journal=journal, clock=self.clock)
        self._undo.callback(aws.close)
        repository = self.environment.repository
        hub = _insulated(HttpSession(journal, self.clock))
        lane = OriginAdapter(lambda host: host in server().hosts, self.clock, latency=LATENCY)
        hub.mount("https://", lane)
        hub.mount("http://", lane)
        self._undo.callback(hub.close)
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
            tls=self._tls(),
            databases=LiveDatabases(processes, journal, self.directory / "kept", lead=self._led),
        )

    def _journal(self, at: Path | None) -> Journal:
        if at is not None:
            return Journal.open(at, self.clock)
        self._journals += 1
        return Journal.create(self.directory / f"journal-{self._journals}.jsonl", self.clock)

    def git_variables(self, identity: Person | None) -> dict[str, str | None]:
        """Have git reach the stage's remote and nothing else; returns the environment variables for it.

        All programs of the stage read the same configuration, so that this also changes who is committing
        from now on.
        """
        repository = self.environment.repository
        return git_config(
            self.directory / "gitconfig",
            remote=repository.remote,
            port=server().port,
            repository=repository.name,
            identity=identity,
        )

    def serve(self) -> AbstractContextManager[Served]:
        """Serve this stage's AWS on loopback for as long as the block lasts, for subprocesses.

        They sign with the operator's keys, and each of their requests takes `LATENCY` on the clock.
        """
        from rehearsal.served import served  # noqa: PLC0415 - flask, which few rehearsals need

        return served(
            self.clock,
            self._keys,
            self.aws_over_http(),
            region=self.environment.region,
            directory=self.directory,
            latency=LATENCY,
        )

    def aws_over_http(self) -> Wsgi:
        """What answers where this stage's AWS is served, without any lock."""
        from rehearsal.served import intercepted  # noqa: PLC0415 - flask, which few rehearsals need

        return intercepted(self.aws_application(), self.requests)

    def aws_application(self) -> Wsgi:
        """What answers programs for AWS, without any lock and with nothing before it."""
        from rehearsal.served import aws_application  # noqa: PLC0415 - flask, which few rehearsals need

        return aws_application(self._provide)

    def keys_of(self, user: str, account: str = "") -> Keys:
        """The access keys of an IAM user of the environment's account or of another; the user is made if need be."""
        return self._emulator.user(account or self.environment.account, self.environment.region, user)

    def user_of(self, access_key: str) -> str:
        """The name of the IAM user whose access key it is, in whatever account; empty where it is nobody's."""
        return self._emulator.holder(access_key)

    def world(self) -> World:
        """The service of the environment, not yet created, with everything it stands on."""
        from rehearsal.world.world import World  # noqa: PLC0415 - it imports this module's users

        return World(self)

    def let_terraform_in(self) -> None:
        """Serve this stage's AWS until it is closed, and have the operator's terraform reach it and nothing else.

        Doing it again does nothing.
        """
        if "AWS_ENDPOINT_URL" in self.variables:
            return
        served = self._undo.enter_context(self.serve())
        self.variables.update(terraform_variables(self.directory, served.variables))
        self.variables["PATH"] = path_with_python()

    @functools.cached_property
    def teams_terraform(self) -> TeamsTerraform:
        """The team's own Terraform, which can also run while the clock plays what was planned."""
        from rehearsal.teams_terraform import TeamsTerraform  # noqa: PLC0415 - flask, which few rehearsals need

        environment = self.environment
        made = TeamsTerraform(
            environment,
            self.clock,
            self._emulator.user(environment.account, environment.region, TEAM),
            self.aws_application(),
            self.directory / "team",
        )
        self._undo.callback(made.close)
        return made

    def close(self) -> None:
        """Take everything down. Closing it again does nothing."""
        self._open = False
        self._undo.close()

    def _enter(self, door: Door, user: str, answer: Callable[[AWSPreparedRequest], AWSResponse]) -> Keys:
        keys = self._emulator.user(self.environment.account, self.environment.region, user)
        door.open(keys, answer)
        self._undo.callback(door.close)
        return keys

    def _tls(self) -> Tls:
        """Handshakes with the stage's load balancer, and with nobody else."""

        def connect(address: tuple[str, int], seconds: float) -> socket.socket:
            from rehearsal.world.tls_front import tls_front  # noqa: PLC0415 - a server, which few rehearsals need

            self.clock.sleep(LATENCY)
            return tls_front().connect(address, seconds)

        def context() -> ssl.SSLContext:
            from rehearsal.world.certificates import trusting  # noqa: PLC0415 - keys, which few rehearsals need

            return trusting()

        return Tls(connect=connect, context=context)

    def _answer(self, request: AWSPreparedRequest) -> AWSResponse:
        with self.clock.lock:
            answer = self._emulator.answer(request)
            # AWS dates its answers, and by the stage's clock it must be.
            answer.headers["date"] = format_datetime(self.clock.now(), usegmt=True)
            return answer

    def _led(self, url: URL) -> URL:
        return self.leads(url)

    def _answer_operator(self, request: AWSPreparedRequest) -> AWSResponse:
        return self._answer(request)

    def _provide(self, setting: bytes) -> str | None:
        return self.provider(setting)

    def _take_time(self, _: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        self.clock.sleep(LATENCY)
        return proceed()


def _no_database(_: URL) -> URL:
    raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))


def _no_provider(_: bytes) -> str | None:
    return "There is no world on this stage whose infrastructure could be changed."


@functools.cache
def _door(_: str) -> Door:
    """The door of an identity, which outlives the stages that open and close it."""
    return Door()


def _insulated(session: HttpSession) -> HttpSession:
    """The session, which asks this machine neither for proxies nor for passwords: nothing of its leaves the stage."""
    session.trust_env = False
    return session
