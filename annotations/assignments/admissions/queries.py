"""Questions about who takes part where not everybody may."""

from django.db.models import QuerySet

from annotations.assignments.admissions.models import Admission
from annotations.assignments.models import Campaign
from annotations.people.models import Person


def takes_part(person: Person, campaign: Campaign) -> bool:
    """Whether this campaign is for this person: it is for everybody, or they were let in."""
    return campaign.is_for_all or admitted(campaign).filter(person=person).exists()


def admitted(campaign: Campaign) -> QuerySet[Admission]:
    """Who takes part now, the newest first."""
    return campaign.admissions.filter(until=None).select_related("person", "by").order_by("-since", "-pk")
