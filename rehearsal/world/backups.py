"""Where the application's database is kept: an RDS instance with backups, and customers who go on ordering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.aws import install
from rehearsal.aws.elbv2 import ServingTarget, serving_targets
from rehearsal.aws.rds import BEHIND, ENDPOINT, rds_backend
from rehearsal.world import database
from rehearsal.world.database import APPLICATION
from rehearsal.world.version import OK

if TYPE_CHECKING:
    from datetime import datetime

    from rehearsal.aws.ecs.tasks import LivingTask
    from rehearsal.aws.rds import LivingRdsBackend, Restored
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.database_house import DatabaseHouse
    from rehearsal.world.world import World

SETTLED: Final = 900.0
"""How long after it was asked for the instance is there and has backups, in seconds."""
_POLL: Final = 10.0
PARAMETERS: Final = "team-postgres16"
ENGINE_VERSION: Final = "16.4"


class BackupHouse:
    """The instance that the team has made, and what is written to the databases of all instances.

    What is in a database is kept each time before it changes, so that a restore really finds what was there at a moment.

    Attributes:
        instance: the identifier of the team's instance.
        placed: when an order came in, and to which database, as what keeps them calls it.
    """

    def __init__(self, stage: EmbeddedStage, world: World, databases: DatabaseHouse) -> None:
        self.instance = stage.environment.database.instance
        self.placed: list[tuple[datetime, str]] = []
        self._stage = stage
        self._world = world
        self._databases = databases
        self._kept: dict[str, list[tuple[datetime, str]]] = {}
        self._next_order = 1000

    # What the team does.

    def open(self) -> None:
        """Have an instance with groups of its own and backups, to which the secret leads. Takes a quarter of an hour."""
        install.attach_backups()
        self.backend.keeper = self
        self._databases.open()
        self._databases.changing = self._keep
        rds, network = self._stage.clients.rds, self._stage.network
        rds.create_db_subnet_group(
            DBSubnetGroupName="team-private",
            DBSubnetGroupDescription="Where the team keeps what nobody reaches from outside",
            SubnetIds=list(network.subnets),
        )
        rds.create_db_parameter_group(
            DBParameterGroupName=PARAMETERS, DBParameterGroupFamily="postgres16", Description="The team's own"
        )
        rds.create_db_instance(
            DBInstanceIdentifier=self.instance,
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            EngineVersion=ENGINE_VERSION,
            AllocatedStorage=20,
            StorageType="gp3",
            MasterUsername="app",
            MasterUserPassword=database.PASSWORD,
            DBSubnetGroupName="team-private",
            VpcSecurityGroupIds=[self._world.foundation.firewall.service_group],
            DBParameterGroupName=PARAMETERS,
            BackupRetentionPeriod=7,
            MultiAZ=True,
            PubliclyAccessible=False,
            DeletionProtection=True,
            StorageEncrypted=True,
            Tags=[{"Key": "team", "Value": "orders"}],
        )
        self._databases.register(self.host(self.instance), APPLICATION)
        self._stage.clients.secretsmanager.put_secret_value(
            SecretId=self._world.foundation.secret, SecretString=database.url(self.host(self.instance))
        )
        self._stage.clock.sleep(SETTLED)

    def take_snapshot(self, name: str, *, of: str = "", settle: bool = True) -> None:
        """Take a snapshot of an instance, and wait until it is there."""
        self._stage.clients.rds.create_db_snapshot(
            DBSnapshotIdentifier=name, DBInstanceIdentifier=of or self.instance
        )
        if settle:
            self._stage.clock.sleep(SETTLED)

    def let_backups_catch_up(self) -> None:
        """Let time pass until all that was done so far can be restored."""
        self._stage.clock.sleep(BEHIND)

    def take_groups(self, instance: str) -> None:
        """Give an instance the network's own security group, as somebody does who wants to try something."""
        group = self._world.foundation.firewall.balancer_group
        self._stage.clients.rds.modify_db_instance(
            DBInstanceIdentifier=instance, VpcSecurityGroupIds=[group], ApplyImmediately=True
        )

    # What customers do.

    def let_orders_come(self, *, every: float) -> None:
        """Have an order come in every so many seconds from now on, whichever task takes it."""

        def order() -> None:
            self.order()
            self._stage.clock.call_in(every, order)

        self._stage.clock.call_in(every, order)

    def order(self) -> bool:
        """A customer orders something; whether it was taken down, in the database that the task was led to."""
        task = self._asked()
        name = self._stage.hosts.led_to(task.database or "") if task else None
        if task is None or name is None or task.answers(self._stage.clock.monotonic(), "/") != OK:
            return False
        columns = self._databases.schema(name).columns["orders"]
        self._keep(name)
        self._next_order += 1
        from sqlalchemy import text  # noqa: PLC0415 - loaded by now

        note = "note" in columns
        sql = f"INSERT INTO orders (id{', note' if note else ''}) VALUES (:id{', :note' if note else ''})"  # noqa: S608
        with self._databases.engine(name).begin() as connection:
            connection.execute(text(sql), {"id": self._next_order, **({"note": "more"} if note else {})})
        self.placed.append((self._stage.clock.now(), name))
        return True

    # What RDS does.

    def available(self, restored: Restored, host: str) -> None:
        """A restored instance is there, with what its source held then."""
        name, source = host.partition(".")[0], self._databases.at(self.host(restored.source)) or APPLICATION
        kept = next((copy for until, copy in self._kept.get(source, ()) if until > restored.at), source)
        self._databases.server.copy(kept, name)
        self._databases.register(host, name)

    # What is seen.

    @property
    def backend(self) -> LivingRdsBackend:
        """RDS itself."""
        environment = self._stage.environment
        return rds_backend(environment.account, environment.region)

    def host(self, instance: str) -> str:
        """The host of an instance's endpoint."""
        return f"{instance}.{ENDPOINT}.{self._stage.environment.region}.rds.amazonaws.com"

    @property
    def led_to(self) -> str:
        """The instance to which the secret leads."""
        return database.host_of(self._world.team.database_url()).partition(".")[0]

    def instances(self) -> dict[str, str]:
        """The status of each instance."""
        return {name: each.status for name, each in self.backend.databases.items()}

    def name(self, instance: str) -> str:
        """What keeps the databases calls the one of an instance; empty where it has none."""
        return self._databases.at(self.host(instance)) or ""

    def count(self, instance: str) -> int:
        """How many orders an instance holds."""
        return self._databases.count(name=self.name(instance))

    def columns(self, instance: str) -> tuple[str, ...]:
        """The columns of the orders in an instance."""
        return self._databases.schema(self.name(instance)).columns["orders"]

    def tasks_use(self) -> set[str]:
        """Which instances the running tasks were led to when they started."""
        return {database.host_of(each.task.database or "").partition(".")[0] for each in self._serving()}

    def _keep(self, name: str) -> None:
        """Keep what is in a database, before it changes."""
        kept = self._kept.setdefault(name, [])
        copy = f"{name}-until-{len(kept)}"
        self._databases.server.copy(name, copy)
        kept.append((self._stage.clock.now(), copy))

    def _serving(self) -> list[ServingTarget]:
        environment, group = self._stage.environment, self._world.foundation.target_group
        return serving_targets(environment.account, environment.region, group)

    def _asked(self) -> LivingTask | None:
        """The task to which the load balancer sends the next order."""
        targets = self._serving()
        return targets[self._next_order % len(targets)].task if targets else None
