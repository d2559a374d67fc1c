"""What git knows of a change, and a revert of it tried and pushed without touching any checkout."""
