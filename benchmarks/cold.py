"""What `pytest -k ecs` costs in a fresh process, against the least that any such test must do."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Answer, Cost, Figure, in_turns, median, ratio
from benchmarks.plain import recorded
from benchmarks.replay import Bare
from benchmarks.setting import CHECKOUT
from benchmarks.stopwatch import CALLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Size

BOUND: Final = 1.5
PLAIN: Final = (
    "features/ecs/emergency.feature::test_the_new_version_answers_with_errors_in_environment"
    "[production-connect2-app-cluster-prod-connect2-app-service-prod]"
)
CHAPTER: Final = ("-k", "ecs")

FEATURE: Final = """\
Feature: The least
  Scenario: One call
    When AWS is asked once
"""
TEST: Final = """\
import boto3
from moto import mock_aws
from pytest_bdd import scenarios, when

scenarios("least.feature")

@when("AWS is asked once")
def asked():
    with mock_aws():
        boto3.client("ecs", "us-east-1").create_cluster(clusterName="least")
"""


def answer(size: Size) -> Answer:
    """Start fresh processes in turns."""
    with tempfile.TemporaryDirectory() as directory:
        least = Path(directory)
        (least / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (least / "least.feature").write_text(FEATURE, encoding="utf-8")
        (least / "test_least.py").write_text(TEST, encoding="utf-8")
        tally = least / "tally.json"
        costs = in_turns(
            {
                "least": lambda: started(least),
                "collect": lambda: started(CHECKOUT, *CHAPTER, "--collect-only"),
                "one": lambda: started(CHECKOUT, PLAIN),
                "chapter": lambda: started(CHECKOUT, *CHAPTER),
            },
            size.starts,
        )
        started(CHECKOUT, *CHAPTER, "-p", "benchmarks.tally", TALLY=str(tally))
        parts = json.loads(tally.read_text(encoding="utf-8"))
    calls = parts["seconds"][CALLS] / sum(parts["seconds"].values())
    on = {name: [each.processor for each in runs] for name, runs in costs.items()}
    bare = parts["runs"][CALLS] * stock_call(size)
    ideal = [least + bare for least in on["least"]]
    return Answer(
        (
            Figure("collecting the chapter / the least", ratio(on["collect"], on["least"]), bound=BOUND),
            Figure("one scenario of it / the least", ratio(on["one"], on["least"]), bound=BOUND),
            Figure("the whole chapter / the least", ratio(on["chapter"], on["least"]), bound=BOUND),
            Figure(
                "the whole chapter / the least and its own calls to stock moto", ratio(on["chapter"], ideal)
            ),
            Figure("its scenarios", parts["scenarios"], ""),
            Figure("its AWS calls", parts["runs"][CALLS], "calls"),
            Figure("how much of the chapter these are", calls * 100, "%"),
            Figure(
                "the chapter less the least, for each scenario", per_scenario(on, parts["scenarios"]), "ms"
            ),
        ),
        (
            "Fresh processes, in processor time.",
            "The least: pytest with one pytest-bdd scenario that imports boto3 and moto and makes one call of ECS.",
        ),
    )


def stock_call(size: Size) -> float:
    """What a call to stock moto takes on average in a rehearsal of the plain way, in processor seconds."""
    made, network = recorded()
    moto = Bare("us-east-1")
    costs = in_turns({"bare": lambda: moto.replay(made, network)}, size.rounds)["bare"]
    return median(each.processor for each in costs) / len(made)


def per_scenario(on: dict[str, list[float]], scenarios: int) -> float:
    """What each scenario costs on top of the start, in milliseconds."""
    return (median(on["chapter"]) - median(on["least"])) / scenarios * 1000


def started(directory: Path, *arguments: str, **variables: str) -> Cost:
    """What a fresh `pytest` in `directory` costs.

    Raises:
        RuntimeError: its tests failed.
    """
    unkept = ["--no-report"] if directory == CHECKOUT else []  # the page costs what its history costs
    command: Sequence[str] = (
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, *unkept
    )  # fmt: skip
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - an argument list of our own
        command, cwd=directory, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    seconds, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Cost(seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
