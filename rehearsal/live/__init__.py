"""A run of pytest on a real environment: what must hold before its first test, and what must not be forgotten after it."""
