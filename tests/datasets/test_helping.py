"""Several write one release: the same bytes as by one alone, whoever dies and whoever does not come."""

import datetime as dt
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adbc_driver_postgresql import dbapi
from django.conf import settings
from django.db import connection, connections, transaction

from annotations.assignments.models import Campaign
from annotations.datasets import columns, helping, pieces
from annotations.datasets.jobs import help_to_write
from annotations.datasets.models import Release
from annotations.datasets.names import terms_of, version_of
from annotations.datasets.pieces import PIECES, Room
from annotations.datasets.rows import CONFIGS, QUERIES
from annotations.datasets.snapshot import open_snapshot, shared
from annotations.datasets.sources import Live
from annotations.datasets.verify import problems
from annotations.datasets.writing import write
from tests.cast import work_off
from tests.datasets.test_configs import flags, texts, vote_and_score  # noqa: F401 -- two of them are fixtures
from tests.datasets.test_rebuilding import every_file

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cutoff(texts: Campaign, flags: Campaign) -> dt.datetime:  # noqa: F811
    """When something of everything was there."""
    vote_and_score()
    return dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=1)


def written(folder: Path, cutoff: dt.datetime) -> dict[str, bytes]:
    """A release, as somebody publishes it who holds his transaction open."""
    terms = terms_of(version_of(cutoff), cutoff)
    with transaction.atomic(), open_snapshot() as snapshot:
        release = Release.objects.create(version=terms.version, cutoff=terms.cutoff, manifest={})
        write(folder, Live(snapshot, terms, release), terms)
        transaction.set_rollback(True)
    assert problems(folder) == []
    assert not Room(folder, terms).work.exists(), "nothing is left beside it"
    return every_file(folder)


def others(monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], many: int = 3) -> list[threading.Thread]:
    """Workers of their own, each with its own connection, who come as soon as they are asked and before anybody else
    has begun."""
    came: list[threading.Thread] = []

    def one(*told: Any) -> None:
        try:
            work(*told)
        finally:
            connections.close_all()

    def ask(told: list[str]) -> None:
        if len(came) < many:
            came.append(threading.Thread(target=one, args=told))
            came[-1].start()

    monkeypatch.setattr(helping, "_ask", ask)
    return came


def by(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """Who wrote which piece, as it is written: `publisher` or `helper`."""
    wrote: list[tuple[str, tuple[str, ...]]] = []
    honest = pieces._write

    def noted(piece: tuple[str, ...], *rest: Any) -> None:
        wrote.append(("publisher" if threading.current_thread() is threading.main_thread() else "helper", piece))
        honest(piece, *rest)

    monkeypatch.setattr(pieces, "_write", noted)
    return wrote


def test_every_config_and_every_query_is_of_one_piece() -> None:
    assert sorted(name for piece in PIECES for name in piece) == sorted({*CONFIGS} - {"excluded"})
    assert {"preference", "sft"} in [set(piece) for piece in PIECES], "they ask the same"
    of = [{part.query for name in piece for part in CONFIGS[name].parts} for piece in PIECES]
    assert sum(map(len, of)) == len(QUERIES)


def test_many_write_what_one_writes(cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrote = by(monkeypatch)
    one = written(tmp_path / "one", cutoff)
    assert [who for who, _piece in wrote] == ["publisher"] * len(PIECES)
    wrote.clear()
    came = others(monkeypatch, help_to_write)
    waits = threading.Event()
    take = helping._take

    def polite(*facts: Any) -> bool:
        if threading.current_thread() is threading.main_thread():
            waits.wait(1)  # the others come first
        return take(*facts)

    monkeypatch.setattr(helping, "_take", polite)
    assert written(tmp_path / "many", cutoff) == one
    for thread in came:
        thread.join()
    assert "helper" in {who for who, _piece in wrote}
    assert sorted(piece for _who, piece in wrote) == sorted(PIECES), "each once, by whoever took it"


def test_bytes_do_not_tell_in_what_batches_rows_came(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = written(tmp_path / "one", cutoff)
    monkeypatch.setattr("annotations.datasets.snapshot.BYTES", 1)
    assert written(tmp_path / "many", cutoff) == one


def test_who_dies_in_the_middle_leaves_his_piece_to_who_publishes(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = written(tmp_path / "one", cutoff)
    honest, dead = pieces._write, threading.Event()

    def half(piece: tuple[str, ...], terms: Any, staging: Path, batches: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            assert dead.wait(30)
            honest(piece, terms, staging, batches)
            return
        honest(piece, terms, staging, batches)
        (staging / pieces.TOLD).unlink()
        dead.set()
        raise OSError("no space is left")

    monkeypatch.setattr(pieces, "_write", half)
    came = others(monkeypatch, help_to_write, many=1)
    assert written(tmp_path / "many", cutoff) == one
    came[0].join()


def test_one_that_says_it_is_there_before_it_is_is_not_published(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotaged twin: a piece is put into its place while half of it is not written."""
    honest = pieces._write

    def hasty(piece: tuple[str, ...], terms: Any, staging: Path, batches: Any) -> None:
        honest(piece, terms, staging, batches)
        for path in staging.glob("left-*"):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    monkeypatch.setattr(pieces, "_write", hasty)
    with pytest.raises((AssertionError, OSError, ValueError)):
        written(tmp_path / "one", cutoff)


def test_nobody_comes_and_nobody_can_be_asked(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_told: list[str]) -> None:
        raise ConnectionRefusedError

    one = written(tmp_path / "one", cutoff)
    monkeypatch.setattr(helping, "_ask", broken)
    assert written(tmp_path / "many", cutoff) == one


def test_what_fails_in_the_middle_of_reading_is_told_as_it_is_and_holds_no_connection(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are still to come of the query when it happens, in the one connection that all pieces are read by."""
    before, honest, left = readers(), columns.routed, iter(range(3))

    def broken(*facts: Any) -> Any:
        if next(left, None) is None:
            raise OSError("no space is left")
        return honest(*facts)

    with monkeypatch.context() as patch:
        patch.setattr("annotations.datasets.snapshot.BYTES", 1)
        patch.setattr(columns, "routed", broken)
        with pytest.raises(OSError, match="no space is left") as told:
            written(tmp_path / "one", cutoff)
    held = readers()
    del told  # who holds the fault holds what was read when it came
    assert held == before
    shutil.rmtree(tmp_path / "one")
    assert written(tmp_path / "one", cutoff)


def readers() -> int:
    """Connections of the role that reads for releases."""
    with connection.cursor() as cursor:
        role = settings.MINKA_EXPORT_DATABASE["user"]
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [role])
        return int(cursor.fetchone()[0])


def test_a_release_is_read_by_one_connection(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, honest = [], dbapi.connect
    monkeypatch.setattr(dbapi, "connect", lambda *facts, **more: made.append(1) or honest(*facts, **more))
    written(tmp_path / "one", cutoff)
    assert made == [1], "each asks the database for all of its types"


def test_who_is_asked_knows_what_to_do(cutoff: dt.datetime, tmp_path: Path) -> None:
    written(tmp_path / "one", cutoff)
    assert [arguments[0] for arguments, _all in work_off()] == [str(tmp_path / "one")] * len(PIECES[1:])
    assert [path.name for path in tmp_path.iterdir()] == ["one"], "they came too late"


def test_a_worker_of_another_make_writes_nothing(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    wrote = by(monkeypatch)

    def other(*told: str) -> None:
        help_to_write(*told[:-1], "0" * 64)

    came = others(monkeypatch, other, many=1)
    written(tmp_path / "one", cutoff)
    came[0].join()
    assert {who for who, _piece in wrote} == {"publisher"}


def test_who_stands_still_is_waited_for_and_then_not(
    cutoff: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helping, "PATIENCE", 1.0)
    over, honest = threading.Event(), pieces._write
    begun = threading.Event()

    def stuck(piece: tuple[str, ...], *rest: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            over.wait(60)
        else:
            assert begun.wait(30)
        honest(piece, *rest)

    monkeypatch.setattr(pieces, "_write", stuck)
    came = others(monkeypatch, help_to_write, many=1)
    try:
        written(tmp_path / "one", cutoff)
    finally:
        over.set()
        came[0].join()


def test_who_comes_too_late_finds_nothing_to_do(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
    room = Room(tmp_path / "late", terms_of("v", moment))
    told = (str(room.folder), "v", moment.isoformat())
    same = helping._sum(room.terms)
    help_to_write(*told, "00000003-0000001B-1", moment.isoformat(), same)
    room.work.mkdir()
    help_to_write(*told, "00000003-0000001B-1", moment.isoformat(), same)
    with open_snapshot() as snapshot:
        gone = shared(snapshot)
    help_to_write(*told, *gone, same)
    assert [*room.work.iterdir()] == []
    shutil.rmtree(room.work)
    help_to_write(*told, *gone, same)
    assert [*tmp_path.iterdir()] == []
