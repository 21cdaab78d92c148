"""The first rows of each config, kept when a release is published, so that a page can show some.

They are the release's own rows in the order of their hash, so they are drawn at random; long texts are cut. Of a
campaign that a governed variety has any part in, by an item, a question or what a translation began with, nothing is
shown here, also where it became governed later: a row does not say all that its words came of.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from django.db.models import Q, QuerySet

from annotations.assignments.models import Campaign, Item
from annotations.datasets import manifest as mf
from annotations.datasets.models import Preview, Release
from annotations.datasets.rows import CONFIGS, SPLITS
from annotations.people.stewards.queries import governed
from annotations.translating.models import Translation

ROWS: Final = 5
MOST: Final = 400
"""Characters of a text that are shown."""


def keep_previews(release: Release, folder: Path) -> None:
    """Of every config that has rows and whose rows are no mere list of what is left out."""
    kept = [Preview(release=release, config=config, rows=rows) for config in CONFIGS if config != "excluded"
            if (rows := _first(folder, config))]  # fmt: skip
    Preview.objects.bulk_create(kept)


def _first(folder: Path, config: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq  # Arrow is the night's: at rest no process holds it

    for split in SPLITS[config]:
        if (path := folder / mf.file_of(config, split)).is_file():
            batch = next(pq.ParquetFile(path).iter_batches(batch_size=ROWS), None)
            return [_cut(row) for row in batch.to_pylist()] if batch else []
    return []


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value[:MOST]}…" if isinstance(value, str) and len(value) > MOST else value


def shown(release: Release, config: str) -> list[list[tuple[str, str]]] | None:
    """The rows as (column, text) pairs; what is null is left out. None where none of this config are kept."""
    preview = Preview.objects.filter(release=release, config=config).first()
    if preview is None:
        return None
    columns, stewards_part = CONFIGS[config].columns, have_a_part()
    return [_flat(row, columns) for row in preview.rows if not stewards_part(row)]


def have_a_part() -> Callable[[Mapping[str, Any]], bool]:
    """Of a row: whether a governed variety has any part in it, as far as it says, or in its campaign."""
    closed = set(governed().values_list("pk", flat=True))
    campaigns = set(_touched().values_list("slug", flat=True))

    def has(row: Mapping[str, Any]) -> bool:
        facts = {**row, **row.get("meta", {})}
        return bool(closed & _varieties(facts)) or facts.get("campaign") in campaigns

    return has


def _touched() -> QuerySet[Campaign]:
    """Campaigns that a governed variety has a part in."""
    closed = governed().values("pk")
    items = Item.objects.filter(Q(variety__in=closed) | Q(prompt__variety__in=closed) | Q(cells__variety__in=closed))
    begun = Translation.objects.filter(
        Q(started_from__judgement__judge_variety__in=closed) | Q(started_from__judgement__item__variety__in=closed)
    )
    return Campaign.objects.filter(
        Q(pk__in=items.values("campaign")) | Q(pk__in=begun.values("judgement__campaign"))
    )  # fmt: skip


def _varieties(facts: Mapping[str, Any]) -> set[str]:
    return {facts[name] for name in ("variety", "judged_as", "judge_variety", "source_variety") if facts.get(name)}


def _flat(row: dict[str, Any], columns: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Columns by their path (`meta.variety`), in the order of the config; turns as lines of role and words."""
    told: list[tuple[str, str]] = []
    for name, kind in columns.items():
        if isinstance(value := row.get(name), dict):
            told += [(f"{name}.{inner}", text) for inner, text in _flat(value, kind)]
        elif value not in (None, []):
            told.append((name, _as_text(value)))
    return told


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and isinstance(value[0], dict):
        return "\n".join(f"{turn['role']}: {turn['content']}" for turn in value)
    return json.dumps(value, ensure_ascii=False)
