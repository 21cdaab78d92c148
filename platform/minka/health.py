"""Is the process alive, and can it work. Neither answer touches the broker: work goes on without."""

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


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
