"""What is read at an Argilla server and taken away there, over its REST API and the standard library: the client drops
ranks, cannot read an answer that was left out, and hides when answers changed. Written against server 2.8.0.

Redirects are not followed, since they would carry the key away.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from annotations.quality.argilla.port import Answered, DeskFailed, Question, Seen, Sheet

PAGE: Final = 200
"""Records of a page: a page of a thousand may hold a thousand conversations."""
AT_ONCE: Final = 100
"""Records that one request may delete."""
TIMEOUT: Final = 60.0
_STATUS: Final = ("submitted", "discarded", "draft")


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)


class Rest:
    """One workspace of a server.

    Args:
        key: of an admin of the workspace.
        owner_key: of an owner, where accounts are removed; without one they lose their answers and their way in.
    """

    def __init__(self, url: str, workspace: str, *, key: str, owner_key: str = "", timeout: float = TIMEOUT) -> None:
        self._url, self._workspace, self._key, self._owner_key = url.rstrip("/"), workspace, key, owner_key
        self._timeout = timeout

    def has_news(self, dataset: str, since: str) -> str:
        mark = str(self._dataset(dataset)["last_activity_at"])[:40]
        return "" if mark == since else mark

    def pull(self, dataset: str) -> Iterator[Seen]:
        for record in self._records(self._dataset(dataset)["id"], answers=True):
            try:
                yield Seen(str(record["external_id"]), tuple(_answered(each) for each in record["responses"]))
            except (KeyError, TypeError, ValueError, AttributeError):
                raise DeskFailed("invalid", says="an answer is not as the API has it") from None

    def remove(self, dataset: str, tasks: Collection[str]) -> None:
        if found := self._find(dataset):
            wanted, path = set(tasks), f"datasets/{found['id']}/records"
            ids = [each["id"] for each in self._records(found["id"]) if each["external_id"] in wanted]
            for start in range(0, len(ids), AT_ONCE):
                self._ask("DELETE", path, {"ids": ",".join(ids[start : start + AT_ONCE])})

    def facts(self, dataset: str) -> dict[str, Mapping[str, Any]]:
        """The facts of every task that is there, by its id; none where there is no such data set."""
        found = self._find(dataset)
        rows = self._records(found["id"]) if found else ()
        return {str(each["external_id"]): each["metadata"] or {} for each in rows}

    def experts(self) -> set[uuid.UUID]:
        rows = self._ask("GET", f"workspaces/{self._workspace_id()}/users")["items"]
        return {uuid.UUID(row["id"]) for row in rows}

    def remove_reviewer(self, expert: uuid.UUID, datasets: Collection[str]) -> None:
        """An owner deletes the account, and its answers go with it. Without an owner's key the answers are deleted one
        by one and the account loses the workspace: it has a name that says nothing, and nothing else is left of it."""
        if self._owner_key:
            self._gone("DELETE", f"users/{expert}", key=self._owner_key)
            return
        for dataset in datasets:
            if found := self._find(dataset):
                for record in self._records(found["id"], answers=True):
                    for each in record["responses"]:
                        if each["user_id"] == str(expert):
                            self._gone("DELETE", f"responses/{each['id']}")
        if expert in self.experts():
            self._gone("DELETE", f"workspaces/{self._workspace_id()}/users/{expert}")

    def remove_dataset(self, dataset: str) -> None:
        if found := self._find(dataset):
            self._gone("DELETE", f"datasets/{found['id']}")

    def stands(self, sheet: Sheet) -> bool:
        """Whether there is a data set of this name, open for answers.

        Raises:
            DeskFailed: `changed`, where it shows or asks other things: somebody changed it by hand.
        """
        found = self._find(sheet.name)
        if not found:
            return False
        if found["status"] != "ready":  # whoever made it was cut before it was whole
            self._gone("DELETE", f"datasets/{found['id']}")
            return False
        path = f"datasets/{found['id']}"
        shown = {each["name"] for each in self._ask("GET", f"{path}/fields")["items"]}
        asked = {each["name"]: _asked(each) for each in self._ask("GET", f"{path}/questions")["items"]}
        ours = {each.name: _ours(each) for each in sheet.questions}
        if (shown, asked) != ({each.name for each in sheet.fields}, ours):
            raise DeskFailed("changed")
        return True

    # Asking ---------------------------------------------------------------------------------------------------------

    def _workspace_id(self) -> str:
        rows = self._ask("GET", "me/workspaces")["items"]
        found = [str(each["id"]) for each in rows if each["name"] == self._workspace]
        if not found:
            raise DeskFailed("not_found")
        return found[0]

    def _find(self, name: str) -> dict[str, Any] | None:
        rows = self._ask("GET", "me/datasets", {"workspace_id": self._workspace_id()})["items"]
        return next((each for each in rows if each["name"] == name), None)

    def _dataset(self, name: str) -> dict[str, Any]:
        if found := self._find(name):
            return found
        raise DeskFailed("gone")

    def _records(self, dataset: str, *, answers: bool = False) -> Iterator[dict[str, Any]]:
        offset, more = 0, {"include": "responses"} if answers else {}
        while True:
            page = self._ask("GET", f"datasets/{dataset}/records", {"offset": offset, "limit": PAGE} | more)["items"]
            yield from page
            if len(page) < PAGE:
                return
            offset += len(page)

    def _gone(self, method: str, path: str, key: str = "") -> None:
        """What is not there any more is gone."""
        try:
            self._ask(method, path, key=key)
        except DeskFailed as failed:
            if failed.code != "not_found":
                raise

    def _ask(
        self, method: str, path: str, params: Mapping[str, Any] | None = None, body: Any = None, key: str = ""
    ) -> Any:
        query = f"?{urlencode(params)}" if params else ""
        headers = {"X-Argilla-Api-Key": key or self._key, "Accept": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self._url}/api/v1/{path}{query}"
        request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 -- from the settings
        try:
            with _opener.open(request, timeout=self._timeout) as response:
                found = response.read()
            return json.loads(found) if found else None
        except HTTPError as error:
            with error:
                raise told(error.code, error.read(10_000).decode(errors="replace")) from None
        except TimeoutError:
            raise DeskFailed("slow") from None
        except URLError as error:
            raise DeskFailed("slow" if isinstance(error.reason, TimeoutError) else "no_connection") from None
        except (OSError, HTTPException):
            raise DeskFailed("no_connection") from None
        except ValueError:
            raise DeskFailed("failed") from None


def told(status: int, text: str) -> DeskFailed:
    """What a status means, with what the server says of it, and of which of what was sent."""
    says, place = _detail(text)
    if status in (401, 403):
        return DeskFailed("refused", says=says)
    if status == 404:
        return DeskFailed("not_found", says=says)
    if status == 422:
        return DeskFailed("invalid", place=place, says=says)
    return DeskFailed("failed", says=f"HTTP {status}")


_AT: Final = re.compile(r"Record at position (\d+)")


def _detail(text: str) -> tuple[str, int | None]:
    """The server's reason and the place of what is at fault, in both ways in which it says that: a sentence, and where
    already the shape is wrong, a list of errors."""
    try:
        detail = json.loads(text)["detail"]
        if isinstance(detail, str):
            place = _AT.match(detail)
            return detail, int(place[1]) if place else None
        first = detail["params"]["errors"][0]
        where = first["loc"]
        return first["msg"], where[2] if where[:2] == ["body", "items"] and isinstance(where[2], int) else None
    except (ValueError, KeyError, TypeError, IndexError):
        return text, None


def _answered(response: Mapping[str, Any]) -> Answered:
    """An answer that was left out has no values at all."""
    if response["status"] not in _STATUS:
        raise ValueError(response["status"])
    values = {name: each["value"] for name, each in (response["values"] or {}).items()}
    changed_at = dt.datetime.fromisoformat(response["updated_at"]).isoformat()
    return Answered(uuid.UUID(response["id"]), uuid.UUID(response["user_id"]), response["status"], values, changed_at)


_KINDS: Final = {
    "label_selection": "choice", "multi_label_selection": "choices", "rating": "scale", "ranking": "order",
    "text": "words", "span": "spans",
}  # fmt: skip


def _asked(question: Mapping[str, Any]) -> tuple[Any, ...]:
    """What decides what can be answered; titles and help may be changed by hand."""
    found = question["settings"]
    options = [each["value"] for each in found.get("options") or []]
    return _KINDS.get(found["type"]), tuple(options), found.get("field") or "", question["required"]


def _ours(question: Question) -> tuple[Any, ...]:
    options = question.scale if question.kind == "scale" else tuple(question.options or ())
    return question.kind, tuple(options), question.of, question.required
