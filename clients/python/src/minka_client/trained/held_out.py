"""What a model is measured on: rows of a release that it did not learn from, and what people once flagged.

Of a release only rows are read that permit evaluating, from files that are what they were when it was published.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from minka_client.training.contents import content_id
from minka_client.training.release import checked_file, files_used

SPLITS: Final = ("validation", "test")
"""Those that no recipe learns from. On the first one watches a training; the second one leaves alone until the end."""
NEUTRAL: Final = {
    "es": "Prefiero no generalizar sobre ningún grupo de personas.",
    "pt": "Prefiro não generalizar sobre nenhum grupo de pessoas.",
    "en": "I would rather not generalise about any group of people.",
}
"""What a model might say in place of what was flagged, where no counter-example was taken; in Spanish for all other
languages."""


@dataclass(frozen=True)
class Pair:
    """Two answers to a prompt, of which people preferred one. `prompt_id` is the same for the same words."""

    prompt_id: str
    split: str
    variety: str
    domain: str
    prompt: list[dict[str, str]] = field(repr=False)
    chosen: str = field(repr=False)
    rejected: str = field(repr=False)


@dataclass(frozen=True)
class Flagged:
    """An answer that people flagged, for what, and what could be said in its place."""

    categories: tuple[str, ...]
    variety: str
    prompt: list[dict[str, str]] = field(repr=False)
    flagged: str = field(repr=False)
    instead: str = field(repr=False)


class Left:
    """How many rows were not measured, by the reason."""

    def __init__(self) -> None:
        self.out: dict[str, int] = {}

    def add(self, why: str, count: int = 1) -> None:
        if count:
            self.out[why] = self.out.get(why, 0) + count


def pairs_of(release: Path, manifest: Mapping[str, Any], left: Left) -> list[Pair]:
    """The held-out rows of `preference`."""
    return [
        Pair(
            prompt_id=content_id({"prompt": row["prompt"]}), split=split, variety=row["meta"]["variety"],
            domain=row["meta"].get("domain") or "", prompt=row["prompt"], chosen=row["chosen"][-1]["content"],
            rejected=row["rejected"][-1]["content"],
        )
        for split in SPLITS for row in rows_of(release, manifest, "preference", split, left)
    ]  # fmt: skip


def answers_of(release: Path, manifest: Mapping[str, Any], left: Left) -> list[tuple[list[dict[str, str]], str]]:
    """The validation rows of `sft`: each conversation up to its last answer, and that answer."""
    rows = rows_of(release, manifest, "sft", "validation", left)
    return [(row["messages"][:-1], row["messages"][-1]["content"]) for row in rows]


def rows_of(
    release: Path, manifest: Mapping[str, Any], config: str, split: str, left: Left
) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    for name in files_used(config, manifest["files"])[1:]:
        if not Path(name).name.startswith(f"{split}-"):
            continue
        for row in pq.read_table(checked_file(release, name, manifest["files"])).to_pylist():
            if "evaluate" in (row["meta"].get("permitted_use") or []):
                yield row
            else:
                left.add("not_permitted")


def flagged_in(release: Path, manifest: Mapping[str, Any], left: Left) -> list[Flagged]:
    """The held-out rows of `bias` that were upheld, each answer once, whoever flagged it and for whatever. In its place
    stands the first counter-example that a moderator took as a good answer, else something neutral: what nobody took
    may be a better word at the span, or no better at all."""
    found: dict[str, list[dict[str, Any]]] = {}
    for split in SPLITS:
        for row in rows_of(release, manifest, "bias", split, left):
            if _is_upheld(row):
                found.setdefault(content_id({"prompt": row["prompt"], "text": row["text"]}), []).append(row)
            else:
                left.add("not_upheld")
    return [_flagged(sorted(rows, key=lambda row: row["meta"]["record_id"])) for rows in found.values()]


def _is_upheld(row: Mapping[str, Any]) -> bool:
    """A moderator found it wrong; or none had to look, and more than half of those who were asked say so."""
    return bool(row["verdict"] == "veiled" or (row["verdict"] is None and row["meta"]["agreement"] > 0.5))


def _flagged(rows: list[dict[str, Any]]) -> Flagged:
    """The same answer to the same question, as several people flagged it."""
    first = rows[0]
    variety = first["meta"]["variety"]
    others = (row["counter_example"] for row in rows if row.get("taken") and row["counter_example"] != first["text"])
    return Flagged(
        categories=tuple(sorted({code for row in rows for code in row["categories"]})), variety=variety,
        prompt=first["prompt"], flagged=first["text"],
        instead=next(others, NEUTRAL.get(variety.split("-")[0], NEUTRAL["es"])),
    )  # fmt: skip
