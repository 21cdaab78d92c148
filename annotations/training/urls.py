"""Runs, and what came of what."""

from django.urls import path

from annotations.training import views
from annotations.training.lineage.views import lineage

urlpatterns = [
    path("runs/", views.runs, name="runs"),
    path("runs/<uuid:key>/", views.run, name="run"),
    path("lineage/", lineage, name="lineage"),
]
