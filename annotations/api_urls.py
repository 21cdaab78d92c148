"""The API's addresses under `/api/v1/`, chapter by chapter."""

from django.urls import path

from annotations.assignments.api import Items, Judgements, Next
from annotations.datasets.api import ReleaseFile, Releases
from annotations.datasets.recalls.api import Withdrawals
from annotations.flagging.api import Flags
from annotations.people.api import Me, MyData

urlpatterns = [
    path("me/", Me.as_view()),
    path("me/data/", MyData.as_view()),
    path("campaigns/<slug:slug>/items/", Items.as_view()),
    path("campaigns/<slug:slug>/next/", Next.as_view()),
    path("judgements/<uuid:key>/", Judgements.as_view()),
    path("flags/", Flags.as_view()),
    path("releases/", Releases.as_view()),
    path("releases/withdrawals/", Withdrawals.as_view(), name="withdrawals"),
    path("releases/<str:version>/files/<path:name>", ReleaseFile.as_view(), name="release_file"),
]
