# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "minka-client",
#     "torch==2.13.0",
#     "transformers==5.23.0",
#     "accelerate==1.15.0",
#     "peft==0.21.2",
#     "pyarrow==26.0.1",
#     "numpy==2.4.6",
#     "pyyaml==6.0.3",
# ]
# [tool.uv.sources]
# minka-client = { path = "../../../clients/python" }
# ///
"""Measure a model, and its base beside it, on what it did not learn from.

    python evaluate.py --release RELEASE_DIR --model MODEL_DIR --base BASE_DIR --output run-7/results/evaluation.json

On the release's `preference` rows of validation and test: how often the answer that people preferred is the likelier
one, by the sum of the log-probabilities of its tokens and by their mean, with an interval; together, by split, by
variety and by domain. On `sft` validation: the mean loss of the answers. On what people flagged, the `bias` rows of
validation and test: how often the model finds what would be better said likelier, per token, than what was flagged.

The numbers stand in evaluation.json, and print as a table. No text of anybody does either. Nothing is trained here, so
this is no recipe of a run.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from minka_client.trained.evaluation import Asked, Preferences, flags, losses
from minka_client.trained.held_out import Left, answers_of, flagged_in, pairs_of
from minka_client.trained.loading import quiet
from minka_client.trained.numbers import FEWEST, TIMES
from minka_client.trained.origins import made_by, model_of
from minka_client.trained.telling import table
from minka_client.training.contents import write_json
from minka_client.training.release import read_manifest
from minka_client.training.stopped import Stopped


def main() -> int:
    options = read_command_line()
    try:
        document = evaluate(options)
    except Stopped as stopped:
        print(f"evaluate.py: {stopped}", file=sys.stderr)
        return stopped.status
    write_json(options.output, document)
    print("\n".join(table(document)))
    return 0


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    manifest, left = read_manifest(options.release), Left()
    asked = Asked(
        pairs_of(options.release, manifest, left), answers_of(options.release, manifest, left),
        flagged_in(options.release, manifest, left),
    )  # fmt: skip
    if not any(asked):
        raise Stopped(f"release {manifest['version']} holds no row out that permits evaluating: nothing to measure")
    told = {
        "format": 1, "model": model_of(options.model)[0], "base": model_of(options.base)[0],
        "release_id": manifest["release_id"], "version": manifest["version"],
        "seed": options.seed, "fewest": FEWEST, **made_by(Path(__file__)),
        "interval": {"method": "bootstrap by prompt", "times": TIMES, "level": 0.95},
    }  # fmt: skip
    quiet()
    folders = {"model": options.model} | ({"base": options.base} if options.base else {})
    found = {name: asked.of(folder, options.batch) for name, folder in folders.items()}
    preferences = Preferences(asked.pairs, found, left, seed=options.seed).told() if asked.pairs else None
    told |= {"preference": preferences, "sft": losses(found, left), "flagged": flags(asked.flagged, found)}
    return {**told, "left_out": left.out}


def read_command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--release", type=Path, required=True, help="a release, with its manifest.json")
    parser.add_argument("--model", type=Path, required=True, help="the folder of the model")
    parser.add_argument("--base", type=Path, help="the folder of the model it was made of, to compare")
    parser.add_argument("--output", type=Path, required=True, help="evaluation.json; not in the model's folder")
    parser.add_argument("--batch", type=int, default=16, help="conversations at once")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    options = parser.parse_args()
    for folder in (options.model, options.base):
        if folder and options.output.resolve().is_relative_to(folder.resolve()):
            parser.error("--output lies in a model's folder: what lies there is the model")
    if options.batch < 1:
        parser.error("--batch is 1 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
