"""All addresses: each chapter's own, the API, the admin, and the house's health."""

from typing import cast

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from minka import health, metrics

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one log-in, not two
handler404 = "minka.problems.not_found"
handler500 = "minka.problems.broken"


class Schema(SpectacularAPIView):
    """The API's OpenAPI document, in one of our languages."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        if request.GET.get("lang", settings.LANGUAGE_CODE) not in dict(settings.LANGUAGES):
            raise NotFound
        return cast("Response", super().get(request))  # type: ignore[no-untyped-call]


urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", Schema.as_view(), name="schema"),
    path("api/v1/", include("annotations.api_urls")),
    path("", include("annotations.urls")),
]
