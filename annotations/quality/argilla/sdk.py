"""What is made and filled at an Argilla server, with Argilla's own client. The only file that imports it, and only when
something is sent: it is 420 MB, of which a process that uses it holds 136 MB in memory, so that is the worker of the
queue `argilla` and never a web process (`requirements/argilla.txt`).

The client makes itself everybody's default and draws a bar on standard error; here each call names its client, and the
bar goes nowhere. It waits for an answer `TIMEOUT` seconds and does not try again by itself: what calls it does.
"""

import contextlib
import logging
import os
import secrets
import uuid
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from annotations.quality.argilla.port import DeskFailed, Fact, Question, Sheet, Task
from annotations.quality.argilla.rest import told

TIMEOUT: Final = 180
AT_ONCE: Final = 100
"""Records of a request: it takes some six seconds there."""
AGENT: Final = "minka/volunteers"


class Client:
    """Args as `rest.Rest`; `owner_key` where accounts are made."""

    def __init__(self, url: str, workspace: str, *, key: str, owner_key: str = "") -> None:
        self._url, self._workspace, self._key, self._owner_key = url, workspace, key, owner_key

    def make_dataset(self, sheet: Sheet) -> None:
        with self._opened(self._key) as (rg, client):
            settings = rg.Settings(
                guidelines=sheet.guidelines,
                fields=[(rg.ChatField if each.chat else rg.TextField)(each.name, each.title, required=each.required)
                        for each in sheet.fields],
                questions=[_question(rg, each) for each in sheet.questions],
                metadata=[_fact(rg, name, fact) for name, fact in sheet.facts.items()],
                distribution=rg.TaskDistribution(min_submitted=sheet.experts),
            )  # fmt: skip
            rg.Dataset(name=sheet.name, workspace=self._workspace, settings=settings, client=client).create()

    def push(self, dataset: str, tasks: Sequence[Task]) -> None:
        with self._opened(self._key) as (rg, client):
            found = client.datasets(name=dataset, workspace=self._workspace)
            if found is None:
                raise DeskFailed("gone")
            for start in range(0, len(tasks), AT_ONCE):
                records = [_record(rg, each) for each in tasks[start : start + AT_ONCE]]
                try:
                    found.records.log(records, batch_size=len(records))
                except Exception as wrong:  # noqa: BLE001 -- as below; it may say which of them
                    failed = _failed(wrong)
                    if failed.place is None:
                        raise failed from None
                    raise DeskFailed(failed.code, place=start + failed.place, says=failed.says) from None

    def make_reviewer(self, expert: uuid.UUID, name: str) -> str:
        """The password, where the account was made now."""
        with self._opened(self._owner_key or self._key) as (rg, client):
            workspace = client.workspaces(self._workspace)  # first: the password of an account is told once
            if workspace is None:
                raise DeskFailed("not_found")
            user = next((each for each in client.users if each.id == expert), None)
            password = ""
            if user is None:
                password = secrets.token_urlsafe(18)
                user = rg.User(
                    username=name, first_name=name, role="annotator", password=password, id=expert, client=client
                ).create()
            if expert not in {member.id for member in workspace.users}:
                user.add_to_workspace(workspace)
            return password

    @contextlib.contextmanager
    def _opened(self, key: str) -> Iterator[tuple[Any, Any]]:
        """The client's module and a client: made here and closed after, quiet meanwhile."""
        with _quiet():
            try:
                import argilla as rg
            except ImportError:
                raise DeskFailed("no_client") from None
            logging.getLogger("argilla.sdk").setLevel(logging.CRITICAL)
            client = None
            try:
                client = rg.Argilla(api_url=self._url, api_key=key, timeout=TIMEOUT, retries=0)
                yield rg, client
            except DeskFailed:
                raise
            except Exception as wrong:  # noqa: BLE001 -- whatever its HTTP library raises: its words may quote the key
                raise _failed(wrong) from None
            finally:
                if client is not None:
                    client.http_client.close()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _failed(wrong: BaseException) -> DeskFailed:
    """What it comes to, by the first of what it was raised from that says something."""
    first: BaseException | None = wrong
    while first is not None:
        if isinstance(first, DeskFailed):
            return first
        kinds = {kind.__name__ for kind in type(first).__mro__}
        if "ArgillaAPIError" in kinds:
            return told(int(getattr(first, "status_code", 500)), str(first).partition("Details: ")[2])
        if "TimeoutException" in kinds:
            return DeskFailed("slow")
        if "TransportError" in kinds:
            return DeskFailed("no_connection")
        first = first.__cause__ or first.__context__
    return DeskFailed("failed", says=type(wrong).__name__)


def _question(rg: Any, asked: Question) -> Any:
    facts: dict[str, Any] = {"title": asked.title, "required": asked.required}
    if asked.kind == "scale":
        return rg.RatingQuestion(asked.name, values=list(asked.scale), **facts)
    if asked.kind == "words":
        return rg.TextQuestion(asked.name, **facts)
    options = dict(asked.options or {})
    if asked.kind == "order":
        return rg.RankingQuestion(asked.name, values=options, **facts)
    if asked.kind == "spans":
        return rg.SpanQuestion(asked.name, field=asked.of, labels=options, allow_overlapping=True, **facts)
    kind = rg.LabelQuestion if asked.kind == "choice" else rg.MultiLabelQuestion
    return kind(asked.name, labels=options, **facts)


def _fact(rg: Any, name: str, fact: Fact) -> Any:
    kinds = {"word": rg.TermsMetadataProperty, "number": rg.IntegerMetadataProperty, "share": rg.FloatMetadataProperty}
    return kinds[fact.kind](name, visible_for_annotators=fact.shown)


def _record(rg: Any, task: Task) -> Any:
    """Always whole: what is left out would be erased there."""
    guesses = [
        rg.Suggestion(each.question, each.value, score=each.sure, agent=AGENT, type="human") for each in task.guesses
    ]
    return rg.Record(id=task.id, fields=dict(task.fields), metadata=dict(task.facts), suggestions=guesses)
