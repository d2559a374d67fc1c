"""The lines of a plan, done by somebody else's hands, have the certificate serve as well."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from rollback.certificates import plan

if TYPE_CHECKING:
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rollback.access import Access
    from rollback.environment import Environment


def option(line: str, name: str) -> str:
    words = shlex.split(line)
    return words[words.index(name) + 1]


def test_the_lines_repair_the_certificate(
    environment: Environment, access: Access, house: CertificateHouse, stage: EmbeddedStage
) -> None:
    house.take_record()
    new = house.request()
    record, wait, attach, look = plan(environment, access, certificate=new).commands
    stage.clients.route53.change_resource_record_sets(
        HostedZoneId=option(record, "--hosted-zone-id"),
        ChangeBatch=json.loads(option(record, "--change-batch")),
    )
    assert option(wait, "--certificate-arn") == new
    stage.clock.sleep(120)
    stage.clients.elbv2.modify_listener(
        ListenerArn=option(attach, "--listener-arn"),
        Certificates=[{"CertificateArn": option(attach, "--certificates").removeprefix("CertificateArn=")}],
    )
    stage.clock.sleep(5)
    assert house.served == new
    assert f"-servername {stage.hostname}" in look
    assert plan(environment, access, certificate=new).done
