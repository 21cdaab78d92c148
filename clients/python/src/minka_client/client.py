"""One connection to a Minka. Whatever is sent can be sent again: answers go under keys, items under their ids."""

import random
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from minka_client.batches import batches
from minka_client.errors import Refused, Unreachable
from minka_client.fetching import fetch
from minka_client.runs import Runs
from minka_client.things import Received, Release, Report, Turn

LATER: Final = frozenset({429, 502, 503, 504})
"""Answers that mean: not now."""
BATCH: Final = 1_000
MOST_BYTES: Final = 8_000_000
"""Items are sent so many at once, or fewer where they are long."""
LONGEST_PAUSE: Final = 60.0


class Minka(Runs):
    """A Minka at an address.

    Args:
        address: of the house, without `/api/v1/`.
        token: of a person; None for what is public.
        timeout: seconds to wait for an answer.
        tries: how often something is asked that got no answer, or "later".
        transport: another way to send, for tests.
    """

    def __init__(
        self, address: str, token: str | None = None, *, timeout: float = 30.0, tries: int = 5,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._tries = tries
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1/", timeout=timeout, transport=transport,
            headers={"Authorization": f"Token {token}"} if token else {},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # Turns --------------------------------------------------------------------------------------------------------

    def next(self, campaign: str, *, kind: str | None = None, after: Turn | None = None) -> Turn | None:
        """The turn this person should take now; the one they hold when asked again. None when there is nothing.

        Args:
            kind: only of this kind of judgement.
            after: the turn in hand; asks for one more beside it.
        """
        asked = ({"kind": kind} if kind else {}) | ({"after": str(after.assignment)} if after else {})
        told = self._ask("POST", f"campaigns/{campaign}/next/", json=asked)
        return Turn.of(told) if told else None

    def answer(
        self, turn: Turn, answer: Mapping[str, Any], *, seconds: float | None = None, key: uuid.UUID | None = None,
        and_next: bool = False,
    ) -> Received:  # fmt: skip
        """Answer a turn, in the words of its kind. `key` is the answer's own: sent again under it, the first counts."""
        return self._send(turn, {"answer": dict(answer)}, seconds, key, and_next=and_next)

    def opt_out(self, turn: Turn, code: str, *, key: uuid.UUID | None = None, and_next: bool = False) -> Received:
        """Leave a turn with a reason: `no_se`, `no_es_mi_variedad`, `tarea_rota`, `prefiero_saltar`."""
        return self._send(turn, {"opt_out": code}, None, key, and_next=and_next)

    def _send(
        self, turn: Turn, said: Mapping[str, Any], seconds: float | None, key: uuid.UUID | None, *, and_next: bool
    ) -> Received:
        body = {"assignment": str(turn.assignment), **said} | ({} if seconds is None else {"seconds": seconds})
        path = f"judgements/{key or uuid.uuid4()}/"
        return Received.of(self._ask("PUT", path, json=body, params={"next": "1"} if and_next else None))

    def undo(self, key: uuid.UUID) -> Received:
        """Take an answer back, until it is settled."""
        return Received.of(self._ask("DELETE", f"judgements/{key}/"))

    # Items --------------------------------------------------------------------------------------------------------

    def add_items(self, campaign: str, items: Iterable[Mapping[str, Any]]) -> Report:
        """Import items, batch by batch; each batch is whole or not there. Items of an `id` that is in already add
        nothing, so that after a fault all of them can be sent again. Lines that cannot be used are in the report."""
        report, before = Report(), 0
        for batch in batches(items, BATCH, MOST_BYTES):
            try:
                told = self._ask(
                    "POST", f"campaigns/{campaign}/items/", content=b"\n".join(batch),
                    headers={"Content-Type": "application/x-ndjson"},
                )  # fmt: skip
            except Refused as refused:
                if not _all_refused(refused):
                    raise
                told = {"added": 0, "known": 0, "held_back": 0, "refused_lines": len(batch), "refused": refused.errors}
            report.add(told, before)
            before += len(batch)
        return report

    # Releases -----------------------------------------------------------------------------------------------------

    def releases(self, *, recalled: bool = False) -> list[Release]:
        """Published releases, the newest first; with those that were recalled or expired, where they are asked for."""
        told = [Release.of(each) for each in self._ask("GET", "releases/")]
        return [release for release in told if recalled or release.state == "published"]

    def withdrawals(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Which records of which releases must go, wherever they are: whoever fetched a release asks each day, with the
        greatest `cursor` seen by then."""
        return list(self._ask("GET", f"releases/withdrawals/?since={int(since)}"))

    def fetch(self, release: Release, folder: str | Path) -> Path:
        """The release's folder below this one, whole and checked. What is there already is not fetched again, and a
        file that was cut off is gone on with.

        Raises:
            Damaged: a file is not what the release says.
            Refused: `recalled`, of one that was recalled, also where it was fetched before; `expired`.
        """
        if release.is_recalled:
            instead = f"take {release.replaced_by}" if release.replaced_by else "take a newer one"
            raise Refused(410, "recalled", f"{release.version} was recalled; {instead} in its place")
        if release.state == "expired":
            raise Refused(410, "expired", f"{release.version} is not kept any more; take a newer one")
        return fetch(release, Path(folder), self._pieces)

    def me(self) -> dict[str, Any]:
        """The account behind the token."""
        return dict(self._ask("GET", "me/"))

    # Asking -------------------------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        for left in reversed(range(self._tries)):
            try:
                response = self._http.request(method, path, **what)
            except httpx.TransportError as error:
                if not left:
                    raise Unreachable(f"{method} {path}: {error}") from error
                self._wait(self._tries - left)
                continue
            if response.status_code in LATER and left:
                self._wait(self._tries - left, response.headers.get("Retry-After"))
                continue
            return _told(response)
        raise AssertionError("tries are one or more")

    def _pieces(self, url: str, start: int) -> Iterator[tuple[int, bytes]]:
        """A file from this byte on, each piece with its place: where the network fails, what is left."""
        for left in reversed(range(self._tries)):
            headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"} if start else {}
            try:
                with self._http.stream("GET", httpx.URL(self._http.base_url).join(url), headers=headers) as response:
                    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                        return
                    if response.status_code not in (200, 206):
                        response.read()
                        _told(response)
                    start = start if response.status_code == httpx.codes.PARTIAL_CONTENT else 0
                    for piece in response.iter_bytes():
                        yield start, piece
                        start += len(piece)
                return
            except httpx.TransportError as error:
                if not left:
                    raise Unreachable(f"{url}: {error}") from error
                self._wait(self._tries - left)

    @staticmethod
    def _wait(tried: int, said: str | None = None) -> None:
        """As long as the house says; else longer each time, and not all clients at once."""
        pause = float(said) if said and said.isdigit() else random.uniform(0.5, 1) * 2.0 ** (tried - 1)  # noqa: S311
        time.sleep(min(pause, LONGEST_PAUSE))


def _told(response: httpx.Response) -> Any:
    if response.status_code == httpx.codes.NO_CONTENT:
        return None
    try:
        told = response.json()
    except ValueError:
        told = {}
    if response.is_success:
        return told
    problem = told if isinstance(told, dict) else {}
    code, detail = problem.get("code", f"http_{response.status_code}"), problem.get("detail", response.reason_phrase)
    raise Refused(response.status_code, code, detail, problem.get("errors"))


def _all_refused(refused: Refused) -> bool:
    """Whether it is a batch in which every line was refused, and not the batch itself."""
    lines = refused.errors if isinstance(refused.errors, list) else []
    return bool(lines) and all(isinstance(each, dict) and "line" in each for each in lines)
