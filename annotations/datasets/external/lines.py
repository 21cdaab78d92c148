"""Reading votes that were given elsewhere: what an item's line is checked for (`corpus/lines.py`), and the vote.

Nothing here touches the database. A line that cannot be used becomes a `Problem`, and the others go on.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext as _

from annotations.assignments.models import Assignment
from annotations.assignments.queries import KEYS
from annotations.corpus.lines import BadLine, ItemLine, Problem, csv_objects, json_lines, read, short, tellable
from annotations.errors import Refused
from annotations.rating.actions import Ballot, check

ITEM: Final = frozenset({"id", "variety", "prompt", "outputs", "source", "licence", "permitted_use"})
"""Fields of an item's line that a vote has too."""
OWN: Final = frozenset({"answer", "annotator", "date"})
ANSWER: Final = ("preferred", "strength", "ranking")
MAX_NAME: Final = 200
LICENCE: Final = re.compile(r"[A-Za-z0-9.+-]+")
"""It stands in addresses, in YAML and in a citation."""
SUFFIXES: Final = (".jsonl", ".ndjson", ".json", ".csv")


@dataclass(frozen=True)
class VoteLine:
    """One checked vote. `item` is what was asked and answered; `annotator` is the importer's own name for who gave it,
    which is never kept. `permitted_use` is what the vote and each of its outputs permit, sorted."""

    item: ItemLine
    permitted_use: tuple[str, ...]
    preferred: str
    strength: int | None
    ranking: list[list[str]] | None
    annotator: str
    given_on: dt.date | None


def objects(name: str, file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Numbered raw objects of a JSONL or CSV file. In CSV the answer stands in the columns `preferred` and
    `strength`; a ranking cannot be said there."""
    if Path(name).suffix.lower() != ".csv":
        yield from json_lines(file)
        return
    for number, value in csv_objects(file):
        yield number, _with_answer(value) if isinstance(value, dict) else value


def _with_answer(row: dict[str, Any]) -> dict[str, Any]:
    answer = {name: row.pop(name) for name in ("preferred", "strength") if row.get(name)}
    if answer.get("strength") in ("1", "2"):
        answer["strength"] = int(answer["strength"])
    kept = {name: cell for name, cell in row.items() if cell != "" and name not in ("preferred", "strength")}
    return kept | {"answer": answer}


def read_votes(
    raw: Iterator[tuple[int, Any]], varieties: Collection[str], governed: Collection[str], default_source: str,
    default_licence: str,
) -> Iterator[VoteLine | Problem]:  # fmt: skip
    """Check numbered raw objects; yields a `VoteLine` or a `Problem` for each."""
    own: dict[int, dict[str, Any]] = {}

    def items() -> Iterator[tuple[int, Any]]:
        for number, value in raw:
            if isinstance(value, dict):
                own[number] = {name: each for name, each in value.items() if name not in ITEM}
                value = {"licence": default_licence} | {name: each for name, each in value.items() if name in ITEM}
            yield number, value

    for line in read(items(), varieties, governed, default_source):
        beside = own.pop(line.line if isinstance(line, Problem) else line.number, {})
        if isinstance(line, Problem):
            yield line
            continue
        try:
            yield _vote(line, beside)
        except BadLine as bad:
            yield Problem(line.number, bad.code, bad.name[:200], bad.reason[:200], line.id)


def _vote(line: ItemLine, beside: Mapping[str, Any]) -> VoteLine:
    if "role" in beside:
        raise BadLine("unknown_field", "role", _("what evaluates never comes in with votes of elsewhere"))
    if unknown := set(beside) - OWN:
        raise BadLine("unknown_field", tellable(min(unknown)), _("this field is not known"))
    if sampled := [place for place, output in enumerate(line.outputs) if output.params]:
        raise BadLine("unknown_field", f"outputs[{sampled[0]}].params", _("how it was sampled does not come along"))
    if not line.licence or not all(output.licence for output in line.outputs):
        raise BadLine("missing", "licence", _("nobody said under which licence it came"))
    if not all(LICENCE.fullmatch(each) for each in (line.licence, *(output.licence for output in line.outputs))):
        raise BadLine("invalid", "licence", _("this must be an SPDX identifier, such as CC-BY-4.0"))
    answer = _answer(beside.get("answer"))
    ballot = _ballot(answer, len(line.outputs))
    preferred = KEYS[ballot.preferred] if ballot.preferred is not None else ballot.outcome
    uses = set(line.permitted_use).intersection(*(output.permitted_use for output in line.outputs))
    return VoteLine(
        item=line, permitted_use=tuple(sorted(uses)), preferred=preferred, strength=answer.get("strength"),
        ranking=answer.get("ranking"), annotator=short(beside, "annotator", MAX_NAME),
        given_on=_day(beside.get("date")),
    )  # fmt: skip


def _answer(answer: Any) -> dict[str, Any]:
    """The answer as anybody gives it here. Reasons in words and aspects do not come along: nobody here asked for them,
    and free text may say who somebody is."""
    if answer is None:
        raise BadLine("missing", "answer", _("there is no vote in it"))
    if not isinstance(answer, dict):
        raise BadLine("invalid", "answer", _("a vote is an object: preferred, with a strength, or a ranking"))
    if unknown := set(answer) - {*ANSWER}:
        raise BadLine("unknown_field", f"answer.{tellable(min(unknown))}", _("this field is not known"))
    return {name: value for name, value in answer.items() if value is not None}


def _ballot(answer: Mapping[str, Any], outputs: int) -> Ballot:
    """Checked as an answer of this house is; its outputs by place."""
    try:
        return check(answer, Assignment(shown=list(range(outputs))))
    except Refused as refused:
        name = next(iter(refused.errors), "")
        raise BadLine("invalid", f"answer.{name}", str(refused.detail)) from None


def _day(value: Any) -> dt.date | None:
    """The day alone: of a moment, no more is kept."""
    if value is None:
        return None
    try:
        day = dt.datetime.fromisoformat(value).date()
    except (TypeError, ValueError):
        raise BadLine("invalid", "date", _("must be a day as 2025-11-23")) from None
    if day > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):  # tomorrow already, somewhere
        raise BadLine("invalid", "date", _("must not lie in the future"))
    return day
