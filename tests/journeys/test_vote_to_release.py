"""Walk 1 without a browser: real votes of the PandaLM test set, through the actions a browser uses, to a release."""

import json
import os
import shutil
import uuid
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command

from annotations.assignments.actions import Submission, submit
from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign
from annotations.assignments.seats import next_for
from annotations.corpus.lines import json_lines
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.verify import problems
from annotations.people.demo import volunteer
from annotations.people.seeding import load_varieties

PANDALM = Path(__file__).parents[1] / "data" / "pandalm" / "items.jsonl"


HOW_MANY = {0: 999, 5: 120}
"""All of the set once; with the small-cell rule on, enough of it to see ties and empty answers."""


def as_line(pair: dict) -> bytes:
    prompt = pair["instruction"] + ("\n\n" + pair["input"] if pair["input"] else "")
    line = {
        "id": pair["id"], "variety": "en", "prompt": prompt, "source": "PandaLM test set", "licence": "Apache-2.0",
        "permitted_use": ["train", "evaluate"],
        "outputs": [
            {"model": pair["model_a"], "text": pair["response_a"]},
            {"model": f"{pair['model_b']}", "text": pair["response_b"]},
        ],
    }  # fmt: skip
    return json.dumps(line).encode()


def majority(votes: list[str]) -> str:
    choice, count = Counter(votes).most_common(1)[0]
    return choice if 2 * count > len(votes) else "no_majority"


@pytest.fixture
def pairs() -> list[dict]:
    return [json.loads(line) for line in PANDALM.read_text("utf-8").splitlines()]


def replay(pairs: list[dict]) -> tuple[Campaign, list]:
    load_varieties()
    campaign = Campaign.objects.create(slug="pandalm", name="PandaLM")
    report = load_items(campaign=campaign, lines=checked(json_lines(as_line(pair) for pair in pairs), "test"))
    by_id = {pair["id"]: pair for pair in pairs}
    for voter in range(3):
        person = volunteer(f"annotator-{voter}", "a-long-password", "en")
        while seat := next_for(person=person, campaign=campaign):
            pair = by_id[seat.item.source_id]
            vote = pair["votes"][voter]
            first = seat.item.places.get(position=0).output_id
            in_first_place = seat.shown[0] == first
            key = "tie" if vote == "tie" else "a" if (vote == "a") == in_first_place else "b"
            submit(person=person, submission=Submission(uuid.uuid4(), seat.pk), answer={"preferred": key})
    return campaign, report.refused


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("small_cell", [0, 5])
def test_a_release_of_real_votes_equals_their_majority(pairs: list[dict], small_cell: int, settings) -> None:
    settings.MINKA_SMALL_CELL = small_cell
    pairs = pairs[: HOW_MANY[small_cell]]
    empty = [pair["id"] for pair in pairs if not (pair["response_a"].strip() and pair["response_b"].strip())]
    _campaign, refused = replay(pairs)
    assert sorted(problem.id for problem in refused) == sorted(empty)

    release = publish()
    folder = folder_of(release.version)
    assert problems(folder) == []
    call_command("verify_release", str(folder))

    good = {pair["id"]: pair for pair in pairs if pair["id"] not in empty}
    settled = {name: majority(pair["votes"]) for name, pair in good.items()}
    preferences = rows(folder, "preference")
    excluded = rows(folder, "excluded")
    assert {row["meta"]["source_id"] for row in preferences} == {n for n, v in settled.items() if v in "ab"}
    for row in preferences:
        pair, winner = good[row["meta"]["source_id"]], settled[row["meta"]["source_id"]]
        assert row["chosen"] == [{"role": "assistant", "content": pair[f"response_{winner}"]}]
        signed = [{"a": 1, "b": -1, "tie": 0}[vote] for vote in pair["votes"]]
        assert row["margin"] == pytest.approx(abs(sum(signed)) / 3)
    assert {row["source_id"]: row["reason"] for row in excluded if row["config"] == "preference"} == {
        name: value for name, value in settled.items() if value not in ("a", "b")
    }
    judgements = rows(folder, "judgements")
    assert len(judgements) == 3 * len(good)
    assert release.manifest["books"] == {"judgements": 3 * len(good), "items": {"vote": len(good)}, "external": 0}
    assert {row["annotator"] is None for row in judgements} == {bool(small_cell)}
    assert publish(cutoff=release.cutoff).pk == release.pk
    if (keep := os.environ.get("MINKA_KEEP_RELEASE")) and not small_cell:
        shutil.copytree(folder, keep)


def rows(folder: Path, config: str) -> list[dict]:
    return [
        row for path in sorted((folder / "data" / config).glob("*.parquet")) for row in pq.read_table(path).to_pylist()
    ]
