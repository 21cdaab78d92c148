"""Many at once, in a short form: nothing fails and all of it is kept. `make load` is the long one, with times."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.house import started
from benchmarks.load import crowd, furnish
from tests.datasets.killing import Place

PEOPLE, SECONDS, FASTER = 50, 15, 20


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="minka-load-") as made:
        home = Path(made)
        home.chmod(0o755)
        with started(home) as house:
            yield Place(house, own_disk=False)


@pytest.fixture(scope="module")
def people(place: Place) -> Path:
    return furnish(place.house, PEOPLE, items=2_000)


def test_many_at_once_meet_no_error_and_all_they_sent_is_kept(place: Place, people: Path) -> None:
    run = crowd(place.house, people, PEOPLE, SECONDS, faster=FASTER)
    told = {each.name: each for each in run.asked}
    assert (run.errors, run.complaints) == (0, [])
    assert set(told) == {"next, API", "answer, API", "next, page", "answer and next, page"}
    assert all(each.count >= PEOPLE / 4 for each in run.asked)
    answers = told["answer, API"].count + told["answer and next, page"].count
    assert place.ask("SELECT count(*)::int FROM annotations_judgement") == [(answers,)]


def test_a_house_that_says_no_is_found_out(place: Place, people: Path) -> None:
    place.ask("UPDATE annotations_campaign SET state = 'closed' WHERE slug = 'bench'")
    assert crowd(place.house, people, 4, 6, faster=20).errors > 0
