from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.insulation import load_moto
from tests.known_version import known_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tests.rollback.terraform.site import Site


@pytest.fixture(autouse=True)
def version_is_known() -> Iterator[None]:
    """Terraform is asked once which version it is."""
    with known_version():
        yield


@pytest.fixture(scope="module")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Opens the module's site; of a second one the first is closed."""
    load_moto()
    from tests.rollback.terraform.site import Site, testing_environment  # noqa: PLC0415 - it imports moto

    opened: list[Site] = []

    def make(**changes: Any) -> Site:
        while opened:
            opened.pop().close()
        opened.append(Site(tmp_path_factory.mktemp("site"), testing_environment(**changes)))
        return opened[-1]

    yield make
    while opened:
        opened.pop().close()
