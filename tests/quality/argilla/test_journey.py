"""Forty items about which the three annotators of the PandaLM test set disagree: pushed, answered as two experts,
pulled, and what they change stands in the release, with how it came about. In memory, and at a real server over its
API; how long each step takes is printed."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign
from annotations.corpus.lines import json_lines
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.verify import problems as faults
from annotations.people.demo import volunteer
from annotations.people.seeding import load_varieties
from annotations.quality.actions import settle_due
from annotations.quality.argilla.actions import exchange
from annotations.quality.argilla.models import Expert, ExpertDesk, ExpertRecord
from annotations.quality.argilla.port import Desk
from tests.cast import answer, key_of, seat_at
from tests.journeys.test_vote_to_release import PANDALM, as_line, rows
from tests.quality.argilla.scene import expert, problems

HOW_MANY = 40
PLACES = {"a": 0, "b": 1}


class Clock:
    """Prints what each step took."""

    def __init__(self, capsys: pytest.CaptureFixture[str], where: str) -> None:
        self._capsys, self._where = capsys, where

    @contextmanager
    def took(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        with self._capsys.disabled():
            print(f"\n{self._where}: {what}: {time.perf_counter() - began:.1f} s", end="")


@pytest.fixture
def pairs() -> list[dict[str, Any]]:
    found = [json.loads(line) for line in PANDALM.read_text("utf-8").splitlines()]
    told = [pair for pair in found if len(set(pair["votes"])) > 1]
    return [pair for pair in told if pair["response_a"].strip() and pair["response_b"].strip()][:HOW_MANY]


def voted(pairs: list[dict[str, Any]]) -> Campaign:
    load_varieties()
    campaign = Campaign.objects.create(slug="pandalm", name="PandaLM")
    report = load_items(campaign=campaign, lines=checked(json_lines(map(as_line, pairs)), "test"))
    assert report.added == HOW_MANY
    by_id = {pair["id"]: pair for pair in pairs}
    for voter in range(3):
        person = volunteer(f"annotator-{voter}", "a-long-password", "en")
        for _each in pairs:
            seat = seat_at(person, campaign)
            vote = by_id[seat.item.source_id]["votes"][voter]
            answer(person, seat, {"preferred": key_of(seat, PLACES[vote]) if vote in PLACES else "tie"})
    assert settle_due() == HOW_MANY
    ExpertDesk.objects.create(campaign=campaign, most=HOW_MANY)
    return campaign


def counted(pair: dict[str, Any]) -> tuple[str, str]:
    """What two of three said, and what the third said."""
    (most, _two), (least, _one) = Counter(pair["votes"]).most_common(2)
    return most, least


def said(pairs: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """By item what the two experts say: with the one that was alone, with the two, or each something else."""
    ways = {
        0: lambda most, least: (least, least),
        1: lambda most, least: (most, most),
        2: lambda most, least: (most, least),
    }
    return {pair["id"]: ways[(0, 0, 1, 2)[number % 4]](*counted(pair)) for number, pair in enumerate(pairs)}


def answers(who: int, told: dict[str, tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """In the order in which the record shows them."""
    found = {}
    for record in ExpertRecord.objects.select_related("cell__item"):
        vote = told[record.cell.item.source_id][who]
        output = record.cell.item.places.get(position=PLACES[vote]).output_id if vote in PLACES else None
        found[str(record.pk)] = {"preferred": "ab"[record.shown.index(output)] if output else "tie"}
    return found


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_forty_disputed_items_go_to_experts_and_the_release_says_what_they_decided(
    desk: Desk, place: Any, pairs: list[dict[str, Any]], capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest, settings: Any,
) -> None:  # fmt: skip
    settings.MINKA_SMALL_CELL = 0
    clock = Clock(capsys, request.node.callspec.params["place"])
    voted(pairs)
    before = preferences()
    experts: list[Expert] = [expert(desk, name, "en") for name in ("maestra", "poeta")]
    with clock.took(f"{HOW_MANY} items pushed"):
        assert exchange(desk).pushed == HOW_MANY
    told = said(pairs)
    with clock.took(f"{2 * HOW_MANY} answers given"):
        for who, each in enumerate(experts):
            place.answer_all(each.pk, answers(who, told))
    with clock.took(f"{2 * HOW_MANY} answers pulled and judged"):
        assert (exchange(desk).taken, problems()) == (2 * HOW_MANY, [])
    with clock.took("settled"):
        settle_due()
    with clock.took("nothing new"):
        assert exchange(desk) == (0, 0, 0)
    after, folder = preferences(), newest()
    assert faults(folder) == []
    expected: dict[str, tuple[str, str, int, float] | None] = {}
    for pair in pairs:
        most, _least = counted(pair)
        first, second = told[pair["id"]]
        verdict = (first, "anchors", 2, 1.0) if first == second != most else (most, "strict_majority", 5, 0.8)
        expected[pair["id"]] = verdict if first == second else None
    assert after == {name: each for name, each in expected.items() if each and each[0] in PLACES}
    assert {each[1:] for each in before.values()} == {("strict_majority", 3, 2 / 3)}
    assert {name: each[0] for name, each in before.items()} != {name: each[0] for name, each in after.items()}
    judgements = rows(folder, "judgements")
    assert Counter(row["channel"] for row in judgements) == {"api": 3 * HOW_MANY, "argilla": 2 * HOW_MANY}
    assert len({row["annotator"] for row in judgements if row["channel"] == "argilla"}) == 2
    left_out = {row["source_id"]: row["reason"] for row in rows(folder, "excluded") if row["config"] == "preference"}
    assert {name for name, reason in left_out.items() if reason == "unsettled"} == {
        name for name, each in expected.items() if each is None
    }  # fmt: skip


def newest() -> Path:
    return folder_of(publish().version)


def preferences() -> dict[str, tuple[str, str, int, float]]:
    """Of the newest release, by item: which output is chosen, and how that came about."""
    texts = {pair["id"]: pair for pair in map(json.loads, PANDALM.read_text("utf-8").splitlines())}
    found = {}
    for row in rows(newest(), "preference"):
        meta, pair = row["meta"], texts[row["meta"]["source_id"]]
        which = "a" if row["chosen"][0]["content"] == pair["response_a"] else "b"
        found[meta["source_id"]] = (which, meta["method"], meta["n"], meta["agreement"])
    return found
