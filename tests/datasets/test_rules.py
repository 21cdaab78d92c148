"""The rules of every config, without a database: whatever comes, each item stands once, in a sound row or with a
reason, and nothing leaves that must not."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.datasets import columns
from annotations.datasets.arrow import schema as arrow_schema
from annotations.datasets.columns import Batch
from annotations.datasets.configs.base import Part, Query, Ref, Terms
from annotations.datasets.configs.scores import ASPECTS
from annotations.datasets.configs.taught import TAUGHT
from annotations.datasets.once import InOneSplit
from annotations.datasets.parquet import File, _refuse_null
from annotations.datasets.rows import CONFIGS, REASONS, SCHEMAS, TYPES
from annotations.datasets.verify import _fixed, _row
from tests.datasets.test_verify import judgement

TERMS = Terms("20261128T060000Z", None, b"", 0)  # type: ignore[arg-type]
POINTS = ("scored", "overall", "commonest", "good", "bad", *ASPECTS)
OUTCOMES = [None, "output", "tie", "both_good", "both_bad", "no_majority"]
often = st.sampled_from([False] * 7 + [True])


@st.composite
def facts(draw: st.DrawFn, cell: int, place: int) -> dict[str, Any]:
    """A row as any of the queries gives it: every column that one of them has."""
    points = draw(st.lists(st.integers(1, 5), max_size=4))
    wrong = draw(st.booleans())
    evaluate = draw(often)
    counter = draw(st.sampled_from([None, "Mejor así.", "Un texto."]))
    kind = draw(st.sampled_from(["vote", "score"]))
    return {
        "cell_id": cell, "item_id": f"i{cell}", "record_id": f"r{cell}.{place}", "derived": place > 0,
        "source_id": f"s{cell}", "campaign": "c", "variety": "es-CL", "judged_as": "es-CL", "country": None,
        "domain": None, "orthography": None, "source": "s",
        "source_licence": draw(st.sampled_from(["CC0-1.0", "unknown", ""])),
        "contribution_licence": "CC-BY-4.0", "consent_versions": ["1"], "split": "evaluate" if evaluate else "train",
        "role": "evaluate" if evaluate else "train", "source_use": draw(st.sampled_from(["train", "evaluate", ""])),
        "outputs_train": not draw(often), "outputs_evaluate": True, "may_train": not draw(often),
        "stewards_train": True, "stewards_evaluate": True, "withdrawn": draw(often), "hidden": None,
        "governed": draw(often), "output_licence_missing": draw(often), "quarantined": draw(often),
        "held_back": draw(st.sampled_from(["", "", "", "practice", "broken"])),
        "outcome": draw(st.sampled_from(OUTCOMES)),
        "n": draw(st.integers(0, 3)), "agreement": draw(st.sampled_from([0.5, 0.8, 1.0])), "method": "m",
        "margin": draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])), "chosen": "Sí.", "chosen_licence": "MIT",
        "chosen_model": "m", "rejected": "No.", "rejected_licence": "MIT", "rejected_model": "m",
        "model": "m", "output_licence": "MIT", "text": "Un texto.", "needed": 2,
        "messages": json.dumps([{"role": "user", "content": f"¿{cell}?"}]),
        "opt_out": draw(st.sampled_from(["", "", "", "no_se"])), "undone": draw(often),
        "counted": draw(st.booleans()),
        "not_counted": draw(st.sampled_from(["", "rejected", "unproven", "enough", "concentration", "purged"])),
        "stands": draw(st.booleans()), "personal": draw(often), "reading": "accepted", "source_variety": "pt-BR",
        "source_name": "português", "variety_name": "espanhol", "started_from": None, "distance": None,
        "bridges": draw(often),
        "asked_alone": draw(often),
        "valid_here": False, "scored": len(points), "overall": sum(points) / len(points) if points else None,
        **dict.fromkeys(ASPECTS, sum(points) / len(points) if points else None),
        "commonest": max(map(points.count, points), default=0), "good": sum(each >= 4 for each in points),
        "bad": sum(each <= 2 for each in points), "first_model": "m", "first_licence": "MIT",
        "made_from": kind, "waits": draw(often), "heard": draw(st.booleans()),
        "verdict": draw(st.sampled_from([None, "fine", "veiled"])),
        "taken": counter is not None and draw(st.booleans()),  # `what_is_taken_is_a_counter_example`
        "voices_train": draw(st.booleans()), "voices_versions": ["1"],
        "wrong": wrong, "start": 0, "end": 2, "categories": ["otro"], "severity": 1, "groups": [], "stance": "endorsed",
        "common": None, "counter_example": counter, "says_another": counter == "Mejor así.",
    }  # fmt: skip


@st.composite
def cells(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Of each cell what its item is stands fixed; what was answered does not."""
    found = []
    fixed = ("role", "split", "governed", "quarantined", "held_back", "source_licence", "source_use", "outcome",
             "made_from", *POINTS, "output_licence_missing", "outputs_train", "waits", "n")  # fmt: skip
    for cell in range(draw(st.integers(1, 4))):
        first = draw(facts(cell, 0))
        found.append(first)
        for place in range(1, draw(st.integers(1, 3))):
            other = draw(facts(cell, place))
            found.append(other | {name: first[name] for name in fixed} | {"withdrawn": first["withdrawn"],
                         "may_train": first["may_train"]})  # fmt: skip
    return found


def parts() -> list[tuple[str, Part]]:
    return [(config.name, part) for config in CONFIGS.values() if config.kinds for part in config.parts]


def routed(config: str, part: Part, given_rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Row by row what the columns of these rows become. Whether words show somebody is drawn, and not found."""
    missing = ({"counted"} - {*part.decides}) | ({"derived"} if part.left != "first" else set())
    several = pa.RecordBatch.from_pylist([
        {name: value for name, value in row.items() if name not in missing} for row in given_rows
    ])  # fmt: skip
    batch = Batch(Query(part.query.sql, found=part.query.found), several)
    for into, split, records in columns.routed(config, part, batch, TERMS):
        for row in records.to_pylist():
            yield into, split, row


@given(cells())
def test_each_item_stands_once_in_a_sound_row_or_with_a_reason(given_rows: list[dict[str, Any]]) -> None:
    for name, part in parts():
        seen: dict[bytes, str] = {}
        once: Counter[str] = Counter()
        for config, split, row in routed(name, part, given_rows):
            if config == "excluded":
                assert (row["unit"], row["config"]) == ("item", name)
                assert row["reason"] in REASONS
                once[row["source_id"]] += 1
            else:
                assert config == name
                assert split in CONFIGS[name].splits
                assert list(_row(config, split, row)) == []
                assert all(seen.setdefault(one, split) == split for _what, one in _fixed(row))
                once[row["meta"]["source_id"]] += not row["meta"]["derived"]
        every = Counter({row["source_id"]: 1 for row in given_rows})
        assert once == (Counter() if part is TAUGHT else every), "each item once, and what is taught beside"


@given(cells())
def test_what_must_not_leave_is_in_no_config_that_trains(given_rows: list[dict[str, Any]]) -> None:
    by_record = {row["record_id"]: row for row in given_rows}
    for name, part in parts():
        for config, _split, row in routed(name, part, given_rows):
            if config == "excluded":
                continue
            came = by_record[row["meta"]["record_id"]]
            kept = ("withdrawn", "governed", "quarantined", "held_back", "output_licence_missing", "bridges")
            assert [name for name in kept if came[name]] == []
            assert came["source_licence"] != ""
            assert part is not TAUGHT or (came["taken"], came["heard"], came["verdict"]) == (True, True, "veiled")
            assert part is not TAUGHT or came["voices_train"]
            assert not ("asked" in part.query.found and (came["personal"] or came["asked_alone"] or not came["stands"]))
            if CONFIGS[name].trains:
                assert came["role"] == "train"
                assert row["meta"]["permitted_use"] == ["train"]


def test_every_type_is_known_and_only_judgements_and_scores_hold_what_evaluates() -> None:
    def kinds(columns: Any) -> set[str]:
        return {
            name for kind in columns.values()
            for name in (kinds(kind) if not isinstance(kind, str) else {kind.rstrip("?")})
        }  # fmt: skip

    assert set().union(*(kinds(columns) for columns in SCHEMAS.values())) <= TYPES
    assert {name for name, config in CONFIGS.items() if "evaluate" in config.splits} == {"judgements", "scores"}
    assert {name for name, config in CONFIGS.items() if config.trains} == {
        "preference", "sft", "kto", "translation", "bias",
    }  # fmt: skip


USER, ANSWER = {"role": "user", "content": "¿Qué?"}, {"role": "assistant", "content": "Eso."}
META = {
    "text": "x", "texts": ["train"], "bool": False, "int": 1, "float": 1.0,
    "messages": [USER], "date": None, "tiers": None,
}  # fmt: skip


def sound(config: str, **changes: Any) -> dict[str, Any]:
    """A row that nothing is wrong with, but for these changes."""
    fits = {
        "sft": {"messages": [USER, ANSWER]}, "kto": {"completion": [ANSWER]},
        "preference": {"chosen": [ANSWER], "rejected": [ANSWER | {"content": "No."}]},
        "bias": {"text": "Es así.", "start": 0, "end": 2, "words": "Es", "verdict": "fine"}, "scores": {},
        "translation": {"source": "Onde?", "target": "¿Dónde?"},
    }[config]  # fmt: skip
    row = {name: META[kind.rstrip("?")] for name, kind in SCHEMAS[config].items() if name != "meta"}
    meta = {name: META[kind.rstrip("?")] for name, kind in SCHEMAS[config]["meta"].items()} | {"split": "train"}
    return row | fits | changes | {"meta": meta | changes.get("meta", {})}


@pytest.mark.parametrize(
    ("config", "damage", "named"),
    [
        ("sft", {"messages": [USER]}, "does not end with an answer"),
        ("sft", {"messages": [ANSWER, ANSWER]}, "does not end with an answer"),
        ("sft", {"messages": [USER, ANSWER | {"content": " "}]}, "a turn is empty"),
        ("kto", {"prompt": [USER, ANSWER]}, "does not end with the user's turn"),
        ("kto", {"completion": [ANSWER, ANSWER]}, "completion is not one answer"),
        ("kto", {"label": None}, "label is null"),
        ("preference", {"rejected": [ANSWER]}, "are the same"),
        ("preference", {"margin": 0.0}, "is not in (0, 2]"),
        ("translation", {"target": ""}, "one of the two texts is empty"),
        ("translation", {"started_from": "r", "distance": None}, "how far it went"),
        ("bias", {"end": 3}, "other words stand at its span"),
        ("bias", {"end": None}, "its span has one end"),
        ("bias", {"severity": 5}, "how grave it is"),
        ("bias", {"verdict": "out"}, "stays out"),
        ("bias", {"taken": True, "counter_example": None}, "what was taken as a good answer is not told"),
        ("sft", {"meta": {"made_from": "vote", "output_licence": ""}}, "does not say under which licence"),
        ("scores", {"fluidez": 5.5}, "not from 1 to 5"),
    ],
)
def test_what_a_trainer_would_swallow_is_named(config: str, damage: dict[str, Any], named: str) -> None:
    assert list(_row(config, "train", sound(config))) == []
    found = list(_row(config, "train", sound(config, **damage)))
    assert any(named in problem for problem in found), found


def test_a_prompt_that_evaluates_is_in_no_file_that_trains() -> None:
    evaluates = sound("scores")
    evaluates["meta"] |= {"split": "evaluate", "source_id": "e"}
    assert list(_row("scores", "evaluate", evaluates)) == []
    with InOneSplit() as splits:
        for split, row in (("evaluate", evaluates), ("train", sound("sft")), ("train", sound("sft"))):
            for what, one in _fixed(row):
                splits.add(one, split, (f"{split}.parquet", 7, what))
        assert list(splits.broken()) == [("train.parquet", 7, "prompt")] * 2


def test_a_row_that_permits_no_training_is_named_where_it_trains_and_nowhere_else() -> None:
    for config in ("sft", "scores"):
        row = sound(config)
        row["meta"]["permitted_use"] = ["evaluate"]
        assert list(_row(config, "train", row)) == (
            ["its permitted use does not allow training"] if config == "sft" else []
        )


# Columns and files --------------------------------------------------------------------------------------------------


def test_a_rule_that_looks_at_a_column_it_did_not_name_is_found_out() -> None:
    text = Ref("text")
    for look in (bool, len, iter, lambda each: "x" in each, lambda each: each[0], lambda each: each < "x"):
        with pytest.raises(TypeError, match="looks at text, which is not among"):
            look(text)


def test_rows_are_told_apart_however_many_columns_decide() -> None:
    """In more ways than a number has room for: of eleven columns with 128 values each, 2^77. What the first one says
    would be lost."""
    names = [f"c{number}" for number in range(11)]
    same = [dict.fromkeys(names, value) for value in range(128)]
    rows = [*same, *({**row, "c0": 127 - row["c0"]} for row in same), *same]
    kinds = Batch(Query(""), pa.RecordBatch.from_pylist(rows)).alike(names)
    assert [{name: kinds.facts[kind][name] for name in names} for kind in kinds.of] == rows
    assert len(kinds.facts) == 256


def test_a_column_of_json_without_rows_is_a_column_without_rows() -> None:
    none = Batch(Query(""), pa.RecordBatch.from_pylist([], schema=pa.schema([("messages", pa.string())])))
    assert none.column("messages", "messages").to_pylist() == []


def judgements(*numbers: int, **changes: Any) -> pa.RecordBatch:
    rows = [judgement(number) | {"text": f"t{number}"} | changes for number in numbers]
    return pa.RecordBatch.from_pylist(rows, schema=arrow_schema("judgements"))


def test_bytes_of_a_file_do_not_tell_in_what_batches_its_rows_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.datasets.parquet.GROUP", 4)
    found = []
    for sizes in ([11], [3, 3, 5], [1] * 11, [4, 0, 7], [0]):
        path, left = tmp_path / "x" / "train.parquet", iter(range(11))
        with File(path, "judgements") as file:
            for size in sizes:
                file.add(judgements(*(next(left) for _row in range(size))))
        found.append(path.read_bytes() if path.exists() else b"")
        if sizes == [11]:
            read = pq.ParquetFile(path)
            assert [read.metadata.row_group(group).num_rows for group in range(read.num_row_groups)] == [4, 4, 3]
            assert read.read().column("text").to_pylist() == [f"t{number}" for number in range(11)]
        path.unlink(missing_ok=True)
    assert len(set(found[:4])) == 1
    assert found[4] == b"", "a file with nothing in it is not made"


def test_a_null_where_none_may_be_is_refused_within_a_list_too(tmp_path: Path) -> None:
    field = pa.array([["a", None]], pa.list_(pa.string()))
    with pytest.raises(ValueError, match="something in languages is null"):
        _refuse_null("languages", field, "texts")
    with File(tmp_path / "x.parquet", "judgements") as file, pytest.raises(ValueError, match="campaign is null"):
        file.add(judgements(1, campaign=None))
