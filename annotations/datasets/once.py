"""What must stand in one split only, however much there is: remembered on the disk, so that memory does not grow.

Each thing is known by 128 bits of its checksum, and lies in one of 256 files by the first eight of these. Read file by
file, only a 256th part is in memory at a time. No Django here.
"""

import struct
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

Place = tuple[str, int, str]
"""(file, row, what it is)"""

_ONE = struct.Struct(">16sHHQ")  # what, in which split, where: the file and the thing's kind, the row


class InOneSplit:
    """Whether anything that was added stands in two splits."""

    def __enter__(self) -> Self:
        self._files: dict[int, BinaryIO] = {}  # opened when something lies there: a small release has few
        self._splits: dict[str, int] = {}
        self._places: dict[tuple[str, str], int] = {}
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        for file in self._files.values():
            file.close()

    def add(self, one: bytes, split: str, place: Place) -> None:
        """Args: `one` is a checksum of it, of 16 bytes or more."""
        name, row, what = place
        number = self._splits.setdefault(split, len(self._splits))
        where = self._places.setdefault((name, what), len(self._places))
        if one[0] not in self._files:
            self._files[one[0]] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in __exit__
        self._files[one[0]].write(_ONE.pack(one[:16], number, where, row))

    def broken(self) -> Iterator[Place]:
        """Where something stands that was added before in another split."""
        places = list(self._places)
        for _first, file in sorted(self._files.items()):
            file.seek(0)
            seen: dict[bytes, int] = {}
            for one, split, where, row in iter_records(file):
                if seen.setdefault(one, split) != split:
                    name, what = places[where]
                    yield name, row, what


def iter_records(file: BinaryIO) -> Iterator[tuple[bytes, int, int, int]]:
    while block := file.read(_ONE.size * 4_096):
        yield from _ONE.iter_unpack(block)
