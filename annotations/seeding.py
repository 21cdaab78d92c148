"""Seed tables: CSV files beside the chapters, brought into the database as they are, again and again without harm."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

Row = dict[str, str]


def read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@transaction.atomic
def load(
    model: type[models.Model],
    path: Path,
    key: tuple[str, ...],
    more: Callable[[Row], Mapping[str, Any]] = lambda _row: {},
) -> int:
    """Make a table say what its file says; rows are found by `key`, none is deleted.

    Columns go to the fields of their names; a list's cell is split at `;`, an empty foreign key is null.

    Args:
        more: further fields of a row.

    Returns:
        The number of rows in the file.
    """
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.BigAutoField)]
    rows = [model(**_values(fields, row) | dict(more(row))) for row in read(path)]
    model._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=list(key),
        update_fields=[field.name for field in fields if field.name not in key],
    )
    return len(rows)


def _values(fields: list[Any], row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        if field.name not in row:
            continue
        cell = row[field.name].strip()
        if isinstance(field, ArrayField):
            values[field.attname] = [part.strip() for part in cell.split(";") if part.strip()]
        else:
            values[field.attname] = cell or (None if field.null else "")
    return values
