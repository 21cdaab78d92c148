"""An evaluation, told as a table. No text of anybody is in it."""

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]


def table(document: Document) -> list[str]:
    lines = [*_preferences(document["preference"]), *_flags(document["flagged"])]
    if sft := document["sft"]:
        lines.append(f"loss of the answers of sft/validation, {sft['rows']} rows: {_both(sft, '.3f')}")
    return [*lines, *(f"left out, {why}: {count}" for why, count in document["left_out"].items())]


def _preferences(told: Document | None) -> Iterator[str]:
    if not told:
        return
    yield _row("preferred answer is likelier", "rows", "model", "base", "gain")
    yield from _cell("held out", told["held_out"])
    for kind in ("splits", "variety", "domain"):
        for value, cell in told[kind].items():
            yield from _cell(f"  {value}", cell)


def _cell(name: str, cell: Document) -> Iterator[str]:
    for measure, label, rows in (("sum", name, cell["rows"]), ("per_token", f"{name}, per token", "")):
        yield _row(label, rows, *(_figure((cell.get(who) or {}).get(measure)) for who in ("model", "base", "gain")))


def _row(label: str, rows: Any, *figures: str) -> str:
    return f"{label:<36}{rows:>6}  {''.join(f'{each:<23}' for each in figures)}".rstrip()


def _figure(told: Mapping[str, float] | None) -> str:
    return f"{told['value']:.3f} ({told['low']:.3f}–{told['high']:.3f})" if told else "–"


def _flags(told: Document | None) -> Iterator[str]:
    if not told:
        return
    yield f"flagged, {told['items']} items, of which pass: {_both(told, 'd')}"
    for kind in ("category", "variety"):
        for value, cell in told[kind].items():
            yield f"  {value}, {cell['items']}: {_both(cell, 'd')}"


def _both(told: Document, form: str) -> str:
    return ", ".join(f"{who} {told[who]:{form}}" for who in ("model", "base") if who in told)
