"""What partners get, over the API."""

from typing import Any

from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.assignments.api import person_of
from annotations.datasets.api import AnyKind
from annotations.datasets.folders import partner_file
from annotations.datasets.models import Release
from annotations.datasets.partners.actions import hand_out
from annotations.datasets.partners.models import Partnership
from annotations.datasets.partners.queries import agreements_of, handed_over_now


class PartnershipSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    release = serializers.CharField(allow_null=True, help_text="The release whose file is there.")
    url = serializers.CharField(allow_null=True)


def as_listed(partnership: Partnership, release: Release | None) -> dict[str, Any]:
    there = release is not None and partner_file(partnership.slug, release.version).is_file()
    version = release.version if there and release else None
    return {
        "slug": partnership.slug, "name": partnership.name, "begins_on": partnership.begins_on,
        "ends_on": partnership.ends_on, "release": version,
        "url": version and reverse("partner_file", args=[partnership.slug, version]),
    }  # fmt: skip


class Partnerships(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=PartnershipSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your agreements that are in force, and the file of the newest release that belongs to each."""
        release = handed_over_now()
        told = [as_listed(each, release) for each in agreements_of(person_of(request))]
        return Response(PartnershipSerializer(told, many=True).data)


class PartnerFile(APIView):
    permission_classes = [IsAuthenticated]
    content_negotiation_class = AnyKind
    http_method_names = ["get", "options"]  # whoever asks only for the head was handed nothing

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, version: str) -> FileResponse:
        """Exact times, and codes that are the same in every release, of what a release publishes: a table in Parquet,
        to be joined to its `judgements` by `id`. That it was handed out is kept each time."""
        file = hand_out(person=person_of(request), slug=slug, version=version)
        return FileResponse(file, as_attachment=True, filename=f"{version}-{slug}.parquet")
