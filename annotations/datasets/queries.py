"""What stands in a release: generators of rows for each config, over a snapshot."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from annotations.corpus.personal_data import proven
from annotations.datasets import manifest as mf
from annotations.datasets.configs.base import Found, Query, Terms
from annotations.datasets.keeping.models import Edition
from annotations.datasets.models import Release
from annotations.datasets.rows import CONFIGS
from annotations.datasets.snapshot import Snapshot


def published() -> QuerySet[Release]:
    """Releases one can download, newest first."""
    return Release.objects.filter(state=Release.State.PUBLISHED, held_since=None).order_by("-cutoff", "-published_at")


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
    if release.held_since:
        return [mf.NAME]
    return [*release.manifest["files"], mf.NAME, mf.SUMS]


def found(query: Query) -> Found:
    """What is found of its rows that the database does not say; with `personal`, where people's own words are in them.
    Models' outputs were screened as they entered; what people wrote is screened here, where it would leave."""
    screened: Found = {"personal": (query.words, _shows_somebody)} if query.words else {}
    return {**screened, **query.found}


def _shows_somebody(*words: str | None) -> bool:
    return any(proven(each) for each in words if each)


@dataclass(frozen=True)
class Books:
    """What must come out, counted apart from the rows: acknowledged judgements, judged items by kind, and votes that
    were given elsewhere."""

    judgements: int
    items: dict[str, int]
    external: int

    @property
    def told(self) -> dict[str, Any]:
        """As a manifest says it."""
        return {"judgements": self.judgements, "items": self.items, "external": self.external}

    @property
    def whole(self) -> int:
        """Of each judgement and each external vote one, and of each item one in each config that has something to say
        of its kind."""
        items = sum(self.items.get(kind, 0) for config in CONFIGS.values() for kind in config.kinds)
        return self.judgements + items + self.external


def books(snapshot: Snapshot, terms: Terms) -> Books:
    """Counted in the same snapshot, by queries that share nothing with the rows' own."""
    count = snapshot.execute(
        "SELECT count(*) AS judgements,"
        " (SELECT count(*) FROM annotations_externalvote WHERE entered_at <= %(cutoff)s) AS external"
        " FROM annotations_exportable WHERE received_at <= %(cutoff)s", terms.facts,
    ).fetchone()  # fmt: skip
    judged = snapshot.execute(
        "SELECT kind, count(*) AS items FROM annotations_cell c WHERE EXISTS (SELECT 1 FROM annotations_exportable j"
        " WHERE j.cell_id = c.id AND j.received_at <= %(cutoff)s) GROUP BY kind ORDER BY kind", terms.facts,
    )  # fmt: skip
    assert count is not None
    return Books(count["judgements"], {row["kind"]: row["items"] for row in judged}, count["external"])


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
    by then, `revoked` the batches of external votes that were withdrawn: where either is more now, the release holds
    what it must not (`datasets/recalls/`)."""
    row = snapshot.execute(
        "SELECT coalesce((SELECT max(id) FROM annotations_verdict), 0) AS verdict,"
        " coalesce((SELECT max(consent_id) FROM annotations_exportable), 0) AS consent,"
        " coalesce((SELECT max(id) FROM annotations_opened), 0) AS opened,"
        " coalesce((SELECT max(id) FROM annotations_hiddenprompt), 0) AS hidden,"
        " (SELECT count(*) FROM annotations_reviewed WHERE outcome <> '') AS read,"
        " (SELECT count(*) FROM annotations_look WHERE decision <> '') AS looked,"
        " (SELECT count(*) FROM annotations_tombstone WHERE received_at <= %(cutoff)s) AS erased,"
        " (SELECT count(*) FROM annotations_externalbatch WHERE entered_at <= %(cutoff)s"
        " AND withdrawn_at IS NOT NULL) AS revoked",
        terms.facts,
    ).fetchone()
    assert row is not None
    return dict(row)
