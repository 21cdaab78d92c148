"""Lines of the log name nobody: of a database's refusal stays which rule was broken, not whose row broke it."""

import logging
import re
from typing import Any

_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT):.*$", re.MULTILINE)
"""PostgreSQL's own words about the values at fault: `Key (lower(username))=(ana) already exists.`"""


class Line(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 -- the library's name
        return _DETAIL.sub("", super().formatException(ei))
