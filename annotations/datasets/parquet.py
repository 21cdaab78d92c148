"""Writing rows as Parquet, zstd, a file for each config and split, in record batches."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.datasets import manifest as mf
from annotations.datasets.arrow import schema
from annotations.datasets.rows import SCHEMAS
from annotations.datasets.snapshot import BATCH


class Writer:
    """Writes routed rows into their files (`manifest.file_of`) under a folder; counts as it goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: dict[str, dict[str, int]] = {}
        self._files: dict[tuple[str, str], tuple[pq.ParquetWriter, list[dict[str, Any]]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        for (config, _split), (file, rows) in self._files.items():
            if kind is None:
                _flush(file, rows, config)
            file.close()

    def add(self, config: str, split: str, row: dict[str, Any]) -> None:
        if (config, split) not in self._files:
            path = self.folder / mf.file_of(config, split)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[config, split] = (pq.ParquetWriter(path, schema(config), compression="zstd"), [])
        file, rows = self._files[config, split]
        rows.append(row)
        if len(rows) >= BATCH:
            _flush(file, rows, config)
        self.counts.setdefault(config, {}).setdefault(split, 0)
        self.counts[config][split] += 1


def _flush(file: pq.ParquetWriter, rows: list[dict[str, Any]], config: str) -> None:
    if not rows:
        return
    _refuse_unnamed(rows[0], SCHEMAS[config])
    batch = pa.RecordBatch.from_pylist(rows, schema=schema(config))
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        _refuse_null(name, column, SCHEMAS[config][name])
    file.write_batch(batch)
    rows.clear()


def _refuse_unnamed(row: dict[str, Any], columns: Mapping[str, Any]) -> None:
    """Arrow writes a null for what a row does not name. All rows of a config are made by the same code, so that one of
    a batch tells of them."""
    for name, kind in columns.items():
        if name not in row:
            raise ValueError(f"{name} is not in a written row")
        if not isinstance(kind, str):
            _refuse_unnamed(row[name], kind)


def _refuse_null(name: str, column: pa.Array, kind: Any) -> None:
    """Arrow itself lets a null into a column that forbids it, so this is checked here."""
    if column.null_count and not (isinstance(kind, str) and kind.endswith("?")):
        raise ValueError(f"{name} is null in a written row")
    if not isinstance(kind, str):
        for inner, inner_kind in kind.items():
            _refuse_null(inner, column.field(inner), inner_kind)
