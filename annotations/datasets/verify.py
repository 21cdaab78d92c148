"""Proving a release from nothing but its folder: checksums, schema, what trainers would swallow, and both books.

No Django and no database, so that whoever receives a release can run it: `python -m annotations.datasets.verify DIR`.
Files are read a group of rows at a time, and what must not stand in two splits is remembered on the disk
(`datasets/once.py`): memory does not grow with the release.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.datasets import manifest as mf
from annotations.datasets.arrow import schema as arrow_schema
from annotations.datasets.once import InOneSplit
from annotations.datasets.rows import CONFIGS, FORMAT, REASONS, SCHEMAS, SPLITS

_BATCH = 2_000


def problems(folder: Path) -> list[str]:
    """Everything that is wrong with a release, one sentence each; empty when it is sound."""
    if (folder / mf.TOMBSTONE).exists():
        return [f"{mf.TOMBSTONE}: it was recalled, or its time is over; what is left is the manifest"]
    try:
        manifest = json.loads((folder / mf.NAME).read_text("utf-8"))
    except (OSError, ValueError) as error:
        return [f"{mf.NAME} cannot be read: {error}"]
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return [f"{mf.NAME} is not a manifest of format {FORMAT}"]
    found = list(_files(folder, manifest))
    return found or [*_contents(folder, manifest)]


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Every file named is there as named, nothing else is, and the manifest's own id holds. Each is read once."""
    files = manifest["files"]
    if mf.release_id(files) != manifest.get("release_id"):
        yield f"{mf.NAME}: release_id does not match the files it names"
    present = mf.files_of(folder)
    sums = {name: mf.sha256_of(folder / name) for name in [*present, mf.NAME]}
    for name in sorted(set(present) - set(files)):
        yield f"{name}: is not named in the manifest"
    for name, facts in files.items():
        if name not in present:
            yield f"{name}: is missing"
        elif (size := (folder / name).stat().st_size) != facts["bytes"]:
            yield f"{name}: has {size:,} bytes, the manifest says {facts['bytes']:,}"
        elif sums[name] != facts["sha256"]:
            yield f"{name}: its checksum is not the manifest's"
    yield from _sums(folder, sums)


def _sums(folder: Path, sums: Mapping[str, str]) -> Iterator[str]:
    """The list of sums holds for what is there, and names all of it."""
    try:
        lines = (folder / mf.SUMS).read_text("utf-8").splitlines()
    except OSError:
        yield f"{mf.SUMS}: is missing"
        return
    told = {name: sha256 for sha256, _space, name in (line.partition("  ") for line in lines)}
    for name in sorted(told.keys() | sums.keys()):
        if told.get(name) != sums.get(name):
            yield f"{mf.SUMS}: does not hold for {name}"


@dataclass
class Found:
    """What is added up while the rows pass. `own` counts rows that are not derived: one for each item."""

    counted: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    excluded: Counter[tuple[str, str]] = field(default_factory=Counter)


def _contents(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    found = Found()
    with InOneSplit() as splits:
        for name, config, split in _data_files(manifest):
            yield from _file(folder, manifest, (name, config, split), found, splits)
        for name, row, what in splits.broken():
            yield f"{name}, row {row}: its {what} stands in two splits"
    yield from _books(manifest, found)


def _file(
    folder: Path, manifest: Mapping[str, Any], place: tuple[str, str, str], found: Found, splits: InOneSplit
) -> Iterator[str]:
    name, config, split = place
    file = pq.ParquetFile(folder / name)
    if wrong_columns := list(_schema(name, config, file.schema_arrow)):
        yield from wrong_columns
        return
    if split not in SPLITS[config]:
        yield f"{name}: {config} has no split called {split}"
        return
    rows = 0
    for row in _rows(file):
        rows += 1
        wrongs = [f"{name}, row {rows}: {wrong}" for wrong in _row(config, split, row)]
        yield from wrongs
        if config == "excluded":
            found.excluded[row["unit"], row["config"]] += 1
            continue
        found.own[config] += "meta" in row and not (row["meta"] or {}).get("derived")
        for what, one in () if wrongs else _fixed(row):
            splits.add(one, split, (name, rows, what))
    found.counted[config] += rows
    for where, said in (
        ("file", manifest["files"][name].get("rows")),
        ("config", manifest["configs"][config][split]),
    ):
        if rows != said:
            yield f"{name}: has {rows} rows, the manifest's {where} entry says {said}"


def _rows(file: pq.ParquetFile) -> Iterator[dict[str, Any]]:
    """A group of rows after the other, in batches."""
    for group in range(file.num_row_groups):
        for batch in file.iter_batches(batch_size=_BATCH, row_groups=[group]):
            yield from batch.to_pylist()


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


def _row(config: str, split: str, row: Mapping[str, Any]) -> Iterator[str]:
    if nulls := [f"{column} is null" for column in _nulls(row, SCHEMAS[config])]:
        yield from nulls
    elif config == "excluded":
        if row["reason"] not in REASONS:
            yield f"the reason {row['reason']!r} is not a reason"
    else:
        yield from _facts(config, split, row.get("meta", row))
        yield from CONFIGS[config].wrong(row)


def _facts(config: str, split: str, meta: Mapping[str, Any]) -> Iterator[str]:
    if CONFIGS[config].trains and "train" not in meta["permitted_use"]:
        yield "its permitted use does not allow training"
    if meta["split"] != split:
        yield "its split is not its file's"


def _fixed(row: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What is in one split for ever, whatever the config: an item, and the question itself. So what evaluates is in no
    file that trains."""
    meta = row.get("meta", row)
    within = meta["consent"] if "consent" in meta else meta["campaign"]
    for what, one in (("item", [within, meta["source_id"]]), ("prompt", _asked(row))):
        if one:
            yield what, hashlib.sha256(json.dumps([what, one], sort_keys=True).encode()).digest()


def _asked(row: Mapping[str, Any]) -> list[Any]:
    """The turns of the question; of a translation, what was translated as a question by itself."""
    if "source_variety" in row:
        return [{"role": "user", "content": row["source"]}]
    turns: list[Any] = row["messages"][:-1] if "messages" in row else row.get("prompt") or []
    return turns[1:] if (row.get("meta") or {}).get("made_from") == "translation" else turns


def _nulls(row: Mapping[str, Any] | None, columns: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in columns.items():
        value = None if row is None else row.get(name)
        if not isinstance(kind, str):
            yield from (f"{name}.{inner}" for inner in _nulls(value, kind))
        elif value is None and not kind.endswith("?"):
            yield name


def _books(manifest: Mapping[str, Any], found: Found) -> Iterator[str]:
    acknowledged = manifest["books"]["judgements"]
    rows, out = found.counted["judgements"], found.excluded["judgement", "judgements"]
    if rows + out != acknowledged:
        yield f"the judgements do not balance: {rows} rows + {out} excluded, {acknowledged} acknowledged"
    entered = manifest["books"].get("external", 0)
    rows, out = found.counted["external"], found.excluded["external", "external"]
    if rows + out != entered:
        yield f"the external votes do not balance: {rows} rows + {out} excluded, {entered} entered"
    for config in CONFIGS.values():
        if config.kinds:
            judged = sum(manifest["books"]["items"].get(kind, 0) for kind in config.kinds)
            rows, out = found.own[config.name], found.excluded["item", config.name]
            if rows + out != judged:
                yield f"the items of {config.name} do not balance: {rows} with a row + {out} excluded, {judged} judged"


if __name__ == "__main__":
    wrongs = problems(Path(sys.argv[1]))
    print("\n".join(wrongs) or "sound")
    sys.exit(1 if wrongs else 0)
