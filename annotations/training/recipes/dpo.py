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
"""Teach a model what a community prefers: DPO on the `preference` rows of one release.

    python dpo.py --release RELEASE_DIR --model MODEL_DIR --output OUT --config dpo.yaml [--max-steps 100 ...]

The release is trained on exactly as it is: its checksums are checked, what it permits is honoured, and no row
may get lost between its manifest and the trainer. Beside the model stands `lineage.json`, which says what the
model was made of. Started again with the same release, model and settings, a run that was cut off goes on
from its last checkpoint. All that is shared with the other recipes, in `minka_client.training`.

DPO: Rafailov et al. 2023, arXiv 2305.18290, as TRL implements it. It reads neither `margin` nor `meta`.
"""

import sys
from collections.abc import Mapping
from typing import Any

from minka_client.training import Recipe


class Dpo(Recipe):
    """DPO on the preference rows of one release."""

    name = "dpo"
    config = "preference"
    columns = frozenset({"prompt", "chosen", "rejected", "margin", "meta"})
    measured = ("prompt_ids", "chosen_ids", "rejected_ids")

    def classes(self) -> tuple[Any, Any]:
        from trl import DPOConfig, DPOTrainer

        return DPOConfig, DPOTrainer

    def why_lost(self, lost: int, max_length: int | None) -> str:
        return f"the prompts of {lost} are longer than max_length={max_length}"

    def length(self, row: Mapping[str, Any]) -> int:
        """The prompt and the longer of the two answers, of which the end is cut."""
        return len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"]))


if __name__ == "__main__":
    sys.exit(Dpo().main())
