"""The page on which everybody sees in how many of their answers others say the same, and can object."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments.gold.rules import TOLD_AFTER
from annotations.errors import Refused
from annotations.people.texts import supported
from annotations.people.views import person_of
from annotations.quality.reliability import queries
from annotations.quality.reliability.actions import object_to
from annotations.quality.reliability.forms import ObjectionForm
from annotations.quality.reliability.rules import FEWEST
from annotations.rendering import render as markdown


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Variety by variety, and item by item where the guidelines see it another way."""
    if request.method != "POST":
        return _page(request)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    item = form.cleaned_data["item"]
    try:
        object_to(person=person_of(request), item=item, text=form.cleaned_data["text"])
    except Refused as refused:
        return _page(request, form, problem=refused, status=refused.status)
    return redirect(request.path + (f"#i-{item}" if item else "#figures-objection"))


def _page(
    request: HttpRequest, form: ObjectionForm | None = None, *, problem: Refused | None = None, status: int = 200
) -> HttpResponse:
    """What was typed stays in the form it was typed in."""
    found = queries.mine(person_of(request), supported(get_language()))
    context = {
        "mine": found, "differ": [(each, markdown(each.explanation)) for each in found.differ],
        "fewest": FEWEST, "days": TOLD_AFTER.days, "form": form, "typed_at": form["item"].value() if form else None,
        "problem": problem, "blank": ObjectionForm(),
    }  # fmt: skip
    return render(request, "quality/reliability/mine.html", context, status=status)
