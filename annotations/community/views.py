"""Public pages, and the page that is one's own."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.assignments import kinds
from annotations.assignments.guests.queries import waiting_claims
from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.queries import held_seats, judgements_of, open_campaigns, progress, progress_by_variety
from annotations.datasets.queries import published
from annotations.people.accounts.places import place_of
from annotations.people.processing import STORED
from annotations.people.purposes import PURPOSES
from annotations.people.queries import spoken_by
from annotations.people.stewards.queries import labels_at
from annotations.people.texts import HERE, consent_version, countries, goes_abroad, page
from annotations.people.views import person_of
from annotations.rendering import render as markdown

TEXTS = ("terms", "conduct", "privacy")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is in one breath, one thing to do, and the campaigns with what each variety still needs."""
    campaigns = [(campaign, progress(campaign), progress_by_variety(campaign)) for campaign in open_campaigns()]
    context = {
        "campaigns": campaigns,
        "takes_guests": any(campaign.takes_guests for campaign, _progress, _varieties in campaigns),
        "judgements": Judgement.objects.filter(undone_at=None).count(),
        "release": published().first(),
    }
    return render(request, "community/home.html", context)


@require_safe
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """What a campaign asks, of whom, under which licence, and how far it is. Its links keep people in it."""
    row = get_object_or_404(Campaign, slug=slug)
    context = {
        "campaign": row,
        "is_open": open_campaigns().filter(pk=row.pk).exists(),
        "about": markdown(row.about),
        "progress": progress(row),
        "varieties": progress_by_variety(row),
        "labels": labels_at(row.slug),
        "table": kinds.get(row.kind).table,
    }
    return render(request, "community/campaign.html", context)


@require_safe
def text(request: HttpRequest, name: str) -> HttpResponse:
    if name not in TEXTS:
        raise Http404
    return render(request, "text.html", {"text": markdown(page(HERE / name, get_language()).markdown)})


@require_safe
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing: who answers, what is stored and why, where it lies and who handles it."""
    context = {
        "controller": settings.MINKA_CONTROLLER, "processors": settings.MINKA_PROCESSORS, "countries": countries(),
        "goes_abroad": goes_abroad(), "version": consent_version(), "stored": STORED,
        "purposes": [(purpose, purpose.told()) for purpose in PURPOSES],
    }  # fmt: skip
    return render(request, "community/processing.html", context)


@never_cache
@login_required
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What I sent, what was received and what waits, what I speak, what I agreed to, and the ways to change it."""
    person = person_of(request)
    sent = judgements_of(person)
    context = {
        "person": person,
        "sent": sent[:50],
        "total": sent.filter(undone_at=None).count(),
        "on_the_table": held_seats(person).count(),
        "unclaimed": waiting_claims(person).count(),
        "unproven": sent.filter(not_counted="unproven").count(),
        "spoken": spoken_by(person),
        "place": place_of(person),
    }
    return render(request, "community/my_work.html", context)


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Read in another language, and stay on the page. The choice is a cookie; nothing else is kept."""
    if code not in dict(settings.LANGUAGES) or not check_for_language(code):
        raise Http404
    back = request.GET.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if back.startswith("/") and safe else "/")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip
    return response
