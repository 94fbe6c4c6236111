"""A server of its own for every test, and alice and bob at their windows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.headless import HeadlessClient
from tests.support.person import Person
from tests.support.server_process import ADMIN, ServerProcess

ALICES_PLACE = "780x760+0+20"
BOBS_PLACE = "780x760+800+20"

Newcomer = Callable[..., Person]
Headless = Callable[[str], HeadlessClient]


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    """A server process, alice being the administrator of its room."""
    with ServerProcess(tmp_path) as server:
        yield server
        if "Traceback" in server.log():
            pytest.fail(f"the server logged an error:\n{server.log()[-4000:]}")


@pytest.fixture
def newcomer(server: ServerProcess, tmp_path: Path) -> Iterator[Newcomer]:
    """People who sit down at a window; everyone leaves when the test is over."""
    everyone: list[Person] = []

    def newcomer(
        name: str,
        geometry: str = ALICES_PLACE,
        knows_server: bool = True,
        is_patient: bool = False,
    ) -> Person:
        known = server if knows_server else None
        return Person(name, tmp_path / name, known, everyone, geometry, is_patient)

    yield newcomer
    for person in list(everyone):
        person.close()


@pytest.fixture
def headless(server: ServerProcess, tmp_path: Path) -> Iterator[Headless]:
    """Clients without a window that know the server, each with a data folder of
    its own."""
    with ExitStack() as stack:

        def headless(name: str) -> HeadlessClient:
            fingerprint = server.fingerprint
            client = HeadlessClient(tmp_path / name, server.port, None, fingerprint=fingerprint)
            return stack.enter_context(client)

        yield headless


@pytest.fixture
def alice(newcomer: Newcomer) -> Person:
    """The administrator, signed in."""
    person = newcomer("alice")
    person.sign_in(ADMIN)
    return person


@pytest.fixture
def bob(newcomer: Newcomer) -> Person:
    """A member, who has just registered."""
    person = newcomer("bob", BOBS_PLACE)
    person.register("bob", "Ben Osei")
    return person
