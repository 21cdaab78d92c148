"""Take turns, import items and fetch releases of a Minka, over its API."""

from minka_client.client import Minka
from minka_client.errors import Damaged, Refused, Unreachable
from minka_client.things import File, Output, Received, Refusal, Release, Report, Turn

__all__ = [
    "Damaged", "File", "Minka", "Output", "Received", "Refusal", "Refused", "Release", "Report", "Turn", "Unreachable",
]  # fmt: skip
