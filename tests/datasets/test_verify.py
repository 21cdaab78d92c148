"""Proving a release from its folder: what is wrong with it is named, and memory does not grow with it."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotations.datasets import jsonl
from annotations.datasets import manifest as mf
from annotations.datasets.arrow import schema
from annotations.datasets.rows import CONFIGS, FORMAT, SCHEMAS, SPLITS
from annotations.datasets.verify import problems

ROOT = Path(__file__).parents[2]
GROUP = 2_000


def judgement(number: int, split: str = "train") -> dict[str, Any]:
    columns = CONFIGS["judgements"].columns
    plain = {"text": f"v{number}", "bool": True, "float": 1.0, "texts": ["a"]}
    row = {name: plain.get(kind) if not kind.endswith("?") else None for name, kind in columns.items()}
    return row | {"text": "Palabra " * 40, "split": split, "date": dt.date(2026, 11, 28)}


def release_of(folder: Path, rows: dict[str, int]) -> Path:
    """A release of so many judgements in each split, and nothing else."""
    number = 0
    for split, many in rows.items():
        path = folder / mf.file_of("judgements", split)
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(path, schema("judgements"), compression="zstd") as writer:
            for start in range(0, many, GROUP):
                several = [judgement(number + place, split) for place in range(start, min(start + GROUP, many))]
                writer.write_batch(pa.RecordBatch.from_pylist(several, schema=schema("judgements")))
        number += many
    seal(folder, rows)
    return folder


def seal(folder: Path, rows: dict[str, int]) -> None:
    """Card, sums and manifest for what lies there, as whoever forges a release would write them."""
    (folder / "README.md").write_text("A card.\n", "utf-8")
    files = mf.describe(folder, {mf.file_of("judgements", split): many for split, many in rows.items()})
    configs = {config: dict.fromkeys(splits, 0) for config, splits in SPLITS.items()}
    configs["judgements"] |= rows
    mf.write(folder, {
        "format": FORMAT, "files": files, "release_id": mf.release_id(files), "configs": configs,
        "books": {"judgements": sum(rows.values()), "items": {}},
    })  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return release_of(tmp_path / "release", {"train": 5_000, "test": 10})


def test_a_whole_release_is_sound(folder: Path) -> None:
    assert problems(folder) == []


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def without_a_line(path: Path) -> None:
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")


TRAIN = mf.file_of("judgements", "train")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda folder: flip(folder / TRAIN),
         [f"{TRAIN}: its checksum is not", f"SHA256SUMS: does not hold for {TRAIN}"]),
        (lambda folder: (folder / TRAIN).unlink(), [f"{TRAIN}: is missing", f"SHA256SUMS: does not hold for {TRAIN}"]),
        (lambda folder: (folder / "data/judgements/train-00001-of-00002.parquet").touch(),
         ["data/judgements/train-00001-of-00002.parquet: is not named in the manifest",
          "SHA256SUMS: does not hold for data/judgements/train-00001-of-00002.parquet"]),
        (lambda folder: edit(folder / mf.NAME, '"judgements": 5010', '"judgements": 5011'),
         ["SHA256SUMS: does not hold for manifest.json"]),
        (lambda folder: edit(folder / mf.NAME, '"bytes": 8', '"bytes": 9'),
         ["manifest.json: release_id does not match", "README.md: has 8 bytes, the manifest says 9",
          "SHA256SUMS: does not hold for manifest.json"]),
        (lambda folder: (folder / mf.SUMS).unlink(), ["SHA256SUMS: is missing"]),
        (lambda folder: without_a_line(folder / mf.SUMS), ["SHA256SUMS: does not hold for README.md"]),
        (lambda folder: (folder / mf.TOMBSTONE).write_text("{}"), ["tombstone.json: it was recalled"]),
        (lambda folder: (folder / mf.NAME).unlink(), ["manifest.json cannot be read"]),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_named_and_nothing_else(
    folder: Path, damage: Callable[[Path], Any], named: list[str]
) -> None:
    damage(folder)
    found = problems(folder)
    assert len(found) == len(named), found
    for problem, beginning in zip(found, named, strict=True):
        assert problem.startswith(beginning), found


def test_a_forger_who_seals_it_anew_is_found_by_the_books(folder: Path) -> None:
    (folder / TRAIN).unlink()
    manifest = json.loads((folder / mf.NAME).read_text("utf-8"))
    seal(folder, {"test": 10})
    mf.write(folder, json.loads((folder / mf.NAME).read_text("utf-8")) | {"books": manifest["books"]})
    assert problems(folder) == ["the judgements do not balance: 10 rows + 0 excluded, 5010 acknowledged"]


def test_a_forger_who_seals_it_anew_is_found_by_what_stands_in_it(tmp_path: Path) -> None:
    folder = release_of(tmp_path / "release", {"train": 3})
    place = folder / mf.file_of("judgements", "dev")
    pq.write_table(pa.Table.from_pylist([judgement(9, "train")], schema=schema("judgements")), place)
    excluded = dict.fromkeys(SCHEMAS["excluded"], "x") | {"unit": "judgement", "config": "judgements", "reason": "why"}
    aside = folder / mf.file_of("excluded", "train")
    aside.parent.mkdir()
    pq.write_table(pa.Table.from_pylist([excluded], schema=schema("excluded")), aside)
    seal(folder, {"train": 3, "dev": 1})
    told = json.loads((folder / mf.NAME).read_text("utf-8"))
    told["configs"]["judgements"]["train"] = 4
    told["configs"]["excluded"]["train"] = 1
    told["files"][mf.file_of("excluded", "train")]["rows"] = 1
    told["books"]["external"] = 2
    mf.write(folder, told | {"release_id": mf.release_id(told["files"])})
    assert [problem.removeprefix("data/") for problem in problems(folder)] == [
        "excluded/train-00000-of-00001.parquet, row 1: the reason 'why' is not a reason",
        "judgements/dev-00000-of-00001.parquet: judgements has no split called dev",
        "judgements/train-00000-of-00001.parquet: has 3 rows, the manifest's config entry says 4",
        "the external votes do not balance: 0 rows + 0 excluded, 2 entered",
    ]


def test_what_stands_in_another_split_s_file_is_named(tmp_path: Path) -> None:
    folder = release_of(tmp_path / "release", {"train": 2})
    rows = [judgement(1, "test"), judgement(2)]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema("judgements")), folder / TRAIN)
    seal(folder, {"train": 2})
    assert problems(folder) == [f"{TRAIN}, row 1: its split is not its file's"]


def test_what_stands_in_two_splits_is_named_with_its_row(tmp_path: Path) -> None:
    folder = release_of(tmp_path / "release", {"train": 4_100})
    again = judgement(4_000, "test")
    pq.write_table(
        pa.Table.from_pylist([again], schema=schema("judgements")), folder / mf.file_of("judgements", "test")
    )
    seal(folder, {"train": 4_100, "test": 1})
    assert problems(folder) == [f"{TRAIN}, row 4001: its item stands in two splits"]


def peak(folder: Path, sabotage: str = "") -> int:
    """The most memory that a process needs to prove it, in KB. What `getrusage` tells begins at what the process had
    that started it."""
    script = (
        "import re, sys; from pathlib import Path; from annotations.datasets import verify;"
        f"{sabotage}"
        "assert verify.problems(Path(sys.argv[1])) == [];"
        r"print(re.search(r'VmHWM:\s+(\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_memory_is_the_same_for_ten_times_as_much(tmp_path: Path) -> None:
    few = peak(release_of(tmp_path / "few", {"train": 6_000}))
    many = release_of(tmp_path / "many", {"train": 60_000})
    assert peak(many) <= 1.4 * few, "a reader's buffers, and no more: thirty times as much needs no more than ten"
    twin = peak(many, "verify._rows = lambda file: iter(file.read().to_pylist());")
    assert twin > 2 * few, "what reads a file whole is found out"


def test_rows_come_as_json_lines_when_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jsonl.main([str(folder), "judgements", "test"])
    read = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = pq.read_table(folder / mf.file_of("judgements", "test")).to_pylist()
    assert [row | {"date": dt.date.fromisoformat(row["date"])} for row in read] == expected
    assert len(read) == 10
    jsonl.main([str(folder), "preference"])
    assert capsys.readouterr().out == ""
