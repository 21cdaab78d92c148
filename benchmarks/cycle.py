"""A person's cycle over HTTP (take a turn, answer it): processor time of web and database together.

Beside it stands what the same machine does at the same moment: a page of static text from the same server, and a
single-row insert with its own commit in the same database.
"""

import http.client
import json
import statistics
import time
import uuid
from pathlib import Path

import psycopg

from benchmarks.house import House, started

CYCLES = 200
ITEMS = 1_000
ONE_REQUEST_LIMIT_MS = 12.0
TWO_REQUESTS_LIMIT_MS = 20.0


def main() -> None:
    with started() as house:
        load(house, ITEMS)
        tokens = [line.split()[1] for line in house.manage("seed_volunteers", "3", "--variety", "es-CL").splitlines()]
        one, one_wall = _measure(house, tokens[0], one_request)
        two, two_wall = _measure(house, tokens[1], two_requests)
        alive, alive_wall = _measure(house, tokens[2], _livez)
        insert = inserts(house)
    print("| cycle | CPU ms | limit | ratio | wall p50 ms | p95 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    _row("one request (answer, next turn in the answer)", one, ONE_REQUEST_LIMIT_MS, one_wall)
    _row("two requests (next, answer)", two, TWO_REQUESTS_LIMIT_MS, two_wall)
    _row("for comparison: /livez", alive, None, alive_wall)
    print(f"\nsingle-row inserts with their own commit: {1000 / insert:.0f} a second ({insert:.2f} ms each)")


def _row(name: str, cpu: float, limit: float | None, walls: list[float]) -> None:
    p95 = statistics.quantiles(walls, n=20)[18]
    bound = f"{limit:.0f} | {cpu / limit:.2f}" if limit else "| "
    print(f"| {name} | {cpu:.1f} | {bound} | {statistics.median(walls):.1f} | {p95:.1f} |")


def load(house: House, items: int) -> None:
    file = Path(house.home) / "items.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for number in range(items):
            text = f"Respuesta número {number}. " * 8
            outputs = [{"model": "uno", "text": text}, {"model": "dos", "text": text + "Y más."}]
            item = {"id": str(number), "variety": "es-CL", "prompt": f"Pregunta {number}: ¿qué conviene?"}
            item |= {"licence": "CC0-1.0", "outputs": outputs}
            out.write(json.dumps(item) + "\n")
    house.manage("load_items", "bench", str(file))


class Client:
    """One connection kept open, as a browser keeps it."""

    def __init__(self, house: House, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", house.port)
        self.headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        self.held: dict[str, object] | None = None

    def call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        self.connection.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        response = self.connection.getresponse()
        data = response.read()
        if response.status not in (200, 201):
            raise SystemExit(f"{path}: {response.status} {data[:200]!r}")
        return json.loads(data) if data.startswith(b"{") else {}

    def answer(self, turn: dict[str, object], query: str = "") -> dict[str, object]:
        body = {"assignment": turn["assignment"], "answer": {"preferred": "a", "strength": 1}, "seconds": 4.0}
        return self.call("PUT", f"/api/v1/judgements/{uuid.uuid4()}/{query}", body)


def one_request(client: Client) -> None:
    turn = client.held or client.call("POST", "/api/v1/campaigns/bench/next/", {})
    client.held = client.answer(turn, "?next=1")["next"]  # type: ignore[assignment]


def two_requests(client: Client) -> None:
    client.answer(client.call("POST", "/api/v1/campaigns/bench/next/", {}))


def _livez(client: Client) -> None:
    client.call("GET", "/livez")


def _measure(house: House, token: str, cycle: object) -> tuple[float, list[float]]:
    client = Client(house, token)
    for _warm in range(20):
        cycle(client)  # type: ignore[operator]
    before, walls = house.cpu_seconds(), []
    for _each in range(CYCLES):
        begin = time.perf_counter()
        cycle(client)  # type: ignore[operator]
        walls.append(1000 * (time.perf_counter() - begin))
    return 1000 * (house.cpu_seconds() - before) / CYCLES, walls


def inserts(house: House) -> float:
    """Milliseconds of a single-row insert with its own commit."""
    with psycopg.connect(house.database, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_insert (id int)")
        begin = time.perf_counter()
        for number in range(500):
            connection.execute("INSERT INTO bench_insert VALUES (%s)", [number])
        each = 1000 * (time.perf_counter() - begin) / 500
        connection.execute("DROP TABLE bench_insert")
    return each
