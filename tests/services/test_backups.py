"""What was acknowledged is in the backups a moment later, and comes back; what would not come back turns red."""

import datetime as dt
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from minka.management.commands.restore import _refuse_living
from minka.services import backups, proofs, restoring, up
from minka.services.backups import Backup, BackupError, History, Place, take
from minka.services.postgres import Postgres
from minka.services.restoring import REPORT, chosen, drill, lay_for_another, restore
from minka.services.up import NOTE

PLATFORM = Path(backups.__file__).parents[2]
PROGRAMS = [None, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))][:2]
"""The wheel's, and Debian's where they are; `.ci/run` installs them."""
TABLES = """
    CREATE TABLE annotations_vote (id bigserial PRIMARY KEY, text text, at timestamptz DEFAULT now());
    CREATE TABLE annotations_request (id bigserial, subject uuid, kind text, outcome text, reason text,
        received_at timestamptz DEFAULT now());
    CREATE TABLE annotations_consent (id bigserial, subject uuid, act text, language text DEFAULT 'es',
        purposes jsonb DEFAULT '{"train": false}', contribution_licence text DEFAULT 'CC0-1.0',
        recorded_at timestamptz DEFAULT now());
    CREATE TABLE annotations_externalbatch (id bigserial, document text, why text, withdrawn_at timestamptz);
    CREATE TABLE annotations_release (version text, reason text, why text, recalled_at timestamptz,
        recall_number bigserial);
    INSERT INTO annotations_vote (text) SELECT repeat('ñandú ', 30) FROM generate_series(1, 5000);
"""
ANA, BRUNO = "8d3b1c5e-0000-4000-8000-000000000001", "8d3b1c5e-0000-4000-8000-000000000002"


@dataclass
class House:
    """A database with a receiver beside it, files, and a folder for backups."""

    home: Path
    place: Place
    server: Postgres

    @property
    def url(self) -> str:
        return self.server.url("owner")

    def do(self, script: str) -> str:
        return self.server.psql(script)

    def backup(self) -> Backup:
        return take(self.place, self.home, self.url)

    @contextmanager
    def receiving(self) -> Iterator[subprocess.Popen[bytes]]:
        with self.started() as receiver:
            until(lambda: self.do(f"SELECT active FROM pg_replication_slots WHERE slot_name = '{backups.SLOT}'") == "t")
            yield receiver

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        env = {**os.environ, "PYTHONPATH": str(PLATFORM), "MINKA_HOME": str(self.home),
               "MINKA_BACKUPS": str(self.place.folder), "DATABASE_OWNER_URL": self.url}  # fmt: skip
        with subprocess.Popen([sys.executable, "-m", "minka.services.backups"], env=env) as receiver:
            try:
                yield receiver
            finally:
                receiver.terminate()


@pytest.fixture(params=PROGRAMS, ids=lambda path: "debian" if path else "wheel")
def of_each(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """One of each PostgreSQL."""
    if request.param:
        monkeypatch.setenv("MINKA_POSTGRES_BIN", str(request.param))
    with new_house() as made:
        yield made


@pytest.fixture
def house() -> Iterator[House]:
    with new_house() as made:
        yield made


@pytest.fixture(scope="module")
def sound() -> Iterator[House]:
    """One with a backup that nothing is wrong with; whoever breaks it works on a copy."""
    with new_house() as made, made.receiving():
        made.backup()
        made.do("SELECT pg_create_restore_point('later'); SELECT pg_switch_wal()")  # a file of the log that is whole
        until(lambda: of_later(made.place.history))
        yield made


@contextmanager
def new_house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="minka-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        home, place = Path(folder) / "home", Place(Path(folder) / "backups")
        place.folder.mkdir(mode=0o700)
        home.mkdir(mode=0o755)
        release = home / "releases" / "minka" / "20261123T060000Z"
        release.mkdir(parents=True)
        (release / "manifest.json").write_text("{}")
        (release.parent / ".20261124T060000Z-7").mkdir()
        (release.parent / ".20261124T060000Z-7" / "half").write_text("made")
        (release.parent / "latest").symlink_to(release.name)
        with Postgres(home) as server:
            server.ensure_database()
            server.psql(TABLES)
            yield House(home, place, server)


@pytest.fixture
def empty() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="minka-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


def until(condition: Callable[[], object], limit: float = 30.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def of_later(history: History) -> list[Path]:
    """The whole file of the log in which that point is; the next is begun."""
    whole = [path for path in history.segments() if not path.suffix and b"later" in path.read_bytes()]
    return whole if whole and len(history.segments(whole[0].name)) > 1 else []


def copied(sound: House, tmp_path: Path) -> Place:
    place = Place(tmp_path / "backups")
    shutil.copytree(sound.place.folder, place.folder)
    return place


def test_a_drill_of_a_backup_made_while_people_write_finds_every_row(house: House) -> None:
    over = threading.Event()

    def write() -> None:
        with psycopg.connect(house.url, autocommit=True) as writer:
            while not over.is_set():
                writer.execute("INSERT INTO annotations_vote (text) VALUES ('mientras tanto')")

    writers = [threading.Thread(target=write) for _each in range(3)]
    with house.receiving():
        for writer in writers:
            writer.start()
        try:
            house.backup()
        finally:
            over.set()
            for writer in writers:
                writer.join()
        report = drill(house.place)

    assert report["problems"] == []
    assert report["rows"] > 5000
    assert report["files"] == 1
    assert json.loads((house.place.folder / REPORT).read_text()) == report
    assert [path.name for path in house.place.folder.iterdir() if path.name.startswith(".")] == []


def test_what_was_committed_after_the_backup_comes_back_when_everything_is_lost_at_once(
    of_each: House, empty: Path
) -> None:
    with of_each.receiving() as receiver:
        of_each.backup()
        of_each.do("INSERT INTO annotations_vote (text) SELECT 'después' FROM generate_series(1, 700)")
        time.sleep(1)  # what a power cut takes is less than this; five minutes are promised
        os.kill(of_each.server._process.pid, signal.SIGKILL)
        receiver.kill()
    restored = restore(of_each.place.newest(), empty)

    assert restored.until
    assert restored.promises == {}
    assert [history.segments() == [] for history in of_each.place.histories] == [False, True]
    assert chosen(of_each.place), "another history has begun, and nothing was written in it yet"
    assert (empty.stat().st_mode & 0o777) == 0o700
    assert (empty / "releases/minka/20261123T060000Z/manifest.json").read_text() == "{}"
    assert not (empty / "releases/minka/.20261124T060000Z-7").exists()
    with Postgres(empty) as server:
        assert server.psql("SELECT count(*) FROM annotations_vote") == "5700"
        assert int(server.psql("INSERT INTO annotations_vote (text) VALUES ('y sigue') RETURNING id")) > 5700


def test_a_restore_to_a_moment_says_whom_to_erase_again(house: House, empty: Path) -> None:
    erased = "INSERT INTO annotations_request (subject, kind, outcome, reason) VALUES "
    with house.receiving():
        house.do(erased + f"('{ANA}', 'erase', 'done', 'contributions_left')")
        house.backup()
        moment = dt.datetime.fromisoformat(house.do("SELECT clock_timestamp()"))
        house.do(erased + f"('{BRUNO}', 'erase', 'done', 'contributions_too'), ('{ANA}', 'access', 'done', 'at_once')")
        house.do(f"INSERT INTO annotations_consent (subject, act) VALUES ('{ANA}', 'give'), ('{ANA}', 'withdraw')")
        house.do(
            "INSERT INTO annotations_externalbatch (document, why, withdrawn_at) VALUES ('Acuerdo 7', 'Sí', now())"
        )
        for told in ("'20261123T060000Z', 'wrong', 'Dos veces'", "'20261122T060000Z', 'erased', ''"):
            house.do(f"INSERT INTO annotations_release (version, reason, why, recalled_at) VALUES ({told}, now())")
        house.do("DROP TABLE annotations_vote")
        until(lambda: _received(house))
        restored = restore(house.place.newest(until=moment), empty, to=moment)

    assert restored.promises == {
        "erased": [[BRUNO, "contributions_too"]],
        "consents": [[ANA, "withdraw", {"train": False}, "es", "CC0-1.0"]],
        "documents": [["Acuerdo 7", "Sí"]],
        "recalled": [["20261123T060000Z", "wrong", "Dos veces"]],
    }
    assert json.loads((empty / NOTE).read_text()) == restored.promises
    with Postgres(empty) as server:
        assert server.psql("SELECT count(*) FROM annotations_vote") == "5000"
        assert server.psql("SELECT count(*) FROM annotations_request") == "1"


def test_what_a_restore_left_to_be_done_outlives_another_restore(
    sound: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, home = copied(sound, tmp_path), tmp_path / "home"
    moment = dt.datetime.now(dt.UTC)
    monkeypatch.setattr(restoring, "_promises", lambda *_given: {"erased": [[ANA, "x"]], "consents": []})
    assert restoring._noted(place, home, moment) == {"erased": [[ANA, "x"]], "consents": []}
    assert restoring._noted(place, home, None) == {"erased": [[ANA, "x"]], "consents": []}
    monkeypatch.setattr(restoring, "_promises", lambda *_given: {"erased": [[BRUNO, "x"]]})
    assert restoring._noted(place, home, moment)["erased"] == [[ANA, "x"], [BRUNO, "x"]]
    with pytest.raises(BackupError, match="what is to be done again is not done yet"):
        take(place, home, sound.url)


def test_no_new_database_is_made_where_a_restore_did_not_come_about(tmp_path: Path) -> None:
    """Or an empty house would open, and be backed up in the place of the one that was."""
    house = up.House(tmp_path / "home", "127.0.0.1", 8000, "demo")
    house.home.mkdir(mode=0o700)
    (house.home / NOTE).write_text("{}")
    with ExitStack() as stack, pytest.raises(up.Trouble, match="did not come about: run it again"):
        up.embedded_database(house, {}, stack)


def test_a_home_that_others_may_enter_stays_so(sound: House, tmp_path: Path, empty: Path) -> None:
    """Where root starts it, the database is another account's, and lies in it."""
    empty.mkdir(mode=0o755)
    restore(copied(sound, tmp_path).newest(), empty)
    assert (empty.stat().st_mode & 0o777) == 0o755
    with Postgres(empty) as server:
        assert server.psql("SELECT count(*) FROM annotations_vote") == "5000"


def test_nothing_is_restored_beside_a_house_at_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", house.url)
    with pytest.raises(BackupError, match="answers: stop the house and its server first"):
        _refuse_living(house.home)
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql:///none?host=/nowhere")
    _refuse_living(house.home)


def test_promises_are_of_the_newest_history(house: House, empty: Path) -> None:
    with house.receiving():
        house.backup()
        moment = dt.datetime.fromisoformat(house.do("SELECT clock_timestamp()"))
        house.do("SELECT pg_create_restore_point('later')")
        house.do("INSERT INTO annotations_vote (text) VALUES ('después')")
        until(lambda: _received(house))
    house.do(f"SELECT pg_drop_replication_slot('{backups.SLOT}')")
    house.place.begin_history()
    with house.receiving():
        house.do("INSERT INTO annotations_request (subject, kind, outcome, reason)"
                 f" VALUES ('{BRUNO}', 'erase', 'done', 'contributions_too')")  # fmt: skip
        house.backup()
        of_then = house.place.newest(until=moment)
        assert of_then.history != house.place.history
        restored = restore(of_then, empty, to=moment)
    assert restored.promises["erased"] == [[BRUNO, "contributions_too"]]


def test_a_newer_history_without_a_backup_is_left_out_only_where_somebody_says_so(tmp_path: Path) -> None:
    place = Place(tmp_path)
    backup = Backup(place.begin_history().folder / "20261130T023000Z")
    backup.folder.mkdir()
    (backup.folder / backups.PROOF).write_text('{"complete_at": "2026-11-30T02:31:00+00:00"}')
    assert chosen(place) == backup
    begun = place.begin_history()
    assert place.unproven is None, "nobody was let into it"
    begun.open()
    assert begun == place.unproven
    for to in (None, dt.datetime(2026, 11, 30, 3, tzinfo=dt.UTC)):
        with pytest.raises(BackupError, match="history-2 is newer than every backup"):
            chosen(place, to=to)
        assert chosen(place, to=to, anyway=True) == backup


def _received(house: House) -> bool:
    behind = "SELECT restart_lsn >= pg_current_wal_lsn() FROM pg_replication_slots"
    return house.do(behind) == "t"


def test_a_backup_nobody_receives_the_log_of_is_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "RECEIVER_PATIENCE", 0.5)
    with pytest.raises(BackupError, match="the log does not reach"):
        house.backup()
    assert house.place.backups == []


def test_a_receiver_waits_for_the_folder_and_never_ends(house: House, tmp_path: Path) -> None:
    away = Place(tmp_path / "away")
    with House(house.home, away, house.server).started() as receiver:
        time.sleep(3)
        assert receiver.poll() is None
        away.folder.mkdir(mode=0o700)
        until(lambda: away.histories and away.history.segments())
        assert away.backups == [], "a database without tables is nothing to lose yet"
        shutil.rmtree(away.folder)  # the disk goes
        house.do("SELECT pg_switch_wal()")
        time.sleep(5)
        assert receiver.poll() is None


FURNISHED = "CREATE TABLE django_migrations (id int)"


def test_an_empty_folder_has_a_backup_at_once(house: House) -> None:
    """Its disk may have taken the place of a broken one, and the night may be far."""
    house.do(FURNISHED)
    with house.receiving():
        until(lambda: house.place.backups, 120)
    assert drill(house.place)["problems"] == []


def test_a_log_that_cannot_go_on_begins_anew_with_a_backup(house: House) -> None:
    house.do(FURNISHED)
    with house.receiving():
        house.backup()
    until(lambda: house.do("SELECT count(*) FROM pg_replication_slots WHERE active") == "0")
    house.do(f"SELECT pg_drop_replication_slot('{backups.SLOT}')")
    for _each in range(3):
        house.do("INSERT INTO annotations_vote (text) VALUES ('sin nadie'); SELECT pg_switch_wal(); CHECKPOINT;")
    with house.receiving():
        until(lambda: len(house.place.histories) == 2 and house.place.history.backups, 120)
    assert house.place.unproven is None
    assert drill(house.place)["problems"] == []


def test_what_a_killed_one_left_goes_and_two_wait_for_each_other(tmp_path: Path) -> None:
    place = Place(tmp_path)
    history = place.begin_history().folder
    left = [tmp_path / ".drill-x", tmp_path / ".restore-x", history / ".20261130T023000Z", history / ".restore-y"]
    for folder in left:
        folder.mkdir()
    inside: list[bool] = []

    def another() -> None:
        with place.held():
            inside.append(True)

    waits = threading.Thread(target=another)
    with place.held():
        assert [folder.name for folder in left if folder.exists()] == []
        waits.start()
        time.sleep(0.5)
        assert inside == []
    waits.join()
    assert inside == [True]


def test_a_restore_touches_no_database_that_is_there(sound: House) -> None:
    before = sound.do("SELECT count(*) FROM annotations_vote")
    with pytest.raises(Exception, match="there is a database already"):
        restore(sound.place.newest(), sound.home)
    assert sound.do("SELECT count(*) FROM annotations_vote") == before


def test_a_server_of_ones_own_replays_what_was_laid_for_it(sound: House, empty: Path, tmp_path: Path) -> None:
    data = empty / "postgres" / "data"
    place = copied(sound, tmp_path)
    assert lay_for_another(place.newest(), data, tmp_path / "home") == {}
    assert (tmp_path / "home" / NOTE).read_text() == "{}"
    assert len(place.histories) == 2
    with pytest.raises(BackupError, match="is not empty"):
        lay_for_another(place.newest(), data, tmp_path / "home")
    server = Postgres(empty)
    account = server.lodging.account
    for path in [data, *data.rglob("*")]:
        if account.uid is not None:
            shutil.chown(path, account.uid, account.gid)
    with server:
        assert server.psql("SELECT count(*) FROM annotations_vote") == "5000"


def break_the_base(backup: Backup) -> None:
    path = backup.folder / "base.tar.gz"
    body = bytearray(gzip.decompress(path.read_bytes()))
    place = body.index("ñandú ñandú".encode())
    body[place : place + 6] = "nandú".encode()
    path.write_bytes(gzip.compress(bytes(body), 1))


def cut_the_base(backup: Backup) -> None:
    path = backup.folder / "base.tar.gz"
    path.write_bytes(path.read_bytes()[:-2000])


def lose_the_log(backup: Backup) -> None:
    for path in backup.history.segments(backup.first_segment):
        path.unlink()


def spoil_the_log(backup: Backup) -> None:
    (whole,) = of_later(backup.history)
    body = bytearray(whole.read_bytes())
    place = body.index(b"later")  # in the record of a restore point
    body[place : place + 5] = b"LATER"
    whole.write_bytes(body)


def lose_a_file_of_the_log(backup: Backup) -> None:
    first, *_others, last = backup.history.segments(backup.first_segment)
    number = int(last.name[16:24], 16)
    last.rename(last.with_name(f"{last.name[:16]}{number + 1:08X}{last.suffix}"))
    assert first != last


def say_another_sum(backup: Backup) -> None:
    proof = backup.proof
    proof["tables"]["annotations_vote"][1] = "17"
    (backup.folder / backups.PROOF).write_text(json.dumps(proof))


def say_another_count(backup: Backup) -> None:
    proof = backup.proof
    proof["tables"]["annotations_vote"][0] = 4999
    (backup.folder / backups.PROOF).write_text(json.dumps(proof))


def change_a_release(backup: Backup) -> None:
    (backup.folder / "files/releases/minka/20261123T060000Z/manifest.json").write_text("{ }")


def lose_a_release(backup: Backup) -> None:
    shutil.rmtree(backup.folder / "files/releases")


def lose_all(backup: Backup) -> None:
    shutil.rmtree(backup.folder)


def let_it_age(backup: Backup) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=25, minutes=20)  # last night's failed
    backup.folder.rename(backup.folder.with_name(f"{old:%Y%m%dT%H%M%SZ}"))


def stop_receiving(backup: Backup) -> None:
    for path in backup.history.segments():
        os.utime(path, (time.time() - 3600,) * 2)


@pytest.mark.parametrize(
    ("sabotage", "says"),
    [
        (break_the_base, "is not what was backed up"),
        (cut_the_base, "is broken"),
        (lose_the_log, "the log begins at nothing"),
        (lose_a_file_of_the_log, "the log has a gap"),
        (spoil_the_log, "the log is broken"),
        (say_another_sum, "annotations_vote has as many rows as it had, and not the same"),
        (say_another_count, "annotations_vote has 5000 rows, and had 4999"),
        (change_a_release, "manifest.json is not what was backed up"),
        (lose_a_release, "manifest.json is missing"),
        (lose_all, "there is no backup"),
        (let_it_age, "none came about last night"),
        (stop_receiving, "the log got nothing"),
    ],
)
def test_a_broken_backup_turns_red(sound: House, tmp_path: Path, sabotage: Callable[[Backup], None], says: str) -> None:
    place = copied(sound, tmp_path)
    sabotage(place.newest())
    assert any(says in problem for problem in drill(place)["problems"])


@pytest.mark.parametrize(
    ("sabotage", "says"),
    [
        (lose_a_file_of_the_log, "the log has a gap"),
        (spoil_the_log, "the log is broken"),
        (change_a_release, "manifest.json is not what was backed up"),
    ],
)
def test_what_is_not_whole_is_brought_back_only_where_somebody_says_so(
    sound: House, tmp_path: Path, empty: Path, sabotage: Callable[[Backup], None], says: str
) -> None:
    """PostgreSQL takes a gap for the end of its log, and starts."""
    backup = copied(sound, tmp_path).newest()
    sabotage(backup)
    with pytest.raises(BackupError, match=says):
        restore(backup, empty)
    with pytest.raises(BackupError, match=says):
        lay_for_another(backup, empty / "data", empty)
    assert not empty.exists()
    assert restore(backup, empty, anyway=True).backup == backup


def test_where_a_restore_was_to_end_once_the_next_does_not(tmp_path: Path) -> None:
    conf = tmp_path / "postgresql.auto.conf"
    conf.write_text("work_mem = '8MB'\nrestore_command = 'false'\nrecovery_target_time = '2026-11-30'\n")
    restoring._forget_targets(conf)
    assert conf.read_text() == "work_mem = '8MB'\n"


def test_no_password_stands_on_a_command_line(house: House) -> None:
    assert backups.apart("postgresql://owner:se%20creto@db.example:5433/minka") == (
        "user=owner dbname=minka host=db.example port=5433", {"PGPASSWORD": "se creto"},
    )  # fmt: skip
    with_password = House(house.home, house.place, Hidden(house.server))
    with with_password.receiving():
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)]
    ours = [line for line in lines if b"pg_receivewal" in line and str(house.place.folder).encode() in line]
    assert len(ours) == 1
    assert b"secreto" not in ours[0]


class Hidden:
    """A server whose address has a password in it."""

    def __init__(self, server: Postgres) -> None:
        self.psql = server.psql
        self._server = server

    def url(self, user: str) -> str:
        return self._server.url(user).replace("owner@", "owner:secreto@")


def readable(path: Path) -> bool:
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


def test_in_production_backups_lie_on_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not mounted, its folder is on the first."""
    place = Place(tmp_path)
    place.refuse_one_disk(tmp_path)
    monkeypatch.setenv("MINKA_ENV", "production")
    Place(Path("/dev/shm")).refuse_one_disk(tmp_path)
    with pytest.raises(BackupError, match="is the disk for backups not mounted"):
        take(place, tmp_path, "postgresql:///none")


def test_a_copy_that_does_not_get_away_is_told(sound: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup, now = copied(sound, tmp_path).newest(), dt.datetime.now(dt.UTC)
    assert restoring._stale(backup, now) == []
    monkeypatch.setenv("MINKA_BACKUPS_AWAY", "minka@other.example:backups")
    told = ["nothing was copied to another machine for more than 10 minutes"]
    assert restoring._stale(backup, now) == told
    (backup.place.folder / restoring.AWAY).touch()
    assert restoring._stale(backup, now) == []
    os.utime(backup.place.folder / restoring.AWAY, (time.time() - 700,) * 2)
    assert restoring._stale(backup, now) == told


def test_what_rotted_in_a_backup_is_not_handed_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "releases").mkdir(parents=True)
    (home / "releases" / "sound").write_text("sound")
    (home / "releases" / "rotten").write_text("whole")
    first, second = tmp_path / "1", tmp_path / "2"
    said = backups._copy_files(home, first, None)
    rotten = first / "releases" / "rotten"
    changed = rotten.stat()
    rotten.write_text("WHOLE")
    os.utime(rotten, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    assert backups._copy_files(home, second, first) == said
    assert (second / "releases" / "rotten").read_text() == "whole"
    assert (second / "releases" / "sound").samefile(first / "releases" / "sound")


def test_a_report_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / f".{REPORT}").mkdir()
    problems = drill(Place(tmp_path))["problems"]
    assert any("could not be written" in each for each in problems)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [BackupError("nobody receives"), OSError(28, "No space left on device")])
def test_a_backup_that_did_not_come_about_is_mailed(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def fails(*_place: object) -> None:
        raise error

    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "ana@example.org"}
    monkeypatch.setenv("MINKA_BACKUPS", str(tmp_path))
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql:///none")
    monkeypatch.setattr("minka.management.commands.backup.take", fails)
    with pytest.raises(CommandError):
        call_command("backup", gap="the log cannot go on")
    assert [letter.subject.partition(": ")[2] for letter in mail.outbox] == [
        "the log of the database has a gap", "no backup came about",
    ]  # fmt: skip
    assert str(error) in mail.outbox[1].body


def test_an_untouched_copy_is_green(sound: House, tmp_path: Path) -> None:
    place = copied(sound, tmp_path)
    assert drill(place)["problems"] == []


def test_a_gap_in_the_log_is_told(sound: House, tmp_path: Path) -> None:
    place = copied(sound, tmp_path)
    backup = place.newest()
    first = backup.first_segment
    there = len(backup.history.segments(first))
    for number in (there + 1, there + 3):
        (backup.history.wal / f"{first[:16]}{int(first[16:], 16) + number:08X}").touch()
    names = [path.name for path in backup.history.segments(first)]
    assert backup.history.gaps(first) == [
        f"the log has a gap after {names[-3][:24]}",
        f"the log has a gap after {names[-2]}",
    ]


def test_nothing_is_kept_for_longer_than_it_may(sound: House, tmp_path: Path) -> None:
    place = copied(sound, tmp_path)
    backup = place.newest()
    later = backup.begun_at + dt.timedelta(days=backups.MOST_DAYS, seconds=1)
    assert backups.expire(place, now=later - dt.timedelta(days=1)) == []
    assert backups.expire(place, now=later) == [backup.name]
    assert place.backups == []


@pytest.mark.parametrize("days", ["0", "36", "x", "-1", "１４"])
def test_days_that_break_the_promise_are_refused(days: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINKA_BACKUPS", str(tmp_path))
    monkeypatch.setenv("MINKA_BACKUP_DAYS", days)
    with pytest.raises(BackupError, match="1 to 35"):
        Place.from_environment()


def test_a_proof_waits_for_a_long_writer_and_harms_nobody(sound: House) -> None:
    with psycopg.connect(sound.url) as writer:
        writer.execute("INSERT INTO annotations_vote (text) VALUES ('largo')")
        found: list[proofs.Sums] = []
        proof = threading.Thread(target=lambda: found.append(proofs.take(sound.url, "minka test")))
        proof.start()
        time.sleep(2)
        with psycopg.connect(sound.url, autocommit=True) as other:
            other.execute("INSERT INTO annotations_vote (text) VALUES ('otra')")
        assert found == []
        writer.commit()
        proof.join()
    assert found[0]["annotations_vote"][0] == int(sound.do("SELECT count(*) FROM annotations_vote"))
    sound.do("DELETE FROM annotations_vote WHERE text IN ('largo', 'otra')")
