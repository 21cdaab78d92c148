"""Proving a release from nothing but its folder: checksums, schema, what trainers would swallow, and both books.

No Django and no database, so that whoever receives a release can run it: `python -m annotations.datasets.verify DIR`.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.datasets import manifest as mf
from annotations.datasets.arrow import schema as arrow_schema
from annotations.datasets.rows import FORMAT, REASONS, SCHEMAS, SPLITS

_BATCH = 2_000


def problems(folder: Path) -> list[str]:
    """Everything that is wrong with a release, one sentence each; empty when it is sound."""
    try:
        manifest = json.loads((folder / mf.NAME).read_text("utf-8"))
    except (OSError, ValueError) as error:
        return [f"{mf.NAME} cannot be read: {error}"]
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return [f"{mf.NAME} is not a manifest of format {FORMAT}"]
    found = list(_files(folder, manifest))
    return found or [*_contents(folder, manifest)]


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Every file named is there as named, nothing else is, and the manifest's own id holds."""
    files = manifest["files"]
    if mf.release_id(files) != manifest.get("release_id"):
        yield f"{mf.NAME}: release_id does not match the files it names"
    present = mf.files_of(folder)
    for name in sorted(set(present) - set(files)):
        yield f"{name}: is not named in the manifest"
    for name, facts in files.items():
        if name not in present:
            yield f"{name}: is missing"
        elif (size := (folder / name).stat().st_size) != facts["bytes"]:
            yield f"{name}: has {size:,} bytes, the manifest says {facts['bytes']:,}"
        elif mf.sha256_of(folder / name) != facts["sha256"]:
            yield f"{name}: its checksum is not the manifest's"
    yield from _sums(folder)


def _sums(folder: Path) -> Iterator[str]:
    try:
        lines = (folder / mf.SUMS).read_text("utf-8").splitlines()
    except OSError:
        yield f"{mf.SUMS}: is missing"
        return
    for line in lines:
        sha256, _space, name = line.partition("  ")
        if not (folder / name).is_file() or mf.sha256_of(folder / name) != sha256:
            yield f"{mf.SUMS}: does not hold for {name}"


def _contents(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    counted: Counter[str] = Counter()
    excluded: Counter[tuple[str, str]] = Counter()
    groups: dict[str, str] = {}
    for name, config, split in _data_files(manifest):
        file = pq.ParquetFile(folder / name)
        if wrong_columns := list(_schema(name, config, file.schema_arrow)):
            yield from wrong_columns
            continue
        if split not in SPLITS[config]:
            yield f"{name}: {config} has no split called {split}"
            continue
        rows = 0
        for batch in file.iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                rows += 1
                yield from (f"{name}, row {rows}: {wrong}" for wrong in _row(config, split, row, groups))
                if config == "excluded":
                    excluded[row["unit"], row["config"]] += 1
        counted[config] += rows
        for where, said in (
            ("file", manifest["files"][name].get("rows")),
            ("config", manifest["configs"][config][split]),
        ):
            if rows != said:
                yield f"{name}: has {rows} rows, the manifest's {where} entry says {said}"
    yield from _books(manifest, counted, excluded)


def _data_files(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in sorted(manifest["files"]):
        parts = name.split("/")
        if parts[0] == "data" and len(parts) == 3 and parts[1] in SCHEMAS:
            yield name, parts[1], parts[2].split("-")[0]


def _schema(name: str, config: str, schema: pa.Schema) -> Iterator[str]:
    expected = arrow_schema(config)
    if not schema.equals(expected):
        wrong = [field.name for field in schema if field not in expected]
        missing = [field.name for field in expected if field.name not in schema.names]
        yield f"{name}: the columns are not those of {config}: wrong {wrong}, missing {missing}"


def _row(config: str, split: str, row: Mapping[str, Any], groups: dict[str, str]) -> Iterator[str]:
    yield from (f"{column} is null" for column in _nulls(row, SCHEMAS[config]))
    if config == "preference":
        yield from _preference(split, row)
    elif config == "judgements":
        if groups.setdefault(row["item_id"], split) != split:
            yield "its item stands in two splits"
    elif row["reason"] not in REASONS:
        yield f"the reason {row['reason']!r} is not a reason"


def _nulls(row: Mapping[str, Any] | None, columns: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in columns.items():
        value = None if row is None else row.get(name)
        if not isinstance(kind, str):
            yield from (f"{name}.{inner}" for inner in _nulls(value, kind))
        elif value is None and not kind.endswith("?"):
            yield name


def _preference(split: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What TRL would train on without a word, or die of after the model is loaded."""
    if not row["prompt"] or row["prompt"][-1]["role"] != "user":
        yield "the prompt does not end with the user's turn"
    for side in ("chosen", "rejected"):
        turns = row[side]
        if len(turns) != 1 or turns[0]["role"] != "assistant" or not (turns[0]["content"] or "").strip():
            yield f"{side} is not one answer of the assistant"
    if row["chosen"] == row["rejected"]:
        yield "chosen and rejected are the same"
    if not 0 < (row["margin"] or 0) <= 2:
        yield f"the margin {row['margin']} is not in (0, 2]"
    if "train" not in row["meta"]["permitted_use"]:
        yield "its permitted use does not allow training"
    if row["meta"]["split"] != split:
        yield "its split is not its file's"


def _books(manifest: Mapping[str, Any], counted: Counter[str], excluded: Counter[tuple[str, str]]) -> Iterator[str]:
    acknowledged = manifest["books"]["judgements"]
    rows, out = counted["judgements"], excluded["judgement", "judgements"]
    if rows + out != acknowledged:
        yield f"the judgements do not balance: {rows} rows + {out} excluded, {acknowledged} acknowledged"
    judged = manifest["books"]["items"]
    rows, out = counted["preference"], excluded["item", "preference"]
    if rows + out != judged:
        yield f"the items do not balance: {rows} rows + {out} excluded, {judged} judged"


if __name__ == "__main__":
    wrongs = problems(Path(sys.argv[1]))
    print("\n".join(wrongs) or "sound")
    sys.exit(1 if wrongs else 0)
