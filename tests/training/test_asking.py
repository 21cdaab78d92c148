"""What people propose is asked of real models: two tiny ones, served by `transformers serve` as anybody would serve
theirs, and asked by the platform in its own environment (`tests/writing/served.py`)."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tiny_model import build, teach

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "¿A cuánto la palta, casera?"
ANSWERS = ("A dos mil el kilo, está rica.", "Se la dejo en mil quinientos.")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("models")
    return [teach(build(folder / f"m{place}", seed=place), QUESTION, said) for place, said in enumerate(ANSWERS)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    home = tmp_path_factory.mktemp("home")
    log = home / "log"
    argv = [str(Path(sys.executable).with_name("transformers")), "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(argv, env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home)},
                                   stdout=output, stderr=subprocess.STDOUT)  # fmt: skip
    try:
        for _second in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text("utf-8")
                time.sleep(1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_a_proposal_that_was_accepted_is_answered_by_two_served_models(models: list[Path], server: str) -> None:
    rows = [{"name": f"tiny-{place}", "url": server, "model": str(path), "licence": "apache-2.0"}
            for place, path in enumerate(models)]  # fmt: skip
    argv = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/writing/served.py"]
    told = {"MINKA_MODELS": json.dumps(rows), "SERVED_QUESTION": QUESTION, "SERVED_ANSWERS": json.dumps(ANSWERS)}
    done = subprocess.run(argv, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "1 passed" in done.stdout
