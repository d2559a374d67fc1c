"""The ways back, each in a world where it is needed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rehearsal.backup_keeper import BackupKeeper
from rehearsal.certificate_keeper import CertificateKeeper
from rehearsal.state_keeper import StateKeeper
from rehearsal.world.version import Behaviour
from rollback import certificates, ecs, revert, state, terraform
from rollback.database import backup, fixing
from tests.byhand import twins
from tests.byhand.twins import Way

if TYPE_CHECKING:
    from tests.byhand.twins import Scene

WHY: Final = "The application answers with errors."
CHECKOUT: Final = "Faster checkout"
PORT: Final = "Close the service's port"
TIDY: Final = "Tidy the orders"
OURS: Final = "the team's"
"""What the team's own instance is called here, whatever its name is."""


# An emergency.


def _errors(scene: Scene) -> None:
    scene.incidents.worked_with(40, 41)
    scene.incidents.deployed(42, Behaviour.ERRORS)


def _deregistered(scene: Scene) -> None:
    _errors(scene)
    scene.world.damage.deregister(41)


def _in_progress(scene: Scene) -> None:
    scene.incidents.worked_with(40, 41)
    scene.world.team.set_circuit_breaker(enable=False, rollback=False)
    scene.incidents.being_deployed(42, Behaviour.CRASHES)


def _emergency(given: Any, *, to: str = "", copy: bool = False) -> Way:
    return Way(
        given=given,
        plan=lambda scene: ecs.plan(scene.environment, scene.access, to=to, register_copy=copy),
        apply=lambda scene, plan: ecs.apply(scene.environment, scene.access, plan),
        seen=twins.service,
    )


EMERGENCY: Final = _emergency(_errors)
COPY: Final = _emergency(_deregistered, to="41", copy=True)
STOP: Final = _emergency(_in_progress)


# A revert.


def _merged(scene: Scene) -> None:
    scene.origin.open_the_service()
    made = scene.developers.merged(CHECKOUT, scene.developers.code(CHECKOUT, Behaviour.ERRORS))
    scene.origin.settle()
    scene.noted["what"] = made.commit


REVERT: Final = Way(
    given=_merged,
    plan=lambda scene: revert.plan(scene.environment, scene.access, what=scene.noted["what"], why=WHY),
    apply=lambda scene, plan: revert.apply(scene.environment, scene.access, plan),
    seen=twins.branch,
)


# Terraform.


def _infrastructure(scene: Scene) -> None:
    scene.origin.open_the_service()
    keeper = StateKeeper(scene.stage, scene.world, scene.environment)
    keeper.open()
    scene.noted["keeper"] = keeper


def _two_revisions(scene: Scene) -> None:
    _infrastructure(scene)
    scene.developers.merged(CHECKOUT, scene.developers.code(CHECKOUT))
    scene.origin.settle()


def _closed_port(scene: Scene) -> None:
    _infrastructure(scene)
    made = scene.developers.merged(PORT, scene.developers.infrastructure(PORT))
    scene.origin.settle()
    scene.noted["commit"] = made.before


def _applied(scene: Scene) -> dict[str, Any]:
    return {**twins.service(scene), **_without_ids(twins.state(scene))}


def _without_ids(seen: dict[str, Any]) -> dict[str, Any]:
    """The state, but for the ids that Terraform makes up."""
    text = json.dumps(seen["state"])
    for each in seen["state"]["resources"]:
        for instance in each["instances"]:
            text = text.replace(instance["attributes"]["id"], f"the id of {each['name']}")
    return {**seen, "state": json.loads(text)}


TERRAFORM: Final = Way(
    given=_closed_port,
    plan=lambda scene: terraform.plan(scene.environment, scene.access, commit=scene.noted["commit"]),
    apply=lambda scene, plan: terraform.apply(scene.environment, scene.access, plan),
    seen=_applied,
)


APPLIED: Final = replace(TERRAFORM, given=_two_revisions)
"""All as it should be, with two revisions and a state."""


# The state.


def _state_damaged(scene: Scene) -> None:
    _infrastructure(scene)
    scene.noted["keeper"].newest("broke off in the middle")


def _state_wrong(scene: Scene) -> None:
    _infrastructure(scene)
    scene.noted["keeper"].remove("terraform_data.database")


def _restore(given: Any) -> Way:
    return Way(
        given=given,
        plan=lambda scene: state.plan(scene.environment, scene.access, choice=_before_the_newest(scene)),
        apply=lambda scene, plan: state.apply(scene.environment, scene.access, plan),
        seen=twins.state,
    )


def _before_the_newest(scene: Scene) -> str:
    _, *older = scene.world.state.versions
    return str(next(each.id for each in older if each.serial is not None))


STATE_PUSHED: Final = _restore(_state_wrong)
STATE_WRITTEN: Final = replace(
    _restore(_state_damaged),
    undo=lambda scene, result: state.plan_undo(scene.environment, scene.access, result.saved),
    undone={"state": twins.NO_STATE, "lock": None, "lock in the table": None, "digest": True},
)


# The certificate.


def _expired(scene: Scene) -> None:
    scene.incidents.worked_with(40, 41)
    keeper = CertificateKeeper(scene.stage, scene.world)
    keeper.open()
    scene.noted["keeper"] = keeper


def _no_record(scene: Scene) -> None:
    _expired(scene)
    scene.noted["keeper"].record("is missing")
    scene.noted["keeper"].request()


def _certificate(scene: Scene) -> dict[str, Any]:
    house = scene.world.certificates
    return {
        "records": house.records(),
        "attached is the first": house.attached == house.first,
        "status": house.status(house.attached),
        "problem": house.handshake().problem,
        "how many": len(scene.noted["keeper"].known),
    }


CERTIFICATE: Final = Way(
    given=_no_record,
    plan=lambda scene: certificates.plan(
        scene.environment, scene.access, certificate=scene.noted["keeper"].new
    ),
    apply=lambda scene, plan: certificates.apply(scene.environment, scene.access, plan),
    seen=_certificate,
    undo=lambda scene, result: certificates.plan_undo(scene.environment, scene.access, result.saved),
    undone={"attached is the first": True, "status": "ISSUED", "problem": ""},
)
RENEWED: Final = Way(
    given=_expired,
    plan=lambda scene: certificates.plan(scene.environment, scene.access, renew=True),
    apply=lambda scene, plan: certificates.apply(scene.environment, scene.access, plan),
    seen=_certificate,
)


# The database.


def _tidied(scene: Scene) -> None:
    scene.origin.open_the_service()
    keeper = BackupKeeper(scene.stage, scene.world, scene.origin)
    keeper.open()
    scene.noted["keeper"] = keeper
    _migrated(scene)
    keeper.house.let_backups_catch_up()


def _migrated(scene: Scene) -> None:
    people = scene.developers
    people.merged(TIDY, {**people.code(TIDY), **people.migration(TIDY, "drops a column")})
    scene.origin.settle()


def _restored(scene: Scene) -> dict[str, Any]:
    house = scene.noted["keeper"].house
    names = {house.instance: OURS}
    return {
        "led to": names.get(house.led_to, house.led_to),
        "tasks use": {names.get(each, each) for each in house.tasks_use()},
        "instances": house.instances(),
        "columns": house.columns(house.led_to),
        "rows": house.count(house.led_to),
        "alike": len(house.instances()) == 1 or scene.noted["keeper"].alike,
        **twins.service(scene),
    }


def _confirmed(scene: Scene) -> backup.BackupPlan:
    point = backup.plan(scene.environment, scene.access).point
    assert point is not None
    return backup.plan(scene.environment, scene.access, confirmed=backup.Loss(since=point.at, rows=60))


BACKUP: Final = Way(
    given=_tidied,
    plan=_confirmed,
    apply=lambda scene, plan: backup.apply(scene.environment, scene.access, plan),
    seen=_restored,
    undo=lambda scene, result: backup.plan_undo(scene.environment, scene.access, result.saved),
    undone={"led to": OURS, "tasks use": {OURS}},
)


def _column_gone(scene: Scene) -> None:
    scene.origin.open_the_service()
    scene.origin.database.open()
    _migrated(scene)
    scene.world.team.deploy(scene.world.look.primary_revision() - 1, force=True)
    scene.world.settle()


def _fixed(scene: Scene) -> dict[str, Any]:
    database, tip = scene.origin.database, scene.origin.tip
    return {
        "schema": database.schema(),
        "rows": database.count(),
        "files": {path: text for path, text in scene.origin.bare.files(tip).items() if "/versions/" in path},
        **twins.service(scene),
    }


FIX: Final = Way(
    given=_column_gone,
    plan=lambda scene: fixing.plan(scene.environment, scene.access),
    apply=lambda scene, plan: fixing.apply(scene.environment, scene.access, plan),
    seen=_fixed,
)
