"""When a way back counts as rehearsed: the `report` table of `environments.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection

    from rollback.environment import Environment, Environments

_DAYS: Final = "a number of days, more than 0 and at most 3650"
_Days = Annotated[float, Field(gt=0, le=3650, description=_DAYS)]


class Limits(BaseModel):
    """How long a rehearsal counts, and what need not have been played.

    Attributes:
        stale_days: after how many days a chapter counts as not known.
        chapter_days: the same for the chapters of a tag.
        may_be_skipped: tags whose scenarios may be skipped.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    stale_days: _Days = 30
    chapter_days: Annotated[dict[str, _Days], Field(description="a table of tags and days")] = Field(
        default_factory=dict
    )
    may_be_skipped: Annotated[list[str], Field(description="a list of tags")] = Field(default_factory=list)

    @classmethod
    def of(cls, environments: Environments, environment: Environment) -> Self:
        """What the file says for `environment`.

        Raises:
            ConfigurationError: a key is unknown or has a value that it can't have.
        """
        try:
            return cls.model_validate(dict(environments.section(environment, "report")))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            key = str(first["loc"][0])
            where = ".".join(str(part) for part in first["loc"])
            known = cls.model_fields.get(key)
            what = "has a value that it can't have" if known else "is not a key of the report table"
            nested = known is not None and len(first["loc"]) > 1 and key == "chapter_days"
            expected = _DAYS if nested else known.description if known else ""
            remedy = (
                f"Expected {expected}."
                if known
                else f"Take it out; the keys are {', '.join(cls.model_fields)}."
            )
            raise ConfigurationError(
                f"{environments.path}: environments.{environment.name}.report.{where} {what}.", remedy=remedy
            ) from None

    def days(self, tags: Collection[str]) -> float:
        """After how many days a chapter with these tags counts as not known: the shortest that applies."""
        return min(
            (self.chapter_days[tag] for tag in tags if tag in self.chapter_days), default=self.stale_days
        )

    def excuse(self, tags: Collection[str]) -> bool:
        """Whether a scenario with these tags may be skipped."""
        return not set(self.may_be_skipped).isdisjoint(tags)
