"""The rows of a config as JSON lines, for what reads no Parquet: `python -m annotations.datasets.jsonl DIR CONFIG`.

Made when they are asked for, and in no release: JSON forgets types, and Parquet is what is checked. No Django here.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from annotations.datasets import manifest as mf
from annotations.datasets.rows import SPLITS


def lines(folder: Path, config: str, split: str) -> Iterator[str]:
    """A line for each row of a split, in its order; none where the split has no rows."""
    path = folder / mf.file_of(config, split)
    if path.is_file():
        for batch in pq.ParquetFile(path).iter_batches(batch_size=2_000):
            yield from (json.dumps(row, ensure_ascii=False, default=_day) for row in batch.to_pylist())


def _day(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def main(argv: list[str]) -> None:
    asked = argparse.ArgumentParser(prog="python -m annotations.datasets.jsonl", description=__doc__)
    asked.add_argument("folder", type=Path, help="a release")
    asked.add_argument("config", choices=SPLITS)
    asked.add_argument("split", nargs="?", default="train")
    told = asked.parse_args(argv)
    sys.stdout.writelines(f"{line}\n" for line in lines(told.folder, told.config, told.split))


if __name__ == "__main__":
    main(sys.argv[1:])
