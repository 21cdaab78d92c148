"""What came in lately, and a text about it for a chat group."""

from typing import cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from annotations.moderation.campaigns.choosing import chosen
from annotations.moderation.day.queries import figures, to_be_shared
from annotations.people.models import Person


def day(request: HttpRequest) -> HttpResponse:
    person = cast("Person", request.user)
    if not person.has_perm("annotations.view_campaign"):
        raise PermissionDenied
    span = "week" if request.GET.get("span") == "week" else "day"
    about = chosen(request)
    campaign = about["campaign"]
    found = figures(by=person, span=span, campaign=campaign)
    way = reverse("campaign", args=[campaign.slug]) if campaign else reverse("home")
    context = {
        **admin.site.each_context(request), **about, "title": _("What came in"), "found": found, "span": span,
        "parts": ((_("by variety"), found.varieties), (_("by country of the question"), found.countries),
                  (_("by domain"), found.domains)),
        "shared": to_be_shared(found, span=span, campaign=campaign, url=request.build_absolute_uri(way)),
    }  # fmt: skip
    return TemplateResponse(request, "admin/day.html", context)
