# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "minka-client",
#     "torch==2.13.0",
#     "transformers==5.23.0",
#     "accelerate==1.15.0",
#     "peft==0.21.2",
#     "pyyaml==6.0.3",
# ]
# [tool.uv.sources]
# minka-client = { path = "../../../clients/python" }
# ///
"""Answer the prompts of a run, with a model's folder or with a server.

    python generate.py --prompts run-7/prompts.jsonl --model MODEL_DIR --output run-7/results [--samples 2 ...]
    python generate.py --run KEY --name NAME --licence apache-2.0 --model MODEL_DIR --output OUT
    python generate.py … --server http://127.0.0.1:8911/v1 --served-name NAME

Answers stand in OUT/answers.jsonl as they come, each on the disk before the next, so that a process that was killed
goes on where it was. What stays without an answer stands in OUT/unanswered.jsonl with the reason, and makes the exit
status 6; nothing is invented in its place. OUT/generation.json says which model answered, how, and how often.

With --run the prompts come from the house and the answers go back to it (MINKA_ADDRESS, MINKA_TOKEN in the
environment), under the model's name and, where `lineage.json` lies beside the model, with its checkpoint. All of it can
be called again. Nothing is trained here, so this is no recipe of a run.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from minka_client import Minka, Prompt, Refused, Run, Unreachable
from minka_client.trained.answers import MOST_SAMPLES, Answers, Question, questions_of
from minka_client.trained.origins import made_by, model_of, prompts_in, run_beside, sum_of
from minka_client.trained.sampling import check_sampling
from minka_client.training.contents import read_json, write_json
from minka_client.training.settings import read_settings
from minka_client.training.stopped import Stopped

UNANSWERED = 6
"""Exit status: some prompts stay without an answer."""
TAKES_NOTHING = ("queued", "failed", "cancelled")
"""States of a run whose answers would be refused: better told before there are any."""
WORD = 60.0
"""Seconds after which the house hears that the run lives."""


def main() -> int:
    options, overrides = read_command_line()
    try:
        settings = read_settings(options.config, overrides)
        check_sampling(settings, options.samples)
        counts = answer_the_run(options, settings) if options.run else answer_the_file(options, settings)
    except (Stopped, Refused, Unreachable) as wrong:
        say(str(wrong))
        return getattr(wrong, "status", 2) if isinstance(wrong, Stopped) else 2
    return UNANSWERED if counts["unanswered"] else 0


def answer_the_file(options: argparse.Namespace, settings: Mapping[str, Any]) -> dict[str, Any]:
    """No network but the server's, where one answers."""
    prompts = list(prompts_in(options.prompts))
    with Answers(options.output) as answers:
        return generate(options, settings, prompts, answers)


def answer_the_run(options: argparse.Namespace, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The prompts from the house, and what came of them to the house."""
    if missing := [name for name in ("MINKA_ADDRESS", "MINKA_TOKEN") if not os.environ.get(name)]:
        raise Stopped(f"{' and '.join(missing)} must be set")
    _model, checkpoint = model_of(options.model)
    with Minka(os.environ["MINKA_ADDRESS"], os.environ["MINKA_TOKEN"]) as minka, Answers(options.output) as answers:
        run = minka.run(options.run)
        if run.state in TAKES_NOTHING:
            raise Stopped(f"the run {run.id} is {run.state}: the house would take no answers of it")
        prompts = list(minka.prompts(run))
        counts = generate(options, settings, prompts, answers, heard=Word(minka, run))
        told = minka.add_outputs(
            run, answers.all({prompt.id for prompt in prompts}), model=options.name, licence=options.licence,
            permitted_use=options.permitted_use, checkpoint=checkpoint,
        )  # fmt: skip
    print(f"The house has them: {told}")
    return counts


class Word:
    """Tells the house now and then that the run lives, and stops where it was cancelled."""

    def __init__(self, minka: Minka, run: Run) -> None:
        self._minka, self._run, self._last = minka, run, time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._last < WORD:
            return
        self._last = time.monotonic()
        if self._minka.heartbeat(self._run).state == "cancelled":
            raise Stopped(f"the run {self._run.id} was cancelled")


def generate(
    options: argparse.Namespace, settings: Mapping[str, Any], prompts: Sequence[Prompt], answers: Answers,
    heard: Any = lambda: None,
) -> dict[str, Any]:  # fmt: skip
    """Answer what is not answered yet. Returns what came of all of it, in numbers."""
    questions = questions_of(prompts, options.samples)
    identity = identity_of(options, settings)
    path = options.output / "generation.json"
    same_as_before(path, identity)
    told = {
        "format": 1, **identity, **made_by(Path(__file__)),
        "prompts": {"count": len(prompts), "sha256": sum_of(prompts)},
    }  # fmt: skip
    write_json(path, {**told, "answers": None})
    params = {**settings, "seed": options.seed}
    for several in progress(options, settings, questions, answers):
        answers.keep(several, params)
        heard()
    counts = answers.counts(questions)
    write_json(path, {**told, "answers": counts})
    report(options.output, counts)
    return counts


def identity_of(options: argparse.Namespace, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What makes these answers these. Prompts are not in it: some may be withdrawn before the last is answered."""
    model, _checkpoint = model_of(options.model)
    return {
        "model": model, "served": options.served_name, "settings": dict(settings), "seed": options.seed,
        "batch": None if options.server else options.batch, "run": options.run or run_beside(options.prompts),
    }  # fmt: skip


def same_as_before(path: Path, identity: Mapping[str, Any]) -> None:
    if not path.is_file():
        return
    before = read_json(path)
    if other := [name for name, value in identity.items() if before.get(name) != value]:
        raise Stopped(f"{path.parent} already holds other answers: their {', '.join(other)} differs")


def progress(
    options: argparse.Namespace, settings: Mapping[str, Any], questions: Sequence[Question], answers: Answers
) -> Iterator[Any]:
    """What comes, behind a bar where somebody looks. Where nothing is left to answer no model is loaded."""
    left = [question for question in questions if question.key not in answers.done]
    if not left:
        return
    speaker = speaker_of(options, settings)
    with bar_of(len(questions), len(questions) - len(left)) as bar:
        for several in speaker.answer(questions, answers.done):
            yield several
            if bar is not None:
                bar.update(len(several))


def bar_of(total: int, initial: int) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:  # a machine that only asks a server need not have it
        return contextlib.nullcontext()
    return tqdm(total=total, initial=initial, unit="answer", disable=None)


def speaker_of(options: argparse.Namespace, settings: Mapping[str, Any]) -> Any:
    if options.server:
        from minka_client.trained.served import Server

        return Server(
            options.server, options.served_name, settings=settings, seed=options.seed, at_once=options.at_once,
            key=os.environ.get("SERVER_KEY", ""), timeout=options.timeout, tries=options.tries,
        )  # fmt: skip
    from minka_client.trained.loading import quiet
    from minka_client.trained.speaking import Speaker

    quiet()
    return Speaker(options.model, settings=settings, seed=options.seed, batch=options.batch)


def report(output: Path, counts: Mapping[str, Any]) -> None:
    print(f"{output}: {counts['answered']} of {counts['asked']} answered, {counts['cut']} of them cut at the longest")
    for why, how_many in counts["unanswered"].items():
        say(f"{how_many} without an answer: {why}")


def say(sentence: str) -> None:
    print(f"generate.py: {sentence}", file=sys.stderr)


def read_command_line() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False,
        epilog="Every setting of the YAML can be given here too, and wins: --temperature 0.2 --max-new-tokens 256",
    )  # fmt: skip
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--prompts", type=Path, help="prompts.jsonl of a packed run")
    asked.add_argument("--run", help="the run's key: prompts from the house, answers to it")
    parser.add_argument("--output", type=Path, required=True, help="a new folder, or one of the same answers")
    parser.add_argument("--model", type=Path, help="the model's folder; beside --server, the one it serves")
    parser.add_argument("--server", help="an address up to /v1; its key, if it has one, in SERVER_KEY")
    parser.add_argument("--served-name", help="under which the server knows the model")
    parser.add_argument("--config", type=Path, default=Path(__file__).with_suffix(".yaml"), help="YAML: how to answer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--samples", type=int, default=1, help="answers to each prompt")
    parser.add_argument("--batch", type=int, default=16, help="prompts at once in a model")
    parser.add_argument("--at-once", type=int, default=8, help="questions at once to a server")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for an answer of a server")
    parser.add_argument("--tries", type=int, default=5, help="how often a server is asked the same")
    parser.add_argument("--name", help="with --run: the model's name in the house from now on")
    parser.add_argument("--licence", help="with --run: of what it says")
    parser.add_argument("--permitted-use", nargs="+", choices=["train", "evaluate"], help="both when left out")
    options, overrides = parser.parse_known_args()
    if wrong := why_not(options):
        parser.error(wrong)
    return options, overrides


def why_not(options: argparse.Namespace) -> str:
    """Why this command makes no sense, or empty."""
    if options.server and not options.served_name:
        return "--server wants --served-name: the name under which the server knows the model"
    if not options.server and not options.model:
        return "who answers? --model DIR, or --server URL with --served-name NAME"
    if options.run and not (options.name and options.licence):
        return "--run wants --name and --licence: under which the house knows the model and its answers"
    if not 1 <= options.samples <= MOST_SAMPLES:
        return f"--samples goes from 1 to {MOST_SAMPLES}"
    if min(options.batch, options.at_once, options.tries) < 1 or options.timeout <= 0:
        return "--batch, --at-once, --tries and --timeout are 1 or more"
    return ""


if __name__ == "__main__":
    sys.exit(main())
