"""What a recipe says of itself. The rest of a run is the same for all of them (`running`)."""

import argparse
import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from minka_client.training.offline import stay_offline
from minka_client.training.running import run
from minka_client.training.sittings import is_main_process
from minka_client.training.stopped import Stopped


class Recipe:
    """One way to train, in a file of its own; a subclass fills in what is its own.

    Attributes:
        name: of the recipe, as the house knows it and as its file is called.
        config: of the release, whose rows it trains on.
        columns: exactly those of the config; a stray one may be read in place of a real one.
        measured: columns of the prepared rows that `length` reads; none where the trainer cuts nothing.
        adapter: what `--lora` says to PEFT beside the rank.
    """

    name: ClassVar[str]
    config: ClassVar[str]
    columns: ClassVar[frozenset[str]]
    measured: ClassVar[tuple[str, ...]] = ()
    adapter: ClassVar[Mapping[str, Any]] = {"task_type": "CAUSAL_LM"}

    def classes(self) -> tuple[Any, Any]:
        """TRL's class of settings and its trainer. It takes longer to import them than to refuse a run."""
        raise NotImplementedError

    def unless_told(self, settings: Mapping[str, Any], processor: Any) -> dict[str, Any]:
        """Settings of the trainer that hold unless the YAML says otherwise. Raises `Stopped` where those of the YAML
        would go wrong silently, or late."""
        return {}

    def read(self, rows: Any) -> Any:
        """The rows by split, as they go to the trainer. Raises `Stopped` where nothing could be learnt from them."""
        return rows

    def why_lost(self, lost: int, max_length: int | None) -> str:
        """Why the trainer dropped so many rows while it prepared them, without a word."""
        return f"{lost} are longer than max_length={max_length}"

    def length(self, row: Mapping[str, Any]) -> int:
        """Of the longest that the trainer makes of a prepared row, in tokens."""
        raise NotImplementedError

    def rows_truncated(self, trainer: Any) -> int:
        """Rows to train on of which the end is not read: the trainer cuts at `max_length`, without a word."""
        longest = trainer.args.max_length
        if longest is None or not self.measured:
            return 0
        return sum(self.length(row) > longest for row in trainer.train_dataset.select_columns([*self.measured]))

    def tell(self, trainer: Any) -> dict[str, Any]:
        """What the lineage says of how the rows were read, beside their number."""
        return {}

    @property
    def script(self) -> Path:
        """The recipe's own file."""
        return Path(inspect.getfile(type(self)))

    def main(self) -> int:
        stay_offline()
        try:
            _kept = run(self, *self.read_command_line())
        except Stopped as stopped:
            print(f"{self.name}.py: {stopped}", file=sys.stderr)
            return _ended(stopped.status)
        return _ended(0)

    def say(self, sentence: str) -> None:
        """To whoever looks on, once, however many processes train."""
        if is_main_process():
            print(f"{self.name}.py: {sentence}", file=sys.stderr)

    def read_command_line(self) -> tuple[argparse.Namespace, list[str]]:
        parser = argparse.ArgumentParser(
            description=(type(self).__doc__ or "").partition("\n")[0],
            epilog="Every setting of the YAML can be given here too, and wins: --max-steps 100 --learning-rate 1e-5",
            allow_abbrev=False,
        )
        parser.add_argument("--release", type=Path, help="a release, with its manifest.json")
        parser.add_argument("--manifest", help="of a run: its address in the house, or handed.json of a packed folder")
        parser.add_argument("--model", type=Path, required=True, help="the folder of the model to start from")
        parser.add_argument("--output", type=Path, required=True, help="a new folder, or this run's own")
        parser.add_argument("--config", type=Path, required=True, help="YAML in the names of TRL's own settings")
        parser.add_argument("--lora", type=int, metavar="R", help="train only a LoRA adapter, of rank R")
        options, overrides = parser.parse_known_args()
        if not (options.release or options.manifest):
            parser.error("--release or --manifest says what is trained on")
        if options.lora is not None and options.lora < 1:
            parser.error("--lora wants a rank of 1 or more")
        return options, overrides


def _ended(status: int) -> int:
    """The exit status. One of several processes leaves with it at once, while its trainer is still there: when torch
    2.13 lets go of one on CPUs, it can wait for ever (for gloo's thread, which waits for the interpreter)."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status
