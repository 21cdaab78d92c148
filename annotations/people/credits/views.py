"""How one is thanked."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.errors import Refused
from annotations.people.credits.actions import PURPOSE, tell_credit
from annotations.people.credits.forms import CreditForm
from annotations.people.credits.models import Credit
from annotations.people.views import person_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def credit(request: HttpRequest) -> HttpResponse:
    """What stands in thanks, or is taken back by emptying it."""
    person = person_of(request)
    if person.consent is None or not person.consent.purposes.get(PURPOSE):
        raise Refused("consent_required")
    told = Credit.objects.filter(person=person).first()
    initial = {name: getattr(told, name) for name in ("name", "affiliation", "orcid")} if told else None
    form = CreditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        tell_credit(person=person, **form.cleaned_data)
        return redirect("my_data")
    return render(request, "people/credit.html", {"form": form})
