"""Take turns, import items, fetch releases and tell of training runs of a Minka, over its API."""

from minka_client.client import Minka
from minka_client.errors import Damaged, Refused, Unreachable
from minka_client.packing import pack, points_of, upload
from minka_client.things import (
    Answer,
    File,
    Ingested,
    Output,
    Prompt,
    Received,
    Refusal,
    Release,
    Report,
    Run,
    Turn,
)

__all__ = [
    "Answer", "Damaged", "File", "Ingested", "Minka", "Output", "Prompt", "Received", "Refusal", "Refused", "Release",
    "Report", "Run", "Turn", "Unreachable", "pack", "points_of", "upload",
]  # fmt: skip
