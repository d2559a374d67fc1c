"""The software house of a rehearsal: its git remote, its GitHub and its pipeline."""
