"""The settings of a run: a YAML in the trainer's own names, and the command line, which wins. What makes no sense is
refused by its name before a model is loaded."""

import dataclasses
import difflib
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from minka_client.training.stopped import Stopped

NOT_FOR_THE_YAML: Final = frozenset(
    {"output_dir", "resume_from_checkpoint", "push_to_hub", "hub_token", "push_to_hub_token"}
)
"""Settings that are the recipe's own business, or that would need the network."""


def read_settings(path: Path, overrides: list[str]) -> dict[str, Any]:
    import yaml

    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Stopped(f"the settings cannot be read from {path}: {error}") from None
    if not isinstance(settings, dict):
        raise Stopped(f"{path} is not a YAML mapping of settings")
    settings |= {name: yaml.safe_load(value) for name, value in pairs(overrides)}
    if ours := sorted(NOT_FOR_THE_YAML & settings.keys()):
        raise Stopped(f"the setting {ours[0]!r} is not for the YAML: this recipe decides it")
    return {str(name): number(value) for name, value in settings.items()}


def pairs(overrides: list[str]) -> Iterator[tuple[str, str]]:
    """`--max-steps 3` and `--max_steps=3`, both."""
    words = iter(overrides)
    for word in words:
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            raise Stopped(f"{word!r} stands alone on the command line: a setting is --name value")
        if not equals:
            following = next(words, None)
            if following is None:
                raise Stopped(f"{name} has no value")
            value = following
        yield name[2:].replace("-", "_"), value


def number(value: Any) -> Any:
    """YAML 1.1 reads 1e-6 as text (it wants 1.0e-6), and the trainer would stumble over it much later."""
    is_number = isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", value)
    return float(value) if is_number else value


def check_settings(kind: Any, settings: Mapping[str, Any]) -> None:
    """Against the fields of the trainer's class of settings. It would find some of these itself, with the model loaded.

    Raises:
        Stopped: one is unknown, or of another type.
    """
    known = {field.name: field for field in dataclasses.fields(kind) if field.init}
    for name, value in settings.items():
        _check(name, value, known)


def unknown(name: str, known: Iterable[str]) -> Stopped:
    near = difflib.get_close_matches(name, known, n=1)
    return Stopped(f"unknown setting {name!r}" + (f": perhaps {near[0]!r}?" if near else ""))


def _check(name: str, value: Any, known: Mapping[str, Any]) -> None:
    if name not in known:
        raise unknown(name, known.keys() - NOT_FOR_THE_YAML)
    kinds = set(typing.get_args(known[name].type) or [known[name].type])
    fits = kinds | ({int} if float in kinds else set())
    if kinds <= {bool, int, float, str, types.NoneType} and type(value) not in fits:
        wanted = " or ".join(sorted(kind.__name__ for kind in kinds - {types.NoneType}))
        raise Stopped(f"the setting {name!r} is {value!r}, and the trainer wants {wanted}")
