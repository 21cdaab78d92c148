"""Runs for people: the list, and one with its state, its curves and what came of it."""

import uuid
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.training.evaluations.charts import drawn
from annotations.training.evaluations.queries import evaluation_of
from annotations.training.lineage.queries import of_run
from annotations.training.metrics.charts import Chart, figure
from annotations.training.metrics.queries import curves_of
from annotations.training.queries import LISTED, runs_told

TELLING: Final = ("loss", "accurac", "margin")
"""In the names of what one looks at first; a trainer reports a dozen things more."""


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    return render(request, "training/runs.html", {"runs": runs_told()[:LISTED]})


@require_safe
def run(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A run: what it was handed, how it goes, its curves with the numbers behind them, what came of it."""
    found = of_run(key)
    assert found.run
    evaluation = evaluation_of(found.run)
    curves = sorted(curves_of(found.run), key=lambda curve: curve.name)
    several = [curve for curve in curves if curve.count > 1]
    telling = [curve for curve in several if any(word in curve.name for word in TELLING)] or several
    context = {
        "run": found.run, "found": found, "rows": [(split, n) for split, n in found.run.manifest["rows"].items() if n],
        "charts": [Chart(curve) for curve in telling],
        "further": [Chart(curve) for curve in several if curve not in telling],
        "measured": drawn(evaluation) if evaluation else None,
        "once": [(curve.name, figure(curve.last)) for curve in curves if curve.count == 1],
    }  # fmt: skip
    return render(request, "training/run.html", context)
