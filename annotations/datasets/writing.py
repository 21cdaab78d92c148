"""Writing a release into a folder: rows from a source, the card and Croissant from the numbers they came to, the
manifest. The same for a new release and for one that is written again."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotations.datasets import manifest as mf
from annotations.datasets.card import card
from annotations.datasets.citation import NAME as CITATION
from annotations.datasets.citation import citation
from annotations.datasets.configs.base import Config, Part, Routed, Terms
from annotations.datasets.configs.taught import PEOPLE
from annotations.datasets.croissant import NAME as CROISSANT
from annotations.datasets.croissant import croissant
from annotations.datasets.queries import Counts, screened
from annotations.datasets.rows import CONFIGS, FORMAT, SPLITS
from annotations.datasets.sources import Source

_Licences = dict[str, set[str]]
_NOTED = {
    "contribution": ("contribution_licence",),
    "source": ("source_licence",),
    "output": ("output_licence", "chosen_licence", "rejected_licence"),
    "model": ("model", "chosen_model", "rejected_model"),
    "method": ("method",),
}
"""Columns from which the card says whose the texts are, and how they were settled."""


def write(folder: Path, source: Source, terms: Terms) -> None:
    """A whole release, from what a source gives."""
    from annotations.datasets.parquet import Writer  # Arrow is the night's: at rest no process holds it

    counts = Counts()
    licences: _Licences = {kind: set() for kind in _NOTED}
    noted: set[tuple[Any, ...]] = set()
    (folder / "data").mkdir(parents=True)
    with Writer(folder) as writer:
        for each in CONFIGS.values():
            for config, split, row in counts.passing(rows_of(each, source, terms)):
                writer.add(config, split, row)
                if config != "excluded":
                    _note_licences(licences, noted, row.get("meta", row))
    configs = {
        config: {split: writer.counts.get(config, {}).get(split, 0) for split in splits}
        for config, splits in SPLITS.items()
    }
    varieties = {tag for tags in counts.varieties.values() for tag in tags}
    _tell(folder, _facts(terms, configs, counts, licences) | source.told(varieties))


def rows_of(config: Config, source: Source, terms: Terms) -> Iterator[Routed]:
    """Everything that could stand in a config: there, or in `excluded` with the reason."""
    for part in config.parts:
        yield from _routed(part, source, terms)


def _routed(part: Part, source: Source, terms: Terms) -> Iterator[Routed]:
    return part.routed(screened(part, source.rows(part)), terms)


def _tell(folder: Path, facts: dict[str, Any]) -> None:
    """Card, citation, Croissant and manifest, all from the same numbers."""
    (folder / "README.md").write_text(card(facts), "utf-8")
    (folder / CITATION).write_text(citation(facts), "utf-8")
    rows = {mf.file_of(config, split): count for config, splits in facts["configs"].items()
            for split, count in splits.items()}  # fmt: skip
    files = mf.describe(folder, rows)
    (folder / CROISSANT).write_text(croissant(facts | {"files": files}), "utf-8")
    files |= mf.describe(folder, {}, only=[CROISSANT])
    mf.write(folder, facts | {"files": files, "release_id": mf.release_id(files)})


_NAMES = tuple(name for names in _NOTED.values() for name in names)


def _note_licences(licences: _Licences, noted: set[tuple[Any, ...]], terms: dict[str, Any]) -> None:
    """The same terms, which most rows have, are noted once."""
    same = tuple(map(terms.get, _NAMES))
    if same in noted:
        return
    noted.add(same)
    for kind, names in _NOTED.items():
        licences[kind].update(terms[name] for name in names if terms.get(name) not in ("", None, PEOPLE))


def _facts(
    terms: Terms, configs: dict[str, dict[str, int]], counts: Counts, licences: dict[str, set[str]]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dataset": "minka",
        "version": terms.version,
        "cutoff": terms.cutoff.astimezone(dt.UTC).isoformat(),
        "configs": configs,
        "varieties": {name: dict(sorted(counts.varieties[name].items())) for name in SPLITS if name != "excluded"},
        "reasons": dict(sorted(counts.reasons.items())),
        "longest": dict(counts.longest),
        "licences": {name: sorted(values) for name, values in licences.items()},
        "permitted_use": {name: ["train"] for name, config in CONFIGS.items() if config.trains},
    }
