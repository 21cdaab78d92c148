"""What the API speaks of, as it comes, in Python's types. Fields that a later Minka adds are passed over."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@dataclass(frozen=True)
class Output:
    """An answer to be judged: the letter it is named by, and its text."""

    key: str
    text: str


@dataclass(frozen=True)
class Turn:
    """A seat at an item, held until `expires_at`. `item` is all of it as it came, for kinds that bring more."""

    assignment: uuid.UUID
    kind: str
    expires_at: dt.datetime
    variety: str
    prompt: list[dict[str, str]]
    outputs: list[Output]
    item: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        item = told["item"]
        return cls(
            uuid.UUID(told["assignment"]), told["kind"], _time(told["expires_at"]), item["variety"], item["prompt"],
            [Output(each["key"], each["text"]) for each in item["outputs"]], item,
        )  # fmt: skip


@dataclass(frozen=True)
class Received:
    """What became of an answer. `key` is its own; `late` where its seat had run out; `next` the turn that came with
    it, where one was asked for."""

    key: uuid.UUID
    assignment: uuid.UUID
    received_at: dt.datetime
    late: bool
    undone: bool
    next: Turn | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        following = told.get("next")
        return cls(
            uuid.UUID(told["id"]), uuid.UUID(told["assignment"]), _time(told["received_at"]), told["late"],
            told["state"] == "undone", Turn.of(following) if following else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """Why a line of an import was refused. `line` counts from 1 over all that was given."""

    line: int
    id: str
    field: str
    code: str
    reason: str


@dataclass
class Report:
    """What became of an import."""

    added: int = 0
    known: int = 0
    held_back: int = 0
    refused_lines: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def add(self, told: Mapping[str, Any], before: int) -> None:
        """What came of a batch before which so many lines went."""
        self.added += told["added"]
        self.known += told["known"]
        self.held_back += told["held_back"]
        self.refused_lines += told["refused_lines"]
        self.refused += [Refusal(**{**each, "line": each["line"] + before}) for each in told["refused"]]


@dataclass(frozen=True)
class File:
    """A file of a release. Sum and size are those of the manifest; none for the manifest itself and its list."""

    name: str
    url: str
    sha256: str | None
    bytes: int | None


@dataclass(frozen=True)
class Release:
    """A release: how many rows each config has by split, and its files. One that was recalled (`reason`), or that was
    kept for its time (`state` is `expired`), has no rows any more; `replaced_by` is the clean one in its place, where
    there is one. `edition` is the title that people gave it."""

    version: str
    cutoff: dt.datetime
    release_id: str
    configs: Mapping[str, Mapping[str, int]]
    files: list[File]
    is_recalled: bool = False
    replaced_by: str | None = None
    state: str = "published"
    reason: str | None = None
    edition: str | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        files = [File(name, each["url"], each.get("sha256"), each.get("bytes")) for name, each in told["files"].items()]
        return cls(
            told["version"], _time(told["cutoff"]), told["release_id"], told["configs"], files,
            told["state"] == "recalled", told["replaced_by"], told["state"], told.get("reason"),
            (told.get("edition") or {}).get("title"),
        )  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A training run: what it was handed, how it goes (`queued`, `running`, `finished`, `failed`, `lost`,
    `cancelled`), what came of it. `recalled` are releases of it that were recalled since."""

    id: uuid.UUID
    state: str
    recipe: str
    base_model: str
    releases: list[str]
    recalled: list[str]
    campaign: str | None
    prompts: Mapping[str, int]
    models: list[str]
    problem: str
    mine: bool
    heard_at: dt.datetime | None

    @property
    def is_over(self) -> bool:
        """Whether whoever trains can stop."""
        return self.state in ("finished", "failed", "cancelled")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        return cls(
            uuid.UUID(told["id"]), told["state"], told["recipe"], told["base_model"], told["releases"],
            told["recalled"], told["campaign"], told["prompts"], told["models"], told["problem"], told["mine"],
            _time(told["heard_at"]) if told["heard_at"] else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Prompt:
    """A question to be answered by a run's model. What answers one of role `evaluate` never trains."""

    id: int
    role: str
    variety: str
    country: str
    domain: str
    messages: list[dict[str, str]]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        return cls(
            told["id"], told["role"], told["variety"], told["country"], told["domain"], told["messages"]
        )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a model said to a prompt of a run, with the parameters it was sampled with."""

    prompt: int
    text: str
    sample: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Ingested:
    """What became of answers: new ones, how many of these are held back, those that were there already, those that were
    not kept because their prompts may no longer be used; how many items were made of pairs; and how many of the new
    ones say which model they are, and so meet nobody."""

    added: int = 0
    held_back: int = 0
    known: int = 0
    withdrawn: int = 0
    paired: int = 0
    named: int = 0

    def add(self, told: Mapping[str, Any]) -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + told[name])
