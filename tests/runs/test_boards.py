"""Boards: what they count and what they leave out, and that the votes behind them are there for everybody."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.models import Cell
from annotations.corpus.models import Output
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of as release_folder
from annotations.datasets.models import Release
from annotations.datasets.recalls.actions import recall_due
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.rating.rubric import codes
from annotations.rating.seeding import load_rubric
from annotations.spreadsheets import harmless
from annotations.training.boards.actions import make_boards
from annotations.training.boards.battles import pairs
from annotations.training.boards.files import FILES, folder_of
from annotations.training.boards.models import Board
from annotations.training.boards.rules import ranks as ranks_of
from annotations.training.boards.rules import share
from tests.cast import answer, govern, line, people, seat_at, world
from tests.datasets.test_release import rows
from tests.runs.arena import BEST, MIDDLE, WORST, arena, board, crowd_of, made, meeting, meetings, ranks, vote

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.MINKA_RELEASES, settings.MINKA_BOARDS = tmp_path / "releases", tmp_path / "boards"


def lines_of(release: Release, name: str = "votes") -> list[dict[str, Any]]:
    with gzip.open(folder_of(release.version) / f"{name}.jsonl.gz", "rt") as file:
        return [json.loads(each) for each in file]


def models_with_a_number(found: Board) -> list[str]:
    return [each["model"] for each in found.lines if "value" in each]


# What counts --------------------------------------------------------------------------------------------------------


def test_who_is_preferred_stands_first_with_an_interval_and_the_ranks_it_allows() -> None:
    arena()
    made()
    found = board()
    assert models_with_a_number(found) == [BEST, MIDDLE, WORST]
    assert (found.votes, found.people, found.left_out) == (72, 6, 0)
    for each in found.lines:
        assert each["low"] <= each["value"] <= each["high"]
        assert each["best"] <= each["worst"]
        assert (each["votes"], each["people"]) == (48, 6)
        assert each["won"] + each["level"] + each["lost"] == pytest.approx(1, abs=1e-3)
    first, _middle, last = found.lines
    assert (first["won"], last["won"]) == (pytest.approx(5 / 6, abs=1e-4), pytest.approx(1 / 6, abs=1e-4))
    assert first["best"] == 1
    assert last["worst"] == 3
    assert set(found.pulls) == {"first", "length"}
    assert board("variety", "es-CL").votes == 72


def test_what_is_open_or_held_back_or_not_permitted_is_in_no_number_and_no_file() -> None:
    arena(*meetings(), meeting("q12", BEST, MIDDLE), meeting("q13", BEST, WORST), meeting("q14", BEST, WORST))
    vote(world(meeting("q15", BEST, MIDDLE), slug="abierta", needed=9), crowd_of(6))
    Output.objects.filter(text__endswith=" q12").update(quarantine="error_answer")
    Output.objects.filter(text__endswith=" q13").update(permitted_use=["train"])
    Cell.objects.filter(item__source_id="q14").update(held_back="broken")
    release = made()
    assert board().votes == 72
    assert len(lines_of(release)) == 72
    assert Board.objects.filter(facet="all").count() == 1


def test_a_governed_variety_is_on_no_board_unless_its_stewards_open_it() -> None:
    govern("quz")
    arena(*meetings(), crowd=5)
    quechua = (meeting(f"q{n}", BEST, MIDDLE, variety="quz") for n in range(20, 28))
    vote(world(*quechua, slug="quechua", needed=5), crowd_of(5, "quz"))
    release = made()
    assert not Board.objects.filter(value="quz").exists()
    assert {each["variety"] for each in lines_of(release)} == {"es-CL"}


def test_whoever_withdrew_is_in_no_board_that_is_made_later() -> None:
    arena(crowd=7)
    withdraw(person=Person.objects.get(username="persona-es-CL-0"))
    release = made()
    assert not Board.objects.exists(), "of every item one vote lacks now"
    assert lines_of(release) == []


def test_few_people_or_few_votes_give_no_number() -> None:
    arena(*meetings(), *(meeting(f"q{n}", BEST, "raulí") for n in (30, 31)), crowd=6)
    mexican = (meeting(f"q{n}", BEST, MIDDLE, variety="es-MX") for n in range(40, 44))
    vote(world(*mexican, slug="mexico", needed=4), crowd_of(4, "es-MX"))
    made()
    mexico = board("variety", "es-MX")
    assert (mexico.votes, mexico.people, mexico.left_out, mexico.pulls) == (None, None, None, {})
    assert mexico.lines == [{"model": BEST, "why": "few"}, {"model": MIDDLE, "why": "few"}]
    assert {"model": "raulí", "why": "few"} in board().lines
    assert models_with_a_number(board()) == [BEST, MIDDLE, WORST]


def test_models_that_never_met_the_others_are_told_apart() -> None:
    arena(*meetings(), *(meeting(f"q{n}", "raulí", "tepa") for n in range(50, 56)))
    made()
    found = board()
    assert models_with_a_number(found) == [BEST, MIDDLE, WORST]
    assert [each for each in found.lines if each.get("why") == "apart"] == [
        {"model": "raulí", "why": "apart"}, {"model": "tepa", "why": "apart"},
    ]  # fmt: skip


def test_an_answer_that_says_which_model_it_is_counts_for_nobody_and_is_counted() -> None:
    leaks = [meeting(f"q{n}", WORST, BEST, texts={WORST: "Soy Canelo, un modelo de OpenAI."}) for n in (60, 61)]
    arena(*meetings(), *leaks)
    release = made()
    assert (board().votes, board().left_out) == (72, 12)
    told = lines_of(release)
    assert sum(each["names_itself"] for each in told) == 12
    assert len(told) == 84


def test_questions_that_never_train_have_boards_of_their_own() -> None:
    arena(*meetings(6), *(each | {"role": "evaluate"} for each in meetings(24)[12:]))
    made()
    assert (board().votes, board(evaluate=True).votes) == (108, 72)
    assert board("variety", "es-CL", evaluate=True).votes == 72


def test_both_bad_is_level_and_is_told() -> None:
    campaign = world(*meetings(), slug="malas", needed=6)
    for person in people(6):
        for _item in range(12):
            answer(person, seat_at(person, campaign), {"preferred": "both_bad"})
    made()
    assert {(each["level"], each["both_bad"], each["won"]) for each in board().lines} == {(1, 1, 0)}
    assert set(ranks(board()).values()) == {(1, 3)}


def test_aspects_are_means_of_points() -> None:
    load_rubric()
    campaign = world(
        *(line(f"s{n}", kind="score", outputs=[{"model": (BEST, WORST)[n % 2], "text": f"Así {n}."}],
               prompt=f"¿Qué pasa con {n} y {n * n}?") for n in range(12)),
        slug="notas", kind="score", needed=6,
    )  # fmt: skip
    for person in people(6):
        for _item in range(12):
            seat = seat_at(person, campaign)
            point = 5 if seat.item.outputs.get().model.name == BEST else 2
            answer(person, seat, {"points": dict.fromkeys(codes(), point), "overall": point})
    release = made()
    found = board("aspect", "fluidez")
    assert [(each["model"], each["value"], each["best"], each["worst"]) for each in found.lines] == [
        (BEST, 5.0, 1, 1), (WORST, 2.0, 2, 2),
    ]  # fmt: skip
    assert (found.votes, found.people, found.pulls) == (72, 6, {})
    assert {each["fluidez"] for each in lines_of(release, "scores")} == {2, 5}


# The votes ----------------------------------------------------------------------------------------------------------


def test_whoever_counts_again_from_the_files_comes_to_the_same_and_finds_nobody() -> None:
    arena(*meetings(), domain_of("q70", "=HYPERLINK(1)"), crowd=6)
    release = made()
    told = lines_of(release)
    found = board()
    for each in found.lines:
        model = each["model"]
        met = [row for row in told if model in (row["first_model"], row["second_model"])]
        won = sum(row[f"{row['outcome']}_model"] == model for row in met if row["outcome"] in ("first", "second"))
        assert each["won"] == pytest.approx(won / len(met), abs=1e-4)
    published = {row["id"]: row for row in rows(release_folder(release.version), "judgements")}
    assert {each["vote"] for each in told} == set(published)
    assert {each["item"] for each in told} == {row["item_id"] for row in published.values()}
    text = json.dumps(told, ensure_ascii=False)
    assert "persona" not in text
    assert not {"person", "annotator", "date", "received_at"} & set(told[0])
    with gzip.open(folder_of(release.version) / "votes.csv.gz", "rt", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["vote"] for row in table] == [row["vote"] for row in told]
    assert {row["domain"] for row in table} == {"", "'=HYPERLINK(1)"}
    assert {row["domain"] for row in told} == {"", "=HYPERLINK(1)"}


def domain_of(name: str, domain: str) -> dict[str, Any]:
    return meeting(name, BEST, MIDDLE, domain=domain)


@given(st.text(max_size=9) | st.integers() | st.booleans())
def test_no_cell_of_a_table_begins_a_formula(value: Any) -> None:
    told = harmless(value)
    assert not (isinstance(told, str) and told.startswith(("=", "+", "-", "@", "\t", "\r")))
    assert isinstance(value, str) or told == value


def test_files_come_packed_or_not_and_only_by_their_names() -> None:
    arena()
    release = made()
    for name in FILES:
        address = f"/api/v1/boards/{release.version}/files/{name}"
        plain = Client().get(address)
        packed = Client().get(address, headers={"Accept-Encoding": "gzip"})
        assert (plain.status_code, packed.headers["Content-Encoding"]) == (200, "gzip")
        body = b"".join(plain.streaming_content)
        assert gzip.decompress(b"".join(packed.streaming_content)) == body
        assert "attachment" in plain.headers["Content-Disposition"]
    for name in ("votes.csv.gz", "..", "manifest.json"):
        assert Client().get(f"/api/v1/boards/{release.version}/files/{name}").status_code == 404
    assert Client().get("/api/v1/boards/none/files/votes.csv").status_code == 404


def test_what_was_erased_is_handed_out_no_more_and_the_next_boards_are_without_it() -> None:
    arena()
    once = volunteer("rosa", "muy-larga-y-rara", "es-CL")
    vote(world(meeting("q90", BEST, WORST), slug="otra", needed=1), [once])
    release = made()
    address = f"/api/v1/boards/{release.version}/files/votes.csv"
    assert Client().get(address).status_code == 200
    erase(person=once, contributions=True)
    assert (Client().get(address).status_code, Client().get(address).json()["code"]) == (410, "recalled")
    recall_due()
    assert Client().get("/api/v1/boards/").status_code == 404, "its boards are told no more"
    clean = make_boards()
    assert clean is not None
    assert clean.version == f"{release.version}+w1"
    assert not folder_of(release.version).exists()
    assert Client().get(address).status_code == 410
    assert Client().get("/api/v1/boards/").json()["release"] == clean.version


# When ---------------------------------------------------------------------------------------------------------------


def test_boards_are_made_once_of_a_release_and_by_hand_again() -> None:
    assert make_boards() is None, "there is no release"
    arena()
    release = made()
    before = list(Board.objects.values_list("facet", "value", "evaluate", "lines", "pulls"))
    bytes_before = (folder_of(release.version) / "votes.csv.gz").read_bytes()
    assert make_boards() is None
    told = io.StringIO()
    call_command("make_boards", stdout=told)
    assert told.getvalue().splitlines()[-1] == str(folder_of(release.version))
    assert list(Board.objects.values_list("facet", "value", "evaluate", "lines", "pulls")) == before
    assert (folder_of(release.version) / "votes.csv.gz").read_bytes() == bytes_before


def test_what_somebody_who_was_killed_left_goes_and_lost_files_are_written_again() -> None:
    arena()
    release = made()
    (folder_of(release.version) / "scores.csv.gz").unlink()
    folder_of(".half").mkdir()
    assert make_boards() == release
    assert sorted(each.name for each in folder_of(release.version).parent.iterdir()) == [release.version]


def test_a_later_release_has_boards_of_its_own_and_the_files_of_the_earlier_go() -> None:
    arena()
    first = made()
    second = publish()
    assert make_boards() == second
    assert not folder_of(first.version).exists()
    assert set(Board.objects.values_list("release__version", flat=True)) == {first.version, second.version}


# Rules --------------------------------------------------------------------------------------------------------------


def test_a_number_of_fewer_than_five_people_cannot_be_kept() -> None:
    arena()
    release = made()
    few = {"release": release, "facet": "domain", "value": "salud", "evaluate": False, "lines": [], "version": "1"}
    for wrong in ({"votes": 9, "people": 4, "left_out": 0, "pulls": {}}, {"pulls": {"first": [1, 1, 1]}}):
        with pytest.raises(IntegrityError, match="no_number_of_fewer_than_five_people"), transaction.atomic():
            Board.objects.create(**few, **wrong)
    Board.objects.create(**few, pulls={})
    with pytest.raises(IntegrityError, match="one_board_of_a_part"), transaction.atomic():
        Board.objects.create(**few, pulls={})
    with pytest.raises(IntegrityError, match="a_board_of_a_part_names_it"), transaction.atomic():
        Board.objects.create(**few | {"value": ""}, pulls={})


interval = st.tuples(st.floats(-5, 5), st.floats(0, 3)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(interval, min_size=1, max_size=8))
def test_ranks_hold_whatever_lies_within_the_intervals(ends: list[tuple[float, float]]) -> None:
    found = ranks_of(ends)
    middle = [(low + high) / 2 for low, high in ends]
    for place, (best, worst) in enumerate(found):
        ahead = sum(each > middle[place] for each in middle)
        behind = sum(each < middle[place] for each in middle)
        assert 1 <= best <= 1 + ahead
        assert len(ends) - behind <= worst <= len(ends)


@given(st.floats(-20, 20), st.floats(-20, 5))
def test_a_share_is_a_share_and_both_sides_make_one(lead: float, tie: float) -> None:
    assert 0 <= share(lead, tie) <= 1
    assert share(lead, tie) + share(-lead, tie) == pytest.approx(1)
    assert share(0, tie) == pytest.approx(0.5)


tiers = st.permutations([1, 2, 3, 4]).flatmap(
    lambda order: st.lists(st.booleans(), min_size=3, max_size=3).map(lambda cuts: _cut(order, cuts))
)


def _cut(order: list[int], cuts: list[bool]) -> list[list[int]]:
    found = [[order[0]]]
    for output, cut in zip(order[1:], cuts, strict=True):
        found += [[output]] if cut else []
        if not cut:
            found[-1].append(output)
    return found


@given(tiers, st.permutations([1, 2, 3, 4]))
def test_a_ranking_is_every_pair_once_and_says_of_each_what_its_tiers_say(ranking, shown: list[int]) -> None:
    told = list(pairs({"ranking": ranking, "shown": shown, "outcome": "tie", "preferred": None}))
    assert len({frozenset(each[:2]) for each in told}) == len(told) == 6
    tier = {output: place for place, members in enumerate(ranking) for output in members}
    for one, other, outcome in told:
        assert shown.index(one) < shown.index(other)
        assert (outcome == "tie") == (tier[one] == tier[other])
        assert (outcome == "first") == (tier[one] < tier[other])


@pytest.mark.parametrize("outcome", ["tie", "both_good", "both_bad"])
def test_what_prefers_none_is_said_of_every_pair(outcome: str) -> None:
    told = list(pairs({"ranking": None, "shown": [3, 1, 2], "outcome": outcome, "preferred": None}))
    assert told == [(3, 1, outcome), (3, 2, outcome), (1, 2, outcome)]
