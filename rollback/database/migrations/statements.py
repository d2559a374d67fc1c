"""What a statement of SQL does to the code from before it, told from its first words."""

from __future__ import annotations

import re
from typing import Final

from rollback.database.migrations.model import Effect, Operation, worst

_NOISE: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'")
_NAME: Final = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?(?P<name>[\w.\"`\[\]]+)"
_FIRST: Final = re.compile(
    r"(?P<verb>CREATE\s+(?:UNIQUE\s+)?(?:TEMP(?:ORARY)?\s+)?\w+|DROP\s+\w+|ALTER\s+\w+|\w+)", re.IGNORECASE
)
_SAFE: Final = re.compile(
    r"CREATE\s+(?:TABLE|INDEX|SEQUENCE|SCHEMA|TYPE|EXTENSION|VIEW)|DROP\s+INDEX|COMMENT|GRANT|ANALYZE|SELECT"
    r"|SET\s+(?:LOCAL\s+)?(?:lock|statement)_timeout",
    re.IGNORECASE,
)
_DATA: Final = re.compile(r"INSERT|UPDATE|DELETE|COPY|MERGE", re.IGNORECASE)
_DESTRUCTIVE: Final = re.compile(r"DROP\s+(?!INDEX)\w+|TRUNCATE|REVOKE", re.IGNORECASE)
_ALTERED: Final = re.compile(r"ALTER\s+TABLE\s+" + _NAME + r"\s+(?P<actions>.*)", re.IGNORECASE)
_ADDED: Final = re.compile(
    r"ADD\s+(?:COLUMN\s+)?(?!CONSTRAINT|PRIMARY|FOREIGN|UNIQUE|CHECK|EXCLUDE)", re.IGNORECASE
)
_NARROW: Final = re.compile(r"NOT\s+NULL|\bUNIQUE\b|\bREFERENCES\b|\bCHECK\b|PRIMARY\s+KEY", re.IGNORECASE)
_WIDER: Final = re.compile(
    r"ALTER\s+(?:COLUMN\s+)?\S+\s+(?:DROP\s+NOT\s+NULL|SET\s+DEFAULT\b.*)|VALIDATE\s+CONSTRAINT.*",
    re.IGNORECASE,
)
_LOSING: Final = re.compile(
    r"DROP\s+(?!CONSTRAINT)|RENAME\b|ALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+NOT\s+NULL|DROP\s+DEFAULT)",
    re.IGNORECASE,
)


def read_sql(text: str, *, line: int = 0) -> tuple[Operation, ...]:
    """What the statements in `text` do, one operation each.

    Args:
        text: SQL, the statements parted by semicolons.
        line: where it stands in its file.
    """
    # The content of a literal is data: a semicolon or a DROP in it is no statement.
    bare = _QUOTED.sub("''", _NOISE.sub(" ", text))
    statements = [" ".join(each.split()) for each in bare.split(";")]
    found = tuple(_statement(each, line) for each in statements if each)
    return found or (Operation(Effect.UNKNOWN, "executes nothing that can be read", line),)


def _statement(statement: str, line: int) -> Operation:
    first = _FIRST.match(statement)
    verb = " ".join(first["verb"].upper().split()) if first else statement[:20]
    if altered := _ALTERED.match(statement):
        return _alteration(altered["name"].strip('"`[]'), altered["actions"], line)
    return Operation(_effect(statement, verb), f"executes {_short(statement)}", line)


def _effect(statement: str, verb: str) -> Effect:
    if "$$" in statement:
        return Effect.UNKNOWN
    if _DESTRUCTIVE.match(statement):
        return Effect.DESTRUCTIVE
    if _DATA.match(statement):
        return Effect.DATA
    # A function that is selected may do anything, and what is unique the old code may not keep to.
    doubtful = verb.startswith("CREATE UNIQUE") or (verb == "SELECT" and "(" in statement)
    return Effect.EXPAND if _SAFE.match(statement) and not doubtful else Effect.UNKNOWN


def _alteration(table: str, actions: str, line: int) -> Operation:
    effects = tuple(_action(each) for each in _parted(actions))
    return Operation(worst(effects), f"executes ALTER TABLE {table} {_short(actions)}", line)


def _action(action: str) -> Effect:
    if _LOSING.match(action):
        return Effect.DESTRUCTIVE
    if _ADDED.match(action):
        if re.search(r"NOT\s+NULL", action, re.IGNORECASE) and not re.search(
            r"\bDEFAULT\b", action, re.IGNORECASE
        ):
            return Effect.DESTRUCTIVE
        narrow = _NARROW.search(re.sub(r"NOT\s+NULL", "", action, flags=re.IGNORECASE))
        return Effect.UNKNOWN if narrow else Effect.EXPAND
    if _WIDER.match(action) or re.match(r"DROP\s+CONSTRAINT", action, re.IGNORECASE):
        return Effect.EXPAND
    return Effect.UNKNOWN


def _parted(actions: str) -> list[str]:
    """The actions of one ALTER TABLE: a comma within parentheses parts nothing."""
    depth, parts, here = 0, [], ""
    for letter in actions:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(here)
            here = ""
        else:
            here += letter
    return [each.strip() for each in (*parts, here) if each.strip()]


def _short(statement: str) -> str:
    return statement if len(statement) <= 60 else statement[:57] + "..."  # noqa: PLR2004 - what a sentence bears
