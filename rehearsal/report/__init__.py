"""The living runbook: what each run leaves behind, and the pages that are made of it."""
