from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from rollback.ecs import resources
from rollback.errors import AccessDenied
from rollback.plan import Finding, Severity
from tests.rollback.builders import ACCOUNT, REGION, definition
from tests.rollback.wire import answering

if TYPE_CHECKING:
    from rollback.access import Access
    from tests.rollback.wire import Wire

REGISTRY: Final = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
DIGEST: Final = "sha256:" + "0" * 64


def push(access: Access, tag: str, repository: str = "team/app") -> str:
    """Put an image into moto's ECR; its digest."""
    ecr: Any = access.aws.ecr
    if not any(r["repositoryName"] == repository for r in ecr.describe_repositories()["repositories"]):
        ecr.create_repository(repositoryName=repository)
    manifest = f'{{"schemaVersion": 2, "config": {{"digest": "sha256:{tag}"}}, "layers": []}}'
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    pushed = ecr.put_image(
        repositoryName=repository, imageManifest=manifest, imageManifestMediaType=media_type, imageTag=tag
    )
    return str(pushed["image"]["imageId"]["imageDigest"])


def looked_up(access: Access, image: str, ran: str = "") -> tuple[resources.Image, Finding]:
    (found,), (finding,) = resources.images(definition({"image": image}), {"c0": ran}, access)
    return found, finding


@pytest.mark.parametrize("reference", [":v41", "@{digest}", ":v41@{digest}"])
def test_an_image_is_found_by_its_tag_or_its_digest(access: Access, reference: str) -> None:
    digest = push(access, "v41")
    image, finding = looked_up(access, f"{REGISTRY}/team/app{reference.format(digest=digest)}", ran=digest)
    assert (finding.check, finding.severity) == ("image-exists", Severity.OK)
    assert (image.container, image.digest, image.tags) == ("c0", digest, ("v41",))


def test_an_image_without_a_tag_is_the_latest(access: Access) -> None:
    digest = push(access, "latest")
    image, _ = looked_up(access, f"{REGISTRY}/team/app")
    assert image.digest == digest


@pytest.mark.parametrize("reference", ["team/app:v40", f"team/app@{DIGEST}", "team/other:v41", "team/app"])
def test_an_image_that_is_gone_is_refused(access: Access, reference: str) -> None:
    push(access, "v41")
    image, finding = looked_up(access, f"{REGISTRY}/{reference}")
    assert finding.severity is Severity.REFUSAL
    assert "ECR, so no task of this revision can start" in finding.seen
    assert finding.remedy
    assert f"--registry-id {ACCOUNT} --repository-name team/" in finding.commands[0]
    assert image.digest == ""


def test_a_tag_that_has_moved_is_a_warning(access: Access) -> None:
    push(access, "v41")
    image, finding = looked_up(access, f"{REGISTRY}/team/app:v41", ran=DIGEST)
    assert (finding.check, finding.severity) == ("image-tag-moved", Severity.WARNING)
    assert "sha256:000000000000" in finding.seen
    assert image.digest[:19] in finding.seen


def test_an_image_named_by_its_digest_has_no_tag_to_move(access: Access) -> None:
    """What ECS resolved may be the digest of one platform, and the reference that of the list of them."""
    digest = push(access, "v41")
    _, finding = looked_up(access, f"{REGISTRY}/team/app@{digest}", ran=DIGEST)
    assert finding.severity is Severity.OK


@pytest.mark.parametrize(
    "reference",
    [
        "nginx",
        "nginx:1.27",
        "public.ecr.example/nginx:1",
        "localhost:5000/app:v41",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/team/app:v41",
        f"{REGISTRY}/team/app@sha256:short",
    ],
)
def test_an_image_of_another_registry_is_not_looked_up(access: Access, wire: Wire, reference: str) -> None:
    image, finding = looked_up(access, reference)
    assert (finding.check, finding.severity) == ("image-exists", Severity.WARNING)
    assert reference in finding.seen
    assert (image.reference, image.digest) == (reference, "")
    assert wire.attempts == []


def test_who_may_not_look_at_an_image_is_told_so(access: Access, wire: Wire) -> None:
    wire.faults.append(answering(400, "AccessDeniedException"))
    with pytest.raises(AccessDenied, match="ecr:DescribeImages"):
        looked_up(access, f"{REGISTRY}/team/app:v41")
