"""A server of its own for every test."""
from collections.abc import Iterator
from pathlib import Path
import pytest
from tests.support.server_process import ServerProcess

@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path) as server:
        yield server
