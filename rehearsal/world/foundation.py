"""What the service stands on: everything the team created in AWS before its first deployment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.origin.aws_stack import short_name
from rehearsal.world import database
from rehearsal.world.firewall import Firewall

if TYPE_CHECKING:
    from rehearsal.blueprint import Blueprint
    from rehearsal.emulator import Network
    from rehearsal.world.clients import Clients
    from rollback.environment import Environment

_TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@dataclass(frozen=True, slots=True)
class Foundation:
    """The names and ARNs of what is there.

    Attributes:
        execution_role: the ARN of the role with which ECS pulls images and reads secrets.
        task_role: the ARN of the role of the application itself.
        log_group: the name of its log group.
        secret: the ARN of its one secret, which says where its database is.
        repository_uri: where its images are, without a tag.
        load_balancer: the DNS name of its load balancer.
        target_group: the ARN of its target group.
        subnets: the ids of the subnets its tasks run in.
        firewall: its security groups.
    """

    execution_role: str
    task_role: str
    log_group: str
    secret: str
    repository_uri: str
    load_balancer: str
    target_group: str
    subnets: tuple[str, ...]
    firewall: Firewall


def lay(clients: Clients, environment: Environment, blueprint: Blueprint, network: Network) -> Foundation:
    """Create it all, in eleven calls: two roles, a log group, a secret, a repository, a load balancer, a cluster."""
    family = environment.family
    roles = [
        clients.iam.create_role(RoleName=f"{family}-{role}", AssumeRolePolicyDocument=_TRUST)["Role"]["Arn"]
        for role in ("execution", "task")
    ]
    log_group = f"/ecs/{family}"
    clients.logs.create_log_group(logGroupName=log_group)
    secret = clients.secretsmanager.create_secret(Name=f"{family}/database-url", SecretString=database.url())
    repository = clients.ecr.create_repository(repositoryName=blueprint.repository)["repository"]
    clients.ecs.create_cluster(clusterName=environment.cluster)
    firewall = Firewall.lay(environment, network)
    load_balancer, target_group = _balance(clients, environment, blueprint, network, firewall.balancer_group)
    return Foundation(
        execution_role=roles[0],
        task_role=roles[1],
        log_group=log_group,
        secret=secret["ARN"],
        repository_uri=repository["repositoryUri"],
        load_balancer=load_balancer,
        target_group=target_group,
        subnets=network.subnets,
        firewall=firewall,
    )


def _balance(
    clients: Clients, environment: Environment, blueprint: Blueprint, network: Network, security_group: str
) -> tuple[str, str]:
    """A load balancer's DNS name, and the ARN of the target group that it sends requests to."""
    name = short_name(environment)
    elbv2 = clients.elbv2
    balancer = elbv2.create_load_balancer(
        Name=name, Subnets=list(network.subnets), SecurityGroups=[security_group]
    )["LoadBalancers"][0]
    group = elbv2.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=blueprint.port,
        VpcId=network.vpc,
        TargetType="ip",
        HealthCheckPath=blueprint.health_path,
        HealthCheckIntervalSeconds=blueprint.health_check_interval_seconds,
        HealthyThresholdCount=blueprint.healthy_threshold,
        UnhealthyThresholdCount=blueprint.unhealthy_threshold,
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.modify_target_group_attributes(
        TargetGroupArn=group,
        Attributes=[
            {
                "Key": "deregistration_delay.timeout_seconds",
                "Value": str(blueprint.deregistration_delay_seconds),
            }
        ],
    )
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    return balancer["DNSName"], group
