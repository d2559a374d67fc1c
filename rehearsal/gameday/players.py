"""Who plays: each with keys of their own, so that it can be told who did what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rehearsal.embedded import OPERATOR
from rehearsal.serving.ledger import PLAYER
from rehearsal.serving.surroundings import lines
from rehearsal.terraform_config import credentials_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.serving.house import House

COUNTER: Final = "GAME"
"""The environment variable with the address at which a player asks the suite for something."""
_GIT: Final = "GIT_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Somebody who plays.

    Attributes:
        name: the name of their IAM user on the stage.
        variables: what their terminal needs.
        file: where the lines that set them are.
    """

    name: str
    variables: Mapping[str, str] = field(repr=False)
    file: Path

    def exports(self) -> list[str]:
        """The lines to paste into a terminal."""
        return lines(self.variables)


def names(count: int) -> tuple[str, ...]:
    """What so many players are called; one alone is the operator."""
    return (OPERATOR,) if count == 1 else tuple(f"player-{number}" for number in range(1, count + 1))


def seated(house: House, counters: Mapping[str, str]) -> tuple[Player, ...]:
    """The players, each with a file of exports beside the open stage's own.

    Args:
        house: with an open stage.
        counters: at which address each of them asks for a hint.
    """
    stage = house.world.stage
    players = []
    for name, counter in counters.items():
        variables = {**house.variables, **credentials_of(stage.keys_of(name)), COUNTER: counter}
        if len(counters) > 1:
            variables |= _says_who(variables, house.addresses.origin, name)
        player = Player(name=name, variables=variables, file=stage.directory / f"exports-{name}")
        player.file.write_text("\n".join(player.exports()) + "\n", encoding="utf-8")
        player.file.chmod(0o600)
        players.append(player)
    return tuple(players)


def _says_who(variables: Mapping[str, str], origin: str, name: str) -> dict[str, str]:
    """Git's configuration by environment, and one setting more."""
    count = int(variables[f"{_GIT}_COUNT"])
    return {
        f"{_GIT}_KEY_{count}": f"http.{origin}/.extraHeader",
        f"{_GIT}_VALUE_{count}": f"{PLAYER}: {name}",
        f"{_GIT}_COUNT": str(count + 1),
    }
