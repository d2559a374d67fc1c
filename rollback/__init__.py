"""What runs in an incident: plan, apply, verify and undo a rollback.

Nothing in this package knows whether it is rehearsed; the world reaches it only through
[`Access`][rollback.access.Access].
"""
