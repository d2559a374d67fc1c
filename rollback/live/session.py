"""The AWS session of whoever is at the keyboard, as botocore finds it, and how long it lasts.

botocore itself looks in the order of the AWS SDKs: ``--profile``, environment variables, the profile that
``AWS_PROFILE`` names (with roles, SSO, ``aws login`` and processes), the container, the instance. So AWS_ENDPOINT_URL,
AWS_CA_BUNDLE, AWS_CONFIG_FILE and the rest mean here what they mean to the AWS CLI.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ConfigNotFound,
    ConfigParseError,
    ProfileNotFound,
    SSOTokenLoadError,
)
from botocore.utils import JSONFileCache, SSOTokenLoader, parse_timestamp

from rollback._text import printable, quoted, suggestion
from rollback.aws import client_config
from rollback.live.troubles import NotReady, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.client import BaseClient

_REGION: Final = "AWS_REGION"
"""What the other SDKs and Terraform read; botocore knows only AWS_DEFAULT_REGION and the profile's."""

_HOPS: Final = 5
"""So many profiles may stand behind another one."""

_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long credentials can be used.

    Attributes:
        until: when they end, in UTC; None where that isn't known, or they have no end.
        renewed: whether they are renewed by themselves, so that `until` is no end.
        method: where they come from, in botocore's words, as ``env``, ``sso`` or ``iam-role``.
    """

    until: datetime | None
    renewed: bool
    method: str


class Session:
    """Makes clients, each with the same credentials.

    Args:
        region: where the clients work.
        profile: the profile that was asked for by name; it goes before environment variables.

    Raises:
        NotReady: there is no such profile, or the AWS configuration can't be read.
    """

    def __init__(self, *, region: str, profile: str | None = None) -> None:
        self.profile = profile
        self._session = botocore.session.Session(profile=profile)
        self._must_be_readable()
        self.region = configured_region(self._session) or region

    def __call__(self, service_name: str, /) -> BaseClient:
        """The client of a service."""
        client: BaseClient = self._session.create_client(
            service_name, region_name=self.region, config=client_config()
        )
        return client

    @property
    def profile_in_use(self) -> str:
        """The profile that credentials and region are looked for in."""
        return str(self.profile or self._session.get_config_variable("profile") or "default")

    @property
    def sign_in_command(self) -> str:
        """What to type for a new session of single sign-on or of ``aws login``."""
        how = "login" if any("login_session" in each for each in self._chain()) else "sso login"
        return f"aws {how} --profile {self._name_of_sso() or self.profile_in_use}"

    @property
    def variables(self) -> dict[str, str | None]:
        """What leads programs that are started from here to the same account and region."""
        region: dict[str, str | None] = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        if not self.profile:
            return region
        # To other programs environment variables go before AWS_PROFILE.
        return {**region, **dict.fromkeys(_KEYS), "AWS_PROFILE": self.profile}

    def lasting(self) -> Lasting:
        """How long the credentials last, as far as that is known; this may fetch them.

        Raises:
            NotReady: there are none.
            BotoCoreError, ClientError, RuntimeError: they can't be fetched or renewed.
        """
        found = self._session.get_credentials()
        if found is None:
            raise NotReady(
                Trouble.NO_CREDENTIALS,
                "There are no AWS credentials here: no profile, no environment variables, no role of the machine has any.",
                remedy="Sign in (for example `aws sso login --profile NAME`), then name the profile with --profile.",
            )
        until = _expiry_of(found)
        token = self._sso_token()
        if token is not None:
            if token.get("refreshToken"):
                return Lasting(until, renewed=True, method=found.method)
            ends = [moment for moment in (until, _moment(token["expiresAt"])) if moment is not None]
            return Lasting(max(ends, default=None), renewed=False, method=found.method)
        by_itself = isinstance(found, RefreshableCredentials) and found.method != "env"
        asks = any("mfa_serial" in each for each in self._chain())
        return Lasting(until, renewed=by_itself and not asks, method=found.method)

    def _must_be_readable(self) -> None:
        try:
            self._session.get_scoped_config()
        except ProfileNotFound:
            profiles = sorted(self._session.available_profiles)
            near = suggestion(self.profile_in_use, profiles)
            names = ", ".join(printable(name) for name in profiles)
            raise NotReady(
                Trouble.UNKNOWN_PROFILE,
                f"There is no AWS profile {quoted(self.profile_in_use)} in the AWS configuration.",
                remedy=f"{near} The profiles are: {names}.".strip()
                if profiles
                else "There are none: run `aws configure sso`.",
            ) from None
        except (ConfigParseError, ConfigNotFound) as error:
            raise NotReady(
                Trouble.BAD_CONFIGURATION,
                f"The AWS configuration of this machine can't be read ({type(error).__name__}).",
                remedy="Look at the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, or at ~/.aws.",
            ) from None

    def _chain(self) -> Iterator[Mapping[str, Any]]:
        """The profile in use, then the one that it takes its credentials from, and so on."""
        for _, each in self._named_chain():
            yield each

    def _named_chain(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        try:
            found = self._session.get_credentials()
        except BotoCoreError:
            found = None
        if found is not None and found.method == "env":
            return  # no profile is behind them
        profiles = self._session.full_config.get("profiles", {})
        name = self.profile_in_use
        for _ in range(_HOPS):
            each = profiles.get(name, {})
            yield name, each
            name = str(each.get("source_profile", ""))
            if not name:
                return

    def _name_of_sso(self) -> str:
        for name, each in self._named_chain():
            if "sso_session" in each or "sso_start_url" in each:
                return name
        return ""

    def _sso_token(self) -> Mapping[str, Any] | None:
        """What `aws sso login` has left for the profile, where it is one of single sign-on."""
        for _, each in self._named_chain():
            named = each.get("sso_session")
            sessions = self._session.full_config.get("sso_sessions", {})
            url = each.get("sso_start_url") or sessions.get(named, {}).get("sso_start_url")
            if url:
                cache = JSONFileCache(str(Path("~/.aws/sso/cache").expanduser()))
                try:
                    token: Mapping[str, Any] = SSOTokenLoader(cache)(url, session_name=named)
                except (SSOTokenLoadError, ValueError):
                    return None
                return token
        return None


def configured_region(session: botocore.session.Session) -> str:
    """The region that this machine is set to; empty where it is set to none."""
    return os.environ.get(_REGION) or str(session.get_config_variable("region") or "")


def _expiry_of(found: Any) -> datetime | None:
    """When temporary credentials end; None for those that don't say so."""
    if not isinstance(found, RefreshableCredentials):
        return None
    try:
        found.get_frozen_credentials()  # those that are fetched late know their end only then
    except RuntimeError:
        if found._expiry_time is None:  # type: ignore[attr-defined]  # noqa: SLF001 - see below
            raise
    # botocore has no public name for it.
    return _moment(found._expiry_time)  # type: ignore[attr-defined] # noqa: SLF001


def _moment(told: Any) -> datetime | None:
    """A time as botocore has it, or as a file of its has; None for what is no time."""
    if told is None:
        return None
    try:
        moment: datetime = told if isinstance(told, datetime) else parse_timestamp(told)
    except ValueError:
        return None
    return moment.astimezone(UTC)
