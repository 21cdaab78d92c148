"""The columns of `rows.py` as Arrow schemas, and columns packed. No Django here: whoever checks a release imports it
too."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from annotations.datasets.rows import SCHEMAS

_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
TYPES = {
    "text": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "date": pa.date32(),
    "texts": pa.list_(pa.string()), "messages": _MESSAGES, "tiers": pa.list_(pa.list_(pa.string())),
}  # fmt: skip


def schema(config: str) -> pa.Schema:
    """The Arrow schema of a config, from `rows.SCHEMAS`. Required columns are not nullable, so that a null stops the
    release when it is written."""
    return schema_of(SCHEMAS[config])


def schema_of(columns: Mapping[str, Any]) -> pa.Schema:
    return pa.schema(_fields(columns))


def packed(rows: pa.RecordBatch | pa.Table) -> pa.Buffer:
    """Rows as Arrow streams columns, compressed."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write(rows)
    return out.getvalue()


def _fields(columns: Mapping[str, Any]) -> list[pa.Field]:
    fields = []
    for name, kind in columns.items():
        if isinstance(kind, str):
            fields.append(pa.field(name, TYPES[kind.rstrip("?")], nullable=kind.endswith("?")))
        else:
            fields.append(pa.field(name, pa.struct(_fields(kind)), nullable=False))
    return fields
