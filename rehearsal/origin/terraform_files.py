"""The infrastructure of the rehearsed repository, in Terraform's language.

It is made of Terraform's built-in ``terraform_data``, so that nothing is downloaded. What such a resource sets in AWS
is set by a provisioner: it runs ``put.py``, which hands the settings to the stage (`rehearsal.world.provider`), that
does what the AWS provider would do. Where the stage listens is in an environment variable; the files name none of it.

The layout, for ``terraform_directory = "infrastructure/terraform/environments/prod"``::

    infrastructure/terraform/modules/alarms/main.tf
    infrastructure/terraform/modules/setting/put.py
    infrastructure/terraform/environments/prod/versions.tf      the backend, and which Terraform is needed
    infrastructure/terraform/environments/prod/variables.tf
    infrastructure/terraform/environments/prod/main.tf
    infrastructure/terraform/environments/prod/settings.auto.tfvars.json
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from posixpath import relpath
from typing import TYPE_CHECKING, Final

from rehearsal.origin import aws_stack
from rehearsal.origin.provider_lock import LOCK_FILE, lock_text
from rehearsal.origin.terraform_words import filled, words_of
from rehearsal.world import database

if TYPE_CHECKING:
    from rehearsal.blueprint import Blueprint
    from rollback.environment import Environment

SETTINGS_FILE: Final = "settings.auto.tfvars.json"
ADMITTED: Final = "load_balancer"
"""What ``service_ingress`` calls the load balancer's security group; anything else in it is a CIDR block."""

_VERSIONS: Final = """\
terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = @BUCKET@
    key          = @KEY@
    region       = @REGION@
    use_lockfile = true@TABLE@
  }
}
"""
_TABLE: Final = "\n\n    dynamodb_table = {table}"
_VARIABLES: Final = """\
variable "database_host" {
  description = "Where the application finds its database."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9.-]+$", var.database_host))
    error_message = "The database_host must be a host name."
  }
}

variable "database_password" {
  description = "With what the application opens it."
  type        = string
  default     = @PASSWORD@
  sensitive   = true
}

variable "health_check_path" {
  description = "Where the load balancer asks each task for its health."
  type        = string

  validation {
    condition     = can(regex("^/[!-~]*$", var.health_check_path))
    error_message = "The health_check_path must begin with a slash."
  }
}

variable "service_ingress" {
  description = "Who reaches the service's tasks: load_balancer, or CIDR blocks."
  type        = list(string)
  default     = ["load_balancer"]
}

variable "task_definition" {
  description = "The revision that the service runs, as family:revision; empty leaves that to the deployments."
  type        = string
  default     = ""
}

variable "log_retention_days" {
  description = "For how long logs are kept, if not as long as everywhere."
  type        = number
  default     = null
}
"""
_DEFAULT_VARIABLES: Final = """
variable "alarms" {
  description = "What the people on call are told of."
  type        = set(string)
  default     = ["server_errors", "unhealthy_targets"]
}

variable "made_up" {
  description = "A password that was made up at the first apply, and is kept by the state alone."
  type        = string
  default     = ""
}

variable "bastion" {
  description = "Whether there is a way in for people."
  type        = bool
  default     = false
}
"""
_MAIN: Final = """\
locals {
  family             = @FAMILY@
  port               = @PORT@
  zones              = ["a", "b"]
  log_retention_days = 14
  put                = "${path.module}/@MODULES@/setting/put.py"
  python             = ["python3", "-I", "-S"]
}

resource "terraform_data" "network" {
  input = {
    name       = local.family
    cidr_block = "10.0.0.0/16"
  }
}

resource "terraform_data" "subnet" {
  for_each = toset(local.zones)

  input = {
    network           = terraform_data.network.id
    availability_zone = "@REGION@${each.key}"
    cidr_block        = cidrsubnet(terraform_data.network.input.cidr_block, 8, index(local.zones, each.key))
  }
}

resource "terraform_data" "load_balancer_security_group" {
  input = {
    network = terraform_data.network.id
    ingress = ["0.0.0.0/0"]
  }
}

resource "terraform_data" "service_security_group" {
  triggers_replace = { ingress = var.service_ingress }
  input = {
    network       = terraform_data.network.id
    load_balancer = terraform_data.load_balancer_security_group.id
  }

  provisioner "local-exec" {
    interpreter = local.python
    command     = local.put
    environment = { SETTING = jsonencode({ type = "security_group", values = self.triggers_replace }) }
  }
}

resource "terraform_data" "target_group" {
  triggers_replace = {
    port              = local.port
    target_type       = "ip"
    health_check_path = var.health_check_path
  }
  input = { name = local.family }

  provisioner "local-exec" {
    interpreter = local.python
    command     = local.put
    environment = { SETTING = jsonencode({ type = "target_group", values = self.triggers_replace }) }
  }
}

resource "terraform_data" "database" {
  triggers_replace = { identifier = local.family }
  input = {
    engine  = "postgres"
    subnets = [for subnet in terraform_data.subnet : subnet.id]
    made_up = var.made_up
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [input]
  }
}

resource "terraform_data" "database_url" {
  triggers_replace = "postgresql://app:${var.database_password}@${var.database_host}:5432/app"
  input            = terraform_data.database.id

  provisioner "local-exec" {
    interpreter = local.python
    command     = local.put
    environment = { SETTING = jsonencode({ type = "database_url", values = { host = var.database_host } }) }
  }
}

resource "terraform_data" "log_group" {
  triggers_replace = {
    name              = "/ecs/${local.family}"
    retention_in_days = coalesce(var.log_retention_days, local.log_retention_days)
  }

  provisioner "local-exec" {
    interpreter = local.python
    command     = local.put
    environment = { SETTING = jsonencode({ type = "log_group", values = self.triggers_replace }) }
  }
}

resource "terraform_data" "record" {
  input = {
    name         = @HOST@
    target_group = terraform_data.target_group.id
  }
}

resource "terraform_data" "service" {
  triggers_replace = { task_definition = var.task_definition }
  input = {
    cluster         = @CLUSTER@
    name            = @SERVICE@
    desired_count   = @COUNT@
    task_definition = var.task_definition
    security_groups = [terraform_data.service_security_group.id]
  }

  provisioner "local-exec" {
    interpreter = local.python
    command     = local.put
    environment = { SETTING = jsonencode({ type = "service", values = self.triggers_replace }) }
  }
}

resource "terraform_data" "bastion" {
  count = var.bastion ? 1 : 0
  input = { subnet = terraform_data.subnet["a"].id }
}

module "alarms" {
  source  = "@MODULES@/alarms"
  names   = var.alarms
  service = terraform_data.service.id
}
"""
_ALARMS: Final = """\
variable "names" {
  type = set(string)
}

variable "service" {
  type = string
}

resource "terraform_data" "alarm" {
  for_each = var.names

  input = {
    name    = each.key
    service = var.service
  }
}
"""
_PUT: Final = '''\
"""Has one setting made true in AWS: the one that the environment variable SETTING holds, as JSON."""

import os
import socket
import sys
from urllib.parse import urlsplit


def main():
    url = os.environ.get("REHEARSAL_PROVIDER_URL", "")
    if not url:
        return "REHEARSAL_PROVIDER_URL says nowhere who sets it."
    where, setting = urlsplit(url), os.environ["SETTING"].encode()
    head = f"POST {where.path} HTTP/1.0\\r\\nHost: {where.netloc}\\r\\nContent-Length: {len(setting)}\\r\\n\\r\\n"
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(head.encode() + setting)
        with connection.makefile("rb") as answer:
            head, _, said = answer.read().partition(b"\\r\\n\\r\\n")
    return None if head.split()[1:2] == [b"200"] else said.decode(errors="replace")


sys.exit(main())
'''


def terraform_files(environment: Environment, blueprint: Blueprint) -> dict[str, str]:
    """The root module of `environment`, what it is set to, and the modules that it uses, by path."""
    directory = environment.terraform_directory
    modules = _modules(directory)
    words = words_of(environment, blueprint)
    table = environment.terraform.lock_table
    raw = {
        "TABLE": _TABLE.format(table=json.dumps(table)) if table else "",
        "MODULES": relpath(modules, directory),
    }
    settings = {
        "database_host": database.HOST,
        "health_check_path": blueprint.health_path,
        "service_ingress": [ADMITTED],
    }
    if blueprint.aws_provider:
        texts = {
            "versions.tf": aws_stack.VERSIONS,
            "variables.tf": _VARIABLES,
            "main.tf": aws_stack.MAIN,
            LOCK_FILE: lock_text(environment, aws_stack.REQUIRED),
        }
        shared: dict[str, str] = {}
    else:
        main = _MAIN.replace('"@REGION@$', f'"{environment.region}$')
        texts = {
            "versions.tf": _VERSIONS,
            "variables.tf": _VARIABLES + _DEFAULT_VARIABLES,
            "main.tf": main,
        }
        shared = {f"{modules}/alarms/main.tf": _ALARMS, f"{modules}/setting/put.py": _PUT}
    return {
        **{f"{directory}/{name}": filled(text, words, raw) for name, text in texts.items()},
        f"{directory}/{SETTINGS_FILE}": json.dumps(settings, indent=2) + "\n",
        **shared,
    }


def top(environment: Environment) -> str:
    """The topmost directory of the infrastructure, with a slash: all that the root module needs is below it."""
    return environment.terraform_directory.partition("/")[0] + "/"


def _modules(directory: str) -> str:
    """Where the modules are: beside the directory of the environments, or below a root module that has none."""
    path = PurePosixPath(directory)
    depth = 3
    return str(path.parent.parent / "modules") if len(path.parts) >= depth else str(path / "modules")
