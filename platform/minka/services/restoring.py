"""Bringing a backup back, and trying every night whether one could.

A **restore** lays a backup into a place where no database is, and replays the log after it, to its end or to a moment.
To its end, all that was acknowledged is there but the last moments, and so is every erasure. To a moment, what people
asked for afterwards would be undone, so it is read first from the end of the newest history's log and is done again
(`promises`); where the log is lost with the disk, nobody can know it. What is to be done again lies in the house before
its database does (`NOTE`): while it lies there no part of the house opens, nor is it backed up. Where a newer history
has no backup yet, neither its commits nor its promises can be had; where the log has a gap, or a file is not what was
backed up, what is behind it is lost: nothing is restored unless somebody says so (`--anyway`). What is restored begins
another history.

A **drill** does the same in a place of its own, to the point at which the backup was proven, and compares every table
and every file. What is wrong is a sentence of its report, `drill.json` beside the histories.
"""

import datetime as dt
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from minka.services import proofs
from minka.services.backups import Backup, BackupError, Place, expire, sum_of
from minka.services.postgres import OURSELVES, Account, Postgres, PostgresError, binaries_for, run
from minka.services.up import NOTE, write_private

REPORT: Final = "drill.json"
OLDEST: Final = dt.timedelta(hours=25)
"""A nightly backup that is older did not come about: the drill begins an hour and a half after it is due."""
QUIETEST: Final = dt.timedelta(minutes=10)
"""The house writes every minute; a log that got nothing for so long is not received."""
AWAY: Final = "away.stamp"
"""Touched after each copy to another machine (`minka-away.service`)."""
PATIENCE: Final = 6 * 3600.0
"""Seconds for a server to replay its log."""
RECOVERY: Final = {"hot_standby": "off", "restore_command": "false", "recovery_target_action": "promote"}
"""The log lies in the cluster already, so there is nothing to fetch. Connections wait until all is replayed."""
PROMISES: Final = {
    "erased": "SELECT subject::text, reason FROM annotations_request"
    " WHERE kind = 'erase' AND outcome = 'done' AND received_at > %s ORDER BY id",
    "consents": "SELECT DISTINCT ON (subject) subject::text, act, purposes, language, contribution_licence"
    " FROM annotations_consent WHERE recorded_at > %s ORDER BY subject, id DESC",
    "documents": "SELECT document, why FROM annotations_externalbatch WHERE withdrawn_at > %s ORDER BY id",
    "recalled": "SELECT version, reason, why FROM annotations_release WHERE recalled_at > %s AND reason <> 'erased'"
    " ORDER BY recall_number",
}


# Laying one -----------------------------------------------------------------------------------------------------------


def lay(backup: Backup, server: Postgres, last: Callable[[], object] = lambda: None) -> None:
    """The cluster of a backup, with all of the log after it, made `server`'s; `last` happens before it is.

    Raises:
        BackupError: the backup is not whole, or not of this PostgreSQL.
        PostgresError: there is a database already.
    """
    refuse_other_programs(backup)

    def make(folder: Path) -> None:
        fill(backup, folder, server.lodging.account)
        last()

    server.lay(make)


def refuse_other_programs(backup: Backup) -> None:
    """Raises BackupError where these are not of the version that the backup is of: they can read nothing of it."""
    programs = binaries_for(OURSELVES)
    if backup.proof["postgres"] != int(programs.major):
        raise BackupError(
            f"the backup is of PostgreSQL {backup.proof['postgres']}, and these programs are {programs.version}:"
            " set MINKA_POSTGRES_BIN to the programs of that version"
        )


def fill(backup: Backup, folder: Path, account: Account) -> None:
    """Into an empty directory, verified file by file against what PostgreSQL wrote down of it."""
    for archive, into in (("base.tar.gz", folder), ("pg_wal.tar.gz", folder / "pg_wal")):
        told = run(["tar", "--extract", "--gzip", "--file", backup.folder / archive, "--directory", into])
        if told.returncode:
            raise BackupError(f"{archive} of {backup.name} is broken: {told.stderr.strip()}")
    shutil.copy(backup.folder / "backup_manifest", folder)
    told = run([binaries_for(OURSELVES) / "pg_verifybackup", folder])
    if told.returncode:
        raise BackupError(f"{backup.name} is not what was backed up: {told.stderr.strip()}")
    for path in [*backup.history.segments(backup.first_segment), *backup.history.wal.glob("*.history")]:
        shutil.copy(path, folder / "pg_wal" / path.name.removesuffix(".partial"))
    _forget_targets(folder / "postgresql.auto.conf")
    for name in ("postgresql.conf", "pg_ident.conf"):
        (folder / name).touch()  # a distribution keeps them elsewhere
    (folder / "pg_hba.conf").write_text("local all all trust\nlocal replication all trust\n")
    (folder / "recovery.signal").touch()
    for path in [folder, *folder.rglob("*")]:
        if account.uid is not None and account.gid is not None:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _forget_targets(conf: Path) -> None:
    """Where a restore of before was to end: the next would end there too."""
    lines = conf.read_text("utf-8").splitlines(keepends=True) if conf.exists() else []
    kept = [line for line in lines if not line.startswith(("recovery_", "restore_command", "hot_standby"))]
    conf.write_text("".join(kept), "utf-8")


@contextmanager
def restored(backup: Backup, home: Path, **target: str) -> Iterator[Postgres]:
    """A server on a backup, for as long as the block; what it lay in goes with it."""
    quick = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
    server = Postgres(home, more=RECOVERY | quick | target, patience=PATIENCE)
    try:
        lay(backup, server)
        with server:
            yield server
    finally:
        shutil.rmtree(server.lodging.state, ignore_errors=True)
        if server.lodging.state.parent != home:
            shutil.rmtree(server.lodging.state.parent, ignore_errors=True)


# The drill ------------------------------------------------------------------------------------------------------------


def drill(place: Place, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> dict[str, Any]:
    """Restore the newest backup where nothing is, compare, and write the report.

    Returns:
        `at`, `backup`, `seconds`, `tables`, `rows`, `files`, and `problems`: sentences; none, and it can be relied on.
    """
    report: dict[str, Any] = {
        "at": now().isoformat(),
        "backup": None,
        "tables": 0,
        "rows": 0,
        "files": 0,
        "problems": [],
    }
    began = time.monotonic()
    try:
        with place.held():
            expire(place, now=now())
            backup = place.newest()
            proof = backup.proof
            report |= {"backup": backup.name, "tables": len(proof["tables"]), "files": len(proof["files"])}
            report["rows"] = sum(rows for rows, _sum in proof["tables"].values())
            report["problems"] += [*_stale(backup, now()), *_files(backup)]
            report["problems"] += _log(backup) or _tables(backup, place)
    except (BackupError, PostgresError, psycopg.Error, OSError, ValueError, KeyError) as error:
        report["problems"].append(str(error) or type(error).__name__)
    report["seconds"] = round(time.monotonic() - began, 1)
    draft = place.folder / f".{REPORT}"
    try:
        draft.write_text(json.dumps(report, indent=1), "utf-8")
        draft.replace(place.folder / REPORT)
    except OSError as error:
        report["problems"].append(f"{REPORT} could not be written: {error}")
    return report


def _stale(backup: Backup, now: dt.datetime) -> list[str]:
    told, newest = [], max((path.stat().st_mtime for path in backup.history.segments()), default=0.0)
    if now - backup.begun_at > OLDEST:
        told.append(f"the newest backup is of {backup.name}: none came about last night")
    if now.timestamp() - newest > QUIETEST.total_seconds():
        told.append(f"the log got nothing for more than {QUIETEST.total_seconds() / 60:.0f} minutes")
    if os.environ.get("MINKA_BACKUPS_AWAY"):
        stamp = backup.place.folder / AWAY
        if not stamp.exists() or now.timestamp() - stamp.stat().st_mtime > QUIETEST.total_seconds():
            told.append(
                f"nothing was copied to another machine for more than {QUIETEST.total_seconds() / 60:.0f} minutes"
            )
    return told


def _files(backup: Backup) -> list[str]:
    told = []
    for name, said in backup.proof["files"].items():
        path = backup.folder / "files" / name
        if not path.is_file():
            told.append(f"{name} is missing")
        elif sum_of(path) != said:
            told.append(f"{name} is not what was backed up")
    return told


def _log(backup: Backup) -> list[str]:
    refuse_other_programs(backup)
    first = backup.first_segment
    return backup.history.gaps(first) or backup.history.broken(first)


def _tables(backup: Backup, place: Place) -> list[str]:
    proof = backup.proof
    with (
        tempfile.TemporaryDirectory(prefix=".drill-", dir=place.folder) as home,
        restored(backup, Path(home), recovery_target_name=proof["point"]) as server,
    ):
        return proofs.differences(proof["tables"], proofs.read(server.url(proof["login"], proof["database"])))


# The restore ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Restored:
    """What a restore came to."""

    backup: Backup
    until: dt.datetime | None
    """The last commit that is in it; none, where nothing was committed after the backup."""
    promises: "Promises"


Promises = Mapping[str, list[list[Any]]]
"""Of after the moment that was asked for. `erased`: [subject, reason]; `consents`: [subject, act, purposes, language,
licence], the last of each; `documents`: [name, why] of those of external votes that were withdrawn; `recalled`:
[version, reason, why] of releases that were taken back."""


def chosen(place: Place, *, to: dt.datetime | None = None, anyway: bool = False) -> Backup:
    """The backup to restore: the newest, or the newest of before a moment.

    Args:
        anyway: also where what was written last cannot be had.

    Raises:
        BackupError: there is none, or a newer history has no backup.
    """
    backup = place.newest(until=to)
    if place.unproven and not anyway:
        raise BackupError(
            f"{place.unproven.folder} is newer than every backup, and has none itself: what was written in it would be"
            f" lost, and who was erased in it would be here again. The backup would be {backup.name}; with --anyway it"
            " is taken"
        )
    return backup


def restore(backup: Backup, home: Path, *, to: dt.datetime | None = None, anyway: bool = False) -> Restored:
    """The embedded database of `home`, which has none, and its files as they were backed up. It is left stopped.

    Args:
        anyway: also where the log has a gap or a file is not what was backed up; what is behind it is lost.

    Raises:
        BackupError, PostgresError: there is no database.
    """
    with backup.place.held():
        return _restore(backup, home, to, anyway=anyway)


def _restore(backup: Backup, home: Path, to: dt.datetime | None, *, anyway: bool) -> Restored:
    _refuse_broken(backup, to, anyway=anyway)
    target = {"recovery_target_time": to.astimezone(dt.UTC).isoformat()} if to else {}
    server = Postgres(home, more=RECOVERY | target, patience=PATIENCE)

    def last() -> None:
        _noted(backup.place, home, to)
        if (files := backup.folder / "files").is_dir():
            mode = stat.S_IMODE(home.stat().st_mode)
            shutil.copytree(files, home, dirs_exist_ok=True)
            home.chmod(mode)  # which would be that of `files`

    lay(backup, server, last)
    with server:
        answer = server.psql("SELECT pg_last_xact_replay_timestamp()", database="postgres")
    backup.place.begin_history()
    promises = json.loads((home / NOTE).read_text("utf-8"))
    return Restored(backup, dt.datetime.fromisoformat(answer) if answer else None, promises)


def _refuse_broken(backup: Backup, to: dt.datetime | None, *, anyway: bool) -> None:
    """Raises BackupError where PostgreSQL would take a gap for the end of the log, or files are not those of then."""
    read = {each.folder: each for each in (backup, backup.place.newest() if to else backup)}
    found = [problem for each in read.values() for problem in _log(each)] + _files(backup)
    if found and not anyway:
        raise BackupError(
            f"{backup.name} cannot be brought back whole: {'; '.join(found[:5])}. With --anyway it is taken as far as"
            " it goes: what was written after a gap is lost, erasures too"
        )


def _noted(place: Place, home: Path, to: dt.datetime | None) -> "Promises":
    """What is to be done again, written down before there is a database in which it is not done."""
    promises = _promises(place, to) if to else {}
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = home / NOTE
    before = json.loads(note.read_text("utf-8")) if note.exists() else {}  # of a restore that nobody finished
    names = dict.fromkeys([*before, *promises])
    promises = {name: [*before.get(name, ()), *promises.get(name, ())] for name in names}
    write_private(note, json.dumps(promises))
    return promises


def _promises(place: Place, moment: dt.datetime) -> Promises:
    """What people asked for after a moment, as far as the newest history's log goes: an older one does not know."""
    backup = place.newest()
    proof = backup.proof
    with (
        tempfile.TemporaryDirectory(prefix=".restore-", dir=place.folder) as home,
        restored(backup, Path(home)) as server,
        psycopg.connect(server.url(proof["login"], proof["database"])) as asked,
    ):
        found = {name: asked.execute(query, [moment]).fetchall() for name, query in PROMISES.items()}
    return {name: [list(row) for row in rows] for name, rows in found.items()}


def lay_for_another(
    backup: Backup, folder: Path, home: Path, *, to: dt.datetime | None = None, anyway: bool = False
) -> Promises:
    """The data directory of a server that is somebody else's to start: it replays the log when it is. Returns what
    people asked for after the moment that was asked for; it is written down in `home`, as `restore` does.

    Raises:
        BackupError: there is something in the folder, or the backup is not whole.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")
    with backup.place.held():
        _refuse_broken(backup, to, anyway=anyway)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        fill(backup, folder, OURSELVES)
        promises = _noted(backup.place, home, to)
        backup.place.begin_history()
    settings = RECOVERY | ({"recovery_target_time": to.astimezone(dt.UTC).isoformat()} if to else {})
    with (folder / "postgresql.auto.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    return promises
