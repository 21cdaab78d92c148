"""Tables as CSV, for people who open them in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.http import StreamingHttpResponse

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """What a spreadsheet would take for a formula, as the words it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def to_take_along(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A CSV file under this name, as its rows come."""
    return StreamingHttpResponse(
        lines(columns, rows), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


class _Echo:
    def write(self, line: str) -> str:
        return line


def lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file, as rows come."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(value) for value in row])
