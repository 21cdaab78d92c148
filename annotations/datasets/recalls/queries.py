"""Which releases hold what was erased since, which of their records, and what is told of it."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from annotations.assignments.models import Tombstone
from annotations.datasets import manifest as mf
from annotations.datasets.ending import refuse_ended
from annotations.datasets.external.models import ExternalBatch
from annotations.datasets.folders import folder_of
from annotations.datasets.membership import EXTERNAL_VOTES, held, held_under
from annotations.datasets.models import Release
from annotations.datasets.names import next_name
from annotations.datasets.recalls.models import Retraction
from annotations.datasets.rows import CONFIGS, QUERIES, SPLITS
from annotations.errors import Refused


def erased_since(release: Release) -> int:
    """How many judgements were erased that were there when the release was made, and documents of external votes
    withdrawn.

    A tombstone is laid in the transaction that takes its judgement away, and nothing is received behind a cutoff: what
    a snapshot did not count among the erased of before the cutoff, it had among the living, and every one of these is
    in the release, as a row or with the reason why not. A document is withdrawn in the transaction that takes its votes
    away, so that the same holds for it.
    """
    known = release.manifest["inputs"]["decisions"]
    erased = Tombstone.objects.filter(received_at__lte=release.cutoff).count() - int(known.get("erased", 0))
    return erased + withdrawn_by(release).count() - int(known.get("revoked", 0))


def withdrawn_by(release: Release) -> QuerySet[ExternalBatch]:
    """Documents that were withdrawn, of those whose votes a release may hold."""
    return ExternalBatch.objects.filter(withdrawn_at__isnull=False, entered_at__lte=release.cutoff)


def holding_erased() -> list[Release]:
    """Releases that hold what was erased since and are not recalled, newest first: expired ones too, because whoever
    took them has it still."""
    erased = Tombstone.objects.filter(received_at__lte=OuterRef("cutoff"))
    revoked = ExternalBatch.objects.filter(withdrawn_at__isnull=False, entered_at__lte=OuterRef("cutoff"))
    rows = Release.objects.exclude(state=Release.State.RECALLED).alias(
        erased=_many(erased), revoked=_many(revoked), known=_told("erased"), known_revoked=_told("revoked")
    )
    rows = rows.filter(Q(erased__gt=F("known")) | Q(revoked__gt=F("known_revoked")))
    return list(rows.order_by("-cutoff", "-published_at").defer("manifest"))


def _many(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().annotate(many=Func(F("pk"), function="count")).values("many"))


def _told(name: str) -> Coalesce:
    return Coalesce(Cast(KT(f"manifest__inputs__decisions__{name}"), IntegerField()), 0)


def refuse_erased(release: Release) -> None:
    """Raises `Refused`, `recalled` or `expired`, where a release ended or must; `errors` say what must go and what
    comes instead."""
    if release.state == Release.State.PUBLISHED and erased_since(release):
        gone = to_be_withdrawn(release)
        raise Refused("recalled", errors={"replaced_by": next_name(release.version), "records": gone})
    refuse_ended(release)


def refuse_what_must_go(release: Release) -> None:
    """The same for a page, which reads no file and says no more; and `not_open` while it is held."""
    if release.held_since:
        refuse_ended(release)
    if release.state == Release.State.PUBLISHED and erased_since(release):
        raise Refused("recalled", errors={"replaced_by": next_name(release.version)})


def recalled() -> QuerySet[Release]:
    return Release.objects.filter(state=Release.State.RECALLED)


def open_retractions() -> QuerySet[Retraction]:
    """Asked for, and nobody confirmed them yet; the oldest first."""
    return Retraction.objects.filter(confirmed_at=None, dropped_at=None).order_by("asked_at", "pk")


def without_successor() -> QuerySet[Release]:
    """Recalled releases whose clean one is not there yet."""
    return recalled().filter(replaced_by=None, reason=Release.Reason.ERASED, expired_at=None)


def withdrawals(after: int = 0) -> QuerySet[Release]:
    """Recalls, the last first; `after` is the number of the last one that is known already. A recall gets its number
    under the lock of publishers, so none with a lower one comes later."""
    return recalled().filter(recall_number__gt=after).order_by("-recall_number")


def to_be_withdrawn(release: Release) -> dict[str, list[str]]:
    """The ids of the records that rest on what was erased, by config, sorted: of what was written into the release, and
    of all where its files are not there any more. Empty when the release has no membership, and it is not known."""
    gone = set(Tombstone.objects.filter(received_at__lte=release.cutoff).values_list("judgement_id", flat=True))
    documents = set(withdrawn_by(release).values_list("pk", flat=True))
    touched: dict[str, set[str]] = defaultdict(set)
    for query, record in chain(held(release, gone), held_under(release, documents)):
        for config in _CONFIGS_OF[query]:
            touched[config].add(record)
    return {config: found for config in CONFIGS if (found := sorted(_written(release, config, touched[config])))}


_CONFIGS_OF = {
    name: [config.name for config in CONFIGS.values() if query in [part.query for part in config.parts]]
    for query, name in QUERIES.items()
}
_CONFIGS_OF["judgements/0"] = ["judgements", "excluded"]
_CONFIGS_OF[EXTERNAL_VOTES] = ["external", "excluded"]
"""By query, the configs in which its records stand. Of a judgement that is left out, and of an external vote,
`excluded` has the id."""


def _written(release: Release, config: str, records: set[str]) -> set[str]:
    files = [folder_of(release.version) / mf.file_of(config, split) for split in SPLITS[config]]
    if not records or not (folder_of(release.version) / mf.NAME).is_file():
        return records
    return {record for file in files if file.is_file() for record in _ids(file, config) if record in records}


def _ids(file: Path, config: str) -> Iterator[str]:
    import pyarrow.parquet as pq  # Arrow is the night's: at rest no process holds it

    inside = "meta" in CONFIGS[config].columns
    for batch in pq.ParquetFile(file).iter_batches(columns=["meta.record_id" if inside else "id"]):
        for row in batch.to_pylist():
            yield row["meta"]["record_id"] if inside else row["id"]
