"""The desk of the settings: Argilla's client sends, its REST API tells and takes away."""

import os
import uuid
from collections.abc import Collection, Iterator, Sequence

from django.conf import settings

from annotations.quality.argilla.port import Desk, DeskFailed, Seen, Sheet, Task
from annotations.quality.argilla.rest import Rest
from annotations.quality.argilla.sdk import Client


class Argilla:
    """A workspace of an Argilla server. Keys are read when it is made, and held no longer than it is."""

    def __init__(self, url: str, workspace: str, *, key: str, owner_key: str = "") -> None:
        if not key:
            raise DeskFailed("no_key")
        self.rest = Rest(url, workspace, key=key, owner_key=owner_key)
        self._client = Client(url, workspace, key=key, owner_key=owner_key)

    def ensure_dataset(self, sheet: Sheet) -> None:
        if not self.rest.stands(sheet):
            self._client.make_dataset(sheet)

    def push(self, dataset: str, tasks: Sequence[Task]) -> None:
        self._client.push(dataset, tasks)

    def remove(self, dataset: str, tasks: Collection[str]) -> None:
        self.rest.remove(dataset, tasks)

    def has_news(self, dataset: str, since: str) -> str:
        return self.rest.has_news(dataset, since)

    def pull(self, dataset: str) -> Iterator[Seen]:
        return self.rest.pull(dataset)

    def experts(self) -> set[uuid.UUID]:
        return self.rest.experts()

    def ensure_reviewer(self, expert: uuid.UUID, name: str) -> str:
        return self._client.make_reviewer(expert, name)

    def remove_reviewer(self, expert: uuid.UUID, datasets: Collection[str]) -> None:
        self.rest.remove_reviewer(expert, datasets)

    def remove_dataset(self, dataset: str) -> None:
        self.rest.remove_dataset(dataset)


def is_on() -> bool:
    return bool(settings.MINKA_ARGILLA_URL)


def desk() -> Desk:
    """The desk of the settings.

    Raises:
        DeskFailed: `off`, `no_key`.
    """
    if not is_on():
        raise DeskFailed("off")
    key, owner_key = (os.environ.get(name, "") for name in ("MINKA_ARGILLA_KEY", "MINKA_ARGILLA_OWNER_KEY"))
    return Argilla(settings.MINKA_ARGILLA_URL, settings.MINKA_ARGILLA_WORKSPACE, key=key, owner_key=owner_key)
