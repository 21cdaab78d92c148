"""Volunteers for locust (`benchmarks/load.py` starts it): half of them with a program over the API, half in a browser.

Each thinks between turns, and does what people do: asks what comes next, answers it. Who they are stands in the file
`VOLUNTEERS`, a line each: name, token, session. `FASTER=2` halves their thinking, as if there were twice as many.
"""

import itertools
import os
import random
import re
import uuid
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events, task

_FASTER = float(os.environ.get("FASTER", "1"))
_PEOPLE = itertools.cycle([line.split() for line in Path(os.environ["VOLUNTEERS"]).read_text("utf-8").splitlines()])
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|assignment|key)" value="([^"]+)"')


@events.init.add_listener
def _own_people(environment: Any, **_facts: Any) -> None:
    environment.stats.use_response_times_cache = False


class Volunteer(FastHttpUser):
    abstract = True
    network_timeout = connection_timeout = 30.0

    def wait_time(self) -> float:
        return random.uniform(30, 60) / _FASTER

    def on_start(self) -> None:
        """Whoever arrives thinks first, so that not all ask at once."""
        self.name, self.token, self.session = next(_PEOPLE)
        self._sleep(random.uniform(0, 45) / _FASTER)


class Program(Volunteer):
    @task
    def take_a_turn(self) -> None:
        headers = {"Authorization": f"Token {self.token}"}
        told = self.client.post("/api/v1/campaigns/bench/next/", json={}, headers=headers, name="next, API")
        if told.status_code != 200:
            return
        body = {"assignment": told.json()["assignment"], "answer": {"preferred": random.choice("ab"), "strength": 1}}
        self.client.put(f"/api/v1/judgements/{uuid.uuid4()}/", json=body, headers=headers, name="answer, API")


class Phone(Volunteer):
    """The answer brings the next turn along, as htmx asks for it."""

    form: dict[str, str] | None = None

    @task
    def take_a_turn(self) -> None:
        if not self.form:
            self.client.client.cookiejar.set_cookie(_cookie("sessionid", self.session))
            self.form = self._read(self.client.get("/c/bench/rate/", name="next, page").text)
            return
        data = {**self.form, "choice": random.choice(["a1", "a2", "b1", "b2", "tie"]), "seconds": "12"}
        headers = {"HX-Request": "true", "HX-Target": "turn"}
        told = self.client.post("/c/bench/rate/send/", data=data, headers=headers, name="answer and next, page")
        found = self._read(told.text) if told.status_code == 200 else {}
        self.form = {**self.form, **found} if found.get("key", self.form["key"]) != self.form["key"] else None

    def _read(self, text: str | None) -> dict[str, str]:
        return dict(_HIDDEN.findall(text or ""))


def _cookie(name: str, value: str) -> Any:
    from http.cookiejar import Cookie

    return Cookie(0, name, value, None, False, "127.0.0.1", False, False, "/", True, False, None, True, None, None, {})
