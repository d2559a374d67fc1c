"""Service deployments and revisions, and stopping one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws import ecr
from rehearsal.world.version import AppVersion
from tests.stage.aws.cloud import CRASHING, GOOD, NEXT, UNHEALTHY, Cloud, image, revision_of


def test_a_deployment_goes_from_pending_to_successful(cloud: Cloud) -> None:
    cloud.start()
    (record,) = cloud.history()
    assert record["status"] == "PENDING"
    assert "startedAt" not in record
    cloud.clock.sleep(5)
    (record,) = cloud.history()
    assert (record["status"], record["targetServiceRevision"]["pendingTaskCount"]) == ("IN_PROGRESS", 2)
    cloud.until(lambda: cloud.living.steady)
    (record,) = cloud.history()
    assert (record["status"], record["targetServiceRevision"]["runningTaskCount"]) == ("SUCCESSFUL", 2)
    assert record["createdAt"] <= record["startedAt"] < record["finishedAt"]
    assert record["deploymentCircuitBreaker"] == {"status": "DISABLED"}
    assert cloud.describe()["currentServiceDeployment"] == record["serviceDeploymentArn"]
    (current,) = cloud.describe()["currentServiceRevisions"]
    assert (current["arn"], current["runningTaskCount"]) == (record["targetServiceRevision"]["arn"], 2)


def test_a_rollout_names_its_source_and_its_target(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(NEXT)
    cloud.clock.sleep(10)
    newest, first = cloud.history()
    (source,) = newest["sourceServiceRevisions"]
    assert source["arn"] == first["targetServiceRevision"]["arn"]
    assert source["runningTaskCount"] == 2
    arns = [source["arn"], newest["targetServiceRevision"]["arn"]]
    revisions = cloud.aws.ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    assert [revision_of(each["taskDefinition"]) for each in revisions] == [GOOD, NEXT]


def test_a_revision_holds_the_images_by_digest(cloud: Cloud) -> None:
    digest = ecr.push(cloud.aws.ecr, "app", AppVersion("first"), tag="live")
    cloud.create(revision_of(cloud.register("live")))
    ecr.push(cloud.aws.ecr, "app", AppVersion("second"), tag="live")
    (current,) = cloud.describe()["currentServiceRevisions"]
    answer = cloud.aws.ecs.describe_service_revisions(serviceRevisionArns=[current["arn"]])
    (revision,) = answer["serviceRevisions"]
    assert revision["containerImages"] == [
        {"containerName": "app", "image": image("live"), "imageDigest": digest}
    ]
    assert revision["loadBalancers"][0]["targetGroupArn"] == cloud.target_group


def test_arns_are_formed_as_awss(cloud: Cloud) -> None:
    cloud.create()
    (record,) = cloud.history()
    prefix = "arn:aws:ecs:eu-west-1:123456789012"
    kind, name = record["serviceDeploymentArn"].rsplit("/", 1)
    assert (kind, len(name)) == (f"{prefix}:service-deployment/cluster/app", 21)
    kind, name = record["targetServiceRevision"]["arn"].rsplit("/", 1)
    assert (kind, len(name), name.isdigit()) == (f"{prefix}:service-revision/cluster/app", 19, True)


def test_the_list_is_filtered_and_comes_in_pages(cloud: Cloud) -> None:
    cloud.create()
    for revision in (NEXT, UNHEALTHY, GOOD):
        cloud.update(revision)
        cloud.clock.sleep(200)
    middle = cloud.history()[1]["createdAt"]
    listed = cloud.aws.ecs.list_service_deployments

    def statuses(**filters: object) -> list[str]:
        answer = listed(cluster="cluster", service="app", **filters)
        return [each["status"] for each in answer["serviceDeployments"]]

    assert statuses() == ["SUCCESSFUL", "STOPPED", "SUCCESSFUL", "SUCCESSFUL"]
    assert statuses(status=["STOPPED"]) == ["STOPPED"]
    assert statuses(createdAt={"before": middle}) == ["SUCCESSFUL", "SUCCESSFUL"]
    assert statuses(createdAt={"after": middle}) == ["SUCCESSFUL"]
    assert statuses(createdAt={"after": middle + timedelta(days=1)}) == []
    page = listed(cluster="cluster", service="app", maxResults=3)
    assert len(page["serviceDeployments"]) == 3
    rest = listed(cluster="cluster", service="app", maxResults=3, nextToken=page["nextToken"])
    assert len(rest["serviceDeployments"]) == 1
    assert "nextToken" not in rest
    with pytest.raises(ClientError, match="Invalid token"):
        listed(cluster="cluster", service="app", nextToken="xyz")
    with pytest.raises(cloud.aws.ecs.exceptions.ServiceNotFoundException):
        listed(cluster="cluster", service="nothing")
    with pytest.raises(cloud.aws.ecs.exceptions.InvalidParameterException):
        listed(cluster="cluster", service="app", status=["DONE"])


def test_stopping_goes_back_to_the_revision_before(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(UNHEALTHY)
    cloud.clock.sleep(60)
    newest, first = cloud.history()
    arn = newest["serviceDeploymentArn"]
    answer = cloud.aws.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    assert answer["serviceDeploymentArn"] == arn
    assert cloud.history()[0]["status"] == "ROLLBACK_REQUESTED"
    cloud.clock.sleep(4)
    newest = cloud.history()[0]
    assert newest["status"] == "ROLLBACK_IN_PROGRESS"
    assert newest["rollback"]["serviceRevisionArn"] == first["targetServiceRevision"]["arn"]
    cloud.clock.sleep(1)
    cloud.aws.ecs.stop_service_deployment(serviceDeploymentArn=arn)
    cloud.clock.sleep(4)
    assert cloud.history()[0] == newest, "what is on its way back already goes on"
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL")
    assert revision_of(cloud.describe()["taskDefinition"]) == GOOD
    assert len(cloud.describe()["deployments"]) == 1
    assert len(cloud.history()) == 2, "a rollback is no service deployment of its own"


def test_a_stop_can_be_asked_for_while_pending(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(NEXT)
    arn = cloud.history()[0]["serviceDeploymentArn"]
    cloud.aws.ecs.stop_service_deployment(serviceDeploymentArn=arn)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_SUCCESSFUL")
    assert revision_of(cloud.describe()["taskDefinition"]) == GOOD


def test_what_can_not_be_stopped(cloud: Cloud) -> None:
    cloud.start()
    arn = cloud.history()[0]["serviceDeploymentArn"]
    stop, exceptions = cloud.aws.ecs.stop_service_deployment, cloud.aws.ecs.exceptions
    with pytest.raises(exceptions.ConflictException, match="No rollback candidate"):
        stop(serviceDeploymentArn=arn)
    cloud.until(lambda: cloud.living.steady)
    with pytest.raises(exceptions.ConflictException, match="SUCCESSFUL"):
        stop(serviceDeploymentArn=arn)
    with pytest.raises(exceptions.ServiceDeploymentNotFoundException):
        stop(serviceDeploymentArn=arn + "x")
    with pytest.raises(exceptions.InvalidParameterException, match="ROLLBACK"):
        stop(serviceDeploymentArn=arn, stopType="ABORT")


def test_an_update_takes_the_place_of_a_requested_rollback(cloud: Cloud) -> None:
    cloud.create()
    cloud.update(UNHEALTHY)
    cloud.clock.sleep(30)
    cloud.aws.ecs.stop_service_deployment(serviceDeploymentArn=cloud.history()[0]["serviceDeploymentArn"])
    cloud.update(NEXT)
    cloud.until(lambda: cloud.living.steady)
    newest, before, *_ = cloud.history()
    assert newest["status"] == "SUCCESSFUL"
    assert before["status"] in {"STOPPED", "ROLLBACK_FAILED"}
    assert revision_of(cloud.describe()["taskDefinition"]) == NEXT


def test_an_update_takes_the_place_of_a_breakers_rollback(cloud: Cloud) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    cloud.create(deploymentConfiguration={**breaker, "minimumHealthyPercent": 0})
    cloud.update(CRASHING)
    cloud.until(lambda: cloud.history()[0]["status"] == "ROLLBACK_IN_PROGRESS")
    cloud.update(NEXT)
    assert cloud.history()[1]["status"] == "ROLLBACK_FAILED"
    cloud.until(lambda: cloud.living.steady)
    assert cloud.history()[0]["status"] == "SUCCESSFUL"


def test_what_does_not_exist_is_missing(cloud: Cloud) -> None:
    arn = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/cluster/app/x"
    answer = cloud.aws.ecs.describe_service_deployments(serviceDeploymentArns=[arn])
    assert answer["failures"] == [{"arn": arn, "reason": "MISSING"}]
    arn = "arn:aws:ecs:eu-west-1:123456789012:service-revision/cluster/app/1"
    assert (
        cloud.aws.ecs.describe_service_revisions(serviceRevisionArns=[arn])["failures"][0]["reason"]
        == "MISSING"
    )


def test_the_history_goes_with_the_service(cloud: Cloud) -> None:
    cloud.create()
    cloud.aws.ecs.delete_service(cluster="cluster", service="app", force=True)
    cloud.until(lambda: cloud.describe()["status"] == "INACTIVE")
    assert (
        cloud.aws.ecs.list_service_deployments(cluster="cluster", service="app")["serviceDeployments"] == []
    )
