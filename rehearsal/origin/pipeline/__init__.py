"""GitHub Actions on the stage: workflows that a push starts, and what their jobs do to the world."""
