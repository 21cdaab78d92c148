"""A server answers, in the protocol of OpenAI's chat completions: vLLM, llama.cpp, TGI, `transformers serve`.

Nothing is asked of it but `/chat/completions`, since some of them fail at all else. What is asked is the prompt and how
to answer; redirects are not followed, since they would carry the key away.
"""

import json
import random
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Final

import httpx

from minka_client.trained.answers import Key, Question, Said, Told
from minka_client.trained.sampling import seed_of, told_to_a_server
from minka_client.training.stopped import Stopped

LATER: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Answers after which the same may be asked again."""
OF_THE_PROMPT: Final = frozenset({400, 413, 422})
"""Answers that are about what was asked: it is too long, say."""
IN_A_ROW: Final = 10
"""After so many faults without an answer in between, it is not about the prompts."""
MOST_BYTES: Final = 4_000_000
LONGEST_PAUSE: Final = 60.0


class Server:
    """A model behind an address.

    Args:
        url: as far as `/v1`; the rest is ours.
        name: under which the server knows the model.
        key: the secret, where it wants one.
        timeout: seconds for a whole answer.
        tries: how often one thing is asked.
        at_once: questions.
    """

    def __init__(
        self, url: str, name: str, *, settings: Mapping[str, Any], seed: int, key: str = "", timeout: float = 300.0,
        tries: int = 5, at_once: int = 8, pause: float = 1.0,
    ) -> None:  # fmt: skip
        self._url, self._name, self._seed = f"{url.rstrip('/')}/chat/completions", name, seed
        self._asked = told_to_a_server(settings)
        self._timeout, self._tries, self._at_once, self._pause = timeout, tries, at_once, pause
        self._over = threading.Event()
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            limits=httpx.Limits(max_connections=at_once),
        )

    def answer(self, questions: Sequence[Question], done: Collection[Key]) -> Iterator[Told]:
        """What was not answered yet, one by one as it comes.

        Raises:
            Stopped: it is no use to go on asking.
        """
        missing = [question for question in questions if question.key not in done]
        pool, faults = ThreadPoolExecutor(self._at_once), 0
        try:
            asked = {pool.submit(self._ask, question): question for question in missing}
            for each in as_completed(asked):
                said = each.result()
                faults = faults + 1 if said.passes else 0
                yield [(asked[each], said)]
                if faults == IN_A_ROW:
                    raise Stopped(f"{self._url}: {IN_A_ROW} questions in a row got no answer: {said.problem}")
        finally:
            self._over.set()
            pool.shutdown(cancel_futures=True)
            self._http.close()

    def _ask(self, question: Question) -> Said:
        body = {
            "model": self._name, "messages": list(question.messages), "stream": False, **self._asked,
            "seed": seed_of(self._seed, *question.key),
        }  # fmt: skip
        said = Said()
        for tried in range(1, self._tries + 1):
            said, wait = self._once(body)
            if wait is None or tried == self._tries or self._over.wait(self._pause_of(tried, wait)):
                break
        return said

    def _pause_of(self, tried: int, wait: str) -> float:
        longer = self._pause * random.uniform(0.5, 1) * 2.0 ** (tried - 1)  # noqa: S311 -- not all at once
        return min(float(wait) if wait.isascii() and wait.isdigit() else longer, LONGEST_PAUSE)

    def _once(self, body: Mapping[str, Any]) -> tuple[Said, str | None]:
        """What it said; and of what may be asked again at once, how long the server wants to be left alone."""
        ends = time.monotonic() + self._timeout
        try:
            with self._http.stream("POST", self._url, json=body) as response:
                if response.status_code != httpx.codes.OK:
                    wait = response.headers.get("Retry-After", "") if response.status_code in LATER else None
                    return self._refused(response), wait
                return _said(_whole(response, ends)), None
        except (httpx.TimeoutException, TimeoutError):
            return Said(problem=f"no answer within {self._timeout:g} seconds", passes=True), ""
        except httpx.TransportError as error:
            return Said(problem=f"no connection ({type(error).__name__})", passes=True), ""

    def _refused(self, response: httpx.Response) -> Said:
        """What the status means for one who asked. What the server wrote is not told on: it may hold the prompt."""
        status = response.status_code
        if status in LATER:
            return Said(problem=f"the server answers {status} {response.reason_phrase}".rstrip(), passes=True)
        if status in OF_THE_PROMPT:
            return Said(problem=f"the server refuses the prompt with {status}", passes=True)
        reasons = {
            401: "it wants another key (SERVER_KEY)", 403: "it wants another key (SERVER_KEY)",
            404: f"there is no {self._url}, or no model {self._name!r}",
        }  # fmt: skip
        why = reasons.get(status, "it is not followed" if response.is_redirect else "that is no answer")
        raise Stopped(f"the server answers {status} {response.reason_phrase}: {why}")


def _whole(response: httpx.Response, ends: float) -> bytes:
    """The body; a server that drips is not waited for beyond the end."""
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            return b""
        if time.monotonic() > ends:
            raise TimeoutError
    return body


def _said(body: bytes) -> Said:
    try:
        choice = json.loads(body)["choices"][0]
        text, reason = choice["message"].get("content"), choice.get("finish_reason")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return Said(problem="the server answers something else than a completion", passes=True)
    if reason == "content_filter":
        return Said(problem="filtered")
    if text is not None and not isinstance(text, str):
        return Said(problem="the server answers something else than text", passes=True)
    return Said(text or "", is_cut=reason == "length")
