"""A flag in passing over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.assignments.api import Strict
from annotations.flagging.actions import report
from annotations.flagging.kind import SCHEMA
from annotations.people.views import person_of


@extend_schema_field(SCHEMA)
class FlagField(serializers.DictField):
    """A flag, in the words of its kind; `wrong` may be left out."""


class FlagSerializer(Strict):
    """What is wrong in an output of a turn."""

    assignment = serializers.UUIDField()
    output = serializers.CharField(max_length=1)
    answer = FlagField()


class FlaggedSerializer(serializers.Serializer[Any]):
    assignment = serializers.UUIDField()
    output = serializers.CharField()
    flagged_at = serializers.DateTimeField()


class Flags(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(request=FlagSerializer, responses={201: FlaggedSerializer})
    def post(self, request: Request) -> Response:
        """Say in passing that something is wrong in an output. It is never shown to this account again, its seat is
        given back, and somebody looks at it. 409 `already_judged` where this account said so before."""
        body = FlagSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        facts = body.validated_data
        flag = report(
            person=person_of(request), assignment_id=facts["assignment"], letter=facts["output"], answer=facts["answer"]
        )
        flag.refresh_from_db(fields=["flagged_at"])
        told = {"assignment": facts["assignment"], "output": facts["output"], "flagged_at": flag.flagged_at}
        return Response(FlaggedSerializer(told).data, status=201)
