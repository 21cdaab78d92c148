"""Loading the seed tables of this chapter."""

import csv
from pathlib import Path

from django.db import transaction

from annotations.people.models import Variety

VARIETIES = Path(__file__).parent / "seeds" / "varieties.csv"


@transaction.atomic
def load_varieties(path: Path = VARIETIES) -> int:
    """Bring the table of varieties to what the file says, by tag; nothing is deleted. Returns the number of rows."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["tag"]: row for row in csv.DictReader(file)}
    varieties = [
        Variety(
            tag=tag, parent_id=row["parent_tag"] or None, lineage=_lineage(tag, rows), level=row["level"],
            governed=row["governed"], autonym=row["autonym"], name_es=row["name_es"], name_pt=row["name_pt"],
            name_en=row["name_en"], search_names=_list(row["search_names"]), countries=_list(row["countries"]),
            macro_zone=row["macro_zone"], iso639_3=row["iso639_3"], glottocode=row["glottocode"],
            direction=row["direction"], certainty=row["certainty"], notes=row["notes"],
        )
        for tag, row in sorted(rows.items(), key=lambda each: len(_lineage(each[0], rows)))
    ]  # fmt: skip
    fields = [field.name for field in Variety._meta.concrete_fields if not field.primary_key]
    Variety.objects.bulk_create(varieties, update_conflicts=True, unique_fields=["tag"], update_fields=fields)
    return len(varieties)


def _lineage(tag: str, rows: dict[str, dict[str, str]]) -> list[str]:
    """The tag, its parent, and so on to the root. A missing parent or a circle is a fault of the file."""
    lineage = [tag]
    while parent := rows[lineage[-1]]["parent_tag"]:
        if parent in lineage or parent not in rows:
            raise ValueError(f"{lineage[-1]}: the parent {parent!r} is missing or its own descendant")
        lineage.append(parent)
    return lineage


def _list(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]
