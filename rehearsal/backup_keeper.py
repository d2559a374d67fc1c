"""What happens to the database and its backups, in a scenario's words, and what is seen of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.world.backups import BackupHouse

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.origin.origin import Origin
    from rehearsal.world.world import World


@dataclass(frozen=True, slots=True)
class Kept:
    """Instances, the secret and the tasks, at one moment."""

    instances: tuple[str, ...]
    led_to: str
    used: frozenset[str]


class BackupKeeper:
    """The team that has the database, its customers, and what goes wrong for it.

    Attributes:
        house: what there is.
    """

    def __init__(self, stage: EmbeddedStage, world: World, origin: Origin) -> None:
        self.house = BackupHouse(stage, world, origin.database)
        self._stage = stage
        self._world = world
        self._before_the_migration = 0

    def open(self) -> None:
        """Have an instance with backups, to which the application is led from its next deployment on."""
        self.house.open()
        self._before_the_migration = self.house.count(self.house.instance)

    # What happens.

    def let_time_pass(self, minutes: float) -> None:
        """Let customers order, and backups be kept."""
        self._stage.clock.sleep(60 * minutes)

    def fail_the_restore(self) -> None:
        """RDS will not come to an end with the next restore."""
        self.house.backend.next_ends = "incompatible-restore"

    def meddle_with_the_restored(self) -> None:
        """As soon as there is a second instance, somebody gives it another security group."""
        self._world.once(
            lambda: self.restored in self.house.backend.databases,
            lambda: self.house.take_groups(self.restored),
        )

    def interrupt_the_rollout(self) -> None:
        """We press Ctrl-C as soon as the secret leads elsewhere."""

        def press() -> None:
            raise KeyboardInterrupt

        self._world.once(lambda: self.house.led_to != self.house.instance, press, every=5.0)

    # What is seen.

    @property
    def restored(self) -> str:
        """The identifier of the newest instance that isn't the team's; empty where there is none."""
        names = [name for name in self.house.instances() if name != self.house.instance]
        return names[-1] if names else ""

    @property
    def others(self) -> int:
        """How many instances there are beside the team's."""
        return len(self.house.instances()) - 1

    @property
    def kept(self) -> Kept:
        """How it is now."""
        return Kept(tuple(self.house.instances()), self.house.led_to, frozenset(self.house.tasks_use()))

    @property
    def as_before_the_migration(self) -> bool:
        """Whether what the application uses has the column again, and at least the orders of then."""
        used = self.house.led_to
        return "note" in self.house.columns(used) and self.house.count(used) >= self._before_the_migration

    @property
    def all_orders_are_in_the_old_one(self) -> bool:
        """Whether the team's instance still holds each order that it ever took."""
        house = self.house
        took = sum(1 for order in house.placed if order[1] == house.name(house.instance))
        return house.count(house.instance) == self._before_the_migration + took

    @property
    def alike(self) -> bool:
        """Whether both instances have the same groups and protection, as RDS itself has them."""
        databases = self.house.backend.databases
        return self._look(databases[self.restored]) == self._look(databases[self.house.instance])

    @staticmethod
    def _look(instance: object) -> tuple[object, ...]:
        words = (
            "vpc_security_group_ids",
            "db_parameter_group_name",
            "_db_subnet_group_name",
            "multi_az",
            "deletion_protection",
            "db_instance_class",
            "storage_encrypted",
        )
        return tuple(getattr(instance, word) for word in words)
