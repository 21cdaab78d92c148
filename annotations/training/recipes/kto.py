# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "minka-client",
#     "torch==2.13.0",
#     "trl==1.16.0",
#     "transformers==5.23.0",
#     "datasets==5.2.0",
#     "accelerate==1.15.0",
#     "peft==0.21.2",
#     "pyarrow==26.0.1",
#     "pyyaml==6.0.3",
# ]
# [tool.uv.sources]
# minka-client = { path = "../../../clients/python" }
# ///
"""Teach a model what people call good, and what they do not: KTO on the `kto` rows of one release.

    python kto.py --release RELEASE_DIR --model MODEL_DIR --output OUT --config kto.yaml [--max-steps 100 ...]

Each row is a single answer with one word on it, so it needs no pairs; it needs answers of both kinds. What is "better
than usual" it takes from the neighbour's answer in the batch: the rows are read in the order of their file (the release
sorts them by hash, so that neighbours are of different questions), and a batch holds two or more. All else is as with
the other recipes, in `minka_client.training`.

KTO: Ethayarajh et al. 2024, arXiv 2402.01306, as TRL implements it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from minka_client.training import Recipe, Stopped

BATCH = 8
"""Of the trainer, where the YAML says nothing."""


class Kto(Recipe):
    """KTO on the single answers of one release that were called good, or bad."""

    name = "kto"
    config = "kto"
    columns = frozenset({"prompt", "completion", "label", "meta"})
    measured = ("prompt_ids", "completion_ids")

    def classes(self) -> tuple[Any, Any]:
        from trl import KTOConfig, KTOTrainer

        return KTOConfig, KTOTrainer

    def unless_told(self, settings: Mapping[str, Any], processor: Any) -> dict[str, Any]:
        if settings.get("per_device_train_batch_size", BATCH) < 2:
            raise Stopped(
                "KTO compares an answer with its neighbour's: 'per_device_train_batch_size' must be 2 or more"
            )
        for name, value in (("train_sampling_strategy", "sequential"), ("auto_find_batch_size", False)):
            if settings.get(name, value) != value:
                raise Stopped(
                    f"KTO takes a row's neighbour from the file, as it lies there: {name!r} must be {value!r}"
                )
        return {"train_sampling_strategy": "sequential"}

    def read(self, rows: Any) -> Any:
        good = sum(rows["train"]["label"])
        if good in (0, len(rows["train"])):
            which = "good" if good else "bad"
            raise Stopped(f"all {len(rows['train'])} rows of kto/train are called {which}: KTO learns from both kinds")
        return rows

    def why_lost(self, lost: int, max_length: int | None) -> str:
        return f"the prompts of {lost} are longer than max_length={max_length}"

    def length(self, row: Mapping[str, Any]) -> int:
        return len(row["prompt_ids"]) + len(row["completion_ids"])

    def tell(self, trainer: Any) -> dict[str, Any]:
        labels = trainer.train_dataset["label"]
        if len(labels) % trainer.args.per_device_train_batch_size == 1:
            self.say("the last row is alone in its batch and has no neighbour: another batch size would give it one")
        return {"rows_good": sum(labels), "rows_bad": len(labels) - sum(labels)}


if __name__ == "__main__":
    sys.exit(Kto().main())
