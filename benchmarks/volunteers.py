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

import gevent
from locust import FastHttpUser, task

_FASTER = float(os.environ.get("FASTER", "1"))
_PEOPLE = itertools.cycle([line.split() for line in Path(os.environ["VOLUNTEERS"]).read_text("utf-8").splitlines()])
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|assignment|key)" value="([^"]+)"')


class Volunteer(FastHttpUser):
    abstract = True
    network_timeout = connection_timeout = 30.0

    def wait_time(self) -> float:
        return random.uniform(30, 60) / _FASTER

    def on_start(self) -> None:
        """Whoever arrives thinks first, so that not all ask at once."""
        self.name, self.token, self.session = next(_PEOPLE)
        gevent.sleep(random.uniform(0, 45) / _FASTER)


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
    """The answer brings the next turn along, as htmx asks for it. Every tenth time the page is opened anew."""

    form: dict[str, str] | None = None

    @task
    def take_a_turn(self) -> None:
        if not self.form or random.random() < 0.1:
            self.form = self._read(self._send("GET", "/c/bench/rate/", "next, page").text)
            return
        data = {**self.form, "choice": random.choice(["a1", "a2", "b1", "b2", "tie"]), "seconds": "12"}
        told = self._send("POST", "/c/bench/rate/send/", "answer and next, page", data=data)
        found = self._read(told.text) if told.status_code == 200 else {}
        self.form = {**self.form, **found} if found.get("key", self.form["key"]) != self.form["key"] else None

    def _send(self, method: str, path: str, name: str, **facts: Any) -> Any:
        cookies = f"sessionid={self.session}; csrftoken={self.form['csrfmiddlewaretoken'] if self.form else ''}"
        headers = {"Cookie": cookies, "HX-Request": "true", "HX-Target": "turn"}
        return self.client.request(method, path, headers=headers, name=name, **facts)

    def _read(self, text: str | None) -> dict[str, str]:
        return dict(_HIDDEN.findall(text or ""))
