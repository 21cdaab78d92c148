"""The ways out of a task, from `seeds/opt_outs.csv`: code, words in three languages, and what each counts as."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from annotations.people.texts import supported

BROKEN = "tarea_rota"
"""The way out that says the task itself is at fault."""
_FILE = Path(__file__).parent / "seeds" / "opt_outs.csv"


@dataclass(frozen=True)
class OptOut:
    code: str
    counts_as: str
    labels: tuple[tuple[str, str], ...]

    def label(self, language: str | None) -> str:
        return dict(self.labels)[supported(language)]


@cache
def opt_outs() -> tuple[OptOut, ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            OptOut(row["code"], row["counts_as"],
                   (("es", row["label_es"]), ("pt-BR", row["label_pt"]), ("en", row["label_en"])))
            for row in csv.DictReader(file)
        )  # fmt: skip


def codes() -> tuple[str, ...]:
    return tuple(each.code for each in opt_outs())
