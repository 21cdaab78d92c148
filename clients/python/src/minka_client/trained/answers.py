"""What is to be answered, and what was: `answers.jsonl` and, for what stays without an answer, `unanswered.jsonl`.

Each line is on the disk before the next is asked for, so a process that is killed loses what it had in hand and no
more; a last line of which half was written is taken away when the folder is opened again. What came is kept as it
came: nothing is shortened, and an answer that is none is never made into one.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from minka_client.things import Answer, Prompt
from minka_client.training.stopped import Stopped

MAX_TEXT: Final = 32_000
"""Characters: what the house keeps of one answer."""
MOST_SAMPLES: Final = 100
ANSWERS: Final = "answers.jsonl"
UNANSWERED: Final = "unanswered.jsonl"
CUT: Final = "length"
"""`finish_reason` of an answer that ended because it was not allowed to be longer."""

Key = tuple[int, int]
"""Of an answer: its prompt and its sample."""


@dataclass(frozen=True)
class Question:
    """A prompt of a run, to be answered once more."""

    prompt: int
    sample: int
    messages: Sequence[dict[str, str]] = field(repr=False, compare=False)

    @property
    def key(self) -> Key:
        return self.prompt, self.sample


@dataclass(frozen=True)
class Said:
    """What a model said, or why it said nothing.

    Attributes:
        is_cut: it would have gone on.
        problem: why there is no answer, in a word or a sentence; empty where there is one.
        passes: whether it may be otherwise when it is asked again.
    """

    text: str = ""
    is_cut: bool = False
    problem: str = ""
    passes: bool = False


Told = list[tuple[Question, Said]]


def questions_of(prompts: Iterable[Prompt], samples: int) -> list[Question]:
    """Every prompt, of whichever role, as often as it is to be answered."""
    return [Question(prompt.id, sample, prompt.messages) for prompt in prompts for sample in range(samples)]


def why_none(text: str) -> str:
    """Why a text is no answer that the house keeps, or empty."""
    if not text.strip():
        return "empty"
    if "\x00" in text:
        return "nul"
    if len(text) > MAX_TEXT:
        return "too_long"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "not_unicode"
    return ""


class Answers:
    """The answers in a folder, which one process has at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Any] = {}
        self.answered: dict[Key, bool] = {}
        self.unanswered: dict[Key, str] = {}
        self.passing: Counter[str] = Counter()
        """Why some got no answer this time, and how often; by key, whether an answer was cut, and why there is none."""

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._files = {name: (self._folder / name).open("a+b") for name in (ANSWERS, UNANSWERED)}
        except OSError as error:
            raise Stopped(f"answers cannot be kept in {self._folder}: {error}") from None
        try:
            fcntl.flock(self._files[ANSWERS], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._close()
            raise Stopped(f"another process is answering into {self._folder} at this moment") from None
        for line in self._lines(ANSWERS):
            self.answered[line["prompt"], line.get("sample", 0)] = _is_cut(line)
        for line in self._lines(UNANSWERED):
            self.unanswered[line["prompt"], line["sample"]] = line["why"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        for file in self._files.values():
            file.close()

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        file = self._files[name]
        file.seek(0)
        whole, end, half = file.read().rpartition(b"\n")
        if half:
            file.truncate(len(whole + end))
        for number, line in enumerate(whole.split(b"\n"), 1):
            if line.strip():
                yield _read(line, f"{self._folder / name}, line {number}")

    @property
    def done(self) -> set[Key]:
        """What need not be asked again."""
        return {*self.answered, *self.unanswered}

    def keep(self, told: Told, params: dict[str, Any]) -> None:
        """Keep what was said, and why nothing was. When this returns, it is on the disk."""
        for question, said in told:
            why = said.problem or why_none(said.text)
            if not why:
                marks = {"finish_reason": CUT} if said.is_cut else {}
                self._write(ANSWERS, asdict(Answer(question.prompt, said.text, question.sample, {**params, **marks})))
                self.answered[question.key] = said.is_cut
            elif said.passes:
                self.passing[why] += 1
            else:
                self._write(UNANSWERED, {"prompt": question.prompt, "sample": question.sample, "why": why})
                self.unanswered[question.key] = why
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())

    def _write(self, name: str, line: dict[str, Any]) -> None:
        self._files[name].write(json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def all(self, among: Iterable[int]) -> Iterator[Answer]:
        """The answers to these prompts, as the client sends them."""
        prompts = set(among)
        for line in self._lines(ANSWERS):
            if line["prompt"] in prompts:
                yield Answer(**line)

    def counts(self, questions: Sequence[Question]) -> dict[str, Any]:
        """Of these questions: how many were asked, are answered, and were cut; how many are not, by the reason."""
        keys = {question.key for question in questions}
        why = Counter(why for key, why in self.unanswered.items() if key in keys) + self.passing
        answered = [is_cut for key, is_cut in self.answered.items() if key in keys]
        counted = {"asked": len(keys), "answered": len(answered), "cut": sum(answered)}
        return {**counted, "unanswered": dict(sorted(why.items()))}


def _is_cut(line: dict[str, Any]) -> bool:
    return (line.get("params") or {}).get("finish_reason") == CUT


def _read(line: bytes, where: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
        if not {"prompt"} <= told.keys():
            raise ValueError("it names no prompt")
    except (ValueError, AttributeError) as wrong:
        raise Stopped(f"{where}: this is no line of answers ({wrong})") from None
    return dict(told)
