"""The rules of the API that moto doesn't keep."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws import install
from tests.stage.aws.cloud import ACCOUNT, FIRST, GOOD, MISSING, NEXT, REGION, Cloud, revision_of


def test_the_numbering_of_a_family_begins_where_it_is_told(cloud: Cloud) -> None:
    arns = cloud.aws.ecs.list_task_definitions(familyPrefix="app")["taskDefinitionArns"]
    assert [revision_of(arn) for arn in arns] == list(range(FIRST, MISSING + 1))
    install.begin_numbering(ACCOUNT, REGION, "empty", 7)
    with pytest.raises(ClientError, match="Unable to describe task definition"):
        cloud.aws.ecs.describe_task_definition(taskDefinition="empty")


def test_task_definitions_are_listed_sorted_and_in_pages(cloud: Cloud) -> None:
    for _ in range(60):
        cloud.register("v40")
    listed = cloud.aws.ecs.list_task_definitions
    newest = listed(familyPrefix="app", sort="DESC", maxResults=2)
    assert [revision_of(arn) for arn in newest["taskDefinitionArns"]] == [106, 105]
    pages = list(
        cloud.aws.ecs.get_paginator("list_task_definitions").paginate(PaginationConfig={"PageSize": 50})
    )
    revisions = [revision_of(arn) for page in pages for arn in page["taskDefinitionArns"]]
    assert revisions == list(range(FIRST, 107))
    assert listed(familyPrefix="ap")["taskDefinitionArns"] == []
    for size in (0, 101):
        with pytest.raises(ClientError, match="maxResults"):
            listed(maxResults=size)


def test_a_family_alone_is_its_latest_active_revision(cloud: Cloud) -> None:
    describe = cloud.aws.ecs.describe_task_definition
    cloud.aws.ecs.deregister_task_definition(taskDefinition=f"app:{MISSING}")
    assert describe(taskDefinition="app")["taskDefinition"]["revision"] == MISSING - 1
    gone = describe(taskDefinition=f"app:{MISSING}")["taskDefinition"]
    assert (gone["status"], gone["deregisteredAt"]) == ("INACTIVE", gone["registeredAt"])
    assert gone["registeredAt"].timestamp() == cloud.clock.now().timestamp()
    inactive = cloud.aws.ecs.list_task_definitions(familyPrefix="app", status="INACTIVE")
    assert [revision_of(arn) for arn in inactive["taskDefinitionArns"]] == [MISSING]
    with pytest.raises(ClientError, match="Unable to describe task definition"):
        describe(taskDefinition="app:1")
    with pytest.raises(ClientError, match="Invalid revision number"):
        describe(taskDefinition="app:first")


@pytest.mark.parametrize("form", ["app", f"app:{MISSING}", "arn"])
def test_a_task_definition_is_given_as_family_revision_or_arn(cloud: Cloud, form: str) -> None:
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/app:{MISSING}"
    cloud.create()
    service = cloud.aws.ecs.update_service(
        cluster="cluster", service="app", taskDefinition=arn if form == "arn" else form
    )["service"]
    assert service["taskDefinition"] == arn
    assert service["deployments"][0]["taskDefinition"] == arn


def test_an_inactive_or_unknown_revision_is_refused(cloud: Cloud) -> None:
    cloud.create()
    cloud.aws.ecs.deregister_task_definition(taskDefinition=f"app:{NEXT}")
    with pytest.raises(ClientError, match="TaskDefinition is inactive") as refused:
        cloud.update(NEXT)
    assert refused.value.response["Error"]["Code"] == "ClientException"
    with pytest.raises(ClientError, match="TaskDefinition not found"):
        cloud.update(12)
    assert len(cloud.describe()["deployments"]) == 1
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        cloud.aws.ecs.create_service(cluster="cluster", serviceName="b", taskDefinition=f"app:{NEXT}")


def test_a_running_revision_can_be_deregistered_and_goes_on(cloud: Cloud) -> None:
    """Source: DeregisterTaskDefinition: existing services keep it and can still scale."""
    cloud.create()
    cloud.aws.ecs.deregister_task_definition(taskDefinition=f"app:{GOOD}")
    cloud.update(desiredCount=3)
    cloud.until(lambda: cloud.describe()["runningCount"] == 3)


def test_a_service_can_not_be_created_twice(cloud: Cloud) -> None:
    cloud.create()
    with pytest.raises(ClientError, match="Creation of service was not idempotent") as refused:
        cloud.start(NEXT)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    assert cloud.describe()["taskDefinition"].endswith(f":{GOOD}")


def test_unknown_services_and_clusters(cloud: Cloud) -> None:
    exceptions = cloud.aws.ecs.exceptions
    with pytest.raises(exceptions.ServiceNotFoundException):
        cloud.update(NEXT)
    with pytest.raises(exceptions.ClusterNotFoundException):
        cloud.aws.ecs.update_service(cluster="nowhere", service="app")


def test_configuration_is_kept_and_returned(cloud: Cloud) -> None:
    breaker = {
        "enable": True,
        "rollback": False,
        "resetOnHealthyTask": False,
        "thresholdConfiguration": {"type": "COUNT", "value": 5},
    }
    configuration: dict[str, Any] = {
        "maximumPercent": 150,
        "minimumHealthyPercent": 50,
        "deploymentCircuitBreaker": breaker,
    }
    cloud.create(deploymentConfiguration=configuration, healthCheckGracePeriodSeconds=33)
    service = cloud.describe()
    assert configuration.items() <= service["deploymentConfiguration"].items()
    assert service["healthCheckGracePeriodSeconds"] == 33
    updated = cloud.update(deploymentConfiguration={"maximumPercent": 175})
    assert updated["deploymentConfiguration"]["maximumPercent"] == 175
    assert updated["deploymentConfiguration"]["deploymentCircuitBreaker"] == breaker
    assert len(updated["deployments"]) == 1, "configuration triggers no deployment"


def test_the_network_triggers_a_deployment_when_it_changes(cloud: Cloud) -> None:
    cloud.create()
    same = {"awsvpcConfiguration": {"subnets": cloud.subnets}}
    assert len(cloud.update(networkConfiguration=same)["deployments"]) == 1
    other = {"awsvpcConfiguration": {"subnets": cloud.subnets[:1]}}
    assert len(cloud.update(networkConfiguration=other)["deployments"]) == 2


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_another_deployment_controllers_service_is_not_updated(cloud: Cloud, controller: str) -> None:
    cloud.start(deploymentController={"type": controller})
    cloud.clock.sleep(60)
    assert cloud.describe()["deployments"] == []
    with pytest.raises(ClientError, match=f"services with a {controller} deployment controller") as refused:
        cloud.update(NEXT)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    with pytest.raises(ClientError, match="Cannot force a new deployment"):
        cloud.update(forceNewDeployment=True)
    assert cloud.update(desiredCount=4)["desiredCount"] == 4


def test_codedeploys_remedy_is_awss(cloud: Cloud) -> None:
    cloud.start(deploymentController={"type": "CODE_DEPLOY"})
    with pytest.raises(ClientError) as refused:
        cloud.update(NEXT)
    assert refused.value.response["Error"]["Message"] == (
        "Unable to update task definition on services with a CODE_DEPLOY deployment controller. "
        "Use AWS CodeDeploy to trigger a new deployment."
    )


def test_a_cluster_counts_its_tasks(cloud: Cloud) -> None:
    cloud.create(desired=3)
    (cluster,) = cloud.aws.ecs.describe_clusters(clusters=["cluster"])["clusters"]
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"], cluster["activeServicesCount"]) == (
        3,
        0,
        1,
    )


def test_without_container_instances_nothing_can_be_placed(cloud: Cloud) -> None:
    cloud.aws.ecs.create_service(
        cluster="cluster",
        serviceName="app",
        taskDefinition=f"app:{GOOD}",
        desiredCount=1,
        launchType="EC2",
        networkConfiguration={"awsvpcConfiguration": {"subnets": cloud.subnets}},
    )
    cloud.clock.sleep(60)
    assert any("was unable to place a task" in event for event in cloud.events())
    assert cloud.describe()["deployments"][0]["failedTasks"] > 0


def test_deleting_all_of_a_family_does_not_reuse_its_numbers(cloud: Cloud) -> None:
    """Not before moto forgets them: the next number follows the highest that is known."""
    assert revision_of(cloud.register("v40")) == MISSING + 1
