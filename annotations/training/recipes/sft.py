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
"""Teach a model to answer as people did: SFT on the `sft` rows of one release.

    python sft.py --release RELEASE_DIR --model MODEL_DIR --output OUT --config sft.yaml [--max-steps 100 ...]

The rows are conversations that end with an answer worth imitating: written or corrected by people, translated, or the
clear winner of a vote. The loss is taken on the answers alone where the model's chat template marks them
(`{% generation %}`) or TRL knows a twin of it that does; else on every token, the questions too. `lineage.json` says
which, as `loss_on`. All else is as with the other recipes, in `minka_client.training`.
"""

import sys
from collections.abc import Mapping
from typing import Any

from minka_client.training import ROWS_LOST, Recipe, Stopped


class Sft(Recipe):
    """SFT on the answers worth imitating of one release."""

    name = "sft"
    config = "sft"
    columns = frozenset({"messages", "meta"})

    def classes(self) -> tuple[Any, Any]:
        from trl import SFTConfig, SFTTrainer

        return SFTConfig, SFTTrainer

    def unless_told(self, settings: Mapping[str, Any], processor: Any) -> dict[str, Any]:
        if settings.get("packing") or settings.get("eval_packing"):
            raise Stopped("'packing' makes other rows of the rows: nobody could tell whether each was trained on")
        marked = marks_answers(processor)
        if settings.get("assistant_only_loss") and not marked:
            raise Stopped(
                "'assistant_only_loss' needs a chat template that marks the answers ({% generation %}), "
                "and this model's does not"
            )
        return {"assistant_only_loss": marked}

    def why_lost(self, lost: int, max_length: int | None) -> str:
        return f"no answer is left of {lost}, cut at max_length={max_length}"

    def rows_truncated(self, trainer: Any) -> int:
        """The prepared rows are cut already, so those that fill `max_length` are measured again. Where the loss is on
        every token, TRL keeps a row of which only the question is left."""
        longest = trainer.args.max_length
        if longest is None:
            return 0
        splits = [rows for rows in (trainer.train_dataset, trainer.eval_dataset) if rows is not None]
        train, *validation = (filling(rows, longest) for rows in splits)
        asked = [measure(trainer, row[:-1], add_generation_prompt=True) for row in sum(validation, train)]
        lost = sum(length >= longest for length in asked)
        if lost and trainer.args.truncation_mode == "keep_start":
            raise Stopped(f"the trainer would learn questions only: {self.why_lost(lost, longest)}", ROWS_LOST)
        return sum(measure(trainer, row) > longest for row in train)

    def tell(self, trainer: Any) -> dict[str, Any]:
        return {"loss_on": "answers" if trainer.args.assistant_only_loss else "everything"}


def marks_answers(processor: Any) -> bool:
    """Whether the chat template says which tokens are an answer's, or TRL knows one that does in its place."""
    from trl.chat_template_utils import get_training_chat_template, has_generation_markers

    try:
        return has_generation_markers(processor.chat_template) or bool(get_training_chat_template(processor))
    except ValueError:  # it knows none
        return False


def filling(rows: Any, longest: int) -> list[list[dict[str, str]]]:
    """The conversations that were cut, or nearly."""
    some = rows.select_columns(["input_ids", "messages"])
    return [row["messages"] for row in some if len(row["input_ids"]) >= longest]


def measure(trainer: Any, messages: list[dict[str, str]], **how: Any) -> int:
    """The length of a conversation in tokens, by the template the trainer goes by."""
    told = trainer.processing_class.apply_chat_template(
        messages, chat_template=trainer.chat_template, tokenize=True, return_dict=True, **how
    )
    return len(told["input_ids"])


if __name__ == "__main__":
    sys.exit(Sft().main())
