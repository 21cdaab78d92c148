"""A real Argilla server for the tests, where `MINKA_TEST_ARGILLA` names the Python of its environment: `make
test-argilla` does."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotations.quality.argilla.link import Argilla

PYTHON = os.environ.get("MINKA_TEST_ARGILLA", "")
"""Empty, and there is no server: tests that need one are not among those that are run."""
HERE = Path(__file__).parent
OWNER = "owner-key-of-the-tests"


class Server:
    """The process, and what people do there: over its API, with each one's own key."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = door.getsockname()[1]
        self.url, self._data = f"http://127.0.0.1:{self.port}", data
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        argv = [PYTHON, "-W", "ignore", str(HERE / "server"), "--data", str(self._data), "--port", str(self.port)]
        argv += ["--key", OWNER]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO"))}
        self._process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout
        assert any(line.strip() == "ready" for line in self._process.stdout), "the server did not start"

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there and says nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def ask(self, method: str, path: str, body: Any = None, key: str = OWNER) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Argilla-Api-Key": key, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            found = response.read()
        return json.loads(found) if found else None


class Workspace:
    """A workspace of its own on the server, with the key of its admin, and experts who work there."""

    def __init__(self, server: Server) -> None:
        self.server, self.name = server, f"w-{secrets.token_hex(4)}"
        workspace = server.ask("POST", "workspaces", {"name": self.name})
        admin = self._user(f"admin-{self.name}", "admin")
        self.key = admin["api_key"]
        server.ask("POST", f"workspaces/{workspace['id']}/users", {"user_id": admin["id"]})
        self._keys: dict[uuid.UUID, str] = {}

    def _user(self, name: str, role: str) -> dict[str, Any]:
        body = {"username": name, "first_name": name, "role": role, "password": secrets.token_urlsafe(12)}
        found: dict[str, Any] = self.server.ask("POST", "users", body)
        return found

    def desk(self, **facts: str) -> Argilla:
        facts = {"key": self.key, "owner_key": OWNER} | facts
        return Argilla(self.server.url, self.name, **facts)

    def answer(self, expert: uuid.UUID, task: str, values: Mapping[str, Any], status: str = "submitted") -> None:
        said = {name: {"value": value} for name, value in values.items()}
        body = {"record_id": self._record(task)["id"], "status": status, "values": said or None}
        done = self.server.ask("POST", "me/responses/bulk", {"items": [body]}, self._key(expert))["items"][0]
        assert done["error"] is None, done

    def answer_all(self, expert: uuid.UUID, several: Mapping[str, Mapping[str, Any]]) -> None:
        """Many at once, a hundred at most, as a script of theirs might."""
        (dataset,) = self.datasets()
        rows = self.server.ask("GET", f"datasets/{dataset['id']}/records?limit=1000")["items"]
        ids = {row["external_id"]: row["id"] for row in rows}
        said = {task: {name: {"value": value} for name, value in values.items()} for task, values in several.items()}
        items = [{"record_id": ids[task], "status": "submitted", "values": each} for task, each in said.items()]
        done = self.server.ask("POST", "me/responses/bulk", {"items": items}, self._key(expert))["items"]
        assert [each["error"] for each in done] == [None] * len(items)

    def take_back(self, expert: uuid.UUID, task: str) -> None:
        mine = next(each for each in self._record(task)["responses"] if each["user_id"] == str(expert))
        self.server.ask("DELETE", f"responses/{mine['id']}", key=self._key(expert))

    def forget(self, expert: uuid.UUID) -> None:
        self.server.ask("DELETE", f"users/{expert}")

    def values(self, task: str) -> dict[str, Any]:
        """What stands in a task: its fields, facts and suggestions."""
        found = self._record(task, "suggestions")
        questions = {each["id"]: each["name"] for each in self._questions(found["dataset"])}
        return {
            "fields": found["fields"],
            "facts": found["metadata"],
            "guesses": {questions[each["question_id"]]: each["value"] for each in found["suggestions"]},
        }

    def datasets(self) -> list[dict[str, Any]]:
        mine = next(each for each in self.server.ask("GET", "me/workspaces")["items"] if each["name"] == self.name)
        rows: list[dict[str, Any]] = self.server.ask("GET", f"me/datasets?workspace_id={mine['id']}")["items"]
        return rows

    def _questions(self, dataset: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.server.ask("GET", f"datasets/{dataset}/questions")["items"]
        return rows

    def _record(self, task: str, include: str = "responses") -> dict[str, Any]:
        for dataset in self.datasets():
            path = f"datasets/{dataset['id']}/records?limit=1000&include={include}"
            for record in self.server.ask("GET", path)["items"]:
                if record["external_id"] == task:
                    return {**record, "dataset": dataset["id"]}
        raise AssertionError(f"{task} is not there")

    def _key(self, expert: uuid.UUID) -> str:
        if expert not in self._keys:
            self._keys[expert] = self.server.ask("GET", f"users/{expert}")["api_key"]
        return self._keys[expert]


def until(what: Any, seconds: float = 60) -> None:
    """Wait for something that another process brings about."""
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.1)
