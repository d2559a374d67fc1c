"""A state with a history that real Terraform can work with, and a restore of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rollback import state as rollback_state
from rollback.state.places import digest_path
from tests.rollback.state import shelf as shelves
from tests.rollback.state.shelf import LINEAGE, SECRET, Shelf, with_table

if TYPE_CHECKING:
    from pathlib import Path

    from rollback.access import Access
    from rollback.environment import Environment
    from rollback.state import Result, StatePlan

BUILTIN: Final = 'provider["terraform.io/builtin/terraform"]'
HISTORY: Final = (
    ("network",),
    ("network", "database", "service", "secret"),
    ("network", "database", "service", "secret", "alarm"),
    ("network", "database", "service", "secret", "alarm", "record"),
)
"""The names of the resources of serials 1 to 4."""


def content(
    serial: int, *names: str, lineage: str = LINEAGE, terraform: str = "1.5.0", pad: int = 0
) -> bytes:
    """A state with these resources, as Terraform itself would take it."""
    return shelves.state(
        serial,
        *(resource(name) for name in names),
        lineage=lineage,
        terraform=terraform,
        pad=pad,
    )


def resource(name: str) -> dict[str, Any]:
    """A resource that Terraform itself provides."""
    made = shelves.resource(name)
    made["provider"] = BUILTIN
    made["instances"] = [
        {
            "schema_version": 0,
            "attributes": {"id": name, "input": None, "output": None, "triggers_replace": SECRET},
            "sensitive_attributes": [],
        }
    ]
    return made


@dataclass(slots=True)
class Scene:
    """A state of four versions, and who is about to restore one.

    Attributes:
        shelf: where it is.
        environment: whose it is.
        access: the operator's hands.
        versions: the ids of the versions, of serial 1 first.
    """

    shelf: Shelf
    environment: Environment
    access: Access
    versions: list[str]

    def plan(
        self, choice: str = "serial 3", *, few_resources: bool = False, other_lineage: bool = False
    ) -> StatePlan:
        """Plan to restore a version."""
        return rollback_state.plan(
            self.environment,
            self.access,
            choice=choice,
            few_resources=few_resources,
            other_lineage=other_lineage,
        )

    def restore(self, choice: str = "serial 3") -> Result:
        """Restore it."""
        return rollback_state.apply(self.environment, self.access, self.plan(choice))

    def put(self, body: bytes, *, digest: bool = True) -> str:
        """Store a version as Terraform does: with its digest, where there is a table."""
        version = self.shelf.put(body)
        if digest and self.environment.terraform.lock_table:
            self.shelf.put_item(digest_path(self.environment), Digest=md5(body))
        return version

    @property
    def names(self) -> tuple[str, ...]:
        """The resources in the state that is in force."""
        found = json.loads(self.shelf.content())["resources"]
        return tuple(sorted(each["name"] for each in found))

    @property
    def serial(self) -> int:
        """Its serial."""
        return int(json.loads(self.shelf.content())["serial"])

    @property
    def digest(self) -> str | None:
        """What the lock table says of it."""
        return self.shelf.items().get(digest_path(self.environment), {}).get("Digest")

    def locked(self) -> list[str]:
        """The ids of the locks that are held."""
        hands = self.shelf.stage.access()
        return [lock.id for lock in rollback_state.held(self.environment, hands)]

    def journal(self) -> str:
        """All that was taken down."""
        return self.access.journal.path.read_text(encoding="utf-8")


def scene(shelf: Shelf, *, table: bool = False) -> Scene:
    """The state with its history."""
    environment = with_table(shelf.environment) if table else shelf.environment
    if table:
        shelf.make_table()
    made = Scene(shelf, environment, shelf.stage.access(), [])
    for serial, names in enumerate(HISTORY, start=1):
        made.versions.append(made.put(content(serial, *names)))
    return made


def md5(body: bytes) -> str:
    """As the lock table has it."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def fake_terraform(scene: Scene, directory: Path, *, refuses: str, saying: str) -> None:
    """Have the operator's terraform refuse one command, and do all others."""
    real = shutil.which("terraform")
    assert real is not None
    directory.mkdir()
    script = directory / "terraform"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *"{refuses}"*) printf \'%s\\n\' \'{saying}\' >&2; exit 1;; esac\nexec {real} "$@"\n'
    )
    script.chmod(0o755)
    scene.shelf.stage.variables["PATH"] = f"{directory}:/usr/bin:/bin"


def mutating(scene: Scene) -> list[str]:
    """What was asked of AWS that may change something, in order."""
    from rollback.aws import is_read  # noqa: PLC0415 - a test's own look
    from rollback.journal import Kind, read  # noqa: PLC0415 - likewise

    return [
        entry.what
        for entry in read(scene.access.journal.path)
        if entry.kind is Kind.CALL and not is_read(entry.what.partition(":")[2])
    ]


def severities(plan: StatePlan) -> dict[str, str]:
    """The worst that each check has found."""
    found: dict[str, str] = {}
    for finding in plan.findings:
        if found.get(finding.check) != "refusal":
            found[finding.check] = finding.severity.value
    return found
