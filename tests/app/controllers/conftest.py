from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.controllers.play import Play


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """A client that has just been greeted; nobody is signed in."""
    play = Play(tmp_path / "client")
    yield play
    play.close()
