"""What GitHub's rules ask of a change to a branch, in words.

Two systems stand side by side. Rulesets are told to everybody who may read the repository. Classic branch
protection is told in full to administrators only; others see that there is one, and its status checks. Neither
tells who may go round it, so nobody is taken to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import StrictBool, StrictInt, model_validator

from rollback._text import printable, quoted
from rollback.github.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

HARMLESS: Final = frozenset({
    "branch_name_pattern",
    "copilot_code_review",
    "creation",
    "deletion",
    "non_fast_forward",
    "required_linear_history",
    "tag_name_pattern",
})  # fmt: skip
"""Rules that no push of one more ordinary commit breaks."""

UNSEEN: Final = {
    "commit_author_email_pattern": "the e-mail address of a commit's author",
    "commit_message_pattern": "a commit's message",
    "committer_email_pattern": "the e-mail address of a committer",
    "file_extension_restriction": "the names of files",
    "file_path_restriction": "the paths of files",
    "max_file_path_length": "the length of paths",
    "max_file_size": "the size of files",
}
"""Rules about what is in a commit. GitHub compares at the push."""

ASKED: Final = {
    "code_coverage": "a report of code coverage is required",
    "code_quality": "results of code quality analysis are required",
    "code_scanning": "results of code scanning are required",
    "license_compliance_scanning": "results of licence scanning are required",
    "merge_queue": "changes must go through the merge queue",
    "required_signatures": "commits must be signed",
    "update": "updates are restricted",
    "workflows": "required workflows must have passed",
}
"""Rules that no push by itself keeps, in words."""


class Check(Shape):
    """A status check."""

    context: str


class Parameters(Shape):
    """What a rule of a ruleset asks for in particular; each kind of rule has its own."""

    required_approving_review_count: StrictInt = 0
    required_status_checks: tuple[Check, ...] = ()
    required_deployment_environments: tuple[str, ...] = ()


class Rule(Shape):
    """A rule of a ruleset that is in force for the branch."""

    type: str
    parameters: Parameters = Parameters()


class StatusChecks(Shape):
    """The status checks of classic protection; `enforcement_level` ``off`` means none."""

    enforcement_level: str = ""
    contexts: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What has to pass."""
        if self.enforcement_level == "off":
            return ()
        return tuple(dict.fromkeys((*self.contexts, *(check.context for check in self.checks))))


class Summary(Shape):
    """What anybody who may read the repository sees of classic protection."""

    enabled: StrictBool | None = None
    required_status_checks: StatusChecks = StatusChecks()


class Branch(Shape):
    """A branch; `protected` is also true where only rulesets protect it."""

    protected: StrictBool
    protection: Summary = Summary()


class Reviews(Shape):
    """The reviews that classic protection asks for."""

    required_approving_review_count: StrictInt = 0


class Switch(Shape):
    """Something that is on or off."""

    enabled: StrictBool = False


class Restrictions(Shape):
    """Who may push at all; whoever that is."""


class Classic(Shape):
    """Classic branch protection, as an administrator sees it."""

    url: str = ""
    required_pull_request_reviews: Reviews | None = None
    required_status_checks: StatusChecks | None = None
    required_signatures: Switch = Switch()
    lock_branch: Switch = Switch()
    restrictions: Restrictions | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_one(cls, told: object) -> object:
        """All of it may be missing, but not everything: that would be another answer, taken for no protection."""
        if isinstance(told, dict) and not cls.model_fields.keys() & told.keys():
            raise ValueError
        return told


def of_rules(rules: Iterable[Rule]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why rulesets refuse a push, and what they compare only when it comes."""
    reasons: list[str] = []
    unknown: list[str] = []
    for rule in rules:
        asked = rule.parameters
        if rule.type in HARMLESS:
            continue
        if rule.type == "pull_request":
            reasons.append(reviews(asked.required_approving_review_count))
        elif rule.type == "required_status_checks":
            reasons.extend(checks(check.context for check in asked.required_status_checks))
        elif rule.type == "required_deployments":
            names = ", ".join(map(printable, asked.required_deployment_environments))
            reasons.append(
                f"it must have been deployed to {names} before" if names else "deployments are required"
            )
        elif rule.type in ASKED:
            reasons.append(ASKED[rule.type])
        elif rule.type in UNSEEN:
            unknown.append(f"a ruleset compares {UNSEEN[rule.type]} only when the push comes")
        else:
            unknown.append(f"a ruleset has a rule {quoted(rule.type)}, which this tool doesn't know")
    return tuple(reasons), tuple(unknown)


def of_classic(classic: Classic) -> tuple[str, ...]:
    """Why classic protection refuses a push."""
    reasons: list[str] = []
    if classic.required_pull_request_reviews is not None:
        reasons.append(reviews(classic.required_pull_request_reviews.required_approving_review_count))
    if classic.required_status_checks is not None:
        reasons.extend(checks(classic.required_status_checks.names))
    if classic.required_signatures.enabled:
        reasons.append(ASKED["required_signatures"])
    if classic.lock_branch.enabled:
        reasons.append("the branch is locked")
    if classic.restrictions is not None:
        reasons.append("only some people may push to it")
    return tuple(reasons)


def reviews(count: int) -> str:
    """How many reviews a pull request needs."""
    if count < 1:
        return "a pull request is required"
    return f"{count} approving review{' is' if count == 1 else 's are'} required"


def checks(names: Iterable[str]) -> list[str]:
    """Which status checks have to pass."""
    return [f"the status check {quoted(name)} must have passed" for name in names]
