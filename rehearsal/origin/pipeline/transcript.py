"""What a runner writes into the log of a job besides what the steps print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.origin.pipeline.expressions import masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.origin.pipeline.document import Step

RUNNER: Final = (
    "Current runner version: '2.330.0'",
    "##[group]Runner Image",
    "Image: ubuntu-24.04",
    "##[endgroup]",
    "Prepare workflow directory",
    "Prepare all required actions",
)
"""The first lines of every job."""
_CYAN: Final = "\x1b[36;1m{}\x1b[0m"


def heading(step: Step, context: Mapping[str, str]) -> Iterator[str]:
    """The lines with which a step begins: what it runs, folded, in the colours that GitHub gives them."""
    if step.uses:
        yield f"##[group]Run {step.uses}"
        if step.with_:
            yield "with:"
            yield from (f"  {name}: {masked(str(value), context)}" for name, value in step.with_.items())
    else:
        lines = masked(step.run, context).splitlines()
        yield f"##[group]Run {lines[0]}"
        yield from (_CYAN.format(line) for line in lines)
        yield f"shell: {step.shell or '/usr/bin/bash -e {0}'}"
    yield "##[endgroup]"
