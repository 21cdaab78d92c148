"""Run in `.venv-crowd`, by path: crowd-kit's Dawid and Skene over the rows of a file. Prints two numbers of seconds,
reading and settling, and the share of units whose answer is right."""

import sys
import time

import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene

ROUNDS = 10


def main(path: str) -> None:
    begin = time.perf_counter()
    rows = np.load(path)
    table = pd.DataFrame({"task": rows["units"], "worker": rows["people"], "label": rows["said"]})
    read = time.perf_counter()
    answers = DawidSkene(n_iter=ROUNDS).fit_predict(table)
    settled = time.perf_counter()
    right = (answers.to_numpy() == rows["truth"][answers.index.to_numpy()]).mean()
    print(read - begin, settled - read, right)


if __name__ == "__main__":
    main(sys.argv[1])
