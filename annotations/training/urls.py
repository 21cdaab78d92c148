"""Runs, what came of what, and which models people prefer."""

from django.urls import path

from annotations.training import views
from annotations.training.boards.views import boards
from annotations.training.lineage.views import lineage

urlpatterns = [
    path("runs/", views.runs, name="runs"),
    path("runs/<uuid:key>/", views.run, name="run"),
    path("boards/", boards, name="boards"),
    path("lineage/", lineage, name="lineage"),
]
