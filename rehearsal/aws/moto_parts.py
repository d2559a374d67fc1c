"""The parts of moto that the stage extends, without moto's annotations.

moto is annotated for its own use: a `Deployment` is a dict there, an exit code never None, and the ways in
which its classes are extended are errors to mypy. So they are Any here, in one place, and the stage's own
code is checked strictly.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from moto import backends
from moto.core import responses as core
from moto.core import serialize
from moto.ec2 import models as ec2
from moto.ecr import models as ecr
from moto.ecs import exceptions, responses
from moto.ecs import models as ecs
from moto.elbv2 import models as elbv2
from moto.s3 import exceptions as s3_exceptions
from moto.s3 import responses as s3

Cluster: TypeAlias = Any
Image: TypeAlias = Any
TargetGroup: TypeAlias = Any
TaskDefinition: TypeAlias = Any
"""These are moto's classes of the same names (``FakeTargetGroup`` for the target group)."""

ActionResult: Any = core.ActionResult
JsonSerializer: Any = serialize.JSONSerializer

EcsBackend: Any = ecs.EC2ContainerServiceBackend
EcsResponse: Any = responses.EC2ContainerServiceResponse
EcsError: Any = exceptions.ECSException
InvalidParameter: Any = exceptions.InvalidParameterException
Service: Any = ecs.Service
Task: Any = ecs.Task
Container: Any = ecs.Container
ecs_backends: Any = ecs.ecs_backends

Elbv2Backend: Any = elbv2.ELBv2Backend
elbv2_backends: Any = elbv2.elbv2_backends

EcrBackend: Any = ecr.ECRBackend
ecr_backends: Any = ecr.ecr_backends

Ec2Backend: Any = ec2.EC2Backend
ec2_backends: Any = ec2.ec2_backends

S3Response: Any = s3.S3Response
AccessDenied: Any = s3_exceptions.S3AccessDeniedError
MissingBucket: Any = s3_exceptions.MissingBucket

get_backend: Any = backends.get_backend
"""Imports a service's models, which can take a second, only when it is asked for them."""
