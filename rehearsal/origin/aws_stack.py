"""The infrastructure of the rehearsed repository on the AWS provider, for machines where that can be had.

It describes what the team laid by its API calls (`rehearsal.world.foundation`), and a database besides. So Terraform
adopts what is there (`rehearsal.world.adoption`) instead of making it anew. `rehearsal.origin.terraform_files` fills the
texts in, as it does those of the default stack. Nothing of the stage stands in them: where AWS answers is said by
environment variables alone.

The service runs the newest revision of its task definition, as many a real configuration has it. So after an emergency
rollback to an earlier revision the next apply would bring the bad one back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rollback.environment import Environment

_PROVIDERS: Final = """\
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
"""
REQUIRED: Final = f"terraform {{\n{_PROVIDERS}}}\n"
"""What its dependency lock file is made for."""

VERSIONS: Final = (
    """\
terraform {
  required_version = ">= 1.10"

"""
    + _PROVIDERS
    + """
  backend "s3" {
    bucket       = @BUCKET@
    key          = @KEY@
    region       = @REGION@
    use_lockfile = true@TABLE@
  }
}

provider "aws" {
  region = @REGION@
}
"""
)

MAIN: Final = """\
locals {
  family             = @FAMILY@
  port               = @PORT@
  zones              = { for index, name in data.aws_availability_zones.here.names : name => index }
  log_retention_days = 14
  newest             = "${local.family}:${data.aws_ecs_task_definition.newest.revision}"
}

data "aws_availability_zones" "here" {
  state = "available"
}

data "aws_ecs_task_definition" "newest" {
  task_definition = local.family
}

resource "aws_vpc" "network" {
  cidr_block = "172.31.0.0/16"
}

resource "aws_subnet" "subnet" {
  for_each = local.zones

  vpc_id                  = aws_vpc.network.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(aws_vpc.network.cidr_block, 4, each.value)
  map_public_ip_on_launch = true
}

resource "aws_security_group" "load_balancer" {
  name        = "${local.family}-load-balancer"
  description = "The load balancer"
  vpc_id      = aws_vpc.network.id

  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "service" {
  name        = "${local.family}-service"
  description = "The service's tasks"
  vpc_id      = aws_vpc.network.id

  dynamic "ingress" {
    for_each = var.service_ingress

    content {
      from_port       = 0
      to_port         = 65535
      protocol        = "tcp"
      cidr_blocks     = ingress.value == "load_balancer" ? [] : [ingress.value]
      security_groups = ingress.value == "load_balancer" ? [aws_security_group.load_balancer.id] : []
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "app" {
  name               = @NAME@
  load_balancer_type = "application"
  security_groups    = [aws_security_group.load_balancer.id]
  subnets            = [for subnet in aws_subnet.subnet : subnet.id]
}

resource "aws_lb_target_group" "app" {
  name                 = @NAME@
  port                 = local.port
  protocol             = "HTTP"
  vpc_id               = aws_vpc.network.id
  target_type       = "ip"
  deregistration_delay = @DRAINING@

  health_check {
    path                = var.health_check_path
    interval            = @INTERVAL@
    healthy_threshold   = @HEALTHY@
    unhealthy_threshold = @UNHEALTHY@
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.app.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_db_subnet_group" "database" {
  name       = lower(@NAME@)
  subnet_ids = [for subnet in aws_subnet.subnet : subnet.id]
}

resource "aws_db_instance" "database" {
  identifier           = lower(@NAME@)
  engine               = "postgres"
  instance_class       = "db.t4g.medium"
  allocated_storage    = 20
  username             = "app"
  password             = var.database_password
  db_subnet_group_name = aws_db_subnet_group.database.name
  skip_final_snapshot  = true

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_secretsmanager_secret" "database_url" {
  name = "${local.family}/database-url"
}

resource "aws_secretsmanager_secret_version" "database_url" {
  secret_id     = aws_secretsmanager_secret.database_url.id
  secret_string = "postgresql://app:${var.database_password}@${var.database_host}:5432/app"
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/${local.family}"
  retention_in_days = coalesce(var.log_retention_days, local.log_retention_days)
}

resource "aws_ecs_cluster" "app" {
  name = @CLUSTER@
}

resource "aws_ecs_service" "app" {
  name                               = @SERVICE@
  cluster                            = aws_ecs_cluster.app.id
  task_definition                    = coalesce(var.task_definition, local.newest)
  desired_count                      = @COUNT@
  launch_type                        = "FARGATE"
  health_check_grace_period_seconds  = @GRACE@
  deployment_minimum_healthy_percent = @MINIMUM@
  deployment_maximum_percent         = @MAXIMUM@

  deployment_circuit_breaker {
    enable   = @BREAKER@
    rollback = @BREAKER_ROLLBACK@
  }

  network_configuration {
    subnets         = [for subnet in aws_subnet.subnet : subnet.id]
    security_groups = [aws_security_group.service.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = @CONTAINER@
    container_port   = local.port
  }
}
"""


def short_name(environment: Environment) -> str:
    """What its load balancer, target group and database are called.

    Elastic Load Balancing allows 32 letters, digits and hyphens.
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", environment.family)[:32].strip("-")
