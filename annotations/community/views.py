"""Public pages, and the page that is one's own."""

import html
from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import Truncator
from django.utils.translation import check_for_language, get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.assignments.guests.queries import waiting_claims
from annotations.assignments.inquiries.queries import unread
from annotations.assignments.models import Campaign
from annotations.assignments.notes.queries import notes_of, why_closed
from annotations.assignments.queries import (
    CONCENTRATION,
    PURGED,
    held_seats,
    judge_varieties,
    judgements_of,
    open_to_all,
)
from annotations.community.design import samples
from annotations.community.queries import answers_of, counters, how_far, my_campaigns, my_tables
from annotations.datasets.queries import published
from annotations.flagging.queries import flags_in_words, names_of
from annotations.moderation.sanctions.queries import to_be_read
from annotations.people.accounts.places import place_of
from annotations.people.clocks import clock_of
from annotations.people.processing import STORED
from annotations.people.purposes import PURPOSES
from annotations.people.queries import spoken_by
from annotations.people.stewards.queries import labels_at
from annotations.people.texts import HERE, consent_version, countries, goes_abroad, in_words, page
from annotations.people.views import person_of
from annotations.rendering import render as markdown
from annotations.reviewing.queries import told_of

TEXTS = ("terms", "conduct", "privacy")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is in one breath, one thing to do, and the campaigns with what each variety still needs."""
    campaigns = how_far(open_to_all())
    context = {
        "campaigns": campaigns,
        "takes_guests": any(far.campaign.may_be_tried for far in campaigns),
        "counters": cache.get_or_set("counters", partial(counters, timezone.now()), 60),
        "release": published().first(),
    }
    return render(request, "community/home.html", context)


@require_safe
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """What a campaign asks, why, of whom, under which licence, what becomes of it, until when, and how far it is. Its
    links keep people in it."""
    row = get_object_or_404(Campaign, slug=slug)
    about = markdown(row.about)
    context = {
        "campaign": row,
        "closed": why_closed(row, timezone.now()),
        "about": about,
        "in_short": Truncator(" ".join(html.unescape(strip_tags(about)).split())).chars(200),
        "far": how_far([row])[0],
        "labels": labels_at(row.slug),
        "release": published().first(),
    }
    return render(request, "community/campaign.html", context)


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Tokens and components, drawn by the templates they are used in: for whoever changes a page."""
    return render(request, "community/design.html", samples())


@require_safe
def text(request: HttpRequest, name: str) -> HttpResponse:
    if name not in TEXTS:
        raise Http404
    text = page(HERE / name, get_language())
    return render(request, "text.html", {"text": markdown(text.markdown), "spoken_in": text.language})


@require_safe
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing: who answers, what is stored and why, where it lies and who handles it."""
    context = {
        "controller": settings.MINKA_CONTROLLER, "processors": settings.MINKA_PROCESSORS, "countries": countries(),
        "goes_abroad": goes_abroad(), "version": consent_version(), "text_of": in_words(consent_version()),
        "stored": STORED,
        "purposes": [(purpose, purpose.told()) for purpose in PURPOSES],
    }  # fmt: skip
    return render(request, "community/processing.html", context)


@never_cache
@login_required
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What I sent, what was received and what waits, what I speak, what I agreed to, and the ways to change it."""
    person = person_of(request)
    sent, answers, clock = judgements_of(person), answers_of(person), clock_of(person)
    mine = judge_varieties(person)
    newest = list(sent.select_related("proposal")[:50])
    told = told_of(newest)
    left_out = dict(sent.order_by().values_list("not_counted").annotate(number=Count("pk")))
    context = {
        "person": person,
        "sent": [(judgement, told.get(judgement.pk)) for judgement in newest],
        "total": sent.filter(undone_at=None).count(),
        "settled": answers.filter(counted=True).exclude(cell__settled_at=None).count(),
        "today": answers.filter(received_at__gte=clock.day_began(timezone.now())).count(),
        "clock": clock,
        "campaigns": my_campaigns(person, mine),
        "tables": my_tables(person, mine),
        "notes": notes_of(person),
        "flags": flags_in_words(person, 50),
        "avoids": names_of(person.avoids),
        "on_the_table": held_seats(person).count(),
        "unclaimed": waiting_claims(person).count(),
        "aside": left_out.get(CONCENTRATION, 0),
        "taken_out": left_out.get(PURGED, 0),
        "unproven": left_out.get("unproven", 0),
        "spoken": spoken_by(person),
        "decided": to_be_read(person).count(),
        "answered": unread(person),
        "agreed_to": in_words(person.consent.version) if person.consent else "",
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
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response
