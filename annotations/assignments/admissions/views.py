"""The link of a campaign: what it is, and one tap to take part."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments.addresses import address
from annotations.assignments.admissions import actions
from annotations.assignments.models import Campaign
from annotations.people.views import person_of
from annotations.rendering import render as markdown


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, invited: str, link: str) -> HttpResponse:
    """Who has no account makes one and comes back here."""
    campaign = get_object_or_404(Campaign, slug=invited, access=Campaign.Access.LINK)
    if not constant_time_compare(campaign.link, link):
        raise Http404
    if request.method == "POST" and request.user.is_authenticated:
        actions.enter(person=person_of(request), campaign=campaign, key=link)
        return redirect(address("table", invited, campaign.table))
    return render(request, "assignments/enter.html", {"campaign": campaign, "about": markdown(campaign.about)})
