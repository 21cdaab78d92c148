"""Proving a release from nothing but its folder: checksums, schema, what trainers would swallow, and both books.

No Django and no database, so that whoever receives a release can run it: `python -m annotations.datasets.verify DIR`.
"""

import hashlib
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
from annotations.datasets.rows import CONFIGS, FORMAT, REASONS, SCHEMAS, SPLITS

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
    own: Counter[str] = Counter()
    excluded: Counter[tuple[str, str]] = Counter()
    seen: dict[Any, str] = {}
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
                yield from (f"{name}, row {rows}: {wrong}" for wrong in _row(config, split, row, seen))
                if config == "excluded":
                    excluded[row["unit"], row["config"]] += 1
                elif "meta" in row:
                    own[config] += not (row["meta"] or {}).get("derived")
        counted[config] += rows
        for where, said in (
            ("file", manifest["files"][name].get("rows")),
            ("config", manifest["configs"][config][split]),
        ):
            if rows != said:
                yield f"{name}: has {rows} rows, the manifest's {where} entry says {said}"
    yield from _books(manifest, counted, own, excluded)


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


def _row(config: str, split: str, row: Mapping[str, Any], seen: dict[Any, str]) -> Iterator[str]:
    if nulls := [f"{column} is null" for column in _nulls(row, SCHEMAS[config])]:
        yield from nulls
    elif config == "excluded":
        if row["reason"] not in REASONS:
            yield f"the reason {row['reason']!r} is not a reason"
    else:
        yield from _facts(config, split, row.get("meta", row))
        yield from CONFIGS[config].wrong(row)
        for what, one in _fixed(row):
            if seen.setdefault(one, split) != split:
                yield f"its {what} stands in two splits"


def _facts(config: str, split: str, meta: Mapping[str, Any]) -> Iterator[str]:
    if CONFIGS[config].trains and "train" not in meta["permitted_use"]:
        yield "its permitted use does not allow training"
    if meta["split"] != split:
        yield "its split is not its file's"


def _fixed(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is in one split for ever, whatever the config: an item, and the question itself. So what evaluates is in no
    file that trains."""
    meta = row.get("meta", row)
    yield "item", (meta["campaign"], meta["source_id"])
    if turns := _asked(row):
        yield "prompt", hashlib.sha256(json.dumps(turns, sort_keys=True).encode()).digest()


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


def _books(
    manifest: Mapping[str, Any], counted: Counter[str], own: Counter[str], excluded: Counter[tuple[str, str]]
) -> Iterator[str]:
    """`own` counts rows that are not derived: one for each item."""
    acknowledged = manifest["books"]["judgements"]
    rows, out = counted["judgements"], excluded["judgement", "judgements"]
    if rows + out != acknowledged:
        yield f"the judgements do not balance: {rows} rows + {out} excluded, {acknowledged} acknowledged"
    for config in CONFIGS.values():
        if config.kinds:
            judged = sum(manifest["books"]["items"].get(kind, 0) for kind in config.kinds)
            rows, out = own[config.name], excluded["item", config.name]
            if rows + out != judged:
                yield f"the items of {config.name} do not balance: {rows} with a row + {out} excluded, {judged} judged"


if __name__ == "__main__":
    wrongs = problems(Path(sys.argv[1]))
    print("\n".join(wrongs) or "sound")
    sys.exit(1 if wrongs else 0)
