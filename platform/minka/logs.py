"""What a log line may hold: no whole network address; of a database's refusal which rule was broken, not whose row
broke it; no line end that came from outside, so that nobody writes a line of their own. Imported by the web server's
settings too, so no Django here.

The last part of an IPv4 address and the last 80 bits of an IPv6 address become zero, wherever in a line they stand,
traceback included: what remains tells a network from another and nobody from their neighbours.

Each line bears the name of the request it belongs to (`tracing.py`). `MINKA_LOGS=json` writes the same as one JSON
object a line, for whoever gathers logs: time, level, logger, message, request, and a traceback where there is one.
"""

import ipaddress
import json
import logging
import os
import re
import time
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The name of the request this process is at; empty outside of any."""

_MAYBE = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:\.\d{1,3}){0,3})"
)


def cut_addresses(text: str) -> str:
    """The text with its network addresses cut; those of this machine to itself stay."""
    return _MAYBE.sub(lambda found: _cut(found[0]), text)


def _cut(word: str) -> str:
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        return word
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return f"::ffff:{_cut(str(address.ipv4_mapped))}"
    if address.is_loopback:
        return word
    keep = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, keep), strict=False).network_address)


_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT):.*$", re.MULTILINE)
"""PostgreSQL's own words about the values at fault: `Key (lower(username))=(ana) already exists.`"""


_CONTROLS = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))} | {
    number: f"\\u{number:04x}" for number in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Signs that end a line, colour it or turn it round, and what is written instead."""


_IN_JSON = {number: f"\\u{number:04x}" for number in _CONTROLS if number >= 127}


class Line(logging.Formatter):
    """A formatter whose lines name nobody: one line a message, in UTC; a traceback stands below it, set in."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03dZ"

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- the library's name
        trace = _DETAIL.sub("", super().formatException(ei))
        return "\n".join(f"    {line.translate(_CONTROLS)}" for line in trace.split("\n"))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the library's name
        record.message = record.message.translate(_CONTROLS)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        record.request = request_id.get() or "-"
        return cut_addresses(super().format(record))


class JSONLine(Line):
    """The same as an object."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname, "logger": record.name, "message": record.getMessage(),
            "request": request_id.get(),
        }  # fmt: skip
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return cut_addresses(json.dumps(told, ensure_ascii=False).translate(_IN_JSON))


def formatter(format: str | None, datefmt: str | None = None, style: Any = "%") -> Line:  # noqa: A002 -- logging's word
    """As the operator wants lines: `MINKA_LOGS`."""
    kind = JSONLine if os.environ.get("MINKA_LOGS") == "json" else Line
    return kind(format, datefmt, style)
