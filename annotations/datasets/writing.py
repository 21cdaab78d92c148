"""Writing a release into a folder: its pieces from a source, the card and Croissant from the numbers they came to, the
manifest. The same for a new release and for one that is written again."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotations.datasets import manifest as mf
from annotations.datasets.card import card
from annotations.datasets.citation import NAME as CITATION
from annotations.datasets.citation import citation
from annotations.datasets.configs.base import Terms
from annotations.datasets.croissant import NAME as CROISSANT
from annotations.datasets.croissant import croissant
from annotations.datasets.pieces import PIECES, TOLD, Room
from annotations.datasets.rows import CONFIGS, FORMAT, SPLITS
from annotations.datasets.sources import Source

if TYPE_CHECKING:
    from annotations.datasets.counts import Counts


def write(folder: Path, source: Source, terms: Terms) -> None:
    """A whole release, from what a source gives."""
    room = Room(folder, terms)
    (folder / "data").mkdir(parents=True)
    room.work.mkdir()
    try:
        source.fill(room)
        counts = _put_together(room)
        configs = {config: {split: counts.rows[config][split] for split in splits} for config, splits in SPLITS.items()}
        varieties = {tag for tags in counts.varieties.values() for tag in tags}
        _tell(folder, _facts(terms, configs, counts) | source.told(varieties))
    finally:
        room.clear()


def _put_together(room: Room) -> "Counts":
    """Every file into its place, and of what each part leaves out one file."""
    from annotations.datasets.counts import Counts  # Arrow is the night's: at rest no process holds it
    from annotations.datasets.parquet import File, read_aside

    counts = Counts()
    counts.join((room.place(piece) / TOLD).read_text("utf-8") for piece in PIECES)
    for piece in PIECES:
        for path in sorted((room.place(piece) / "data").glob("*/*")):
            final = room.folder / mf.file_of(path.parent.name, path.stem)
            final.parent.mkdir(exist_ok=True)
            path.rename(final)
    with File(room.folder / mf.file_of("excluded", "train"), "excluded") as file:
        for path in room.left_out:
            for records in read_aside(path):
                file.add(records)
    return counts


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


def _facts(terms: Terms, configs: dict[str, dict[str, int]], counts: "Counts") -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dataset": "minka",
        "version": terms.version,
        "cutoff": terms.cutoff.astimezone(dt.UTC).isoformat(),
        "configs": configs,
        "varieties": {name: dict(sorted(counts.varieties[name].items())) for name in SPLITS if name != "excluded"},
        "reasons": dict(sorted(counts.reasons.items())),
        "longest": {name: counts.longest[name] for name in SPLITS if name in counts.longest},
        "licences": {name: sorted(values) for name, values in counts.licences.items()},
        "permitted_use": {name: ["train"] for name, config in CONFIGS.items() if config.trains},
    }
