"""A team whose infrastructure is kept by a real Terraform in an S3 bucket of the stage, and an operator beside it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from rehearsal.blueprint import Blueprint
from rehearsal.embedded import EmbeddedStage
from rehearsal.origin.network import UnhurriedProcesses
from rehearsal.world.version import AppVersion, Behaviour
from rehearsal.world.world import World
from rollback.journal import Kind, read
from tests.rollback.builders import ENVIRONMENT
from tests.rollback.git.house import House

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from rollback.access import Access
    from rollback.environment import Environment

DIRECTORY: Final = "infra/terraform/test"
SECRET: Final = "hunter2-in-the-state"  # noqa: S105 - what may not come out anywhere
_TABLE: Final = {
    "repository": "app",
    "container": "app",
    "port": 8080,
    "desired_count": 2,
    "health_path": "/health",
    "deregistration_delay_seconds": 60,
    "health_check_interval_seconds": 15,
    "healthy_threshold": 3,
    "unhealthy_threshold": 2,
    "grace_period_seconds": 0,
    "minimum_healthy_percent": 100,
    "maximum_percent": 200,
    "circuit_breaker": True,
    "circuit_breaker_rollback": True,
    "first_revision": 1,
}


def testing_environment(**changes: Any) -> Environment:
    """The environment of the site, whose branch is the house's."""
    settings = replace(ENVIRONMENT.terraform, **changes)
    repository = replace(ENVIRONMENT.repository, infrastructure=("infra/",))
    return replace(
        ENVIRONMENT,
        branch="main",
        terraform_directory=DIRECTORY,
        terraform=settings,
        repository=repository,
    )


def backend(environment: Environment, **changes: Any) -> str:
    """The terraform block of the root module."""
    told = {
        "bucket": environment.state_bucket,
        "key": environment.state_key,
        "region": environment.region,
        "use_lockfile": True,
        **changes,
    }
    lines = "".join(f"    {name} = {json.dumps(value)}\n" for name, value in told.items())
    return f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n'


def resource(name: str, value: object = None, more: str = "", *, kind: str = "terraform_data") -> str:
    """A resource of Terraform's own."""
    return f'resource "{kind}" "{name}" {{\n  input = {json.dumps(value)}\n{more}}}\n'


PROTECTED: Final = "  lifecycle {\n    prevent_destroy = true\n  }\n"


@dataclass
class Site:
    """The team's side is `house`, `commit` and `apply`; the operator's is `access`."""

    root: Path
    environment: Environment
    house: House = field(init=False)
    stage: EmbeddedStage = field(init=False)
    world: World = field(init=False)
    moved: bool = False
    tip: str = ""
    good: str = ""

    def __post_init__(self) -> None:
        self.house = House(self.root)
        blueprint = Blueprint.read(_TABLE, file="here", key="rehearsal")
        directory = self.root / "stage"
        directory.mkdir()
        self.stage = EmbeddedStage(self.environment, blueprint, seed=0, directory=directory)
        self.stage.let_terraform_in()
        self.s3.create_bucket(Bucket=self.environment.state_bucket)
        self.s3.put_bucket_versioning(
            Bucket=self.environment.state_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        self.access = self.new_access()

    def new_access(self) -> Access:
        """The operator's hands."""
        made = self.stage.access()
        processes = UnhurriedProcesses(
            made.journal,
            self.stage.clock,
            env=self.house.env,
            latency=0.0,
            live=self.stage.variables,
            running=self.stage.running,
        )
        return replace(made, processes=processes)

    @property
    def s3(self) -> S3Client:
        """The team's own client."""
        return self.stage.clients.s3

    def close(self) -> None:
        self.stage.close()

    def serve_application(self) -> World:
        """Have the environment's service run revision 1, and then 2, both well."""
        world = World(self.stage)
        world.open_with(AppVersion("v1", Behaviour.HEALTHY), AppVersion("v2", Behaviour.HEALTHY))
        return world

    # The team.

    def commit(
        self, *blocks: str, files: Mapping[str, str | None] | None = None, message: str = "Change"
    ) -> str:
        """Commit a root module of these blocks on top of the backend's, and push it."""
        told: dict[str, str | bytes | None] = {f"{DIRECTORY}/main.tf": "\n".join(blocks)}
        if not (self.house.checkout / DIRECTORY / "backend.tf").exists() and "backend.tf" not in str(files):
            told[f"{DIRECTORY}/backend.tf"] = backend(self.environment)
        return self.house.commit(message, {**told, **(files or {})})

    def terraform(self, *args: str, directory: str = DIRECTORY) -> subprocess.CompletedProcess[bytes]:
        """Run terraform as the team's pipeline, in the checkout."""
        environ: dict[str, str | None] = {
            **os.environ,
            **self.stage.variables,
            "TF_DATA_DIR": str(self.root / "tf"),
        }
        return subprocess.run(  # noqa: S603 - an argument list of our own
            ["terraform", *args],  # noqa: S607 - that of PATH, as the pipeline has it
            cwd=self.house.checkout / directory,
            env={name: value for name, value in environ.items() if value is not None},
            check=False,
            capture_output=True,
        )

    def apply(self) -> None:
        """Apply what is in the checkout."""
        if not (self.root / "tf").exists():
            done = self.terraform("init", "-input=false")
            assert done.returncode == 0, done.stderr.decode()
        done = self.terraform("apply", "-auto-approve", "-input=false")
        assert done.returncode == 0, done.stderr.decode()

    @property
    def state(self) -> dict[str, Any]:
        """The state as it is in the bucket."""
        found = self.s3.get_object(Bucket=self.environment.state_bucket, Key=self.environment.state_key)
        return cast("dict[str, Any]", json.loads(found["Body"].read()))

    @property
    def inputs(self) -> dict[str, Any]:
        """What every resource of the state was given, by its type and name."""
        return {
            f"{each['type']}.{each['name']}": (each["instances"][0]["attributes"]["input"] or {}).get("value")
            for each in self.state["resources"]
        }

    def put(self, content: bytes) -> None:
        """Overwrite the state."""
        self.s3.put_object(Bucket=self.environment.state_bucket, Key=self.environment.state_key, Body=content)

    def lock(self, **info: str) -> None:
        """Hold the lock file as somebody else's terraform does."""
        told = {
            "ID": "11111111-2222-3333-4444-555555555555",
            "Operation": "OperationTypeApply",
            "Info": "",
            "Who": "ben@laptop",
            "Version": "1.11.4",
            "Created": "2026-01-05T11:58:00Z",
            "Path": "x",
            **info,
        }
        key = f"{self.environment.state_key}.tflock"
        self.s3.put_object(Bucket=self.environment.state_bucket, Key=key, Body=json.dumps(told).encode())

    def unlock(self) -> None:
        self.s3.delete_object(
            Bucket=self.environment.state_bucket, Key=f"{self.environment.state_key}.tflock"
        )

    @property
    def serial(self) -> int:
        return int(self.state["serial"])

    def put_back(self, content: bytes) -> None:
        """Have the state be this again, and nobody hold its lock."""
        self.put(content)
        self.unlock()

    @property
    def raw(self) -> bytes:
        """The state's bytes."""
        found = self.s3.get_object(Bucket=self.environment.state_bucket, Key=self.environment.state_key)
        return found["Body"].read()

    @property
    def places(self) -> list[Path]:
        """What the operator's plans have left on disk."""
        work = self.access.directory / "terraform" / "work"
        return sorted(work.iterdir()) if work.exists() else []

    @property
    def backend(self) -> str:
        """The root module's file that says where the state is."""
        return backend(self.environment)

    def journal_commands(self) -> list[str]:
        """The command lines that the operator has run."""
        return [entry.what for entry in read(self.access.journal.path) if entry.kind is Kind.COMMAND]

    def everything_written(self) -> str:
        """All that the operator's side has written down, apart from the plan and state files themselves."""
        return "".join(path.read_text() for path in (self.root / "stage").glob("journal-*.jsonl"))
