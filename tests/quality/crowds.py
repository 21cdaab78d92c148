"""Real crowds out of `tests/data`, as columns, and Dawid and Skene's model as it was published, to compare with."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Crowd:
    """Who said what of which item, in codes; `gold` of each item where its source knows it."""

    units: np.ndarray
    people: np.ndarray
    said: np.ndarray
    classes: int
    gold: np.ndarray | None = None

    @property
    def counts(self) -> np.ndarray:
        """Items by classes: how many said so."""
        flat = np.bincount(self.units * self.classes + self.said, minlength=(self.units.max() + 1) * self.classes)
        return flat.reshape(-1, self.classes)

    def right(self, answers: np.ndarray) -> float:
        """The share of items whose answer is that of the source."""
        return float((answers == self.gold).mean())


def _rows(path: str) -> list[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def labelled(name: str) -> Crowd:
    """`bluebirds` or `crowd-binary-5x1000`."""
    rows = _rows(f"crowds/{name}/labels.csv")
    gold = {row["item"]: int(row["gold"]) for row in _rows(f"crowds/{name}/gold.csv")}
    items, units = np.unique([row["item"] for row in rows], return_inverse=True)
    people = np.unique([row["worker"] for row in rows], return_inverse=True)[1]
    said = np.array([int(row["label"]) for row in rows])
    return Crowd(units, people, said, 2, np.array([gold[item] for item in items]))


def by_place(votes: list[list[int]], classes: int) -> Crowd:
    """Items by annotators' places, all of them judged by each."""
    table = np.array(votes)
    units, people = np.indices(table.shape)
    return Crowd(units.ravel(), people.ravel(), table.ravel(), classes)


def pandalm() -> Crowd:
    lines = (DATA / "pandalm/items.jsonl").read_text("utf-8").splitlines()
    return by_place([[("a", "b", "tie").index(vote) for vote in json.loads(line)["votes"]] for line in lines], 3)


def told_br() -> Iterator[tuple[str, Crowd]]:
    """Each label with its votes."""
    rows = _rows("crowds/told-br/votes.csv")
    for label in dict.fromkeys(column.rpartition("_")[0] for column in rows[0]):
        yield label, by_place([[int(row[f"{label}_{place}"]) for place in (1, 2, 3)] for row in rows], 2)


def mlqe() -> Crowd:
    return by_place([[int(score) for score in row.values()] for row in _rows("crowds/mlqe-ro-en/scores.csv")], 101)


def plain_dawid_skene(crowd: Crowd, rounds: int = 50) -> np.ndarray:
    """The answers of the model as it was published: nothing is shrunk, every person's table stands alone, all of it
    dense. What a hundredth of a judgement adds only keeps the logarithms finite."""
    people, classes = int(crowd.people.max()) + 1, crowd.classes
    votes = np.zeros((crowd.units.max() + 1, people, classes))
    votes[crowd.units, crowd.people, crowd.said] = 1
    belief = crowd.counts / crowd.counts.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        tables = np.einsum("ut,upc->ptc", belief, votes) + 0.01
        tables /= tables.sum(axis=2, keepdims=True)
        told = np.einsum("upc,ptc->ut", votes, np.log(tables)) + np.log(belief.mean(axis=0))
        belief = np.exp(told - told.max(axis=1, keepdims=True))
        belief /= belief.sum(axis=1, keepdims=True)
    return belief.argmax(axis=1)
