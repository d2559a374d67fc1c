"""Security groups: whether the load balancer reaches its targets, and what happens when a rule changes.

Source: Amazon VPC user guide, "Control traffic to your AWS resources using security groups": what no rule admits is
dropped, so that whoever asks waits in vain; the rules of all groups count together; a change is in force at once.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from moto.ec2 import urls
from moto.ec2.exceptions import EC2ClientError

from rehearsal.aws import timeline
from rehearsal.aws.moto_parts import Ec2Backend, ec2_backends, elbv2_backends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.aws.moto_parts import TargetGroup


class LivingEc2Backend(Ec2Backend):  # type: ignore[misc]
    """moto's EC2, whose security groups count for the load balancers of the same account and region."""

    @property
    def _url_module(self) -> Any:
        return urls

    def authorize_security_group_ingress(self, *args: Any, **kwargs: Any) -> Any:
        """Add rules to a group."""
        with timeline.current().clock.lock:
            added = super().authorize_security_group_ingress(*args, **kwargs)
            self._tell()
            return added

    def revoke_security_group_ingress(self, *args: Any, **kwargs: Any) -> None:
        """Remove rules from a group."""
        with timeline.current().clock.lock:
            super().revoke_security_group_ingress(*args, **kwargs)
            self._tell()

    def replace_ingress(self, group: str, rules: Sequence[dict[str, Any]]) -> None:
        """Have a group admit what `rules` say and nothing else, as the provider of Terraform does by several calls.

        Args:
            group: its id.
            rules: the ports and sources, as the arguments of `authorize_security_group_ingress`.

        Raises:
            ValueError: a rule is none; the message says why, in the words of AWS. Nothing has changed then.
        """
        with timeline.current().clock.lock:
            kept = self.get_security_group_from_id(group)
            before, kept.ingress_rules = kept.ingress_rules, []
            try:
                for rule in rules:
                    super().authorize_security_group_ingress(group, **rule)
            except EC2ClientError as error:
                kept.ingress_rules = before
                raise ValueError(error.message) from None
            self._tell()

    def _tell(self) -> None:
        elbv2_backends[self.account_id][self.region_name].look_again()


def admits(account: str, region: str, groups: Sequence[str], port: int, target_group: TargetGroup) -> bool:
    """Whether the load balancers of a target group reach `port` of a target in the security groups `groups`.

    A target in no group is reached.
    """
    if not groups:
        return True
    ec2 = ec2_backends[account][region]
    balancers = elbv2_backends[account][region].load_balancers
    for arn in target_group.load_balancer_arns:
        balancer = balancers[arn]
        blocks = [ipaddress.ip_network(subnet.cidr_block) for subnet in balancer.subnets]
        rules = [
            rule
            for group in groups
            for rule in getattr(ec2.get_security_group_from_id(group), "ingress_rules", ())
        ]
        if any(_admits(rule, port, balancer.security_groups or (), blocks) for rule in rules):
            return True
    return not target_group.load_balancer_arns


def _admits(rule: Any, port: int, groups: Sequence[str], blocks: Sequence[Any]) -> bool:
    if rule.ip_protocol not in {"tcp", "-1"}:
        return False
    if rule.ip_protocol == "tcp" and not rule.from_port <= port <= rule.to_port:
        return False
    if (rule.source_group or {}).get("GroupId") in groups:
        return True
    cidr: str = (rule.ip_range or {}).get("CidrIp", "")
    return bool(cidr) and all(block.subnet_of(ipaddress.ip_network(cidr)) for block in blocks)
