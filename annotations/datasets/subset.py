"""The part of a release whose licences all allow something, as a folder that loads like it:
`python -m annotations.datasets.subset DIR INTO --commercial`, or `--licence CC0-1.0 --licence …`.

One rule for every config: a row stays where all the licences it names are among those that are allowed, its source's,
its contribution's, and those of the outputs in it. What goes is counted, by config and licence. No Django here: whoever
receives a release can run it.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from annotations.datasets import manifest as mf
from annotations.datasets.rows import SPLITS
from annotations.datasets.verify import problems

NAME: Final = "subset.json"
COLUMNS: Final = (
    "source_licence", "contribution_licence", "output_licence", "chosen_licence", "rejected_licence", "licence",
)  # fmt: skip
SEVERAL: Final = "output_licences"
"""A licence for each output of a row."""
COMMERCIAL: Final = frozenset({
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "ODC-By-1.0", "ODbL-1.0", "PDDL-1.0", "Unlicense",
})  # fmt: skip
"""Licences by their SPDX names that let anybody use a text for money without asking; some ask to be named, or to hand
on under the same. A model's own licence (`llama3.1`) has conditions of its own: name it where you have read them."""


class NotSound(Exception):
    """The release is not what its manifest says."""


def subset(folder: Path, into: Path, allowed: Collection[str]) -> dict[str, Any]:
    """Write the rows of a release that these licences allow. What is told of it is in `subset.json`, and returned:
    `of` (version and release_id), `licences`, `rows` by config and split, `left_out` by config and licence.

    Raises:
        NotSound: the release does not pass its proof.
        FileExistsError: there is something at `into` already.
    """
    if found := problems(folder):
        raise NotSound("; ".join(found[:5]))
    manifest = json.loads((folder / mf.NAME).read_text("utf-8"))
    into.mkdir(parents=True)
    rows: dict[str, dict[str, int]] = {}
    left: dict[str, Counter[str]] = {}
    for config, splits in SPLITS.items():
        for split in splits if config != "excluded" else ():
            name = mf.file_of(config, split)
            if (folder / name).is_file():
                counted, gone = _file(folder / name, into / name, allowed)
                rows.setdefault(config, {})[split] = counted
                left.setdefault(config, Counter()).update(gone)
    told = {
        "of": {name: manifest[name] for name in ("version", "release_id")},
        "licences": sorted(allowed), "rows": rows,
        "left_out": {config: dict(sorted(gone.items())) for config, gone in left.items() if gone},
    }  # fmt: skip
    (into / NAME).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (into / "README.md").write_text("\n".join([*_card(told), ""]), "utf-8")
    return told


def _file(source: Path, target: Path, allowed: Collection[str]) -> tuple[int, Counter[str]]:
    """How many rows stay, and how many go by the first of their licences that is not allowed."""
    file, gone, kept = pq.ParquetFile(source), Counter[str](), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as out:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            refused = _refused(table, pa.array(sorted(allowed), pa.string()))
            gone.update(Counter(refused.drop_null().to_pylist()))
            stays = _without_corrections(table.filter(pc.is_null(refused)))
            kept += stays.num_rows
            out.write_table(stays)
    if not kept:
        target.unlink()
    return kept, gone


def _without_corrections(table: pa.Table) -> pa.Table:
    """`judgements` does not say under which licence the output came that somebody corrected: so its text goes there."""
    if "text" not in table.column_names or "kind" not in table.column_names:
        return table
    corrected = pc.equal(table.column("kind"), "correction")
    text = pc.if_else(corrected, pa.scalar(None, pa.string()), table.column("text"))
    return table.set_column(table.schema.get_field_index("text"), table.schema.field("text"), text)


def _refused(table: pa.Table, allowed: pa.Array) -> pa.ChunkedArray:
    """Of each row the licence that is not allowed; null where all are. A null licence is of an output that is none."""
    meta = table.column("meta").combine_chunks() if "meta" in table.column_names else None
    names = meta.type.names if meta is not None else table.column_names
    found = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    for name in [name for name in COLUMNS if name in names]:
        column = meta.field(name) if meta is not None else table.column(name)
        bad = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=allowed)))
        found = pc.coalesce(found, pc.if_else(bad, column, pa.scalar(None, pa.string())))
    if SEVERAL in names:
        told = {*allowed.to_pylist()}
        lists = table.column(SEVERAL).to_pylist()
        first = [next((licence for licence in several if licence not in told), None) for several in lists]
        found = pc.coalesce(found, pa.array(first, pa.string()))
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _card(told: dict[str, Any]) -> Iterator[str]:
    """So that `load_dataset` finds its configs."""
    yield from ("---", f"pretty_name: Part of Minka {told['of']['version']}", "configs:")
    for config, splits in told["rows"].items():
        if any(splits.values()):
            yield from (f"- config_name: {config}", "  data_files:")
        for split in [split for split, rows in splits.items() if rows]:
            yield from (f"  - split: {split}", f"    path: data/{config}/{split}-*.parquet")
    yield from ("---", "", f"# Part of Minka {told['of']['version']}", "")
    yield f"The rows of release `{told['of']['release_id']}` whose licences are all among these:"
    yield f"{', '.join(told['licences'])}. What stays, and what was left out by which licence, stands in `{NAME}`."


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m annotations.datasets.subset", description=__doc__)
    asked.add_argument("folder", type=Path, help="a release")
    asked.add_argument("into", type=Path, help="a folder that is not there yet")
    asked.add_argument("--commercial", action="store_true", help=f"allow {', '.join(sorted(COMMERCIAL))}")
    asked.add_argument("--licence", action="append", default=[], help="allow this one (too)")
    told = asked.parse_args(argv)
    allowed = {*told.licence, *(COMMERCIAL if told.commercial else ())}
    if not allowed:
        asked.error("name a licence, or --commercial")
    try:
        found = subset(told.folder, told.into, allowed)
    except (NotSound, FileExistsError) as refused:
        print(refused, file=sys.stderr)
        return 1
    for config, splits in found["rows"].items():
        gone = sum(found["left_out"].get(config, {}).values())
        print(f"{config}: {sum(splits.values()):,} rows, {gone:,} left out")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
