"""The steps that test, build and deploy the application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from rehearsal.aws.pace import Span
from rehearsal.origin.pipeline.expressions import Unrehearsed
from rehearsal.origin.pipeline.work import StepFailed, Work
from rehearsal.origin.source_files import QUERY
from rehearsal.world.database_house import MigrationFailed
from rehearsal.world.version import AppVersion, Behaviour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.origin.pipeline.work import Checkout, Output
    from rehearsal.world.database_house import DatabaseHouse
    from rehearsal.world.team import Team

_BEHAVIOUR: Final = re.compile(r"^BEHAVIOUR = \"(?P<value>[^\"\n]*)\"\s*$", re.MULTILINE)
_NEEDS: Final = re.compile(r"^# needs: (?P<path>\S+)\s*$", re.MULTILINE)
_FAILS: Final = re.compile(r"^# fails\s*$", re.MULTILINE)
_RULE: Final = "-" * 70
_AWS_REFUSED: Final = 254
"""The exit code of the AWS CLI when AWS has answered with an error."""
_WORST_FIRST: Final = (
    Behaviour.CRASHES,
    Behaviour.UNHEALTHY,
    Behaviour.ERRORS,
    Behaviour.SLOW,
    Behaviour.HEALTHY,
)


def behaviour_of(files: Mapping[str, str]) -> Behaviour:
    """How a version behaves that is built from `files`: the worst that one of ``app/*.py`` says.

    Raises:
        Unrehearsed: one says something that is no behaviour.
    """
    said = {found["value"] for text in _python(files, "app/").values() for found in _BEHAVIOUR.finditer(text)}
    unknown = said - {each.value for each in Behaviour}
    if unknown:
        raise Unrehearsed(f"No version behaves as {min(unknown)!r}; it can be: {', '.join(Behaviour)}.")
    return next((each for each in _WORST_FIRST if each.value in said), Behaviour.HEALTHY)


def _python(files: Mapping[str, str], directory: str) -> dict[str, str]:
    return {
        path: files[path] for path in sorted(files) if path.startswith(directory) and path.endswith(".py")
    }


class ApplicationWork:
    """Does what the deploy workflow says, through the team's own hands in AWS."""

    def __init__(self, team: Team, database: DatabaseHouse | None = None) -> None:
        self._team = team
        self._database = database
        self.steps: Mapping[str, Work] = {
            "test": Work(Span(48.0, 58.0), self._test),
            "build image": Work(Span(72.0, 90.0), self._build),
            "push image": Work(Span(14.0, 22.0), self._push),
            "migrate database": Work(Span(3.0, 6.0), self._migrate),
            "register task definition": Work(Span(2.0, 4.0), self._register),
            "update service": Work(Span(2.0, 4.0), self._update),
        }

    def _test(self, checkout: Checkout) -> Output:
        tests = _python(checkout.files, "tests/")
        failures = dict(_failures(tests, checkout.files))
        lines = [f"{path} ... {'FAIL' if path in failures else 'ok'}" for path in tests]
        lines += [_RULE, f"Ran {len(tests)} tests", ""]
        if not failures:
            return (*lines, "OK")
        why = [f"FAIL: {path}: {reason}" for path, reason in failures.items()]
        raise StepFailed(*lines, f"FAILED (failures={len(failures)})", *why)

    def _build(self, checkout: Checkout) -> Output:
        behaviour_of(checkout.files)
        return (
            "#1 [internal] load build definition from Dockerfile",
            "#7 [4/4] COPY app app",
            f"#8 naming to {checkout.sha} done",
        )

    def _push(self, checkout: Checkout) -> Output:
        if not checkout.staged:
            return ("Pushed",)
        try:
            digest = self._team.push(_version(checkout))
        except ClientError as error:
            raise StepFailed(str(error)) from None
        return ("5f70bf18a086: Pushed", f"{checkout.sha}: digest: {digest} size: 1573")

    def _migrate(self, checkout: Checkout) -> Output:
        if not checkout.staged or self._database is None:
            return ()
        try:
            return self._database.upgrade(checkout.files, self._team.database_url())
        except MigrationFailed as error:
            raise StepFailed("Traceback (most recent call last):", str(error)) from None

    def _register(self, checkout: Checkout) -> Output:
        if not checkout.staged:
            return ("ACTIVE",)
        try:
            revision = self._team.register(_version(checkout))
        except ClientError as error:
            raise _refused(error) from None
        return (self._team.named(revision),)

    def _update(self, checkout: Checkout) -> Output:
        if not checkout.staged:
            return ("ACTIVE",)
        revision = self._team.revisions.get(checkout.sha)
        if revision is None:
            raise StepFailed("Unable to describe task definition: nothing was registered for this commit.")
        try:
            self._team.deploy(revision)
        except ClientError as error:
            raise _refused(error) from None
        return (f"Deploying {self._team.named(revision)}",)


def _version(checkout: Checkout) -> AppVersion:
    return AppVersion(checkout.sha, behaviour_of(checkout.files), query=checkout.files.get(QUERY, "").strip())


def _failures(tests: Mapping[str, str], files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in tests.items():
        missing = [found["path"] for found in _NEEDS.finditer(text) if found["path"] not in files]
        if missing:
            yield path, f"FileNotFoundError: [Errno 2] No such file or directory: '{missing[0]}'"
        elif _FAILS.search(text):
            yield path, "AssertionError"


def _refused(error: ClientError) -> StepFailed:
    return StepFailed("", str(error), code=_AWS_REFUSED)
