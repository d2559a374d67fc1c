"""The hands of the people who built the service: AWS clients that are not the operator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

    from rehearsal.doors import Door


class Clients:
    """The clients of one door and region, by service."""

    def __init__(self, door: Door, region: str) -> None:
        self._door = door
        self._region = region

    @property
    def acm(self) -> ACMClient:
        """AWS Certificate Manager."""
        return cast("ACMClient", self._door.client("acm", self._region))

    @property
    def cloudwatch(self) -> Any:
        """Amazon CloudWatch."""
        return self._door.client("cloudwatch", self._region)

    @property
    def dynamodb(self) -> DynamoDBClient:
        """Amazon DynamoDB."""
        return cast("DynamoDBClient", self._door.client("dynamodb", self._region))

    @property
    def ecr(self) -> ECRClient:
        """Amazon ECR."""
        return cast("ECRClient", self._door.client("ecr", self._region))

    @property
    def ecs(self) -> ECSClient:
        """Amazon ECS."""
        return cast("ECSClient", self._door.client("ecs", self._region))

    @property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        """Elastic Load Balancing."""
        return cast("ElasticLoadBalancingv2Client", self._door.client("elbv2", self._region))

    @property
    def iam(self) -> IAMClient:
        """AWS IAM."""
        return cast("IAMClient", self._door.client("iam", self._region))

    @property
    def logs(self) -> CloudWatchLogsClient:
        """Amazon CloudWatch Logs."""
        return cast("CloudWatchLogsClient", self._door.client("logs", self._region))

    @property
    def rds(self) -> RDSClient:
        """Amazon RDS."""
        return cast("RDSClient", self._door.client("rds", self._region))

    @property
    def route53(self) -> Route53Client:
        """Amazon Route 53."""
        return cast("Route53Client", self._door.client("route53", self._region))

    @property
    def s3(self) -> S3Client:
        """Amazon S3."""
        return cast("S3Client", self._door.client("s3", self._region))

    @property
    def secretsmanager(self) -> SecretsManagerClient:
        """AWS Secrets Manager."""
        return cast("SecretsManagerClient", self._door.client("secretsmanager", self._region))

    @property
    def ssm(self) -> SSMClient:
        """AWS Systems Manager."""
        return cast("SSMClient", self._door.client("ssm", self._region))
