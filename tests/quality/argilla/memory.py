"""A desk in memory, for tests: it keeps what Argilla keeps and refuses what Argilla refuses, without a server."""

import itertools
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.quality.argilla.port import Answered, DeskFailed, Question, Seen, Sheet, Task

MOST_TEXT = 20_000
"""Characters of a message of a conversation, there."""


@dataclass
class _Set:
    sheet: Sheet
    tasks: dict[str, Task] = field(default_factory=dict)
    answers: dict[str, dict[uuid.UUID, Answered]] = field(default_factory=dict)
    active: str = ""


class Memory:
    """Everything at the desk. What tests do there as experts: `answer`, `take_back`, `forget`; as somebody else with
    the key: `change`."""

    def __init__(self) -> None:
        self.sets: dict[str, _Set] = {}
        self.people: dict[uuid.UUID, str] = {}
        self.pushed: list[str] = []
        self._clock = itertools.count(1)

    def ensure_dataset(self, sheet: Sheet) -> None:
        found = self.sets.setdefault(sheet.name, _Set(sheet))
        if (_names(found.sheet), found.sheet.questions) != (_names(sheet), sheet.questions):
            raise DeskFailed("changed")

    def push(self, dataset: str, tasks: Sequence[Task]) -> None:
        found = self._set(dataset)
        for place, task in enumerate(tasks):
            if says := _fault(found.sheet, task):
                raise DeskFailed("invalid", place=place, says=says)
        for task in tasks:
            found.tasks[task.id] = task
            found.answers.setdefault(task.id, {})
            self.pushed.append(task.id)

    def remove(self, dataset: str, tasks: Collection[str]) -> None:
        if found := self.sets.get(dataset):
            for task in tasks:
                found.tasks.pop(task, None)
                found.answers.pop(task, None)

    def has_news(self, dataset: str, since: str) -> str:
        mark = self._set(dataset).active
        return "" if mark == since else mark

    def pull(self, dataset: str) -> Iterator[Seen]:
        found = self._set(dataset)
        return iter([Seen(task, tuple(found.answers[task].values())) for task in found.tasks])

    def experts(self) -> set[uuid.UUID]:
        return set(self.people)

    def ensure_reviewer(self, expert: uuid.UUID, name: str) -> str:
        is_new = expert not in self.people
        self.people[expert] = name
        return "una-clave-de-prueba" if is_new else ""

    def remove_reviewer(self, expert: uuid.UUID, datasets: Collection[str]) -> None:
        self.forget(expert)

    def remove_dataset(self, dataset: str) -> None:
        self.sets.pop(dataset, None)

    # What others do there -------------------------------------------------------------------------------------------

    def answer(self, expert: uuid.UUID, task: str, values: Mapping[str, Any], status: str = "submitted") -> None:
        """Unchecked: what a server of another version, or somebody with a key, may have let in."""
        found = self._holds(task)
        known = found.answers[task].get(expert)
        pk = known.id if known else uuid.uuid4()
        found.active = f"{next(self._clock):06}"
        found.answers[task][expert] = Answered(pk, expert, status, dict(values), found.active)  # type: ignore[arg-type]

    def answer_all(self, expert: uuid.UUID, several: Mapping[str, Mapping[str, Any]]) -> None:
        for task, values in several.items():
            self.answer(expert, task, values)

    def take_back(self, expert: uuid.UUID, task: str) -> None:
        found = self._holds(task)
        del found.answers[task][expert]
        found.active = f"{next(self._clock):06}"

    def forget(self, expert: uuid.UUID) -> None:
        """An account deleted there takes its answers with it, and moves no mark."""
        self.people.pop(expert, None)
        for found in self.sets.values():
            for answers in found.answers.values():
                answers.pop(expert, None)

    def change(self, dataset: str, questions: tuple[Question, ...]) -> None:
        sheet = self.sets[dataset].sheet
        self.sets[dataset].sheet = Sheet(sheet.name, sheet.guidelines, sheet.fields, questions, sheet.facts)

    def _set(self, dataset: str) -> _Set:
        if found := self.sets.get(dataset):
            return found
        raise DeskFailed("gone")

    def _holds(self, task: str) -> _Set:
        return next(each for each in self.sets.values() if task in each.tasks)


def _names(sheet: Sheet) -> set[str]:
    return {each.name for each in sheet.fields}


def _fault(sheet: Sheet, task: Task) -> str:
    """What Argilla would say of it."""
    if missing := _names(sheet) - set(task.fields):
        return f"missing required value for field: {min(missing)}"
    for name, value in task.fields.items():
        messages = value if isinstance(value, list) else []
        if any(len(each["content"]) > MOST_TEXT for each in messages):
            return f"{name}: a message is longer than {MOST_TEXT} characters"
    options = {each.name: each.options for each in sheet.questions if each.kind == "choice" and each.options}
    for guess in task.guesses:
        if guess.question in options and guess.value not in (options[guess.question] or {}):
            return f"{guess.value!r} is not a valid label"
    return ""
