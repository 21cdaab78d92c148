"""One button: a note, please; or no note after all."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from annotations.assignments.models import Campaign
from annotations.assignments.notes.actions import ask_for_note, forget_note
from annotations.people.views import after, person_of


@login_required
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    slug = request.POST.get("campaign", "").replace("\x00", "")
    campaign = get_object_or_404(Campaign, slug=slug) if slug else None
    act = forget_note if "forget" in request.POST else ask_for_note
    act(person=person_of(request), campaign=campaign)
    return HttpResponseRedirect(after(request, "my_work"))
