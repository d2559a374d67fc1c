"""Gherkin sentences, one call each."""
