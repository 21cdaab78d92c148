"""Releases."""

from django.urls import path

from annotations.datasets import views

urlpatterns = [
    path("releases/", views.releases, name="releases"),
    path("releases/<str:version>/", views.release, name="release"),
    path("v/<slug:tag>/stewards/records.zip", views.variety_records, name="variety_records"),
]
