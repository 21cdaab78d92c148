"""What a desk is for: experts see tasks there and answer them. In our words, whatever it stands on."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

CODES: Final = frozenset({
    "off", "no_client", "no_key", "refused", "not_found", "gone", "no_connection", "slow", "changed", "invalid",
    "failed",
})  # fmt: skip
"""What can be wrong with a desk. `off`: the settings have none. `no_client`: its client is not installed where this
runs. `no_key`: the variable with the key is empty. `refused`: the key is wrong, was changed, or may not do this.
`not_found`: the workspace is not there, or what was asked for. `gone`: the workspace is, and in it no such data set.
`slow`: it did not answer in time. `changed`: a data set of this name is there and asks other things than ours.
`invalid`: it does not take a task, or what it says is not what it should be."""


class DeskFailed(Exception):
    """A desk did not do it.

    Args:
        code: one of `CODES`.
        place: of the task that is at fault in what was sent, counted from 0, where one is (`invalid`).
        says: the desk's own words, cut; they may quote what was sent, so they are shown to the team and never logged.
    """

    def __init__(self, code: str, *, place: int | None = None, says: str = "") -> None:
        assert code in CODES
        self.code, self.place = code, place
        self.says = says[:MOST_SAID].encode(errors="replace").decode().replace("\x00", "�")
        super().__init__(code)


MOST_SAID: Final = 300

# What experts are shown and asked -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """What is shown: a text, or the messages of a conversation."""

    name: str
    title: str
    chat: bool = False
    required: bool = True


@dataclass(frozen=True)
class Question:
    """What is asked. `choice`: one of the options; `choices`: some of them; `scale`: one of whole numbers; `order`: a
    rank for each option, ties allowed; `words`: a text; `spans`: parts of the field `of`, each with an option."""

    name: str
    title: str
    kind: Literal["choice", "choices", "scale", "order", "words", "spans"]
    options: Mapping[str, str] | None = None
    scale: tuple[int, ...] = ()
    of: str = ""
    required: bool = True


@dataclass(frozen=True)
class Fact:
    """What is told of a task beside its fields: a word, a whole number or a share; `shown` to experts or not."""

    kind: Literal["word", "number", "share"] = "word"
    shown: bool = True


@dataclass(frozen=True)
class Sheet:
    """What a data set of the desk shows and asks; it never changes once it is there. So many `experts` answering make a
    task done."""

    name: str
    guidelines: str
    fields: tuple[Field, ...]
    questions: tuple[Question, ...]
    facts: Mapping[str, Fact]
    experts: int = 1


@dataclass(frozen=True)
class Guess:
    """What volunteers said, shown as a suggestion; `sure` in [0, 1], where there is such a number."""

    question: str
    value: Any
    sure: float | None = None


@dataclass(frozen=True)
class Task:
    """One task: what stands in each field (a text, or messages), its facts and the guesses about it."""

    id: str
    fields: Mapping[str, Any]
    facts: Mapping[str, str | int | float]
    guesses: tuple[Guess, ...] = ()


# What comes back ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answered:
    """What somebody said of a task. `values` by question, as the desk has them; `changed_at` is the desk's own clock,
    to be compared with itself and nothing else."""

    id: uuid.UUID
    expert: uuid.UUID
    status: Literal["submitted", "discarded", "draft"]
    values: Mapping[str, Any]
    changed_at: str


@dataclass(frozen=True)
class Seen:
    """A task as it stands at the desk, with every answer to it."""

    task: str
    answers: tuple[Answered, ...]


class Desk(Protocol):
    """Where experts work. Each method raises `DeskFailed`, and can be called again after it."""

    def ensure_dataset(self, sheet: Sheet) -> None:
        """There is a data set that shows and asks this. Raises `changed` where one of its name asks other things."""

    def push(self, dataset: str, tasks: Sequence[Task]) -> None:
        """These tasks are there as they are given, all of them or none; pushing again changes nothing, and no answer.
        Raises `invalid` with the place of a task that is not taken."""

    def remove(self, dataset: str, tasks: Collection[str]) -> None:
        """These tasks are not there any more, nor is any answer to them. Of a data set that is gone nothing is left."""

    def has_news(self, dataset: str, since: str) -> str:
        """A mark that moves with every answer given, changed or deleted, and not with what we push; empty where it is
        still `since`."""

    def pull(self, dataset: str) -> Iterator[Seen]:
        """Every task with its answers as they stand. While others push, one may be missing: what is not seen says
        nothing."""

    def experts(self) -> set[uuid.UUID]:
        """Whoever can work there."""

    def ensure_reviewer(self, expert: uuid.UUID, name: str) -> str:
        """An account of this id and name, that can work there. Returns its password where it was made now, once."""

    def remove_reviewer(self, expert: uuid.UUID, datasets: Collection[str]) -> None:
        """Nothing of this expert is there any more: neither answers, in these data sets, nor a way in."""

    def remove_dataset(self, dataset: str) -> None:
        """There is no such data set any more."""
