"""Lineage over the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.training.api import RunSerializer, as_told
from annotations.training.lineage.asking import lineage_asked
from annotations.training.lineage.queries import Strand


class JudgedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    licence = serializers.CharField()
    run = serializers.UUIDField(allow_null=True, help_text="The run it came of.")
    outputs = serializers.IntegerField()
    held_back = serializers.IntegerField()
    items = serializers.IntegerField()
    judgements = serializers.IntegerField()
    won = serializers.IntegerField(help_text="Verdicts for it.")
    lost = serializers.IntegerField()
    level = serializers.IntegerField(help_text="Verdicts for neither.")


class StrandSerializer(serializers.Serializer[Any]):
    run = RunSerializer()
    models = JudgedSerializer(many=True)


class HeldSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    state = serializers.CharField()


class SettledSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField()
    preferred_model = serializers.CharField(allow_null=True)


class LineageSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["run", "release", "model", "output", "row"])
    name = serializers.CharField()
    came_of = StrandSerializer(many=True)
    run = RunSerializer(allow_null=True)
    models = JudgedSerializer(many=True)
    verdicts = SettledSerializer(many=True)
    releases = HeldSerializer(many=True)
    went_into = StrandSerializer(many=True)


class LineageOf(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        responses=LineageSerializer,
        parameters=[
            OpenApiParameter("run", OpenApiTypes.UUID),
            OpenApiParameter("release", OpenApiTypes.STR),
            OpenApiParameter("row", OpenApiTypes.STR, description="beside `release`: `record_id` or `id` of a row"),
            OpenApiParameter("model", OpenApiTypes.STR),
            OpenApiParameter("output", OpenApiTypes.INT),
        ],
    )
    def get(self, request: Request) -> Response:
        """What a run, a release, a row of it, a model or an output came of, and what it went into, in one answer."""
        found, person = lineage_asked(request._request), request.user
        return Response(LineageSerializer({
            "kind": found.kind, "name": found.name, "models": found.models, "releases": found.releases,
            "run": found.run and as_told(found.run, person),
            "came_of": [_told(strand, person) for strand in found.came_of],
            "went_into": [_told(strand, person) for strand in found.went_into],
            "verdicts": [{"outcome": outcome, "preferred_model": model} for outcome, model in found.verdicts],
        }).data)  # fmt: skip


def _told(strand: Strand, person: Any) -> dict[str, Any]:
    return {"run": as_told(strand.run, person), "models": strand.models}
