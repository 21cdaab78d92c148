"""Several workers at one release: who publishes invites the others, and none of them has to come.

All see one snapshot, the publisher's, for as long as that is open. Each takes a piece that nobody has: the lock on it
belongs to a transaction, so it goes with whoever dies, and the publisher, who stays until every piece is there, writes
it himself. Who comes when the snapshot is gone finds nothing to do.
"""

import datetime as dt
import hashlib
import logging
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from celery import current_app
from django.db import connection, transaction

from annotations.datasets.configs.base import Terms
from annotations.datasets.inputs import code_sha256
from annotations.datasets.names import terms_of
from annotations.datasets.pieces import PIECES, Room, write_piece
from annotations.datasets.snapshot import Reader, Sight

if TYPE_CHECKING:  # Arrow is the night's: at rest no process holds it
    import pyarrow as pa


log = logging.getLogger(__name__)
_TASK: Final = "annotations.datasets.jobs.help_to_write"
PATIENCE: Final = 120.0
"""Seconds without any step after which a piece that somebody has is written all the same: the first that is there
stays."""
PAUSE: Final = 0.1
"""Seconds between two looks at what others write."""
LONGEST_FIRST: Final = PIECES[::-1]
"""Nothing has more rows than `judgements`, which come last."""
OFFERED: Final = 600
"""Seconds after which an invitation that nobody took is void."""


def write_with_help(room: Room, sight: Sight) -> None:
    """Every piece is there when it returns, whoever wrote it."""
    _invite(room, sight)
    with Reader(sight) as reader:
        moved, seen = time.monotonic(), room.steps
        while missing := [piece for piece in LONGEST_FIRST if not room.has(piece)]:
            if any(_take(piece, room, reader) for piece in missing) or room.steps != seen:
                moved, seen = time.monotonic(), room.steps
            elif time.monotonic() - moved > PATIENCE:
                log.warning("somebody who helps with %s stands still", room.terms.version)
                _write(missing[0], room, reader)
            else:
                time.sleep(PAUSE)


def _invite(room: Room, sight: Sight) -> None:
    told = [str(room.folder), room.terms.version, room.terms.cutoff.isoformat(), *sight, _sum(room.terms)]
    try:
        for _other in PIECES[1:]:
            _ask(told)
    except Exception:  # each broker has errors of its own, and a release needs none
        log.warning("nobody could be asked to help with %s", room.terms.version, exc_info=True)


def _ask(told: list[str]) -> None:
    current_app.send_task(_TASK, told, expires=OFFERED, retry=False)


def help_to_write(folder: str, version: str, cutoff: str, snapshot: str, moment: str, terms: str) -> None:
    """Write what pieces of a release nobody has; nothing where this worker's code, key or rules are others."""
    room = Room(Path(folder), terms_of(version, dt.datetime.fromisoformat(cutoff)))
    if _sum(room.terms) != terms:
        log.warning("this worker is not of the same make as who publishes %s", version)
        return
    with Reader(Sight(snapshot, moment)) as reader:
        for piece in LONGEST_FIRST:
            if room.work.is_dir() and not room.has(piece):
                try:
                    with transaction.atomic():
                        _take(piece, room, reader)
                except Exception:  # who publishes meets it too, and says so; or he is gone, and this is nobody's now
                    log.info("could not help with %s", version, exc_info=True)
                    return


def _take(piece: tuple[str, ...], room: Room, reader: Reader) -> bool:
    """Whether it was this one's to write."""
    with connection.cursor() as cursor:
        name = zlib.crc32(str(room.place(piece)).encode())
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, name - (1 << 31)])
        (mine,) = cursor.fetchone()
    if mine and not room.has(piece):
        _write(piece, room, reader)
    return bool(mine)


def _write(piece: tuple[str, ...], room: Room, reader: Reader) -> None:
    write_piece(piece, room, lambda query: _whole_cells(reader.columns(query.sql, room.terms.facts)))


def _sum(terms: Terms) -> str:
    """Of all by which a piece is written: the key, the rule for small varieties, and this chapter's code."""
    return hashlib.sha256(terms.key + f"{terms.small_cell} {code_sha256()}".encode()).hexdigest()


_LOCK: Final = 0x6D696E6B
"""First of the two numbers of the lock on a piece; the other is of the piece's place."""


def _whole_cells(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """The same rows, and no cell that lies in two batches."""
    import numpy as np
    import pyarrow as pa

    waits: list[pa.RecordBatch] = []
    last = None
    for batch in batches:
        cells = batch.column("cell_id").to_numpy()
        others = np.flatnonzero(cells != cells[-1])
        whole = int(others[-1]) + 1 if len(others) else 0
        if whole or cells[0] != last:
            waits.append(batch.slice(0, whole))
            if waits := [each for each in waits if each.num_rows]:
                yield pa.concat_batches(waits)
            waits = []
        waits.append(batch.slice(whole))
        last = cells[-1]
    if waits:
        yield pa.concat_batches(waits)
