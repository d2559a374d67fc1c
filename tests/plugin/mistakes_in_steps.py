"""Mistakes in names, tags and steps: each a feature, and the one sentence that is said of it, from its line on."""

from __future__ import annotations

from typing import Final

IN_STEPS: Final = {
    "the same name twice": (
        """
        Feature: F
          Scenario: Same
            Given the service is steady
          Scenario: Other
            Given the service is steady
          Scenario: Same
            Given the service is steady
        """,
        (
            '6: The scenario in line 2 is called "Same" too, and only one of them would be rehearsed. '
            "Give each a name of its own."
        ),
    ),
    "the same name in two rules": (
        """
        Feature: F
          Rule: One
            Scenario: Same
              Given the service is steady
          Rule: Two
            Scenario: Same
              Given the service is steady
        """,
        (
            '6: The scenario in line 3 is called "Same" too, and only one of them would be rehearsed. '
            "Give each a name of its own."
        ),
    ),
    "an async step": (
        """
        Feature: F
          Scenario: S
            When we roll back
        """,
        (
            '3: The step "When we roll back" is played by an async function (conftest.py:17), which nobody would '
            "await. Make it a plain one."
        ),
    ),
    "an async generator": (
        """
        Feature: F
          Scenario: S
            When we wait
        """,
        (
            '3: The step "When we wait" is played by an async function (conftest.py:21), which nobody would await. '
            "Make it a plain one."
        ),
    ),
    "two definitions for a step": (
        """
        Feature: F
          Scenario: S
            Given revision 41 was deployed
        """,
        (
            '3: The step "Given revision 41 was deployed" matches 2 definitions: '
            '"Given revision {number:d} was deployed" (conftest.py:9) and '
            '"Given revision {number:d} was {what}" (conftest.py:13). Reword one.'
        ),
    ),
    "a step without a definition": (
        """
        Feature: F
          Scenario: S
            Given the service was steady
        """,
        (
            '3: The step "Given the service was steady" has no definition. '
            'Did you mean "Given the service is steady" (conftest.py:5)?'
        ),
    ),
    "a step without anything like it": (
        """
        Feature: F
          Scenario: S
            Given xyz
        """,
        '3: The step "Given xyz" has no definition.',
    ),
    "a step behind the wrong keyword": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
            And it works
        """,
        (
            '4: The step "Given it works" has no definition. There is one for another keyword: '
            '"Then it works" (conftest.py:33).'
        ),
    ),
    "a step of the background": (
        """
        Feature: F
          Background:
            Given xyz
          Scenario: S
            Given the service is steady
          Scenario: T
            Given the service is steady
        """,
        '3: The step "Given xyz" has no definition.',
    ),
    "a step that only one example makes": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            Examples:
              | how    |
              | steady |
              | shaky  |
        """,
        (
            '3: The step "Given the service is shaky" has no definition. '
            'Did you mean "Given the service is steady" (conftest.py:5)?'
        ),
    ),
    "a tag of the feature": (
        """
        @esc
        Feature: F
          Scenario: S
            Given the service is steady
        """,
        "1: The tag @esc is not registered. Did you mean @ecs?",
    ),
    "a tag of a rule": (
        """
        Feature: F
          @whatever
          Rule: R
            Scenario: S
              Given the service is steady
        """,
        "2: The tag @whatever is not registered. New tags belong into rehearsal/tags.py.",
    ),
    "a tag of a scenario": (
        """
        Feature: F
          @ecs @issue:12
          Scenario: S
            Given the service is steady
        """,
        "2: The tag @issue:12 is not registered. New tags belong into rehearsal/tags.py.",
    ),
    "a tag of examples": (
        """
        Feature: F
          Scenario Outline: S
            Given the service is <how>
            @lives
            Examples:
              | how    |
              | steady |
        """,
        "4: The tag @lives is not registered. Did you mean @live?",
    ),
    "a table that nobody reads": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
              | 41 |
        """,
        (
            '3: The step "Given the service is steady" brings a table that its definition (conftest.py:5) doesn\'t '
            "look at. Remove it, or take it as the argument datatable."
        ),
    ),
    "a text that nobody reads": (
        """
        Feature: F
          Scenario: S
            Given the service is steady
              \"\"\"
              or so
              \"\"\"
        """,
        (
            '3: The step "Given the service is steady" brings a text that its definition (conftest.py:5) doesn\'t '
            "look at. Remove it, or take it as the argument docstring."
        ),
    ),
}
