"""Every way's plan, made by hands that only look, on a stage that tells what has arrived."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.origin.smart_http import operation_of
from rollback import certificates, ecs, revert, state, terraform
from rollback.aws import is_read
from rollback.errors import ReadOnly
from rollback.live import read_only
from tests.known_version import known_version
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.origin.wire import Request, Response
    from rehearsal.served import Asked
    from rollback.plan import Plan


@dataclass
class Arrived:
    """What has arrived at the stage.

    Attributes:
        reads: what only looks.
        writes: what may change something.
    """

    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def watch(self, house: House) -> None:
        house.stage.operator.interceptors.append(self._call)
        house.stage.requests.append(self._asked)
        house.origin.git.interceptors.append(self._git)
        house.origin.api.interceptors.append(self._api)

    def _note(self, what: str, *, looks: bool) -> None:
        (self.reads if looks else self.writes).append(what)

    def _call(self, call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        self._note(f"boto3 {call.operation}", looks=is_read(call.operation.partition(":")[2]))
        return proceed()

    def _asked(self, asked: Asked, proceed: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
        self._note(f"terraform {asked.operation}", looks=is_read(asked.operation.partition(":")[2]))
        return proceed()

    def _git(self, request: Request, proceed: Callable[[], Response]) -> Response:
        asked = f"{request.path}?{request.query} {operation_of(request)}"
        self._note(f"git {asked}", looks="receive-pack" not in asked)
        return proceed()

    def _api(self, request: Request, proceed: Callable[[], Response]) -> Response:
        self._note(f"github {request.method} {request.path}", looks=request.method == "GET")
        return proceed()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service with a bad change, a Terraform state and a certificate."""
    with known_version(), opened(tmp_path_factory.mktemp("house")) as made:
        made.bad()
        made.world.state.open()
        made.world.certificates.open()
        made.stage.let_terraform_in()
        yield made


@pytest.fixture
def arrived(house: House) -> Arrived:
    made = Arrived()
    made.watch(house)
    return made


PLANS: dict[str, Callable[[House], Plan]] = {
    "ecs": lambda house: ecs.plan(house.environment, house.access),
    "revert": lambda house: revert.plan(house.environment, house.access, what=house.tip, why="It is bad."),
    "terraform": lambda house: terraform.plan(house.environment, house.access, commit=house.tip),
    "state": lambda house: state.plan(
        house.environment, house.access, choice=f"serial {house.world.state.current()['serial'] - 1}"
    ),
    "certificates": lambda house: certificates.plan(house.environment, house.access),
}
"""What makes the plan of each way. Whoever adds a way adds it here."""

DOORS = {
    "ecs": {"boto3"},
    "revert": {"boto3", "git", "github"},
    "terraform": {"boto3", "git", "terraform"},
    "state": {"boto3"},
    "certificates": {"boto3"},
}
"""Where each of them has looked, so that an empty plan is no proof."""


@pytest.mark.parametrize("way", PLANS)
def test_every_plan_is_made_without_a_request_that_changes_anything(
    house: House, arrived: Arrived, way: str
) -> None:
    looking = replace(house, access=read_only(house.stage.access()))
    plan = PLANS[way](looking)
    assert arrived.writes == []
    assert {what.partition(" ")[0] for what in arrived.reads} >= DOORS[way]
    assert plan.findings
    with pytest.raises(ReadOnly):
        looking.access.aws.ecs.update_service(service="s")
    looking.access.aws.close()


def test_what_is_applied_by_them_changes_nothing(house: House, arrived: Arrived) -> None:
    """The plan is a good one, and its apply is refused at the door."""
    access = read_only(house.stage.access())
    plan = ecs.plan(house.environment, access)
    plan.must_be_applicable()
    with pytest.raises(ReadOnly, match="ecs:UpdateService"):
        ecs.apply(house.environment, access, plan)
    assert arrived.writes == []
    access.aws.close()
