"""The page of one's pack, what the phone fetches of it, and what makes a page work without a network.

`work`, `worker` and `manifest` are public and the same for everybody: they read no session, so that the browser can
keep them. Whose pack is worked through is known to the browser alone (`static/pack.js`).
"""

import gzip
import json
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotations.assignments import kinds
from annotations.assignments.addresses import address
from annotations.assignments.caps import room_of
from annotations.assignments.models import Assignment, Campaign
from annotations.assignments.notes.queries import campaigns_with_work, why_closed
from annotations.assignments.packs.actions import DAYS, MOST, give_back_pack, take_pack
from annotations.assignments.packs.models import Pack
from annotations.assignments.packs.queries import answered, carried, could_carry, is_over, open_pack, room, unanswered
from annotations.assignments.table.views import turn, ways_out
from annotations.errors import Refused
from annotations.people.accounts.places import place_of
from annotations.people.models import Person
from annotations.people.views import person_of

_ENVELOPE = 1_000
"""Bytes around the turns: the head of the answer, and what Heal The Breach adds (`minka/compression.py`)."""
_OFFERED = 30
"""Campaigns a pack can be chosen from."""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: HttpRequest) -> HttpResponse:
    """What I carry, how heavy it is and until when; or what could be taken along."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person)
    try:
        if "back" in request.POST:
            give_back_pack(person=person)
        else:
            slug = request.POST.get("campaign", "").replace("\x00", "")
            take_pack(person=person, campaign=get_object_or_404(Campaign, slug=slug), weigh=partial(_weigh, person))
    except Refused as refused:
        if refused.code == "consent_required":
            raise
        return _page(request, person, refused)
    return redirect("pack")


def _page(request: HttpRequest, person: Person, problem: Refused | None = None) -> HttpResponse:
    mine = open_pack(person)
    over = mine is not None and is_over(mine)
    context = {
        "place": place_of(person), "pack": mine, "over": over, "problem": problem, "days": DAYS,
        "late": mine is not None and mine.expires_at <= timezone.now(),
        "left": unanswered(mine).count() if mine else 0, "done": answered(mine) if mine else 0,
        "offers": _offers(person) if over or mine is None else [],
    }  # fmt: skip
    return render(request, "packs/pack.html", context, status=problem.status if problem else 200)


def _offers(person: Person) -> list[tuple[Campaign, int]]:
    """Campaigns something can be taken along from, each with how much."""
    if person.paused_at:
        return []
    campaigns = list(campaigns_with_work(person)[:_OFFERED])
    share = room_of(person, campaigns)
    most = {each.pk: min(MOST, room(each), share.get(each.pk, MOST)) for each in campaigns}
    counted = ((each, could_carry(person, each)[: most[each.pk]].count()) for each in campaigns)
    return [(campaign, count) for campaign, count in counted if count]


# What the phone fetches ---------------------------------------------------------------------------------------------


@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Whose place this is, and which turns it may hold now: what is answered, hidden or over leaves the phone."""
    if not request.user.is_authenticated:
        return JsonResponse({"place": ""})
    person = person_of(request)
    mine = open_pack(person)
    seats = [str(seat.pk) for seat in carried(mine)] if mine else []
    return JsonResponse({"place": place_of(person), "seats": seats, "note": _note(mine)})


def _note(mine: Pack | None) -> str:
    """What happened meanwhile, where it changes something for who works."""
    if mine and mine.expires_at <= timezone.now():
        return _("The days of the pack are over: others can have what was left. What was done is still received.")
    if mine and why_closed(mine.campaign, timezone.now()):
        return _("The campaign closed meanwhile. What was done is still received.")
    return ""


@never_cache
@login_required
@require_safe
def turns(request: HttpRequest) -> HttpResponse:
    """All that waits in the pack, as it is shown."""
    person = person_of(request)
    mine = open_pack(person)
    return HttpResponse(_body(person, carried(mine) if mine else []), content_type="application/json")


def _body(person: Person, seats: Sequence[Assignment]) -> bytes:
    """The turns as HTML, rendered as at the table, and what the page around them says."""
    told: dict[str, Any] = {"place": place_of(person), "turns": [_told(seat) for seat in seats]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _told(seat: Assignment) -> dict[str, Any]:
    campaign, kind = seat.item.campaign, kinds.get(seat.item.kind)
    urls = {"send": address("table_send", campaign.slug, kind.table)}
    context = turn(seat) | {"seat": seat, "pack": seat.pack_id, "urls": urls, "opt_outs": ways_out(), "key": ""}
    return {
        "assignment": str(seat.pk), "campaign": campaign.name, "until": seat.expires_at.isoformat(),
        "html": render_to_string("table/work.html", context),
    }  # fmt: skip


def _weigh(person: Person, seats: Sequence[Assignment]) -> int:
    return len(gzip.compress(_body(person, seats), 6)) + _ENVELOPE


# What works without a network ---------------------------------------------------------------------------------------


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """The page a pack is worked through on, empty: the browser fills it."""
    response = render(request, "packs/work.html", {"scripts": _scripts()})
    response.headers["Cache-Control"] = "no-cache"
    return response


def _scripts() -> list[str]:
    """What the kinds that are carried need."""
    return sorted({script for name in kinds.carried() for script in kinds.get(name).scripts})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that it sees every page, with the names of what it keeps. Those are made of
    the files' contents: whatever changes makes another worker, which takes the place of the one before."""
    names = ["house.css", "table.js", "pack.js", *_scripts(), "mark.svg"]
    kept = json.dumps({"page": reverse("pack_work"), "files": [static(name) for name in names]})
    response = HttpResponse(f"const KEPT = {kept};\n{_source()}", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@lru_cache
def _source() -> str:
    return Path(str(finders.find("sw.js"))).read_text("utf-8")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes the site installable."""
    icons = [
        {"src": static("icons/192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("icons/512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": static("icons/maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        {"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
    ]
    told = {
        "name": settings.MINKA_SITE_NAME, "short_name": settings.MINKA_SITE_NAME, "id": "/", "scope": "/",
        "start_url": reverse("my_work"), "display": "standalone", "theme_color": "#fbf7f0",
        "background_color": "#fbf7f0", "lang": request.LANGUAGE_CODE, "dir": "ltr", "icons": icons,
        "shortcuts": [{"name": _("Work without a network"), "url": reverse("pack_work")}],
    }  # fmt: skip
    response = JsonResponse(told, content_type="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response
