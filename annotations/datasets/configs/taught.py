"""What was flagged, and how it would be said well, as pairs of `preference`: who is taught, and who is asked.

A flag that was upheld goes one of two ways, by the split of its question's group, and never both. In `train` its
counter-example is the better of two answers, where a moderator took it as one. In `validation` and `test` it stands in
`bias` alone, and the next model is asked: `evaluate.py` looks which of the two it finds likelier (`docs/adr/0027`).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from annotations.datasets.configs.base import OUTPUT, PROMPT, Part, Routed, Row, Terms, meta_of, permitted_use, says
from annotations.datasets.configs.bias import METHOD, flags, why_no_flag

PEOPLE: Final = "people"
"""In the place of a model's name, where somebody of the community wrote it."""
MUCH: Final = 2.0
"""Who says that something is wrong says "much better" of the other; who does not, "level"."""


def _routed(rows: Iterable[Row], terms: Terms) -> Iterator[Routed]:
    """Every row is `derived`: the item stands in the book of `bias`."""
    for row in rows:
        uses = permitted_use(row)
        if _is_taught(row, uses):
            yield "preference", "train", _made(row, uses, terms)


def _is_taught(row: Row, uses: list[str]) -> bool:
    """All who count make the margin, so each of them must let it be trained on, and stand by it still: a clean release
    is made without counting anew."""
    upheld = row["verdict"] == "veiled" and row["heard"] and row["taken"]
    another = (row["counter_example"] or "").strip() not in ("", row["text"].strip())
    may = row["split"] == "train" and row["voices_train"] and not row["personal"] and not why_no_flag(row, uses)
    return bool(upheld and another and may)


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    facts = row | {
        "chosen_model": PEOPLE, "chosen_licence": row["contribution_licence"], "rejected_model": row["models"][0],
        "rejected_licence": row["licences"][0], "method": METHOD, "consent_versions": row["voices_versions"],
    }  # fmt: skip
    meta = meta_of(facts, uses, terms, "chosen_model", "chosen_licence", "rejected_model", "rejected_licence")
    return {
        "prompt": row["messages"],
        "chosen": [says("assistant", row["counter_example"].strip())],
        "rejected": [says("assistant", row["text"])],
        "margin": MUCH * row["agreement"],
        "meta": meta | {"derived": True},
    }


TAUGHT: Final = Part(flags(" AND f.taken"), _routed, words=("counter_example",), refers=PROMPT | OUTPUT)
