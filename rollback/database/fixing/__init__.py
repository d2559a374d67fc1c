"""Fixing a database forward: a migration on top that brings the schema to what the running version needs."""
