"""What keeps the house safe: headers beyond Django's own, and the refusal to start unsafely in production."""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from csp.utils import build_policy
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.decorators import sync_only_middleware
from django.utils.http import urlencode
from django.utils.translation import get_language

from minka.pages import in_api
from minka.problems import refusal

log = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""What is answered at all, if with a no; any other method is nobody's."""


@sync_only_middleware
def headers(get_response: Handler) -> Handler:
    """Say what a page may load, that none of ours uses a device's sensors, that nobody else embeds our resources,
    that a page depends on the cookies it came with (the language is one of them), and that one which asked who is here
    is kept nowhere."""
    policy = build_policy()  # of the settings, and the same for every page

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):  # Django tells there what it knows, with styles
            response.headers["Content-Security-Policy"] = policy
        patch_vary_headers(response, ["Cookie"])
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if "Cache-Control" not in response.headers and getattr(getattr(request, "session", None), "accessed", False):
            add_never_cache_headers(response)  # who is here was asked, so that it may be theirs alone
        return response

    return middleware


@sync_only_middleware
def well_formed(get_response: Handler) -> Handler:
    """Refuse what no browser of ours sends, before a library further in stumbles over it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in _METHODS:
            return refusal(request, 405, "method_not_allowed", "No page of ours has this method.")
        if "\x00" in request.path or "%00" in request.META["QUERY_STRING"] or "\x00" in request.META["QUERY_STRING"]:
            return refusal(request, 400, "invalid", "An address holds no NUL.")
        if not request.META.get("HTTP_AUTHORIZATION", "").isascii():
            return refusal(request, 400, "invalid", "A token is ASCII.")
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            return refusal(request, 411, "length_required", "Say the body's length.")
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
            return refusal(request, 415, "unsupported_media_type", "Send UTF-8.")
        # A quoted cookie can carry any byte; one that holds a NUL is nobody's.
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\x00" not in value}
        return get_response(request)

    return middleware


@sync_only_middleware
def no_api_in_the_clear(get_response: Handler) -> Handler:
    """In production a program that speaks plain HTTP is told no: led on, it would go on sending its token unsealed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and in_api(request) and not request.is_secure():
            return refusal(request, 403, "forbidden", "The API is spoken to over HTTPS.")
        return get_response(request)

    return middleware


@sync_only_middleware
def panel_for_whoever_proved_it(get_response: Handler) -> Handler:
    """In production the panel opens only for staff whose log-in has a second step, and who proved lately who they are.
    A form is taken for an hour longer than a page is shown: what somebody is writing just then is not lost."""

    def middleware(request: HttpRequest) -> HttpResponse:
        inside = request.path_info.startswith("/admin/") and request.path_info != "/admin/logout/"
        if settings.PRODUCTION and inside and request.user.is_authenticated:
            from allauth.mfa.utils import is_mfa_enabled

            if request.user.is_staff and not is_mfa_enabled(request.user):
                return redirect("mfa_index")
            sent = request.method == "POST"
            if _since_proof(request) > settings.MINKA_PANEL_ASKS_AFTER + (3600 if sent else 0):
                back = reverse("admin:index") if sent else request.get_full_path()
                return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
        return get_response(request)

    return middleware


def _since_proof(request: HttpRequest) -> float:
    """Seconds since this session began, or whoever has it was asked again who they are."""
    from allauth.account.internal.flows.login import get_authentication_records

    begun = request.session.get("begun")
    proofs = [float(each["at"]) for each in get_authentication_records(request, request.user)]
    return time.time() - max([*proofs, datetime.fromisoformat(begun).timestamp() if begun else 0.0])


def site(_request: HttpRequest) -> dict[str, Any]:
    """For every template: the name people see, the languages that are only begun, and the page's own if it is one."""
    return {
        "house_name": settings.MINKA_SITE_NAME,
        "is_demo_site": not settings.PRODUCTION,
        "begun": settings.MINKA_BEGUN,
        "begun_here": settings.MINKA_BEGUN.get(get_language() or "", ""),
    }


def refuse_unsafe_start() -> None:
    """Ends the process when production is not safe to open; web, worker and timetable ask before they work. What is
    no danger to people, or stands on a laptop, is a line of the log."""
    asked = (
        weak_secrets, debug_where_others_reach_it, reached_by_nobody, consent_not_approved, consent_waits, demo_people,
        proxies_not_counted, told_to_nobody, key_was_changed, database_in_the_clear,
    )  # fmt: skip
    found = [message for check in asked for message in check(None)]
    ends = settings.PRODUCTION or settings.DEBUG
    if ends and (errors := [message.msg for message in found if message.is_serious()]):
        raise SystemExit("Minka does not start:\n" + "\n".join(f"- {error}" for error in errors))
    for message in found:
        log.warning("%s", message.msg)


@register(Tags.security)
def weak_secrets(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production secrets come from the environment and are long; nothing runs in debug."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    for name in ("SECRET_KEY", "MINKA_MASTER_KEY"):
        value = getattr(settings, name)
        if name not in settings.MINKA_SECRETS_GIVEN or len(value) < 50 or len(set(value)) < 10:
            found.append(Error(f"{name} must be set in the environment, 50 characters or longer.", id="minka.E001"))
    if settings.SECRET_KEY == settings.MINKA_MASTER_KEY:
        found.append(Error("SECRET_KEY and MINKA_MASTER_KEY are the same: who learns one has both.", id="minka.E009"))
    if settings.DEBUG:
        found.append(Error("DEBUG is on in production.", id="minka.E002"))
    if not all(settings.MINKA_CONTROLLER.values()):
        found.append(Error("The controller block is not complete: set MINKA_CONTROLLER_NAME, _ADDRESS, _CONTACT, "
                           "_COUNTRY, MINKA_HOSTING_PROVIDER and _COUNTRY.", id="minka.E004"))  # fmt: skip
    return found


@register(Tags.security)
def debug_where_others_reach_it(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Django's debug pages show settings and rows: they are for this machine alone, in a demo too."""
    names = set(settings.ALLOWED_HOSTS) - {*settings.LOOPBACK, "testserver"}
    bound = os.environ.get("MINKA_BIND") or "127.0.0.1"
    if not settings.DEBUG or (not names and bound in ("127.0.0.1", "::1", "localhost")):
        return []
    return [Error("DEBUG is on where others reach it: take MINKA_HOSTS and MINKA_BIND away, or DEBUG.",
                  id="minka.E008")]  # fmt: skip


@register(Tags.security)
def reached_by_nobody(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production the site has a name, and forms come from it by HTTPS alone."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    names = [name for name in settings.ALLOWED_HOSTS if name not in settings.LOOPBACK]
    if not names or any("*" in name or name.startswith(".") for name in names):
        found.append(Error("MINKA_HOSTS names the site, in full: minka.example.", id="minka.E007"))
    if not all(origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS):
        found.append(Error("MINKA_ORIGINS begin with https:// in production.", id="minka.E010"))
    return found


@register(Tags.security)
def told_to_nobody(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production mail leaves the house, and reaches whoever answers for the data."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        found.append(checks.Warning("EMAIL_URL is not set: mail stays in files, and nobody finds the way back into an "
                                    "account by it.", id="minka.W004"))  # fmt: skip
    if "@" not in settings.MINKA_CONTROLLER["controller_contact"]:
        found.append(checks.Warning("MINKA_CONTROLLER_CONTACT is no address of mail: overdue requests, late recalls "
                                    "and broken backups are told to nobody.", id="minka.W003"))  # fmt: skip
    return found


@register(Tags.security)
def database_in_the_clear(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production a database on another machine is spoken to sealed, and known by its certificate; or somebody
    decided that the network between is theirs alone."""
    if not settings.PRODUCTION or not any(map(_in_the_clear, settings.MINKA_DATABASES)):
        return []
    return [checks.Warning("The database is on another machine and DATABASE_URL does not end in ?sslmode=verify-full: "
                           "what goes there can be read on the way, or goes to another. Where the network between is "
                           "yours alone, ?sslmode=disable says so.", id="minka.W005")]  # fmt: skip


def _in_the_clear(address: Mapping[str, Any]) -> bool:
    """Of a libpq address, as parameters; without a host it is a socket of this machine."""
    hosts = f"{address.get('hostaddr') or address.get('host') or '/'}".split(",")
    far = [host for host in hosts if not host.startswith("/") and host not in (*settings.LOOPBACK, "::1")]
    return bool(far) and address.get("sslmode") not in ("verify-ca", "verify-full", "disable")


@register(Tags.security)
def consent_not_approved(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production nobody is asked to agree to a draft, or to a text that does not say what it must."""
    from annotations.people.texts import faults_of_consent

    return [Error(fault, id="minka.E005") for fault in faults_of_consent()] if settings.PRODUCTION else []


@register(Tags.database)
def consent_waits(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Where an operator has texts of their own, people are asked those that two approved, and nobody before. It keeps
    no house from starting: in the panel of the one that runs they are approved."""
    from annotations.people.consenting.queries import waiting, words_in_force

    if not settings.MINKA_CONSENT_DIR:
        return []
    try:
        waits, in_force = waiting().first(), words_in_force()
    except DatabaseError:
        return []  # not migrated yet
    if in_force and not waits:
        return []
    now = f"until then people are asked {in_force.name}" if in_force else "until then nobody can be asked"
    name = waits.name if waits else "of MINKA_CONSENT_DIR"
    return [checks.Warning(f"The consent text {name} waits for two people: in the panel, or each with `manage.py "
                           f"approve_consent --by USERNAME`; {now}.", id="minka.W002")]  # fmt: skip


@register(Tags.database)
def demo_people(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production there are no demo people."""
    from annotations.people.models import Person

    if not settings.PRODUCTION:
        return []
    try:
        found = Person.objects.filter(is_demo=True).exists()
    except DatabaseError:
        return []  # not migrated yet: then nobody is there
    return [Error("There are demo people in the database; production refuses them.", id="minka.E003")] if found else []


@register(Tags.security)
def proxies_not_counted(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """In production HTTPS ends at a proxy, so that one of them at least is there to be counted."""
    if not settings.PRODUCTION or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    return [checks.Warning("MINKA_PROXIES is 0, and production stands behind a proxy: everybody's tries count as those "
                           "of one address, the proxy's. Set it to how many there are.", id="minka.W001")]  # fmt: skip


@register(Tags.database)
def key_was_changed(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """What is sealed in the database opens with the master key."""
    from annotations.people.keys import key_opens

    try:
        opens = key_opens()
    except DatabaseError:
        return []  # not migrated yet: then nothing is sealed
    if opens:
        return []
    return [Error("What is sealed in the database (sensitive facts, second steps) does not open with MINKA_MASTER_KEY. "
                  "Give the key it was sealed with, as MINKA_MASTER_KEY, or as MINKA_MASTER_KEY_OLD beside a new one: "
                  "docs/keys.md.", id="minka.E006")]  # fmt: skip
