"""Every small mistake that could be made in some files, drawn from: `python -m tests.gates.mutations HOW_MANY SEED
FILE…`, in an environment that has cosmic-ray's operators and nothing of ours. A line of JSON each: the file, the line,
what was done, and the file as it would be.

At each place one mistake is drawn; then places are. What stands in an annotation is not run, and left out.
"""

import ast
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

LEFT_OUT = {"VariableReplacer", "VariableInserter"}
"""They change a name to chance."""
Place = tuple[int, int, int, int]


def mistakes(source: str) -> dict[Place, list[tuple[str, int]]]:
    """By place (line, column, last line, last column): which operators make one there, as how manieth of theirs."""
    tree, found, unrun = get_ast(source), defaultdict(list), list(annotations(source))
    for name in OperatorProvider():
        if name in LEFT_OUT:
            continue
        operator, nth = OperatorProvider()[name](), 0
        for node in ast_nodes(tree):
            for start, end in operator.mutation_positions(node):
                place = (*start, *end)
                if not any(one <= (start[0], start[1]) < other for one, other in unrun):
                    found[place].append((name, nth))
                nth += 1
    return dict(found)


def annotations(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for node in ast.walk(ast.parse(source)):
        for name in ("annotation", "returns"):
            if (one := getattr(node, name, None)) is not None:
                yield (one.lineno, one.col_offset), (one.end_lineno, one.end_col_offset)


def drawn(how_many: int, seed: int, names: list[str]) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)
    sources = {name: Path(name).read_text("utf-8") for name in names}
    places = [(name, place, several) for name in names for place, several in sorted(mistakes(sources[name]).items())]
    for name, place, several in chance.sample(places, min(how_many, len(places))):
        operator, nth = chance.choice(several)
        mutated = mutate_code(sources[name], OperatorProvider()[operator](), nth)
        yield {"file": name, "line": place[0], "what": operator, "places": len(places), "source": mutated}


if __name__ == "__main__":
    for one in drawn(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]):
        print(json.dumps(one))
