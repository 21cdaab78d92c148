"""Croissant's own reader takes a release: nothing is said against it, the first record of every set is the first row.

Validating alone does not notice a column that is not there, so every set is read.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import mlcroissant as mlc
import pyarrow.parquet as pq
import pytest

GIVEN = os.environ.get("MINKA_TEST_RELEASE", "")
RELEASES = [Path(GIVEN), Path(f"{GIVEN}-of-every-kind")]


@pytest.fixture(autouse=True)
def _a_release_is_given() -> None:
    if not GIVEN:
        pytest.fail("MINKA_TEST_RELEASE names no release of the platform (`make test-training` makes one)")


def read(folder: Path) -> mlc.Dataset:
    return mlc.Dataset(jsonld=str(folder / "croissant.json"))


def plain(value: Any, above: str = "") -> Any:
    """A record as a row has it: text instead of bytes, names without what stands above them, a day for its midnight."""
    if isinstance(value, dict):
        return {name.removeprefix(f"{above}/"): plain(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each, above) for each in value]
    if isinstance(value, bytes):
        return value.decode()
    return value.date() if hasattr(value, "date") else value


@pytest.mark.parametrize("folder", RELEASES, ids=["votes", "every kind"])
def test_every_set_of_records_is_valid_and_its_first_record_is_the_first_row(folder: Path) -> None:
    data = read(folder)
    assert (data.metadata.ctx.issues.errors, data.metadata.ctx.issues.warnings) == (set(), set())
    sets = [each.id for each in data.metadata.record_sets]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert sorted(sets) == sorted(
        f"{config}/{split}" for config, splits in manifest["configs"].items() for split, rows in splits.items() if rows
    )
    for name in sets:
        record = plain(next(iter(data.records(record_set=name))), name)
        (file,) = folder.glob(f"data/{name}-*.parquet")
        assert record == next(pq.ParquetFile(file).iter_batches(batch_size=1)).to_pylist()[0]


def test_in_a_release_of_every_kind_every_config_is_read() -> None:
    assert {each.id.split("/")[0] for each in read(RELEASES[1]).metadata.record_sets} == {
        "preference", "sft", "kto", "translation", "bias", "scores", "judgements", "external", "excluded",
    }  # fmt: skip


def test_a_twin_with_a_column_that_is_not_there_is_valid_and_cannot_be_read(tmp_path: Path) -> None:
    shutil.copytree(RELEASES[0], tmp_path / "twin")
    path = tmp_path / "twin" / "croissant.json"
    path.write_text(path.read_text("utf-8").replace('"column": "margin"', '"column": "margen"'), "utf-8")
    twin = read(path.parent)
    assert twin.metadata.ctx.issues.errors == set()
    with pytest.raises(Exception, match=r"Read\(data/preference/train"):
        next(iter(twin.records(record_set="preference/train")))
