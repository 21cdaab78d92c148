"""ZIPs of rows, written as the rows come: whatever their number, memory holds a few of them.

What goes into an archive is told by a generator that writes and, every few hundred rows, pauses (`Steps`): one can
write all of it to a file (`write_to`) or send it on while it is written (`streamed`).
"""

import csv
import datetime as dt
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

PAUSE = 500
CHUNK = 1 << 16

Row = Mapping[str, Any]
Steps = Iterator[None]
Add = Callable[[Row], object]


def write_to(out: IO[bytes], write: Callable[[ZipFile], Steps]) -> None:
    """The whole archive into a file."""
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for _pause in write(archive):
            pass


def streamed(write: Callable[[ZipFile], Steps]) -> Iterator[bytes]:
    """The archive in pieces, as they are ready."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # it needs `write` and `flush` only
        for _pause in write(archive):
            yield pipe.taken()
    yield pipe.taken()


class _Pipe:
    """A file that can only be written to; what was written is taken out again, once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def table(archive: ZipFile, name: str, columns: tuple[str, ...], rows: Iterable[Row]) -> Steps:
    """Rows as `json/NAME.json`, a list, and as `csv/NAME.csv`, in one pass."""
    with spooled(columns) as (add, spool):
        with archive.open(f"json/{name}.json", "w", force_zip64=True) as file:
            file.write(b"[")
            for number, row in enumerate(rows):
                file.write((b",\n" if number else b"\n") + _json(row))
                add(row)
                if number % PAUSE == PAUSE - 1:
                    yield
            file.write(b"\n]\n")
        yield from add_csv(archive, name, spool)


def lines(archive: ZipFile, name: str, rows: Iterable[Row]) -> Steps:
    """Rows as a file of JSON lines."""
    with archive.open(name, "w", force_zip64=True) as file:
        for number, row in enumerate(rows):
            file.write(_json(row) + b"\n")
            if number % PAUSE == PAUSE - 1:
                yield


@contextmanager
def spooled(columns: tuple[str, ...]) -> Iterator[tuple[Add, IO[bytes]]]:
    """A CSV that waits on disk while another file of the archive is written: a ZIP takes one at a time."""
    with tempfile.TemporaryFile() as spool:
        text = io.TextIOWrapper(spool, "utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(columns)
        yield lambda row: writer.writerow(_cell(row[column]) for column in columns), spool


def add_csv(archive: ZipFile, name: str, spool: IO[bytes]) -> Steps:
    """What was spooled, as `csv/NAME.csv`."""
    spool.seek(0)
    with archive.open(f"csv/{name}.csv", "w", force_zip64=True) as file:
        while piece := spool.read(CHUNK):
            file.write(piece)
            yield


def _json(row: Row) -> bytes:
    return json.dumps(dict(row), ensure_ascii=False, default=_plain).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return _plain(value) if isinstance(value, dt.datetime) else value


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
