"""The world of a scenario: a service on the stage, the people around it, and what can be seen of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import requests
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from rehearsal.aws import install
from rehearsal.world import foundation
from rehearsal.world.adapter import StageAdapter
from rehearsal.world.damage import Damage
from rehearsal.world.infrastructure import Infrastructure
from rehearsal.world.look import Look
from rehearsal.world.passing import Passing
from rehearsal.world.provider import Provider
from rehearsal.world.team import Team

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.certificates import CertificateHouse
    from rehearsal.world.state_house import StateHouse
    from rehearsal.world.version import AppVersion


class World(Passing):
    """The service of the stage's environment, with everything it stands on.

    Attributes:
        stage: the stage it is on.
        clock: the stage's clock.
        foundation: what it stands on.
        infrastructure: what of that can be set anew.
        team: what people do with it.
        damage: what can go missing from under it.
        look: what can be seen of it from outside.
        applied: makes the texts of the repository's files that Terraform was last applied to before the rehearsal;
            who has the repository puts it there.
    """

    def __init__(self, stage: EmbeddedStage) -> None:
        environment, blueprint = stage.environment, stage.blueprint
        self.stage = stage
        self.clock = stage.clock
        install.begin_numbering(
            environment.account, environment.region, environment.family, blueprint.first_revision
        )
        self.foundation = foundation.lay(stage.clients, environment, blueprint, stage.network)
        self.infrastructure = Infrastructure(stage.clients, self.foundation)
        stage.provider = Provider(stage.clients, environment, self.foundation).put
        stage.application.names[stage.hostname] = self.foundation.load_balancer
        self._http = requests.Session()
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, StageAdapter(stage.application, stage.clock))
        self.team = Team(stage.clients, environment, blueprint, self.foundation, stage.clock)
        self.damage = Damage(stage.clients, environment, blueprint, self.foundation, self.team)
        self.applied: Callable[[], Mapping[str, str]] | None = None
        self.look = Look(stage.clients, environment, self.foundation, self._http, stage.application)

    @functools.cached_property
    def state(self) -> StateHouse:
        """Where the infrastructure's Terraform state is kept; it is empty until it is opened."""
        # S3 and more, which few rehearsals need.
        from rehearsal.world.state_house import StateHouse  # noqa: PLC0415

        return self.state_in(StateHouse)

    def state_in(self, house: type[StateHouse]) -> StateHouse:
        """The infrastructure's Terraform state in a house of that kind."""
        from rehearsal.world.adoption import Adoption  # noqa: PLC0415 - see above
        from rehearsal.world.state_history import state_history  # noqa: PLC0415 - see above

        stage = self.stage
        on_provider = stage.blueprint.aws_provider
        return house(
            stage.environment,
            stage.blueprint,
            stage.clients,
            stage.clock,
            applied=lambda: self.applied,
            history=Adoption(stage, self.foundation).history
            if on_provider
            else functools.partial(state_history, stage.environment),
        )

    @functools.cached_property
    def certificates(self) -> CertificateHouse:
        """The load balancer's certificate and where it is validated; nothing until it is opened."""
        # ACM, keys and a TLS server, which few rehearsals need.
        from rehearsal.world.certificates import CertificateHouse  # noqa: PLC0415

        return CertificateHouse(self.stage, self.foundation)

    def open_with(self, *versions: AppVersion) -> list[int]:
        """Create the service with the first version, then deploy the others, each until it has settled.

        So the service's history is one that really happened.

        Returns:
            The revision of each version.
        """
        revisions: list[int] = []
        for version in versions:
            revision = self.team.release(version)
            if revisions:
                self.team.deploy(revision)
            else:
                self.team.create_service(revision)
            self.settle()
            revisions.append(revision)
        return revisions

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
        if "certificates" in self.__dict__:
            self.certificates.close()

    def is_settled(self) -> bool:
        """Whether the service is steady, or its deployment has failed for good, or there is none."""
        with self.clock.lock:
            service = self._service()
            if service is None or service.status != "ACTIVE":
                return True
            primary = service.deployments[0]
            if primary.rollout_state == "FAILED":
                return not primary.tasks
            return service.steady and not self._drains()

    def _service(self) -> Any | None:
        """The service in moto itself: looking through the API each second would take most of a rehearsal."""
        name = self.stage.environment
        services = ecs_backends[name.account][name.region].services
        return services.get(f"{name.cluster}:{name.service}")

    def _drains(self) -> bool:
        name = self.stage.environment
        group = elbv2_backends[name.account][name.region].target_groups[self.foundation.target_group]
        return any("Target" in each and each["Target"].state == "draining" for each in group.targets.values())
