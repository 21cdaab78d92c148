"""What stands in a release: generators of rows for each config, over a snapshot."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from annotations.corpus.personal_data import proven
from annotations.datasets import manifest as mf
from annotations.datasets.configs.base import Part, Routed, Row, Terms
from annotations.datasets.keeping.models import Edition
from annotations.datasets.models import Release
from annotations.datasets.snapshot import Snapshot


def published() -> QuerySet[Release]:
    """Releases one can download, newest first."""
    return Release.objects.filter(state=Release.State.PUBLISHED).order_by("-cutoff", "-published_at")


def told() -> QuerySet[Any]:
    """Every release there was, newest first, the clean one before the one it replaces; without what must go of it.
    `named` is the edition it is, `{"slug": …, "title": …}`, or None."""
    edition = Edition.objects.filter(release__cutoff=OuterRef("cutoff"))
    named = Subquery(edition.order_by().values(told=JSONObject(slug="slug", title="title")))
    rows = Release.objects.order_by("-cutoff", "-published_at").annotate(named=named)
    return rows.select_related("replaces", "replaced_by").defer(
        "withdrawn", "replaces__withdrawn", "replaces__manifest", "replaced_by__withdrawn", "replaced_by__manifest"
    )  # fmt: skip


def names_of(release: Release) -> list[str]:
    """The names of a release's files as they are now."""
    if release.state != Release.State.PUBLISHED:
        return [mf.NAME, mf.TOMBSTONE]
    return [*release.manifest["files"], mf.NAME, mf.SUMS]


def screened(part: Part, rows: Iterable[Row]) -> Iterator[Row]:
    """Models' outputs were screened as they entered; what people wrote is screened here, where it would leave."""
    for row in rows:
        yield row | {"personal": any(proven(row[name]) for name in part.words if row[name])}


@dataclass(frozen=True)
class Books:
    """What must come out, counted apart from the rows: acknowledged judgements, and judged items by kind."""

    judgements: int
    items: dict[str, int]


def books(snapshot: Snapshot, terms: Terms) -> Books:
    """Counted in the same snapshot, by queries that share nothing with the rows' own."""
    count = snapshot.execute(
        "SELECT count(*) AS judgements FROM annotations_exportable WHERE received_at <= %(cutoff)s", terms.facts
    ).fetchone()
    judged = snapshot.execute(
        "SELECT kind, count(*) AS items FROM annotations_cell c WHERE EXISTS (SELECT 1 FROM annotations_exportable j"
        " WHERE j.cell_id = c.id AND j.received_at <= %(cutoff)s) GROUP BY kind ORDER BY kind", terms.facts,
    )  # fmt: skip
    assert count is not None
    return Books(count["judgements"], {row["kind"]: row["items"] for row in judged})


def labels(snapshot: Snapshot, terms: Terms, varieties: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """TK and BC Labels of these varieties at the cutoff, by variety; `campaign` and `record` where one is for those."""
    found: dict[str, list[dict[str, str]]] = {}
    rows = snapshot.execute(
        "SELECT variety_id, campaign, record, system, local_contexts_id AS id, name, community, url, image_alt"
        "  FROM annotations_communitylabel"
        " WHERE variety_id = ANY(%(varieties)s) AND added_at <= %(cutoff)s"
        "   AND (ended_at IS NULL OR ended_at > %(cutoff)s)"
        " ORDER BY variety_id, annotations_communitylabel.id",
        terms.facts | {"varieties": list(varieties)},
    )  # fmt: skip
    for row in rows:
        found.setdefault(row.pop("variety_id"), []).append({name: value for name, value in row.items() if value})
    return found


def watermark(snapshot: Snapshot, terms: Terms) -> dict[str, int]:
    """How far decisions had come in the snapshot. `erased` counts the judgements of before the cutoff that were erased
    by then: where it is more now, the release holds what it must not (`datasets/recalls/`)."""
    row = snapshot.execute(
        "SELECT coalesce((SELECT max(id) FROM annotations_verdict), 0) AS verdict,"
        " coalesce((SELECT max(consent_id) FROM annotations_exportable), 0) AS consent,"
        " coalesce((SELECT max(id) FROM annotations_opened), 0) AS opened,"
        " coalesce((SELECT max(id) FROM annotations_hiddenprompt), 0) AS hidden,"
        " (SELECT count(*) FROM annotations_reviewed WHERE outcome <> '') AS read,"
        " (SELECT count(*) FROM annotations_look WHERE decision <> '') AS looked,"
        " (SELECT count(*) FROM annotations_tombstone WHERE received_at <= %(cutoff)s) AS erased",
        terms.facts,
    ).fetchone()
    assert row is not None
    return dict(row)


@dataclass
class Counts:
    """What a card tells of the rows, counted as they pass: by variety in each config, excluded ones by config and
    reason, and the characters of the longest conversation of each config that has some."""

    varieties: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[str] = field(default_factory=Counter)
    longest: Counter[str] = field(default_factory=Counter)

    def passing(self, rows: Iterator[Routed]) -> Iterator[Routed]:
        for config, split, row in rows:
            if config == "excluded":
                self.reasons[f"{row['config']}/{row['reason']}"] += 1
            else:
                self.varieties[config][row["meta"]["variety"] if "meta" in row else row["variety"]] += 1
                if length := _characters(row):
                    self.longest[config] = max(self.longest[config], length)
            yield config, split, row


def _characters(row: Row) -> int:
    """Of a conversation and its longest answer, in Unicode code points."""
    if "chosen" in row:
        return _length(row["prompt"]) + max(_length(row["chosen"]), _length(row["rejected"]))
    return sum(_length(row[name]) for name in _TURNS if name in row)


_TURNS = ("messages", "prompt", "completion")


def _length(turns: list[dict[str, str]]) -> int:
    return sum([len(turn["content"]) for turn in turns])
