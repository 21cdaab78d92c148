"""What boards count: settled votes as pairs, and scores, as the release of the same name leaves them in or out.

One reads them in the release's own order, by the hash of the item, so that a file of them tells no time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter
from typing import Any, Final, NamedTuple

from annotations.corpus.models import Use
from annotations.corpus.naming import says_who_it_is
from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    Row,
    Terms,
    item_of,
    judged,
    keyed,
    permitted_use,
    why_not_item,
)
from annotations.datasets.configs.scores import ASPECTS
from annotations.datasets.snapshot import Snapshot, stream

FIRST, SECOND = "first", "second"
LEVEL: Final = ("tie", "both_good", "both_bad")
"""What a pair came to: one of these, or which of the two is preferred, in the order they were shown."""
POINTS: Final = (*ASPECTS, "overall")


class Battle(NamedTuple):
    """Two answers that met in one vote, in the order the person saw them. `vote` and `item` are ids of the release,
    `variety` is the one it was judged in; lengths are in characters. `names_itself` where an answer says which model it
    is. `person` is negative where nobody is behind it any more, and goes into no file."""

    vote: str
    item: str
    variety: str
    domain: str
    role: str
    first_model: str
    second_model: str
    outcome: str
    first_length: int
    second_length: int
    names_itself: bool
    person: int


class Scored(NamedTuple):
    """One answer on the rubric by one person; `points` in the order of `POINTS`."""

    score: str
    item: str
    variety: str
    domain: str
    role: str
    model: str
    points: tuple[int, ...]
    names_itself: bool
    person: int


@dataclass(frozen=True)
class Naming:
    """Which outputs say which model they are: their keys. Texts are read once, and none is kept."""

    outputs: frozenset[int]

    @classmethod
    def read(cls, snapshot: Snapshot) -> "Naming":
        names = [row["name"] for row in snapshot.execute("SELECT name FROM annotations_modelversion")]
        rows = stream(snapshot, _TEXTS, {})
        return cls(frozenset(row["id"] for row in rows if says_who_it_is(row["text"], names)))


_TEXTS: Final = """
    SELECT o.id, o.text FROM annotations_output o
     WHERE EXISTS (SELECT 1 FROM annotations_itemoutput io JOIN annotations_cell c ON c.item_id = io.item_id
                    WHERE io.output_id = o.id AND c.done > 0 AND c.kind IN ('vote', 'score'))"""


def _asked(kind: str, said: str, settled: str) -> str:
    """Each settled cell of a kind with all a release knows of it, how long its outputs are, and what was said."""
    return f"""
    WITH judged AS ({judged(kind)})
    SELECT {keyed("cell", "c.id")} AS record_id, c.variety_id AS judged_as, judged.withdrawn, judged.may_train,
           said.said, lengths.lengths, outs.outputs, outs.models, {ITEM_COLUMNS}
      FROM judged {item_of("judged.cell_id")}
      JOIN LATERAL (SELECT array_agg(char_length(o.text) ORDER BY io.position) AS lengths
                      FROM annotations_itemoutput io JOIN annotations_output o ON o.id = io.output_id
                     WHERE io.item_id = i.id) lengths ON true
      JOIN LATERAL (SELECT jsonb_agg({said}) AS said FROM annotations_exportable j
                      JOIN annotations_{kind} a ON a.judgement_id = j.id
                     WHERE j.cell_id = c.id AND j.counted AND j.received_at <= %(cutoff)s) said ON true
     WHERE {settled}
     ORDER BY 1"""  # noqa: S608 -- constants of this file


_WHO: Final = f"'id', {keyed('judgement', 'j.id')}, 'person', coalesce(j.person_id, -j.id)"
_VOTES: Final = _asked(
    "vote",
    f"jsonb_build_object({_WHO}, 'shown', j.shown, 'outcome', a.outcome, 'preferred', a.preferred_id,"
    " 'ranking', a.ranking)",
    "EXISTS (SELECT 1 FROM annotations_verdict v"
    " WHERE v.cell_id = c.id AND v.superseded_at IS NULL AND v.evidence_until <= %(cutoff)s)",
)
_SCORES: Final = _asked(
    "score",
    f"jsonb_build_object({_WHO}, 'points', a.points || jsonb_build_object('overall', a.overall))",
    "jsonb_array_length(said.said) >= c.needed",
)


def battles(snapshot: Snapshot, terms: Terms, naming: Naming) -> Iterator[Battle]:
    """Every pair of every counted vote on a settled item."""
    for row in _told(snapshot, _VOTES, terms):
        of = {output: (model, length) for output, model, length in
              zip(row["outputs"], row["models"], row["lengths"], strict=True)}  # fmt: skip
        for vote in sorted(row["said"], key=itemgetter("id")):
            for one, other, outcome in pairs(vote):
                (first, first_length), (second, second_length) = of[one], of[other]
                if first != second:
                    yield Battle(
                        vote["id"], row["item_id"], row["judged_as"], row["domain"] or "", row["role"], first, second,
                        outcome, first_length, second_length, not naming.outputs.isdisjoint((one, other)),
                        vote["person"],
                    )  # fmt: skip


def pairs(vote: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """A vote as pairs of outputs, in the order shown, each with what it came to. A ranking says of every two which
    stands in the higher tier, and in the same one they are level: the rule by which a release reads it, too
    (`quality/rules.py:_signed`)."""
    tiers = enumerate(vote["ranking"] or ())
    tier = {output: place for place, members in tiers for output in members}
    for one, other in combinations(vote["shown"], 2):
        if tier:
            yield one, other, _of_tiers(tier[one], tier[other])
        elif vote["outcome"] in LEVEL:
            yield one, other, vote["outcome"]
        elif vote["preferred"] in (one, other):
            yield one, other, FIRST if vote["preferred"] == one else SECOND


def _of_tiers(one: int, other: int) -> str:
    if one == other:
        return "tie"
    return FIRST if one < other else SECOND


def scored(snapshot: Snapshot, terms: Terms, naming: Naming) -> Iterator[Scored]:
    """Every counted score of an answer that as many people scored as were asked."""
    for row in _told(snapshot, _SCORES, terms):
        for score in sorted(row["said"], key=itemgetter("id")):
            yield Scored(
                score["id"], row["item_id"], row["judged_as"], row["domain"] or "", row["role"], row["models"][0],
                tuple(score["points"][name] for name in POINTS), row["outputs"][0] in naming.outputs, score["person"],
            )  # fmt: skip


def _told(snapshot: Snapshot, sql: str, terms: Terms) -> Iterator[Row]:
    """What a release tells, and may be used to compare models: to evaluate is a use like any other."""
    for row in stream(snapshot, sql, terms.facts):
        uses = permitted_use(row)
        if Use.EVALUATE in uses and not why_not_item(row, uses):
            yield row


def columns(kind: type[Battle] | type[Scored]) -> Sequence[str]:
    """What a file says of each: everything but the person, and points by their names."""
    return [name for each in kind._fields if each != "person" for name in (POINTS if each == "points" else (each,))]


def values(told: Battle | Scored) -> list[Any]:
    found: list[Any] = []
    for name, each in told._asdict().items():
        if name != "person":
            found += each if name == "points" else [each]
    return found
