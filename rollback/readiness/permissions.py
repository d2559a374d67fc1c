"""Whether these credentials may also change what a rollback changes, as IAM itself reckons it.

AWS Identity and Access Management API reference, SimulatePrincipalPolicy: policies of the caller are evaluated, and
nothing is done. Policies of resources, of the organisation and of the session aren't part of it, so that ``allowed`` is a
hint and no proof. Who looks is often somebody else than who rolls back, as in CI: what they may not do is no refusal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rollback.errors import AwsError
from rollback.plan import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollback.access import Access
    from rollback.plan import Finding
    from rollback.readiness.probes import Looking

WRITES: Final = (
    "ecs:UpdateService",
    "ecs:StopServiceDeployment",
    "ecs:RegisterTaskDefinition",
    "iam:PassRole",
    "s3:PutObject",
    "acm:RequestCertificate",
    "route53:ChangeResourceRecordSets",
    "elasticloadbalancing:ModifyListener",
    "rds:RestoreDBInstanceToPointInTime",
    "secretsmanager:PutSecretValue",
)
"""What the ways back change, as IAM calls it."""
_ASSUMED: Final = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")
_REMEDY: Final = "Make sure that whoever rolls back may: docs/iam has the policies."


def look(world: Looking) -> Iterator[Finding]:
    """What IAM says, or that it doesn't say. That the reads are allowed shows in the other lines."""
    access = world.access
    try:
        source = _principal(access, world.identity.arn)
        with access.aws.tried_once():
            denied = _denied(access, source)
    except AwsError as error:
        yield warning(
            "permissions",
            f"Whether these credentials may change anything isn't known: {error.sentence}",
            _REMEDY,
        )
        return
    if denied:
        yield warning("permissions", f"{world.identity.arn} may not: {', '.join(denied)}.", _REMEDY)
    else:
        yield ok("permissions", f"{world.identity.arn} may do all that the ways back change.")


def _principal(access: Access, arn: str) -> str:
    """The ARN that IAM takes: of a session, its role's, whose path only IAM knows."""
    found = _ASSUMED.fullmatch(arn)
    if found is None:
        return arn
    return access.aws.iam.get_role(RoleName=found[3])["Role"]["Arn"]


def _denied(access: Access, source: str) -> list[str]:
    pages = access.aws.iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=source, ActionNames=list(WRITES)
    )
    return [
        each["EvalActionName"]
        for page in pages
        for each in page["EvaluationResults"]
        if each["EvalDecision"] != "allowed"
    ]
