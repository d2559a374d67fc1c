"""The tags of the runbook, which pytest knows as markers."""

from __future__ import annotations

from typing import Final

TAGS: Final = {
    # Chapters.
    "ecs": "the emergency rollback to an earlier revision of the ECS service",
    "application": "the rollback of application code by a revert and a new deployment",
    "infrastructure": "the rollback of infrastructure by a revert, by hand, or from an earlier state",
    "database": "a database migration that failed",
    "certificate": "trouble with TLS certificates and their DNS records",
    "checklist": "the checklist before and after a rollback",
    "record": "what is written down: the journal, the incident report, the post-mortem",
    "principle": "the principle that infrastructure and application change separately",
    # What a scenario is fit for, or needs.
    "live": "may also be drilled on a live environment",
    "gameday": "may be played by a person on a game day",
    "readiness": "asks whether a rollback would work if it were needed now, and changes nothing",
    "terraform": "runs a real terraform",
    "provider": "runs a real terraform with the AWS provider",
    "docker": "needs a Docker daemon",
    "server": "talks to the stage over HTTP, as the aws command line does",
}
"""Each tag that a feature may carry, and what it says of a scenario."""
