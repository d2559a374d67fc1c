"""The options of the commands, each said once; typer is shown a function that seems to have been written with them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Parameter:
    """An option.

    Attributes:
        name: as Python has it; on the command line with hyphens.
        help: what it is for.
        metavar: what stands for its value.
        kind: `str`, `bool`, `int`, `Path`, or `list` for one that may be given more than once.
        needed: whether it must be given.
        variable: the environment variable that may hold it.
    """

    name: str
    help: str
    metavar: str = ""
    kind: type = str
    needed: bool = False
    variable: str = ""

    def as_python(self) -> inspect.Parameter:
        """The parameter of a function."""
        told: dict[str, Any] = {"help": self.help}
        if self.metavar:
            told["metavar"] = self.metavar
        if self.variable:
            told["envvar"] = self.variable
        option = typer.Option(f"--{self.name.replace('_', '-')}", **told)
        kinds: dict[type, Any] = {
            list: list[str] | None,
            Path: Path | None,
            int: int | None,
        }
        defaults: dict[type, Any] = {str: "", bool: False}
        return inspect.Parameter(
            self.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[kinds.get(self.kind, self.kind), option],
            default=inspect.Parameter.empty if self.needed else defaults.get(self.kind),
        )


def command(
    does: Callable[[dict[str, Any]], None],
    parameters: Iterable[Parameter],
    *,
    help: str,  # noqa: A002 - typer's word
) -> Callable[..., None]:
    """A function that typer can make a command of, and that hands its options on as a mapping."""

    def typed(**options: Any) -> None:
        does(options)

    made = [parameter.as_python() for parameter in parameters]
    typed.__doc__ = help
    typed.__signature__ = inspect.Signature(made)  # type: ignore[attr-defined]
    typed.__annotations__ = {each.name: each.annotation for each in made}
    return typed


PLACE = (
    Parameter("env", "The environment, by its name or its short name.", "NAME"),
    Parameter(
        "environments",
        "The file that describes the environments.",
        "FILE",
        Path,
        variable="ROLLBACK_ENVIRONMENTS",
    ),
)
MACHINE = Parameter(
    "json", "One line of JSON on standard output; everything else on standard error.", kind=bool
)
HANDS = (
    *PLACE,
    Parameter("profile", "The AWS profile; without it, what the AWS CLI would use.", "NAME"),
    MACHINE,
)
JOURNAL = Parameter("journal", "The journal to write; without it, a new one.", "FILE", Path)
OLD_JOURNAL = Parameter(
    "journal", "The journal of the rollback; without it, the newest of the environment.", "FILE", Path
)
CHANGING = (
    Parameter("yes", "Don't ask, where the policy lets that be.", kind=bool),
    Parameter("confirm", "The name of the service, where the policy wants it typed.", "SERVICE"),
    Parameter("preempt", "Take the environment from a drill, which then stops by itself.", kind=bool),
    Parameter("drill", "For practice: only where the policy allows a drill.", kind=bool),
    Parameter(
        "without_lease",
        "Begin although nobody can see it, where the lease can't be written.",
        kind=bool,
    ),
)
GATE = (
    Parameter(
        "attest", "Vouch for an item of the list before; may be given more than once.", "ITEM=SENTENCE", list
    ),
    Parameter("override", "Begin although the list isn't complete, and why.", "REASON"),
    Parameter("by", "Who vouches or decides, by name.", "NAME"),
    Parameter("change", "What is to blame: a commit or a pull request, as #12.", "CHANGE"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a command that all of them share; what a command hasn't got is as if it weren't given."""

    env: str = ""
    environments: Path | None = None
    profile: str = ""
    json: bool = False
    journal: Path | None = None
    yes: bool = False
    confirm: str = ""
    preempt: bool = False
    drill: bool = False
    without_lease: bool = False
    attest: tuple[str, ...] = ()
    override: str = ""
    by: str = ""
    change: str = ""
    own: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: dict[str, Any]) -> Asked:
        """What was typed; `own` holds what only this command knows."""
        known = {name: options[name] for name in cls.__dataclass_fields__ if name in options}
        known["attest"] = tuple(known.get("attest") or ())
        own = {name: value for name, value in options.items() if name not in cls.__dataclass_fields__}
        return cls(**known, own=own)
