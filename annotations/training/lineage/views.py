"""Lineage for people."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.errors import Refused
from annotations.training.lineage.asking import lineage_asked


@require_safe
def lineage(request: HttpRequest) -> HttpResponse:
    """What something came of and went into; without anything named, or with what is not there, the form to ask."""
    found = missing = None
    if request.GET:
        try:
            found = lineage_asked(request)
        except (Http404, Refused) as why:
            if isinstance(why, Refused) and why.code != "invalid":
                raise
            missing = True
    asked = {name: request.GET.get(name, "") for name in ("release", "row")}
    context = {"found": found, "missing": missing, "asked": asked}
    return render(request, "training/lineage.html", context, status=404 if missing else 200)
