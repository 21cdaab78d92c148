"""Nights of a small house."""

from pathlib import Path
from typing import Any

import pytest

from annotations.datasets.actions import publish
from annotations.datasets.models import Release
from annotations.people.models import Person
from tests.cast import answer, key_of, line, people, seat_at, world


@pytest.fixture
def crowd(settings: Any, tmp_path: Path) -> list[Person]:
    """Two people who judged two items, in a house without other releases."""
    settings.MINKA_RELEASES, settings.MINKA_SMALL_CELL = tmp_path / "minka", 0
    campaign = world(line("1"), line("2"), needed=2)
    crowd = people(2)
    for person in crowd:
        for _item in range(2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0), "strength": 2})
    return crowd


@pytest.fixture
def several(crowd: list[Person]) -> list[Release]:
    """Three nights, the last one today's."""
    return [publish() for _night in range(3)]
