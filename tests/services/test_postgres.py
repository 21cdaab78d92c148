"""The database out of a wheel: what is committed stays, nothing is left running, no directory is opened."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from minka.services import postgres
from minka.services.postgres import Account, Postgres, PostgresError, binaries_for, find_binaries

IS_ROOT = os.geteuid() == 0
NOBODY = Account(65534, 65534, ())
FIFTY_COMMITS = "DROP TABLE IF EXISTS t; CREATE TABLE t (i int);" + "INSERT INTO t VALUES (1);" * 50

OWNER = """
import sys, time
from pathlib import Path
from minka.services.postgres import Postgres
server = Postgres(Path(sys.argv[1])).start()
server.ensure_database()
server.psql(sys.argv[2])
print((server.lodging.data / "postmaster.pid").read_text().split()[0], flush=True)
time.sleep(60)
"""

ORDINARY_USER = """
import os, signal, sys, time
from pathlib import Path
from minka.services.postgres import OURSELVES, Postgres
home = Path(sys.argv[1])
server = Postgres(home, throwaway=True).start()
assert server.owned and server.lodging.account == OURSELVES, server.lodging
assert server.lodging.state == home / "throwaway", server.lodging
server.ensure_database()
server.psql("SET synchronous_commit = on;" + sys.argv[2])
os.kill(int((server.lodging.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
while server.running:
    time.sleep(0.02)
server.start()
print(server.psql("SELECT count(*) FROM t"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def new_home() -> Iterator[Path]:
    """A new MINKA_HOME that every account can reach, which pytest's own directories are not."""
    with tempfile.TemporaryDirectory(prefix="minka-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as place:
        yield place


@pytest.fixture(scope="module")
def durable() -> Iterator[Path]:
    """A home whose durable cluster several tests start, harm and start again; to make one takes a second."""
    with new_home() as place:
        with Postgres(place) as server:
            server.ensure_database()
        yield place


@pytest.fixture
def roots_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Instead of /var/lib/minka, so that no test leaves a cluster or a copy there."""
    with tempfile.TemporaryDirectory(prefix="minka-root-", dir="/tmp") as place:
        monkeypatch.setattr(postgres, "ROOTS_PLACE", Path(place))
        yield Path(place)


def until(condition: Callable[[], object], limit: float = 20.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Ended, whether or not whoever inherited it has looked."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def pid_of(server: Postgres) -> int:
    return int((server.lodging.data / "postmaster.pid").read_text().split()[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_durable_cluster_keeps_what_it_acknowledged(durable: Path) -> None:
    with Postgres(durable) as server:
        server.ensure_database()
        settings = server.psql(
            """
            SELECT name, setting FROM pg_settings WHERE name IN ('data_checksums', 'fsync', 'jit',
            'full_page_writes', 'listen_addresses', 'server_encoding', 'synchronous_commit') ORDER BY name
            """
        )
        roles = server.psql(
            "SELECT rolname, rolsuper, rolcanlogin FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname"
        )
        owner = server.psql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'minka'")
        modes = mode(server.lodging.data), mode(server.sockets)
        pid = pid_of(server)

    assert settings.splitlines() == [
        "data_checksums|on", "fsync|on", "full_page_writes|on", "jit|off", "listen_addresses|",
        "server_encoding|UTF8", "synchronous_commit|on",
    ]  # fmt: skip
    assert roles.splitlines() == ["app|f|t", "export|f|t", "owner|t|t"]
    assert owner == "owner"
    assert modes == (0o700, 0o700)
    assert gone(pid)


def test_a_throwaway_cluster_leaves_nothing_and_spares_the_durable_one(home: Path) -> None:
    durable = home / "postgres"
    durable.mkdir()
    with Postgres(home, throwaway=True) as server:
        fast = server.psql("SHOW fsync; SHOW full_page_writes; SHOW synchronous_commit", database="postgres")
        pid, sockets = pid_of(server), server.sockets

    assert fast.split() == ["off", "off", "off"]
    assert gone(pid)
    assert not sockets.exists()
    assert list(home.iterdir()) == [durable]


def test_whoever_comes_second_connects_and_stops_nothing(durable: Path) -> None:
    with Postgres(durable) as first:
        second = Postgres(durable).start()
        answer = second.psql("SELECT current_user", user="app")
        owned = first.owned, second.owned
        second.stop()

        assert (answer, owned, second.url("app")) == ("app", (True, False), first.url("app"))
        assert first.psql("SELECT 1") == "1"


def test_rows_survive_kill_9_of_the_server(durable: Path) -> None:
    with Postgres(durable) as server:
        server.psql(FIFTY_COMMITS)
        os.kill(pid_of(server), signal.SIGKILL)
        until(lambda: not server.running)
        server.start()

        assert server.owned
        assert server.psql("SELECT count(*) FROM t") == "50"


def test_the_server_goes_with_a_killed_owner_and_the_rows_stay(durable: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(durable), FIFTY_COMMITS],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(postgres.__file__).parents[2]),
            "MINKA_POSTGRES_BIN": str(find_binaries()),  # the ones that made the cluster
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()

    with Postgres(durable) as server:  # at once: it has to wait for what is left of the other
        assert gone(pid)
        assert server.psql("SELECT count(*) FROM t") == "50"


def test_a_start_that_was_killed_leaves_nothing_half_made(home: Path) -> None:
    half = home / "throwaway" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with Postgres(home, throwaway=True) as server:
        assert server.psql("SELECT 1", database="postgres") == "1"
        assert not half.exists()


def test_data_of_another_version_is_refused_and_left_alone(home: Path) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    server = Postgres(home)

    with pytest.raises(PostgresError, match=r"written by PostgreSQL 9, .*pg_dumpall"):
        server.start()

    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]
    assert not server.owned


def test_a_number_that_now_belongs_to_another_program_does_not_stop_the_start(durable: Path) -> None:
    server = Postgres(durable)
    account = server.lodging.account
    with subprocess.Popen(["sleep", "60"], user=account.uid, group=account.gid, extra_groups=account.groups) as other:
        (server.lodging.data / "postmaster.pid").write_text(f"{other.pid}\n")
        with server:
            answer = server.psql("SELECT 1", database="postgres")
        other.kill()

    assert answer == "1"


@pytest.mark.parametrize("name", ["a" * 120, "año, nuevo"])
def test_the_socket_moves_where_its_path_is_short_and_plain(home: Path, name: str) -> None:
    (home / name).mkdir(mode=0o755)
    assert Postgres(home / name).sockets.parent == Path("/tmp")


def test_a_socket_that_moved_is_used_and_removed(home: Path) -> None:
    odd = home / ("año, nuevo" * 12)
    odd.mkdir(mode=0o755)
    with Postgres(odd, throwaway=True) as server:
        sockets = server.sockets
        answer = server.psql("SELECT 1", database="postgres")
        keywords = server.keywords("app")

    assert answer == "1"
    assert keywords == f"host={sockets} port=5432 dbname=minka user=app"
    assert not sockets.exists()


def test_a_socket_directory_that_somebody_else_made_first_is_refused(home: Path) -> None:
    long = home / ("b" * 120)
    long.mkdir(mode=0o755)
    server = Postgres(long, throwaway=True)
    server.sockets.symlink_to(home)
    try:
        with pytest.raises(PostgresError, match="belongs to somebody else"):
            server.start()
    finally:
        server.sockets.unlink()


def test_variables_meant_for_libpq_lead_nowhere_else(durable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "192.0.2.1")
    monkeypatch.setenv("PGDATABASE", "other")
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    with Postgres(durable) as server:
        assert server.psql("SHOW default_transaction_read_only") == "off"


@pytest.mark.skipif(not IS_ROOT, reason="only root has directories that its service account cannot reach")
def test_root_opens_nobody_s_directories(home: Path, roots_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    bin_directory = _wheel_under(private)
    monkeypatch.setenv("MINKA_POSTGRES_BIN", str(bin_directory))
    watched = [bin_directory, *bin_directory.parents]
    before = {path: (mode(path), path.stat().st_uid) for path in watched}

    with Postgres(private / "home", throwaway=True) as server:
        answer = server.psql("SELECT 1", database="postgres")
        identity = (private / "home" / "id").read_text()
        state, programs = server.lodging.state, server.binaries.directory
    other = Postgres(private / "other", throwaway=True).lodging.state

    assert answer == "1"
    assert state == roots_place / identity / "throwaway"
    assert programs.is_relative_to(roots_place)
    assert other != state, "a new home is an empty cluster"
    assert not state.parent.exists()
    assert {path: (mode(path), path.stat().st_uid) for path in watched} == before


def _wheel_under(private: Path) -> Path:
    """The installation that the tests use, with its libraries beside it, as links."""
    found = find_binaries()
    installation = found.parent
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    for source in filter(Path.is_dir, (installation, libraries)):
        target = private / source.relative_to(installation.parents[1])
        shutil.copytree(source, target, symlinks=True, copy_function=_link)
    return private / found.relative_to(installation.parents[1])


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target


@pytest.mark.skipif(not IS_ROOT, reason="every other test here ran as an ordinary user already")
def test_an_ordinary_user_runs_it_too(home: Path, roots_place: Path) -> None:
    code = home / "code"
    here = Path(postgres.__file__).parent
    shutil.copytree(here, code / "minka" / "services", copy_function=shutil.copyfile)
    theirs = home / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 65534, 65534)
    programs = binaries_for(NOBODY).directory
    result = subprocess.run(
        [_interpreter_for(NOBODY), "-c", ORDINARY_USER, str(theirs / "home"), FIFTY_COMMITS],
        cwd="/",
        env={"PYTHONPATH": str(code), "MINKA_POSTGRES_BIN": str(programs), "PATH": os.defpath},
        user=NOBODY.uid,
        group=NOBODY.gid,
        extra_groups=NOBODY.groups,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.stdout, result.returncode) == ("50\n", -signal.SIGKILL), result.stderr
    assert not list(roots_place.glob("[0-9a-f]*")), "an ordinary user's cluster lies in the home"

    with Postgres(theirs / "home", throwaway=True) as server:  # root comes by, and takes nothing over
        assert server.lodging.account == NOBODY
        assert server.psql("SELECT count(*) FROM t") == "50"
        assert {path.stat().st_uid for path in server.lodging.state.rglob("*")} == {NOBODY.uid}


def _interpreter_for(account: Account) -> str:
    """Ours may lie under root's closed home; then the system's."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            asked = subprocess.run(
                [candidate, "-c", "import sys; assert sys.version_info >= (3, 11)"],
                user=account.uid, group=account.gid, extra_groups=account.groups, cwd="/", check=False,
                capture_output=True,
            )  # fmt: skip
        except OSError:
            continue
        if asked.returncode == 0:
            return candidate
    pytest.skip("no Python 3.11 here that an ordinary user could run")
