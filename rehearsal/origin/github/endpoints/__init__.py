"""What the API does, an endpoint a function, by GitHub's areas of documentation."""
