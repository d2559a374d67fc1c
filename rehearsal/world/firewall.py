"""The security groups of the service: who reaches the load balancer, and who reaches the tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from moto.ec2.models import ec2_backends

from rehearsal.origin.terraform_files import ADMITTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.emulator import Network
    from rollback.environment import Environment


@dataclass(frozen=True, slots=True)
class Firewall:
    """Two security groups. They are asked of moto itself: a client of EC2 takes 0.3 s to make.

    Attributes:
        account: where they are.
        region: likewise.
        balancer_group: the id of the load balancer's.
        service_group: the id of the service's.
    """

    account: str
    region: str
    balancer_group: str
    service_group: str

    @classmethod
    def lay(cls, environment: Environment, network: Network) -> Self:
        """Create them: the load balancer alone reaches the tasks."""
        ec2 = ec2_backends[environment.account][environment.region]
        ids = [
            ec2.create_security_group(f"{environment.family}-{name}", what, vpc_id=network.vpc).id
            for name, what in (("load-balancer", "The load balancer"), ("service", "The service's tasks"))
        ]
        made = cls(environment.account, environment.region, *ids)
        made.admit([ADMITTED])
        return made

    def admit(self, sources: Sequence[str]) -> None:
        """Have all TCP ports of the tasks be reached from `sources` and from nowhere else.

        Args:
            sources: CIDR blocks, or ``load_balancer`` for its security group.

        Raises:
            ValueError: AWS refuses a source; the message says why.
        """
        ec2: Any = ec2_backends[self.account][self.region]
        port_range = {"ip_protocol": "tcp", "from_port": "0", "to_port": "65535"}
        rules = [
            {**port_range, "ip_ranges": [], "source_groups": [{"GroupId": self.balancer_group}]}
            if source == ADMITTED
            else {**port_range, "ip_ranges": [{"CidrIp": source}]}
            for source in sources
        ]
        ec2.replace_ingress(self.service_group, rules)
