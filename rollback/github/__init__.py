"""GitHub's REST API: pull requests, branch rules, and the workflow runs that a push starts."""
