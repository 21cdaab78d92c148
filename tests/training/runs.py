"""A recipe as Diego runs it: in a process of its own, with a tiny model on a CPU.

Most of a run's time is the import of the trainer, so runs are few and tests share them.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "annotations" / "training" / "recipes"
SHARED = ROOT / "clients" / "python" / "src"

# Some forty short steps: long enough to be cut off in the middle, short enough for a test.
FORTY_STEPS = ("--max-steps", "40", "--eval-steps", "20")
PATIENCE = 600  # seconds

# For a model this small more threads only wait for one another, minutes of it on a busy machine. What the recipes share
# is that of this checkout, whatever is installed.
ALONE = os.environ | {
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(filter(None, (str(SHARED), os.environ.get("PYTHONPATH")))),
}


def command(recipe, base, output, *words, config=None):
    config = config or RECIPES / f"{recipe}.tiny.yaml"
    folders = ("--model", base, "--output", output, "--config", config)
    return [str(RECIPES / f"{recipe}.py"), *map(str, folders), *map(str, words)]


def start(recipe, base, output, *words, launch=(), env=None, **more):
    """Run it to its end. `launch` are the words after `python` that start several processes."""
    argv = [sys.executable, *launch, *command(recipe, base, output, *words, **more)]
    return subprocess.run(argv, env=ALONE | (env or {}), capture_output=True, text=True, timeout=PATIENCE, check=False)


def kill_at_a_checkpoint(recipe, base, output, *words):
    """Start it, and kill it as soon as it has something to go on from."""
    argv = [sys.executable, *command(recipe, base, output, *words)]
    process = subprocess.Popen(argv, env=ALONE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE
    while not list(output.glob("checkpoint-*/trainer_state.json")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (output / "lineage.json").exists()


def told(done, recipe):
    """What the recipe itself said; the libraries' own warnings are not ours."""
    start = f"{recipe}.py: "
    return [line.removeprefix(start) for line in done.stderr.splitlines() if line.startswith(start)]


def refusal(done, recipe):
    """The one sentence of a run that was refused."""
    assert done.returncode == 2, done.stderr
    (sentence,) = told(done, recipe)
    return sentence


def read_lineage(output):
    return json.loads((output / "lineage.json").read_text(encoding="utf-8"))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(folder):
    return {path.name: sha256(path) for path in folder.iterdir()}


def steps_logged(lineage):
    return [entry["step"] for entry in lineage["log_history"]]


def weights(folder):
    from safetensors.numpy import load_file

    (path,) = folder.glob("*.safetensors")
    return load_file(path)
