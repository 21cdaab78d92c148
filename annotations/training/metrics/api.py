"""Metrics over the API: sent by the run, read by everybody."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.assignments.api import Strict, person_of
from annotations.errors import Refused
from annotations.training.api import OfRun
from annotations.training.metrics.actions import MOST_POINTS, record
from annotations.training.metrics.queries import measured, whole_steps
from annotations.training.models import TrainingRun


class PointSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    step = serializers.IntegerField()
    value = serializers.FloatField()


class PointsSerializer(Strict):
    """For the schema, each is a `PointSerializer`; they are checked one by one, so that each wrong one is named."""

    metrics = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=MOST_POINTS)


class SentSerializer(serializers.Serializer[Any]):
    metrics = PointSerializer(many=True)


class KeptSerializer(serializers.Serializer[Any]):
    kept = serializers.IntegerField(help_text="How many there are in all.")


class MeasuredSerializer(serializers.Serializer[Any]):
    metrics = PointSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="`after` of the next page; null where this is the last.")


class RunMetrics(OfRun):
    @extend_schema(
        responses=MeasuredSerializer,
        parameters=[OpenApiParameter("name", OpenApiTypes.STR), OpenApiParameter("after", OpenApiTypes.INT)],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """What the run measured, by step, some thousand at a time."""
        run, name = get_object_or_404(TrainingRun, pk=key), request.query_params.get("name")
        after = request.query_params.get("after", "-1")
        if not after.removeprefix("-").isdecimal() or len(after) > 10:
            raise Refused("invalid", errors={"after": ["A number."]})
        every = measured(run, name=name, after=min(int(after), 2**31 - 1))
        rows = list(whole_steps(every))
        more = rows and every.filter(step__gt=rows[-1].step).exists()
        told = PointSerializer(rows, many=True).data
        return Response({"metrics": told, "next": rows[-1].step if more else None})

    @extend_schema(request=SentSerializer, responses=KeptSerializer)
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Numbers with a name and a step, a thousand at most: all of them are kept, or none. A step that is sent again
        has its last value. It counts as a heartbeat."""
        body = PointsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        kept = record(owner=person_of(request), run=key, points=body.validated_data["metrics"])
        return Response({"kept": kept})
