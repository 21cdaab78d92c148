"""What a release was made from beside its rows, so that a manifest names all its inputs: settings, how far decisions
had come, the libraries, and this chapter's own code."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from annotations.datasets.configs.base import Terms
from annotations.datasets.queries import watermark
from annotations.datasets.snapshot import Snapshot


def inputs(snapshot: Snapshot, terms: Terms) -> dict[str, Any]:
    """`settings` and `inputs` of a manifest."""
    rules = {"small_cell": terms.small_cell}
    return {
        "settings": rules,
        "inputs": {
            "decisions": watermark(snapshot, terms),
            "lock_sha256": hashlib.sha256((settings.ROOT / "requirements" / "base.txt").read_bytes()).hexdigest(),
            "code_sha256": code_sha256(),
            "settings_sha256": hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest(),
        },
    }


@cache
def code_sha256() -> str:
    """Of the Python files of this chapter, in the order of their names: other code may write other bytes."""
    folder = Path(__file__).parent
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    each = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    return hashlib.sha256("".join(each).encode()).hexdigest()
