"""People who answer over HTTP, each with a ledger of what they sent and what was acknowledged.

Nothing of the house is believed here but an answer that has arrived whole. Whatever else happens to a request, nobody
knows whether it was kept: it is sent again, under the same key. The network is bad, too: one request in twenty is cut
after it was sent. `compare` then holds the ledgers against the database.
"""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from tests.datasets.killing import Place

CUT = 0.05
"""How many requests the network cuts after they were sent."""
THINKS = (0.1, 0.3)
"""Seconds between two answers of one person, from and to."""


@dataclass
class Sent:
    """An answer as its sender knows it: who, to what, under which key, and whether it was acknowledged."""

    person: str
    item: int
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    acked: bool = False


class Writer(threading.Thread):
    """One person. `keyless` is the sabotaged client, which sends again under a new key. `wrongs` is what they were told
    that nobody may be told: whatever is neither yes nor a fault that passes."""

    def __init__(self, port: int, name: str, token: str, chance: random.Random, *, keyless: bool = False) -> None:
        super().__init__(daemon=True)
        self._person, self._chance, self._keyless = name, chance, keyless
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        self.over = threading.Event()
        self.ledger: list[Sent] = []
        self.wrongs: list[str] = []
        self.acknowledged = (0.0, 0.0)
        """The newest answer that was acknowledged: when it was first sent like that, and when its yes was here."""

    def run(self) -> None:
        turn: dict[str, Any] | None = None
        while not self.over.wait(self._chance.uniform(*THINKS)):
            turn = turn or self._until_told("POST", "/api/v1/campaigns/bench/next/")
            if turn:
                turn = self._answer(turn).get("next")
        self._link.close()

    def _answer(self, turn: dict[str, Any]) -> dict[str, Any]:
        sent = Sent(self._person, int(turn["item"]["id"]))
        self.ledger.append(sent)
        choice = {"preferred": self._chance.choice("ab"), "strength": self._chance.choice([1, 2])}
        body = {"assignment": turn["assignment"], "answer": choice, "seconds": 4.0}
        told = self._until_told("PUT", lambda: self._address(sent), body)
        sent.acked = bool(told)
        return told

    def _address(self, sent: Sent) -> str:
        if self._keyless:
            sent.key = str(uuid.uuid4())
        return f"/api/v1/judgements/{sent.key}/?next=1"

    def _until_told(self, method: str, path: str | Callable[[], str], body: object = None) -> dict[str, Any]:
        """What the house says to a request, sent again until it says something; nothing where work is over, at once."""
        while not self.over.is_set():
            begun = time.monotonic()
            status, told = self._call(method, path if isinstance(path, str) else path(), body)
            if status in (200, 201):
                self.acknowledged = (begun, time.monotonic())
                return told
            if status and status < 500 and status != 204 and not self._keyless:
                self.wrongs.append(f"{status} {told}")
            if status and status < 500:
                return {}
            time.sleep(0.05)
        return {}

    def _call(self, method: str, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """The status and what was said; 0 where nothing whole came back."""
        try:
            self._link.request(method, path, json.dumps(body or {}), self._headers)
            if self._chance.random() < CUT:
                raise ConnectionError("the network cut it")
            response = self._link.getresponse()
            data = response.read()
            return response.status, json.loads(data) if data else {}
        except (OSError, http.client.HTTPException, ValueError):
            self._link.close()
            return 0, {}


class Crowd:
    """Several writers at work."""

    def __init__(self, writers: list[Writer]) -> None:
        self.writers = writers

    @property
    def ledger(self) -> list[Sent]:
        return [sent for writer in self.writers for sent in writer.ledger]

    @property
    def wrongs(self) -> list[str]:
        return [wrong for writer in self.writers for wrong in writer.wrongs]

    def answered_since(self, moment: float) -> float | None:
        """How long after the moment the first request that was sent after it had its yes; None where none has yet."""
        ends = [end for begun, end in (writer.acknowledged for writer in self.writers) if begun >= moment]
        return min(ends) - moment if ends else None


@contextmanager
def at_work(place: Place, people: list[str], chance: random.Random, *, keyless: bool = False) -> Iterator[Crowd]:
    """People at work in the block; `people` are lines of `seed_volunteers`."""
    writers = [
        Writer(place.house.port, *line.split(), random.Random(chance.random()), keyless=keyless)  # type: ignore[misc]
        for line in people
    ]
    for writer in writers:
        writer.start()
    try:
        yield Crowd(writers)
    finally:
        for writer in writers:
            writer.over.set()
        for writer in writers:
            writer.join()


# The books ----------------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """What became of what was sent: how many were acknowledged and are not there; how many stand there more than once,
    or were added up more than once; how many are there whose sender never heard so, as may be."""

    acked: int
    lost_acked: int
    double_counted: int
    unacked_present: int


def compare(place: Place, ledger: list[Sent]) -> Verdict:
    """The ledgers held against the database. A judgement counts as one that was sent by who sent it and on what."""
    there = dict(place.ask(
        "SELECT r.key::text, (p.username, j.item_id)::text FROM annotations_receipt r"
        "  JOIN annotations_judgement j ON j.id = r.judgement_id JOIN annotations_person p ON p.id = j.person_id"
        " WHERE j.undone_at IS NULL"
    ))  # fmt: skip
    kept = {sent.key for sent in ledger if there.get(sent.key) == f"({sent.person},{sent.item})"}
    acked = {sent.key for sent in ledger if sent.acked}
    ((twice,),) = place.ask(
        "SELECT coalesce(sum(n - 1), 0)::int FROM (SELECT count(*) n FROM annotations_judgement"
        " WHERE undone_at IS NULL AND opt_out = '' GROUP BY person_id, item_id) each"
    )
    ((overcounted,),) = place.ask(
        "SELECT coalesce(sum(abs(c.done - coalesce(j.n, 0))), 0)::int FROM annotations_cell c LEFT JOIN"
        " (SELECT cell_id, count(DISTINCT person_id) n FROM annotations_judgement WHERE counted GROUP BY cell_id) j"
        " ON j.cell_id = c.id"
    )
    everything = {sent.key for sent in ledger}
    return Verdict(len(acked), len(acked - kept), max(twice, overcounted), len((kept & everything) - acked))


def in_database(place: Place) -> Counter[str]:
    """How many judgements stand on each item, by the importer's name of it."""
    return Counter(dict(place.ask(
        "SELECT i.source_id, count(*)::int FROM annotations_judgement j JOIN annotations_item i ON i.id = j.item_id"
        " WHERE j.undone_at IS NULL GROUP BY i.source_id"
    )))  # fmt: skip


def in_release(folder: Path) -> tuple[Counter[str], int]:
    """How many judgements a release has on each item, those it names as left out among them; and how many people are
    in it twice for one item."""
    rows = list(_rows(folder, "judgements", "source_id", "annotator"))
    left_out = [row for row in _rows(folder, "excluded", "source_id", "unit") if row["unit"] == "judgement"]
    seats = Counter((row["source_id"], row["annotator"]) for row in rows)
    return Counter(row["source_id"] for row in [*rows, *left_out]), sum(count - 1 for count in seats.values())


def _rows(folder: Path, config: str, *columns: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(f"data/{config}/*.parquet")):
        yield from pq.read_table(path, columns=list(columns)).to_pylist()
