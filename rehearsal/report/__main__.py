"""``python -m rehearsal.report``: builds the runbook's pages anew, without a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rehearsal.report.phrases import many
from rollback.errors import ConfigurationError, RollbackError

if TYPE_CHECKING:
    from collections.abc import Iterator

_USAGE: Final = 2


def main(
    *,
    history: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the runs are kept.", show_default="OUT/history")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pages are to be.")] = Path("runbook"),
    features: Annotated[Path, typer.Option(metavar="DIR", help="The runbook's text.")] = Path("features"),
    environments: Annotated[
        Path, typer.Option(metavar="PATH", help="The file that describes the environments.")
    ] = Path("environments.toml"),
) -> None:
    """Build the runbook's pages of the runs that are kept. Nothing is rehearsed, and no run is changed."""
    try:
        for line in _built(history, out, features, environments):
            typer.echo(line)
    except RollbackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_USAGE) from None


def _built(history: Path | None, out: Path, features: Path, environments: Path) -> Iterator[str]:
    """Build the pages, and say what they say: where they are, what was skipped, and whether there is a way back."""
    from rehearsal.report.build import build  # noqa: PLC0415 - what --help need not import
    from rollback.environment import load  # noqa: PLC0415 - likewise

    known = load(environments)
    for folder, option in ((features, "--features"), (history, "--history")):
        if folder is not None and not folder.is_dir():
            raise ConfigurationError(f"{folder} is not a folder.", remedy=f"Name one with {option}.")
    root = Path.cwd() if features.resolve().is_relative_to(Path.cwd()) else features.resolve().parent
    built = build(history or out / "history", out, root=root, features=features, environments=known)
    front = built.runbook.front
    for trouble in front.troubles:
        yield f"skipped: {trouble}"
    for verdict in front.verdicts:
        yield f"{verdict.environment}: {verdict.state}. {verdict.why}"
    yield f"{built.index} is made of {many(front.runs, 'run')}."


if __name__ == "__main__":
    typer.run(main)
