"""A release and a model are folders, and what they hold is told to nobody."""

import os


def stay_offline() -> None:
    """The trainer's libraries read this while they are imported, which is later."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
