"""A run's prompts are answered: by a tiny model on a CPU, and by a server that misbehaves in every way."""

import fcntl
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from minka_client.trained.answers import Answers, Question, Said
from minka_client.trained.origins import prompts_in
from minka_client.trained.served import Server
from minka_client.training.stopped import Stopped
from tests.server import send, serving

from .courtesy import conversations
from .tiny_model import build, learn

ROOT = Path(__file__).resolve().parents[2]
GENERATE = ROOT / "annotations/training/recipes/generate.py"
SOURCES = os.pathsep.join(filter(None, (str(ROOT / "clients/python/src"), os.environ.get("PYTHONPATH"))))
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": SOURCES}
SHORT = ("--max-new-tokens", "24", "--batch", "4", "--seed", "5")
HOW = {"max_new_tokens": 24, "do_sample": True, "temperature": 0.7, "top_p": 0.95}


def prompt(number: int, text: str = "", role: str = "train") -> dict[str, Any]:
    words = text or f"¿Qué almuerzo en Arica? {'Algo con pescado. ' * (number % 5)}({number})"
    return {
        "id": number, "role": role, "variety": "es-CL", "country": "CL", "domain": "comida",
        "messages": [{"role": "user", "content": words}], "of_a_later_house": 1,
    }  # fmt: skip


def write(path: Path, *prompts: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in prompts), "utf-8")
    return path


def lines(folder: Path, name: str = "answers.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").split("\n") if line]


def generation(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "generation.json").read_text("utf-8"))


def command(prompts: Path, output: Path, *more: Any) -> list[str]:
    return [sys.executable, str(GENERATE), "--prompts", str(prompts), "--output", str(output), *map(str, more)]


def generate(*argv: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*argv), env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=600, check=False
    )


def sentences(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.removeprefix("generate.py: ") for line in done.stderr.splitlines() if line.startswith("generate.py: ")]


def without_torch(folder: Path) -> str:
    """A PYTHONPATH on which the heavy libraries are not there."""
    for name in ("torch", "transformers", "tqdm"):
        write(folder / "blocked" / name / "__init__.py").write_text("raise ImportError('not here')", "utf-8")
    return f"{folder / 'blocked'}{os.pathsep}{SOURCES}"


# A model's folder ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that has heard a little, so that not everything it says is noise."""
    folder = build(tmp_path_factory.mktemp("model") / "model", positions=512)
    return learn(folder, [*conversations(200)], steps=80, batch=8)


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    several = [prompt(number, role="evaluate" if number % 3 == 0 else "train") for number in range(1, 21)]
    return write(tmp_path_factory.mktemp("run") / "prompts.jsonl", *several, prompt(99, "Largo. " * 400))


@pytest.fixture(scope="session")
def whole(model: Path, prompts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All answers of a process that was left alone."""
    output = tmp_path_factory.mktemp("whole") / "results"
    done = generate(prompts, output, "--model", model, "--samples", 2, *SHORT)
    assert done.returncode == 6, done.stderr
    assert "2 without an answer: prompt_too_long" in sentences(done)
    assert "almuerzo" not in done.stdout + done.stderr, "nobody's words are told"
    return output


def test_every_prompt_of_both_roles_is_answered_as_often_as_asked(whole: Path, model: Path, prompts: Path) -> None:
    told, none = lines(whole), lines(whole, "unanswered.jsonl")
    assert sorted((each["prompt"], each["sample"]) for each in told + none) == [
        (number, sample) for number in (*range(1, 21), 99) for sample in (0, 1)
    ]
    for each in told:
        marks = dict(each["params"])
        assert marks.pop("finish_reason", "length") == "length"
        assert marks == {**HOW, "seed": 5}
    assert len({each["text"] for each in told}) > 20, "samples differ"
    assert [each for each in none if each["why"] == "prompt_too_long"] == [
        {"prompt": 99, "sample": sample, "why": "prompt_too_long"} for sample in (0, 1)
    ]
    why = dict(sorted(Counter(each["why"] for each in none).items()))
    facts = generation(whole)
    cut = sum("finish_reason" in each["params"] for each in told)
    assert facts["answers"] == {"asked": 42, "answered": len(told), "cut": cut, "unanswered": why}
    assert cut > 0, "a model that has heard little does not always stop by itself"
    assert (facts["seed"], facts["settings"], facts["served"], facts["run"]) == (5, HOW, None, None)
    assert facts["packages"]["transformers"] == importlib.metadata.version("transformers")
    assert facts["prompts"]["count"] == 21
    assert set(facts["code"]) >= {"generate.py", "minka_client/trained/speaking.py"}


def test_a_killed_process_goes_on_and_ends_as_if_it_had_never_stopped(
    whole: Path, model: Path, prompts: Path, tmp_path: Path
) -> None:
    output = tmp_path / "results"
    argv = command(prompts, output, "--model", model, "--samples", 2, *SHORT)
    process = subprocess.Popen(argv, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    path = output / "answers.jsonl"
    while not path.exists() or path.read_bytes().count(b"\n") < 9:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    with path.open("ab") as file:
        file.write(b'{"prompt": 1, "text": "Mediod')
    before = path.read_bytes()
    assert before.count(b"\n") < 40

    done = generate(prompts, output, "--model", model, "--samples", 2, *SHORT)
    assert done.returncode == 6, done.stderr
    assert path.read_bytes().startswith(before[: before.rindex(b"\n") + 1]), "what was there stays"
    assert lines(output) == lines(whole)
    assert generation(output) == generation(whole)


def test_what_is_all_answered_is_left_as_it_is_and_no_model_is_loaded(
    whole: Path, model: Path, prompts: Path, tmp_path: Path
) -> None:
    before = (whole / "answers.jsonl").read_bytes()
    done = generate(prompts, whole, "--model", model, "--samples", 2, *SHORT, PYTHONPATH=without_torch(tmp_path))
    assert done.returncode == 6, done.stderr
    assert (whole / "answers.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--temperature", "0.2"), "already holds other answers: their settings differs"),
        (("--seed", "6"), "already holds other answers: their seed differs"),
        (("--num-return-sequences", "2"), "is not for the YAML: it is --samples"),
        (("--do-sample", "false", "--samples", "2"), "several samples of a model that does not sample are one"),
        (("--max-new-tokens", "many"), "must say how long an answer may be"),
        (("--samples", "101"), "--samples goes from 1 to 100"),
        (("--model", "/nowhere/else"), "is not the folder of a model"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(
    whole: Path, model: Path, prompts: Path, more: tuple[str, ...], said: str
) -> None:
    before = (whole / "answers.jsonl").read_bytes()
    done = generate(prompts, whole, "--model", model, "--samples", 2, *SHORT, *more)
    assert done.returncode == 2
    assert said in done.stderr
    assert (whole / "answers.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"temperatur": 0.2}, "unknown setting 'temperatur': perhaps 'temperature'?"),
        ({"temperature": -1.0}, "the model does not take these settings"),
    ],
)  # fmt: skip
def test_a_setting_the_model_does_not_know_is_refused_by_its_name(
    model: Path, wrong: dict[str, Any], said: str
) -> None:
    from minka_client.trained.speaking import Speaker

    with pytest.raises(Stopped, match=said):
        list(
            Speaker(model, settings=HOW | wrong, seed=1, batch=1).answer([Question(1, 0, prompt(1)["messages"])], set())
        )


def test_in_a_batch_one_is_answered_as_alone(model: Path) -> None:
    """What stands to the left of a shorter prompt changes nothing; greedy, so that it can be compared."""
    from minka_client.trained.speaking import Speaker

    questions = [Question(n, 0, prompt(n)["messages"]) for n in range(1, 8)]
    told = {}
    for batch in (1, 7):
        speaker = Speaker(model, settings={"max_new_tokens": 12, "do_sample": False}, seed=1, batch=batch)
        said = [pair for several in speaker.answer(questions, set()) for pair in several]
        told[batch] = {question.key: each.text for question, each in said}
    assert told[1] == told[7]
    assert len(told[1]) == 7


def test_only_what_is_missing_of_a_batch_is_told(model: Path) -> None:
    from minka_client.trained.speaking import Speaker

    questions = [Question(n, 0, prompt(n)["messages"]) for n in range(1, 6)]
    speaker = Speaker(model, settings={**HOW}, seed=3, batch=5)
    every = dict(next(iter(speaker.answer(questions, set()))))
    (again,) = speaker.answer(questions, {(1, 0), (4, 0)})
    assert dict(again) == {question: said for question, said in every.items() if question.prompt not in (1, 4)}


def test_an_adapter_answers_on_its_base(model: Path, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from minka_client.trained.speaking import Speaker

    base = AutoModelForCausalLM.from_pretrained(model)
    config = LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    get_peft_model(base, config).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path)
    questions, greedy = [Question(1, 0, prompt(1)["messages"])], {"max_new_tokens": 12, "do_sample": False}
    said = [
        next(iter(Speaker(folder, settings=greedy, seed=1, batch=1).answer(questions, set())))[0][1].text
        for folder in (model, tmp_path)
    ]
    assert said[0] != said[1]


def test_a_model_that_judges_does_not_answer(model: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from minka_client.trained.loading import load

    AutoModelForSequenceClassification.from_pretrained(model, num_labels=1).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path)
    with pytest.raises(Stopped, match="it judges answers"):
        load(tmp_path)


# The folder ---------------------------------------------------------------------------------------------------------

ASKED = [Question(number, 0, []) for number in range(1, 8)]


def test_what_is_no_answer_is_kept_as_none_with_its_reason(tmp_path: Path) -> None:
    said = [
        Said("Bien.\u2028Sí."), Said(" \n"), Said("a\x00b"), Said("x" * 32_001), Said("\ud800"),
        Said("Y entonces", is_cut=True), Said(problem="the server answers 503", passes=True),
    ]  # fmt: skip
    with Answers(tmp_path) as answers:
        answers.keep([*zip(ASKED, said, strict=True)], {"temperature": 0.7})
        assert answers.counts(ASKED) == {
            "asked": 7, "answered": 2, "cut": 1,
            "unanswered": {"empty": 1, "not_unicode": 1, "nul": 1, "the server answers 503": 1, "too_long": 1},
        }  # fmt: skip
    assert lines(tmp_path) == [
        {"prompt": 1, "text": "Bien.\u2028Sí.", "sample": 0, "params": {"temperature": 0.7}},
        {"prompt": 6, "text": "Y entonces", "sample": 0, "params": {"temperature": 0.7, "finish_reason": "length"}},
    ]
    with Answers(tmp_path) as answers:
        assert answers.done == {(number, 0) for number in range(1, 7)}, "a fault passes, and is asked again"
        assert [each.text for each in answers.all([1, 2])] == ["Bien.\u2028Sí."]
        assert answers.counts(ASKED)["unanswered"] == {"empty": 1, "not_unicode": 1, "nul": 1, "too_long": 1}


@pytest.mark.parametrize("half", ["", "{", '{"prompt": 2, "text": "x"}', "ñ"])
def test_half_a_last_line_is_taken_away(tmp_path: Path, half: str) -> None:
    whole = b'{"prompt": 1, "text": "Hola."}\n'
    for before in (b"", whole):
        (tmp_path / "answers.jsonl").write_bytes(before + half.encode())
        with Answers(tmp_path) as answers:
            assert answers.done == ({(1, 0)} if before else set())
        assert (tmp_path / "answers.jsonl").read_bytes() == before


def test_a_line_that_is_wrong_in_the_middle_is_named_without_its_words(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text('{"prompt": 1, "text": "a"}\n{"texto": "secreto"}\n', "utf-8")
    with pytest.raises(Stopped, match="line 2: this is no line of answers") as stopped, Answers(tmp_path):
        pass
    assert "secreto" not in str(stopped.value)


def test_two_processes_do_not_answer_into_one_folder(tmp_path: Path) -> None:
    with Answers(tmp_path), pytest.raises(Stopped, match="another process is answering"), Answers(tmp_path):
        pass
    with (tmp_path / "answers.jsonl").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_file_of_prompts_that_is_wrong_is_named_without_its_words(tmp_path: Path) -> None:
    path = write(tmp_path / "prompts.jsonl", prompt(1), {"id": 2, "messages": "secreto"})
    with pytest.raises(Stopped, match="line 2: this is no prompt of a run") as stopped:
        list(prompts_in(path))
    assert "secreto" not in str(stopped.value)


# A server -----------------------------------------------------------------------------------------------------------


def said(text: Any, finish: str = "stop") -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": finish}]}).encode()


class Stub:
    """A server that does what it is told, in turn; the last for ever."""

    def __init__(self) -> None:
        self.does: list[Any] = [said("A mil.")]
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.at_once = self.most_at_once = 0
        self.url = ""
        self._lock = threading.Lock()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.asked.append(body | {"path": handler.path})
            self.keys.append(handler.headers.get("Authorization"))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            does = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        try:
            if callable(does):
                does(handler)
            else:
                send(handler, *((does, b"secreto") if isinstance(does, int) else (200, does)))
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self._lock:
                self.at_once -= 1


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    with serving(stub.handle) as address:
        stub.url = f"{address}/v1"
        yield stub


def ask(stub: Stub, count: int = 1, **facts: Any) -> list[Said]:
    facts = {"settings": HOW, "seed": 5, "tries": 2, "at_once": 1, "pause": 0.01} | facts
    server = Server(facts.pop("url", stub.url), "tiny", **facts)
    questions = [Question(n, 0, prompt(n)["messages"]) for n in range(1, count + 1)]
    told = dict(pair for several in server.answer(questions, facts.get("done", set())) for pair in several)
    return [told[question] for question in questions]


def test_a_server_is_told_the_prompt_and_how_to_answer_and_nothing_else(stub: Stub) -> None:
    assert ask(stub, 2, key="clave") == [Said("A mil.")] * 2
    assert set(stub.keys) == {"Bearer clave"}
    for body in stub.asked:
        assert set(body) == {"model", "messages", "stream", "max_tokens", "temperature", "top_p", "seed", "path"}
        assert (body["path"], body["max_tokens"], body["temperature"]) == ("/v1/chat/completions", 24, 0.7)
    assert len({body["seed"] for body in stub.asked}) == 2
    ask(stub, settings={"max_new_tokens": 3, "do_sample": False, "top_p": 0.9, "stop_strings": ["."]})
    told = stub.asked[-1]
    assert (told["temperature"], told["stop"], "top_p" in told) == (0, ["."], False)


def dies(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def later(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 429, b"", Retry_After="0")


def slow(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _piece in range(30):
        handler.wfile.write(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("does", "problem", "tried"),
    [
        (500, "the server answers 500 Internal Server Error", 2), (503, "the server answers 503", 2),
        (later, "the server answers 429", 2), (dies, "no connection", 2), (slow, "no answer within 0.4 seconds", 2),
        (drips, "no answer within 0.4 seconds", 2), (400, "the server refuses the prompt with 400", 1),
        (b"<html>", "something else than a completion", 1), (b"[" * 99_999, "something else than a completion", 1),
        (b'{"choices": []}', "something else than a completion", 1), (b"null", "something else", 1),
        (said(7), "something else than text", 1), (b" " * 4_100_000, "something else than a completion", 1),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_a_sentence_and_may_pass(stub: Stub, does: Any, problem: str, tried: int) -> None:
    stub.does = [does]
    (told,) = ask(stub, timeout=0.4)
    assert told.problem.startswith(problem) or problem in told.problem
    assert (told.passes, told.text, len(stub.asked)) == (True, "", tried)
    assert "secreto" not in told.problem


@pytest.mark.parametrize("does", [500, later, dies, 502])
def test_a_fault_that_passes_is_none(stub: Stub, does: Any) -> None:
    stub.does = [does, said("A mil.")]
    assert ask(stub) == [Said("A mil.")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (said("Y así", "length"), Said("Y así", is_cut=True)), (said(None), Said("")),
        (said("x", "content_filter"), Said(problem="filtered")),
    ],
)  # fmt: skip
def test_what_ended_otherwise_says_so(stub: Stub, body: bytes, told: Said) -> None:
    stub.does = [body]
    assert ask(stub) == [told]


def redirects(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 307, b"", Location="http://127.0.0.1:9/elsewhere")


@pytest.mark.parametrize(
    ("does", "said"),
    [(401, "SERVER_KEY"), (404, "no model 'tiny'"), (redirects, "it is not followed"), (418, "that is no answer")],
)
def test_where_asking_on_is_no_use_it_stops(stub: Stub, does: Any, said: str) -> None:
    stub.does = [does]
    with pytest.raises(Stopped, match=said):
        ask(stub, 40)
    assert len(stub.asked) <= 8, "what was on its way, and no more"


def test_a_server_that_is_not_there_is_not_asked_everything(stub: Stub) -> None:
    with pytest.raises(Stopped, match="10 questions in a row got no answer: no connection"):
        ask(stub, 40, url="http://127.0.0.1:9/v1", tries=1)


def test_a_setting_no_server_knows_is_refused(stub: Stub) -> None:
    with pytest.raises(Stopped, match="unknown setting 'num_beams'"):
        ask(stub, settings={"max_new_tokens": 3, "num_beams": 4})


def test_so_many_are_asked_at_once_and_no_more(stub: Stub) -> None:
    def takes(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.1)
        send(handler, 200, said("A mil."))

    stub.does = [takes]
    assert ask(stub, 12, at_once=4) == [Said("A mil.")] * 12
    assert stub.most_at_once == 4


def test_a_server_answers_a_run_and_what_failed_is_asked_again(stub: Stub, tmp_path: Path) -> None:
    """The whole of it, from the terminal; without torch, which a machine that only asks need not have."""
    run = tmp_path / "run-7"
    path = write(run / "prompts.jsonl", *map(prompt, range(1, 7)))
    (run / "handed.json").write_text(json.dumps({"run": "una"}), "utf-8")
    stub.does = [said(" "), 400, said("x" * 32_001), said("A mil.")]
    environment = {"PYTHONPATH": without_torch(tmp_path), "SERVER_KEY": "clave"}
    how = ("--server", stub.url, "--served-name", "tiny", "--at-once", 1, "--tries", 1)
    done = generate(path, run / "results", *how, **environment)
    assert done.returncode == 6, done.stderr
    assert sorted(sentences(done)) == [
        "1 without an answer: empty", "1 without an answer: the server refuses the prompt with 400",
        "1 without an answer: too_long",
    ]  # fmt: skip
    assert "secreto" not in done.stderr
    assert set(stub.keys) == {"Bearer clave"}
    facts = generation(run / "results")
    assert (facts["run"], facts["served"], facts["model"]) == ("una", "tiny", None)
    done = generate(path, run / "results", *how, **environment)
    assert (done.returncode, len(stub.asked)) == (6, 7), "what is none stays none, a fault is asked again"
    assert generation(run / "results")["answers"] == {
        "asked": 6,
        "answered": 4,
        "cut": 0,
        "unanswered": {"empty": 1, "too_long": 1},
    }


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--server", "http://x/v1"), "--served-name"), ((), "who answers?"),
        (("--run", "una", "--model", "m"), "not allowed with argument --prompts"),
    ],
)  # fmt: skip
def test_a_command_that_lacks_something_says_what(tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    done = generate(write(tmp_path / "p.jsonl"), tmp_path / "out", *argv)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
