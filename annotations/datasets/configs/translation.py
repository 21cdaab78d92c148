"""`translation`: a text and how it is said in another variety, in the words that readers accepted."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import META, Config, Part, Row, Terms, meta_of
from annotations.datasets.configs.texts import REASONS, STOOD, evidence, why_no_text, written

COLUMNS: Final[Mapping[str, Any]] = {
    "source": "text",
    "target": "text",
    "source_variety": "text",
    "variety": "text",
    "orthography": "text?",
    "started_from": "text?",
    "distance": "int?",
    "valid_here": "bool",
    "edited": "bool",
    "meta": META,
}


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    same = ("source_variety", "variety", "started_from", "distance", "valid_here")
    return {name: row[name] for name in same} | {
        "source": row["asked"],
        "target": row["text"],
        "orthography": row["orthography"],
        "edited": row["reading"] == "edited",
        "meta": meta_of(evidence(row), uses, terms),
    }


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    if not (row["source"] or "").strip() or not (row["target"] or "").strip():
        yield "one of the two texts is empty"
    if row["started_from"] is not None and row["distance"] is None:
        yield "it began with another text, and does not say how far it went from it"


TRANSLATION = Config(
    name="translation",
    about="texts and their accepted translations, from one variety into another",
    told="One row for each translation that two readers accepted, in the words that they accepted. `distance` counts"
    " the characters it differs by from the accepted translation it was begun with.",
    columns=COLUMNS,
    kinds=("translation",),
    parts=(
        Part(
            written("translation"),
            why_no_text,
            _made,
            decides=(*STOOD, "reading"),
        ),
    ),
    reasons=REASONS,
    wrong=_wrong,
)
