"""Which plug-ins a run in this checkout uses."""

pytest_plugins = [
    "rehearsal.plugin",
    "steps.answers",
    "steps.service",
    "steps.emergency",
    "steps.drill",
    "steps.readiness",
    "steps.repository",
    "steps.obstacles",
    "steps.sight",
    "steps.revert",
    "steps.locks",
    "steps.terraform",
    "steps.state",
    "steps.checklist",
    "steps.record",
    "steps.certificate",
    "steps.database",
    "steps.backup",
    "steps.fixing",
]
