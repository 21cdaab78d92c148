"""The columns of a release, in plain Python: what a training machine may import without Django.

The training configs hold exactly the columns TRL reads, and one struct `meta` with everything else: a stray name at
the top level can silently win over a real one (TRL takes `prompt` + `completion` beside `messages`, for instance).
"""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

FORMAT: Final = 1

TYPES: Final = frozenset({"text", "int", "float", "bool", "date", "texts", "messages", "tiers"})
"""Names of the column types below; a `?` after one means that null is allowed."""

PREFERENCE_META: Final[Mapping[str, str]] = {
    "record_id": "text",
    "release": "text",
    "source_id": "text",
    "campaign": "text",
    "variety": "text",
    "judged_as": "text",
    "country": "text?",
    "domain": "text?",
    "source": "text",
    "source_licence": "text",
    "chosen_model": "text",
    "chosen_licence": "text",
    "rejected_model": "text",
    "rejected_licence": "text",
    "contribution_licence": "text",
    "permitted_use": "texts",
    "consent_versions": "texts",
    "n": "int",
    "agreement": "float",
    "method": "text",
    "split": "text",
}

SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "preference": {
        "prompt": "messages",
        "chosen": "messages",
        "rejected": "messages",
        "margin": "float",
        "meta": PREFERENCE_META,
    },
    "judgements": {
        "id": "text",
        "item_id": "text",
        "source_id": "text",
        "campaign": "text",
        "annotator": "text?",
        "kind": "text",
        "variety": "text",
        "judge_variety": "text",
        "models": "texts",
        "order_shown": "texts",
        "preferred": "text",
        "strength": "int?",
        "ranking": "tiers?",
        "counted": "bool",
        "late": "bool",
        "date": "date",
        "seconds_band": "text?",
        "guideline_version": "text",
        "consent_version": "text",
        "channel": "text",
        "offer_policy": "text",
        "offer_probability": "float",
        "source": "text",
        "source_licence": "text",
        "contribution_licence": "text",
        "permitted_use": "texts",
        "split": "text",
    },
    "excluded": {"unit": "text", "id": "text", "source_id": "text?", "config": "text", "reason": "text"},
}

SPLITS: Final[Mapping[str, tuple[str, ...]]] = {
    "preference": ("train", "validation", "test"),
    "judgements": ("train", "validation", "test", "evaluate"),
    "excluded": ("train",),
}

REASONS: Final[Mapping[str, str]] = {
    "tie": "settled as level",
    "both_good": "settled as both good",
    "both_bad": "settled as both bad",
    "no_majority": "no answer has more than half of the votes",
    "unsettled": "not enough judgements before the cutoff",
    "zero_margin": "the strengths of the votes cancel out",
    "evaluate": "the prompt evaluates and never trains",
    "missing_licence": "nobody said under which licence a text came",
    "not_permitted": "the permitted uses have nothing that allows training",
    "governed": "only the variety's stewards may release it",
    "restricted": "it may hold knowledge that is not for everybody",
    "withheld": "the variety's stewards took the record out",
    "quarantined": "one of the outputs is held back",
    "withdrawn": "the person took their consent back",
    "unproven": "the account joined without a proof, and nobody has looked at it yet",
    "practice": "an item to learn from",
    "broken": "people say that the task is broken, and nobody has looked at it yet",
    "no_config": "this kind of judgement has no config in releases yet",
    "undone": "taken back by the person who sent it",
    "no_se": "left with: I do not know",
    "no_es_mi_variedad": "left with: not the way I speak",
    "tarea_rota": "left with: the task is broken",
    "prefiero_saltar": "left with: I would rather skip it",
}

KEYS: Final = "abcd"
"""An item's outputs by their place in the item, the import's order: the keys in `judgements`."""


class Message(TypedDict):
    role: str
    content: str


class PreferenceRow(TypedDict):
    """One settled preference. `margin` in (0, 2]; `chosen` and `rejected` hold the answer's turn only."""

    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]
    margin: float
    meta: dict[str, Any]


class ExcludedRow(TypedDict):
    """Why a judgement or an item is not in a config. No content."""

    unit: str
    id: str
    source_id: NotRequired[str | None]
    config: str
    reason: str


def seconds_band(seconds: float | None) -> str | None:
    """Exact times could tell people apart, so they are published in bands."""
    if seconds is None:
        return None
    for end, band in ((5, "0-5"), (15, "5-15"), (30, "15-30"), (60, "30-60"), (180, "60-180")):
        if seconds < end:
            return band
    return "180+"
