"""Desks: one in memory, and where there is one, a real server's."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.quality.argilla.port import Desk
from tests.quality.argilla import real
from tests.quality.argilla.memory import Memory


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
    """Whatever asks for a `place` to work at is run in memory and, where there is one, at a real server. What asks for
    a server is run only there."""
    if "place" in metafunc.fixturenames:
        metafunc.parametrize("place", ["memory", *(["server"] if real.PYTHON else [])], indirect=True)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    if not real.PYTHON:
        needs = {"server", "workspace", "client"}
        items[:] = [item for item in items if not needs & set(getattr(item, "fixturenames", ()))]
