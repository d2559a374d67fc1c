"""What a feature says in passing, found in the sentences that a person is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rollback.environment import Environment

_NAMED: Final = re.compile(
    r"\bthe (image|secret|parameter|log group|execution role|task role|workflow|pull request) (is|was)\b"
)
_REVISION: Final = re.compile(r"\brevision (\d+)")

_NUMBERS: Final = ("zero", "one", "two", "three", "four", "five", "six")


def number(word: str) -> int:
    """The number that a feature writes as a word, from zero to six."""
    return _NUMBERS.index(word)


def says(sentence: str, phrase: str, environment: Environment) -> bool:
    """Whether `sentence` says what `phrase` says in the feature's shorter words.

    "revision 41" stands for the revision's full name, "the service" for the service's, "the branch" for
    the branch's, and "the secret is gone" also for a sentence that names the secret before it says so.
    """
    pattern = re.escape(phrase).replace(r"\ ", " ")
    pattern = _REVISION.sub(rf"(?:revision )?(?:{re.escape(environment.family)}:)?\1", pattern)
    pattern = pattern.replace("the service", f"(?:the service|{re.escape(environment.service)})")
    pattern = pattern.replace("the branch", f"(?:the branch|{re.escape(environment.branch)})")
    pattern = _NAMED.sub(r"(?:the )?\1 .*\2", pattern)
    return re.search(pattern, sentence, re.IGNORECASE) is not None
