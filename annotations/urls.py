"""The pages' addresses, chapter by chapter."""

from django.urls import include, path

urlpatterns = [
    path("", include("annotations.community.urls")),
    path("", include("annotations.people.urls")),
    path("", include("annotations.people.rights.urls")),
    path("", include("annotations.people.stewards.urls")),
    path("", include("annotations.people.competence.urls")),
    path("", include("annotations.assignments.stewards.urls")),
    path("", include("annotations.assignments.competence.urls")),
    path("", include("annotations.assignments.admissions.urls")),
    path("", include("annotations.assignments.inquiries.urls")),
    path("", include("annotations.assignments.guests.urls")),
    path("", include("annotations.assignments.table.urls")),
    path("", include("annotations.assignments.notes.urls")),
    path("", include("annotations.flagging.urls")),
    path("", include("annotations.assignments.packs.urls")),
    path("", include("annotations.quality.urls")),
    path("", include("annotations.quality.argilla.urls")),
    path("", include("annotations.quality.reliability.urls")),
    path("", include("annotations.datasets.urls")),
    path("", include("annotations.training.urls")),
    path("", include("annotations.moderation.sanctions.urls")),
]
