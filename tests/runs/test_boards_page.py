"""The page of boards and its API: what they show, what they cost, and that no part is told of that is not there."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from annotations.datasets.models import Release
from annotations.training.boards.charts import Dot, Scale, scale_of
from annotations.training.boards.models import Board
from tests.runs.arena import BEST, WORST, arena, made, meeting, meetings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.MINKA_RELEASES, settings.MINKA_BOARDS = tmp_path / "releases", tmp_path / "boards"


def page(query: str = "", language: str = "en") -> str:
    answer = Client(headers={"Accept-Language": language}).get(f"/boards/{query}")
    assert answer.status_code == 200
    assert not answer.wsgi_request.session.accessed
    text = answer.content.decode()
    assert "csrfmiddlewaretoken" not in text
    assert "style=" not in text
    return text


def test_without_a_board_the_page_says_when_there_will_be_one() -> None:
    assert "It is made each night of what is published." in page()
    assert Client().get("/api/v1/boards/").status_code == 404


@pytest.fixture
def release() -> Release:
    arena(*meetings(domain="salud"), *(meeting(f"q{n}", BEST, "raulí", role="evaluate") for n in (80, 81)))
    return made()


def test_the_page_shows_dots_ranks_numbers_and_the_ways_to_every_part(release: Release) -> None:
    text = page()
    assert text.count('<svg class="plot"') == 6, "a dot and how its meetings ended, of three models"
    assert f'/lineage/?model={BEST}"' in text
    for address in ("?variety=es-CL", "?domain=salud", "?prompts=evaluate"):
        assert f'href="/boards/{address}"' in text
    assert f"/api/v1/boards/{release.version}/files/votes.csv" in text
    assert "Not enough votes yet" in text
    assert "raulí" in text
    assert page("?domain=salud").count('<svg class="plot"') == 6
    assert page("?prompts=evaluate").count('<svg class="plot"') == 0


def test_a_part_that_is_not_there_is_not_found_and_two_at_once_are_no_part(release: Release) -> None:
    for query in ("?variety=es-MX", "?aspect=x", f"?domain={'x' * 900}"):
        assert Client().get(f"/boards/{query}").status_code == 404
        assert Client().get(f"/api/v1/boards/{query}").status_code == 404
    for query in ("?variety=es-CL&domain=salud", "?prompts=all"):
        assert Client().get(f"/boards/{query}").status_code == 400
        assert Client().get(f"/api/v1/boards/{query}").json()["code"] == "invalid"


def test_the_api_tells_what_the_page_shows(release: Release) -> None:
    told = Client().get("/api/v1/boards/?variety=es-CL").json()
    found = Board.objects.get(facet="variety", value="es-CL", evaluate=False)
    assert (told["release"], told["votes"], told["lines"], told["pulls"]) == (
        release.version, found.votes, found.lines, found.pulls,
    )  # fmt: skip
    assert {"facet": "domain", "value": "salud", "evaluate": False} in told["parts"]
    assert set(told["files"]) == {"votes.csv", "votes.jsonl", "scores.csv", "scores.jsonl"}


def test_the_page_costs_the_same_however_many_boards_models_and_nights(
    release: Release, django_assert_num_queries
) -> None:
    found = Board.objects.get(facet="all", evaluate=False)
    for more in (0, 40):
        Board.objects.bulk_create(
            Board(release=release, facet="domain", value=f"d{n}", evaluate=False, lines=[], pulls={}, version="1")
            for n in range(more)
        )
        found.lines = found.lines + [found.lines[0] | {"model": f"m{n}"} for n in range(more)]
        found.save()
        with django_assert_num_queries(5):
            assert Client().get("/boards/").status_code == 200
        with django_assert_num_queries(2):
            assert Client().get("/api/v1/boards/").status_code == 200


def test_how_it_was_before_is_drawn_from_release_to_release(release: Release) -> None:
    before = Board.objects.get(facet="all", evaluate=False)
    assert "How it was before" not in page()
    earlier = Release.objects.get(pk=release.pk)
    earlier.pk, earlier.version, earlier.cutoff = None, "20200101T000000Z", release.cutoff.replace(year=2020)
    earlier.save()
    Board.objects.create(release=earlier, facet="all", evaluate=False, lines=before.lines, pulls={}, version="1")
    text = page()
    assert text.count('<svg class="plot"') == 9
    assert "How it was before" in text


def test_a_scale_holds_every_interval_and_the_half() -> None:
    lines = [{"model": WORST, "value": 0.1, "low": 0.04, "high": 0.3}, {"model": BEST, "why": "few"}]
    board = Board(facet="all", lines=lines)
    scale = scale_of(board)
    assert (scale.low, scale.high, scale.lines) == (0.0, 0.7, [714])
    dot = Dot(lines[0], scale)
    assert (dot.low, dot.at, dot.high) == (57, 143, 429)
    assert scale_of(Board(facet="all", lines=[])) == Scale(0.3, 0.7, (0.5,))
    assert scale_of(Board(facet="aspect", lines=lines)).lines == [250, 500, 750]
