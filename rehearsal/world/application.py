"""The application behind the stage's load balancer: who answers a request, and what."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from moto.elbv2.models import elbv2_backends

from rehearsal.aws import elbv2, logs
from rehearsal.world.version import FAILED, OK

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.aws.ecs.tasks import LivingTask
    from rehearsal.clock import VirtualClock
    from rollback.environment import Environment

_PAGE: Final = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response.

    Attributes:
        status: the status code.
        body: the body.
        content_type: what the body is.
        server: who answers, the load balancer or the application.
    """

    status: int
    body: bytes
    content_type: str
    server: str


def _page(status: int, reason: str) -> Reply:
    """A load balancer's own answer."""
    return Reply(status, _PAGE.format(f"{status} {reason}").encode(), "text/html", "awselb/2.0")


_BAD_GATEWAY: Final = _page(502, "Bad Gateway")
_TIMED_OUT: Final = _page(504, "Gateway Time-out")
_UNAVAILABLE: Final = _page(503, "Service Temporarily Unavailable")


def _untouched(_: str | None, __: str) -> bool:
    """A database to which nothing has been done answers whatever was asked of it before."""
    return True


class Application:
    """The load balancers of one account and region, and the tasks behind them.

    Elastic Load Balancing, "Troubleshoot your Application Load Balancers": 503 when the target group has
    no registered target, 502 when the target's connection is closed or refused, 504 when no connection comes about. "Target groups for your
    Application Load Balancers": requests go round robin to the healthy targets, and to all of them when
    none is healthy.

    One thing is simplified. By the same guide a load balancer sends no new requests to a target that is
    draining, but lets those in flight and the connections that are open go on. Here every request stands
    for one on a connection that may be old, so draining targets stay in the rotation until their
    deregistration delay is over: a rollback has to know that the old version may still answer until then.

    Attributes:
        names: the DNS name of a load balancer by each host name that points to it, as Route 53 would say.
        database: whether the database, to which a task was told the way at its start, answers its version's query.
    """

    def __init__(self, environment: Environment, clock: VirtualClock) -> None:
        self._account = environment.account
        self._region = environment.region
        self._field = environment.probe.field
        self._host, self._path = urlsplit(environment.url).hostname or "", environment.probe.path
        self._clock = clock
        self._turns: Counter[str] = Counter()
        self.names: dict[str, str] = {}
        self.database: Callable[[str | None, str], bool] = _untouched

    def knows(self, host: str) -> bool:
        """Whether a load balancer stands behind `host`."""
        return self._load_balancer(host) is not None

    def answer(self, host: str, path: str) -> Reply:
        """Answer a GET of `path` at `host` as the world is at this moment.

        Raises:
            LookupError: there is no load balancer behind `host`.
        """
        with self._clock.lock:
            balancer = self._load_balancer(host)
            if balancer is None:
                raise LookupError(host)
            group = _target_group(balancer)
            targets = self._rotation(group) if group else []
            if not targets:
                return self._nobody(group)
            turn = self._turns[group]
            self._turns[group] += 1
            target = targets[turn % len(targets)]
            return self._served(target.task, path) if target.reached else _TIMED_OUT

    def outlook(self) -> tuple[int, int]:
        """How many of those who would now be asked would answer the environment's probe well, and how many wouldn't.

        Nobody is asked, so nothing is written to a log and nobody's turn is over.
        """
        balancer = self._load_balancer(self._host)
        group = _target_group(balancer) if balancer is not None else ""
        targets = self._rotation(group) if group else []
        good = sum(self._would_serve(each) for each in targets)
        return (good, len(targets) - good) if targets else (0, 1)

    def _would_serve(self, target: elbv2.ServingTarget) -> bool:
        version = target.task.app_version
        if not target.reached or version is None:
            return False
        status = target.task.answers(self._clock.monotonic(), self._path)
        return status is not None and status < FAILED and self.database(target.task.database, version.query)

    def _rotation(self, group: str) -> list[elbv2.ServingTarget]:
        """Who may be asked; a target that drains without ever having been healthy has no old connections."""
        return [
            target
            for target in elbv2.serving_targets(self._account, self._region, group)
            if target.state != "draining" or target.task.was_healthy
        ]

    def _served(self, task: LivingTask, path: str) -> Reply:
        status, version = task.answers(self._clock.monotonic(), path), task.app_version
        if status is None or version is None:
            return _BAD_GATEWAY
        page = path.partition("?")[0]
        if status == OK and page in version.routes.pages and not self.database(task.database, version.query):
            status = FAILED
        trouble = ": the answer could not be put together" if status >= FAILED else ""
        logs.write(task, f"{'ERROR' if trouble else 'INFO'} GET {page} {status}{trouble}")
        body = {self._field: version.name, "task": task.id}
        return Reply(status, json.dumps(body).encode(), "application/json", "application")

    def _nobody(self, group: str) -> Reply:
        """502 where a target is in use but refuses the connection, 503 where there is none to ask."""
        known = self._elbv2.target_groups[group].targets.values() if group else ()
        in_use = any("Target" in target and target["Target"].state != "initial" for target in known)
        return _BAD_GATEWAY if in_use else _UNAVAILABLE

    @property
    def _elbv2(self) -> Any:
        return elbv2_backends[self._account][self._region]

    def _load_balancer(self, host: str) -> Any | None:
        name = self.names.get(host, host)
        balancers = self._elbv2.load_balancers.values()
        return next((balancer for balancer in balancers if balancer.dns_name == name), None)


def _target_group(balancer: Any) -> str:
    """The target group to which the load balancer's first listener forwards, or an empty string."""
    for listener in balancer.listeners.values():
        for action in listener.default_actions:
            if action.type == "forward":
                arn: str = action.data["TargetGroupArn"]
                return arn
    return ""
