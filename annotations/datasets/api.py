"""Releases over the API: the list, and the files with range requests."""

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.datasets.downloads import serve
from annotations.datasets.models import Release
from annotations.datasets.queries import published


class ReleaseSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    cutoff = serializers.DateTimeField()
    release_id = serializers.CharField()
    published_at = serializers.DateTimeField()
    configs = serializers.DictField(source="manifest.configs")
    files = serializers.DictField(child=serializers.DictField())


def as_listed(release: Release) -> dict[str, Any]:
    """A release with its files, each with checksum, size and address."""
    names = [*release.manifest["files"], "manifest.json", "SHA256SUMS"]
    files = {
        name: release.manifest["files"].get(name, {}) | {"url": reverse("release_file", args=[release.version, name])}
        for name in names
    }
    return dict(ReleaseSerializer({
        "version": release.version, "cutoff": release.cutoff, "release_id": release.release_id,
        "published_at": release.published_at, "manifest": release.manifest, "files": files,
    }).data)  # fmt: skip


class Releases(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=ReleaseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Published releases, newest first."""
        return Response([as_listed(release) for release in published()])


class AnyKind(BaseContentNegotiation):
    """A file is handed out as what it is, whatever kinds the client names."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ReleaseFile(APIView):
    permission_classes = [AllowAny]
    content_negotiation_class = AnyKind

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, version: str, name: str) -> HttpResponseBase:
        """A file of a release. `Range: bytes=…` is honoured with 206."""
        return serve(request._request, version, name)
