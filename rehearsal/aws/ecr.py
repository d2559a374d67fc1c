"""Images: what is pushed to moto's ECR, and what a task pulls from it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moto.ecr import urls
from moto.ecr.exceptions import RepositoryNotFoundException

from rehearsal.aws import timeline
from rehearsal.aws.moto_parts import EcrBackend, ecr_backends
from rehearsal.world.version import AppVersion, Behaviour, Routes

if TYPE_CHECKING:
    from rehearsal.aws.moto_parts import Image

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"

# The name is the OCI's own annotation; how the version behaves and what it knows are the stage's.
NAME: Final = "org.opencontainers.image.version"
BEHAVIOUR: Final = "rehearsal.behaviour"
HEALTH: Final = "rehearsal.health"
PAGES: Final = "rehearsal.pages"
QUERY: Final = "rehearsal.query"

_REFERENCE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True, slots=True)
class PulledImage:
    """An image as a task runs it.

    Attributes:
        digest: ``sha256:...`` of its manifest.
        version: what was built into it.
    """

    digest: str
    version: AppVersion


class LivingEcrBackend(EcrBackend):  # type: ignore[misc]
    """moto's ECR, where an image outlives its tag and is pushed at the stage's time."""

    @property
    def _url_module(self) -> Any:
        return urls

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Image:
        """Put an image; a tag that another image has moves to it, and that image stays, untagged.

        Source: Amazon ECR user guide, "Pushing an image": moto deletes the other image instead.

        Raises:
            RepositoryNotFoundException: there is no such repository.
        """
        repository = self.repositories.get(repository_name)
        if repository is None:
            raise RepositoryNotFoundException(repository_name, self.account_id)
        if image_tag is not None:
            self._resolve_image_tag_mutability(repository, image_tag)
            for other in repository.images:
                if image_tag in other.image_tags and other.image_manifest != image_manifest:
                    other.image_tags.remove(image_tag)
                    other.image_tag = other.image_tags[-1] if other.image_tags else None
        image = super().put_image(
            repository_name, image_manifest, image_tag, image_manifest_mediatype, digest
        )
        image.image_pushed_at = int(timeline.current().now().timestamp())
        return image


class CannotPull(Exception):
    """The image can't be pulled; the message is what ECS gives as the task's stoppedReason."""


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def manifest(version: AppVersion) -> str:
    """The OCI manifest of the image that `version` is built into."""
    content = f"{version.name} {version.behaviour.value}"
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": _digest(f"config {content}"), "size": 7023},
            "layers": [{"mediaType": LAYER, "digest": _digest(f"layer {content}"), "size": 32654}],
            "annotations": {
                NAME: version.name,
                BEHAVIOUR: version.behaviour.value,
                HEALTH: version.routes.health,
                PAGES: " ".join(version.routes.pages),
                **({QUERY: version.query} if version.query else {}),
            },
        },
        sort_keys=True,
    )


def push(ecr_client: Any, repository: str, version: AppVersion, *, tag: str | None = None) -> str:
    """Push the image of `version`, tagged with its name or with `tag`, and return its digest.

    A tag that another image has moves to this one, and that image stays, untagged, as in ECR. Pushing
    what is there already under that tag changes nothing.
    """
    content = manifest(version)
    digest = _digest(content)
    with contextlib.suppress(ecr_client.exceptions.ImageAlreadyExistsException):
        ecr_client.put_image(
            repositoryName=repository,
            imageManifest=content,
            imageManifestMediaType=MANIFEST,
            imageTag=tag or version.name,
            imageDigest=digest,
        )
    return digest


def resolve(account: str, region: str, image_reference: str) -> PulledImage:  # noqa: ARG001 - the puller in full
    """Find the image that a task of `account` in `region` would pull for `image_reference`.

    A reference to another registry than ECR stands for an image that is always there and well.

    Raises:
        CannotPull: there is no such image. Worded as in the developer guide's "CannotPullContainer
            task errors".
    """
    match = _REFERENCE.fullmatch(image_reference)
    if match is None:
        return PulledImage(_digest(image_reference), AppVersion(image_reference))
    registry = ecr_backends[match["account"]][match["region"]]
    repository = registry.repositories.get(match["repository"])
    if repository is None:
        raise _not_found(image_reference)
    if match["account"] != account and not repository.policy:
        raise CannotPull(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
            f"{image_reference}: unexpected status from HEAD request to https://{match['account']}.dkr.ecr."
            f"{match['region']}.amazonaws.com/v2/{match['repository']}/manifests/: 403 Forbidden"
        )
    wanted, tag = match["digest"], match["tag"] or "latest"
    for image in repository.images:
        if image.get_image_digest() == wanted if wanted else tag in image.image_tags:
            return PulledImage(image.get_image_digest(), _version(image))
    raise _not_found(image_reference)


def by_digest(image_reference: str, digest: str) -> str:
    """The same image, named by its digest, as ECS names it once a deployment has resolved the tag."""
    match = _REFERENCE.fullmatch(image_reference)
    if match is None:
        return image_reference
    return image_reference.split("@", maxsplit=1)[0].removesuffix(f":{match['tag']}") + f"@{digest}"


def _not_found(image_reference: str) -> CannotPull:
    return CannotPull(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        f"{image_reference}: {image_reference}: not found"
    )


def _version(image: Image) -> AppVersion:
    annotations = json.loads(image.image_manifest).get("annotations", {})
    behaviour = Behaviour(annotations.get(BEHAVIOUR, Behaviour.HEALTHY))
    known = Routes()
    routes = Routes(
        annotations.get(HEALTH, known.health), tuple(annotations.get(PAGES, " ".join(known.pages)).split())
    )
    name = annotations.get(NAME, image.get_image_digest())
    return AppVersion(name, behaviour, routes, query=annotations.get(QUERY, ""))
