"""A task's life, what it needs to start, and what is told of it."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from rehearsal.aws import ecr
from rehearsal.aws.pace import Pace
from rehearsal.world.version import AppVersion, Behaviour
from tests.stage.aws.cloud import (
    CRASHING,
    GOOD,
    MISSING,
    NEXT,
    UNHEALTHY,
    Clients,
    Cloud,
    image,
    living_tasks,
    revision_of,
)

LIFE = [
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
]


def test_a_task_goes_through_all_its_states_in_order(cloud: Cloud) -> None:
    cloud.start(desired=1)
    cloud.until(lambda: bool(cloud.tasks()), step=0.1)
    arn = cloud.tasks()[0]["taskArn"]
    seen: list[str] = []
    times: dict[str, object] = {}
    for moment in range(320):
        if moment == 160:
            cloud.update(desiredCount=0)
        task = cloud.aws.ecs.describe_tasks(cluster="cluster", tasks=[arn])["tasks"][0]
        if task["lastStatus"] not in seen:
            seen.append(task["lastStatus"])
        times = {name: task[name] for name in task if name.endswith("At")}
        cloud.clock.sleep(0.5)
    assert seen == LIFE
    order = [
        "createdAt",
        "pullStartedAt",
        "pullStoppedAt",
        "startedAt",
        "stoppingAt",
        "executionStoppedAt",
        "stoppedAt",
    ]
    assert [times[name] for name in order] == sorted(times[name] for name in order)  # type: ignore[type-var]


def test_a_running_task_tells_where_it_comes_from_and_what_it_runs(cloud: Cloud) -> None:
    cloud.create()
    service = cloud.describe()
    task, other = cloud.tasks()
    digest = cloud.aws.ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "v40"}])[
        "imageDetails"
    ][0]
    assert task["startedBy"] == service["deployments"][0]["id"]
    assert (task["group"], task["launchType"], task["desiredStatus"]) == ("service:app", "FARGATE", "RUNNING")
    (container,) = task["containers"]
    assert (container["lastStatus"], container["image"]) == ("RUNNING", image("v40"))
    assert container["imageDigest"] == digest["imageDigest"]
    assert container["taskArn"] == task["taskArn"]
    assert "exitCode" not in container
    assert "stoppedReason" not in task
    ip = container["networkInterfaces"][0]["privateIpv4Address"]
    assert ip != other["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
    details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
    assert details["privateIPv4Address"] == ip
    subnet = cloud.aws.ec2.describe_subnets(SubnetIds=[details["subnetId"]])["Subnets"][0]
    assert ipaddress.ip_address(ip) in ipaddress.ip_network(subnet["CidrBlock"])
    eni = cloud.aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])
    assert eni["NetworkInterfaces"][0]["PrivateIpAddress"] == ip


def test_tasks_are_listed_by_service_family_deployment_and_desired_status(cloud: Cloud) -> None:
    cloud.create()
    arns = {task["taskArn"] for task in cloud.tasks()}
    listed = cloud.aws.ecs.list_tasks
    for filters in (
        {"serviceName": "app"},
        {"family": "app"},
        {"startedBy": cloud.primary.id},
        {"launchType": "FARGATE"},
        {"desiredStatus": "RUNNING"},
    ):
        assert set(listed(cluster="cluster", **filters)["taskArns"]) == arns, filters
    for filters in (
        {"family": "ap"},
        {"startedBy": "me"},
        {"launchType": "EC2"},
        {"desiredStatus": "STOPPED"},
    ):
        assert listed(cluster="cluster", **filters)["taskArns"] == [], filters
    with pytest.raises(cloud.aws.ecs.exceptions.ServiceNotFoundException):
        listed(cluster="cluster", serviceName="nothing")


def test_listing_tasks_comes_in_pages(cloud: Cloud) -> None:
    cloud.create(desired=5)
    pages = list(
        cloud.aws.ecs.get_paginator("list_tasks").paginate(
            cluster="cluster", PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["taskArns"]) for page in pages] == [2, 2, 1]
    assert len({arn for page in pages for arn in page["taskArns"]}) == 5


def test_a_stopped_task_is_shown_for_an_hour_and_its_interface_is_given_back(cloud: Cloud) -> None:
    cloud.create()
    interfaces = len(cloud.aws.ec2.describe_network_interfaces()["NetworkInterfaces"])
    cloud.update(desiredCount=0)
    cloud.until(lambda: not cloud.states())
    cloud.clock.sleep(60)
    assert len(cloud.aws.ec2.describe_network_interfaces()["NetworkInterfaces"]) == interfaces - 2
    cloud.clock.sleep(3400)
    assert len(cloud.tasks("STOPPED")) == 2
    cloud.clock.sleep(300)
    assert cloud.tasks("STOPPED") == []


def test_what_is_not_there_is_reported_missing(cloud: Cloud) -> None:
    answer = cloud.aws.ecs.describe_tasks(cluster="cluster", tasks=["0" * 32])
    assert answer["failures"][0]["reason"] == "MISSING"
    with pytest.raises(
        cloud.aws.ecs.exceptions.InvalidParameterException, match="referenced task was not found"
    ):
        cloud.aws.ecs.stop_task(cluster="cluster", task="0" * 32)


def stopped(cloud: Cloud, revision: int) -> dict[str, Any]:
    """The first task of `revision` that stops, once it has."""
    cloud.start(revision)

    def found() -> list[dict[str, Any]]:
        return [task for task in cloud.tasks("STOPPED") if task["lastStatus"] == "STOPPED"]

    cloud.until(lambda: bool(found()))
    return found()[0]


def test_a_missing_image_can_not_be_pulled(cloud: Cloud) -> None:
    task = stopped(cloud, MISSING)
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s)"
    )
    assert task["stoppedReason"].endswith(f"{image('v46')}: not found")
    assert "startedAt" not in task


def test_a_crash_exits_with_1(cloud: Cloud) -> None:
    task = stopped(cloud, CRASHING)
    assert (task["stopCode"], task["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert task["containers"][0]["exitCode"] == 1
    assert "startedAt" in task


def test_an_unhealthy_task_is_stopped_by_the_scheduler(cloud: Cloud) -> None:
    task = stopped(cloud, UNHEALTHY)
    assert (task["stopCode"], task["stoppedReason"]) == (
        "ServiceSchedulerInitiated",
        f"Task failed ELB health checks in (target-group {cloud.target_group})",
    )
    reason = "Health checks failed with these codes: [503]"
    assert any(
        f"(port 8080) is unhealthy in (target-group {cloud.target_group}) due to (reason {reason})." in event
        for event in cloud.events()
    )


def test_a_missing_secret_stops_the_task(cloud: Cloud) -> None:
    secret = cloud.aws.secretsmanager.create_secret(Name="password", SecretString='{"key": "x"}')["ARN"]
    good = revision_of(cloud.register("v41", secrets=[{"name": "PASSWORD", "valueFrom": secret}]))
    keyed = revision_of(cloud.register("v41", secrets=[{"name": "PASSWORD", "valueFrom": f"{secret}:key::"}]))
    cloud.create(good)
    cloud.update(keyed)
    cloud.until(lambda: cloud.primary.rollout_state == "COMPLETED")
    cloud.aws.secretsmanager.delete_secret(SecretId=secret)
    cloud.update(good)
    cloud.until(lambda: cloud.primary.failed_tasks > 0)
    reasons = {
        task["stoppedReason"] for task in cloud.tasks("STOPPED") if task["stopCode"] == "TaskFailedToStart"
    }
    (reason,) = reasons
    assert reason.startswith("ResourceInitializationError: unable to pull secrets or registry auth")
    assert secret in reason
    assert reason.endswith("Secrets Manager can't find the specified secret.")


def test_a_task_reads_its_environment_and_its_secrets_when_it_starts(cloud: Cloud) -> None:
    secret = cloud.aws.secretsmanager.create_secret(Name="password", SecretString='{"key": "w"}')["ARN"]
    cloud.aws.secretsmanager.put_secret_value(SecretId=secret, SecretString='{"key": "x"}')
    cloud.aws.ssm.put_parameter(Name="/app/flags", Value="on", Type="String")
    cloud.create(
        revision_of(
            cloud.register(
                "v41",
                environment=[{"name": "PLAIN", "value": "p"}],
                secrets=[
                    {"name": "WHOLE", "valueFrom": secret},
                    {"name": "PART", "valueFrom": f"{secret}:key:AWSCURRENT:"},
                    {"name": "BEFORE", "valueFrom": f"{secret}:key:AWSPREVIOUS:"},
                    {"name": "FLAGS", "valueFrom": "/app/flags"},
                ],
            )
        )
    )
    cloud.aws.secretsmanager.put_secret_value(SecretId=secret, SecretString='{"key": "y"}')
    cloud.clock.sleep(600)
    expected = {"PLAIN": "p", "WHOLE": '{"key": "x"}', "PART": "x", "BEFORE": "w", "FLAGS": "on"}
    assert [task.variables for task in living_tasks()] == [expected, expected]
    cloud.update(forceNewDeployment=True)
    cloud.until(lambda: cloud.primary.rollout_state == "COMPLETED")
    assert {task.variables["PART"] for task in living_tasks() if task.desired_status == "RUNNING"} == {"y"}


@pytest.mark.parametrize("string", ["x", '["key"]', '{"other": "x"}'])
def test_a_secret_without_the_key_that_is_asked_for_stops_the_task(cloud: Cloud, string: str) -> None:
    secret = cloud.aws.secretsmanager.create_secret(Name="password", SecretString=string)["ARN"]
    cloud.start(revision_of(cloud.register("v41", secrets=[{"name": "KEY", "valueFrom": f"{secret}:key::"}])))
    cloud.until(lambda: cloud.primary.failed_tasks > 0)
    assert cloud.tasks("STOPPED")[0]["stoppedReason"].endswith("did not contain json key key")


@pytest.mark.parametrize("value", ["/app/key", "arn:aws:ssm:eu-west-1:123456789012:parameter/app/key"])
def test_a_missing_parameter_stops_the_task(cloud: Cloud, value: str) -> None:
    cloud.aws.ssm.put_parameter(Name="/app/key", Value="x", Type="String")
    revision = revision_of(cloud.register("v41", secrets=[{"name": "KEY", "valueFrom": value}]))
    cloud.create(revision)
    cloud.aws.ssm.delete_parameter(Name="/app/key")
    cloud.update(forceNewDeployment=True)
    cloud.until(lambda: cloud.primary.failed_tasks > 0)
    reasons = {
        task["stoppedReason"] for task in cloud.tasks("STOPPED") if task["stopCode"] == "TaskFailedToStart"
    }
    assert all(reason.endswith("invalid ssm parameters: /app/key") for reason in reasons)


def test_a_missing_log_group_stops_the_task_unless_it_may_be_created(cloud: Cloud) -> None:
    options = {"awslogs-group": "/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"}
    logging = {"logDriver": "awslogs", "options": options}
    created = {"logDriver": "awslogs", "options": {**options, "awslogs-create-group": "true"}}
    cloud.create(revision_of(cloud.register("v41", logConfiguration=created)))
    cloud.update(revision_of(cloud.register("v41", logConfiguration=logging)))
    cloud.until(lambda: cloud.primary.failed_tasks > 0)
    reason = next(task["stoppedReason"] for task in cloud.tasks("STOPPED"))
    assert reason.startswith("ResourceInitializationError: failed to validate logger args")
    cloud.aws.logs.create_log_group(logGroupName="/app")
    cloud.until(lambda: cloud.primary.rollout_state == "COMPLETED")


def test_all_tasks_of_a_deployment_run_the_same_image_though_the_tag_moves(cloud: Cloud) -> None:
    """Source: "Container image resolution"; forcing a deployment resolves the tag anew."""
    first = ecr.push(cloud.aws.ecr, "app", AppVersion("one"), tag="live")
    cloud.create(revision_of(cloud.register("live")))
    second = ecr.push(cloud.aws.ecr, "app", AppVersion("two"), tag="live")
    cloud.update(desiredCount=3)
    cloud.until(lambda: cloud.living.steady)
    assert {task["containers"][0]["imageDigest"] for task in cloud.tasks()} == {first}
    cloud.update(forceNewDeployment=True)
    cloud.until(lambda: cloud.living.steady)
    assert {task["containers"][0]["imageDigest"] for task in cloud.tasks()} == {second}


def test_two_versions_differ_in_their_digest_and_a_moved_tag_leaves_the_old_image(cloud: Cloud) -> None:
    versions = [AppVersion(name, behaviour) for name in ("x", "y") for behaviour in Behaviour]
    digests = [ecr.push(cloud.aws.ecr, "app", version, tag="tag") for version in versions]
    assert len(set(digests)) == len(versions)
    for version, digest in zip(versions, digests, strict=True):
        reference = f"{image('tag').removesuffix(':tag')}@{digest}"
        assert ecr.resolve("123456789012", "eu-west-1", reference) == ecr.PulledImage(digest, version)
    assert ecr.resolve("123456789012", "eu-west-1", image("tag")).version == versions[-1]
    assert ecr.push(cloud.aws.ecr, "app", versions[-1], tag="tag") == digests[-1], (
        "pushing again changes nothing"
    )
    untagged = cloud.aws.ecr.batch_get_image(repositoryName="app", imageIds=[{"imageDigest": digests[0]}])
    assert untagged["images"][0]["imageId"] == {"imageDigest": digests[0]}
    pushed = cloud.aws.ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "tag"}])
    assert pushed["imageDetails"][0]["imagePushedAt"] == cloud.clock.now()


@pytest.mark.parametrize(
    "reference", [image("nothing"), image("x").replace("/app", "/other"), image("x").replace("8901", "0000")]
)
def test_what_is_not_in_a_registry_can_not_be_resolved(cloud: Cloud, reference: str) -> None:
    del cloud
    with pytest.raises(ecr.CannotPull, match="CannotPullContainerError"):
        ecr.resolve("123456789012", "eu-west-1", reference)


def test_another_accounts_image_needs_a_repository_policy(cloud: Cloud) -> None:
    with pytest.raises(ecr.CannotPull, match="403 Forbidden"):
        ecr.resolve("999999999999", "eu-west-1", image("v40"))
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}'
    )
    cloud.aws.ecr.set_repository_policy(repositoryName="app", policyText=policy)
    assert ecr.resolve("999999999999", "eu-west-1", image("v40")).version.name == "v40"


def test_a_user_can_stop_a_task_in_any_state(aws: Clients) -> None:
    for moment in (1, 5, 15, 22, 30, 60):
        cloud = Cloud(aws)
        cloud.open(seed=moment)
        cloud.start(NEXT)
        cloud.clock.sleep(4 + moment)
        victim = cloud.tasks()[0]["taskArn"]
        cloud.aws.ecs.stop_task(cluster="cluster", task=victim)
        cloud.aws.ecs.stop_task(cluster="cluster", task=victim)
        cloud.until(lambda cloud=cloud: cloud.living.steady)  # type: ignore[misc]
        described = cloud.aws.ecs.describe_tasks(cluster="cluster", tasks=[victim])["tasks"][0]
        assert described["stoppedReason"] == "Task stopped by user"
        assert len(cloud.tasks()) == 2


def test_the_pace_is_settable(aws: Clients) -> None:
    cloud = Cloud(aws)
    cloud.open(pace=Pace(slow_start=10.0, retention=5.0))
    cloud.create(GOOD)
    cloud.update(desiredCount=0)
    cloud.until(lambda: not cloud.states())
    cloud.clock.sleep(30)
    assert cloud.tasks("STOPPED") == []
