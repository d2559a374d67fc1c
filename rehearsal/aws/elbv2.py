"""The load balancer's side: the health of targets, draining, and where requests may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from moto.elbv2 import urls
from moto.elbv2.exceptions import InvalidTargetError, TargetGroupNotFoundError

from rehearsal.aws import firewall, timeline
from rehearsal.aws.https import HttpsElbv2Backend
from rehearsal.aws.moto_parts import elbv2_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rehearsal.aws.moto_parts import TargetGroup
    from rehearsal.world.version import AppVersion

_DESCRIPTIONS: Final = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
}


class Listener(Protocol):
    """What listens behind a target: a task's container."""

    def answers(self, moment: float, path: str) -> int | None:
        """The status of its answer to a GET of `path` at `moment`, or None where it refuses the connection."""
        ...

    def ready_at(self) -> float:
        """The moment from which its answers stay the same."""
        ...

    @property
    def serving(self) -> bool:
        """Whether its container runs, so that it answers requests."""
        ...

    @property
    def security_groups(self) -> Sequence[str]:
        """The ids of the security groups it is in."""
        ...


@dataclass(slots=True, eq=False)
class Target:
    """A target as the load balancer sees it.

    Attributes:
        ip: its address.
        port: where requests and health checks go.
        task: what listens there, if anything.
        state: ``initial``, ``healthy``, ``unhealthy`` or ``draining``.
        reason: AWS's reason code, where the state has one.
        description: AWS's words for it.
        registered: the moment at which its registration is done and health checks begin.
        notify: called when the state changes, after it has.
    """

    ip: str
    port: int
    task: Listener | None
    state: str = "initial"
    reason: str | None = None
    description: str | None = None
    registered: float = 0.0
    notify: Callable[[Target], None] | None = None
    _plan: int = 0


@dataclass(frozen=True, slots=True)
class TargetHealthDescription:
    """One line of DescribeTargetHealth; the names are moto's way to the API's."""

    target: dict[str, Any]
    health_check_port: str
    target_health: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ServingTarget:
    """A target to which the load balancer may send a request.

    Attributes:
        ip: its address.
        port: its port.
        state: ``healthy``; ``draining``, which only serves connections that it already has; or
            ``unhealthy``, which is in the list only while no target is healthy (fail-open).
        task: the task behind it, a `rehearsal.aws.ecs.tasks.LivingTask`; its `app_version` says what runs.
        reached: whether its security groups let the load balancer's requests in.
    """

    ip: str
    port: int
    state: str
    task: Any
    reached: bool

    @property
    def version(self) -> AppVersion:
        """The version of the application that answers there."""
        version: AppVersion = self.task.app_version
        return version


@dataclass(slots=True)
class _Probe:
    """Health checks in a row: when the next one is, and how the last ones went."""

    at: float
    passed: int = 0
    failed: int = 0
    code: int | None = field(default=None)


class LivingElbv2Backend(HttpsElbv2Backend):
    """moto's ELBv2, where targets of type ip have a health that follows from what listens there."""

    @property
    def _url_module(self) -> Any:
        return urls

    def register_targets(self, target_group_arn: str, instances: list[Any]) -> None:
        """Register targets by hand, as the API does: nothing of the stage listens behind them."""
        with timeline.current().clock.lock:
            super().register_targets(target_group_arn, instances)
            group = self.target_groups[target_group_arn]
            for instance in instances:
                if group.target_type == "ip":
                    self._admit(group, Target(instance["Id"], int(instance.get("Port", group.port)), None))

    def register_task(
        self, target_group_arn: str, ip: str, port: int, task: Listener, notify: Callable[[Target], None]
    ) -> Target:
        """Register the address of a task, as the ECS service scheduler does."""
        group = self._target_group(target_group_arn)
        target = Target(ip, port, task, notify=notify)
        group.targets[ip] = {"Id": ip, "Port": port}
        self._admit(group, target)
        return target

    def deregister_targets(self, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        """Deregister targets: each drains for the group's delay, and then is gone."""
        with timeline.current().clock.lock:
            group = self._target_group(target_group_arn)
            if group.target_type != "ip":
                super().deregister_targets(target_group_arn, instances)
                return
            for instance in instances:
                known = group.targets.get(instance["Id"])
                if known is None:
                    raise InvalidTargetError
                self.drain(group, known["Target"], _nothing)

    def drain(self, group: TargetGroup, target: Target, then: Callable[[], None]) -> None:
        """Let `target` drain for the deregistration delay; then it leaves the group, and `then` is called.

        Source: Elastic Load Balancing, "Edit target group attributes ... Deregistration delay": the
        target is shown as draining until the delay is over.
        """
        if target.state == "draining":
            then()
            return
        self._become(target, "draining", "Target.DeregistrationInProgress")

        def leave() -> None:
            known = group.targets.get(target.ip)
            if known is not None and known.get("Target") is target:
                del group.targets[target.ip]
            then()

        delay = float(group.attributes["deregistration_delay.timeout_seconds"])
        timeline.current().after(delay, leave)

    def modify_target_group(self, *args: Any, **kwargs: Any) -> TargetGroup:
        """Change the health check: what is registered is judged by the new one from now on."""
        with timeline.current().clock.lock:
            group = super().modify_target_group(*args, **kwargs)
            for known in group.targets.values():
                if "Target" in known and known["Target"].state != "draining":
                    self._watch(group, known["Target"], _Probe(timeline.current().moment()))
            return group

    def look_again(self) -> None:
        """Judge what is registered anew from now on: a security group has changed."""
        now = timeline.current()
        for group in self.target_groups.values():
            for known in group.targets.values():
                target = known.get("Target")
                if target is not None and target.state != "draining" and now.moment() >= target.registered:
                    self._watch(group, target, _Probe(now.moment()))

    def describe_target_health(self, target_group_arn: str, targets: list[dict[str, Any]]) -> list[Any]:
        """The health of the given targets, or of all, those that drain included."""
        with timeline.current().clock.lock:
            group = self._target_group(target_group_arn)
            if group.target_type != "ip":
                return list(super().describe_target_health(target_group_arn, targets))
            return [self._describe(group, target) for target in targets or list(group.targets.values())]

    def _target_group(self, target_group_arn: str) -> TargetGroup:
        group = self.target_groups.get(target_group_arn)
        if group is None:
            raise TargetGroupNotFoundError
        return group

    def _describe(self, group: TargetGroup, wanted: dict[str, Any]) -> TargetHealthDescription:
        known = group.targets.get(wanted["Id"])
        port = int((known or wanted).get("Port", group.port))
        if known is None:
            state, reason = "unused", "Target.NotRegistered"
            description: str | None = _DESCRIPTIONS[reason]
        else:
            state, reason, description = self._health(group, known["Target"])
        health = {"State": state, "Reason": reason, "Description": description}
        return TargetHealthDescription(
            {"Id": wanted["Id"], "Port": port}, str(_check_port(group, port)), health
        )

    def _health(self, group: TargetGroup, target: Target) -> tuple[str, Any, str | None]:
        if not group.load_balancer_arns and target.state != "draining":
            return "unused", "Target.NotInUse", _DESCRIPTIONS["Target.NotInUse"]
        if target.state == "initial":
            begun = timeline.current().moment() >= target.registered
            reason = "Elb.InitialHealthChecking" if begun else "Elb.RegistrationInProgress"
            return "initial", reason, _DESCRIPTIONS[reason]
        return target.state, target.reason, target.description

    def _admit(self, group: TargetGroup, target: Target) -> None:
        now = timeline.current()
        group.targets[target.ip]["Target"] = target
        target.registered = now.moment() + now.draw("elb.registration", now.pace.target_registration)
        self._watch(group, target, _Probe(target.registered + float(group.health_check_interval_seconds)))

    def _watch(self, group: TargetGroup, target: Target, probe: _Probe) -> None:
        """Plan the moment at which the health checks from `probe` on change the target's state.

        The checks between are not played one by one: nothing can be seen of them.

        Source: Elastic Load Balancing, "Health checks for Application Load Balancer target groups"; that a new
        target needs HealthyThresholdCount checks, an interval apart: Amazon ECS developer guide, "Optimize
        load balancer health check parameters".
        """
        target._plan += 1
        if not group.health_check_enabled:
            return
        plan, interval = target._plan, float(group.health_check_interval_seconds)
        healthy, unhealthy = int(group.healthy_threshold_count), int(group.unhealthy_threshold_count)
        settled = max(probe.at, target.task.ready_at() if target.task else 0.0)
        while True:
            probe.code = self._ask(group, target, probe.at)
            if _accepted(group, probe.code):
                probe.passed, probe.failed = probe.passed + 1, 0
            else:
                probe.passed, probe.failed = 0, probe.failed + 1
            at, code = probe.at, probe.code
            probe.at += interval
            if probe.passed >= healthy and target.state != "healthy":
                verdict: tuple[str, str | None, str | None] = ("healthy", None, None)
                break
            if probe.failed >= unhealthy and target.state != "unhealthy":
                verdict = ("unhealthy", *_failure(code, timed_out=not self._reached(group, target)))
                break
            if at > settled and max(probe.passed, probe.failed) >= max(healthy, unhealthy):
                return

        def judge() -> None:
            if target._plan == plan and target.state != "draining":
                self._become(target, *verdict)
                self._watch(group, target, probe)

        now = timeline.current()
        now.after(max(0.0, at - now.moment()), judge)

    def _ask(self, group: TargetGroup, target: Target, moment: float) -> int | None:
        """One health check: None where nothing listens on the port that is asked, or a security group is in the way."""
        if target.task is None or _check_port(group, target.port) != target.port:
            return None
        if not self._reached(group, target):
            return None
        return target.task.answers(moment, group.health_check_path or "/")

    def _reached(self, group: TargetGroup, target: Target) -> bool:
        """Whether something is behind the target that the load balancer can ask."""
        if target.task is None:
            return False
        groups, port = target.task.security_groups, _check_port(group, target.port)
        return firewall.admits(self.account_id, self.region_name, groups, port, group)

    @staticmethod
    def _become(target: Target, state: str, reason: str | None, description: str | None = None) -> None:
        target._plan += 1
        target.state, target.reason = state, reason
        target.description = description or (_DESCRIPTIONS.get(reason) if reason else None)
        if target.notify is not None:
            target.notify(target)


def serving_targets(account: str, region: str, target_group_arn: str) -> list[ServingTarget]:
    """Where the load balancer may send a request now: look at each one's `state`.

    Healthy targets; those that drain, which go on serving the connections they have; and, while no
    target is healthy, the unhealthy ones, since an Application Load Balancer fails open.

    Source: Elastic Load Balancing, "Health checks for Application Load Balancer target groups".

    Raises:
        TargetGroupNotFoundError: there is no such target group.
    """
    with timeline.current().clock.lock:
        backend = elbv2_backends[account][region]
        group = backend._target_group(target_group_arn)
        if not group.load_balancer_arns:
            return []
        targets = [known["Target"] for known in group.targets.values() if "Target" in known]
        up = [target for target in targets if target.task is not None and target.task.serving]
        route = "healthy" if any(target.state == "healthy" for target in targets) else "unhealthy"
        return [
            ServingTarget(
                target.ip, target.port, target.state, target.task, reached=backend._reached(group, target)
            )
            for target in up
            if target.state in {route, "draining"}
        ]


def _nothing() -> None:
    pass


def _check_port(group: TargetGroup, port: int) -> int:
    asked = group.health_check_port
    return port if asked in {None, "traffic-port"} else int(asked)


def _accepted(group: TargetGroup, code: int | None) -> bool:
    if code is None:
        return False
    matcher = getattr(group, "matcher", None)
    if matcher is None:
        return True  # a TCP check only connects
    for part in matcher.get("HttpCode", "200").split(","):
        low, _, high = part.partition("-")
        if int(low) <= code <= int(high or low):
            return True
    return False


def _failure(code: int | None, *, timed_out: bool) -> tuple[str, str]:
    if code is not None:
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]"
    reason = "Target.Timeout" if timed_out else "Target.FailedHealthChecks"
    return reason, _DESCRIPTIONS[reason]
