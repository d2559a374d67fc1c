"""Terraform's complaints that are known here, and what they mean for the person at the keyboard."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rollback._text import printable, quoted
from rollback.git.explaining import redacted
from rollback.terraform.program import TerraformError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rollback.terraform.program import Program

_LONGEST: Final = 200


class BackendUnreachable(TerraformError):
    """The backend didn't answer."""


class BackendDenied(TerraformError):
    """The backend answered, and doesn't let these credentials in, or there is no such bucket."""


class StateLocked(TerraformError):
    """Somebody holds the lock of the state."""


class LockNotReleased(TerraformError):
    """Terraform took the lock of the state, and could not give it back."""


class StateUnreadable(TerraformError):
    """Terraform can't read the state."""


class WrongVersion(TerraformError):
    """The configuration or the state wants another Terraform than this."""


class ProviderMissing(TerraformError):
    """A provider can't be had, or not the one that the lock file names."""


class ConfigurationBroken(TerraformError):
    """The configuration of the commit can't be used as it is."""


class StalePlan(TerraformError):
    """The saved plan was made from another state."""


class NotInitialised(TerraformError):
    """The working directory must be initialised anew."""


class DestroyPrevented(TerraformError):
    """The plan would destroy what `prevent_destroy` protects.

    Attributes:
        addresses: what would be destroyed.
    """

    def __init__(self, sentence: str, *, remedy: str = "", addresses: tuple[str, ...] = ()) -> None:
        super().__init__(sentence, remedy=remedy)
        self.addresses = addresses


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One of Terraform's errors.

    Attributes:
        summary: its first sentence.
        detail: the rest, on one line; it may hold values, and is never shown.
        address: the resource it is about, or nothing.
    """

    summary: str
    detail: str = field(repr=False)
    address: str = ""

    @property
    def text(self) -> str:
        """All of it, to be searched."""
        return f"{self.summary} {self.detail}"

    @property
    def shown(self) -> str:
        """What of it may be passed on."""
        first = printable(redacted(self.summary.strip().splitlines()[0] if self.summary.strip() else ""))
        return first[:_LONGEST].rstrip(".: ")


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds the lock, as Terraform's refusal tells it."""

    id: str
    who: str
    operation: str
    created: str

    def __str__(self) -> str:
        return f"{self.who or 'somebody'} holds it since {self.created} for {self.operation} (lock {self.id})"


def _locked(match: re.Match[str], diagnostic: Diagnostic, _: Program) -> tuple[str, str]:
    del match
    return (
        f"The state is locked: {holder(diagnostic.text)}.",
        "Ask whoever it is whether it still runs. If it is dead, unlock the state by the lock's id, then plan again.",
    )


def holder(text: str) -> LockHolder:
    """Who holds a lock, as Terraform tells it."""

    def word(name: str) -> str:
        found = re.search(rf"\b{name}: +(\S+)", text)
        return printable(found[1])[:100] if found else "unknown"

    at = re.search(r"\bCreated: +(\d{4}-\d\d-\d\d \d\d:\d\d)", text)
    operation = word("Operation").removeprefix("OperationType").lower()
    return LockHolder(word("ID"), word("Who"), operation, f"{at[1]} UTC" if at else "an unknown time")


def _unreleased(*_: object) -> tuple[str, str]:
    return (
        "Terraform could not give the lock of the state back.",
        "Look who holds it. If nobody is at work, unlock the state by the lock's id, then plan again.",
    )


def _stale(*_: object) -> tuple[str, str]:
    return (
        "The state has moved since the plan was made, so Terraform refuses the saved plan.",
        "Make a new plan, and read it. Nothing has been changed.",
    )


def _wrong_version(_: object, diagnostic: Diagnostic, program: Program) -> tuple[str, str]:
    wanted = re.search(r'required_version\s*=\s*("[^"]{1,60}")', diagnostic.text)
    told = f" ({printable(wanted[1])})" if wanted else ""
    return (
        f"The commit's configuration wants another Terraform{told} than the {program.shown} {program.version} here.",
        "Install the version that it wants, or put it first on PATH.",
    )


def _newer_state(match: re.Match[str], _: object, program: Program) -> tuple[str, str]:
    return (
        f"The state has format {match[1]}, which {program.shown} {program.version} doesn't know.",
        "Use the Terraform that wrote it, or a newer one.",
    )


def _broken_state(*_: object) -> tuple[str, str]:
    return (
        "Terraform can't read the state: it is damaged.",
        "Restore the state (rollback.state), then plan again.",
    )


def _digest(*_: object) -> tuple[str, str]:
    return (
        "The state isn't the one whose digest stands in the lock table, so Terraform refuses it.",
        "Look which of the two is right, and mend the digest (rollback.state).",
    )


def _provider(match: re.Match[str], diagnostic: Diagnostic, _: Program) -> tuple[str, str]:
    del match
    named = dict.fromkeys(
        re.findall(r"\b(?:[\w-]+(?:\.[\w-]+)+/)?[\w-]+/[\w-]+(?=[\s:,.)]|$)", diagnostic.text)
    )
    names = [name for name in named if not name.startswith(("http", "docs/"))]
    told = f" ({printable(names[0])})" if names else ""
    return (
        f"A provider{told} can't be had as the commit's .terraform.lock.hcl wants it.",
        "Let Terraform reach the registry or a mirror that has that version; a machine that ran it before may have it.",
    )


def _bucket(match: re.Match[str], *_: object) -> tuple[str, str]:
    named = f" {quoted(match['name'])}" if match["name"] else ""
    return (
        f"There is no bucket{named}, in which the commit's backend keeps its state.",
        "Compare the backend of that commit with the environment's.",
    )


def _credentials(*_: object) -> tuple[str, str]:
    return (
        "Terraform has no valid AWS credentials for the backend.",
        "Sign in again (for example `aws sso login`), then plan again.",
    )


def _denied(*_: object) -> tuple[str, str]:
    return (
        "The backend doesn't let these credentials in: they may not, or the bucket is another account's.",
        "Use a role of the environment's account that may read and write the state and its lock.",
    )


def _unreachable(*_: object) -> tuple[str, str]:
    return (
        "The backend can't be reached.",
        "Look at your network and at the AWS Health Dashboard, then try again.",
    )


def _prevents(_: object, diagnostic: Diagnostic, __: Program) -> tuple[str, str]:
    found = PREVENTED.search(diagnostic.text)
    named = printable(found["address"]) if found else "a resource"
    return (
        f"The rollback would destroy {named}, which the commit itself protects (prevent_destroy).",
        "Keep it: choose another commit, or revert only the change that broke something.",
    )


def _variable(_: object, diagnostic: Diagnostic, __: Program) -> tuple[str, str]:
    found = re.search(r'variable "([\w-]{1,60})"', diagnostic.text)
    named = f" {quoted(found[1])}" if found else ""
    return (
        f"The commit's configuration has no value for the variable{named}.",
        "Set it as the pipeline does (TF_VAR_...), then plan again.",
    )


def _module(*_: object) -> tuple[str, str]:
    return (
        "A module that the commit's configuration uses can't be had.",
        "Look whether its source is still there, and whether this machine may read it.",
    )


def _configuration(_: object, diagnostic: Diagnostic, program: Program) -> tuple[str, str]:
    del diagnostic, program
    return (
        "The commit's configuration can't be read by Terraform.",
        "Choose another commit: that one can't have been applied by this Terraform.",
    )


def _disk(*_: object) -> tuple[str, str]:
    return "There is no room left for Terraform to write in.", "Make room, then try again."


def _not_initialised(*_: object) -> tuple[str, str]:
    return "The working directory isn't initialised for this configuration.", "Plan again."


PREVENTED: Final = re.compile(
    r"(?:Resource|resource) (?P<address>[\w.\[\]\"/:-]+) has lifecycle\.prevent_destroy set"
)
_Telling = tuple[
    type[TerraformError], re.Pattern[str], "Callable[[re.Match[str], Diagnostic, Program], tuple[str, str]]"
]
OF_THE_BACKEND: Final = (BackendDenied, BackendUnreachable)
KNOWN: Final[tuple[_Telling, ...]] = (
    (StalePlan, re.compile(r"Saved plan is stale|Saved plan does not match the given state"), _stale),
    (StateLocked, re.compile(r"[Ee]rror (?:acquiring|locking) (?:the )?state.*Lock Info: ID:"), _locked),
    (LockNotReleased, re.compile(r"[Ee]rror releasing the state lock"), _unreleased),
    (DestroyPrevented, re.compile(r"Instance cannot be destroyed|lifecycle\.prevent_destroy set"), _prevents),
    (WrongVersion, re.compile(r"Unsupported (?:Terraform|OpenTofu) Core version"), _wrong_version),
    (WrongVersion, re.compile(r"state file uses format version (\d+), which is not supported"), _newer_state),
    (
        StateUnreadable,
        re.compile(r"Unsupported state file format|[Ff]ailed to (?:parse|decode) state"),
        _broken_state,
    ),
    (StateUnreadable, re.compile(r"does not have the expected content|Calculated checksum"), _digest),
    (
        BackendDenied,
        re.compile(r"S3 bucket \"(?P<name>[\w.-]{1,63})\" does not exist|(?P<no>NoSuchBucket)"),
        _bucket,
    ),
    (
        BackendDenied,
        re.compile(
            r"No valid credential sources|ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|InvalidAccessKeyId"
            r"|failed to refresh cached credentials|SSO.*(?:expired|token)"
        ),
        _credentials,
    ),
    (
        ProviderMissing,
        re.compile(
            r"[Ff]ailed to (?:query available provider packages|install provider|load plugin schemas)"
            r"|[Ii]nconsistent dependency lock file|Required plugins are not installed|Provider dependency changes"
            r"|doesn't match any of the checksums|does not have a provider named"
        ),
        _provider,
    ),
    (
        ConfigurationBroken,
        re.compile(r"[Uu]nreadable module|Failed to download module|Module not found"),
        _module,
    ),
    (ConfigurationBroken, re.compile(r"No value for required variable"), _variable),
    (
        NotInitialised,
        re.compile(
            r"Backend initialization required|Module not installed|Backend configuration changed|Initialization required"
        ),
        _not_initialised,
    ),
    (
        ConfigurationBroken,
        re.compile(
            r"encountered problems during initiali[sz]ation|Terraform configuration must be valid before"
            r"|Argument definition required|Unclosed configuration block|Invalid (?:block|character|expression)"
            r"|Unsupported (?:argument|block type)|Reference to undeclared|Invalid reference|Duplicate \w+ "
        ),
        _configuration,
    ),
    (BackendDenied, re.compile(r"AccessDenied|StatusCode: 403|Forbidden|not authorized to perform"), _denied),
    (
        BackendUnreachable,
        re.compile(
            r"dial tcp|connection re(?:fused|set)|no such host|i/o timeout|request send failed|TLS handshake"
            r"|StatusCode: (?:0|5\d\d)|context deadline exceeded|unexpected EOF"
        ),
        _unreachable,
    ),
    (TerraformError, re.compile(r"no space left on device|disk quota exceeded"), _disk),
)
"""From what is told most exactly to what is told least."""
