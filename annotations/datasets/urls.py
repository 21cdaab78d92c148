"""Releases."""

from django.urls import path

from annotations.datasets import views
from annotations.datasets.keeping import views as keeping

urlpatterns = [
    path("releases/", views.releases, name="releases"),
    path("releases/editions/<slug:slug>/", keeping.edition, name="edition"),
    path("releases/editions/<slug:slug>/<str:name>", keeping.paper, name="edition_paper"),
    path("releases/<str:version>/", views.release, name="release"),
    path("releases/<str:version>/since/<str:older>/", views.since, name="release_since"),
    path("releases/<str:version>/rows/<slug:config>/", views.some_rows, name="release_rows"),
    path("v/<slug:tag>/stewards/records.zip", views.variety_records, name="variety_records"),
]
