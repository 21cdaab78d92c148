"""Boards over the API: the numbers, and the votes behind them as files."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.datasets.api import AnyKind
from annotations.training.boards.files import FILES, serve
from annotations.training.boards.models import Board
from annotations.training.boards.queries import EVALUATE, FACETS, asked_in, board_of, boards_now


class LineSerializer(serializers.Serializer[Any]):
    """A model; without a number only `model` and `why`."""

    model = serializers.CharField()
    why = serializers.ChoiceField(["few", "apart"], required=False, help_text="Why there is no number.")
    best = serializers.IntegerField(required=False, help_text="The best rank that the intervals allow.")
    worst = serializers.IntegerField(required=False)
    value = serializers.FloatField(
        required=False, help_text="Of its meetings with an average model, the share it gets; of an aspect, mean points."
    )
    low = serializers.FloatField(required=False, help_text="Both ends of the 95 % interval.")
    high = serializers.FloatField(required=False)
    strength = serializers.FloatField(required=False, help_text="In logits; of votes only, as all that follows.")
    strength_low = serializers.FloatField(required=False)
    strength_high = serializers.FloatField(required=False)
    won = serializers.FloatField(required=False, help_text="Shares of its pairs.")
    level = serializers.FloatField(required=False)
    lost = serializers.FloatField(required=False)
    both_bad = serializers.FloatField(required=False, help_text="Part of `level`.")
    votes = serializers.IntegerField(required=False)
    people = serializers.IntegerField(required=False)


class PartSerializer(serializers.Serializer[Any]):
    facet = serializers.ChoiceField(Board.Facet.values)
    value = serializers.CharField()
    evaluate = serializers.BooleanField()


class BoardSerializer(PartSerializer):
    release = serializers.CharField()
    cutoff = serializers.DateTimeField()
    measured_at = serializers.DateTimeField()
    version = serializers.CharField(help_text="Of the method.")
    votes = serializers.IntegerField(allow_null=True, help_text="Null where too few people are behind them.")
    people = serializers.IntegerField(allow_null=True)
    left_out = serializers.IntegerField(
        allow_null=True, help_text="Pairs (of an aspect, scores) in which an answer said which model it is."
    )
    lines = LineSerializer(many=True, help_text="The best first, and those without a number at the end.")
    pulls = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="What standing `first` and twice the `length` do, in parts of one, with their intervals.",
    )
    parts = PartSerializer(many=True, help_text="All boards there are.")
    files = serializers.DictField(child=serializers.CharField())


class Boards(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        responses=BoardSerializer,
        parameters=[
            *(OpenApiParameter(facet.value, OpenApiTypes.STR) for facet in FACETS),
            OpenApiParameter("prompts", OpenApiTypes.STR, enum=[EVALUATE], description="only those that never train"),
        ],
    )
    def get(self, request: Request) -> Response:
        """Which models people prefer: of everything, or of one variety, domain or aspect; of the newest release."""
        every = boards_now()
        board = board_of(every, asked_in(request._request.GET))
        if board is None:
            raise Http404
        release = board.release
        return Response(BoardSerializer({
            **{name: getattr(board, name) for name in (
                "facet", "value", "evaluate", "measured_at", "version", "votes", "people", "left_out", "lines", "pulls",
            )},
            "release": release.version, "cutoff": release.cutoff, "parts": every,
            "files": {name: reverse("board_file", args=[release.version, name]) for name in FILES},
        }).data)  # fmt: skip


class BoardFile(APIView):
    permission_classes = [AllowAny]
    content_negotiation_class = AnyKind

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, version: str, file: str) -> HttpResponseBase:
        """The votes or scores behind the boards of the newest release, as CSV or JSON lines."""
        request._request.user = request.user
        return serve(request._request, version, file)
