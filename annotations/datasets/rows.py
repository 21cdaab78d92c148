"""The columns of a release, in plain Python: what a training machine may import without Django.

The training configs hold exactly the columns TRL reads, and one struct `meta` with everything else: a stray name at
the top level can silently win over a real one (TRL takes `prompt` + `completion` beside `messages`, for instance).
Each config stands in a file of its own (`configs/`); here they are together.
"""

from collections.abc import Mapping
from typing import Any, Final

from annotations.datasets.configs.base import Config, Query
from annotations.datasets.configs.bias import BIAS
from annotations.datasets.configs.external import EXTERNAL
from annotations.datasets.configs.judgements import JUDGEMENTS
from annotations.datasets.configs.kto import KTO
from annotations.datasets.configs.preference import PREFERENCE
from annotations.datasets.configs.scores import SCORES
from annotations.datasets.configs.sft import SFT
from annotations.datasets.configs.translation import TRANSLATION

FORMAT: Final = 1

TYPES: Final = frozenset({"text", "int", "float", "bool", "date", "texts", "messages", "tiers"})
"""Names of the column types; a `?` after one means that null is allowed, a mapping is a struct."""

EXCLUDED: Final = Config(
    name="excluded",
    about="what is not in a config, and why; no content",
    columns={"unit": "text", "id": "text", "source_id": "text?", "config": "text", "reason": "text"},
    splits=("train",),
)

CONFIGS: Final[Mapping[str, Config]] = {
    config.name: config for config in (PREFERENCE, SFT, KTO, TRANSLATION, BIAS, SCORES, JUDGEMENTS, EXTERNAL, EXCLUDED)
}

QUERIES: Final[Mapping[Query, str]] = {
    part.query: f"{config.name}/{place}"
    for config in reversed([*CONFIGS.values()])
    for place, part in reversed([*enumerate(config.parts)])
}
"""The name of each query: that of the first config that asks it."""

SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {name: config.columns for name, config in CONFIGS.items()}

SPLITS: Final[Mapping[str, tuple[str, ...]]] = {name: config.splits for name, config in CONFIGS.items()}

REASONS: Final[Mapping[str, str]] = {
    "split_bridge": "it is nearly the same as questions of another split, or asked there by itself",
    "evaluate": "the prompt evaluates and never trains",
    "missing_licence": "nobody said under which licence a text came",
    "not_permitted": "the permitted uses have nothing that allows training",
    "governed": "only the variety's stewards may release it",
    "restricted": "it may hold knowledge that is not for everybody",
    "withheld": "the variety's stewards took the record out",
    "quarantined": "one of the outputs is held back",
    "withdrawn": "the person took their consent back",
    "enough": "the person had given as much of the campaign as one may",
    "concentration": "too much came from one account, or from those who joined on one day, and nobody has looked yet",
    "purged": "two people took out what the account gave, for a reason it was told",
    "unproven": "the account joined without a proof, and nobody has looked at it yet",
    "practice": "an item to learn from",
    "gold": "an item whose answer is known; which one it is, is not told",
    "broken": "people say that the task is broken, and nobody has looked at it yet",
    **{code: meaning for config in CONFIGS.values() for code, meaning in config.reasons.items()},
}
