"""A recipe as a process: what it is started with, and what it leaves in its folder."""

import ctypes
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "OMP_NUM_THREADS")
"""What of our surroundings a recipe is told, and what begins with one of the following; no address, no secret."""
KEPT_FROM: Final = ("CUDA_", "NVIDIA_", "NCCL_", "ACCELERATE_", "TORCH_", "ROCM_", "HIP_")
GRACE: Final = 60
"""Seconds in which a recipe that is stopped may still keep what it has."""
_LIBC: Final = ctypes.CDLL(None)
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True)
class Place:
    """The folder of a run on this machine."""

    folder: Path

    @property
    def handed(self) -> Path:
        return self.folder / "handed.json"

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def prompts(self) -> Path:
        return self.folder / "prompts.jsonl"

    @property
    def answers(self) -> Path:
        """The folder in which `generate.py` leaves them."""
        return self.folder / "answers"

    @property
    def evaluation(self) -> Path:
        return self.folder / "evaluation.json"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def lineage(self) -> dict[str, Any]:
        """What the recipe left beside the model, or nothing as long as it is not through."""
        path = self.model / "lineage.json"
        return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}

    def points(self) -> list[dict[str, Any]]:
        """What was measured so far: of the lineage, or of the newest checkpoint."""
        told = self.lineage() or self._newest_state()
        return [
            {"name": name, "step": entry["step"], "value": value}
            for entry in told.get("log_history", ())
            for name, value in entry.items() if isinstance(value, float) and isfinite(value) and name != "epoch"
        ]  # fmt: skip

    def _newest_state(self) -> dict[str, Any]:
        states = self.model.glob("checkpoint-*/trainer_state.json")
        for path in sorted(states, key=lambda each: int(each.parent.name.rpartition("-")[2]), reverse=True):
            try:
                return dict(json.loads(path.read_text("utf-8")))
            except (OSError, ValueError):  # being written, or being let go
                continue
        return {}

    def last_words(self) -> str:
        """The last line of the log: a recipe ends with the sentence that says why."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.is_file() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


@contextmanager
def started(argv: Sequence[str], place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """The recipe, running; it ends with the block, and with us."""
    place.folder.mkdir(parents=True, exist_ok=True)
    with place.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- ours, and of the settings; a stranger's name is a checked folder
            argv, cwd=place.folder, env=surroundings(os.environ), stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_dying_with(os.getpid()),
        )  # fmt: skip
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    if process.poll() is None or process.returncode < 0:
        _kill_all(process)


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """It and what it started: loaders of rows, and the processes of other GPUs."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _dying_with(parent: int) -> Callable[[], None]:
    """A `preexec_fn`: the kernel ends the child when we are gone."""

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # we were gone before the kernel was told
            os._exit(1)

    return arrange


def surroundings(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in ours.items() if name in KEPT or name.startswith(KEPT_FROM)}
