"""What a request may hold, checked before anything else reads it: keys of rows; of an API request's body a bound, JSON,
text one can keep."""

import io
import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from annotations.corpus.lines import json_lines
from annotations.errors import Refused

MAX_LINES_BODY = 20_000_000
MAX_LINES = 50_000


def row_keys(words: Iterable[str]) -> list[int]:
    """Those that can be the key of a row: whole numbers that a `bigint` holds."""
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


class JSON(BaseParser):
    """Strict JSON in UTF-8: no `NaN`, no nesting beyond Python's, no NUL and no half of a surrogate pair."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = json.loads(read_all(stream, settings.DATA_UPLOAD_MAX_MEMORY_SIZE), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"Not JSON in UTF-8: {error}"[:200]) from None
        self.check(data)
        return data

    def check(self, data: Any) -> None:
        waiting = [data]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                waiting += value
            elif isinstance(value, str) and ("\x00" in value or not _is_text(value)):
                raise ParseError("A text holds a NUL or half of a surrogate pair.")


class JSONItems(JSON):
    """JSON to import, where a text that cannot be kept is a problem of its own item only."""

    def check(self, data: Any) -> None:
        pass


class NDJSON(BaseParser):
    """One JSON object a line, read as they are needed; lines that are none become problems of the import's report."""

    media_type = "application/x-ndjson"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = read_all(stream, MAX_LINES_BODY)
        if body.count(b"\n") > MAX_LINES:
            raise Refused("too_large", f"At most {MAX_LINES:,} lines at a time; load_items takes files of any size.")
        return json_lines(io.BytesIO(body))


def read_all(stream: Any, limit: int) -> bytes:
    """The whole body, so that nobody waits inside a transaction for a slow sender; refused where it is over `limit`."""
    if int(stream.headers.get("Content-Length") or 0) > limit:
        raise Refused("too_large", f"At most {limit:,} bytes at a time; load_items takes files of any size.")
    return bytes(stream.read())


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
