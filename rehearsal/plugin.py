"""The pytest plug-in: what a run can be asked for, what it says of itself, what it leaves out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.collect import FeatureFile, example_of
from rehearsal.database_config import described as described_database
from rehearsal.database_config import must_be_there as database_must_be_there
from rehearsal.loopback import entered
from rehearsal.policies.recording import Policies
from rehearsal.recording import Recording
from rehearsal.report import plugin as report
from rehearsal.run import repeat, run_of, stage_of
from rehearsal.stage import DEFAULT_STAGE, LIVE, STAGES
from rehearsal.tags import TAGS
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.narrate import Narrator

_ENVIRONMENTS: Final = "environments.toml"

pytest_plugins = ("rehearsal.fixtures", "rehearsal.gameday.plugin")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a rehearsal, in a group of their own."""
    group = parser.getgroup("rollback", "rehearsing rollbacks")
    group.addoption(
        "--env",
        dest="rollback_env",
        metavar="NAME",
        help="work on this live environment, by its name or its short name, or with --stage rehearse in its name; "
        "examples of other environments are left out (default: rehearse all, in the name of the file's default)",
    )
    group.addoption(
        "--stage",
        default=None,
        choices=list(STAGES),
        help=f"where it plays (default: {DEFAULT_STAGE}, and with --env {LIVE}). "
        + "; ".join(f"{name}: {stage.what}" for name, stage in STAGES.items()),
    )
    group.addoption(
        "--confirm",
        dest="rollback_confirm",
        metavar="SERVICE",
        help="the service that a live drill may touch, typed in full; some environments want it",
    )
    group.addoption(
        "--profile",
        dest="rollback_profile",
        metavar="NAME",
        help="the AWS profile of a live run (default: what the AWS CLI would use)",
    )
    group.addoption(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="where everything random on the stage begins: the same seed gives the same rehearsal (default: 0)",
    )
    group.addoption(
        "--narrate",
        action="store_true",
        help="tell the run as it happens, scenario by scenario and step by step",
    )
    group.addoption(
        "--environments",
        dest="rollback_environments",
        metavar="PATH",
        help=f"the file that describes the environments (default: {_ENVIRONMENTS} beside the project's pytest settings)",
    )
    group.addoption(
        "--record-calls",
        dest="rollback_calls",
        type=Path,
        metavar="PATH",
        help="write down which IAM actions were used, instead of holding each scenario against the policies",
    )
    parser.addini("environments", "The file that describes the environments.", default=_ENVIRONMENTS)
    report.add_options(parser, group)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the tags of the runbook, what writes the stories down, and the narrator where one is wanted."""
    for tag, meaning in TAGS.items():
        config.addinivalue_line("markers", f"{tag}: {meaning}")
    if stage_of(config) == LIVE:
        _goes_live(config)
    else:
        config.add_cleanup(entered())
    recording = Recording(_narrator(config), report.gatherer(config))
    config.pluginmanager.register(recording, "rollback-recording")
    if report.is_wanted(config) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(
            report.Report(config, recording, lambda: _is_needed(config)), report.NAME
        )
    config.pluginmanager.register(Policies(config.getoption("rollback_calls")), "rollback-policies")


def _goes_live(config: pytest.Config) -> None:
    from rehearsal.live.plugin import NAME, Live  # noqa: PLC0415 - botocore, which --help need not import

    if config.option.tbstyle == "auto":
        config.option.tbstyle = "line"  # what a person needs is in the sentence
    config.pluginmanager.register(Live(config), NAME)


def _narrator(config: pytest.Config) -> Narrator | None:
    """The narrator, in the one process that has a terminal to talk to: a worker has none."""
    if not config.getoption("narrate") or not config.pluginmanager.hasplugin("terminal"):
        return None
    from rehearsal.narrate import Narrator, step_aside  # noqa: PLC0415 - rich costs 50 ms that others need not pay

    step_aside(config)
    narrator = Narrator(config, lambda: pytest_report_header(config))
    config.pluginmanager.register(narrator, "rollback-narrator")
    return narrator


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a run that was asked for something that does not exist, before anything is collected."""
    config = session.config
    if _is_needed(config):
        try:
            if not run_of(config).live:
                database_must_be_there()
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say where the run plays, in whose name, and how to have the same run again."""
    return list(describe(config)) if _is_needed(config) else []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Spare a run of nothing but features what hypothesis, unused, takes to say that it has nothing to say.

    Its plug-in imports all of it for that, which takes longer than many a rehearsal.
    """
    plugins = session.config.pluginmanager
    reporter = plugins.getplugin("terminalreporter")
    idle = plugins.getplugin("hypothesispytest")
    if reporter is None or idle is None or "hypothesis" in sys.modules:
        return
    reports = (each for ended in reporter.stats.values() for each in ended)
    if all(".feature" in each.nodeid for each in reports if isinstance(each, pytest.TestReport)):
        plugins.unregister(idle)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Where scenarios have failed, say how to rehearse each of them again."""
    bad = (*terminalreporter.stats.get("failed", ()), *terminalreporter.stats.get("error", ()))
    failed = [each for each in bad if hasattr(each, "story")]
    if failed and not config.pluginmanager.hasplugin("rollback-narrator"):
        terminalreporter.section("run again" if stage_of(config) == LIVE else "rehearse again")
        for nodeid in dict.fromkeys(each.nodeid for each in failed):
            terminalreporter.line(repeat(config, nodeid))


def describe(config: pytest.Config) -> Iterator[str]:
    """Some lines that say what this run rehearses."""
    run = run_of(config)
    environment = run.environment
    if run.live:
        yield f"LIVE {environment.name}, account {environment.account}, region {environment.region}"
        return
    yield f"environment: {environment.name}{'' if run.chosen else ' (default)'}, stage: {run.stage}"
    yield f"account: {environment.account}, region: {environment.region}, seed: {run.seed}"
    if database := described_database():
        yield f"database: {database}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FeatureFile | None:
    """A feature is a test module."""
    return FeatureFile.from_parent(parent, path=file_path) if file_path.suffix == ".feature" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--env``, leave out the examples that another environment is about."""
    if config.getoption("rollback_env") is None:
        return
    run = run_of(config)
    kept: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        name = example_of(item).get("environment")
        mine = name is None or run.environments.get(name).name == run.environment.name
        (kept if mine else others).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = kept


def _is_needed(config: pytest.Config) -> bool:
    """Whether this run has to know its environment: it was told one, or a feature is within its reach."""
    if config.getoption("rollback_env") or config.getoption("rollback_environments"):
        return True
    pruned = config.getini("norecursedirs")
    return any(
        _holds_feature(config.invocation_params.dir / arg.split("::")[0], pruned) for arg in config.args
    )


def _holds_feature(path: Path, pruned: list[str]) -> bool:
    if path.suffix == ".feature":
        return True
    for _, folders, files in os.walk(path):
        if any(name.endswith(".feature") for name in files):
            return True
        folders[:] = [name for name in folders if not any(Path(name).match(pattern) for pattern in pruned)]
    return False
