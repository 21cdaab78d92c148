"""The API's addresses under `/api/v1/`, chapter by chapter."""

from django.urls import path

from annotations.assignments.api import Items, Judgements, Next
from annotations.datasets.api import ReleaseFile, ReleaseLinks, Releases, ReleaseUnderWay
from annotations.datasets.partners.api import PartnerFile, Partnerships
from annotations.datasets.recalls.api import Withdrawals
from annotations.flagging.api import Flags
from annotations.people.api import Me, MyData
from annotations.training.api import Recipe, Run, RunHeartbeat, RunManifest, RunOutputs, RunPrompts, Runs, RunState
from annotations.training.boards.api import BoardFile, Boards
from annotations.training.evaluations.api import RunEvaluation
from annotations.training.lineage.api import LineageOf
from annotations.training.metrics.api import RunMetrics

urlpatterns = [
    path("me/", Me.as_view()),
    path("me/data/", MyData.as_view()),
    path("campaigns/<slug:slug>/items/", Items.as_view()),
    path("campaigns/<slug:slug>/next/", Next.as_view()),
    path("judgements/<uuid:key>/", Judgements.as_view()),
    path("flags/", Flags.as_view()),
    path("releases/", Releases.as_view()),
    path("releases/under-way/", ReleaseUnderWay.as_view()),
    path("releases/withdrawals/", Withdrawals.as_view(), name="withdrawals"),
    path("releases/<str:version>/links/", ReleaseLinks.as_view()),
    path("releases/<str:version>/files/<path:name>", ReleaseFile.as_view(), name="release_file"),
    path("partners/", Partnerships.as_view()),
    path("partners/<slug:slug>/<str:version>.parquet", PartnerFile.as_view(), name="partner_file"),
    path("lineage/", LineageOf.as_view(), name="api_lineage"),
    path("recipes/<slug:recipe>/", Recipe.as_view()),
    path("boards/", Boards.as_view(), name="api_boards"),
    path("boards/<str:version>/files/<str:file>", BoardFile.as_view(), name="board_file"),
    path("runs/", Runs.as_view()),
    path("runs/<uuid:key>/", Run.as_view()),
    path("runs/<uuid:key>/state/", RunState.as_view()),
    path("runs/<uuid:key>/heartbeat/", RunHeartbeat.as_view()),
    path("runs/<uuid:key>/metrics/", RunMetrics.as_view(), name="run_metrics"),
    path("runs/<uuid:key>/evaluation/", RunEvaluation.as_view(), name="run_evaluation"),
    path("runs/<uuid:key>/manifest/", RunManifest.as_view(), name="run_manifest"),
    path("runs/<uuid:key>/prompts/", RunPrompts.as_view(), name="run_prompts"),
    path("runs/<uuid:key>/outputs/", RunOutputs.as_view()),
]
