"""What the models of this chapter share: rows in one order, and chance that follows from them.

A result is a function of the rows and of nothing else. Rows are sorted before anything is summed, because the sum of
floating numbers depends on their order; the generator that draws people is seeded by the rows themselves.
"""

import hashlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST_PEOPLE: Final = 5
"""An interval drawn from fewer people would tell of them, not of what people say."""


def coded(keys: npt.ArrayLike) -> tuple[npt.NDArray[Any], Ints]:
    """The distinct keys, sorted, and each row's place among them."""
    distinct, places = np.unique(np.asarray(keys), return_inverse=True)
    return distinct, places.astype(np.int64).reshape(-1)


def chance_of(*columns: npt.NDArray[Any]) -> np.random.Generator:
    """A generator that is the same whenever the sorted columns are the same."""
    digest = hashlib.sha256()
    for column in columns:
        digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest.digest()[:16], "little")))


def drawn(chance: np.random.Generator, people: int) -> Floats:
    """How often each of so many people is drawn, with replacement: the weight of whatever they said."""
    return np.bincount(chance.integers(0, people, people), minlength=people).astype(np.float64)
