"""Runs over the API: made, told of and read. Reading is for everybody, but for prompts; all else is for the owner."""

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.assignments.api import MessageSerializer, Strict, person_of
from annotations.corpus.models import Use
from annotations.errors import Refused
from annotations.people.api import Holding
from annotations.training.actions import MOST_PROMPTS, Model, Wish, hand_over, hear, ingest_outputs, move
from annotations.training.handover import script_files
from annotations.training.models import RECIPES, TrainingRun
from annotations.training.prompts import ROLES
from annotations.training.queries import LISTED, MAY_TRAIN, PAGE, as_handed, manifest_told, prompts_told, runs_told

State = TrainingRun.State


class MayTrain(Holding):
    """People with the right to make runs: training engineers."""

    right = MAY_TRAIN


class OfRun(APIView):
    """Reading is open, writing is for people who train; what is written to must be theirs, which the actions see to."""

    def get_permissions(self) -> list[Any]:
        if self.request.method in SAFE_METHODS:
            return [AllowAny()]
        return [IsAuthenticated(), MayTrain()]


class RunSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(State.values)
    problem = serializers.CharField(help_text="Why it failed; for everybody to read.")
    recipe = serializers.ChoiceField(list(RECIPES))
    commit = serializers.CharField()
    seed = serializers.IntegerField()
    base_model = serializers.CharField()
    base_licence = serializers.CharField()
    releases = serializers.ListField(child=serializers.CharField())
    recalled = serializers.ListField(child=serializers.CharField(), help_text="Those of them that were recalled since.")
    campaign = serializers.CharField(allow_null=True, help_text="Where its model's answers are judged.")
    prompts = serializers.DictField(child=serializers.IntegerField(), help_text="How many it was handed, by role.")
    models = serializers.ListField(child=serializers.CharField(), help_text="What came of it.")
    place = serializers.CharField(help_text="For everybody, as `problem` is.")
    here = serializers.BooleanField(help_text="Whether a worker of the house trains it.")
    made_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    heard_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    mine = serializers.BooleanField(help_text="Whether it is yours. Whose it is otherwise, is not told.")
    page = serializers.CharField()


class CountsSerializer(Strict):
    train = serializers.IntegerField(min_value=0, max_value=MOST_PROMPTS, required=False)
    evaluate = serializers.IntegerField(min_value=0, max_value=MOST_PROMPTS, required=False)


class WishSerializer(Strict):
    """What a run is asked to be. `id` is the client's own UUID, under which asking again makes no second run."""

    id = serializers.UUIDField(required=False)
    releases = serializers.ListField(child=serializers.CharField(max_length=32), min_length=1, max_length=20)
    recipe = serializers.ChoiceField(list(RECIPES))
    commit = serializers.RegexField(r"^[0-9a-f]{7,64}$", required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    base_model = serializers.CharField(max_length=120)
    base_licence = serializers.CharField(max_length=80)
    campaign = serializers.SlugField(max_length=60, required=False, allow_null=True)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    prompts = CountsSerializer(required=False)
    here = serializers.BooleanField(required=False)


class StateSerializer(Strict):
    state = serializers.ChoiceField([State.RUNNING, State.FINISHED, State.FAILED, State.CANCELLED])
    problem = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PromptSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    role = serializers.CharField(help_text="`train` or `evaluate`: what answers the latter never trains.")
    variety = serializers.CharField()
    country = serializers.CharField()
    domain = serializers.CharField()
    messages = MessageSerializer(many=True)


class PromptsSerializer(serializers.Serializer[Any]):
    prompts = PromptSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="`after` of the next page; null where this is the last.")


class ModelSerializer(Strict):
    name = serializers.CharField(max_length=120)
    licence = serializers.CharField(max_length=80)
    checkpoint = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    permitted_use = serializers.ListField(
        child=serializers.ChoiceField(Use.values), min_length=1, max_length=2, required=False
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """For the schema: answers are checked one by one, so that each wrong one is named (`corpus/lines.py`)."""

    prompt = serializers.IntegerField()
    sample = serializers.IntegerField(default=0)
    text = serializers.CharField()
    params = serializers.DictField(required=False)


class OutputsSerializer(Strict):
    model = ModelSerializer()
    outputs = serializers.ListField(child=serializers.JSONField(), min_length=1)


class OutputsSentSerializer(serializers.Serializer[Any]):
    model = ModelSerializer()
    outputs = AnswerSerializer(many=True)


class IngestedSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    held_back = serializers.IntegerField(help_text="Of those added: doubtful ones, which nobody judges yet.")
    known = serializers.IntegerField(help_text="Those that were there already.")
    withdrawn = serializers.IntegerField(help_text="Not kept: their prompts may no longer be used.")
    paired = serializers.IntegerField(help_text="Items that were made, of a new answer and another one.")
    named = serializers.IntegerField(
        help_text="Of those added: answers that say which model they are, and so meet nobody."
    )


def as_told(run: TrainingRun, person: Any) -> dict[str, Any]:
    releases = list(run.releases.all())
    return dict(RunSerializer({
        **{name: getattr(run, name) for name in (
            "id", "state", "problem", "recipe", "commit", "seed", "base_model", "base_licence", "place", "here",
            "made_at", "started_at", "heard_at", "ended_at",
        )},
        "releases": [release.version for release in releases],
        "recalled": [release.version for release in releases if release.recalled_at],
        "campaign": run.campaign and run.campaign.slug,
        "prompts": {role: told["count"] for role, told in run.manifest["prompts"].items()},
        "models": [each.model.name for each in run.trained.all()],
        "mine": run.owner_id is not None and run.owner_id == person.pk,
        "page": reverse("run", args=[run.pk]),
    }).data)  # fmt: skip


def _told(request: Request, key: uuid.UUID) -> dict[str, Any]:
    return as_told(_named(key), request.user)


def _named(key: uuid.UUID) -> TrainingRun:
    run = runs_told().filter(pk=key).first()
    if run is None:
        raise Http404
    return run


class Runs(OfRun):
    @extend_schema(
        responses=RunSerializer(many=True),
        parameters=[
            OpenApiParameter("release", OpenApiTypes.STR, description="only runs that were handed this release"),
            OpenApiParameter("state", OpenApiTypes.STR, enum=State.values),
        ],
    )
    def get(self, request: Request) -> Response:
        """Runs, the newest first, two hundred at most."""
        wanted = {"release": "releases__version", "state": "state"}
        asked = {field: request.query_params[name] for name, field in wanted.items() if name in request.query_params}
        return Response([as_told(run, request.user) for run in runs_told().filter(**asked)[:LISTED]])

    @extend_schema(request=WishSerializer, responses={200: RunSerializer, 201: RunSerializer})
    def post(self, request: Request) -> Response:
        """Make a run: releases are handed over, prompts are drawn. 201; 200 under the same `id` again."""
        body = WishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = dict(body.validated_data)
        key = asked.pop("id", None)
        made = hand_over(owner=person_of(request), wish=Wish(**asked), key=key)
        return Response(_told(request, made.run.pk), status=201 if made.is_new else 200)


class Run(OfRun):
    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """A run: what it is of, how it goes, what came of it."""
        return Response(_told(request, key))


class RunState(OfRun):
    @extend_schema(request=StateSerializer, responses=RunSerializer)
    def put(self, request: Request, key: uuid.UUID) -> Response:
        """In which state the run is now. Said again, nothing changes. 409 `not_open` where it does not follow on the
        one before."""
        body = StateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        move(owner=person_of(request), run=key, **body.validated_data)
        return Response(_told(request, key))


class RunHeartbeat(OfRun):
    @extend_schema(request=None, responses=RunSerializer)
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """The run lives. One that was lost runs again; one that is `cancelled` is told so, and stops."""
        hear(owner=person_of(request), run=key)
        return Response(_told(request, key))


class RunManifest(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """What was handed over: releases with their files, checksums and addresses, the schema of the rows, the recipe,
        the base model. 410 `recalled` where a release of it was recalled since."""
        told = manifest_told(_named(key))
        for release in told["releases"]:
            for name, facts in release["files"].items():
                facts["url"] = reverse("release_file", args=[release["version"], name])
            release["manifest_url"] = reverse("release_file", args=[release["version"], "manifest.json"])
        return Response(told | {"prompts_url": reverse("run_prompts", args=[key])})


class RecipeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    files = serializers.DictField(child=serializers.CharField(), help_text="The text of each, by its name.")


class Recipe(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=RecipeSerializer)
    def get(self, request: Request, recipe: str) -> Response:
        """The house's own script of a recipe, its settings, and what asks and measures its model afterwards: what a
        machine without a network is brought."""
        if recipe not in RECIPES:
            raise Http404
        return Response({"name": recipe, "files": script_files(recipe)})


class RunPrompts(APIView):
    permission_classes = [IsAuthenticated, MayTrain]

    @extend_schema(
        responses=PromptsSerializer,
        parameters=[
            OpenApiParameter("after", OpenApiTypes.INT, description="`next` of the page before"),
            OpenApiParameter("role", OpenApiTypes.STR, enum=ROLES),
        ],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """The prompts to be answered, a page at a time, for the owner. What may no longer be used is left out."""
        run, role = _named(key), request.query_params.get("role")
        if run.owner_id != person_of(request).pk:
            raise Refused("forbidden")
        after = request.query_params.get("after", "-1")
        if role not in (None, *ROLES) or not after.removeprefix("-").isdecimal() or len(after) > 9:
            raise Refused("invalid", errors={"after": ["A number."], "role": list(ROLES)})
        rows = prompts_told(run, after=int(after), role=role)
        prompts = [as_handed(row) for row in rows]
        return Response({"prompts": prompts, "next": rows[-1].place if len(rows) == PAGE else None})


class RunOutputs(OfRun):
    @extend_schema(request=OutputsSentSerializer, responses={200: IngestedSerializer, 201: IngestedSerializer})
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """What a model of this run answered to its prompts, five hundred at most: all of it is taken in, or nothing.
        201 where something was new, 200 where all of it was there already."""
        body = OutputsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data["model"])
        if "permitted_use" in said:
            said["permitted_use"] = tuple(sorted(set(said["permitted_use"])))
        done = ingest_outputs(
            owner=person_of(request), run=key, model=Model(**said), answers=body.validated_data["outputs"]
        )
        return Response(done._asdict(), status=201 if done.added else 200)
