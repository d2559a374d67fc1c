"""What happens to the infrastructure and to its state, in a scenario's words, and what is seen of them."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rehearsal import faults
from rehearsal.terraform_faults import RequestFault, RequestKind, inject
from rehearsal.world.state_house import Spoilt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from botocore.awsrequest import AWSResponse

    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.state_house import KeptVersion
    from rehearsal.world.world import World
    from rollback.environment import Environment
    from rollback.process import Completed

DAMAGES: Final = {
    "broke off in the middle": Spoilt.TRUNCATED,
    "has hardly any resources": Spoilt.FEW_RESOURCES,
    "is a page of a proxy": Spoilt.NONSENSE,
    "is empty": Spoilt.EMPTY,
    "is of another lineage": Spoilt.OTHER_LINEAGE,
    "was written by a newer Terraform": Spoilt.NEWER_TERRAFORM,
}
DELETED: Final = "was deleted"
DATABASE: Final = "terraform_data.database"
ORDERS_DATABASE: Final = "terraform_data.orders_database"
PIPELINE: Final = "runner@fv-az1042-77"
SOMEBODY_ELSE: Final = "999988887777"
"""The account of people that nobody here knows."""
_PUT: Final = "s3:PutObject"


@dataclass(frozen=True, slots=True)
class Stored:
    """The state, its locks and its digest, at one moment."""

    versions: tuple[str, ...]
    lock: str
    digest: str


class StateKeeper:
    """The bucket of the state, and those who work on it besides us.

    Attributes:
        flawed: the version id of an older version that something is wrong with.
        lock: the id of the lock that somebody holds.
        refused: what Terraform said to those who wanted to apply while we restored.
    """

    def __init__(self, stage: EmbeddedStage, world: World, environment: Environment) -> None:
        self.flawed = ""
        self.lock = ""
        self.refused: Completed | None = None
        self._stage = stage
        self._world = world
        self._environment = environment
        self._house = world.state

    def open(self) -> None:
        """Have the infrastructure as Terraform has applied it, and let our Terraform in."""
        self._house.open()
        self._stage.let_terraform_in()

    # What happens.

    def newest(self, damage: str) -> None:
        """Something is wrong with the newest state."""
        if damage == DELETED:
            self._house.delete()
        else:
            self._house.spoil(DAMAGES[damage])

    def older(self, flaw: str) -> None:
        """Something is wrong with an older version, and the newest is whole."""
        whole = self._house.current()
        self.flawed = self._house.spoil(DAMAGES[flaw])
        self._house.put_state({**whole, "serial": whole["serial"] + 2})

    def older_with_another_database(self) -> None:
        """An older version is of a time when the database was another one."""
        whole = self._house.current()
        older = copy.deepcopy(whole)
        for each in older["resources"]:
            if f"{each['type']}.{each['name']}" == DATABASE:
                triggers = each["instances"][0]["attributes"]["triggers_replace"]
                triggers["value"] = {name: f"{value}-old" for name, value in triggers["value"].items()}
        self.flawed = self._house.put_state({**older, "serial": whole["serial"] + 1})
        self._house.put_state({**whole, "serial": whole["serial"] + 2})

    def remove(self, address: str) -> None:
        """Somebody removes a resource from the state, by ``terraform state rm``."""
        state = self._house.current()
        kept = [each for each in state["resources"] if f"{each['type']}.{each['name']}" != address]
        self._house.put_state({**state, "serial": state["serial"] + 1, "resources": kept})

    def restored(self) -> None:
        """Somebody restores the version before the newest."""
        state, newest = json.loads(self._house.content(self.before_the_last.id)), self._house.current()
        self._house.put_state({**state, "serial": newest["serial"] + 1})

    def held(self, *, seconds: float) -> None:
        """The pipeline holds the lock, since so long."""
        self.lock = self._house.hold_lock(PIPELINE, seconds_ago=seconds)

    def unreadable(self) -> None:
        """AWS doesn't let us read what is in the bucket."""
        for operation in ("s3:GetObject", "s3:HeadObject"):
            faults.inject(self._stage, faults.Fault(kind=faults.Kind.ACCESS_DENIED, operation=operation))

    def anothers(self) -> None:
        """The bucket is that of another account, which lets everybody in."""
        self._house.belong_to(SOMEBODY_ELSE)

    def at_our_write(self, action: Callable[[], object]) -> None:
        """Have something happen once, right after our first write to the bucket: the lock."""
        left = [action]

        def strike(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if left and call.operation == _PUT:
                left.pop()()
            return answer

        self._stage.operator.interceptors.append(strike)

    def kill_ours(self) -> None:
        """Our Terraform is killed once: what it has made is made, and the state doesn't say so."""
        key = self._environment.state_key
        inject(self._stage, RequestFault(RequestKind.KILLED_BEFORE, _PUT, key=key))

    def interrupt(self) -> None:
        """We press Ctrl-C."""
        raise KeyboardInterrupt

    def somebody_applies(self) -> None:
        """Somebody applies the newest commit's infrastructure, in a checkout of their own."""
        root = self._checked_out(self._stage.directory / "somebody")
        team = self._stage.teams_terraform
        team.run("init", "-input=false", cwd=root)
        self.refused = team.run("apply", "-input=false", "-auto-approve", "-no-color", cwd=root)

    def _checked_out(self, directory: Path) -> Path:
        for path, text in self._house.files().items():
            file = directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return directory / self._environment.terraform_directory

    # What is seen.

    @property
    def stored(self) -> Stored:
        """What is in the bucket and in the table."""
        if not self._house.exists:
            return Stored((), "", "")
        lock = self._house.lock or self._house.table_lock or {}
        ids = tuple(version.id for version in self._house.versions)
        return Stored(ids, str(lock.get("ID", "")), self._house.digest or "")

    @property
    def states(self) -> tuple[KeptVersion, ...]:
        """The versions that are states, newest first."""
        return tuple(each for each in self._house.versions if each.serial is not None)

    @property
    def a_week_ago(self) -> datetime:
        """A moment between two applies."""
        self._house.require_past()
        return self._stage.clock.now() - timedelta(days=7)

    def soon_after(self, version: KeptVersion) -> datetime:
        """A moment at which `version` was the newest."""
        self._house.require_past()
        return version.at + timedelta(minutes=2)

    @property
    def before_the_last(self) -> KeptVersion:
        """The newest state but one."""
        return self.states[1]
