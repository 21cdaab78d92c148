"""Is the process alive, can it work, and how is it doing. Neither answer touches the broker: work goes on without."""

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from annotations.assignments.models import Cell, Judgement
from annotations.datasets.models import Release


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
    """A few numbers of the work itself, read from the rows at each scrape."""
    registry = CollectorRegistry()
    newest = Release.objects.order_by("-cutoff").first()
    for name, text, value in (
        ("minka_judgements", "Judgements acknowledged", Judgement.objects.count()),
        ("minka_cells_open", "Cells that give seats", Cell.objects.filter(open=True).count()),
        ("minka_cells_settled", "Cells with a verdict", Cell.objects.exclude(settled_at=None).count()),
        ("minka_release_cutoff_seconds", "Cutoff of the newest release, Unix time",
         newest.cutoff.timestamp() if newest else 0),
    ):  # fmt: skip
        Gauge(name, text, registry=registry).set(value)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
