"""The feed of withdrawals, for whoever took a release: which of its records must go, wherever they are."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.datasets.ending import tombstone
from annotations.datasets.models import Release
from annotations.datasets.recalls.queries import withdrawals
from annotations.errors import Refused

_MOST = 2_147_483_647  # what the column holds


class WithdrawalSerializer(serializers.Serializer[Any]):
    release = serializers.CharField()
    recalled_on = serializers.DateField()
    reason = serializers.ChoiceField(Release.Reason.values)
    why = serializers.CharField(required=False, help_text="In a sentence, where somebody took it back.")
    replaced_by = serializers.CharField(
        allow_null=True, help_text="The clean release in its place, where there is one."
    )
    records = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        allow_null=True,
        help_text="Ids of this release, by config; null where all of it must go.",
    )
    cursor = serializers.IntegerField(help_text="To be asked with the next time, as `since`.")


class Withdrawals(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[OpenApiParameter("since", int, description="The greatest `cursor` that is known already.")],
        responses=WithdrawalSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Releases that were recalled, the last first, and which of their records must go. It names no person."""
        return Response([tombstone(release) for release in withdrawals(_cursor(request))])


def _cursor(request: Request) -> int:
    word = request.query_params.get("since", "0")
    if not (word.isascii() and word.isdigit() and len(word) <= 10 and int(word) <= _MOST):
        raise Refused("invalid", errors={"since": "not_a_cursor"})
    return int(word)
