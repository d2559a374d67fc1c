"""``rollback sandbox``: the whole stage for a terminal, with a service that has just been broken.

It stands in the entry point group ``rollback.commands``, from which the command line of the rollback takes what it
doesn't know by itself; the rollback knows nothing of a stage. ``python -m rehearsal.sandbox`` is the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from rehearsal.serving.running import until_stopped
from rollback.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from rehearsal.serving.house import House

_USAGE: Final = 2
_FILE: Final = "exports"

Broken = Literal["errors", "crashes", "unhealthy", "slow", "nothing"]


def sandbox(
    *,
    env: Annotated[str, typer.Option(metavar="NAME", help="Whose names and account it takes.")] = "",
    speed: Annotated[
        float, typer.Option(min=0.0, max=1000.0, help="How many seconds pass in a real one; 0: none.")
    ] = 1.0,
    broken: Annotated[Broken, typer.Option(help="What the newest version does.")] = "errors",
    seed: Annotated[int, typer.Option(help="Where everything random begins.")] = 0,
    environments: Annotated[
        Path, typer.Option(metavar="PATH", help="The file that describes the environments.")
    ] = Path("environments.toml"),
) -> None:
    """Serve a whole rehearsal stage on loopback, and print what a terminal needs to work on it. Ctrl-C ends it."""
    try:
        with until_stopped() as end:
            _serve(environments, env, end, speed=speed, seed=seed, broken=broken)
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_USAGE) from None


def _serve(path: Path, name: str, end: Event, *, speed: float, seed: int, broken: Broken) -> None:
    from rollback.environment import load  # noqa: PLC0415 - pydantic, which --help need not import

    known = load(path)
    environment = known.get(name) if name else known.default
    from rehearsal.insulation import load_moto  # noqa: PLC0415 - a second, which mistakes need not take

    load_moto()
    from rehearsal.serving.house import House, Wanted  # noqa: PLC0415 - it imports moto
    from rehearsal.serving.laying import lay  # noqa: PLC0415 - likewise

    with House(known, Wanted(speed=speed)) as house:
        house.open(environment.name, seed=seed)
        lay(house, broken)
        for line in _told(house, broken):
            typer.echo(line)
        end.wait()


def _told(house: House, broken: Broken) -> Iterator[str]:
    """What is printed: every line can be pasted into a shell, since prose stands behind a ``#``."""
    from rehearsal.serving.surroundings import lines  # noqa: PLC0415 - it imports moto

    stage = house.world.stage
    environment = stage.environment
    exported = lines(house.variables)
    file = stage.directory / _FILE
    file.write_text("\n".join(exported) + "\n", encoding="utf-8")
    primary = house.world.look.primary_revision()
    yield f"# The stage of {environment.name} is open: account {environment.account}, {environment.region}."
    yield f"# {_pace(house.speed)} {environment.service} runs revision {primary}; the newest version: {broken}."
    yield "# Nothing here reaches anything but this machine, and the credentials open nothing else."
    yield "#"
    yield f"# In another terminal: source {file}"
    yield "# or paste this:"
    yield from exported
    yield "#"
    yield "# For instance:"
    yield f"#   aws ecs describe-services --cluster {environment.cluster} --services {environment.service}"
    yield f"#   git clone --branch {environment.branch} {environment.repository.remote} checkout"
    yield f"#   terraform -chdir=checkout/{environment.terraform_directory} init"
    yield f"#   curl {environment.url}{environment.probe.path}"
    if environment.region == "us-east-1":
        yield "# Version 1 of the AWS CLI needs one word more there: aws rds ... --endpoint-url $AWS_ENDPOINT_URL"
    yield f"# The rollback finds this environment with --environments {house.environments_path}"
    yield "# Ctrl-C ends it."


def _pace(speed: float) -> str:
    if not speed:
        return "Its time stands still."
    return f"{speed:g} seconds pass in one." if speed != 1 else "Its time is the real one."


def main() -> None:
    """Run the command alone."""
    typer.run(sandbox)


if __name__ == "__main__":
    main()
