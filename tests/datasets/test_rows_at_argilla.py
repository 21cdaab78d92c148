"""What of a release is shown at Argilla: a slice, and nothing that stewards keep from it."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from annotations.datasets.targets.argilla import LONGEST, Rows, _task, _text
from minka.settings import _apart_from_experts, _targets
from tests.cast import govern

pytestmark = pytest.mark.django_db


def rows(**facts: Any) -> Rows:
    return Rows("minka", "preference", "https://argilla.example", **{"variety": "", "most": 0, "key": "x"} | facts)


def row(number: int, variety: str) -> dict[str, Any]:
    return {"prompt": [{"role": "user", "content": "¿Qué?"}], "meta": {"record_id": str(number), "variety": variety}}


def test_what_stewards_keep_from_argilla_is_left_out(seeds: None) -> None:
    several = [row(1, "es-CL"), row(2, "quz"), row(3, "es-CL")]
    govern("quz")
    assert [each["meta"]["record_id"] for each in rows()._slice(several)] == ["1", "3"]
    assert [each["meta"]["record_id"] for each in rows(most=1)._slice(several)] == ["1"]
    assert rows(variety="quz")._slice(several) == []


def test_what_stewards_open_to_it_is_shown(seeds: None) -> None:
    """The twin."""
    govern("quz", sends_to_argilla=True)
    assert len(rows(variety="quz")._slice([row(1, "es-CL"), row(2, "quz")])) == 1


def test_a_row_is_a_task_with_its_columns_as_one_reads_them() -> None:
    task = _task(
        row(7, "es-CL") | {"margin": 1.5, "note": None, "empty": ""}, {"of_file": "f", "of_bytes": 1, "of_rows": 2}
    )
    assert task.id == "7"
    assert task.fields["prompt"] == "user: ¿Qué?"
    assert (task.fields["margin"], task.fields["empty"]) == ("1.5", "–")
    assert "note" not in task.fields
    assert task.facts == {"of_file": "f", "of_bytes": 1, "of_rows": 2, "of_variety": "es-CL"}
    assert len(_text("x" * 30_000)) == LONGEST


def test_only_files_of_its_config_go_there() -> None:
    takes = rows().takes
    assert takes("data/preference/train-00000-of-00001.parquet")
    for other in ("README.md", "manifest.json", "data/sft/train-00000-of-00001.parquet", "data/preference/x.md"):
        assert not takes(other)


@pytest.mark.parametrize(
    "address",
    ["argilla://minka/preference", "argilla://minka?endpoint=https://a.example", "argilla:///sft?endpoint=https://a.example",
     "argilla://minka/a/b?endpoint=https://a.example", "argilla://minka/sft?endpoint=https://a.example&most=x",
     "argilla://minka/sft?endpoint=https://a.example&token=X", "argilla://u:p@minka/sft?endpoint=https://a.example"],
)  # fmt: skip
def test_an_address_that_is_not_one_is_told_when_minka_starts(address: str) -> None:
    from django.core.exceptions import ImproperlyConfigured

    good = "argilla://minka/sft?endpoint=https://a.example&most=9&variety=es-CL&key=CLAVE"
    assert _targets(f"x={good}") == {"x": good}
    with pytest.raises(ImproperlyConfigured):
        _targets(f"x={address}")


def test_no_release_is_read_where_experts_review() -> None:
    """It would tell them which model answered what, and what the others decided."""
    url, here = "https://a.example", "a=argilla://minka/sft?endpoint=https://a.example"
    with pytest.raises(ImproperlyConfigured, match="experts review"):
        _apart_from_experts(_targets(here), url + "/", "minka")
    elsewhere = _targets(
        "a=argilla://read/sft?endpoint=https://a.example b=argilla://minka/sft?endpoint=https://b.example"
    )
    assert _apart_from_experts(elsewhere, url, "minka") == elsewhere
    assert _apart_from_experts(_targets(here), "", "minka") == _targets(here)
