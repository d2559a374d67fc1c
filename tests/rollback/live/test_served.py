"""The real hands in a process of their own, led by AWS_ENDPOINT_URL to a stage that another process serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.world.version import AppVersion, Behaviour
from rehearsal.world.world import World
from rollback.lease import Holder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rehearsal.embedded import EmbeddedStage

ROOT = Path(__file__).parents[3]
SECRET = "hunter2"  # noqa: S105 - what may come out nowhere
OPERATOR = """
import json, sys
from pathlib import Path
from rollback import ecs
from rollback.environment import load
from rollback.errors import RollbackError
from rollback.lease import Purpose, holding
from rollback.live import check, hands, read_only

environment = load(Path("environments.toml")).get(sys.argv[1])
access = hands(environment, purpose="drill")
told = {"journal": str(access.journal.path)}
try:
    told["who"] = check(environment, access).must_be_ready().arn
    plan = ecs.plan(environment, read_only(access))
    told["title"], told["refusals"] = plan.title, [each.seen for each in plan.refusals]
    try:
        ecs.apply(environment, read_only(access), plan)
    except RollbackError as error:
        told["refused"] = f"{type(error).__name__}: {error.sentence}"
    with holding(environment, access, purpose=Purpose.DRILL) as kept:
        kept.aws.ecs.update_service(cluster=environment.cluster, service=environment.service, desiredCount=1)
except RollbackError as error:
    told["error"] = f"{type(error).__name__}: {error.sentence}"
print(json.dumps(told))
"""


def operate(stage: EmbeddedStage, variables: Mapping[str, str], home: Path) -> dict[str, Any]:
    nowhere = {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }
    told = {**os.environ, **variables, **nowhere, "XDG_STATE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603 - an argument list of our own
        [sys.executable, "-c", OPERATOR, stage.environment.name],
        env={**told, stage.environment.repository.token_variable: SECRET},
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert SECRET not in (done.stdout + done.stderr).decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_another_process_looks_is_refused_and_then_changes_something_under_its_lease(
    stage: EmbeddedStage, tmp_path: Path
) -> None:
    environment = stage.environment
    world = World(stage)
    world.open_with(AppVersion("v1", Behaviour.HEALTHY), AppVersion("v2", Behaviour.HEALTHY))
    stage.clients.s3.create_bucket(Bucket=environment.state_bucket)
    with stage.serve() as served:
        told = operate(stage, served.variables, tmp_path / "state")
    assert "error" not in told
    assert told["who"].startswith(f"arn:aws:iam::{environment.account}:user/")
    assert environment.service in told["title"]
    assert told["refusals"] == []
    assert (
        told["refused"]
        == "ReadOnly: These hands only look, so ecs:UpdateService was refused before it was sent."
    )
    service = stage.clients.ecs.describe_services(cluster=environment.cluster, services=[environment.service])
    assert service["services"][0]["desiredCount"] == 1
    lease = stage.clients.s3.get_object(Bucket=environment.state_bucket, Key=environment.lease.key)
    assert Holder.from_json(lease["Body"].read()).released
    assert SECRET not in Path(told["journal"]).read_text()
    world.close()
