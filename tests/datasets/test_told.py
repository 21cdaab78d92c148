"""What is told of a release, for people and for machines, is its manifest's numbers and nobody's typing."""

import json
from typing import Any

import pytest
import yaml

from annotations.datasets import manifest as mf
from annotations.datasets.card import card
from annotations.datasets.citation import citation, semantic
from annotations.datasets.croissant import croissant
from annotations.datasets.rows import CONFIGS, SPLITS, TYPES

ROWS = {"preference": {"train": 41, "test": 3}, "judgements": {"train": 170, "evaluate": 9}, "excluded": {"train": 12}}
CONFIGS_TOLD = {config: {split: ROWS.get(config, {}).get(split, 0) for split in splits}
                for config, splits in SPLITS.items()}  # fmt: skip
FACTS: dict[str, Any] = {
    "version": "20261123T060000Z+w2", "cutoff": "2026-11-23T06:00:00+00:00", "configs": CONFIGS_TOLD,
    "books": {"judgements": 1_191, "items": {"vote": 44, "flag": 3}},
    "varieties": {name: {} for name in SPLITS if name != "excluded"} | {"judgements": {"es-CL": 7, "quz": 2}},
    "reasons": {"preference/tie": 12}, "longest": {"preference": 900}, "labels": {}, "settings": {"small_cell": 5},
    "licences": {"contribution": ["CC-BY-4.0"], "source": ["CC0-1.0"], "output": ["MIT"], "model": ["m"],
                 "method": ["strict_majority"]},
}  # fmt: skip
FILES = {
    mf.file_of(config, split): {"sha256": f"{config}-{split}", "bytes": rows * 10, "rows": rows}
    for config, splits in ROWS.items() for split, rows in splits.items()
} | {"README.md": {"sha256": "card", "bytes": 5}}  # fmt: skip


@pytest.fixture
def told() -> dict[str, Any]:
    return json.loads(croissant(FACTS | {"files": FILES}))


def test_croissant_names_every_file_with_rows_as_the_manifest_does(told: dict[str, Any]) -> None:
    assert {(each["contentUrl"], each["sha256"], each["contentSize"]) for each in told["distribution"]} == {
        (name, known["sha256"], f"{known['bytes']} B") for name, known in FILES.items() if "rows" in known
    }
    assert {each["encodingFormat"] for each in told["distribution"]} == {"application/x-parquet"}


def names(fields: list[dict[str, Any]], above: str) -> Any:
    """{column: its columns inside, or None}"""
    return {
        each["name"].removeprefix(f"{above}/"): names(each["subField"], each["name"]) if "subField" in each else None
        for each in fields
    }


def columns(kinds: Any) -> Any:
    turns = {"role": None, "content": None}
    return {
        name: columns(kind) if not isinstance(kind, str) else turns if kind == "messages" else None
        for name, kind in kinds.items()
    }


def test_croissant_has_every_column_of_every_set_that_has_rows(told: dict[str, Any]) -> None:
    sets = {each["name"]: names(each["field"], each["name"]) for each in told["recordSet"]}
    assert sets == {f"{config}/{split}": columns(CONFIGS[config].columns)
                    for config, splits in ROWS.items() for split in splits}  # fmt: skip
    assert {each["description"] for each in told["recordSet"]} >= {f"{CONFIGS['preference'].about}; 41 rows"}


def test_no_type_of_a_column_is_unknown_to_croissant() -> None:
    from annotations.datasets import croissant as module

    assert set(module._TYPES) | {"messages"} == TYPES


def test_card_croissant_and_citation_say_the_same_numbers(told: dict[str, Any]) -> None:
    cited = yaml.safe_load(citation(FACTS))
    for text in (told["description"], cited["abstract"]):
        assert "1,191 judgements of 47 items, acknowledged up to 2026-11-23T06:00:00+00:00." in text
    assert "Judgements acknowledged: 1,191. Items judged: 47." in card(FACTS)
    assert told["version"] == cited["version"] == "20261123.60000.2"
    assert cited["license"] == ["CC-BY-4.0"]
    assert told["license"] == ["https://spdx.org/licenses/CC-BY-4.0"]
    assert (cited["cff-version"], cited["type"], cited["title"]) == ("1.2.0", "dataset", f"Minka {FACTS['version']}")
    assert "`es-CL` | 7 | " in card(FACTS)
    assert "█" * 20 in card(FACTS)


@pytest.mark.parametrize(
    ("kind", "names", "said"),
    [
        ("source", ["CC-BY-SA-4.0", "CC0-1.0"], "CC-BY-SA-4.0"),
        ("output", ["CC-BY-NC-SA-4.0"], "CC-BY-NC-SA-4.0"),
        ("external", ["ODbL-1.0"], "ODbL-1.0"),
        ("source", ["SA", "cc-by-sa-3.0"], "SA, cc-by-sa-3.0"),
    ],
)
def test_one_text_under_share_alike_binds_the_whole_and_the_card_says_so(
    kind: str, names: list[str], said: str
) -> None:
    told = card(FACTS | {"licences": FACTS["licences"] | {kind: names}})
    assert f"- **Share-alike.** Some rows come under {said}: " in told


@pytest.mark.parametrize("name", ["CC-BY-4.0", "MIT", "USA-Gov-1.0", "Salud"])
def test_without_such_a_text_it_says_nothing_of_it(name: str) -> None:
    assert "Share-alike" not in card(FACTS | {"licences": FACTS["licences"] | {"source": [name]}})


@pytest.mark.parametrize(
    ("version", "said"), [("20261123T060000Z", "20261123.60000.0"), ("20261123T235959Z+w1", "20261123.235959.1")]
)
def test_a_name_becomes_a_semantic_version(version: str, said: str) -> None:
    assert semantic(version) == said
