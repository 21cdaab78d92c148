"""The feed of withdrawals, for whoever took a release: which of its records must go, wherever they are."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.datasets.recalls.actions import tombstone
from annotations.datasets.recalls.queries import recalled


class WithdrawalSerializer(serializers.Serializer[Any]):
    release = serializers.CharField()
    recalled_on = serializers.DateField()
    reason = serializers.ChoiceField(["erased"])
    replaced_by = serializers.CharField(help_text="The clean release in its place.")
    records = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        allow_null=True,
        help_text="Ids of this release, by config; null where it is not known which, and all of it must go.",
    )


class Withdrawals(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=WithdrawalSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Releases that were recalled, the last first, and which of their records must go. It names no person."""
        return Response([tombstone(release) for release in recalled().order_by("-recalled_at", "-pk")])
