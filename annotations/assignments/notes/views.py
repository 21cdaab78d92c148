"""One button: a note, please; or no note after all."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect

from annotations.assignments.models import Campaign
from annotations.assignments.notes.actions import ask_for_note, forget_note
from annotations.people.views import after, person_of


@login_required
def note(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("my_work")  # whoever comes back here from giving the permission
    slug = request.POST.get("campaign", "").replace("\x00", "")
    campaign = get_object_or_404(Campaign, slug=slug) if slug else None
    act = forget_note if "forget" in request.POST else ask_for_note
    act(person=person_of(request), campaign=campaign)
    return HttpResponseRedirect(after(request, "my_work"))
