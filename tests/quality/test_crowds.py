"""What the models say of real crowds whose truth, or whose agreement, is known. `make bench` writes the same figures
into `docs/figures.md`."""

import numpy as np
import pytest

from annotations.quality.agreement import alpha
from annotations.quality.dawid_skene import fit
from tests.quality.crowds import Crowd, labelled, mlqe, pandalm, plain_dawid_skene, told_br

EXPECTED = {
    "homophobia": 0.5255, "obscene": 0.3003, "insult": 0.3696, "racism": 0.2337, "misogyny": 0.2847,
    "xenophobia": 0.2393,
}  # fmt: skip


def settled(crowd: Crowd) -> np.ndarray:
    one = np.zeros_like(crowd.units)
    return fit(
        units=crowd.units, people=crowd.people, said=crowd.said, varieties=one, classes=crowd.classes
    ).answers()  # fmt: skip


def alpha_of(crowd: Crowd, level: str) -> float | None:
    found = alpha(units=crowd.units, people=crowd.people, values=crowd.said, level=level, resamples=0)
    return found.alpha


@pytest.mark.parametrize("name", ["bluebirds", "crowd-binary-5x1000"])
def test_the_model_is_never_below_the_majority_and_as_good_as_the_published_one(name: str) -> None:
    crowd = labelled(name)
    majority, published = crowd.right(crowd.counts.argmax(axis=1)), crowd.right(plain_dawid_skene(crowd))
    assert crowd.right(settled(crowd)) >= max(majority, published - 0.005)


def test_of_three_careful_annotators_the_model_says_what_their_strict_majority_says() -> None:
    crowd = pandalm()
    majority = 2 * crowd.counts.max(axis=1) > crowd.counts.sum(axis=1)
    assert (settled(crowd) == crowd.counts.argmax(axis=1))[majority].all()


@pytest.mark.parametrize(
    ("name", "expected"), [("bluebirds", 0.1255), ("crowd-binary-5x1000", 0.4059), ("pandalm", 0.8642)]
)
def test_labels_agree_as_much_as_their_source_says(name: str, expected: float) -> None:
    crowd = pandalm() if name == "pandalm" else labelled(name)
    assert alpha_of(crowd, "nominal") == pytest.approx(expected, abs=5e-4)


def test_flags_agree_as_little_as_their_source_says() -> None:
    assert {label: alpha_of(crowd, "nominal") for label, crowd in told_br()} == pytest.approx(EXPECTED, abs=5e-4)


def test_scores_agree_as_much_as_their_source_says() -> None:
    assert alpha_of(mlqe(), "interval") == pytest.approx(0.8056, abs=5e-4)
