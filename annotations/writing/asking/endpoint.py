"""One question to one server of models, in the protocol of OpenAI's chat completions, over the standard library.

Nothing of a person is sent: the messages, the model's name and the key of the house. Redirects are not followed, since
they would carry the key away.
"""

import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, Final
from urllib.error import HTTPError

from annotations.corpus.models import MAX_TEXT

TIMEOUT: Final = 60.0
"""Seconds for the whole answer."""
MAX_BODY: Final = 1_000_000


@dataclass(frozen=True)
class Endpoint:
    """A model of the settings. `url` ends before `/chat/completions`; `key` is the secret itself, or empty."""

    name: str
    url: str
    model: str
    licence: str
    key: str = ""


class NoAnswer(Exception):
    """Why there is none, in a word, and when to come back if the server said so (seconds)."""

    def __init__(self, problem: str, retry_after: int = 0) -> None:
        self.problem, self.retry_after = problem, retry_after
        super().__init__(problem)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def complete(endpoint: Endpoint, messages: Sequence[Mapping[str, str]], timeout: float = TIMEOUT) -> str:
    """The model's answer, or `NoAnswer`: `http_429`, `no_connection`, `timeout`, `not_json`, `no_text`, `cut`,
    `filtered`, `too_long`."""
    body = json.dumps({"model": endpoint.model, "messages": list(messages), "stream": False}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    url = f"{endpoint.url.rstrip('/')}/chat/completions"
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 -- from the settings
    ends = time.monotonic() + timeout
    try:
        with _opener.open(request, timeout=timeout) as response:
            return _text(_read(response, ends))
    except HTTPError as error:
        error.close()
        raise NoAnswer(f"http_{error.code}", _seconds(error.headers.get("Retry-After", ""))) from None
    except TimeoutError:
        raise NoAnswer("timeout") from None
    except (OSError, HTTPException) as error:
        raise NoAnswer("timeout" if "timed out" in str(error) else "no_connection") from None


def _read(response: HTTPResponse, ends: float) -> bytes:
    """The whole body; a server that drips is not waited for beyond the end."""
    body = b""
    while chunk := response.read1(65_536):
        body += chunk
        if len(body) > MAX_BODY:
            raise NoAnswer("too_long")
        if time.monotonic() > ends:
            raise NoAnswer("timeout")
    return body


def _text(body: bytes) -> str:
    try:
        choice = json.loads(body)["choices"][0]
        text, reason = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, RecursionError):
        raise NoAnswer("not_json") from None
    except (KeyError, IndexError, TypeError, AttributeError):
        raise NoAnswer("no_text") from None
    if reason == "content_filter":
        raise NoAnswer("filtered")
    if reason == "length":
        raise NoAnswer("cut")
    if not isinstance(text, str) or not text.strip() or "\x00" in text or not _is_unicode(text):
        raise NoAnswer("no_text")
    if len(text) > MAX_TEXT:
        raise NoAnswer("too_long")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _seconds(retry_after: str) -> int:
    return int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else 0
