"""Mistakes in the form of a feature and in its examples: each a feature, and the one sentence that is said of it, from its line on."""

from __future__ import annotations

from typing import Final

IN_FORM: Final = {
    "a placeholder without a column": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <hwo>
            Examples:
              | how    |
              | steady |
        """,
        "3: The step uses <hwo>, but the examples in line 4 have no such column. Did you mean <how>?",
    ),
    "a placeholder in a name": (
        """
        Feature: F
          Scenario Outline: S in <environment>
            Given the service is <how>
            Examples:
              | how    |
              | steady |
        """,
        "2: The name uses <environment>, but the examples in line 4 have no such column.",
    ),
    "a placeholder in a background": (
        """
        Feature: F
          Background:
            Given the service is <how>
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how    |
              | steady |
        """,
        "3: The background uses <how>, but examples fill in only the steps of their own scenario.",
    ),
    "a placeholder in a table": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Then these tasks run
              | <revision> |
            Examples:
              | how    |
              | steady |
        """,
        "4: The step uses <revision>, but the examples in line 6 have no such column.",
    ),
    "a placeholder in a text": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Then the journal says
              \"\"\"
              <revision>
              \"\"\"
            Examples:
              | how    |
              | steady |
        """,
        "4: The step uses <revision>, but the examples in line 8 have no such column.",
    ),
    "an outline without examples": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
        """,
        '2: The outline "S" has no examples.',
    ),
    "examples without rows": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how |
        """,
        '4: The examples of "S" have no rows, so nothing would be rehearsed.',
    ),
    "examples without anything": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is steady
            Examples:
        """,
        '4: The examples of "S" have no rows, so nothing would be rehearsed.',
    ),
    "the same example twice": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how    |
              | steady |
            Examples: again
              | how    |
              | steady |
        """,
        "9: This example reads like the one in line 6, steady.",
    ),
    "the same column twice": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how   | how    |
              | shaky | steady |
        """,
        "4: The examples have two columns called how.",
    ),
    "an unknown environment": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is steady
            Examples:
              | environment |
              | staging     |
              | stagin      |
        """,
        (
            '7: DIR/environments.toml knows no environment "stagin". Did you mean "staging"? '
            "The environments are staging, production (prod)."
        ),
    ),
    "a scenario without steps": (
        """
        Feature: F
          Background:
            Given the service is steady
          Scenario: S
        """,
        '4: The scenario "S" has no steps, so it can\'t fail.',
    ),
    "a keyword that is misspelt": (
        """
        Feature: F
          Scenario: S
            Givven the service is steady
        """,
        '2: The scenario "S" has no steps, so it can\'t fail. Its text is read as a description.',
    ),
    "a first step that follows nothing": (
        """
        Feature: F
          Scenario: S
            And the service is steady
        """,
        '3: The first step, "And the service is steady", has to be a Given, a When or a Then.',
    ),
    "a feature without scenarios": (
        "Feature: F\n",
        "1: The feature has no scenario, so nothing in it would be rehearsed.",
    ),
    "a feature without a name": (
        """
        Feature:
          Scenario: S
            Given the service is steady
        """,
        "1: The feature has no name.",
    ),
    "a scenario without a name": (
        """
        Feature: F
          Scenario:
            Given the service is steady
        """,
        "2: The scenario has no name.",
    ),
    "an empty file": ("", "1: The file is empty: a feature begins with Feature: and its name."),
    "something that isn't Gherkin": (
        "Hello\n",
        '1: "Hello" can\'t stand here; what can: Feature:, a tag.',
    ),
    "a text without an end": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
              \"\"\"
        """,
        '5: The end can\'t stand here; what can: a text between """.',
    ),
    "a table with a hole": (
        """
        Feature: F
          Scenario: S
            Then these tasks run
              | 1 | 2 |
              | 3 |
        """,
        "5: This isn't Gherkin: inconsistent cell count within the table.",
    ),
    "a language that isn't one": (
        "# language: xx\nFeature: F\n",
        "1: This isn't Gherkin: Language not supported: xx.",
    ),
}
