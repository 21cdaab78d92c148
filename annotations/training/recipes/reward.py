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
"""Make a judge of a model, that says by a number which answer a community would prefer: on the `preference` rows of one
release.

    python reward.py --release RELEASE_DIR --model MODEL_DIR --output OUT --config reward.yaml [--max-steps 100 ...]

What comes out is no model that speaks: it has a head of one number, the reward. `margin`, how clearly people preferred
the one to the other, asks for as much distance between the two numbers; it is used only where every row has one, which
`lineage.json` tells. A row that is too long is not cut, it would be dropped, so it stops the run. All else is as with
the other recipes, in `minka_client.training`.

The loss is that of Bradley and Terry 1952, with the margin of Touvron et al. 2023, arXiv 2307.09288.
"""

import sys
from typing import Any

from minka_client.training import Recipe


class Reward(Recipe):
    """A reward model from the preference rows of one release."""

    name = "reward"
    config = "preference"
    columns = frozenset({"prompt", "chosen", "rejected", "margin", "meta"})
    # The head is new: an adapter beside a head that stays as it fell would learn nothing.
    adapter = {"task_type": "SEQ_CLS", "modules_to_save": ["score"]}

    def classes(self) -> tuple[Any, Any]:
        from trl import RewardConfig, RewardTrainer

        return RewardConfig, RewardTrainer

    def read(self, rows: Any) -> Any:
        missing = sum(
            margin is None for split in ("train", "validation") if split in rows for margin in rows[split]["margin"]
        )
        if missing:
            self.say(f"{missing} rows have no margin, so none is used")
            return rows.remove_columns("margin")
        return rows

    def why_lost(self, lost: int, max_length: int | None) -> str:
        return f"an answer of {lost} is, with its prompt, longer than max_length={max_length}"

    def tell(self, trainer: Any) -> dict[str, Any]:
        return {"margin_used": "margin" in trainer.train_dataset.column_names}


if __name__ == "__main__":
    sys.exit(Reward().main())
