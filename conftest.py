"""Which plug-ins a run in this checkout uses."""

pytest_plugins = ["rehearsal.plugin", "steps.service", "steps.emergency"]
