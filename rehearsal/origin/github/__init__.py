"""GitHub's side of the repository: what it stores of it, and its REST API."""
