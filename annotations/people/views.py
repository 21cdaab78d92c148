"""The way in, and the page that is one's own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from annotations.people import actions
from annotations.people.forms import ConsentForm, VarietiesForm
from annotations.people.models import Person
from annotations.people.purposes import APART, LICENCES, PURPOSES, REQUIRED
from annotations.people.queries import find_varieties, nearness_to, showing_origin, spoken_by, varieties_on_offer
from annotations.people.rights.actions import correct_varieties
from annotations.people.texts import Text, asks_transfer, consent_is_draft, consent_text, in_words
from annotations.rendering import render as markdown

AT_FIRST = ("es-AR", "es-BO", "es-CL", "es-CO", "es-CR", "es-CU", "es-DO", "es-EC", "es-GT", "es-HN", "es-MX", "es-NI",
            "es-PA", "es-PE", "es-PR", "es-PY", "es-SV", "es-UY", "es-VE", "pt-BR")  # fmt: skip
"""Offered before anything is searched; the search finds all the others."""

View = Callable[..., HttpResponseBase]

SUGGESTED = "suggested_varieties"
"""Where the session keeps tags that were said before there was an account; they are ticked to begin with."""


def person_of(request: HttpRequest) -> Person:
    return cast("Person", request.user)


def posted_from(page: str) -> Callable[[View], View]:
    """For the address of a form that stands on another page: whoever comes there otherwise, back from a log-in that
    came between or by loading it anew, is led to that page."""

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs) if request.method == "POST" else redirect(page)

        return wrapped

    return decorate


def after(request: HttpRequest, default: str = "") -> str:
    """Where to go next: what the link that brought them said, if it is ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return (
        wanted if wanted.startswith("/") and safe else reverse(default) if default else reverse("table", args=["rate"])
    )


def _step(name: str, following: str) -> HttpResponse:
    return redirect(f"{reverse(name)}?{urlencode({'next': following})}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def varieties(request: HttpRequest) -> HttpResponse:
    """What one speaks. The countries are offered, or what a search finds; what is ticked stays through a search."""
    person = person_of(request)
    looking = "look" in request.POST
    ticked = (
        {tag.replace("\x00", "") for tag in request.POST.getlist("varieties")}
        if looking
        else {row.variety_id for row in spoken_by(person)} or set(request.session.get(SUGGESTED, ()))
    )
    search = (request.POST if looking else request.GET).get("q", "").replace("\x00", "").strip()[:60]
    form = VarietiesForm(
        request.POST if request.method == "POST" and not looking else None,
        initial={name: request.POST[name] for name in ("how", "command") if name in request.POST},
        offered=list(varieties_on_offer().values_list("tag", flat=True)),
    )
    if form.is_valid():
        correct_varieties(person=person, varieties=form.spoken())
        request.session.pop(SUGGESTED, None)
        return HttpResponseRedirect(after(request)) if person.consent else _step("consent", after(request))
    found = find_varieties(search) if search else varieties_on_offer().filter(tag__in=AT_FIRST)
    context = {
        "form": form,
        "mine": list(varieties_on_offer().filter(tag__in=ticked)),
        "offered": sorted((one for one in found if one.tag not in ticked), key=nearness_to(get_language())),
        "search": search,
        "next": after(request),
    }
    return render(request, "people/varieties.html", context)


def _is_new(request: HttpRequest, now: Text) -> bool:
    """Whether another text took force since somebody opened the page on which they agree."""
    return request.POST.get("text", now.sha256) != now.sha256


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """What one agrees to, purpose by purpose. Nothing is ticked beforehand; what is required is said, and what
    somebody was sent here for is marked."""
    person = person_of(request)
    licence = request.POST.get("licence") or request.GET.get("licence") or LICENCES[0]
    if licence not in LICENCES:
        raise Http404
    form = ConsentForm(request.POST or None)
    missing = False
    text = consent_text(get_language(), licence)
    shown = request.POST.get("shown_in") or get_language() or "es"  # another tab may have changed the page's
    is_new = _is_new(request, consent_text(shown, licence))
    if request.method == "POST" and form.is_valid() and not is_new:
        given = form.purposes()
        missing = not all(given[name] for name in REQUIRED)
        if not missing:
            read = request.POST.get("text", "")
            actions.give_consent(person=person, purposes=given, language=shown, licence=licence, shown=read)
            return HttpResponseRedirect(after(request) if spoken_by(person).exists() else reverse("varieties"))
    context = {
        "form": form, "rows": [(purpose, form[purpose.name]) for purpose in PURPOSES], "apart": APART,
        "short": markdown(text.short), "long": markdown(text.long), "version": in_words(text.version),
        "sum": text.sha256, "is_new": is_new,
        "spoken_in": text.language,
        "is_draft": consent_is_draft(), "missing": missing, "next": after(request), "licence": licence,
        "wanted": request.GET.get("purpose", ""), "asks_transfer": asks_transfer(),
        "given": [name for name, yes in person.consent.purposes.items() if yes] if person.consent else [],
        "at_stake": [row.variety for row in spoken_by(person).filter(showing_origin())],
    }  # fmt: skip
    return render(request, "people/consent.html", context)


@login_required
@posted_from("my_work")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take consent back, with one click."""
    actions.withdraw(person=person_of(request))
    return redirect("my_work")
