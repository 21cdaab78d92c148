"""Who am I, and what may I, over the API."""

from typing import ClassVar, cast

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.queries import spoken_by
from annotations.people.rights.views import archive_response


class Holding(BasePermission):
    """People in good standing who hold a right, which a subclass names."""

    right: ClassVar[str]

    def has_permission(self, request: Request, view: APIView) -> bool:
        person = request.user
        if isinstance(person, Person) and person.standing != Person.Standing.GOOD:
            raise Refused("suspended")
        return bool(person and person.has_perm(self.right))


class SpokenSerializer(serializers.Serializer[object]):
    tag = serializers.CharField(source="variety_id")
    how = serializers.CharField()
    command = serializers.IntegerField()


class MeSerializer(serializers.Serializer[object]):
    username = serializers.CharField()
    language = serializers.CharField()
    standing = serializers.CharField()
    consent_version = serializers.CharField(source="consent.version", default=None, allow_null=True)
    varieties = serializers.SerializerMethodField()

    @extend_schema_field(SpokenSerializer(many=True))
    def get_varieties(self, person: Person) -> list[dict[str, object]]:
        return list(SpokenSerializer(spoken_by(person), many=True).data)


class MyData(APIView):
    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> FileResponse:
        """Everything about the account behind the token, as a ZIP."""
        return archive_response(cast("Person", request.user))


class Me(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The account behind the token."""
        return Response(MeSerializer(request.user).data)
