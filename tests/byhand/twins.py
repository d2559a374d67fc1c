"""Two worlds that were broken alike: in one the tool rolls back, in the other a person types what the plan printed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.aws.acm import authority
from rehearsal.origin.people import Developers
from rehearsal.world.incidents import Incidents
from rehearsal.world.tls_front import tls_front
from tests.byhand.shell import Shell, path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rehearsal.serving.house import House

LONG = 3600.0
"""Within so many seconds of the stage whatever was begun has come to its end."""
IDENTITY = {
    "GIT_AUTHOR_NAME": "On call",
    "GIT_AUTHOR_EMAIL": "on-call@example.com",
    "GIT_COMMITTER_NAME": "On call",
    "GIT_COMMITTER_EMAIL": "on-call@example.com",
}
QUICK = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}
"""Go's garbage collector takes a quarter of the time of a command of Terraform."""

# Version 1 of the CLI asks rds.amazonaws.com in us-east-1, whatever AWS_ENDPOINT_URL says (awscli's
# customizations/overridesslcommonname.py); what it is told on the line it does.
_AWS = """#!/bin/sh
[ "$1" = rds ] && set -- "$@" --endpoint-url "$AWS_ENDPOINT_URL"
exec {real} "$@"
"""
# The host's name leads nowhere, its authority is the stage's, and so is the time.
_OPENSSL = """#!/bin/sh
for word; do
  shift
  case "$word" in *:443) word=127.0.0.1:{port};; esac
  set -- "$@" "$word"
done
exec {real} "$@" -CAfile {ca} -no_check_time
"""


class Scene:
    """One of the two worlds, in which something is broken.

    Attributes:
        house: the stage, and all that stands on it.
        environment: the place.
        access: the operator's hands.
        origin: the software house.
        world: the service and what it stands on.
        developers: who changes the repository.
        noted: what the breaking of it has left for whoever looks later.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.origin, self.world = house.origin, house.world
        self.stage = house.world.stage
        self.environment = self.stage.environment
        self.access = self.stage.access()
        self.developers = Developers(self.origin, self.environment)
        self.incidents = Incidents(self.stage, self.world)
        self.noted: dict[str, Any] = {}

    def settle(self) -> None:
        """Let whatever was begun come to its end."""
        self.origin.settle()
        self.world.settle()


@dataclass(frozen=True, slots=True)
class Way:
    """A way back, in a world where it is needed.

    Attributes:
        given: breaks the world.
        plan: makes the plan.
        apply: has the tool do it.
        seen: what has to be the same in the end.
        undo: plans to undo what the tool has done, by its result.
        undone: some of what is seen once that is done.
    """

    given: Callable[[Scene], None]
    plan: Callable[[Scene], Any]
    apply: Callable[[Scene, Any], Any]
    seen: Callable[[Scene], dict[str, Any]]
    undo: Callable[[Scene, Any], Any] | None = None
    undone: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Played:
    """A world in which the tool has rolled back."""

    scene: Scene
    result: Any
    seen: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Twins:
    """Plays a way twice.

    Attributes:
        house: where.
        directory: the home of the person.
    """

    house: House
    directory: Path

    def scene(self, way: Way) -> Scene:
        """A world that was just opened and broken."""
        self.house.open("production", seed=0)
        scene = Scene(self.house)
        way.given(scene)
        return scene

    def by_the_tool(self, way: Way) -> Played:
        """A world in which the tool does it."""
        scene = self.scene(way)
        before = way.seen(scene)
        result = way.apply(scene, way.plan(scene))
        scene.settle()
        seen = way.seen(scene)
        assert seen != before
        return Played(scene, result, seen)

    def by_hand(self, way: Way) -> dict[str, Any]:
        """What is seen after a person."""
        scene = self.scene(way)
        return self._typed(way, scene, way.plan(scene).commands)

    def undone_by_hand(self, way: Way, played: Played) -> dict[str, Any]:
        """Of what is seen after a person has undone it, that which the way speaks of."""
        assert way.undo is not None
        seen = self._typed(way, played.scene, way.undo(played.scene, played.result).commands)
        return {name: seen[name] for name in way.undone}

    def _typed(self, way: Way, scene: Scene, commands: tuple[str, ...]) -> dict[str, Any]:
        assert commands
        must_be_here(" ".join(commands))
        with self.shell(scene) as shell:
            shell.paste_all(commands)
        scene.settle()
        return way.seen(scene)

    def shell(self, scene: Scene) -> Shell:
        """A shell in a checkout of the branch; whoever waits in it has the stage's time pass."""
        place = self.directory / "checkout"
        shutil.rmtree(place, ignore_errors=True)
        variables = {**self.house.variables, **IDENTITY, **QUICK, "PATH": self._led_to_the_stage()}

        def before(line: str) -> None:
            if " wait " in line:
                self.house.advance(LONG)
            if "openssl" in line:
                scene.world.certificates.handshake()  # the listener shows what was asked for last

        clone = ("git", "clone", "--quiet", "--branch", scene.environment.branch)
        subprocess.run(  # noqa: S603 - fixed words, and a remote that leads to the stage
            [*clone, scene.environment.repository.remote, str(place)],
            env={"HOME": str(self.directory), **variables},
            check=True,
        )
        return Shell(place, variables, before=before)

    def _led_to_the_stage(self) -> str:
        """PATH, with programs first that are led to the stage by no variable."""
        directory = self.directory / "bin"
        directory.mkdir(exist_ok=True)
        for name, text in {"aws": _AWS, "openssl": _OPENSSL}.items():
            real = shutil.which(name, path=path()) or name
            (directory / name).write_text(
                text.format(real=real, port=tls_front().port, ca=self.directory / "ca.pem")
            )
            (directory / name).chmod(0o755)
        authority().cert_pem.write_to_path(str(self.directory / "ca.pem"))
        return os.pathsep.join([str(directory), path()])


def must_be_here(line: str) -> None:
    """Skip where a program of the line isn't on this machine."""
    for program in ("aws", "jq", "openssl", "terraform"):
        if program in line.split() and shutil.which(program, path=path()) is None:
            pytest.skip(f"There is no {program} on PATH.")


def service(scene: Scene) -> dict[str, Any]:
    """What runs, and what users get."""
    look = scene.world.look
    return {
        "running": look.running(),
        "primary": look.primary_revision(),
        "targets": look.targets(),
        "statuses": {each.status for each in look.ask(4)},
    }


def branch(scene: Scene) -> dict[str, Any]:
    """What the branch that is deployed holds, and whether the service runs it."""
    look, bare, tip = scene.world.look, scene.origin.bare, scene.origin.tip
    return {
        **service(scene),
        "tree": bare.show(tip).tree,
        "is deployed": {each.version == tip for each in look.ask(4)},
    }


NO_STATE: dict[str, Any] = {"check_results": []}
"""What `state` makes of what Terraform can't read."""


def state(scene: Scene) -> dict[str, Any]:
    """Terraform's state and its locks; the results of its checks have no order."""
    house = scene.world.state
    content = house.content()
    found: Any = json.loads(content) if content.endswith(b"}\n") else {}
    return {
        "state": {**found, "check_results": sorted(found.get("check_results") or (), key=str)},
        "lock": house.lock,
        "lock in the table": house.table_lock,
        "digest": house.digest in {None, hashlib.md5(content, usedforsecurity=False).hexdigest()},
    }
