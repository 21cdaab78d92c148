"""A real server in a process of its own, a real Chromium, and a watch over what the browser complains of."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
READY_LIMIT = 300.0
SECRETS = ("zorzal-7b-secreto", "tucan-9b-secreto", "yaguar-3b-secreto")
"""The models of the items below: no page may name them."""


def _item(number: int, texts: list[str]) -> dict[str, Any]:
    return {
        "id": f"i{number}", "variety": "es-CL", "country": "CL", "prompt": f"¿Qué llevo a la once? ({number})",
        "licence": "CC0-1.0",
        "outputs": [{"model": model, "text": text} for model, text in zip(SECRETS, texts, strict=False)],
    }  # fmt: skip


CAMPAIGNS = {
    "pares": [_item(n, ["Marraquetas y palta, po.", "Bollos de leche y mermelada."]) for n in range(60)],
    "ternas": [_item(n, ["Pan amasado.", "Un kuchen.", "Nada."]) for n in range(2)],
    "agotadas": [_item(n, ["Pan batido.", "Un queque.", "Té."]) for n in range(2)],
    "largas": [_item(0, ["\n\n".join(["Cada cual lleva lo que puede. " * 8] * 9), "Pan."])],
}
"""What is loaded beside the demo campaign: pairs, threes, threes that one test uses up, an answer longer than any
screen."""


@dataclass
class House:
    """A running Minka."""

    base: str
    home: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        argv = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(argv, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self, slug: str) -> None:
        file = self.home / f"{slug}.jsonl"
        file.write_text("\n".join(json.dumps(item) for item in CAMPAIGNS[slug]), "utf-8")
        self.manage("load_items", slug, str(file), "--strict")


def _need_chromium() -> None:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: `apt-get install chromium`, then these journeys run")


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _environment(home: Path, port: int) -> dict[str, str]:
    """Ours, without the database that the other tests stand on."""
    ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_EXPORT_URL", "MINKA_HOME", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    return {**kept, "MINKA_HOME": str(home), "PORT": str(port), "MINKA_ENV": "demo", "PYTHONPATH": path}


def _wait(server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_LIMIT
    while "Minka is ready" not in log.read_text("utf-8"):
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the server did not start:\n{log.read_text('utf-8')}")
        time.sleep(0.1)


@contextmanager
def running() -> Iterator[House]:
    """`make up`, as a person starts it, in a home of its own."""
    _need_chromium()
    with tempfile.TemporaryDirectory(prefix="minka-browser-") as place:
        home, port = Path(place), _free_port()
        home.chmod(0o755)  # so that root's database, which another account runs, can lie in it
        log = home / "up.txt"
        environment = _environment(home, port)
        with log.open("wb") as output:
            argv = [sys.executable, "-m", "minka.services.up"]
            server = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        with server:
            try:
                _wait(server, log)
                house = House(f"http://localhost:{port}", home, environment)
                with ThreadPoolExecutor() as several:
                    list(several.map(house.load, CAMPAIGNS))
                yield house
            finally:
                server.send_signal(signal.SIGTERM)
                try:
                    server.wait(40)
                except subprocess.TimeoutExpired:
                    server.kill()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """One for all tests of a process."""
    with running() as house:
        yield house


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with the module: as long as Playwright's loop runs, Django's database refuses this thread."""
    _need_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES.split())
        yield browser
        browser.close()


@dataclass
class Watch:
    """What must not happen in any browser: a complaint on the console, a word to a stranger."""

    house: House
    troubles: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"error: {error.error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith(f"{self.house.base}/"):
            self.troubles.append(f"foreign: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")


PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 800}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}

Visit = Callable[..., Page]


@pytest.fixture
def visit(house: House, chromium: Browser) -> Iterator[Visit]:
    """A page in a browser nobody has used before: `visit(PHONE, java_script_enabled=False)`."""
    watch = Watch(house)
    contexts: list[BrowserContext] = []

    def open_page(device: dict[str, Any], **options: Any) -> Page:
        context = chromium.new_context(base_url=house.base, locale="es-PE", **{**device, **options})
        context.set_default_timeout(10_000)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert watch.troubles == []


@pytest.fixture
def rough_page(house: House, chromium: Browser) -> Iterator[Page]:
    """A phone where the browser may complain: of a page that is missing, of a network that is down."""
    context = chromium.new_context(base_url=house.base, locale="es-PE", **PHONE)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
