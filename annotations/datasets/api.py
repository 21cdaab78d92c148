"""Releases over the API: the list, and the files with range requests."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.assignments.api import person_of
from annotations.datasets.access import link_for
from annotations.datasets.downloads import serve
from annotations.datasets.ending import refuse_ended
from annotations.datasets.models import Release
from annotations.datasets.progress import PHASES, under_way
from annotations.datasets.queries import names_of, told


class EditionSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()


class ReleaseSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    cutoff = serializers.DateTimeField()
    release_id = serializers.CharField()
    published_at = serializers.DateTimeField()
    state = serializers.ChoiceField(Release.State.values)
    audience = serializers.ChoiceField(Release.Audience.values, help_text="Who may take its rows.")
    recalled_at = serializers.DateTimeField(allow_null=True)
    expired_at = serializers.DateTimeField(allow_null=True, help_text="Since when its time is over.")
    reason = serializers.ChoiceField(Release.Reason.values, allow_null=True, help_text="Why it was recalled.")
    why = serializers.CharField(allow_null=True, help_text="The same in a sentence, where somebody took it back.")
    taken_out = serializers.IntegerField(
        help_text="How many judgements it holds that were taken out since, for a reason. No later release holds them."
    )
    edition = EditionSerializer(allow_null=True, help_text="The name that people gave it.")
    doi = serializers.CharField(allow_null=True)
    replaces = serializers.CharField(allow_null=True, help_text="The release that was recalled for this one.")
    replaced_by = serializers.CharField(allow_null=True, help_text="The clean release in the place of this one.")
    configs = serializers.DictField(source="manifest.configs")
    files = serializers.DictField(child=serializers.DictField())


def as_listed(release: Any) -> dict[str, Any]:
    """A release of `told` with its files, each with checksum, size and address; of one that ended, what is left."""
    files = {
        name: release.manifest["files"].get(name, {}) | {"url": reverse("release_file", args=[release.version, name])}
        for name in names_of(release)
    }
    after = getattr(release, "replaced_by", None)
    return dict(ReleaseSerializer({
        "version": release.version, "cutoff": release.cutoff, "release_id": release.release_id,
        "published_at": release.published_at, "manifest": release.manifest, "files": files, "state": release.state,
        "audience": release.audience,
        "recalled_at": release.recalled_at, "replaces": release.replaces and release.replaces.version,
        "replaced_by": after and after.version, "expired_at": release.expired_at, "taken_out": release.taken_out,
        "reason": release.reason or None,
        "why": release.why or None, "edition": release.named, "doi": release.doi or None,
    }).data)  # fmt: skip


class Releases(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=ReleaseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Releases, newest first. Of one that was recalled manifest and tombstone are left; `replaced_by` says which
        one to take, if any does. Of one that expired too: take a newer one."""
        return Response([as_listed(release) for release in told()])


class ProgressSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    phase = serializers.ChoiceField(PHASES, help_text="`reading`, then `proving`, which says nothing of how far it is.")
    done = serializers.IntegerField(help_text="Judgements and items that are booked, in a row or left out.")
    of = serializers.IntegerField(help_text="How many there are.")
    since = serializers.DateTimeField()
    seconds_left = serializers.FloatField(allow_null=True, help_text="At the pace so far.")


class ReleaseUnderWay(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses={200: ProgressSerializer, 204: None})
    def get(self, request: Request) -> Response:
        """How far the release is that is being written; 204 where none is."""
        now = under_way()
        return Response(ProgressSerializer(now).data) if now else Response(status=204)


class AnyKind(BaseContentNegotiation):
    """A file is handed out as what it is, whatever kinds the client names."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ReleaseFile(APIView):
    permission_classes = [AllowAny]
    content_negotiation_class = AnyKind

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, version: str, name: str) -> HttpResponseBase:
        """A file of a release. `Range: bytes=…` is honoured with 206; of one that was recalled or expired, 410. Where
        its rows are for people with an account, with a token or with `?link=…`, or 403."""
        request._request.user = request.user
        return serve(request._request, version, name)


class LinksSerializer(serializers.Serializer[Any]):
    until = serializers.DateTimeField()
    files = serializers.DictField(child=serializers.CharField(), help_text="By name, the address with its link.")


class ReleaseLinks(APIView):
    @extend_schema(responses=LinksSerializer)
    def get(self, request: Request, version: str) -> Response:
        """Addresses from which a machine without an account can take this release, in your name and for some days."""
        release = get_object_or_404(Release, version=version)
        refuse_ended(release)
        link = urlencode({"link": link_for(release, person_of(request))})
        files = {name: f"{reverse('release_file', args=[version, name])}?{link}" for name in names_of(release)}
        until = timezone.now() + dt.timedelta(days=settings.MINKA_LINK_DAYS)
        return Response(LinksSerializer({"until": until, "files": files}).data)
