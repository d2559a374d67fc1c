"""The infrastructure on the AWS provider: how Terraform came to know what the team had laid.

Terraform imports what is there, once in a process for each stack. The state that comes of it is put onto every later
stage, with the ids of that stage in it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws.moto_parts import ec2_backends, get_backend
from rehearsal.origin.aws_stack import short_name
from rehearsal.world import database
from rehearsal.world.state_history import BrokenStack, lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_elbv2.type_defs import LoadBalancerAttributeTypeDef, LoadBalancerTypeDef

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.foundation import Foundation

_BALANCER: Final = {
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
"""What every load balancer has until somebody says otherwise (Elastic Load Balancing, LoadBalancerAttribute): moto knows
but some of it, and a provider that found the others missing would set them, for which it takes half a minute."""

_OVERRIDE: Final = """\
terraform {
  backend "local" {}
}

resource "aws_db_instance" "database" {
  lifecycle {
    ignore_changes = all
  }
}

resource "aws_ecs_service" "app" {
  lifecycle {
    ignore_changes = all
  }
}
"""
"""The import changes neither: the provider waits for a database for over a minute, and a change of the service would be
a deployment in its history."""
_UNREADABLE: Final[Mapping[str, Mapping[str, object]]] = {
    "aws_db_instance": {"apply_immediately": False, "password": database.PASSWORD},
    "aws_ecs_service": {"wait_for_steady_state": False},
}
"""What AWS doesn't tell of them, and only who created them knows."""

_LEFT_OUT: Final[tuple[frozenset[str], ...]] = (
    frozenset({"aws_db_instance", "aws_db_subnet_group", "aws_secretsmanager_secret_version"}),
    frozenset({"aws_secretsmanager_secret_version", "aws_cloudwatch_log_group"}),
    frozenset({"aws_cloudwatch_log_group"}),
    frozenset({"aws_lb_listener"}),
    frozenset(),
    frozenset(),
)
"""What each state after the first, which has the network alone, doesn't have yet, or doesn't have any more."""
_NETWORK: Final = frozenset({"aws_vpc", "aws_subnet"})


@dataclass(frozen=True, slots=True)
class _Stack:
    """What a state depends on."""

    programs: tuple[str, ...]
    account: str
    region: str
    directory: str
    files: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Adopted:
    """What Terraform has made of one stage: its state, and the stage's ids in it."""

    state: str
    ids: Mapping[str, str]


_made: dict[_Stack, _Adopted] = {}


class Adoption:
    """What Terraform knows of a stage whose infrastructure is on the AWS provider.

    Args:
        stage: the stage.
        foundation: what was laid on it.
    """

    def __init__(self, stage: EmbeddedStage, foundation: Foundation) -> None:
        self._stage = stage
        self._environment = stage.environment
        self._foundation = foundation

    def history(self, files: Mapping[str, str]) -> tuple[bytes, ...]:
        """The states that came one after the other, oldest first, of which the last is what is true in AWS.

        The database is made, and what the last of them says is made true where it isn't.

        Args:
            files: the texts of the repository's files by path.

        Raises:
            BrokenStack: the service doesn't run yet, or Terraform can't adopt what is there.
        """
        environment = self._environment
        self._lay()
        ids = self._ids()
        stack = _Stack(
            environment.terraform.programs,
            environment.account,
            environment.region,
            environment.terraform_directory,
            frozenset(files.items()),
        )
        if stack not in _made:
            _made[stack] = _Adopted(self._adopt(files, ids), ids)
        known = _made[stack]
        state = json.loads(_translated(known.state, {known.ids[name]: ids[name] for name in ids}))
        self._make_true(state)
        return tuple(_states(state))

    def _lay(self) -> None:
        """What the foundation hasn't."""
        stage, name = self._stage, short_name(self._environment).lower()
        ec2 = ec2_backends[self._environment.account][self._environment.region]
        everywhere = [{"CidrIp": "0.0.0.0/0"}]
        ec2.authorize_security_group_ingress(
            self._foundation.firewall.balancer_group, "tcp", "80", "80", everywhere
        )
        # Asked of moto itself: a client of RDS takes 0.2 s to make.
        rds = get_backend("rds")[self._environment.account][self._environment.region]
        subnets = [ec2.get_subnet(subnet) for subnet in self._foundation.subnets]
        rds.create_subnet_group(name, "Managed by Terraform", subnets, [])
        rds.create_db_instance(
            {
                "db_instance_identifier": name,
                "db_instance_class": "db.t4g.medium",
                "engine": "postgres",
                "allocated_storage": 20,
                "master_username": "app",
                "master_user_password": database.PASSWORD,
                "db_subnet_group_name": name,
            }
        )
        attributes: list[LoadBalancerAttributeTypeDef] = [
            {"Key": key, "Value": value} for key, value in _BALANCER.items()
        ]
        stage.clients.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=self._balancer()["LoadBalancerArn"], Attributes=attributes
        )

    def _balancer(self) -> LoadBalancerTypeDef:
        names = [short_name(self._environment)]
        return self._stage.clients.elbv2.describe_load_balancers(Names=names)["LoadBalancers"][0]

    def _ids(self) -> dict[str, str]:
        """What is called otherwise on each stage, by what it is."""
        clients, foundation, environment = self._stage.clients, self._foundation, self._environment
        services = clients.ecs.describe_services(cluster=environment.cluster, services=[environment.service])
        if not services["services"]:
            raise BrokenStack(
                "The service doesn't run yet, which this infrastructure describes: open the world first."
            )
        ec2 = ec2_backends[environment.account][environment.region]
        vpc = self._stage.network.vpc
        balancer = self._balancer()["LoadBalancerArn"]
        listener = clients.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
        secret = clients.secretsmanager.describe_secret(SecretId=foundation.secret)["VersionIdsToStages"]
        current = next(version for version, stages in secret.items() if "AWSCURRENT" in stages)
        return {
            "vpc": vpc,
            "default security group": next(
                each.id for each in ec2.groups[vpc].values() if each.name == "default"
            ),
            "route table": next(each.id for each in ec2.route_tables.values() if each.vpc_id == vpc),
            "network acl": next(each.id for each in ec2.network_acls.values() if each.vpc_id == vpc),
            **{ec2.get_subnet(subnet).availability_zone: subnet for subnet in foundation.subnets},
            "balancer group": foundation.firewall.balancer_group,
            "service group": foundation.firewall.service_group,
            "balancer": balancer,
            "balancer in metrics": balancer.partition(":loadbalancer/")[2],
            "listener": listener,
            "target group": foundation.target_group,
            "target group in metrics": foundation.target_group.rpartition(":")[2],
            "secret": foundation.secret,
            "version": current,
            "revision": services["services"][0]["taskDefinition"].rpartition("/")[2],
        }

    def _adopt(self, files: Mapping[str, str], ids: Mapping[str, str]) -> str:
        """Have Terraform import what is there; returns its state."""
        with TemporaryDirectory(prefix="rehearsal-adoption-") as name:
            lay_out(files, Path(name))
            root = Path(name) / self._environment.terraform_directory
            (root / "adoption_override.tf").write_text(_OVERRIDE, encoding="utf-8")
            (root / "adoption.tf").write_text(self._imports(ids), encoding="utf-8")
            for command in (("init",), ("apply", "-auto-approve")):
                completed = self._stage.teams_terraform.run(*command, "-input=false", "-no-color", cwd=root)
                if completed.code:
                    raise BrokenStack(f"terraform {command[0]} failed: {completed.error_text}")
            state: dict[str, Any] = json.loads((root / "terraform.tfstate").read_bytes())
        for resource in state["resources"]:
            for instance in resource["instances"]:
                instance["attributes"].update(_UNREADABLE.get(resource["type"], {}))
        return json.dumps(state, indent=2)

    def _imports(self, ids: Mapping[str, str]) -> str:
        environment, name = self._environment, short_name(self._environment).lower()
        zones = {zone: id_ for zone, id_ in ids.items() if zone.startswith(environment.region)}
        found = {
            "aws_vpc.network": ids["vpc"],
            **{f"aws_subnet.subnet[{json.dumps(zone)}]": id_ for zone, id_ in zones.items()},
            "aws_security_group.load_balancer": ids["balancer group"],
            "aws_security_group.service": ids["service group"],
            "aws_lb.app": ids["balancer"],
            "aws_lb_listener.http": ids["listener"],
            "aws_lb_target_group.app": ids["target group"],
            "aws_db_subnet_group.database": name,
            "aws_db_instance.database": name,
            "aws_secretsmanager_secret.database_url": ids["secret"],
            "aws_secretsmanager_secret_version.database_url": f"{ids['secret']}|{ids['version']}",
            "aws_cloudwatch_log_group.app": self._foundation.log_group,
            "aws_ecs_cluster.app": environment.cluster,
            "aws_ecs_service.app": f"{environment.cluster}/{environment.service}",
        }
        return "".join(f"import {{\n  to = {to}\n  id = {json.dumps(id_)}\n}}\n" for to, id_ in found.items())

    def _make_true(self, state: Mapping[str, Any]) -> None:
        """What the applies have set that the foundation hasn't."""
        logs = _attributes(state, "aws_cloudwatch_log_group")
        self._stage.clients.logs.put_retention_policy(
            logGroupName=logs["name"], retentionInDays=logs["retention_in_days"]
        )
        group = _attributes(state, "aws_lb_target_group")
        self._stage.clients.elbv2.modify_target_group_attributes(
            TargetGroupArn=group["arn"],
            Attributes=[{"Key": "slow_start.duration_seconds", "Value": str(group["slow_start"])}],
        )


def _attributes(state: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """Of the one resource of that type."""
    found: dict[str, Any] = next(
        resource["instances"][0]["attributes"] for resource in state["resources"] if resource["type"] == type_
    )
    return found


def _translated(text: str, words: Mapping[str, str]) -> str:
    """`text` with other words, of which the longest counts where one is part of another."""
    longest = sorted(words, key=len, reverse=True)
    whole = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest))})(?![0-9A-Za-z])")
    return whole.sub(lambda found: words[found[0]], text)


def _states(state: dict[str, Any]) -> list[bytes]:
    """The states that led to `state`, oldest first."""
    every = state["resources"]
    kept = [[each for each in every if each["type"] in _NETWORK]]
    kept += [[each for each in every if each["type"] not in missing] for missing in _LEFT_OUT]
    return [
        json.dumps({**state, "serial": serial, "resources": resources}, indent=2).encode() + b"\n"
        for serial, resources in enumerate(kept, start=1)
    ]
