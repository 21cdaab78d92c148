"""What was flagged, and how it would be said well, as pairs of `preference`: who is taught, and who is asked.

A flag that was upheld goes one of two ways, by the split of its question's group, and never both. In `train` its
counter-example is the better of two answers, where a moderator took it as one. In `validation` and `test` it stands in
`bias` alone, and the next model is asked: `evaluate.py` looks which of the two it finds likelier (`docs/adr/0027`).
"""

from typing import Final

from annotations.datasets.configs.base import Part, Row, Terms, meta_of, says
from annotations.datasets.configs.bias import DECIDED, METHOD, flags, why_no_flag

PEOPLE: Final = "people"
"""In the place of a model's name, where somebody of the community wrote it."""
MUCH: Final = 2.0
"""Who says that something is wrong says "much better" of the other; who does not, "level"."""


def _why(row: Row, uses: list[str]) -> str:
    """All who count make the margin, so each of them must let it be trained on, and stand by it still: a clean release
    is made without counting anew."""
    if reason := why_no_flag(row, uses):
        return reason
    upheld = row["verdict"] == "veiled" and row["heard"] and row["taken"] and row["says_another"]
    may = row["split"] == "train" and row["voices_train"] and not row["personal"]
    return "" if upheld and may else "untaught"


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    """`derived`: the item stands in the book of `bias`."""
    facts = row | {
        "chosen_model": PEOPLE, "chosen_licence": row["contribution_licence"], "rejected_model": row["model"],
        "rejected_licence": row["output_licence"], "method": METHOD, "consent_versions": row["voices_versions"],
        "derived": True,
    }  # fmt: skip
    return {
        "prompt": row["messages"],
        "chosen": [says("assistant", row["counter_example"])],
        "rejected": [says("assistant", row["text"])],
        "margin": MUCH * row["agreement"],
        "meta": meta_of(facts, uses, terms, "chosen_model", "chosen_licence", "rejected_model", "rejected_licence"),
    }


TAUGHT: Final = Part(
    flags(" AND f.taken"), _why, _made, decides=(*DECIDED, "says_another", "voices_train", "agreement"), left="nothing"
)
