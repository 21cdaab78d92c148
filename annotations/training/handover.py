"""What a run is handed: the manifest, made from the releases' own. It names every file with its checksum and holds no
text of anybody."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from annotations.corpus.models import Prompt, Use
from annotations.datasets import manifest as mf
from annotations.datasets.models import Release
from annotations.datasets.recalls.queries import refuse_erased
from annotations.datasets.rows import SCHEMAS
from annotations.errors import Refused
from annotations.training.models import RECIPES

FORMAT: Final = 1
CARD: Final = "README.md"
"""It tells `load_dataset` which files are the rows."""
SCRIPTS: Final = Path(__file__).parent / "recipes"
AFTERWARDS: Final = ("generate", "evaluate")
"""What is not trained by, but comes after."""


def refuse_unfit(release: Release, recipe: str) -> None:
    """Raises `Refused` where this release cannot be handed to a run of this recipe: `recalled`, and `invalid` where it
    permits no training or has no row to train on."""
    refuse_erased(release)
    config = RECIPES[recipe]
    if Use.TRAIN not in release.manifest["permitted_use"].get(config, []):
        raise Refused("invalid", _("This release does not permit training."), {"releases": [release.version]})
    if not release.manifest["configs"].get(config, {}).get("train"):
        raise Refused("invalid", _("This release has no row to train on."), {"releases": [release.version]})


def manifest_of(
    *, releases: Sequence[Release], recipe: Mapping[str, str], base: Mapping[str, str], seed: int,
    prompts: Mapping[str, Sequence[Prompt]],
) -> dict[str, Any]:  # fmt: skip
    """Args: `recipe` has name and commit; `base` name and licence, and its checkpoint where it came of a run here;
    `prompts` are the sets by role."""
    config = RECIPES[recipe["name"]]
    rows: Counter[str] = Counter()
    for release in releases:
        rows.update(release.manifest["configs"].get(config, {}))
    return {
        "format": FORMAT,
        "recipe": {**recipe, "sha256": _script(recipe["name"])},
        "seed": seed,
        "base_model": dict(base),
        "config": config,
        "schema": SCHEMAS[config],
        "rows": dict(rows),
        "releases": [_handed(release, config) for release in releases],
        "prompts": {role: {"count": len(several), "sha256": _sum(several)} for role, several in prompts.items()},
    }


def _handed(release: Release, config: str) -> dict[str, Any]:
    """A release, and of its files those the recipe reads. The others are in its manifest, which `release_id` proves."""
    files = {name: facts for name, facts in release.manifest["files"].items() if _is_read(name, config)}
    return {
        "version": release.version,
        "release_id": release.release_id,
        "cutoff": release.cutoff.isoformat(),
        "permitted_use": release.manifest["permitted_use"][config],
        "files": files,
    }


def _is_read(name: str, config: str) -> bool:
    return name == CARD or name.startswith(f"data/{config}/")


def script_files(recipe: str) -> dict[str, str]:
    """The text of the house's own script and of its settings, and of what asks and measures the model afterwards, by
    name, for a machine that reaches nothing."""
    named = [path for name in (recipe, *AFTERWARDS) for path in SCRIPTS.glob(f"{name}.*")]
    paths = [*named, *(SCRIPTS / "configs").glob("*.yaml")]
    return {path.relative_to(SCRIPTS).as_posix(): path.read_text("utf-8") for path in sorted(paths)}


def _script(recipe: str) -> str:
    """The checksum of the house's own script; what ran is told by the lineage file beside the model."""
    return mf.sha256_of(SCRIPTS / f"{recipe}.py")


def _sum(prompts: Sequence[Prompt]) -> str:
    """SHA-256 over which prompts, in their order."""
    return hashlib.sha256(json.dumps([prompt.content_key for prompt in prompts]).encode()).hexdigest()
