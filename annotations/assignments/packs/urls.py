"""One's pack, and what the browser keeps to work without a network."""

from django.urls import path

from annotations.assignments.packs import views

urlpatterns = [
    path("pack/", views.pack, name="pack"),
    path("pack/state/", views.state, name="pack_state"),
    path("pack/turns/", views.turns, name="pack_turns"),
    path("pack/away/", views.work, name="pack_work"),
    path("sw.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
