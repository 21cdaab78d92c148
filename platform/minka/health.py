"""Is the process alive, can it work, and how is it doing. Neither answer touches the broker: work goes on without."""

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from annotations.assignments.tallies.queries import progress, settled
from annotations.datasets.models import Release
from annotations.datasets.night import late_by
from annotations.datasets.recalls import late as recalls
from annotations.quality.queries import due_cells


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database answers and every migration is applied, else 503 with what is wrong."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return JsonResponse({"database": type(error).__name__}, status=503)
    if pending:
        return JsonResponse({"migrations": [str(migration) for migration, _back in pending]}, status=503)
    return JsonResponse({"database": DEFAULT_DB_ALIAS, "migrations": "applied"})


@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    """A few numbers of the work itself, read from the rows at each scrape, and each in the same time however much there
    is: sums that are kept, and what waits."""
    registry, so_far, newest = CollectorRegistry(), progress(), Release.objects.order_by("-cutoff").first()
    now = timezone.now()
    for name, text, value in (
        ("minka_judgements", "Judgements that count", so_far.done),
        ("minka_judgements_needed", "Judgements that items need, those there among them", so_far.needed),
        ("minka_cells", "Cells that are or were somebody's work", so_far.items),
        ("minka_cells_settled", "Cells with a verdict", settled()),
        ("minka_cells_due", "Cells that have what they need and no verdict yet", due_cells().count()),
        ("minka_release_cutoff_seconds", "Cutoff of the newest release, Unix time",
         newest.cutoff.timestamp() if newest else 0),
        ("minka_release_late_seconds", "For how long the nightly release has been due and is not there",
         late_by(now).total_seconds()),
        ("minka_recall_late_seconds", "For how long what must be recalled is not, or lacks its clean one",
         recalls.late_by(now).total_seconds()),
    ):  # fmt: skip
        Gauge(name, text, registry=registry).set(value)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
