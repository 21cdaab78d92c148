"""Desks: one in memory, and where there is one, a real server's."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.quality.argilla.port import Desk
from tests.quality.argilla import real
from tests.quality.argilla.memory import Memory

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[real.Server]:
    running = real.Server(Path(tmp_path_factory.mktemp("argilla")))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def workspace(server: real.Server) -> real.Workspace:
    return real.Workspace(server)


@pytest.fixture
def client() -> None:
    """Argilla's own client is installed."""
    assert importlib.util.find_spec("argilla"), "pip install -r requirements/argilla.txt"


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Memory | real.Workspace:
    found: Memory | real.Workspace = Memory() if request.param == "memory" else request.getfixturevalue("workspace")
    return found


@pytest.fixture
def desk(place: Memory | real.Workspace) -> Desk:
    return place if isinstance(place, Memory) else place.desk()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for a `place` to work at is run in memory and, where there is one, at a real server."""
    if "place" in metafunc.fixturenames:
        metafunc.parametrize("place", ["server" if real.PYTHON else "memory"], indirect=True)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """`make test` runs what needs no server, and `make test-argilla` the rest."""
    items[:] = [item for item in items if HERE not in item.path.parents or asks_a_server(item) == bool(real.PYTHON)]


def asks_a_server(item: Any) -> bool:
    place = item.callspec.params.get("place") if hasattr(item, "callspec") else None
    return place == "server" or bool({"server", "workspace", "client"} & set(item.fixturenames))
