"""How a model is to answer, in one set of names: those of transformers' `GenerationConfig`. A server is told the same
in its own."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from minka_client.training.settings import unknown
from minka_client.training.stopped import Stopped

NOT_FOR_THE_YAML: Final = {
    "num_return_sequences": "it is --samples",
    "seed": "it is --seed",
    "max_length": "max_new_tokens says how long an answer may be",
}
FOR_A_SERVER: Final = {
    "max_new_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "min_p": "min_p",
    "repetition_penalty": "repetition_penalty", "stop_strings": "stop",
}  # fmt: skip
"""OpenAI's protocol has four of them; vLLM and llama.cpp know the others too, and are told them where they are set."""


def check_sampling(settings: Mapping[str, Any], samples: int) -> None:
    """Raises `Stopped` where a setting is not for the YAML, or several samples would be one."""
    for name, why in NOT_FOR_THE_YAML.items():
        if name in settings:
            raise Stopped(f"the setting {name!r} is not for the YAML: {why}")
    tokens = settings.get("max_new_tokens")
    if type(tokens) is not int or tokens < 1:
        raise Stopped("the setting 'max_new_tokens' must say how long an answer may be")
    if samples > 1 and not settings.get("do_sample"):
        raise Stopped("several samples of a model that does not sample are one: set do_sample, or leave --samples")


def told_to_a_server(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The body's part of it. A model that is not to sample is told temperature 0."""
    asked = dict(settings)
    samples = asked.pop("do_sample", False)
    if wrong := [name for name in asked if name not in FOR_A_SERVER]:
        raise unknown(wrong[0], FOR_A_SERVER)
    if not samples:
        asked = {name: value for name, value in asked.items() if name in ("max_new_tokens", "stop_strings")}
        asked["temperature"] = 0
    return {FOR_A_SERVER[name]: value for name, value in asked.items()}


def seed_of(seed: int, *place: int) -> int:
    """Another seed for each place, the same whenever it is asked for."""
    named = ":".join(map(str, (seed, *place)))
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:4], "big") >> 1
