"""Writing records: Parquet, zstd, a file for each config and split; and aside, what others put into a file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.datasets.arrow import packed, schema
from annotations.datasets.rows import SCHEMAS

GROUP: Final = 10_000
"""Rows that are read at once. The bytes of a file do not tell in what batches its rows came."""


class File:
    """A Parquet file of a config, which is there once something is added. Rows that wait for their group wait packed:
    a release has many files at once, and most of them fill slowly."""

    def __init__(self, path: Path, config: str) -> None:
        self._path, self._config = path, config
        self._waits: list[pa.Buffer] = []
        self._rows = 0

    def __enter__(self) -> Self:
        self._file: pq.ParquetWriter | None = None
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        if kind is None and self._rows:
            self._write(self._waiting())
        if self._file:
            self._file.close()

    def add(self, records: pa.RecordBatch) -> None:
        """Raises ValueError for a null where none may be: Arrow itself would let it in."""
        if not records.num_rows:
            return
        for name, column in zip(records.schema.names, records.columns, strict=True):
            _refuse_null(name, column, SCHEMAS[self._config][name])
        rows = pa.Table.from_batches([records])
        if self._rows + rows.num_rows >= GROUP:
            rows = pa.concat_tables([self._waiting(), rows])
            self._waits, self._rows = [], 0
            while rows.num_rows >= GROUP:
                self._write(rows.slice(0, GROUP))
                rows = rows.slice(GROUP)
        if rows.num_rows:
            self._waits.append(packed(rows))
            self._rows += rows.num_rows

    def _waiting(self) -> pa.Table:
        return pa.concat_tables([schema(self._config).empty_table(), *map(_unpacked, self._waits)])

    def _write(self, group: pa.Table) -> None:
        if self._file is None:
            self._path.parent.mkdir(exist_ok=True)  # and no more: a folder that was taken away stays away
            self._file = pq.ParquetWriter(self._path, schema(self._config), compression="zstd", compression_level=1)
        self._file.write_table(group.combine_chunks(), row_group_size=group.num_rows)
        pa.default_memory_pool().release_unused()  # or what lies free between what is held grows with a file


def _unpacked(waiting: pa.Buffer) -> pa.Table:
    with pa.ipc.open_stream(waiting) as stream:
        return stream.read_all()


def _refuse_null(name: str, column: pa.Array, kind: Any) -> None:
    if column.null_count and not (isinstance(kind, str) and kind.endswith("?")):
        raise ValueError(f"{name} is null in a written row")
    if pa.types.is_list(column.type) and column.flatten().null_count:
        raise ValueError(f"something in {name} is null in a written row")
    if isinstance(kind, Mapping):
        for inner, inner_kind in kind.items():
            _refuse_null(inner, column.field(inner), inner_kind)


class Aside:
    """Records in a file as Arrow holds them, to be read once."""

    def __init__(self, path: Path, config: str) -> None:
        self._path, self._schema = path, schema(config)

    def __enter__(self) -> Self:
        self._stream = pa.ipc.new_stream(self._path, self._schema)
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stream.close()

    def add(self, records: pa.RecordBatch) -> None:
        self._stream.write_batch(records)


def read_aside(path: Path) -> Iterator[pa.RecordBatch]:
    """Read, and not mapped into memory: what is mapped counts as held until the file is closed."""
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
        yield from stream
