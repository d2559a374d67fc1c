"""Whether a service could be rolled back right now: each thing by itself, and nothing is changed by looking."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from rehearsal.world.backups import BackupHouse
from rollback import readiness
from rollback.aws import is_read
from rollback.database.backup import reading
from rollback.live import Identity, read_only
from rollback.plan import Severity
from rollback.readiness import permissions
from rollback.readiness.probes import PROBES, Looking
from tests.known_version import known_version
from tests.rollback.revert.house import House, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rollback.environment import Environment
    from rollback.plan import Finding
    from rollback.readiness import Readiness

SET = {"TEAM_WEBHOOK": "https://hooks.slack.example/services/T0/B0/hunter2"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service whose newest version is bad, with a state, a certificate and a database that is kept in backups."""
    with known_version(), opened(tmp_path_factory.mktemp("house")) as made:
        made.bad()
        made.world.state.open()
        made.world.certificates.open()
        made.stage.let_terraform_in()
        BackupHouse(made.stage, made.world, made.origin.database).open()
        yield made


def looked(house: House, environment: Environment | None = None, **variables: str) -> Readiness:
    access = house.stage.access()
    where = environment or house.environment
    # One merge is as good as three here, and each takes its time.
    one = replace(where, readiness=replace(where.readiness, merges=1 if environment is None else 0))
    try:
        return readiness.look(one, access, variables=variables or SET)
    finally:
        access.aws.close()


@contextmanager
def standing(
    house: House, interceptor: Callable[[Call, Callable[[], AWSResponse]], AWSResponse]
) -> Iterator[None]:
    """Something stands in the way to AWS while the block runs."""
    house.stage.operator.interceptors.append(interceptor)
    try:
        yield
    finally:
        house.stage.operator.interceptors.remove(interceptor)


def test_it_is_ready_and_nothing_was_changed_by_looking(house: House) -> None:
    writes: list[str] = []

    def watch(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if not is_read(call.operation.partition(":")[2]):
            writes.append(call.operation)
        return proceed()

    tip = house.tip
    with standing(house, watch):
        found = looked(house)
    assert [line.seen for line in found.missing] == []
    assert (found.ready, found.exit_code) == (True, 0)
    assert [line.probe for line in found.lines] == ["credentials", *(probe.name for probe in PROBES)]
    assert found.sentence.startswith("production could be rolled back right now")
    assert (writes, house.tip) == ([], tip)
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("down", "probes"),
    [
        ("ecs:", {"ecs", "migrations", "revert", "certificate", "backup"}),
        ("s3:", {"state"}),
        ("acm:", {"certificate"}),
        ("rds:", {"backup"}),
    ],
)
def test_one_thing_that_can_t_be_looked_at_hides_no_other(house: House, down: str, probes: set[str]) -> None:
    def fail(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
        if call.operation.startswith(down):
            raise EndpointConnectionError(endpoint_url=call.request.url)
        return proceed()

    with standing(house, fail):
        found = looked(house)
    assert len(found.lines) == 1 + len(PROBES)
    assert {line.probe for line in found.missing} <= probes
    assert found.missing
    assert found.exit_code == 1
    assert all(line.seen for line in found.lines)


def test_a_mistake_of_ours_in_one_probe_hides_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "instance", lambda *_: 1 / 0)
    found = looked(house)
    assert {line.probe for line in found.missing} == {"backup"}
    assert "ZeroDivisionError" in found.line("backup").seen


def test_credentials_of_another_account_are_the_only_thing_that_is_told(house: House) -> None:
    found = looked(house, replace(house.environment, account="111122223333"))
    assert (found.exit_code, found.identity, [line.probe for line in found.lines]) == (
        4,
        None,
        ["credentials"],
    )
    assert "are of the account 777788889999" in found.lines[0].seen


def test_what_is_too_old_too_short_or_not_told_is_said(house: House) -> None:
    wanted = house.environment.readiness
    strict = replace(wanted, backup_seconds=1, certificate_seconds=9999 * 86_400)
    found = looked(house, replace(house.environment, readiness=strict), NOTHING="")
    assert {line.probe for line in found.missing} == {"backup", "certificate"}
    assert "That is more than 1 s." in found.line("backup").seen
    assert "days are left" in found.line("certificate").seen
    assert found.line("notification").severity is Severity.WARNING
    assert "TEAM_WEBHOOK is not set here" in found.line("notification").seen


def test_without_versions_the_state_could_not_be_restored(house: House) -> None:
    bucket = house.environment.state_bucket
    s3 = house.stage.clients.s3
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    found = looked(house)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert [line.probe for line in found.missing] == ["state"]
    assert f"Versioning of {bucket} is suspended" in found.line("state").seen


def test_what_iam_says_of_the_writes_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto doesn't know SimulatePrincipalPolicy, so its answer is put in its place here."""
    access = read_only(house.stage.access())
    identity = Identity(house.environment.account, "arn:aws:iam::777788889999:user/operator", "us-east-1")
    world = Looking(house.environment, access, identity, SET)

    def told() -> Finding:
        (found,) = permissions.look(world)
        return found

    assert (told().severity, "isn't known" in told().seen) == (Severity.WARNING, True)
    monkeypatch.setattr(permissions, "_denied", lambda *_: ["ecs:UpdateService"])
    assert (told().severity, "may not: ecs:UpdateService" in told().seen) == (Severity.WARNING, True)
    monkeypatch.setattr(permissions, "_denied", lambda *_: [])
    assert told().severity is Severity.OK
    access.aws.close()


def test_a_merge_that_conflicts_with_a_later_one_is_named(house: House) -> None:
    """The last of this file: it changes the branch for good."""
    house.merged("Prices", {"app/prices.py": "PRICE = 1\n"})
    house.merged("Other prices", {"app/prices.py": "PRICE = 2\n"})
    assert looked(house).ready
    access = house.stage.access()
    found = readiness.look(house.environment, access, variables=SET)
    access.aws.close()
    assert [line.probe for line in found.missing] == ["revert"]
    assert "pull request #13" in found.line("revert").seen
    assert "conflicts in app/prices.py" in found.line("revert").seen
