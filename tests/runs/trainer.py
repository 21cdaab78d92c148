"""In the place of the trainer's Python, where the recipes themselves are not what is tested: it is started as they are,
leaves what they leave, and does what the base model's folder says.

`python trainer.py RECIPE.py --model … --output …`; `config.json` of the model has `does`.
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    recipe, words = Path(sys.argv[1]).stem, sys.argv[2:]
    told = dict(zip(words[::2], words[1::2], strict=True))
    output = Path(told["--output"])
    if recipe == "generate":
        lines = [json.loads(line) for line in Path(told["--prompts"]).read_text("utf-8").splitlines()]
        answers = [{"prompt": each["id"], "text": f"Depende de {each['id']}."} for each in lines]
        output.mkdir(exist_ok=True)
        (output / "answers.jsonl").write_text("".join(json.dumps(each) + "\n" for each in answers), "utf-8")
        return
    if recipe == "evaluate":
        base = json.loads((Path(told["--base"]) / "config.json").read_text("utf-8"))
        if base["does"] == "lingers":
            time.sleep(600)
        badly = base.get("measured")
        if badly == "not":
            sys.exit("torch.OutOfMemoryError: CUDA out of memory.")
        if badly == "nothing":
            sys.exit(2)
        if badly:
            output.write_text(badly, "utf-8")
            return
        release = json.loads((Path(told["--release"]) / "manifest.json").read_text("utf-8"))
        measured = {
            "format": 1, "model": "a" * 64, "left_out": {}, "release_id": release["release_id"],
            "version": release["version"], "flagged": {"items": 2, "model": 1, "category": {}, "variety": {}},
        }  # fmt: skip
        output.write_text(json.dumps(measured), "utf-8")
        return
    does = json.loads((Path(told["--model"]) / "config.json").read_text("utf-8"))["does"]
    print(json.dumps({"env": dict(os.environ), "argv": sys.argv[1:], "pid": os.getpid()}), flush=True)
    output.mkdir(parents=True, exist_ok=True)
    if does == "stays":
        half = output / "checkpoint-5"
        half.mkdir(exist_ok=True)
        state = {"log_history": [{"loss": 0.7, "epoch": 0.1, "step": 5}]}
        (half / "trainer_state.json").write_text(json.dumps(state), "utf-8")
        time.sleep(600)
    if does == "fails":
        sys.exit(f"dpo.py: {told['--model']} diverged")
    lineage = {"log_history": [{"loss": 0.5, "epoch": 1.0, "step": 10}], "checkpoint_id": "a" * 64}
    (output / "lineage.json").write_text(json.dumps(lineage), "utf-8")
    (output / "config.json").write_text("{}", "utf-8")


if __name__ == "__main__":
    main()
