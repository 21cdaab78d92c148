"""How the house says no: RFC 9457 problem documents in the API, a page in the browser, one list of codes."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import sync_only_middleware
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from annotations.errors import CODES, Refused, gone
from minka.pages import in_api

_BY_STATUS = {
    400: "invalid", 401: "not_authenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 429: "too_many_requests",
}  # fmt: skip


def as_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets a real fault become a 500."""
    if refused := _refused(error, context["request"].user):
        return problem(refused.status, refused.code, str(refused.detail), refused.errors)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    code = _BY_STATUS.get(error.status_code, "invalid")
    errors = error.detail if isinstance(error, exceptions.ValidationError) else None
    detail = _("Something in what was sent is not valid.") if errors else str(error.detail)
    response = problem(error.status_code, code, detail, errors)
    if header := getattr(error, "auth_header", None):
        response.headers["WWW-Authenticate"] = header
    return response


def _refused(error: Exception, person: Any) -> Refused | None:
    """The no that an error is: our own, or that of an account erased in the middle of what it asked for. Whatever
    library was at work then finds its rows missing; what breaks for anybody else stays a fault."""
    if isinstance(error, Refused):
        return error
    missed = isinstance(error, DatabaseError | ObjectDoesNotExist) and person.is_authenticated
    return gone() if missed and not get_user_model().objects.filter(pk=person.pk).exists() else None


def problem(status: int, code: str, detail: str, errors: Any = None) -> Response:
    body = _document(status, code, detail) | ({} if errors is None else {"errors": errors})
    return Response(body, status=status, content_type="application/problem+json")


def _document(status: int, code: str, detail: str) -> dict[str, Any]:
    return {"type": f"urn:minka:problem:{code}", "title": code, "status": status, "code": code, "detail": detail}


def refusal(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """A no from outside any view: a problem document in the API, a line of text elsewhere."""
    if in_api(request):
        return JsonResponse(_document(status, code, detail), status=status, content_type="application/problem+json")
    return HttpResponse(detail + "\n", status=status, content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404 handler."""
    if in_api(request):
        return refusal(request, 404, "not_found", str(CODES["not_found"][1]))
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """Django's 500 handler."""
    if in_api(request):
        return refusal(request, 500, "broken", _("Something broke on our side."))
    return defaults.server_error(request)


@sync_only_middleware
def refusals_as_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """A `Refused` that reaches the top of a page becomes a page with its sentence; missing consent, the way there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if in_api(request) or (refused := _refused(error, request.user)) is None:
            return None
        if refused.code == "consent_required":
            response = redirect("consent")
            named = {name: (refused.errors or {}).get(name, "") for name in ("licence", "purpose")}
            response["Location"] += "?" + urlencode({"next": request.path, **named})
            return response
        return render(request, "refused.html", {"refused": refused}, status=refused.status)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
