"""The folder a run keeps. It is one run's alone; `run.json` says which, and how often it was sat down to: one that was
cut off goes on from its last whole checkpoint."""

import contextlib
import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from minka_client.training.contents import LEFT_BY_THE_TRAINER, content_id, model_files, read_json, write_json
from minka_client.training.stopped import Stopped


def is_main_process() -> bool:
    """The launchers (torchrun, accelerate) number the processes of a run in RANK."""
    return os.environ.get("RANK", "0") == "0"


@contextlib.contextmanager
def held(work: Path) -> Iterator[None]:
    """The run's folder is its own while it lasts; the kernel lets go of it however the process ends.

    Args:
        work: a folder inside it, for the lock and the prepared rows of a run that goes on.
    """
    if not is_main_process():
        yield
        return
    output = work.parent
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(f"a run cannot be kept in {output}: {error}") from None
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stopped(f"another process is training in {output} at this moment") from None
        try:
            yield
        finally:
            # A prepared copy of people's texts has no business outliving the run.
            shutil.rmtree(work, ignore_errors=True)
            with contextlib.suppress(OSError):  # it is not empty: something came of the run
                output.rmdir()


def read_sittings(output: Path, work: Path, identity: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The earlier sittings of this very run, if the folder is its own; none, if the folder is still empty."""
    path = output / "run.json"
    if not path.is_file():
        if output.exists() and {entry.name for entry in output.iterdir()} - {work.name, ".run.json"}:
            raise Stopped(f"{output} already holds something else: a run needs a folder of its own")
        return []
    earlier = read_json(path)
    other = [name for name, value in identity.items() if earlier["identity"].get(name) != value]
    if other:
        raise Stopped(f"{output} already holds another run: its {', '.join(other)} differs")
    return list(earlier["sittings"])


def finished(output: Path) -> str:
    """The checkpoint's id of a finished run, still true."""
    checkpoint_id = str(read_json(output / "lineage.json")["checkpoint_id"])
    if content_id(model_files(output)) != checkpoint_id:
        raise Stopped(f"the model in {output} is no longer the one its lineage.json describes")
    return checkpoint_id


def last_whole_checkpoint(output: Path) -> Path | None:
    """The trainer writes its state last, so a checkpoint that a kill cut short has none that can be read."""
    whole = [path for path in output.glob("checkpoint-*") if _is_json(path / "trainer_state.json")]
    return max(whole, key=_step_of, default=None)


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _is_json(path: Path) -> bool:
    try:
        read_json(path)
    except (OSError, ValueError):
        return False
    return True


def sitting(trainer: Any, checkpoint: Path | None) -> dict[str, Any]:
    """One start of the run: a run that was cut off has several, perhaps on different machines."""
    return {
        "began": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "from_step": _step_of(checkpoint) if checkpoint else 0,
        "processes": trainer.args.world_size,
        "device": trainer.args.device.type,
    }


def tidy(output: Path) -> None:
    """What the trainer left and nobody should rely on goes; the same adapter is the same bytes."""
    for name in LEFT_BY_THE_TRAINER:
        (output / name).unlink(missing_ok=True)
    config = output / "adapter_config.json"
    if config.is_file():
        # A set is written there, in another order each time.
        document = read_json(config)
        write_json(config, document | {"target_modules": sorted(document["target_modules"])})
