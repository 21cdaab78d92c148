"""What `deploy/one-machine` puts on a rented machine: units that systemd understands, a proxy that hands out nothing of
its own, and a web that is started anew while people work."""

import contextlib
import http.client
import http.server
import os
import re
import shlex
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from benchmarks.house import ROOT, environment, free_port
from minka.services.one import tell_parent
from minka.services.up import NOTE, House

HERE = ROOT / "deploy" / "one-machine"
SCRIPTS = ("install", "fetch", "configure", "start", "ready", "upgrade", "rollback", "prune", "minka")


def until(condition: Callable[[], object], limit: float = 60.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


# Units and scripts ----------------------------------------------------------------------------------------------------


def verified(folder: Path) -> str:
    """What systemd says of the units in a folder; the programs they start are stood in for."""
    for path in folder.rglob("*.service"):
        text = path.read_text().replace("/opt/minka/current/.venv/bin/python", sys.executable)
        path.write_text(text.replace("/usr/bin/rsync", "/bin/true"))
    units = sorted(str(path) for path in folder.iterdir() if path.is_file())
    env = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("unit", "wrong", "says"),
    [
        ("minka-web.service", "KillMode=mixed", ""),
        ("minka-web.service", "KillMode=mixt", "mixt"),
        ("minka-backup.timer", "OnCalendar=every night", "every night"),
        ("minka-.service.d/common.conf", "ProtectSytem=strict", "ProtectSytem"),
    ],
)
def test_systemd_understands_every_unit_and_would_say_if_not(unit: str, wrong: str, says: str, tmp_path: Path) -> None:
    shutil.copytree(HERE / "units", tmp_path / "units")
    path = tmp_path / "units" / unit
    key = wrong.partition("=")[0].replace("Sytem", "System")
    path.write_text("\n".join(wrong if each.startswith(f"{key}=") else each for each in path.read_text().splitlines()))
    told = verified(tmp_path / "units")
    assert (says in told) if says else (told == "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_sound(name: str) -> None:
    done = subprocess.run(
        ["shellcheck", "-s", "sh", "-e", "SC1091", HERE / name], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert os.access(HERE / name, os.X_OK)


STUBS = {
    "git": "echo 222222222222",
    "minka": 'echo "minka $* of ${MINKA_CODE:-current}" >>"$TOLD"',
    "systemctl": 'echo "systemctl $*" >>"$TOLD"\n'
    'case $(readlink "$MINKA/current") in *2222*) exit ${NEW_FAILS:-0} ;; esac',
    "install": ":",
}


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., tuple[int, list[str]]]:
    """Two versions of the scripts under another root; what they would do to the machine is written down."""
    minka, told = tmp_path / "opt", tmp_path / "told"
    for version in ("111111111111", "222222222222"):
        folder = minka / "versions" / version / "deploy" / "one-machine"
        folder.mkdir(parents=True)
        for name in ("upgrade", "rollback"):
            (folder / name).write_text((HERE / name).read_text().replace("/opt/minka", str(minka)))
            (folder / name).chmod(0o755)
        for name in ("fetch", "configure", "ready"):
            (folder / name).write_text(f'#!/bin/sh\necho "{name} $(readlink {minka}/current)" >>"$TOLD"\n')
            (folder / name).chmod(0o755)
    (minka / "current").symlink_to("versions/111111111111")
    (tmp_path / "bin").mkdir()
    for name, body in STUBS.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "bin" / name).chmod(0o755)

    def ran(script: str, *words: str, **more: str) -> tuple[int, list[str]]:
        env = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "TOLD": str(told), "MINKA": str(minka), **more}
        told.write_text("")
        command = [str(minka / "current" / "deploy" / "one-machine" / script), *words]
        done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
        return done.returncode, [str((minka / "current").readlink()), *told.read_text().splitlines()]

    return ran


def test_an_upgrade_whose_web_does_not_start_goes_back_by_itself(machine: Callable[..., Any], tmp_path: Path) -> None:
    code, told = machine("upgrade", "v2", NEW_FAILS="1")
    assert (code, told[0]) == (1, "versions/111111111111")
    old = f"minka collectstatic --noinput --verbosity 0 of {tmp_path}/opt/versions/111111111111"
    restart = "systemctl restart minka-web minka-worker minka-timetable"
    assert told[-5:] == [
        restart, old, "configure versions/111111111111", restart, "ready versions/111111111111",
    ]  # fmt: skip


def test_an_upgrade_that_starts_stays_and_can_go_back(machine: Callable[..., Any]) -> None:
    code, told = machine("upgrade", "v2")
    assert (code, told[0], told[-1]) == (0, "versions/222222222222", "ready versions/222222222222")
    code, told = machine("rollback", NEW_FAILS="1")
    assert (code, told[0], told[-1]) == (0, "versions/111111111111", "ready versions/111111111111")
    assert machine("rollback") == (1, ["versions/111111111111"]), "the one that was left is no version before"
    assert machine("upgrade", "v2")[0] == 0


READY = {
    "python": 'exit "${WEB:-0}"',
    "sleep": ":",
    "date": 'now=$(cat "$CLOCK"); echo $((now + 3)) >"$CLOCK"; echo "$now"',
    "systemctl": 'case $1 in show) cat "$CLOCK.falls" 2>/dev/null || echo NRestarts=0\n'
    ' [ -z "${FALLS:-}" ] || echo "NRestarts=1" >"$CLOCK.falls" ;;\n'
    'is-active) [ "$3" != "${DOWN:-}" ] ;; esac',
}  # fmt: skip


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        ({}, ""),
        ({"WEB": "1"}, "The web is not ready"),
        ({"DOWN": "minka-timetable"}, "The timetable does not stay"),
        ({"FALLS": "1"}, "The worker does not stay"),
    ],
)
def test_a_house_is_ready_when_its_page_comes_and_its_worker_stays(
    happens: dict[str, str], says: str, tmp_path: Path
) -> None:
    """A version whose jobs do not start would settle nothing, and tell nobody: letters are jobs too."""
    (tmp_path / "bin").mkdir()
    for name, body in READY.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "env").write_text("MINKA_HOSTS=minka.example\n")
    (tmp_path / "clock").write_text("1000")
    script = (HERE / "ready").read_text().replace("/opt/minka/current/.venv/bin/python", f"{tmp_path}/bin/python")
    env = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "CLOCK": str(tmp_path / "clock"), **happens}
    argv = ["sh", "-c", script.replace("/etc/minka/minka.env", str(tmp_path / "env"))]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.partition(":")[0]) == (int(bool(says)), says)


def test_old_versions_go_but_for_those_of_which_something_runs(tmp_path: Path) -> None:
    minka, told = tmp_path / "opt", tmp_path / "told"
    for version in ("1", "2", "3", "4"):
        (minka / "versions" / version).mkdir(parents=True)
    (minka / "current").symlink_to("versions/4")
    (minka / "previous").symlink_to("versions/3")
    (tmp_path / "git").write_text(f'#!/bin/sh\necho "$*" >>{told}\n')
    (tmp_path / "git").chmod(0o755)
    argv = ["sh", "-c", (HERE / "prune").read_text().replace("/opt/minka", str(minka))]
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen(["sleep", "60"], cwd=minka / "versions" / "2") as running:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        running.kill()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "1 is gone.", "2 is kept: something of it runs still. systemctl restart minka-database",
    ]  # fmt: skip
    assert told.read_text().splitlines() == [f"-C {minka}/repository worktree remove --force {minka}/versions/1"]


def test_what_is_configured_follows_the_folders_that_are_told(tmp_path: Path) -> None:
    etc, told = tmp_path / "etc", tmp_path / "told"
    for folder in ("minka/tls", "systemd/system", "nginx/sites-available", "nginx/sites-enabled", "logrotate.d"):
        (etc / folder).mkdir(parents=True)
    home, backups = tmp_path / "data", tmp_path / "other-disk"
    env = (HERE / "minka.env").read_text().replace("@HOST@", "minka.example")
    env = env.replace("=/srv/minka-backups", f"={backups}").replace("=/srv/minka", f"={home}")
    (etc / "minka/minka.env").write_text(env)
    script = (HERE / "configure").read_text().replace("/etc/", f"{etc}/").replace("/var/log", str(tmp_path / "log"))
    script = script.replace('here=$(cd "$(dirname "$0")" && pwd)', f"here={HERE}").replace("/run/systemd", "/nowhere")
    (tmp_path / "bin").mkdir()
    for name, body in {
        "nginx": "exit 0", "openssl": "exit 0",
        "install": 'echo "$*" >>"$TOLD"; exec /usr/bin/install $(echo "$*" | sed "s/ -[og] [a-z-]*//g")',
    }.items():  # fmt: skip
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    surroundings = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "TOLD": str(told)}
    done = subprocess.run(["sh", "-c", script], env=surroundings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    units = etc / "systemd/system"
    assert (units / "minka-.service.d/places.conf").read_text() == f"[Service]\nReadWritePaths={home}\n"
    for part in ("web", "worker", "timetable"):
        (apart,) = (units / f"minka-{part}.service.d").iterdir()
        assert apart.read_text() == f"[Service]\nInaccessiblePaths=-{etc}/minka/away.key -{backups}\n"
    for part in ("database", "receiver", "backup", "drill", "away"):
        written = (units / f"minka-{part}.service.d/backups.conf").read_text()
        assert written == f"[Service]\nReadWritePaths=-{backups}\n"
    away = units / "minka-away.service.d/mounts.conf"
    assert f"RequiresMountsFor={backups}" in away.read_text()
    assert away.name not in {path.name for path in (units / "minka-.service.d").iterdir()}, (
        "it would stand for that one"
    )
    assert f"{home}/logs/*.log {home}/postgres/postgres.log {{" in (etc / "logrotate.d/minka").read_text()
    assert f"-d -m 0700 -o minka -g minka {backups}" in told.read_text()
    shutil.rmtree(units / "multi-user.target.wants", ignore_errors=True)
    assert verified(units) == ""


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("MINKA_SITE_NAME='Minka de todas'", False), ("MINKA_SITE_NAME=", False), ("# what for", False),
        ("EMAIL_URL='smtp+tls://ana:a$b`c@mail.example:587'", False), ("EMAIL_URL=smtp://ana:a@mail.example:25", False),
        ("MINKA_SITE_NAME=Minka de todas", True), ('MINKA_SITE_NAME="a $(id) b"', True), ("EMAIL_URL=a$b", True),
        ("MINKA_SITE_NAME='it's'", True), ("MINKA_SITE_NAME = x", True), ("nothing", True), ("X=$(touch ran)", True),
    ],
)  # fmt: skip
def test_a_value_that_a_shell_would_read_otherwise_is_told(line: str, wrong: bool, tmp_path: Path) -> None:
    """Only the check: the rest of `configure` is cut off."""
    env = tmp_path / "minka.env"
    env.write_text((HERE / "minka.env").read_text() + line + "\n")
    script = (HERE / "configure").read_text().replace("/etc/minka/minka.env", str(env)).partition("host=")[0]
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, bool(done.stderr)) == (int(wrong), wrong)
    assert "$(" not in done.stderr, "of a wrong line only the name is told: a secret may stand in it"
    assert not (tmp_path / "ran").exists()


def test_a_new_disk_never_empties_the_copy_on_the_other_machine(tmp_path: Path) -> None:
    """The receiver makes a history at once, and rsync takes away there what is not here."""
    *_others, condition = re.findall(r"^ExecCondition=(.*)$", (HERE / "units/minka-away.service").read_text(), re.M)
    env = {"PATH": os.environ["PATH"], "MINKA_BACKUPS": str(tmp_path)}

    def goes() -> bool:
        return subprocess.run(shlex.split(condition), env=env, capture_output=True, check=False).returncode == 0

    backup = tmp_path / "history-1" / "20261130T023000Z"
    (tmp_path / "history-1" / "wal").mkdir(parents=True)
    assert not goes()
    backup.with_name(f".{backup.name}").mkdir()
    assert not goes()
    backup.mkdir()
    (backup / "proof.json").touch()
    assert goes()


@pytest.mark.parametrize(("days", "wrong"), [("1", False), ("14", False), ("0", True), ("00", True), ("x", True)])
def test_logs_are_kept_for_a_day_at_least_which_for_journald_no_days_are_not(
    days: str, wrong: bool, tmp_path: Path
) -> None:
    env = tmp_path / "minka.env"
    env.write_text((HERE / "minka.env").read_text().replace("MINKA_LOG_DAYS=14", f"MINKA_LOG_DAYS={days}"))
    script = (HERE / "configure").read_text().replace("/etc/minka/minka.env", str(env)).partition("for place in")[0]
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "should be a number of days" in done.stderr) == (int(wrong), wrong)


def test_every_variable_of_the_sample_is_one_that_is_read() -> None:
    told = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs/operate.md").read_text("utf-8")
    named = [line.partition("=")[0] for line in (HERE / "minka.env").read_text().splitlines() if "=" in line[:40]]
    assert [name for name in named if name.isupper() and f"`{name}`" not in told] == []


def test_systemd_is_told_in_its_own_words(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        tell_parent("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert listening.recv(100) == b"READY=1"
    tell_parent("READY=1", {})


# The proxy ------------------------------------------------------------------------------------------------------------


class Behind(http.server.BaseHTTPRequestHandler):
    """The web, as a proxy sees it: it decodes an address once and goes by the whole of it."""

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0])
        body = {"/metrics": b"FIGURES", "/readyz": b"FIGURES"}.get(path, repr(dict(self.headers)).encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "proxy"

    def log_message(self, *_told: object) -> None:
        pass


class Web(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@dataclass(frozen=True)
class Proxy:
    folder: Path
    plain: int
    secure: int
    figures: int

    def says(self, path: str, *, host: str = "minka.example", secure: bool = True, more: str = "") -> tuple[int, str]:
        """The answer to exactly this address; (0, "") where there is none."""
        with socket.create_connection(("127.0.0.1", self.secure if secure else self.plain), 10) as line:
            try:
                door = self._trusted().wrap_socket(line, server_hostname=host) if secure else line
                door.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n".encode())
                answer = http.client.HTTPResponse(door)
                answer.begin()
                return answer.status, answer.read().decode(errors="replace")
            except (ssl.SSLError, ConnectionError, http.client.HTTPException):
                return 0, ""

    def _trusted(self) -> ssl.SSLContext:
        """Our own authority and no other."""
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))


def certify(folder: Path) -> None:
    """An authority, and a certificate of its for the site."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *new, "-days", "2", "-subj", "/CN=Ours", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *new, "-subj", "/CN=minka.example", "-keyout", "privkey.pem", "-out", "site.csr")
    (folder / "names").write_text("subjectAltName=DNS:minka.example")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    openssl("x509", "-req", "-in", "site.csr", *signed, "-out", "fullchain.pem")


def rendered(folder: Path, plain: int, secure: int, figures: int, change: Callable[[str], str]) -> str:
    text = (HERE / "nginx.conf").read_text().replace("@HOST@", "minka.example")
    for old, new in (
        ("[::]:80", f"[::1]:{plain}"), ("[::]:443", f"[::1]:{secure}"), ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("listen 443", f"listen 127.0.0.1:{secure}"), ("listen 127.0.0.1:9180", f"listen 127.0.0.1:{figures}"),
        ("/etc/minka/tls", str(folder)), ("/run/minka", str(folder)),
        ("/var/log/minka", str(folder)), ("/var/lib/minka-acme", str(folder / "acme")),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
        text = "\n".join(line for line in text.splitlines() if "[::1]" not in line)
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    return f"{user} daemon off; pid {folder}/pid; events {{}} http {{ {places} {change(text)} }}"


@contextmanager
def proxy(change: Callable[[str], str] = lambda text: text) -> Iterator[Proxy]:
    with tempfile.TemporaryDirectory(prefix="minka-proxy-", dir="/tmp") as made:
        folder = Path(made)
        certify(folder)
        challenge = folder / "acme" / ".well-known" / "acme-challenge"
        challenge.mkdir(parents=True)
        (challenge / "proof").write_text("PROOF")
        (folder / "acme" / "SECRET").write_text("SECRET")
        (folder / "acme" / ".well-known" / "SECRET").write_text("SECRET")
        plain, secure, figures = free_port(), free_port(), free_port()
        (folder / "nginx.conf").write_text(rendered(folder, plain, secure, figures, change))
        web = Web(str(folder / "web.sock"), Behind)
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}).start()
        command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), "-p", made]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/bin"}
        ) as process:
            try:
                until(
                    lambda: process.poll() is not None or ((folder / "pid").exists() and (folder / "pid").read_text())
                )
                assert process.poll() is None, (folder / "error.log").read_text()
                yield Proxy(folder, plain, secure, figures)
            finally:
                process.terminate()
                web.shutdown()
                web.server_close()


WAYS = (
    "/metrics", "/metrics?x=1", "/%6detrics", "/./metrics", "/%2e/metrics", "/x/../metrics", "/x/%2e%2e/metrics",
    "/x/..%2fmetrics", "/x%2f..%2fmetrics", "//metrics", "/%2fmetrics", "/metrics#x", "https://minka.example/metrics",
    "/readyz", "/READYZ", "/%72eadyz", "/x/.%2e/readyz", "/metrics%3f", "/static/../metrics", "/static/%2e%2e/readyz",
)  # fmt: skip
INTO_FOLDERS = tuple(
    f"/.well-known/acme-challenge{way}SECRET"
    for way in (
        "../",
        "/../",
        "/%2e%2e/",
        "/..%2f",
        "%2f..%2f",
        "/../../",
        "/%2e%2e/%2e%2e/",
        "/..%5c",
        "..%2f",
        "/.../",
    )
)


def leaks(site: Proxy) -> list[str]:
    """The addresses by which somebody outside gets at figures, or at a file that is not for them."""
    found = [way for way in (*WAYS, *INTO_FOLDERS) if "FIGURES" in site.says(way)[1] or "SECRET" in site.says(way)[1]]
    return found + [f"http {way}" for way in INTO_FOLDERS if site.says(way, secure=False)[1].startswith("SECRET")]


def test_the_proxy_hands_out_nothing_however_it_is_asked() -> None:
    with proxy() as site:
        assert leaks(site) == []
        assert site.says("/.well-known/acme-challenge/proof", secure=False) == (200, "PROOF")
        assert site.says("/rate/", secure=False)[0] == 301
        assert site.says("/api/v1/me/", secure=False)[0] == 403
        status, seen = site.says("/", more="X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: http\r\n")
        assert status == 200
        assert "'X-Forwarded-For': '127.0.0.1'" in seen
        assert "'X-Forwarded-Proto': 'https'" in seen
        assert "203.0.113.7" not in seen
        assert site.says("/", host="other.example") == (0, "")
        assert site.says("/", host="other.example", secure=False) == (0, "")
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.figures)) as prometheus:
            for path, status in (("/metrics", 200), ("/", 404), ("/readyz", 404), ("/metrics/x", 404)):
                prometheus.request("GET", path)
                answer = prometheus.getresponse()
                assert (answer.status, answer.read() == b"FIGURES") == (status, status == 200)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("location = /metrics", "location = /figures"),
        ("location = /readyz", "location = /ready"),
        ("location = /metrics {\n        return 404;", "location ~ ^/metrics\\?$ {\n        return 404;"),
        ("acme-challenge/ {\n        root", "acme-challenge {\n        alias"),
    ],
)
def test_a_proxy_that_is_set_up_wrongly_is_found_out(old: str, new: str) -> None:
    def change(text: str) -> str:
        assert old in text
        text = text.replace(old, new)
        return text.replace("/acme;", "/acme/.well-known/acme-challenge/;") if "alias" in new else text

    with proxy(change) as site:
        assert leaks(site)


# The web, started anew ------------------------------------------------------------------------------------------------


class Door:
    """systemd's part: a socket that stays, and the web behind it."""

    def __init__(self, home: Path, *, stays: bool) -> None:
        self.path, self.home, self.stays = home / "web.sock", home, stays
        self._listening = self._opened()
        self._web = self._started()

    def _opened(self) -> socket.socket:
        self.path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self.path))
        listening.listen(1024)
        return listening

    def _started(self) -> subprocess.Popen[bytes]:
        number = self._listening.fileno()
        # The number of the process is known in it alone: systemd says it in its environment.
        command = f'exec 3<&{number}; LISTEN_FDS=1 LISTEN_PID=$$ exec "{sys.executable}" -m minka.services.one web'
        env = {**environment(), "MINKA_HOME": str(self.home), "PYTHONPATH": os.pathsep.join(sys.path)}
        with (self.home / "web.log").open("ab") as log:
            return subprocess.Popen(
                ["bash", "-c", command], env=env, pass_fds=(number,), stdout=log, stderr=log, start_new_session=True
            )

    def restart(self) -> None:
        """`systemctl restart minka-web`."""
        if not self.stays:
            self._listening.close()
        self.stop()
        if not self.stays:
            self._listening = self._opened()
        self._web = self._started()

    def stop(self) -> None:
        self._web.send_signal(signal.SIGTERM)
        self._web.wait(60)

    def close(self) -> None:
        self.stop()
        self._listening.close()

    def ask(self, method: str = "GET", path: str = "/livez", body: bytes = b"") -> int:
        """The status, 0 where nobody answered."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(60)
            try:
                line.connect(str(self.path))
                head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                line.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)
                answer = http.client.HTTPResponse(line)
                answer.begin()
                answer.read()
            except (OSError, http.client.HTTPException):
                return 0
            return answer.status


@pytest.fixture(scope="module")
def furnished() -> Iterator[Path]:
    """A house of which only the database is at work. Without its static files the front page is a 500."""
    with tempfile.TemporaryDirectory(prefix="minka-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        env = {**environment(), "MINKA_HOME": made, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-m", "minka.services.one", "database"]
        with subprocess.Popen(command, env=env, cwd=ROOT) as database:
            until(lambda: (Path(made) / "database.json").exists())
            for command in (["furnish"], ["collectstatic", "--noinput", "--verbosity", "0"]):
                subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], env=env, check=True)
            yield Path(made)
            database.send_signal(signal.SIGTERM)
        assert database.returncode == 0


def hammered(door: Door, restarts: int) -> dict[int, int]:
    """How often which status was answered while the web was started anew so often; 0 is nobody."""
    until(lambda: door.ask() == 200)
    over, found = threading.Event(), []

    def hammer(number: int) -> None:
        while not over.is_set():
            found.append(door.ask() if number % 2 else door.ask("POST", "/api/v1/campaigns/x/next/", b"{}" * 4000))

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for _each in range(restarts):
        time.sleep(1)
        door.restart()
        time.sleep(0.5)
    until(lambda: door.ask() == 200)
    over.set()
    for thread in threads:
        thread.join()
    return {status: found.count(status) for status in set(found)}


def test_nobody_is_turned_away_while_the_web_is_started_anew(furnished: Path) -> None:
    with contextlib.closing(Door(furnished, stays=True)) as door:
        found = hammered(door, 3)
        assert door.ask(path="/") == 200, "which is what `ready` asks for too"
    assert set(found) == {200, 401}
    assert sum(found.values()) > 30


def test_without_the_door_of_systemd_people_are_turned_away(furnished: Path) -> None:
    with contextlib.closing(Door(furnished, stays=False)) as door:
        assert hammered(door, 1)[0] > 0


def test_what_the_living_counted_stays(tmp_path: Path) -> None:
    """The database part is started anew beside them, and the web beside the worker."""
    house = House(tmp_path, "127.0.0.1", 8000, "demo")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    living, dead = (house.counters / f"counter_{pid}.db" for pid in (os.getpid(), ended.pid))
    house.counters.mkdir()
    for path in (living, dead):
        path.touch()
    with house.occupied():
        assert dead.exists()
        assert living.exists()
    house.begin_to_count()
    assert list(house.counters.iterdir()) == [living]


@pytest.mark.parametrize("part", ["web", "worker", "timetable"])
def test_a_part_that_comes_before_the_database_says_so_and_keeps_no_wrong_address(part: str, tmp_path: Path) -> None:
    surroundings = {name: value for name, value in environment().items() if name != "DATABASE_URL"}
    env = {**surroundings, "MINKA_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "minka.services.one", part], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "no database is at work" in done.stderr


@pytest.mark.parametrize("part", ["web", "worker", "timetable"])
def test_no_part_opens_before_what_a_restore_left_is_done(part: str, tmp_path: Path) -> None:
    """Or who was erased would be here again, for as long as nobody looks."""
    (tmp_path / NOTE).write_text("{}")
    env = {**environment(), "MINKA_HOME": str(tmp_path), "DATABASE_URL": "postgresql:///none",
           "PYTHONPATH": os.pathsep.join(sys.path)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "minka.services.one", part], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "what is to be done again is not done" in done.stderr


@pytest.mark.parametrize("words", [["nothing"], [], ["web", "worker"]])
def test_a_part_that_there_is_not_is_told(words: list[str], tmp_path: Path) -> None:
    env = {**environment(), "MINKA_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "minka.services.one", *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "there are database, web, timetable, worker" in done.stderr
