"""How the house is doing, for Prometheus (`deploy/watching/`): what the rows say at each scrape, and what web and
worker counted since they started.

Rows are read in the same time however much there is: sums that are kept, what waits, the newest of something. Counts
are of all processes together: each writes its own file in `PROMETHEUS_MULTIPROC_DIR`, which `make up` sets and empties
at every start. Whoever runs the programs under another parent gives them one folder, or each scrape meets one process.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from celery.signals import task_failure, task_success
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import sync_only_middleware
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from annotations.assignments.models import Assignment, Judgement
from annotations.assignments.queries import open_campaigns
from annotations.assignments.tallies.queries import progress, settled
from annotations.datasets.models import Release
from annotations.datasets.night import late_by
from annotations.datasets.recalls import late as recalls
from annotations.quality.queries import due_cells
from minka.pages import in_api

_own: Final = CollectorRegistry()
"""What this process counts, where there is no folder for all."""
RESPONSES: Final = Counter(
    "minka_http_responses", "Answers to requests, by the hundred of their status", ["status"], registry=_own
)
SECONDS: Final = Histogram(
    "minka_http_seconds", "How long a request took: `next` and `answer` of a turn, other pages, other calls of the API",
    ["what"], registry=_own, buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4),
)  # fmt: skip
JOBS: Final = Counter("minka_jobs", "Jobs the worker ended, by how", ["outcome"], registry=_own)


@sync_only_middleware
def counted(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Counts what is answered, faults among it: what is inside has made a page of them already."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begin = time.perf_counter()
        response = get_response(request)
        RESPONSES.labels(f"{response.status_code // 100}xx").inc()
        SECONDS.labels(_what(request)).observe(time.perf_counter() - begin)
        return response

    return middleware


_TURNS: Final = {
    "api/v1/campaigns/<slug:slug>/next/": "next", "api/v1/judgements/<uuid:key>/": "answer",
    "<table:table>/": "next", "c/<slug:slug>/<table:table>/": "next",
    "<table:table>/send/": "answer", "c/<slug:slug>/<table:table>/send/": "answer",
}  # fmt: skip


def _what(request: HttpRequest) -> str:
    route = request.resolver_match.route if request.resolver_match else ""
    return _TURNS.get(route, "api" if in_api(request) else "page")


@task_success.connect
def _done(**_signal: Any) -> None:
    JOBS.labels("done").inc()


@task_failure.connect
def _failed(**_signal: Any) -> None:
    JOBS.labels("failed").inc()


@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    """All of it. A database that is away is told as that, beside what the processes counted."""
    registry = CollectorRegistry()
    try:
        found = list(_from_rows())
    except DatabaseError:
        found = []
    found.append(("minka_database_up", "Whether the database answers", bool(found)))
    for name, text, value in found + list(_from_the_disk()):
        Gauge(name, text, registry=registry).set(value)
    return HttpResponse(_counted() + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _counted() -> bytes:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return bytes(generate_latest(_own))
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(everybody))


def _from_rows() -> Iterator[tuple[str, str, float]]:
    """Name, what it is, value."""
    now, so_far = timezone.now(), progress()
    newest = Release.objects.order_by("-cutoff").first()
    last = Judgement.objects.order_by("-pk").only("received_at").first()
    held = Assignment.objects.filter(state=Assignment.State.HELD)
    first_due = held.aggregate(first=Min("expires_at"))["first"]
    messages, waiting = _queue()
    yield "minka_judgements", "Judgements that count", so_far.done
    yield "minka_judgements_needed", "Judgements that items need, those there among them", so_far.needed
    yield (
        "minka_judgements_received",
        "Numbers given to judgements so far: grows with every answer",
        last.pk if last else 0,
    )
    yield "minka_last_judgement_seconds", "When the newest answer came, Unix time", _unix(last and last.received_at)
    yield "minka_campaigns_open", "Campaigns that are open", open_campaigns().count()
    yield "minka_cells", "Cells that are or were somebody's work", so_far.items
    yield "minka_cells_settled", "Cells with a verdict", settled()
    yield "minka_cells_due", "Cells that have what they need and no verdict yet", due_cells().count()
    yield "minka_seats_held", "Seats that somebody holds", held.count()
    yield (
        "minka_seat_overdue_seconds", "For how long the oldest lease has run out and its seat is not back",
        max(0.0, (now - first_due).total_seconds()) if first_due else 0,
    )  # fmt: skip
    yield "minka_queue_messages", "Messages in the queue on PostgreSQL, those a worker is at among them", messages
    yield "minka_queue_waiting_seconds", "For how long the oldest of them has waited for a worker", waiting
    yield "minka_release_cutoff_seconds", "Cutoff of the newest release, Unix time", _unix(newest and newest.cutoff)
    yield (
        "minka_release_late_seconds", "For how long the nightly release has been due and is not there",
        late_by(now).total_seconds(),
    )  # fmt: skip
    yield (
        "minka_recall_late_seconds", "For how long what must be recalled is not, or lacks its clean one",
        recalls.late_by(now).total_seconds(),
    )  # fmt: skip


def _unix(moment: Any) -> float:
    return float(moment.timestamp()) if moment else 0.0


def _queue() -> tuple[int, float]:
    """How many messages, and for how many seconds the oldest that is free has waited; nothing where the queue is
    somewhere else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.q_minka') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return 0, 0.0
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(vt) FILTER (WHERE vt <= now())), 0)"
            "  FROM pgmq.q_minka"
        )
        count, waiting = cursor.fetchone()
        return int(count), float(waiting)


def _from_the_disk() -> Iterator[tuple[str, str, float]]:
    space = shutil.disk_usage(settings.MINKA_HOME)
    yield "minka_disk_free_ratio", "Free part of the disk that MINKA_HOME lies on, 0 to 1", space.free / space.total
    yield "minka_disk_free_bytes", "Free bytes of it", space.free
