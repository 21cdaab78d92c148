"""Whom to thank: a page, or a table to take along."""

from typing import cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from annotations.moderation.campaigns.choosing import chosen
from annotations.moderation.thanks.queries import COLUMNS, thanked
from annotations.people.models import Person
from annotations.spreadsheets import to_take_along


def thanks(request: HttpRequest) -> HttpResponseBase:
    person = cast("Person", request.user)
    if not person.has_perm("annotations.view_credit"):
        raise PermissionDenied
    about = chosen(request)
    people = thanked(by=person, campaign=about["campaign"])
    if request.GET.get("as") == "csv":
        return to_take_along("thanks.csv", COLUMNS, (each.row for each in people))
    context = {**admin.site.each_context(request), **about, "title": _("Whom to thank"), "people": list(people)}
    return TemplateResponse(request, "admin/thanks.html", context)
