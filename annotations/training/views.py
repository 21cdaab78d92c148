"""Runs for people: the list, and one with its state, its curves and what came of it."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.training.lineage.queries import of_run
from annotations.training.metrics.charts import Chart
from annotations.training.metrics.queries import curves_of
from annotations.training.queries import LISTED, runs_told


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    return render(request, "training/runs.html", {"runs": runs_told()[:LISTED]})


@require_safe
def run(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A run: what it was handed, how it goes, its curves with the numbers behind them, what came of it."""
    found = of_run(key)
    assert found.run
    charts = [Chart(each) for each in curves_of(found.run)]
    return render(request, "training/run.html", {"run": found.run, "found": found, "charts": charts})
