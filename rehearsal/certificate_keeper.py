"""What happens to the certificate and its records, in a scenario's words, and what is seen of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import trustme
from botocore.exceptions import ClientError

from rehearsal.aws.acm import LOOKS_EVERY, acm_backend
from rehearsal.world.certificates import DAY, ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from rehearsal.aws.acm import LivingAcmBackend
    from rehearsal.doors import Call
    from rehearsal.embedded import EmbeddedStage
    from rehearsal.world.world import World
    from rollback.tls import Handshake

OTHER_HOST: Final = "somebody-else.example"
_LIFE: Final = 199 * DAY
_ISSUED: Final = 2 * LOOKS_EVERY


@dataclass(frozen=True, slots=True)
class Kept:
    """The listener and the records, at one moment."""

    attached: str
    records: tuple[tuple[str, str], ...]


class CertificateKeeper:
    """The team that has the zone and the certificates, and what goes wrong for it.

    Attributes:
        new: the ARN of the certificate that is to serve, whoever has requested it; empty until there is one.
        handshakes: the problems that somebody met who kept shaking hands; empty texts where there was none.
        refused: what AWS said to somebody who wanted to delete a certificate.
    """

    def __init__(self, stage: EmbeddedStage, world: World) -> None:
        self.new = ""
        self.handshakes: list[str] = []
        self.refused = ""
        self._stage = stage
        self._world = world
        self._house = world.certificates
        self._wrong_zone = ""

    def open(self) -> None:
        """Have a certificate that is issued, attached and shown."""
        self._house.open()

    # What happens to the record.

    def record(self, trouble: str) -> None:
        """Something is wrong with the validation record."""
        troubles: dict[str, Callable[[], None]] = {
            "is missing": self._house.take_record,
            "leads elsewhere": lambda: self._house.put_record(self._house.zone, value=ELSEWHERE),
            "is in a private zone": lambda: self._move(private=True),
            "is in a zone that nobody leads to": lambda: self._move(private=False),
        }
        troubles[trouble]()

    def block_the_record(self) -> None:
        """Somebody has a record of another type under the name of ours."""
        self._stage.clients.route53.change_resource_record_sets(
            HostedZoneId=self._house.zone,
            ChangeBatch={
                "Changes": [
                    {
                        "Action": "CREATE",
                        "ResourceRecordSet": {
                            "Name": self._house.record[0],
                            "Type": "TXT",
                            "TTL": 300,
                            "ResourceRecords": [{"Value": '"somebody else"'}],
                        },
                    }
                ]
            },
        )

    def lead_elsewhere(self) -> None:
        """The registrar names other name servers than the zone's."""
        self._backend.names.delegated.clear()

    # What happens to certificates.

    def request(self) -> None:
        """A new certificate is requested."""
        self.new = self._house.request()

    def flaw(self, flaw: str) -> None:
        """There is a new certificate that no record can mend."""
        others: dict[str, Callable[[], str]] = {
            "is for another host": lambda: self._house.request(OTHER_HOST),
            "is in another region": self._in_another_region,
            "waits for an answer by mail": lambda: self._house.request(validation="EMAIL"),
        }
        flaws: dict[str, Callable[[], None]] = {
            "has failed": lambda: self._house.fail(self.new, "CAA_ERROR"),
            "has timed out": self._time_out,
            "has expired": self._expire_unattached,
            "was deleted": lambda: self._backend.delete_certificate(self.new),
        }
        if flaw in others:
            self.new = others[flaw]()
            return
        if flaw == "has timed out":
            self._house.take_record()
        self.request()
        flaws[flaw]()

    def expire(self) -> None:
        """The certificate that is attached expires."""
        self._stage.clock.sleep(_LIFE)

    def fail_later(self, reason: str, *, seconds: float) -> None:
        """ACM refuses the new certificate so many seconds from now."""
        new = self.new
        self._world.later(seconds, lambda: self._house.fail(new, reason))

    def distrust(self) -> None:
        """The new certificate is issued, and shown with a chain that leads to nobody who is known."""
        self._stage.clock.sleep(_ISSUED)
        foreign = trustme.CA().issue_cert(self._stage.hostname)
        bundle = self._house.certificate(self.new)
        bundle.cert, bundle.key = foreign.cert_chain_pems[0].bytes(), foreign.private_key_pem.bytes()

    def attach_another(self) -> None:
        """Somebody attaches a certificate of theirs."""
        theirs = self._house.request()
        self._stage.clock.sleep(_ISSUED)
        self._house.attach(theirs)

    def delete_attached(self) -> None:
        """Somebody wants to delete the certificate that serves."""
        try:
            self._stage.clients.acm.delete_certificate(CertificateArn=self._house.attached)
        except ClientError as error:
            self.refused = error.response["Error"]["Code"]

    def interrupt(self, *, seconds: float) -> None:
        """We press Ctrl-C so many seconds from now."""

        def press() -> None:
            raise KeyboardInterrupt

        self._world.later(seconds, press)

    def interrupt_after_request(self) -> None:
        """We press Ctrl-C as soon as ACM has taken our request; a second time it goes through."""
        door = self._stage.operator

        def press(call: Call, proceed: Callable[[], AWSResponse]) -> AWSResponse:
            answer = proceed()
            if call.operation == "acm:RequestCertificate" and call.occurrence == 1:
                raise KeyboardInterrupt
            return answer

        door.interceptors.append(press)

    def keep_shaking_hands(self, *, every: float) -> None:
        """Somebody shakes hands every so many seconds, as a careful client does."""

        def look() -> None:
            self.handshakes.append(self.problem())
            self._stage.clock.call_in(every, look)

        self._stage.clock.call_in(every, look)

    # What is seen.

    def take_note(self) -> None:
        """The certificate that was requested last is the one that is to serve."""
        *_, self.new = self._backend.arns

    @property
    def known(self) -> set[str]:
        """The ARNs of the certificates that ACM has."""
        return set(self._backend.arns)

    @property
    def first(self) -> str:
        """The certificate of before."""
        return self._house.first

    @property
    def served(self) -> str:
        """The certificate that is shown now."""
        return self._house.served

    @property
    def kept(self) -> Kept:
        """The listener and the records."""
        return Kept(self._house.attached, tuple(sorted(self._house.records().items())))

    def status(self, arn: str) -> str:
        """ACM's word for a certificate."""
        return self._house.status(arn)

    def handshake(self) -> Handshake:
        """What a careful client sees."""
        return self._house.handshake()

    def problem(self) -> str:
        """Why a careful client would go away now; nothing where it would not."""
        return self.handshake().problem_at(self._stage.clock.now())

    @property
    def record_is_right(self) -> bool:
        """Whether the zone that the world asks has just the record that ACM wants."""
        return self._house.records() == dict([self._house.record])

    @property
    def left_in_the_wrong_zone(self) -> bool:
        """Whether the record is still where it was put wrongly."""
        return self._house.records(self._wrong_zone) == dict([self._house.record])

    def _move(self, *, private: bool) -> None:
        self._house.take_record()
        self._wrong_zone = self._house.add_zone(private=private, reference="wrong")
        self._house.put_record(self._wrong_zone)

    def _time_out(self) -> None:
        self._stage.clock.sleep(3 * DAY + LOOKS_EVERY)

    def _expire_unattached(self) -> None:
        self._stage.clock.sleep(_ISSUED + _LIFE)

    def _in_another_region(self) -> str:
        environment = self._stage.environment
        region = "eu-west-1" if environment.region != "eu-west-1" else "us-east-1"
        backend = acm_backend(environment.account, region)
        return backend.request_certificate(self._stage.hostname, "", [], [])

    @property
    def _backend(self) -> LivingAcmBackend:
        environment = self._stage.environment
        return acm_backend(environment.account, environment.region)
