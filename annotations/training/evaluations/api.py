"""An evaluation over the API: told by the run, read by everybody."""

import uuid
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.assignments.api import person_of
from annotations.training.api import OfRun
from annotations.training.evaluations.actions import tell_evaluation
from annotations.training.evaluations.queries import evaluation_of
from annotations.training.models import TrainingRun


class ShareSerializer(serializers.Serializer[Any]):
    """With the ends of its 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class MeasuresSerializer(serializers.Serializer[Any]):
    sum = ShareSerializer(allow_null=True)
    per_token = ShareSerializer(allow_null=True)


class CellSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    prompts = serializers.IntegerField()
    model = MeasuresSerializer(allow_null=True)
    base = MeasuresSerializer(allow_null=True)
    gain = MeasuresSerializer(allow_null=True)


class PreferencesSerializer(serializers.Serializer[Any]):
    held_out = CellSerializer()
    splits = serializers.DictField(child=CellSerializer())
    variety = serializers.DictField(child=CellSerializer())
    domain = serializers.DictField(child=CellSerializer())


class LossSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    tokens = serializers.IntegerField()
    model = serializers.FloatField(help_text="Mean loss of a token of the answers, in nats.")
    base = serializers.FloatField(allow_null=True)


class PassedSerializer(serializers.Serializer[Any]):
    items = serializers.IntegerField()
    model = serializers.IntegerField(help_text="How many of them it passes.")
    base = serializers.IntegerField(allow_null=True)


class FlagsPassedSerializer(PassedSerializer):
    category = serializers.DictField(child=PassedSerializer())
    variety = serializers.DictField(child=PassedSerializer())


class EvaluationSerializer(serializers.Serializer[Any]):
    """As `evaluate.py` writes it; what else stands in its file is not kept."""

    format = serializers.IntegerField(help_text="1")
    model = serializers.CharField(help_text="`checkpoint_id` of what was measured.")
    base = serializers.CharField(allow_null=True)
    release_id = serializers.CharField()
    version = serializers.CharField(help_text="Of the release whose held-out rows were asked.")
    preference = PreferencesSerializer(allow_null=True)
    sft = LossSerializer(allow_null=True)
    flagged = FlagsPassedSerializer(allow_null=True)
    left_out = serializers.DictField(child=serializers.IntegerField())


class RunEvaluation(OfRun):
    @extend_schema(responses=EvaluationSerializer)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """What was measured of the run's model, on what it did not learn from; 404 where nothing was."""
        found = evaluation_of(get_object_or_404(TrainingRun, pk=key))
        if found is None:
            raise Http404
        return Response(found.told)

    @extend_schema(request=EvaluationSerializer, responses=EvaluationSerializer)
    def put(self, request: Request, key: uuid.UUID) -> Response:
        """What `evaluate.py` measured of the run's model. Of the document only these numbers are kept. Told again, the
        last one holds. It counts as a heartbeat."""
        return Response(tell_evaluation(owner=person_of(request), run=key, document=request.data).told)
