"""Pictures of a rehearsal, as inline SVG that says in words what it shows."""
