"""The part of a release that one may use for something: the same items in every config, and all of it or a reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.assignments.models import Campaign
from annotations.corpus.models import Output, Prompt, Source
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.subset import COMMERCIAL, NAME, NotSound, main, subset
from tests.cast import line, people, world
from tests.datasets.test_release import CHOICES, rows, vote_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings: Any) -> Path:
    """A release in which one item's source is unknown, and several have outputs under a model's own licence."""
    settings.MINKA_SMALL_CELL = 0
    campaign: Campaign = world(*(line(name) for name in CHOICES))
    vote_all(campaign, people(3), CHOICES)
    items = list(campaign.items.order_by("pk"))
    unknown = Source.objects.create(name="otra", licence="unknown", permitted_use=["train", "evaluate"])
    Prompt.objects.filter(pk=items[0].prompt_id).update(source=unknown)
    Output.objects.filter(item__in=items[1:5]).update(licence="llama3.1")
    return folder_of(publish().version)


def every(folder: Path, config: str) -> list[dict[str, Any]]:
    return rows(folder, config)


def licences(row: dict[str, Any]) -> set[str]:
    facts = row.get("meta", row)
    return {value for name, value in facts.items() if name.endswith("_licence") and value is not None}


def test_each_row_stays_whole_or_goes_for_a_licence(folder: Path, tmp_path: Path) -> None:
    told = subset(folder, tmp_path / "part", COMMERCIAL)
    assert json.loads((tmp_path / "part" / NAME).read_text()) == told
    assert sum(len(every(folder, config)) for config in told["rows"]) > 20
    for config, splits in told["rows"].items():
        all_of_it, part = every(folder, config), every(tmp_path / "part", config)
        assert part == [row for row in all_of_it if licences(row) <= COMMERCIAL]
        gone = sum(told["left_out"].get(config, {}).values())
        assert (len(part), len(all_of_it)) == (sum(splits.values()), sum(splits.values()) + gone)
    assert set(told["left_out"]["judgements"]) == {"unknown"}, "no output stands in them"
    assert "llama3.1" in {code for gone in told["left_out"].values() for code in gone}


def test_more_licences_let_more_in_and_all_let_all_in(folder: Path, tmp_path: Path) -> None:
    assert (
        main([str(folder), str(tmp_path / "all"), "--commercial", "--licence", "unknown", "--licence", "llama3.1"]) == 0
    )
    told = json.loads((tmp_path / "all" / NAME).read_text())
    assert told["left_out"] == {}
    for config in told["rows"]:
        assert every(tmp_path / "all", config) == every(folder, config)


def test_it_says_no_clearly(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(folder), str(tmp_path / "part")])
    (tmp_path / "there").mkdir()
    assert main([str(folder), str(tmp_path / "there"), "--commercial"]) == 1
    (folder / "README.md").write_text("otra")
    with pytest.raises(NotSound, match=r"README\.md"):
        subset(folder, tmp_path / "part", COMMERCIAL)
    assert not (tmp_path / "part").exists()
    assert "name a licence" in capsys.readouterr().err
